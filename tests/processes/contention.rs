//! Many clients of two processes do contradictory things at the same time; one history comes of it.

use std::{collections::BTreeSet, thread};

use charter_proof::entry::{MemberEventKind, Status};
use serde_json::{Value, json};

use crate::{
    audit,
    client::{CHARTER, Client, Registrar, SCAN},
    locks::Held,
    organisations::ogrn,
    site::Site,
};

/// How often everything is done.
const ROUNDS: usize = 3;

/// How many organisations are brought in each round, each by several clients of both instances.
const ORGANISATIONS: usize = 8;

#[test]
fn two_processes_with_sixteen_clients_each_write_one_history() {
    let Some(site) = Site::on_postgres() else {
        return;
    };
    for round in 0..ROUNDS {
        site.at_once(|client, number| bring_in(client, number, round));
        let members = members_of(&site, round);
        let member_of = |number: usize| members[number % ORGANISATIONS].as_str();
        site.at_once(|client, number| amend(client, number, round, member_of(number)));
        site.at_once(|client, number| end(client, number, member_of(number)));
    }
    let found = audit::history(&site.database_url());

    // Of the clients that brought the same organisation, one succeeded; of those that ended it, too.
    let brought = ROUNDS * ORGANISATIONS;
    assert_eq!(found.events[&MemberEventKind::Included], brought);
    let numbers: Vec<i64> = found.members.iter().map(|member| member.number).collect();
    let expected: Vec<i64> = (1..).take(brought).collect();
    assert_eq!(numbers, expected);
    let ended_so = |status| {
        let members = found.members.iter();
        members.filter(|member| member.status == status).count()
    };
    assert_eq!(ended_so(Status::Excluded), brought / 4);
    assert_eq!(ended_so(Status::Withdrawn), brought / 4);
    assert_eq!(ended_so(Status::Active), brought / 2);
    // Each client's amendment can come first, last or not at all, but the first of all never fails.
    assert!(found.events[&MemberEventKind::Amended] >= brought);
}

/// The number of the organisation that a client of this number brings in a round: several bring the same.
fn known_by(round: usize, number: usize) -> Value {
    ogrn(u64::try_from(round * ORGANISATIONS + number % ORGANISATIONS).unwrap())
}

fn registrar(number: usize) -> Registrar {
    if number.is_multiple_of(2) {
        Registrar::First
    } else {
        Registrar::Second
    }
}

/// Brings an organisation from its application to its admission, as far as others leave it to this client.
fn bring_in(client: &Client, number: usize, round: usize) {
    let identifiers = json!([known_by(round, number)]);
    let Ok(application) = client.bring(&identifiers) else {
        return;
    };
    let proposer = registrar(number / ORGANISATIONS);
    let proposal = client
        .propose_admission(&application, proposer)
        .or_refused(&["already-a-member"]);
    let Ok(decision) = proposal else { return };
    let approval = client
        .approve(&decision, proposer.other())
        .or_refused(&["already-a-member"]);
    if let Ok(approved) = approval {
        assert_eq!(approved["member"]["status"], "active");
    }
}

/// The members that a round brought, by the organisation's number.
fn members_of(site: &Site, round: usize) -> Vec<String> {
    let [client, other] = site.pair();
    let found_by = |client: &Client, number| {
        let known_by = known_by(round, number);
        let query = known_by["value"].as_str().unwrap();
        // What the other instance committed, an instance shows within a second.
        loop {
            let page = client.get(&format!("/v1/charters/{CHARTER}/members?q={query}"));
            let items = page.done()["items"].as_array().unwrap().clone();
            if let [member, rest @ ..] = items.as_slice() {
                assert!(rest.is_empty(), "{items:?}");
                return member["id"].as_str().unwrap().to_owned();
            }
        }
    };
    let member = |number| {
        let member = found_by(client, number);
        assert_eq!(found_by(other, number), member);
        member
    };
    (0..ORGANISATIONS).map(member).collect()
}

