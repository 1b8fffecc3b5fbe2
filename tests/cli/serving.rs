//! The keys, the server and its settings, the API's document.

use std::fs;

use crate::host::{Host, Server};

#[test]
fn the_keys_are_listed_from_the_database_alone() {
    let host = Host::new();
    assert_eq!(host.answer(&["keys", "list"]), "");
    host.answer(&[
        "charter",
        "list",
        "--public-url",
        "https://registry.example",
    ]);
    fs::remove_dir_all(host.path().join("data/keys")).unwrap();
    let list = host.answer(&["keys", "list"]);
    for (purpose, known_as) in [
        ("clock", "registry.example/clock+"),
        ("log", "registry.example/log+"),
        ("record", "did:web:registry.example#z6Mk"),
    ] {
        let line = list.lines().find(|line| line.starts_with(purpose));
        let line = line.unwrap_or_default();
        let is_listed = line.contains(" active ") && line.contains(known_as);
        assert!(is_listed, "{list}");
    }
}

#[test]
fn a_server_says_where_it_listens_answers_and_ends_when_told() {
    let host = Host::new();
    let server = Server::start(&host, &[]);
    let metrics = server.get("/metrics");
    assert!(metrics.starts_with("HTTP/1.1 200"), "{metrics}");

    let second = host.refusal(&["operator", "add", "Anna", "--role", "clerk"]);
    for words in [
        "data/registry.db is in use by another process",
        "POST /v1/operators",
    ] {
        assert!(second.contains(words), "{second}");
    }
    let address = server.address.clone();
    assert_eq!(server.stop(), 0);
    // The address that was bound has become the registry's own.
    let list = host.answer(&["keys", "list"]);
    assert!(list.contains(&format!("{address}/log+")), "{list}");
    let elsewhere = host.refusal(&["operator", "list", "--listen", "127.0.0.1:1"]);
    assert!(
        elsewhere.contains("set the public URL it was begun with"),
        "{elsewhere}"
    );
    let url = format!("http://{address}");
    host.answer(&["operator", "list", "--public-url", &url]);
}

#[test]
fn a_flag_beats_a_variable_which_beats_the_file_in_the_working_directory() {
    let host = Host::new();
    host.write(
        "charter-registry.toml",
        "data = \"by-file\"\nlog = \"off\"\n",
    );
    let begin = |flags: &[&str], variable: Option<&str>| {
        let mut command = host.command(&[&["operator", "list"], flags].concat());
        command.envs(variable.map(|value| ("CHARTER_DATA", value)));
        assert!(command.output().unwrap().status.success());
    };
    begin(&["--data", "by-flag"], Some("by-variable"));
    begin(&[], Some("by-variable"));
    begin(&[], None);
    for folder in ["by-flag", "by-variable", "by-file"] {
        assert!(
            host.path().join(folder).join("registry.db").exists(),
            "{folder}"
        );
        fs::remove_dir_all(host.path().join(folder)).unwrap();
    }
    host.write("charter-registry.toml", "\nlistn = \"127.0.0.1:1\"\n");
    let ended = host.run(&["operator", "list"]);
    assert_eq!(ended.code, 2);
    assert!(
        ended
            .err
            .starts_with("error: charter-registry.toml:2: there is no setting \"listn\""),
        "{}",
        ended.err
    );
}

#[test]
fn the_openapi_document_is_printed_or_written() {
    let host = Host::new();
    let printed = host.answer(&["openapi"]);
    assert!(serde_json::from_str::<serde_json::Value>(&printed).unwrap()["openapi"].is_string());
    assert_eq!(host.answer(&["openapi", "--output", "api.json"]), "");
    assert_eq!(
        fs::read_to_string(host.path().join("api.json")).unwrap(),
        printed
    );
}
