//! A registry whose newest database is lost: an older backup is put back, and brought up to what was published.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::{
    client::{CHARTER, Client, Registrar, Tokens, member_path},
    host::Host,
    organisations::ogrn,
    postgres::TestDatabase,
};

/// A registry after its backup, and a place where that was put back.
struct Lost {
    host: Host,
    restored: Host,
    tokens: Tokens,
    members: Vec<String>,
}

/// What no backup has: what happened after it was taken.
const CANARY: &str = "Canary Fifi of Backup Street";

impl Lost {
    fn between(host: Host, restored: Host) -> Self {
        host.publish(CHARTER);
        let tokens = Tokens::issue(&host);
        let administrator = host.answer(&["operator", "add", "Adm", "--role", "administrator"]);
        let instance = host.serve();
        let client = Client::new(&instance.address, &tokens);
        let mut members: Vec<String> = (0..4).map(|it| client.admit(&json!([ogrn(it)]))).collect();
        let read = client.member(&members[3]);
        client
            .amend(&members[3], &read, &json!({"aliases": [CANARY]}))
            .done();
        // The places in the status lists.
        for member in &members {
            client.bytes(&format!("{}/credential", member_path(member)));
        }
        let backup = host.folder().join("backup");
        let backup = backup.to_str().unwrap();
        host.answer(&["backup", backup, "--with-keys"]);

        let decide = |proposal: Value| client.approve(&proposal, Registrar::Second).done();
        decide(
            client
                .propose_exclusion(&members[0], Registrar::First)
                .done(),
        );
        decide(
            client
                .propose_suspension(&members[1], Registrar::First)
                .done(),
        );
        let record = client.member(&members[3]).done()["record"].clone();
        redact(
            &client,
            &instance.address,
            &administrator,
            record.as_str().unwrap(),
        );
        members.push(client.admit(&json!([ogrn(4), ogrn(5)])));
        client.bytes(&format!("{}/credential", member_path(&members[4])));
        members.push(client.admit(&json!([ogrn(6)])));
        client.withdraw(&members[5]).done();
        drop(instance);
        host.publish("open-government");

        restored.answer(&["restore", backup]);
        // The mark lies outside the database, and knows what was published.
        fs::copy(
            host.folder().join("log.mark"),
            restored.folder().join("log.mark"),
        )
        .unwrap();
        Self {
            host,
            restored,
            tokens,
            members,
        }
    }

    /// Everything public about every member.
    fn answers(&self, client: &Client) -> Vec<Value> {
        let paths = self.members.iter().flat_map(|member| {
            ["", "/history"].map(|rest| format!("{}{rest}", member_path(member)))
        });
        paths.map(|path| client.get(&path).done()).collect()
    }
}

/// Has the alias go from a member's newest record and from the member.
fn redact(client: &Client, address: &str, administrator: &str, record: &str) {
    let path = record.split_once("/records/").unwrap().1;
    let body = json!({"ground": "personal_data", "aliases": []});
    let mut answer = ureq::post(format!("http://{address}/v1/records/{path}/redaction"))
        .header("Authorization", format!("Bearer {administrator}"))
        .header("Content-Type", "application/json")
        .send(body.to_string())
        .unwrap();
    let proposal: Value =
        serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
    client.approve(&proposal, Registrar::Second).done();
}

fn holds(host: &Host, text: &str) -> bool {
    let files = fs::read_dir(host.folder().join("directory")).unwrap();
    files.into_iter().any(|file| {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        bytes
            .windows(text.len())
            .any(|piece| piece == text.as_bytes())
    })
}

fn is_brought_back(lost: &Lost) {
    let Lost {
        host,
        restored,
        tokens,
        members,
    } = lost;
    for _ in 0..2 {
        let refused = restored.refusal(&["serve"]);
        assert!(
            refused.contains("has less than what was published"),
            "{refused}"
        );
        assert!(refused.contains("log recover"), "{refused}");
    }
    let instance = host.serve();
    let old = Client::new(&instance.address, tokens);
    let url = format!("http://{}", instance.address);
    let told = restored.answer(&["log", "recover", "--from", &url]);
    assert!(told.contains("5 members changed"), "{told}");

    let checked = restored.answer(&["fsck"]);
    assert!(checked.ends_with(": whole"), "{checked}");
    let serving = restored.serve();
    let new = Client::new(&serving.address, tokens);
    assert_eq!(lost.answers(&new), lost.answers(&old));
    let listed = format!("/v1/charters/{CHARTER}/members?limit=100");
    assert_eq!(new.get(&listed).done(), old.get(&listed).done());
    for path in ["/v1/charters", "/v1/keys", "/v1/events?limit=100"] {
        assert_eq!(new.get(path).done(), old.get(path).done(), "{path}");
    }
    // What was redacted since the backup did not come back with it.
    assert!(!holds(restored, CANARY));
    // Who was excluded since is revoked; who became a member since gets another place in another list.
    let placed = |client: &Client, member: &str| -> String {
        let credential = client.bytes(&format!("{}/credential", member_path(member)));
        let credential: Value = serde_json::from_slice(&credential).unwrap();
        let place = credential["credentialStatus"][0]["statusListCredential"].clone();
        place
            .as_str()
            .unwrap()
            .rsplit('/')
            .next()
            .unwrap()
            .to_owned()
    };
    assert_eq!(placed(&new, &members[2]), "1");
    assert_eq!(placed(&new, &members[4]), "2");
    // The registry signs again: the numbers go on where they were.
    drop(instance);
    let newcomer = new.admit(&json!([ogrn(90)]));
    assert_eq!(new.member(&newcomer).done()["number"], "000007");
    drop(serving);
    let checked = restored.answer(&["fsck"]);
    assert!(checked.ends_with(": whole"), "{checked}");
    // The old host has less now than what was published.
    let instance = host.serve();
    let url = format!("http://{}", instance.address);
    let refused = restored.refusal(&["log", "recover", "--from", &url]);
    assert!(refused.contains("are needed"), "{refused}");
}

