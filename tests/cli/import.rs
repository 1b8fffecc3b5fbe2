//! Members of before the registry was there, brought in at once.

use serde_json::{Value, json};

use crate::host::{Host, Server};

const CHARTER: &str = "digital-ethics-of-childhood";

fn host() -> Host {
    let host = Host::new();
    let settings = "public_url = \"https://registry.example\"\n";
    host.write("charter-registry.toml", settings);
    let file = host.bring_charter(CHARTER);
    host.answer(&["charter", "publish", &file]);
    host
}

fn line(number: u64) -> Value {
    let stem = 102_280_000_000 + number;
    json!({
        "organisation": {
            "name": {"ru": format!("Школа № {number}")},
            "category": "educational_institution",
            "region": "RU-AMU",
            "identifiers": [{"scheme": "RU-OGRN", "value": format!("{stem}{}", stem % 11 % 10)}],
        },
        "memorandum": {
            "digest": format!("sha-256:{number:064x}"), "form": "handwritten_scan", "signedOn": "2022-03-14",
        },
    })
}

fn lines(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn import(host: &Host, lines: &str) -> Result<String, String> {
    host.write("members.jsonl", lines);
    let ended = host.run(&["import", "members.jsonl", "--charter", CHARTER]);
    if ended.code == 0 {
        Ok(ended.out)
    } else {
        Err(ended.err)
    }
}

#[test]
fn many_are_admitted_at_once_and_numbered_in_their_order() {
    let host = host();
    let all: Vec<Value> = (1..=250).map(line).collect();
    let answer = import(&host, &lines(&all)).unwrap();
    assert_eq!(
        answer,
        format!("250 admitted to {CHARTER} as 000001 to 000250; the log has 255 entries\n")
    );
    let server = Server::start(&host, &[]);
    let path = format!("/v1/charters/{CHARTER}/members?q=250");
    let answer = server.get(&path);
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let found: Value = serde_json::from_str(body).unwrap();
    assert_eq!(found["items"][0]["number"], "000250");
    assert_eq!(found["items"][0]["status"], "active");
}

#[test]
fn nothing_is_written_while_one_line_is_wrong() {
    let host = host();
    let mut wrong: Vec<Value> = (1..=9).map(line).collect();
    wrong[1]["organisation"]["category"] = "bakery".into();
    wrong[2]["founder"] = true.into();
    wrong[3]["organisation"]["identifiers"] = wrong[0]["organisation"]["identifiers"].clone();
    wrong[4]["memorandum"]["signedOn"] = "2999-01-01".into();
    let refused = import(&host, &lines(&wrong)).unwrap_err();
    for told in [
        "nothing was admitted",
        "line 2: /organisation/category: this charter does not admit the category \"bakery\"",
        "line 3: /founder: ",
        "line 4: /organisation: RU-OGRN:1022800000013 stands in line 1, too",
        "line 5: /memorandum/signedOn: ",
    ] {
        assert!(refused.contains(told), "{told}: {refused}");
    }

    // What is no organisation at all is told before anything is looked up.
    wrong[5]["organisation"]["identifiers"][0]["value"] = "1022800000003".into();
    wrong[6]["memorandum"]["digest"] = "sha-256:1".into();
    wrong[7]["note"] = "".into();
    let text = lines(&wrong) + "{\n";
    let refused = import(&host, &text).unwrap_err();
    for told in [
        "line 6: /organisation/identifiers/0/value: ",
        "line 7: /memorandum/digest: ",
        "line 8: /note: ",
        "line 10: ",
    ] {
        assert!(refused.contains(told), "{told}: {refused}");
    }

    // Of what was refused nothing is there, and what members hold is theirs.
    let answer = import(&host, &lines(&[line(1), line(7)])).unwrap();
    assert!(
        answer.contains("as 000001 to 000002; the log has 7 entries"),
        "{answer}"
    );
    let refused = import(&host, &lines(&[line(8), line(7)])).unwrap_err();
    let told =
        "line 2: /organisation: RU-OGRN:1022800000079 belongs to another member of this charter";
    assert!(refused.contains(told), "{refused}");
}
