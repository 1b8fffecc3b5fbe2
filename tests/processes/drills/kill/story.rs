//! A story: what happens to one organisation, request by request, each with a key of its own.

use serde_json::{Value, json};

use super::Dice;
use crate::{
    client::{Answer, CHARTER, Caller, Client, Registrar, Request, SCAN, applying, member_path},
    drills::change::Change,
    organisations::ogrn,
};

/// How a story ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The applicant thinks better of it.
    TakenBack,
    /// The member is excluded.
    Excluded,
    /// The member leaves.
    Left,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Apply,
    ReturnForCorrection,
    Resubmit,
    IssueMemorandum,
    UploadScan,
    TakeBack,
    ProposeAdmission,
    Admit,
    Read,
    Amend,
    ProposeSuspension,
    Suspend,
    ProposeReinstatement,
    Reinstate,
    Leave,
    ProposeExclusion,
    Exclude,
    Over,
}

/// One organisation's story.
pub struct Story {
    number: u64,
    end: End,
    next: Step,
    application: Value,
    /// Whether it is returned for correction, and the member suspended for a while.
    with_detours: bool,
    decision: Value,
    member: Value,
    etag: String,
    changes: Vec<Change>,
}

impl Story {
    /// A story that begins.
    pub fn new(number: usize, dice: &mut Dice) -> Self {
        let end = match dice.throw(4) {
            0 => End::TakenBack,
            1 => End::Excluded,
            _ => End::Left,
        };
        Self {
            number: u64::try_from(number).unwrap(),
            end,
            next: Step::Apply,
            application: Value::Null,
            with_detours: dice.throw(2) == 0,
            decision: Value::Null,
            member: Value::Null,
            etag: String::new(),
            changes: Vec::new(),
        }
    }

    /// How many changes of the member were acknowledged.
    pub fn changes(&self) -> usize {
        self.changes.len()
    }

    fn application_path(&self) -> String {
        format!(
            "/v1/applications/{}",
            self.application["id"].as_str().unwrap()
        )
    }

    fn member_path(&self) -> String {
        member_path(self.member["id"].as_str().unwrap())
    }

    fn change_path(&self, change: &str) -> String {
        format!("{}/{change}", self.member_path())
    }

    /// The next request; none when the story is over.
    pub fn next(&self) -> Option<Request> {
        let application = |step: &str| format!("{}/{step}", self.application_path());
        let (first, second) = (
            Caller::Registrar(Registrar::First),
            Caller::Registrar(Registrar::Second),
        );
        let request = match self.next {
            Step::Apply => {
                let path = format!("/v1/charters/{CHARTER}/applications");
                Request::post(
                    Caller::Partner,
                    path,
                    &applying(&json!([ogrn(self.number)])),
                )
            }
            Step::ReturnForCorrection => {
                let reason = json!({"reason": "Исправьте, пожалуйста."});
                Request::post(Caller::Clerk, application("return"), &reason)
            }
            Step::Resubmit => {
                let name = json!({"ru": format!("Гимназия № {}", self.number)});
                let corrections = json!({"organisation": {"name": name}});
                Request::post(Caller::Partner, application("resubmission"), &corrections)
            }
            Step::IssueMemorandum => {
                Request::post(Caller::Clerk, application("memorandum"), &json!({}))
            }
            Step::UploadScan => {
                // Every scan is a file of its own: a comment follows its header.
                let (header, rest) = SCAN.split_at(SCAN.iter().position(|b| *b == b'\n').unwrap());
                let scan = [header, format!("\n%{}", self.number).as_bytes(), rest].concat();
                Request::put(
                    Caller::Partner,
                    application("memorandum/scan"),
                    "application/pdf",
                    scan,
                )
            }
            Step::TakeBack => Request::post(Caller::Partner, application("withdrawal"), &json!({})),
            Step::ProposeAdmission => Request::post(first, application("admission"), &json!({})),
            Step::Read => Request::get(first, self.member_path()),
            Step::Amend => {
                let patch = json!({"aliases": [format!("Школа {}", self.number)]});
                Request::patch(first, self.member_path(), &self.etag, &patch)
            }
            Step::ProposeSuspension => {
                Request::post(first, self.change_path("suspension"), &unreachable())
            }
            Step::ProposeReinstatement => {
                let reasons = json!({"ground": "appeal_upheld", "statement": {"ru": "Ответила."}});
                Request::post(first, self.change_path("reinstatement"), &reasons)
            }
            Step::Leave => {
                let statement = json!({"statement": {"ru": "По собственному желанию."}});
                Request::post(second, self.change_path("withdrawal"), &statement)
            }
            Step::ProposeExclusion => {
                Request::post(first, self.change_path("exclusion"), &unreachable())
            }
            Step::Admit | Step::Suspend | Step::Reinstate | Step::Exclude => {
                let decision = self.decision["id"].as_str().unwrap();
                let path = format!("/v1/decisions/{decision}/approval");
                Request::post(second, path, &json!({"digest": self.decision["digest"]}))
            }
            Step::Over => return None,
        };
        Some(request.once(&format!("{}-{:?}", self.number, self.next)))
    }

