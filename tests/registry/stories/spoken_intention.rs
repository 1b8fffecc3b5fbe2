//! Somebody says on the telephone that a school wants to join; a clerk writes it down, and it becomes a member.

use serde_json::{Value, json};

use crate::support::{
    app::TestApp, charters::CHILDHOOD, on_both_databases, organisations::school_number, pdf,
};

on_both_databases!(with letters: an_oral_intention_becomes_a_member);

fn an_oral_intention_becomes_a_member(app: &TestApp) {
    app.opens();
    let spoken = json!({
        "organisation": school_number(1),
        "contact": {"name": "Фамилия Имя", "position": "Директор", "phone": "+7 416 222-33-44"},
        "channel": "oral",
        "entered": {"receivedOn": "2026-11-20", "how": "Звонок в секретариат"},
    });
    let applied = app.apply_as(&app.staff.clerk, CHILDHOOD, &spoken);
    let shown = app.application_at_desk(&applied.id);
    assert_eq!(shown["channel"], "oral");
    assert_eq!(shown["desk"]["entered"]["receivedOn"], "2026-11-20");
    assert_eq!(shown["desk"]["entered"]["how"], "Звонок в секретариат");
    assert_ne!(shown["desk"]["entered"]["by"], Value::Null);

    let confirmed = app.confirm_by_word(&applied.id);
    assert_eq!(confirmed.text("/state"), "confirmed");
    app.issue_memorandum(&applied.id);
    app.upload_scan(&applied, pdf::scan(0));
    let member = app.approve(&app.propose_admission(&applied.id, &json!({})));
    assert_eq!(member["status"], "active");
    let accepted = app.application_at_desk(&applied.id);
    assert_eq!(accepted["state"], "accepted");
    assert_eq!(accepted["membership"], member["id"]);

    // Whoever has only a telephone gets no letter, and nobody tries to send one.
    assert_eq!(app.letters_to_contact(), [""; 0]);
    assert_eq!(
        app.deeds(),
        [
            "application.submitted",
            "application.confirmed",
            "memorandum.issued",
            "memorandum.signed",
            "admission.proposed",
            "decision.proposed",
            "decision.approved",
            "application.accepted",
            "member.included",
        ]
    );
    app.all_is_well();
}
