//! Log lines: one for each request, and nothing in them that is secret or personal.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::{
    client::{CHARTER, Client, Tokens},
    host::{Host, Instance},
};

/// Asks with `curl`'s own words, so that nothing is tidied up on the way.
fn get(instance: &Instance, path: &str, headers: &[&str]) {
    let mut curl = Command::new("curl");
    curl.args(["-s", "-o", "/dev/null"]);
    for header in headers {
        curl.args(["-H", header]);
    }
    let asked = curl
        .arg(format!("http://{}{path}", instance.address))
        .stdin(Stdio::null())
        .status();
    assert!(asked.unwrap().success());
}

#[test]
fn a_request_has_one_line_without_secrets_or_personal_data() {
    let host = Host::on_sqlite().with("CHARTER_LOG", "info,charter_registry=debug");
    host.publish(CHARTER);
    let tokens = Tokens::issue(&host);
    let instance = host.serve();
    let client = Client::new(&instance.address, &tokens);
    let member = client.admit(&json!([{"scheme": "RU-OGRN", "value": "1022800000002"}]));
    client.member(&member).done();
    let token = "chr_applicant_0123456789ab_canarycanarycanarycanarycanary12345678";
    get(
        &instance,
        &format!("/v1/applications?token={token}&q=canary-query"),
        &[],
    );
    get(
        &instance,
        "/v1/decisions",
        &[
            &format!("Authorization: Bearer {token}"),
            "X-Request-Id: of-this-test",
            "X-Forwarded-For: 203.0.113.77",
        ],
    );
    let (status, lines) = instance.end();
    assert_eq!(status, Some(0));
    let text: Vec<String> = lines.iter().map(Value::to_string).collect();
    let mut secrets = vec![
        "canary",
        "203.0.113.77",
        "127.0.0.1:",
        "office@school.example",
        "Фамилия",
        "Директор",
        "1022800000002",
    ];
    let issued = tokens.all();
    secrets.extend(issued.iter().map(String::as_str));
    for secret in secrets {
        let found = text.iter().find(|line| line.contains(secret));
        assert!(found.is_none(), "{secret} in {found:?}");
    }
    let of_requests: Vec<&Value> = lines
        .iter()
        .filter(|line| line["target"] == "charter_registry::request")
        .collect();
    let refused: Vec<_> = of_requests
        .iter()
        .filter(|line| line["request"] == "of-this-test")
        .collect();
    let [refused] = refused.as_slice() else {
        panic!("{refused:?}");
    };
    assert_eq!(refused["method"], "GET");
    assert_eq!(refused["route"], "/v1/decisions");
    assert_eq!(refused["status"], 401);
    assert!(refused["duration_ms"].as_f64().unwrap() >= 0.0);
    let admitted = of_requests
        .iter()
        .find(|line| line["route"] == "/v1/decisions/{id}/approval" && line["actor"] == "operator");
    assert_eq!(admitted.unwrap()["actor_id"].as_str().unwrap().len(), 36);
}