    /// Goes on from an answer, which must be a success.
    pub fn take(&mut self, answer: &Answer) {
        let body = answer.success();
        match self.next {
            Step::Apply
            | Step::ReturnForCorrection
            | Step::Resubmit
            | Step::IssueMemorandum
            | Step::UploadScan
            | Step::TakeBack => self.application = body.clone(),
            Step::ProposeAdmission
            | Step::ProposeSuspension
            | Step::ProposeReinstatement
            | Step::ProposeExclusion => self.decision = body.clone(),
            Step::Admit => {
                self.application["state"] = json!("accepted");
                self.changed(&body["member"]);
            }
            Step::Suspend | Step::Reinstate | Step::Exclude => self.changed(&body["member"]),
            Step::Read => answer.etag().clone_into(&mut self.etag),
            Step::Amend | Step::Leave => self.changed(body),
            Step::Over => unreachable!("nothing is sent any more"),
        }
        self.next = self.after(self.next);
    }

    fn after(&self, step: Step) -> Step {
        match step {
            Step::Apply if self.with_detours => Step::ReturnForCorrection,
            Step::ReturnForCorrection => Step::Resubmit,
            Step::Apply | Step::Resubmit => Step::IssueMemorandum,
            Step::IssueMemorandum => Step::UploadScan,
            Step::UploadScan if self.end == End::TakenBack => Step::TakeBack,
            Step::UploadScan => Step::ProposeAdmission,
            Step::ProposeAdmission => Step::Admit,
            Step::Admit => Step::Read,
            Step::Read => Step::Amend,
            Step::Amend if self.with_detours => Step::ProposeSuspension,
            Step::ProposeSuspension => Step::Suspend,
            Step::Suspend => Step::ProposeReinstatement,
            Step::ProposeReinstatement => Step::Reinstate,
            Step::Amend | Step::Reinstate if self.end == End::Excluded => Step::ProposeExclusion,
            Step::Amend | Step::Reinstate => Step::Leave,
            Step::ProposeExclusion => Step::Exclude,
            Step::TakeBack | Step::Leave | Step::Exclude | Step::Over => Step::Over,
        }
    }

    fn changed(&mut self, member: &Value) {
        self.member = member.clone();
        self.changes.push(Change::of(member));
    }

    /// Everything that can be read of the story: for comparison.
    pub fn shown(&self, client: &Client) -> Value {
        let application =
            (!self.application.is_null()).then(|| client.get(&self.application_path()).done());
        let member = self.application["membership"].as_str();
        let history = member.map(|member| client.history(member));
        json!([
            application,
            history,
            client.open_decisions(),
            client.received()
        ])
    }

    /// What was acknowledged is what everybody can read, once and in its order.
    pub fn check(&self, client: &Client) {
        if self.application.is_null() {
            return;
        }
        let application = client.get(&self.application_path()).done();
        assert_eq!(application["state"], self.application["state"]);
        if self.member.is_null() {
            assert_eq!(application["membership"], Value::Null);
            return;
        }
        assert_eq!(application["membership"], self.member["id"]);
        let member = self.member["id"].as_str().unwrap();
        let events = client.history(member);
        let present: Vec<Change> = events.iter().map(Change::of).collect();
        assert_eq!(present, self.changes);
        let shown = client.member(member).done();
        assert_eq!(shown["status"], self.member["status"]);
        assert_eq!(shown["aliases"], self.member["aliases"]);
    }
}

/// Why a member is suspended or excluded.
fn unreachable() -> Value {
    json!({"ground": "unreachable", "statement": {"ru": "Не отвечает."}})
}
