//! What two registrars decide about a member, what one may do alone, and what the registry does by itself.

mod mergers;
mod readmission;
mod recusal;
mod suspension;

use charter_proof::{
    entry::{Event, MemberEventKind},
    keys::claim_hash,
};
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    charters::CHILDHOOD,
    client::{Answer, Call},
    steps::{Proposed, member_path},
};

/// The reasons of a suspension that nobody disputes.
pub fn unreachable() -> Value {
    json!({"ground": "unreachable", "statement": {"ru": "Участник не отвечает."}})
}

impl TestApp {
    /// A registrar asks for a change of a member.
    fn ask(&self, registrar: usize, member: &str, change: &str, body: &Value) -> Answer {
        let path = format!("{}/{change}", member_path(member));
        let call = Call::post(path).token(&self.staff.registrars[registrar]);
        self.send(call.json(body))
    }

    /// The second registrar's approval, whatever comes of it.
    fn approval(&self, proposed: &Proposed) -> Answer {
        let call = Call::post(format!("/v1/decisions/{}/approval", proposed.id));
        let call = call.token(&self.staff.registrars[1]);
        self.send(call.json(&json!({"digest": proposed.digest})))
    }

    /// The kinds of a member's events, oldest first.
    fn events(&self, member: &str) -> Vec<String> {
        let events = self.history(member);
        let kinds = events.iter().map(|event| event["event"].as_str().unwrap());
        kinds.map(str::to_owned).collect()
    }
}

/// What the log says of members, oldest first: the event, the member and the keys of "Digital Ethics of Childhood"
/// among these that it names.
fn told(app: &TestApp, keys: &[&str]) -> Vec<(String, String, Vec<String>)> {
    let known = |hash| {
        let is_of = |key: &&&str| claim_hash(CHILDHOOD, key) == hash;
        keys.iter().find(is_of).unwrap().to_string()
    };
    let log = app.log_entries().into_iter();
    log.filter_map(|entry| match entry.event {
        Event::Member {
            kind,
            member,
            claims,
            ..
        } => {
            let mut claims: Vec<_> = claims.into_iter().map(known).collect();
            claims.sort();
            Some((kind.as_str().to_owned(), member.to_string(), claims))
        }
        Event::ClaimReassigned {
            claim, from, to, ..
        } => Some((format!("{from}→"), to.to_string(), vec![known(claim)])),
        _ => None,
    })
    .collect()
}

/// The log as a mirror judges it (WIRE §4): an entry names only keys that its member holds or that nobody does,
/// anything else stands right behind the `claim.reassigned` of it, and only an amendment or a readmission drops keys.
pub fn the_log_obeys_the_rules_of_claims(app: &TestApp) {
    use std::collections::BTreeMap;
    let mut holders: BTreeMap<(String, String), uuid::Uuid> = BTreeMap::new();
    let mut reassigned: Vec<(uuid::Uuid, String)> = Vec::new();
    for entry in app.log_entries() {
        match entry.event {
            Event::ClaimReassigned {
                charter,
                claim,
                from,
                to,
            } => {
                assert_eq!(holders.get(&(charter, claim.to_string())), Some(&from));
                reassigned.push((to, claim.to_string()));
            }
            Event::Member {
                kind,
                charter,
                member,
                claims,
                ..
            } => {
                let claims: Vec<String> = claims.iter().map(ToString::to_string).collect();
                for (to, claim) in reassigned.drain(..) {
                    assert_eq!(to, member, "another's entry behind a reassignment");
                    assert!(claims.contains(&claim), "the entry does not name {claim}");
                    holders.insert((charter.clone(), claim), to);
                }
                let may_drop =
                    matches!(kind, MemberEventKind::Amended | MemberEventKind::Readmitted);
                holders.retain(|(of, claim), holder| {
                    let is_kept = of != &charter || *holder != member || claims.contains(claim);
                    assert!(is_kept || may_drop, "{kind} drops {claim}");
                    is_kept
                });
                for claim in claims {
                    let holder = holders.entry((charter.clone(), claim)).or_insert(member);
                    assert_eq!(*holder, member, "{kind} names a key of another");
                }
            }
            other => assert!(reassigned.is_empty(), "{other:?} behind a reassignment"),
        }
    }
    assert!(reassigned.is_empty());
}
