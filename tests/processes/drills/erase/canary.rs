//! What is planted, and how it is erased.

use serde_json::{Value, json};

use super::{Mark, by_clerk, by_registrar, send};
use crate::{
    client::{CHARTER, Caller, Client, Registrar, Request, SCAN},
    organisations::ogrn,
};

/// An application whose persons nobody else resembles.
pub struct Planted {
    number: u64,
    /// Its identifier.
    pub application: String,
    /// The member that it led to, if it did.
    pub member: Option<String>,
}

impl Planted {
    /// Plants every mark that this application can have, and brings it to its end: a member, a former member, a
    /// rejected or a withdrawn one.
    pub fn plant(client: &Client, number: u64) -> Self {
        let word = |mark: Mark| format!("{} {number}", mark.text());
        let mut body = json!({
            "organisation": {
                "name": {"ru": format!("Школа {number}")},
                "category": "educational_institution",
                "country": "RU",
                "identifiers": [ogrn(number)],
            },
            "contact": {
                "name": word(Mark::Name),
                "position": word(Mark::Position),
                "email": format!("{}{number}@school.example", Mark::Email.text()),
                "phone": format!("{}-{:02}-{:02}", Mark::Phone.text(), number / 100 % 100, number % 100),
            },
        });
        let mut by = Caller::Partner;
        if number.is_multiple_of(2) {
            by = Caller::Clerk;
            body["channel"] = json!("oral");
            body["entered"] = json!({"receivedOn": "2026-11-01", "how": word(Mark::Entered)});
        }
        let path = format!("/v1/charters/{CHARTER}/applications");
        let applied = send(client, &Request::post(by, path, &body));
        let mut planted = Self {
            number,
            application: applied["id"].as_str().unwrap().to_owned(),
            member: None,
        };
        let step = |step: &str, body: &Value| {
            send(client, &by_clerk(planted.path(step), body));
        };
        step("/confirmation", &json!({"how": word(Mark::Confirmed)}));
        step(
            "/comments",
            &json!({"text": word(Mark::Comment), "visibility": "applicant"}),
        );
        step(
            "/return",
            &json!({"reason": word(Mark::Returned), "fields": []}),
        );
        step("/resubmission", &json!({}));
        let signatory = json!({"fullName": word(Mark::Signatory), "position": word(Mark::Office)});
        step("/memorandum", &signatory);
        let scan = String::from_utf8(SCAN.to_vec()).unwrap();
        let scan = scan.replace(
            "/MediaBox",
            &format!("/Title ({}) /MediaBox", word(Mark::Scan)),
        );
        let upload = planted.path("/memorandum/scan");
        send(
            client,
            &Request::put(Caller::Clerk, upload, "application/pdf", scan.into_bytes()),
        );
        match number % 4 {
            0 => step("/rejection", &json!({"reason": word(Mark::Rejected)})),
            1 => step("/withdrawal", &json!({})),
            _ => planted.member = Some(planted.admit(client)),
        }
        planted
    }

    fn path(&self, step: &str) -> String {
        format!("/v1/applications/{}{step}", self.application)
    }

    /// Half of the members leave again.
    fn admit(&self, client: &Client) -> String {
        let proposed = client.propose_admission(&self.application, Registrar::First);
        let approved = client.approve(&proposed.done(), Registrar::Second).done();
        let member = approved["member"]["id"].as_str().unwrap().to_owned();
        if self.number % 4 == 3 {
            client.withdraw(&member).done();
        }
        member
    }

    /// Erases its persons; each third one is erased twice.
    pub fn erase(&self, client: &Client) {
        let request = if self.number.is_multiple_of(2) {
            by_clerk(self.path("/erasure"), &json!({}))
        } else {
            by_registrar(self.path("/erasure"), &json!({}))
        };
        let erased = send(client, &request);
        if self.number.is_multiple_of(3) {
            assert_eq!(send(client, &request), erased);
        }
    }

    /// Holds what is answered about it against what may be.
    pub fn is_gone(&self, client: &Client) {
        for (place, slug) in [
            ("/contact", "contact-erased"),
            ("/personal-data", "contact-erased"),
            ("/memorandum", "memorandum-not-issued"),
            ("/memorandum/scan", "memorandum-not-issued"),
        ] {
            let refused = client.get(&self.path(place)).or_refused(&[slug]);
            assert_eq!(refused.unwrap_err(), slug);
        }
    }
}
