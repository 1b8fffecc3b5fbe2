//! What clients do, one method for each step. Each insists on success and returns what a client goes on with.

use charter_registry::timetable;
use charter_registry::{
    rules::{
        id::ApplicationId,
        token::{Token, TokenKind},
    },
    storage::confirmations,
};
use serde_json::{Value, json};

use super::{
    app::{PUBLIC, TestApp},
    charters::CHILDHOOD,
    client::{Answer, Call, text},
    organisations::application,
    pdf,
};

/// An application and the token of its applicant.
#[derive(Clone)]
pub struct Applied {
    /// The application's identifier.
    pub id: String,
    /// The applicant's token.
    pub token: String,
    /// The path of the applicant's secret link.
    pub link: String,
}

/// A decision as it was proposed.
#[derive(Clone)]
pub struct Proposed {
    /// The decision's identifier.
    pub id: String,
    /// What an approval repeats.
    pub digest: String,
}

/// The path of a charter's members.
pub fn members_of(charter: &str) -> String {
    format!("/v1/charters/{charter}/members")
}

/// The path of a member of "Digital Ethics of Childhood".
pub fn member_path(member: &str) -> String {
    format!("{}/{member}", members_of(CHILDHOOD))
}

/// The path of an application.
pub fn application_path(id: &str) -> String {
    format!("/v1/applications/{id}")
}

/// The path of a public address of the registry.
#[track_caller]
pub fn path_of(url: &str) -> &str {
    url.strip_prefix(PUBLIC)
        .unwrap_or_else(|| panic!("{url} is no address of this registry"))
}

/// The administrator.
impl TestApp {
    /// Publishes a charter's version.
    pub fn publish(&self, definition: &Value) -> Answer {
        let call = Call::post("/v1/charters").token(&self.staff.administrator);
        self.send(call.json(definition)).must_be(201)
    }
}

/// Applicants and partners.
impl TestApp {
    /// The application of an organisation, brought by the partner.
    pub fn apply(&self, charter: &str, organisation: &Value) -> Applied {
        self.apply_as(&self.staff.partner, charter, &application(organisation))
    }

    /// An application by whoever holds this token; by anybody when it is empty.
    pub fn apply_as(&self, token: &str, charter: &str, application: &Value) -> Applied {
        let call = Call::post(format!("/v1/charters/{charter}/applications")).token(token);
        let answer = self.send(call.json(application)).must_be(201);
        Applied {
            id: answer.text("/id"),
            token: answer.text("/token"),
            link: path_of(&answer.text("/link")).to_owned(),
        }
    }

    /// The memorandum's exact text, as the applicant reads it.
    pub fn memorandum(&self, applied: &Applied) -> Vec<u8> {
        let path = format!("{}/memorandum", application_path(&applied.id));
        let call = Call::get(path).token(&applied.token);
        let answer = self.send(call.header("accept", "text/plain"));
        answer.must_be(200).body
    }

    /// Hands in the scan of the signed memorandum.
    pub fn upload_scan(&self, applied: &Applied, scan: Vec<u8>) -> Answer {
        let path = format!("{}/memorandum/scan", application_path(&applied.id));
        let call = Call::put(path).token(&applied.token);
        self.send(call.body("application/pdf", scan)).must_be(200)
    }

    /// Takes the application back.
    pub fn withdraw_application(&self, applied: &Applied) -> Answer {
        let path = format!("{}/withdrawal", application_path(&applied.id));
        self.send(Call::post(path).token(&applied.token))
            .must_be(200)
    }
}

/// The secretariat.
impl TestApp {
    /// Makes out the memorandum.
    pub fn issue_memorandum(&self, application: &str) -> Answer {
        let path = format!("{}/memorandum", application_path(application));
        let call = Call::post(path).token(&self.staff.clerk).json(&json!({}));
        self.send(call).must_be(200)
    }

    /// Enters a contact person's word that the address is right.
    pub fn confirm_by_word(&self, application: &str) -> Answer {
        let path = format!("{}/confirmation", application_path(application));
        let call = Call::post(path).token(&self.staff.clerk);
        self.send(call.json(&json!({"how": "По телефону."})))
            .must_be(200)
    }

    /// Returns an application for correction.
    pub fn return_for_correction(&self, application: &str, fields: &[&str]) -> Answer {
        let path = format!("{}/return", application_path(application));
        let call = Call::post(path).token(&self.staff.clerk);
        let body = json!({"reason": "Исправьте, пожалуйста.", "fields": fields});
        self.send(call.json(&body)).must_be(200)
    }

