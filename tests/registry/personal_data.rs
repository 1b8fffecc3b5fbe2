//! Persons who are told what is held about them, and erased. That nothing of them is left anywhere is the drill's to
//! find out: `tests/processes/drills/erase.rs`.

use charter_proof::canonical::Digest;
use charter_registry::{
    desk::integrity,
    rules::{audit::Action, id::ApplicationId},
    storage::{
        applications::{Application, Contact},
        personal_data::Purge,
    },
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::{Answer, Call, text},
    on_both_databases,
    organisations::{application, school_number},
    pdf,
    steps::{Applied, application_path},
};

on_both_databases!(
    persons_of_an_open_application_are_not_erased,
    every_word_about_the_persons_is_erased_and_to_erase_twice_is_to_erase_once,
    an_application_without_persons_is_not_taken_up_again,
    a_file_that_two_applications_share_stays_until_neither_names_it,
    an_erased_file_can_be_handed_in_again_by_others,
    an_export_tells_what_is_held_and_is_a_look,
    persons_are_erased_when_their_time_has_come_and_not_before,
    what_was_erased_is_purged_once,
);

impl TestApp {
    fn erase(&self, applied: &Applied) -> Answer {
        let path = format!("{}/erasure", application_path(&applied.id));
        self.send(Call::post(path).token(&self.staff.clerk))
    }

    fn export(&self, applied: &Applied, token: &str) -> Answer {
        let path = format!("{}/personal-data", application_path(&applied.id));
        self.send(Call::get(path).token(token))
    }

    fn comment(&self, applied: &Applied, text: &str, visibility: &str) -> Answer {
        let path = format!("{}/comments", application_path(&applied.id));
        let body = json!({"text": text, "visibility": visibility});
        self.send(Call::post(path).token(&self.staff.clerk).json(&body))
    }

    fn is_kept(&self, applied: &Applied) -> bool {
        let id = ApplicationId(applied.id.parse().unwrap());
        self.in_storage(async |desk| {
            let mut conn = desk.database.read().await.unwrap();
            let application = Application::find(&mut conn, id).await.unwrap().unwrap();
            let contact = Contact::find(&mut conn, id).await.unwrap();
            assert_eq!(application.erased_at.is_none(), contact.is_some());
            assert_eq!(application.salt.is_some(), contact.is_some());
            contact.is_some()
        })
    }

    fn is_whole(&self) {
        let found = self
            .in_storage(async |desk| integrity::check(&desk.database, &desk.files).await.unwrap());
        assert_eq!(found.faults, Vec::<String>::new());
    }
}

fn persons_of_an_open_application_are_not_erased(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply(CHILDHOOD, &school_number(1));
    let path = format!("{}/erasure", application_path(&applied.id));
    let erase = |token: &str| app.send(Call::post(&path).token(token));
    assert_eq!(
        app.erase(&applied).must_be(409).problem().slug,
        "application-state"
    );
    erase(&app.staff.partner).must_be(403);
    app.withdraw_application(&applied);
    let other = app.apply(CHILDHOOD, &school_number(2));
    let before = app.footprint();
    erase(&other.token).must_be(404);
    erase(&app.staff.auditor).must_be(403);
    assert_eq!(app.footprint(), before);
    erase(&applied.token).must_be(200);
    assert!(!app.is_kept(&applied));
    assert!(app.is_kept(&other));
    // The token that let its holder in is none any more.
    erase(&applied.token).must_be(401);
}

