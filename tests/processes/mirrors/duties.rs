//! What a mirror owes its readers: it changes nothing, signs nothing, forgets what is redacted, and goes on where it was.

use std::fs;

use serde_json::json;

use super::{Registry, awaited, same, size, state};
use crate::{
    client::{CHARTER, Client, Registrar, SCAN, member_path},
    host::{Host, PUBLIC_URL},
    organisations::ogrn,
};

#[test]
fn a_mirror_changes_nothing_and_signs_nothing_and_says_in_each_answer_whose_word_it_is() {
    let registry = Registry::on(Host::on_sqlite());
    let members = registry.story();
    let host = Host::on_sqlite();
    let (_mirror, client) = registry.mirrored(&host, &[]);
    awaited(&client, "following", size(&registry.client));
    let read_only = &["mirror-read-only"];
    let application = members[0].as_str();
    for refused in [
        client.apply(&json!([ogrn(50)])),
        client.issue_memorandum(application),
        client.upload_scan(application, SCAN),
        client.propose_exclusion(&members[5], Registrar::First),
        client.withdraw(&members[5]),
        client.get("/v1/decisions"),
        client.get("/v1/audit"),
        client.get(&format!("/applications/{application}/confirm")),
    ] {
        let slug = refused.or_refused(read_only).unwrap_err();
        assert_eq!(slug, "mirror-read-only");
    }
    let credential = format!("{}/credential", member_path(&members[5]));
    registry.client.bytes(&credential);
    let refused = client.get(&credential).or_refused(&["mirror-cannot-sign"]);
    assert_eq!(refused.unwrap_err(), "mirror-cannot-sign");
    for path in [
        "/v1/charters",
        "/log/checkpoint",
        "/nowhere",
        "/v1/decisions",
        "/readyz",
    ] {
        let said = client.header(path, "x-registry-mirror");
        assert_eq!(said.as_deref(), Some(PUBLIC_URL), "{path}");
        assert_eq!(
            registry.client.header(path, "x-registry-mirror"),
            None,
            "{path}"
        );
    }
    let own = registry
        .client
        .get("/v1/mirror")
        .or_refused(&["not-a-mirror"]);
    assert_eq!(own.unwrap_err(), "not-a-mirror");
    assert_eq!(client.get("/readyz").done()["mirror"], "following");
    let numbers = String::from_utf8(client.bytes("/metrics")).unwrap();
    assert!(
        numbers.contains("mirror_state{state=\"following\"} 1"),
        "{numbers}"
    );
}

#[test]
fn what_the_registry_redacts_is_gone_from_its_mirrors() {
    let registry = Registry::on(Host::on_sqlite());
    let members = registry.story();
    let host = Host::on_sqlite();
    let (_mirror, client) = registry.mirrored(&host, &[]);
    awaited(&client, "following", size(&registry.client));
    let history = registry.client.history(&members[4]);
    let first = history[0]["record"]
        .as_str()
        .unwrap()
        .strip_prefix(PUBLIC_URL)
        .unwrap()
        .to_owned();
    let told = client.bytes(&first);
    assert!(String::from_utf8(told).unwrap().contains("Школа"));
    let id = first.rsplit('/').next().unwrap();
    let redaction = json!({"ground": "personal_data", "name": {"ru": "Лицей"}});
    let proposal = registry
        .client
        .redact(&registry.administrator, id, &redaction)
        .done();
    registry.client.approve(&proposal, Registrar::Second).done();
    awaited(&client, "following", size(&registry.client));
    same(&registry.client, &client, &members);
    let gone = client.get(&first).or_refused(&["record-redacted"]);
    assert_eq!(gone.unwrap_err(), "record-redacted");
    let found = client
        .get(&format!("/v1/charters/{CHARTER}/members?q=Gymnasium"))
        .done();
    assert_eq!(found["items"].as_array().unwrap().len(), 0);
    // A mirror that never saw it has the same members, and the same proofs of them.
    let fresh = Host::on_sqlite();
    let (_fresh, late) = registry.mirrored(&fresh, &[]);
    awaited(&late, "following", size(&registry.client));
    // What the record was called it cannot know: the one after it told the lost name, too, and went along.
    let gone = late.get(&first).or_refused(&["record-unknown"]);
    assert_eq!(gone.unwrap_err(), "record-unknown");
    let dump = format!("/v1/charters/{CHARTER}/members.ndjson");
    assert!(registry.client.bytes(&dump) == late.bytes(&dump));
    for member in &members {
        let proof = format!("{}/proof", member_path(member));
        assert!(registry.client.bytes(&proof) == late.bytes(&proof));
    }
}

/// Publishes the charter, and brings in this many schools.
fn import(host: &Host, many: u64) {
    host.publish(CHARTER);
    let lines = (0..many).map(|number| {
        let organisation = json!({
            "name": {"ru": format!("Школа № {number}")}, "category": "educational_institution", "country": "RU",
            "identifiers": [ogrn(number + 1_000)],
        });
        let memorandum = json!({
            "digest": format!("sha-256:{number:064x}"), "form": "paper", "signedOn": "2026-03-14",
        });
        format!("{}\n", json!({"organisation": organisation, "memorandum": memorandum}))
    });
    let file = host.folder().join("members.jsonl");
    fs::write(&file, lines.collect::<String>()).unwrap();
    host.answer(&["import", file.to_str().unwrap(), "--charter", CHARTER]);
}