#[test]
fn an_older_backup_on_sqlite_is_brought_up_to_what_was_published() {
    is_brought_back(&Lost::between(Host::on_sqlite(), Host::on_sqlite()));
}

#[test]
fn an_older_backup_on_postgresql_is_brought_up_to_what_was_published() {
    let (Some(database), Some(other)) = (TestDatabase::create(), TestDatabase::create()) else {
        return;
    };
    let hosts = (Host::on(database.url()), Host::on(other.url()));
    is_brought_back(&Lost::between(hosts.0, hosts.1));
}

/// Copies what lies at these addresses into a folder, under the same names.
fn copied(client: &Client, folder: &Path, size: u64) {
    let bundle = format!("000.p/{size}");
    let mut paths = vec!["log/checkpoint".to_owned()];
    for tile in ["tile/0", "tile/entries", "records"] {
        paths.push(format!("log/{tile}/{bundle}"));
    }
    let events = client.get("/v1/events?limit=100").done();
    for event in events["items"].as_array().unwrap() {
        if let Some(document) = event["links"]["document"].as_str() {
            paths.push(
                document
                    .split_once("/log/")
                    .map(|(_, it)| format!("log/{it}"))
                    .unwrap(),
            );
        }
    }
    for path in paths {
        let file = folder.join(&path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, client.bytes(&format!("/{path}"))).unwrap();
    }
}

#[test]
fn a_folder_is_a_copy_as_good_as_another_and_what_it_changes_is_refused() {
    let lost = Lost::between(Host::on_sqlite(), Host::on_sqlite());
    let instance = lost.host.serve();
    let client = Client::new(&instance.address, &lost.tokens);
    let note = String::from_utf8(client.bytes("/log/checkpoint")).unwrap();
    let size: u64 = note.lines().nth(1).unwrap().parse().unwrap();
    let copy = lost.restored.folder().join("copy");
    copied(&client, &copy, size);
    let from = copy.to_str().unwrap();
    let recover = ["log", "recover", "--from", from];
    let records = copy.join(format!("log/records/000.p/{size}"));
    let entries = copy.join(format!("log/tile/entries/000.p/{size}"));
    let forgeries: [(&Path, &str, &str); 4] = [
        (&records, "\"active\"", "\"actual\""),
        (&entries, "member.included", "member.excluded"),
        (&copy.join("log/checkpoint"), "registry", "registra"),
        (&entries, "charter.published", "charter.pub1ished"),
    ];
    let before = fs::read(lost.restored.folder().join("registry.db")).unwrap();
    for (file, from, to) in forgeries {
        let whole = fs::read(file).unwrap();
        let at = whole
            .windows(from.len())
            .rposition(|piece| piece == from.as_bytes());
        let mut changed = whole.clone();
        changed[at.unwrap()..][..to.len()].copy_from_slice(to.as_bytes());
        fs::write(file, changed).unwrap();
        lost.restored.refusal(&recover);
        fs::write(file, whole).unwrap();
    }
    fs::remove_file(&records)
        .map(|()| lost.restored.refusal(&recover))
        .unwrap();
    // Nothing of it was taken.
    let refused = lost.restored.refusal(&["serve"]);
    assert!(refused.contains("has less than"), "{refused}");
    assert_eq!(
        fs::read(lost.restored.folder().join("registry.db"))
            .unwrap()
            .len(),
        before.len()
    );
    copied(&client, &copy, size);
    lost.restored.answer(&recover);
    let checked = lost.restored.answer(&["fsck"]);
    assert!(checked.ends_with(": whole"), "{checked}");
    let all = lost.restored.answer(&recover);
    assert!(all.contains("has all"), "{all}");
    lost.restored.serve();
}

#[test]
fn a_copy_of_another_registry_is_refused() {
    let lost = Lost::between(Host::on_sqlite(), Host::on_sqlite());
    let other = Host::on_sqlite();
    other.publish(CHARTER);
    for slug in [
        "open-government",
        "wsis-plus-20",
        "cities-for-digital-rights",
    ] {
        other.publish(slug);
    }
    let tokens = Tokens::issue(&other);
    let instance = other.serve();
    let client = Client::new(&instance.address, &tokens);
    for it in 0..14 {
        client.admit(&json!([ogrn(it)]));
    }
    let url = format!("http://{}", instance.address);
    let refused = lost.restored.refusal(&["log", "recover", "--from", &url]);
    assert!(refused.contains("does not continue"), "{refused}");
    lost.restored.refusal(&["serve"]);
}
