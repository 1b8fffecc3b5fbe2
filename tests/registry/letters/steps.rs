//! What is written to whom at each step, and what is not.

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::Call,
    letters::Read,
    on_both_databases,
    organisations::{application, school, school_number},
    steps::{application_path, violation},
};

on_both_databases!(with letters:
    each_step_from_application_to_exclusion_has_its_letter,
    a_letter_is_in_the_language_of_the_application,
    a_request_that_is_refused_writes_no_letter,
    a_request_that_is_repeated_writes_no_second_letter,
    senders_side_by_side_send_each_letter_once,
);

fn templates(app: &TestApp) -> Vec<String> {
    let letters = app.letters();
    letters.iter().map(Read::template).collect()
}

fn each_step_from_application_to_exclusion_has_its_letter(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    app.amend(&member, &json!({"website": "https://www.school.example"}));
    app.exclude(&member);
    let rejected = app.apply(CHILDHOOD, &school_number(1));
    app.reject(&rejected.id);
    let withdrawn = app.apply(CHILDHOOD, &school_number(2));
    app.withdraw_application(&withdrawn);
    let leaving = app.admit(CHILDHOOD, &school_number(3), false);
    app.withdraw_member(&leaving);
    let letters = app.letters();
    let written: BTreeSet<String> = letters.iter().map(Read::template).collect();
    for template in [
        "application_received",
        "memorandum_issued",
        "memorandum_signed",
        "application_waiting",
        "decision_waiting",
        "application_accepted",
        "member_amended",
        "member_excluded",
        "application_rejected",
        "application_withdrawn",
        "member_withdrew",
    ] {
        assert!(written.contains(template), "{template}: {written:?}");
    }
    for read in &letters {
        let (id, state) = (read.letter.id, read.letter.state.to_string());
        assert_eq!(
            (state.as_str(), read.letter.attempts),
            ("sent", 1),
            "{read:#?}"
        );
        let internal = read.letter.recipient.to_string() == "secretariat";
        let to = if internal {
            "secretariat@registry.example"
        } else {
            "office@school.example"
        };
        assert!(read.header("To").contains(to), "{read:#?}");
        assert_eq!(
            read.header("Message-ID"),
            format!("<{id}@registry.example>")
        );
        assert_eq!(read.header("Auto-Submitted"), "auto-generated");
        assert!(
            read.header("Date").starts_with("Sun, 22 Nov 2026 09:00:00"),
            "{read:#?}"
        );
    }
    let excluded = letters
        .iter()
        .find(|read| read.template() == "member_excluded");
    let excluded = &excluded.unwrap().body;
    assert!(
        excluded.contains(&format!("https://registry.example/members/{member}")),
        "{excluded}"
    );
    let clause = violation()["clauses"][0].as_str().unwrap().to_owned();
    assert!(excluded.contains(&clause), "{excluded}");
    let rejected = letters
        .iter()
        .find(|read| read.template() == "application_rejected");
    let rejected = &rejected.unwrap().body;
    assert!(
        rejected.contains("Полномочия не подтверждены."),
        "{rejected}"
    );
}

fn a_letter_is_in_the_language_of_the_application(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    for (number, language) in [(1, "ru"), (2, "en")] {
        let mut application = application(&school_number(number));
        application["language"] = json!(language);
        app.apply_as(&app.staff.partner, CHILDHOOD, &application);
        // In the order of time.
        app.time_passes(chrono::TimeDelta::seconds(1));
    }
    let letters = app.letters();
    let to_contacts: Vec<_> = letters
        .iter()
        .filter(|read| read.template() == "application_received")
        .collect();
    let [russian, english] = to_contacts.as_slice() else {
        panic!("{letters:#?}");
    };
    assert_eq!(russian.header("Content-Language"), "ru");
    assert!(
        russian.header("Subject").contains("получено заявление"),
        "{russian:#?}"
    );
    assert!(
        russian.body.contains("Хартия «Цифровая этика детства»"),
        "{russian:#?}"
    );
    assert!(russian.body.contains("Гимназия № 1"), "{russian:#?}");
    assert!(
        russian.header("To").contains("Фамилия Имя Отчество"),
        "{russian:#?}"
    );
    assert_eq!(english.header("Content-Language"), "en");
    assert!(
        english.header("Subject").contains("application received"),
        "{english:#?}"
    );
    assert!(
        english
            .body
            .contains("Charter “Digital Ethics of Childhood”"),
        "{english:#?}"
    );
    let link = "https://registry.example/applications/";
    assert!(english.body.contains(link) && russian.body.contains(link));
}

fn a_request_that_is_refused_writes_no_letter(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply(CHILDHOOD, &school());
    app.withdraw_application(&applied);
    let before = templates(app);
    let path = application_path(&applied.id);
    for (step, body) in [
        ("withdrawal", json!({})),
        (
            "rejection",
            json!({"reason": "Полномочия не подтверждены."}),
        ),
        ("memorandum", json!({})),
    ] {
        let call = Call::post(format!("{path}/{step}")).token(&app.staff.clerk);
        let answer = app.send(call.json(&body));
        assert_eq!(answer.status, 409, "{step}");
    }
    assert_eq!(templates(app), before);
}

fn a_request_that_is_repeated_writes_no_second_letter(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let call = Call::post(format!("/v1/charters/{CHILDHOOD}/applications"))
        .token(&app.staff.partner)
        .header("idempotency-key", "once")
        .json(&application(&school()));
    for _ in 0..3 {
        app.send(call.clone()).must_be(201);
    }
    assert_eq!(templates(app), ["application_received"]);
}

fn senders_side_by_side_send_each_letter_once(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    for number in 0..8 {
        app.apply(CHILDHOOD, &school_number(number));
    }
    app.in_storage(async |desk| {
        let mut senders = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let desk = desk.clone();
            senders.spawn(async move {
                charter_registry::desk::letters::send::send_due(&desk)
                    .await
                    .unwrap()
            });
        }
        senders.join_all().await;
    });
    let letters = app.letters();
    assert_eq!(letters.len(), 8);
    for read in letters {
        assert_eq!(read.letter.attempts, 1, "{read:#?}");
    }
}
