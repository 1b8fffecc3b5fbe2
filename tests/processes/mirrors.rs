//! Mirrors of a registry: what they serve is what the registry serves, and what it signed.

mod book;
mod duties;
mod forging;
mod liar;
mod lies;
mod lists;
mod rewriting;

use std::{thread::sleep, time::Duration};

use serde_json::{Value, json};

use crate::{
    client::{CHARTER, Client, Registrar, Tokens, member_path},
    host::{Host, Instance, PUBLIC_URL},
    organisations::ogrn,
    postgres::TestDatabase,
};

/// A registry that is served, and a client of it.
struct Registry {
    host: Host,
    instance: Instance,
    client: Client,
    tokens: Tokens,
    administrator: String,
}

impl Registry {
    fn on(host: Host) -> Self {
        host.publish(CHARTER);
        Self::serving(host)
    }

    /// The same, whose charter is published already.
    fn serving(host: Host) -> Self {
        let administrator = host.answer(&["operator", "add", "Admin", "--role", "administrator"]);
        let tokens = Tokens::issue(&host);
        let instance = host.serve();
        let client = Client::new(&instance.address, &tokens);
        Self {
            host,
            instance,
            client,
            tokens,
            administrator,
        }
    }

    /// A mirror of it, and a client of the mirror.
    fn mirrored(&self, host: &Host, more: &[&str]) -> (Instance, Client) {
        let mirror = host.mirror(&self.instance.address, more);
        let client = Client::new(&mirror.address, &self.tokens);
        (mirror, client)
    }

    /// Lets everything happen to members that can: returns them.
    fn story(&self) -> Vec<String> {
        let client = &self.client;
        let members: Vec<String> = (0..7).map(|it| client.admit(&json!([ogrn(it)]))).collect();
        let decide = |proposal: Value| client.approve(&proposal, Registrar::Second).done();
        decide(
            client
                .propose_exclusion(&members[0], Registrar::First)
                .done(),
        );
        client.withdraw(&members[1]).done();
        decide(
            client
                .propose_suspension_until(&members[2], "2099-01-01", Registrar::First)
                .done(),
        );
        decide(
            client
                .propose_suspension(&members[3], Registrar::First)
                .done(),
        );
        decide(
            client
                .propose_reinstatement(&members[3], Registrar::First)
                .done(),
        );
        let read = client.member(&members[4]);
        let changes = json!({"name": {"ru": "Гимназия", "en": "Gymnasium"}, "identifiers": [ogrn(4), ogrn(40)]});
        client.amend(&members[4], &read, &changes).done();
        members
    }
}

/// What the mirror says of itself once it serves so many entries and is in this state.
fn awaited(client: &Client, wanted: &str, size: u64) -> Value {
    state(client, |told| {
        told["state"] == wanted && told["size"] == size
    })
}

/// What the mirror says of itself once this is so.
fn state(client: &Client, is_so: impl Fn(&Value) -> bool) -> Value {
    let mut told = Value::Null;
    for _ in 0..6_000 {
        told = client.get("/v1/mirror").done();
        if is_so(&told) {
            return told;
        }
        sleep(Duration::from_millis(20));
    }
    panic!("the mirror stays as it is: {told}")
}

fn size(client: &Client) -> u64 {
    client.get("/readyz").done()["logSize"].as_u64().unwrap()
}

/// Holds every public answer of a mirror against that of its registry.
fn same(registry: &Client, mirror: &Client, members: &[String]) {
    let charter = format!("/v1/charters/{CHARTER}");
    let mut paths: Vec<String> = [
        "members.ndjson",
        "members.csv",
        "members.jsonld",
        "members",
        "versions",
    ]
    .map(|it| format!("{charter}/{it}"))
    .into();
    paths.extend(
        [
            "/v1/charters",
            "/v1/keys",
            "/v1/policy",
            "/.well-known/did.json",
            "/v1/events?limit=100",
            "/log/checkpoint",
        ]
        .map(str::to_owned),
    );
    paths.extend(["/status/revocation/1", "/status/suspension/1"].map(str::to_owned));
    paths.push(format!("{charter}/proof?key=domain:nobody.example"));
    for member in members {
        let member = member_path(member);
        paths.extend(["", "/history", "/proof", "/record"].map(|it| format!("{member}{it}")));
    }
    for path in paths {
        let (there, here) = (registry.bytes(&path), mirror.bytes(&path));
        assert!(
            there == here,
            "{path}:\n{}\n{}",
            String::from_utf8_lossy(&there),
            String::from_utf8_lossy(&here)
        );
    }
}

fn a_mirror_serves_what_its_registry_serves(of: Host, by: &Host) {
    let registry = Registry::on(of);
    let members = registry.story();
    let (_mirror, client) = registry.mirrored(by, &[]);
    let told = awaited(&client, "following", size(&registry.client));
    assert_eq!(told["registry"], PUBLIC_URL);
    assert_eq!(told["trustedOnFirstUse"], true);
    same(&registry.client, &client, &members);
    // It goes on following.
    let newcomer = registry.client.admit(&json!([ogrn(100)]));
    awaited(&client, "following", size(&registry.client));
    same(&registry.client, &client, &[newcomer]);
}

#[test]
fn a_mirror_serves_what_its_registry_serves_byte_for_byte_on_sqlite() {
    a_mirror_serves_what_its_registry_serves(Host::on_sqlite(), &Host::on_sqlite());
}

#[test]
fn a_mirror_serves_what_its_registry_serves_byte_for_byte_on_postgresql() {
    let (Some(there), Some(here)) = (TestDatabase::create(), TestDatabase::create()) else {
        return;
    };
    a_mirror_serves_what_its_registry_serves(Host::on(there.url()), &Host::on(here.url()));
}
