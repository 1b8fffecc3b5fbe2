//! Keys that change under servers: an interrupted change is finished by whoever comes next, and who lacks a key signs
//! nothing.

use std::{fs, path::Path};

use serde_json::json;

use crate::{
    client::{Answer, CHARTER, Client, Registrar, Tokens},
    host::Host,
    organisations::ogrn,
    postgres::TestDatabase,
};

/// The key in force for a purpose, by the registry's own list.
fn in_force(client: &Client, purpose: &str) -> String {
    let listed = client.get("/v1/keys").done();
    let mut keys = listed["keys"].as_array().unwrap().iter();
    let key = keys.find(|key| key["purpose"] == purpose && key["status"] == "active");
    key.unwrap()["publicKeyMultibase"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// The key that signed the newest record of a member.
fn signer(client: &Client, member: &str) -> String {
    let path = format!("/v1/charters/{CHARTER}/members/{member}/record");
    let record = client.get(&path).done();
    let method = record["proof"]["verificationMethod"].as_str().unwrap();
    method.split_once('#').unwrap().1.to_owned()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(to).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

/// The process ended after the rotation was committed, and before it had touched a file.
fn an_interrupted_rotation_is_finished(host: &Host) {
    host.publish(CHARTER);
    let tokens = Tokens::issue(host);
    let aside = host.folder().join("aside");
    for purpose in ["record", "log", "clock"] {
        let told = host.answer(&["keys", "rotate", purpose]);
        let key = told.split_once(' ').unwrap().0.to_owned();
        let early = host.refusal(&["keys", "rotate", purpose]);
        assert!(early.contains("does not sign before"), "{early}");
        copy(&host.key_folder(), &aside);
        let told = host.answer(&["keys", "rotate", purpose, "--now"]);
        assert!(told.starts_with(&key), "{told}");
        let done: Vec<_> = fs::read(host.key_folder().join(format!("{purpose}.pem"))).unwrap();
        copy(&aside, &host.key_folder());

        let instance = host.serve();
        let client = Client::new(&instance.address, &tokens);
        assert_eq!(in_force(&client, purpose), key);
        let member = client.admit(&json!([ogrn(u64::try_from(purpose.len()).unwrap())]));
        assert_eq!(signer(&client, &member), in_force(&client, "record"));
        drop(instance);
        let now = fs::read(host.key_folder().join(format!("{purpose}.pem"))).unwrap();
        assert_eq!(now, done);
        assert!(
            !host
                .key_folder()
                .join(format!("{purpose}.next.pem"))
                .exists()
        );
    }
    let checked = host.answer(&["fsck"]);
    assert!(checked.ends_with(": whole"), "{checked}");
    let listed = host.answer(&["keys", "list"]);
    assert_eq!(listed.matches("retired").count(), 3, "{listed}");
}

#[test]
fn a_rotation_that_was_killed_before_it_touched_a_file_is_finished_at_the_next_start_on_sqlite() {
    an_interrupted_rotation_is_finished(&Host::on_sqlite());
}

#[test]
fn a_rotation_that_was_killed_before_it_touched_a_file_is_finished_at_the_next_start_on_postgres() {
    if let Some(database) = TestDatabase::create() {
        an_interrupted_rotation_is_finished(&Host::on(database.url()));
    }
}

#[test]
fn running_instances_take_a_new_key_up_and_one_that_lacks_it_signs_nothing() {
    let Some(database) = TestDatabase::create() else {
        return;
    };
    let host = Host::on(database.url());
    host.publish(CHARTER);
    let tokens = Tokens::issue(&host);
    let apart = Host::with_keys_of(&host, database.url());
    let (sharing, lacking) = (host.serve(), apart.serve());
    let (near, far) = (
        Client::new(&sharing.address, &tokens),
        Client::new(&lacking.address, &tokens),
    );
    let member = far.admit(&json!([ogrn(1)]));
    let old = in_force(&far, "record");
    assert_eq!(signer(&far, &member), old);

    host.answer(&["keys", "rotate", "record", "--now"]);
    let new = in_force(&near, "record");
    assert_ne!(new, old);
    let member = near.admit(&json!([ogrn(2)]));
    assert_eq!(signer(&near, &member), new);

    let lacks_it = |answer: Answer| answer.or_refused(&["signing-key-missing"]).is_err();
    let application = far.bring(&json!([ogrn(3)])).unwrap();
    assert!(lacks_it(
        far.propose_admission(&application, Registrar::First)
    ));
    assert!(lacks_it(far.get("/readyz")));
    let listed = far.get("/v1/keys").done();
    assert!(listed.to_string().contains(&new));

    let file = |host: &Host| host.key_folder().join("record.pem");
    fs::copy(file(&host), file(&apart)).unwrap();
    while lacks_it(far.get("/readyz")) {
        std::thread::yield_now();
    }
    let decision = far.propose_admission(&application, Registrar::First).done();
    far.approve(&decision, Registrar::Second).done();
    let member = far.admit(&json!([ogrn(4)]));
    assert_eq!(signer(&far, &member), new);

    // A key that others may have goes at once.
    let told = host.answer(&["keys", "compromise", "record", &new]);
    assert!(told.contains("does not count"), "{told}");
    let member = near.admit(&json!([ogrn(5)]));
    assert_ne!(signer(&near, &member), new);
    let log_key = in_force(&near, "log");
    let refused = host.refusal(&["keys", "compromise", "log", &log_key]);
    assert!(
        refused.contains("begin a new registry under another public URL"),
        "{refused}"
    );
    let checked = host.answer(&["fsck"]);
    assert!(checked.ends_with(": whole"), "{checked}");
}
