//! How a mirror looks at status lists: they are sent to it where they changed, and judged each time.

use super::{Registry, awaited, book::Book, liar::Liar, same, size, state};
use crate::{
    client::{Client, Registrar},
    clocks::{faketime, set, with_clock},
    host::Host,
};

/// How many looks at status lists a registry answered with this status.
fn looks(client: &Client, status: &str) -> u64 {
    let text = String::from_utf8(client.bytes("/metrics")).unwrap();
    let status = format!("status=\"{status}\"");
    let of_lists = text.lines().filter(|line| {
        line.starts_with("http_requests_total{")
            && line.contains("/status/")
            && line.contains(&status)
    });
    of_lists
        .map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap())
        .sum()
}

#[test]
fn a_status_list_is_sent_to_a_mirror_again_only_where_it_changed() {
    let registry = Registry::on(Host::on_sqlite());
    let members = registry.story();
    let host = Host::on_sqlite();
    let (_mirror, client) = registry.mirrored(&host, &[]);
    awaited(&client, "following", size(&registry.client));
    let looked_again = |by: u64| {
        let before = looks(&registry.client, "304");
        while looks(&registry.client, "304") < before + by {
            std::thread::yield_now();
        }
    };
    looked_again(2);
    let sent = looks(&registry.client, "200");
    looked_again(6);
    assert_eq!(looks(&registry.client, "200"), sent);
    // Both lists are signed again with each change, and what changed is there.
    let proposal = registry
        .client
        .propose_exclusion(&members[5], Registrar::First);
    let proposal = proposal.done();
    registry.client.approve(&proposal, Registrar::Second).done();
    awaited(&client, "following", size(&registry.client));
    looked_again(4);
    assert!(looks(&registry.client, "200") > sent);
    same(&registry.client, &client, &members);
}

#[test]
fn a_list_that_is_said_to_be_unchanged_lapses_all_the_same() {
    let Some(faketime) = faketime() else { return };
    let registry = Registry::on(Host::on_sqlite());
    registry.story();
    let size = size(&registry.client);
    let teller = Liar::serve(Book::of(&registry.host, &registry.client));
    let host = with_clock(Host::on_sqlite(), &faketime);
    let mirror = host.mirror(&teller.address, &[]);
    let client = Client::new(&mirror.address, &registry.tokens);
    awaited(&client, "following", size);
    set(&host, 3);
    let refused = |told: &serde_json::Value| {
        let detail = told["detail"].as_str();
        detail.is_some_and(|detail| detail.contains("a status list is not accepted"))
    };
    let told = state(&client, refused);
    assert_eq!(told["state"], "stale", "{told}");
    // By the right time it is what it was.
    set(&host, 0);
    awaited(&client, "following", size);
}