fn every_word_about_the_persons_is_erased_and_to_erase_twice_is_to_erase_once(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let mut body = application(&school_number(1));
    body["channel"] = json!("oral");
    body["entered"] = json!({"receivedOn": "2026-11-20", "how": "Звонила Фамилия Имя"});
    let applied = app.apply_as(&app.staff.clerk, CHILDHOOD, &body);
    app.confirm_by_word(&applied.id);
    app.comment(&applied, "Просила перезвонить.", "internal")
        .must_be(201);
    app.return_for_correction(&applied.id, &["/contact/name"]);
    app.resubmit(&applied, &json!({}));
    app.reject(&applied.id);
    let rows = app.audit().len();
    let erased = app.erase(&applied).must_be(200).json();
    let shown = app.application_at_desk(&applied.id);
    assert_eq!(shown["erasedAt"], erased["erasedAt"]);
    assert_eq!(shown["desk"]["entered"]["receivedOn"], "2026-11-20");
    for gone in [
        &shown["reason"],
        &shown["confirmedAt"],
        &shown["desk"]["confirmedHow"],
        &shown["desk"]["entered"]["how"],
        &shown["desk"]["acknowledged"],
    ] {
        assert_eq!(gone, &Value::Null, "{shown}");
    }
    let path = format!("{}/comments", application_path(&applied.id));
    let comments = app.send(Call::get(path).token(&app.staff.clerk)).items();
    assert_eq!(comments.len(), 1);
    assert_eq!(comments[0]["text"], Value::Null);
    let contact = format!("{}/contact", application_path(&applied.id));
    let contact = app.send(Call::get(contact).token(&app.staff.clerk));
    assert_eq!(contact.must_be(410).problem().slug, "contact-erased");
    let noted = app.comment(&applied, "Ещё звонила.", "internal");
    assert_eq!(noted.must_be(410).problem().slug, "contact-erased");
    let again = app.erase(&applied).must_be(200).json();
    assert_eq!(again, erased);
    let audit = app.audit();
    let done: Vec<_> = audit[rows..].iter().map(|row| row.body.action).collect();
    assert_eq!(done, [Action::PersonalDataErased; 2]);
    let row = &audit[rows].body;
    assert_eq!(row.subject.as_deref(), Some(applied.id.as_str()));
    assert!(row.before.is_some() && row.after.is_some() && row.before != row.after);
    app.is_whole();
}

fn an_application_without_persons_is_not_taken_up_again(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply(CHILDHOOD, &school_number(1));
    app.withdraw_application(&applied);
    app.erase(&applied).must_be(200);
    let before = app.footprint();
    let path = format!("{}/reopening", application_path(&applied.id));
    let refused = app.send(Call::post(path).token(&app.staff.clerk));
    assert_eq!(refused.must_be(410).problem().slug, "contact-erased");
    assert_eq!(app.footprint(), before);
    // The organisation is not barred by that.
    app.apply(CHILDHOOD, &school_number(1));
}

fn a_file_that_two_applications_share_stays_until_neither_names_it(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let first = app.apply_and_sign(CHILDHOOD, &school_number(1));
    let second = app.apply_and_sign(CHILDHOOD, &school_number(2));
    let file = Digest::of(&pdf::scan(0));
    assert_eq!(app.files(), [file]);
    app.reject(&first.id);
    app.reject(&second.id);
    app.erase(&first).must_be(200);
    assert_eq!(app.files(), [file]);
    app.is_whole();
    app.erase(&second).must_be(200);
    assert_eq!(app.files(), []);
    app.is_whole();
}

fn an_erased_file_can_be_handed_in_again_by_others(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let first = app.apply_and_sign(CHILDHOOD, &school_number(1));
    app.reject(&first.id);
    app.erase(&first).must_be(200);
    let second = app.apply_and_sign(CHILDHOOD, &school_number(2));
    let scan = format!("{}/memorandum/scan", application_path(&second.id));
    let scan = app.send(Call::get(scan).token(&app.staff.clerk));
    assert_eq!(scan.must_be(200).body, pdf::scan(0));
    app.is_whole();
}

