//! Stories: what happens to one organisation from beginning to end, as those who take part see it.
//!
//! Each ends with [`TestApp::all_is_well`]: whatever happened, every record verifies and the log obeys its rules.

mod excluded_comes_back;
mod keys_change_hands;
mod leaves_and_returns;
mod schools_merge;
mod suspended_at_once;

use serde_json::{Value, json};

use crate::{
    memberships::the_log_obeys_the_rules_of_claims,
    support::{
        app::TestApp,
        charters::{self, CHILDHOOD},
        client::{Answer, Call, text},
        proof::authentic,
        steps::{Applied, Proposed, application_path},
    },
};

impl TestApp {
    /// The registry has the charter "Digital Ethics of Childhood" and no member yet.
    fn opens(&self) {
        self.publish(&charters::definition(CHILDHOOD));
    }

    /// The first registrar asks to admit the applicant, as a newcomer or as a member that returns.
    fn ask_to_admit(&self, applied: &Applied, step: &str, terms: &Value) -> Answer {
        let path = format!("{}/{step}", application_path(&applied.id));
        let call = Call::post(path).token(&self.staff.registrars[0]);
        self.send(call.json(terms))
    }

    /// The first registrar proposes to go on with a former member; the second approves.
    fn readmit(&self, applied: &Applied, member: &str) -> Value {
        let terms = json!({"member": member, "domainAttested": true});
        let proposed = self
            .ask_to_admit(applied, "readmission", &terms)
            .must_be(201);
        self.approve(&Proposed {
            id: proposed.text("/id"),
            digest: proposed.text("/digest"),
        })
    }

    /// What happened to a member, in words, oldest first.
    fn story_of(&self, member: &str) -> Vec<String> {
        let events = self.history(member);
        events.iter().map(|event| text(event, "/event")).collect()
    }

    /// Every record of every member is authentic, and the log is one that a mirror takes.
    fn all_is_well(&self) {
        let keys = self.trusted_keys();
        for member in self.find(&[]) {
            for event in self.history(&text(&member, "/id")) {
                let record = self.record(&text(&event, "/record"));
                authentic(&record, &keys);
                assert_eq!(text(&self.verdict(&record), "/verdict"), "authentic");
            }
        }
        the_log_obeys_the_rules_of_claims(self);
    }
}
