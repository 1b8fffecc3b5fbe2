//! The race: all clients bring in the same two organisations, change both members and claim one key for them, until
//! one is excluded. Whoever comes second is told so; one consistent history comes of every round.

mod history;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{Dice, Drill, change::Change};
use crate::{
    audit,
    client::{Answer, CHARTER, Client, Registrar},
    organisations::ogrn,
    site::Site,
};
use history::Histories;

/// What a client may be told because another one was quicker.
const TOO_LATE: &[&str] = &[
    "already-a-member",
    "already-proposed",
    "changed",
    "decision-state",
    "former-member",
    "membership-status",
    "no-change",
    "proposal-stale",
    "same-person",
];

/// By when an instance shows what the other committed; it takes a second, and on a busy machine more.
const SHOWN_WITHIN: Duration = Duration::from_secs(30);

/// How many things each client does to the members of a round.
const STEPS: u64 = 4;

#[test]
fn on_sqlite() {
    run("drill-race on SQLite", Site::on_sqlite());
}

#[test]
fn on_postgres() {
    if let Some(site) = Site::on_postgres() {
        run("drill-race on two instances of PostgreSQL", site);
    }
}

fn run(name: &'static str, mut site: Site) {
    let drill = Drill::of(name, 5);
    let mut histories = Histories::of(&site);
    let mut refusals = BTreeMap::new();
    for round in drill.rounds() {
        let organisations = [ogrn(2 * round), ogrn(2 * round + 1)];
        let mut racers = site.at_once(|client, number| {
            let mut racer = Racer::new(client, drill.dice(round, number));
            racer.bring_in(&organisations[number % 2]);
            racer.did
        });
        let members = organisations
            .clone()
            .map(|known_by| member_of(&site, &known_by));
        racers.extend(site.at_once(|client, number| {
            let mut racer = Racer::new(client, drill.dice(round, 64 + number));
            for step in 0..STEPS {
                racer.change(round, step, &members, &organisations);
            }
            racer.did
        }));
        let mut acknowledged = Vec::new();
        for did in racers {
            acknowledged.extend(did.changes);
            for slug in did.refusals {
                *refusals.entry(slug).or_insert(0) += 1;
            }
        }
        histories.check(&site, &members, acknowledged);
    }
    site.end();
    let found = audit::history(&site.database_url());
    assert_eq!(found.events, histories.events);
    drill.passed(&format!(
        "{} changes acknowledged, each there once and verified ({:?}); refused: {refusals:?}",
        histories.events.values().sum::<usize>(),
        histories.events,
    ));
}

/// The member that is known by this number, once both instances show it.
fn member_of(site: &Site, known_by: &Value) -> String {
    let [client, other] = site.pair();
    let member = shown_by(client, known_by);
    assert_eq!(shown_by(other, known_by), member);
    member
}

/// What the other instance committed, an instance shows within a second.
fn shown_by(client: &Client, known_by: &Value) -> String {
    let query = known_by["value"].as_str().unwrap();
    let begun = Instant::now();
    while begun.elapsed() < SHOWN_WITHIN {
        let page = client.get(&format!("/v1/charters/{CHARTER}/members?q={query}"));
        let items = page.done()["items"].as_array().unwrap().clone();
        if let [member, rest @ ..] = items.as_slice() {
            assert!(rest.is_empty(), "{known_by}: {items:?}");
            return member["id"].as_str().unwrap().to_owned();
        }
    }
    panic!("{known_by}: no instance shows it");
}

/// What came of a client's steps.
#[derive(Default)]
struct Did {
    changes: Vec<Change>,
    refusals: Vec<String>,
}

/// One client in one round.
struct Racer<'a> {
    client: &'a Client,
    dice: Dice,
    did: Did,
}

impl<'a> Racer<'a> {
    fn new(client: &'a Client, dice: Dice) -> Self {
        let did = Did::default();
        Self { client, dice, did }
    }

    /// The success; or nothing, where another client was quicker.
    fn or_late(&mut self, answer: Answer) -> Option<Value> {
        match answer.or_refused(TOO_LATE) {
            Ok(body) => Some(body),
            Err(slug) => {
                self.did.refusals.push(slug);
                None
            }
        }
    }

    /// Keeps what the registry said that it did to a member.
    fn acknowledged(&mut self, member: Option<&Value>) {
        self.did.changes.extend(member.map(Change::of));
    }

    /// Brings an organisation from its application to its admission, as far as others leave it to this client.
    fn bring_in(&mut self, known_by: &Value) {
        let Ok(application) = self.client.bring(&json!([known_by])) else {
            return;
        };
        let proposer = self.registrar();
        let proposal = self.client.propose_admission(&application, proposer);
        if let Some(decision) = self.or_late(proposal) {
            self.approve(&decision, proposer.other());
        }
    }

    /// Does something to one of the two members.
    fn change(&mut self, round: u64, step: u64, members: &[String; 2], own: &[Value; 2]) {
        let which = usize::try_from(self.dice.throw(2)).unwrap();
        let (member, own) = (&members[which], &own[which]);
        let wanted = json!({"scheme": "PORTAL-NO", "value": format!("R{round}")});
        match self.dice.throw(8) {
            0 | 1 => self.amend(member, &json!({"identifiers": [own, wanted]})),
            2 => self.amend(member, &json!({"identifiers": [own]})),
            // The first of the two is excluded by somebody at the end, the other goes on.
            3 if step + 1 == STEPS => self.decide(&members[0], Client::propose_exclusion),
            3 | 4 => self.decide(member, Client::propose_suspension),
            5 => self.decide(member, Client::propose_reinstatement),
            throw => {
                let alias = format!("Шаг {step}, {throw}, {}", self.dice.throw(1000));
                self.amend(member, &json!({"aliases": [alias]}));
            }
        }
    }

    fn amend(&mut self, member: &str, patch: &Value) {
        let read = self.client.member(member);
        let amended = self.client.amend(member, &read, patch);
        let amended = self.or_late(amended);
        self.acknowledged(amended.as_ref());
    }

    /// Has two registrars decide about a member, by a proposal of this client's or by one that was there already.
    fn decide(&mut self, member: &str, propose: fn(&Client, &str, Registrar) -> Answer) {
        let proposer = self.registrar();
        let proposal = propose(self.client, member, proposer);
        if let Some(decision) = self.or_late(proposal) {
            self.approve(&decision, proposer.other());
        }
        for decision in self.client.open_decisions() {
            if decision["member"] == member {
                self.approve(&decision, proposer);
                self.approve(&decision, proposer.other());
            }
        }
    }

    fn approve(&mut self, decision: &Value, by: Registrar) {
        let approved = self.client.approve(decision, by);
        let approved = self.or_late(approved);
        self.acknowledged(approved.as_ref().map(|approved| &approved["member"]));
    }

    fn registrar(&mut self) -> Registrar {
        if self.dice.throw(2) == 0 {
            Registrar::First
        } else {
            Registrar::Second
        }
    }
}