    /// The applicant resubmits with these corrections.
    pub fn resubmit(&self, applied: &Applied, corrections: &Value) -> Answer {
        let path = format!("{}/resubmission", application_path(&applied.id));
        let call = Call::post(path).token(&applied.token);
        self.send(call.json(corrections)).must_be(200)
    }

    /// Reopens an application.
    pub fn reopen(&self, application: &str) -> Answer {
        let path = format!("{}/reopening", application_path(application));
        self.send(Call::post(path).token(&self.staff.clerk))
            .must_be(200)
    }

    /// Looks at whom an application resembles, and lets it go on.
    pub fn acknowledge_matches(&self, application: &str) -> Answer {
        let path = format!("{}/matches/acknowledgement", application_path(application));
        let call = Call::post(path).token(&self.staff.clerk);
        self.send(call.json(&json!({"reason": "Другая организация."})))
            .must_be(200)
    }

    /// The application as the secretariat sees it.
    pub fn application_at_desk(&self, application: &str) -> Value {
        let call = Call::get(application_path(application)).token(&self.staff.registrars[0]);
        self.send(call).must_be(200).json()
    }

    /// Lapses what is due.
    pub fn lapse_due(&self) -> usize {
        self.in_storage(async |desk| {
            charter_registry::desk::applications::lapse::lapse_due(desk)
                .await
                .unwrap()
        })
    }

    /// Sends the contact person a letter with a token that ends in a week.
    pub fn confirmation_token(&self, application: &str) -> String {
        let id = ApplicationId(application.parse().unwrap());
        self.in_storage(async |desk| {
            let token = Token::new(TokenKind::Confirmation, &desk.clock.random());
            let ends = desk.now() + chrono::TimeDelta::days(7);
            let mut tx = desk.database.begin().await.unwrap();
            confirmations::insert(&mut tx, id, token.hash(), ends)
                .await
                .unwrap();
            tx.commit().await.unwrap();
            token.reveal().to_owned()
        })
    }

    /// Rejects an application.
    pub fn reject(&self, application: &str) -> Answer {
        let path = format!("{}/rejection", application_path(application));
        let call = Call::post(path).token(&self.staff.clerk);
        self.send(call.json(&json!({"reason": "Полномочия не подтверждены."})))
            .must_be(200)
    }

    /// An application whose memorandum is signed.
    pub fn apply_and_sign(&self, charter: &str, organisation: &Value) -> Applied {
        let applied = self.apply(charter, organisation);
        self.issue_memorandum(&applied.id);
        self.upload_scan(&applied, pdf::scan(0));
        applied
    }

    /// The first registrar proposes a change of a member.
    pub fn propose(&self, member: &str, change: &str, body: &Value) -> Proposed {
        let path = format!("{}/{change}", member_path(member));
        let call = Call::post(path).token(&self.staff.registrars[0]);
        proposed(&self.send(call.json(body)))
    }

    /// The first registrar proposes an admission.
    pub fn propose_admission(&self, application: &str, terms: &Value) -> Proposed {
        let path = format!("{}/admission", application_path(application));
        let call = Call::post(path)
            .token(&self.staff.registrars[0])
            .json(terms);
        proposed(&self.send(call))
    }

    /// The first registrar proposes an exclusion.
    pub fn propose_exclusion(&self, member: &str, reasons: &Value) -> Proposed {
        let path = format!("{}/exclusion", member_path(member));
        let call = Call::post(path)
            .token(&self.staff.registrars[0])
            .json(reasons);
        proposed(&self.send(call))
    }

    /// The second registrar approves; returns the member as it stands by it.
    pub fn approve(&self, proposed: &Proposed) -> Value {
        let call = Call::post(format!("/v1/decisions/{}/approval", proposed.id));
        let call = call.token(&self.staff.registrars[1]);
        let answer = self.send(call.json(&json!({"digest": proposed.digest})));
        answer.must_be(200).json()["member"].clone()
    }

    /// The whole way from an application to a membership; returns the member's identifier.
    ///
    /// The domain, where there is one, is attested; whom the applicant resembles, if anybody, is looked at.
    pub fn admit(&self, charter: &str, organisation: &Value, founder: bool) -> String {
        let applied = self.apply_and_sign(charter, organisation);
        if self.application_at_desk(&applied.id)["desk"]["needsReview"] == true {
            self.acknowledge_matches(&applied.id);
        }
        let has_domain = organisation.get("domain").is_some();
        let terms = json!({"founder": founder, "domainAttested": has_domain});
        let decision = self.propose_admission(&applied.id, &terms);
        text(&self.approve(&decision), "/id")
    }