/// Amends a member that others amend, and has it take a number that every other member wants, too.
fn amend(client: &Client, number: usize, round: usize, member: &str) {
    let own = known_by(round, number);
    let wanted = json!({"scheme": "PORTAL-NO", "value": format!("R{round}")});
    let refusals = [
        "changed",
        "no-change",
        "already-a-member",
        "membership-status",
    ];
    for step in 0..2 {
        let alias = format!("Клиент {number}, шаг {step}");
        let identifiers = if (number + step).is_multiple_of(2) {
            json!([own, wanted])
        } else {
            json!([own])
        };
        let read = client.member(member);
        let patch = json!({"aliases": [alias], "identifiers": identifiers});
        // Whoever comes second is refused, and reads again for the next step.
        let _ = client.amend(member, &read, &patch).or_refused(&refusals);
    }
}

/// Ends a quarter of the memberships by exclusion and a quarter by withdrawal, each by several clients at once.
fn end(client: &Client, number: usize, member: &str) {
    match number % 4 {
        0 => {
            let withdrawal = client.withdraw(member).or_refused(&["membership-status"]);
            if let Ok(withdrawn) = withdrawal {
                assert_eq!(withdrawn["status"], "withdrawn");
            }
        }
        1 => exclude(client, member, registrar(number / ORGANISATIONS)),
        _ => {}
    }
}

/// Excludes a member by a proposal of its own or by one that another client was quicker to make.
fn exclude(client: &Client, member: &str, proposer: Registrar) {
    let proposal = client.propose_exclusion(member, proposer);
    let decisions = match proposal.or_refused(&["already-proposed", "membership-status"]) {
        Ok(decision) => vec![decision],
        Err(_) => client.open_decisions(),
    };
    let refusals = ["decision-state", "membership-status", "same-person"];
    for decision in decisions {
        if decision["member"] == member {
            for by in [proposer.other(), proposer] {
                let _ = client.approve(&decision, by).or_refused(&refusals);
            }
        }
    }
}

#[test]
fn a_request_that_both_processes_get_is_carried_out_once() {
    let Some(site) = Site::on_postgres() else {
        return;
    };
    let [client, _] = site.pair();
    let application = client.bring(&json!([ogrn(0)])).unwrap();
    let decision = client
        .propose_admission(&application, Registrar::First)
        .done();
    let answers = site.at_once(|client, _| {
        let answer = client.approve_once(&decision, Registrar::Second, "approval-1");
        answer.done().to_string()
    });
    assert_eq!(BTreeSet::from_iter(answers).len(), 1);
    let found = audit::history(&site.database_url());
    assert_eq!(found.events[&MemberEventKind::Included], 1);
}

#[test]
fn nobody_is_admitted_on_a_signature_that_was_not_decided_on() {
    let Some(site) = Site::on_postgres() else {
        return;
    };
    let [client, other] = site.pair();
    let application = client.bring(&json!([ogrn(0)])).unwrap();
    let proposal = client.propose_admission(&application, Registrar::First);
    let decision = proposal.done();

    // The memorandum is signed anew while the decision is approved: both wait for the application.
    let row = format!("UPDATE applications SET state = state WHERE id = '{application}'");
    let held = Held::by(&site.database_url(), &row);
    let (signed, approved) = thread::scope(|scope| {
        let signing = scope.spawn(|| other.upload_scan(&application, &[SCAN, b"\n"].concat()));
        held.wait_for_waiting(1);
        let approval = scope.spawn(|| client.approve(&decision, Registrar::Second));
        held.wait_for_waiting(2);
        held.release();
        (signing.join().unwrap(), approval.join().unwrap())
    });
    let signed = signed.or_refused(&["application-state"]);
    let approved = approved.or_refused(&["proposal-stale"]);
    assert_ne!(signed.is_ok(), approved.is_ok(), "{signed:?} {approved:?}");
}