#[test]
fn what_later_pieces_of_a_copy_change_of_earlier_ones_is_shown_as_the_registry_shows_it() {
    let host = Host::on_sqlite();
    import(&host, 4_070);
    let registry = Registry::serving(host);
    let members = registry.story();
    // The first piece ends between what happened to these members: a first copy has told of them already.
    let told = size(&registry.client);
    assert!((4_097..4_130).contains(&told), "{told}");
    let history = registry.client.history(&members[4]);
    let first = history[0]["record"].as_str().unwrap();
    let id = first.rsplit('/').next().unwrap();
    let redaction = json!({"ground": "personal_data", "name": {"ru": "Лицей"}});
    let proposal = registry
        .client
        .redact(&registry.administrator, id, &redaction)
        .done();
    registry.client.approve(&proposal, Registrar::Second).done();
    registry.client.withdraw(&members[5]).done();
    let by = Host::on_sqlite();
    let (_mirror, client) = registry.mirrored(&by, &[]);
    let told = awaited(&client, "following", size(&registry.client));
    assert_eq!(told["fetched"], told["size"]);
    // What the redacted records were called it cannot know.
    let (before, after) = (&members[..4], &members[5..]);
    same(&registry.client, &client, &[before, after].concat());
    let list = |asked: &str| format!("/v1/charters/{CHARTER}/members?{asked}");
    let redacted = member_path(&members[4]);
    for path in [
        list("status=excluded"),
        list("status=withdrawn"),
        list("q=Gymnasium"),
        list("q=shkola%204069"),
        list("q=lizei"),
        list("limit=100"),
        format!("{redacted}/proof"),
        format!("{redacted}/record"),
        redacted,
    ] {
        let (there, here) = (registry.client.bytes(&path), client.bytes(&path));
        assert_eq!(
            String::from_utf8_lossy(&there),
            String::from_utf8_lossy(&here),
            "{path}"
        );
    }
}

#[test]
fn a_mirror_that_is_killed_goes_on_where_it_was() {
    let host = Host::on_sqlite();
    import(&host, 9_000);
    let registry = Registry::serving(host);
    let by = Host::on_sqlite();
    let kept = {
        let (_killed, client) = registry.mirrored(&by, &[]);
        let told = state(&client, |told| {
            told["fetched"].as_u64().is_some_and(|it| it >= 4_096)
        });
        told["fetched"].as_u64().unwrap()
    };
    let (_mirror, client) = registry.mirrored(&by, &[]);
    let told = state(&client, |told| told["fetched"] != 0);
    assert!(told["fetched"].as_u64().unwrap() >= kept, "{kept}: {told}");
    awaited(&client, "following", size(&registry.client));
    same(&registry.client, &client, &[]);
}

#[test]
fn a_log_is_served_before_its_tables_are_made_which_goes_on_after_a_kill() {
    let host = Host::on_sqlite();
    import(&host, 12_000);
    let registry = Registry::serving(host);
    let size = size(&registry.client);
    let by = Host::on_sqlite();
    let copying = by.folder().join("copying");
    {
        let (_killed, client) = registry.mirrored(&by, &[]);
        let told = state(&client, |told| !told["size"].is_null());
        assert_eq!(told["size"], size, "{told}");
        assert_eq!(told["state"], "catching-up", "{told}");
        assert!(told["told"].as_u64().unwrap() < size, "{told}");
        for path in [
            "/log/checkpoint",
            "/log/tile/0/000",
            "/log/tile/entries/000",
            "/log/records/000",
            &format!("/log/records/{:03}.p/1", size / 256),
            "/v1/policy",
        ] {
            assert!(registry.client.bytes(path) == client.bytes(path), "{path}");
        }
        for closed in ["/v1/charters", "/v1/events", "/readyz"] {
            assert_eq!(client.status(closed), 503, "{closed}");
        }
    }
    let checked = by.command(&["fsck"]).output().unwrap();
    assert_eq!(checked.status.code(), Some(1));
    let findings = String::from_utf8(checked.stdout).unwrap();
    assert!(findings.contains("not made of the rest yet"), "{findings}");
    // What was laid down and is lost, the entries name.
    assert!(copying.join("2.records").exists());
    fs::write(copying.join("1.records"), "nothing of the kind").unwrap();
    fs::remove_file(copying.join("2.records")).unwrap();
    let (_mirror, client) = registry.mirrored(&by, &[]);
    let told = awaited(&client, "following", size);
    assert_eq!(told["told"], size);
    same(&registry.client, &client, &[]);
    assert!(!copying.exists());
}

#[test]
fn a_mirror_trusts_the_keys_it_was_given_or_those_that_came_first_and_no_others() {
    let (one, other) = (
        Registry::on(Host::on_sqlite()),
        Registry::on(Host::on_sqlite()),
    );
    let policy = one.client.bytes("/v1/policy");
    let host = Host::on_sqlite();
    fs::write(host.folder().join("policy"), &policy).unwrap();
    let (_mirror, client) = other.mirrored(&host, &["--policy", "policy"]);
    let told = state(&client, |told| !told["detail"].is_null());
    assert!(told["size"].is_null(), "{told}");
    assert_eq!(told["state"], "stale");
    // Those that came first are pinned: the other registry of the same name is not followed.
    let first = Host::on_sqlite();
    {
        let (_mirror, client) = one.mirrored(&first, &[]);
        let told = awaited(&client, "following", size(&one.client));
        assert_eq!(told["trustedOnFirstUse"], true);
    }
    let (_mirror, client): (_, Client) = other.mirrored(&first, &[]);
    let told = state(&client, |told| !told["detail"].is_null());
    assert_eq!(told["state"], "stale", "{told}");
    assert_eq!(told["size"], size(&one.client));
}