    /// Excludes a member of "Digital Ethics of Childhood" for a violation.
    pub fn exclude(&self, member: &str) -> Value {
        self.approve(&self.propose_exclusion(member, &violation()))
    }

    /// Suspends a member by two registrars; returns it as it stands by that.
    pub fn suspend(&self, member: &str, reasons: &Value) -> Value {
        self.approve(&self.propose(member, "suspension", reasons))
    }

    /// Amends a member as it stands.
    pub fn amend(&self, member: &str, patch: &Value) -> Answer {
        let tag = self.member(member).header("etag").to_owned();
        let call = Call::patch(member_path(member)).token(&self.staff.registrars[0]);
        let call = call.header("if-match", tag).json(patch);
        self.send(call).must_be(200)
    }

    /// Enters a member's wish to leave.
    pub fn withdraw_member(&self, member: &str) -> Answer {
        let path = format!("{}/withdrawal", member_path(member));
        let call = Call::post(path).token(&self.staff.registrars[0]);
        self.send(call.json(&json!({"statement": {"ru": "По письму участника."}})))
            .must_be(200)
    }
}

/// The registry itself.
impl TestApp {
    /// Does what the timetable has for now under this name; returns how many things that were.
    pub fn run_job(&self, name: &str) -> usize {
        let job = timetable::find(name).unwrap();
        self.in_storage(async |desk| job.run(desk).await.unwrap())
    }
}

/// Anybody.
impl TestApp {
    /// A member of "Digital Ethics of Childhood".
    pub fn member(&self, member: &str) -> Answer {
        self.send(Call::get(member_path(member))).must_be(200)
    }

    /// What happened to a member, oldest first.
    pub fn history(&self, member: &str) -> Vec<Value> {
        let path = format!("{}/history", member_path(member));
        self.send(Call::get(path)).must_be(200).items()
    }

    /// A member's newest record, as the bytes that were signed.
    pub fn newest_record(&self, member: &str) -> Vec<u8> {
        let path = format!("{}/record", member_path(member));
        self.send(Call::get(path)).must_be(200).body
    }

    /// The record at its own address.
    pub fn record(&self, url: &str) -> Vec<u8> {
        self.send(Call::get(path_of(url))).must_be(200).body
    }

    /// The registry's verdict about a record.
    pub fn verdict(&self, record: &[u8]) -> Value {
        let call = Call::post("/v1/verify").body("application/vc", record);
        self.send(call).must_be(200).json()
    }

    /// The members that a query finds, on one page.
    pub fn find(&self, query: &[(&str, &str)]) -> Vec<Value> {
        self.send(Call::get(with_query(&members_of(CHILDHOOD), query)))
            .must_be(200)
            .items()
    }

    /// Every page of a list, by following `Link`.
    pub fn pages(&self, first: &str, token: &str) -> Vec<Vec<Value>> {
        let mut pages = Vec::new();
        let mut path = first.to_owned();
        loop {
            let answer = self.send(Call::get(&path).token(token)).must_be(200);
            pages.push(answer.items());
            let next = answer.json()["next"].clone();
            let Some(link) = answer.header("link").strip_prefix('<') else {
                assert_eq!(next, Value::Null, "a next page without a Link");
                return pages;
            };
            let (target, relation) = link.split_once('>').unwrap();
            assert_eq!(relation, "; rel=\"next\"");
            let cursor = url::Url::parse(&format!("{PUBLIC}{target}")).unwrap();
            let cursor = cursor.query_pairs().find(|(name, _)| name == "cursor");
            assert_eq!(cursor.unwrap().1, next.as_str().unwrap());
            target.clone_into(&mut path);
        }
    }
}

/// The grounds on which the tests exclude.
pub fn violation() -> Value {
    json!({
        "ground": "charter_violation",
        "clauses": ["B.5"],
        "statement": {
            "ru": "Доступ детей к вредному контенту не был ограничен.",
            "en": "Children's access to harmful content was not restricted.",
        },
    })
}

/// A path with a query.
pub fn with_query(path: &str, query: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(query)
        .finish();
    format!("{path}?{query}")
}

fn proposed(answer: &Answer) -> Proposed {
    let answer = answer.clone().must_be(201);
    Proposed {
        id: answer.text("/id"),
        digest: answer.text("/digest"),
    }
}
