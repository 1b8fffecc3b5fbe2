//! Stories: what happens to one organisation from beginning to end, as those who take part see it.
//!
//! Each ends with [`TestApp::all_is_well`]: whatever happened, every record verifies and the log obeys its rules.

mod confirms_by_letter;
mod contact_erased;
mod excluded_comes_back;
mod false_scan;
mod keys_change_hands;
mod lapses_and_goes_on;
mod leaves_and_returns;
mod returned_twice;
mod schools_merge;
mod spoken_intention;
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

    /// The letters that reached the contact person, by template: those of one moment in the order of their names.
    fn letters_to_contact(&self) -> Vec<String> {
        let letters = self.letters().into_iter().map(|read| read.letter);
        let mut sent: Vec<_> = letters
            .filter(|letter| letter.recipient.to_string() == "contact")
            .map(|letter| (letter.created_at, letter.template.to_string()))
            .collect();
        sent.sort();
        sent.into_iter().map(|(_, template)| template).collect()
    }

    /// What the audit says was done since the charter was published, in its words.
    fn deeds(&self) -> Vec<String> {
        let rows = self.audit();
        let deeds = rows.iter().map(|row| row.body.action.to_string());
        deeds
            .skip_while(|deed| deed != "charter.published")
            .skip(1)
            .collect()
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