fn an_export_tells_what_is_held_and_is_a_look(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply_and_sign(CHILDHOOD, &school_number(1));
    app.comment(&applied, "Для всех.", "applicant").must_be(201);
    app.comment(&applied, "Для себя.", "internal").must_be(201);
    let contact = format!("{}/contact", application_path(&applied.id));
    app.send(Call::get(contact).token(&app.staff.registrars[0]))
        .must_be(200);
    let own = app.export(&applied, &applied.token).must_be(200).json();
    assert_eq!(own["contact"], application(&json!({}))["contact"]);
    let memorandum = &own["memorandum"];
    assert!(text(memorandum, "/text").contains("Фамилия Имя Отчество"));
    let scan = pdf::scan(0);
    assert_eq!(
        memorandum["file"],
        json!({"digest": Digest::of(&scan).to_string(), "size": scan.len()})
    );
    let texts = |export: &Value| -> Vec<String> {
        let comments = export["comments"].as_array().unwrap().iter();
        comments.map(|comment| text(comment, "/text")).collect()
    };
    assert_eq!(texts(&own), ["Для всех."]);
    let looks = own["looks"].as_array().unwrap();
    assert_eq!(looks.len(), 1, "{looks:?}");
    assert_eq!(looks[0]["action"], "contact.viewed");
    assert_eq!(looks[0]["role"], "registrar");
    assert_eq!(looks[0].get("id"), None);
    let at_desk = app.export(&applied, &app.staff.clerk).must_be(200).json();
    assert_eq!(texts(&at_desk), ["Для всех.", "Для себя."]);
    let looks = at_desk["looks"].as_array().unwrap();
    assert_eq!(looks[1]["action"], "personal_data.exported");
    assert_eq!(looks[1]["by"], "applicant");
    let last = app.audit().pop().unwrap().body;
    assert_eq!(last.action, Action::PersonalDataExported);
    assert_eq!((last.before, last.after), (None, None));
    app.export(&applied, &app.staff.partner).must_be(403);
    app.reject(&applied.id);
    app.erase(&applied).must_be(200);
    let gone = app.export(&applied, &app.staff.clerk);
    assert_eq!(gone.must_be(410).problem().slug, "contact-erased");
}

fn persons_are_erased_when_their_time_has_come_and_not_before(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let open = app.apply_and_sign(CHILDHOOD, &school_number(1));
    let rejected = app.apply(CHILDHOOD, &school_number(2));
    app.reject(&rejected.id);
    let mut members = Vec::new();
    for number in 3..=4 {
        let applied = app.apply_and_sign(CHILDHOOD, &school_number(number));
        let decision = app.propose_admission(&applied.id, &json!({}));
        let member = text(&app.approve(&decision), "/id");
        members.push((applied, member));
    }
    let [(stays, _), (leaves, former)] = members.as_slice() else {
        panic!("two members");
    };
    app.withdraw_member(former);
    app.time_passes(TimeDelta::days(365));
    assert_eq!(app.run_job("retention"), 0);
    app.time_passes(TimeDelta::seconds(1));
    assert_eq!(app.run_job("retention"), 1);
    assert!(!app.is_kept(&rejected));
    app.time_passes(TimeDelta::days(1095 - 365));
    assert_eq!(app.run_job("retention"), 1);
    assert!(!app.is_kept(leaves));
    assert!(app.is_kept(stays) && app.is_kept(&open));
    assert_eq!(app.run_job("retention"), 0);
    let erased = app.audit().into_iter().rev().take(2);
    for row in erased {
        assert_eq!(row.body.action, Action::PersonalDataErased);
        assert_eq!(row.body.actor.kind.to_string(), "system");
    }
    app.is_whole();
}

fn what_was_erased_is_purged_once(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply(CHILDHOOD, &school_number(1));
    app.withdraw_application(&applied);
    assert_eq!(app.run_job("purge"), 0);
    app.erase(&applied).must_be(200);
    let purge = || {
        app.in_storage(async |desk| {
            let mut conn = desk.database.read().await.unwrap();
            Purge::find(&mut conn).await.unwrap().unwrap()
        })
    };
    assert!(purge().is_pending());
    app.time_passes(TimeDelta::seconds(1));
    assert_eq!(app.run_job("purge"), 1);
    assert!(!purge().is_pending());
    assert_eq!(app.run_job("purge"), 0);
}
