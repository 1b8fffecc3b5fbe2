//! What is handed in as the signed memorandum is not what it says; the applicant is told so and hands in the right one.

use serde_json::json;

use crate::support::{
    app::TestApp,
    charters::CHILDHOOD,
    client::{Answer, Call},
    on_both_databases,
    organisations::school,
    pdf,
    steps::{Applied, application_path},
};

on_both_databases!(with letters: a_scan_that_is_not_what_it_says_is_refused_and_the_right_one_is_taken);

fn hand_in(app: &TestApp, applied: &Applied, media_type: &str, content: &[u8]) -> Answer {
    let path = format!("{}/memorandum/scan", application_path(&applied.id));
    let call = Call::put(path).token(&applied.token);
    app.send(call.body(media_type, content.to_vec()))
}

fn a_scan_that_is_not_what_it_says_is_refused_and_the_right_one_is_taken(app: &TestApp) {
    app.opens();
    let applied = app.apply(CHILDHOOD, &school());
    app.issue_memorandum(&applied.id);
    let scan = pdf::scan(0);
    let with_page = [scan.as_slice(), b"<script>alert(1)</script>"].concat();
    let lies: [(&str, &[u8], &str); 6] = [
        (
            "application/pdf",
            b"<!DOCTYPE html><p>signed</p>",
            "scan-wrong-type",
        ),
        (
            "application/pdf",
            b"PK\x03\x04 a letter in an office format",
            "scan-wrong-type",
        ),
        ("image/png", &scan, "scan-wrong-type"),
        ("image/jpeg", &scan, "scan-wrong-type"),
        ("application/pdf", &with_page, "scan-polyglot"),
        ("application/pdf", &scan[..scan.len() / 2], "scan-truncated"),
    ];
    let before = app.footprint();
    for (media_type, content, slug) in lies {
        hand_in(app, &applied, media_type, content).must_be_refused(422, slug);
    }
    assert_eq!(app.footprint(), before);
    let shown = app.application_at_desk(&applied.id);
    assert_eq!(shown["state"], "memorandum_issued");

    hand_in(app, &applied, "application/pdf", &scan).must_be(200);
    let path = format!("{}/memorandum/scan", application_path(&applied.id));
    let kept = app
        .send(Call::get(path).token(&app.staff.clerk))
        .must_be(200);
    assert_eq!(kept.body, scan);
    let member = app.approve(&app.propose_admission(&applied.id, &json!({"domainAttested": true})));
    assert_eq!(member["status"], "active");

    // What was refused has left no trace of a signature, and nobody was told of one.
    let deeds = app.deeds();
    let signed = deeds.iter().filter(|deed| *deed == "memorandum.signed");
    assert_eq!(signed.count(), 1, "{deeds:?}");
    let letters = app.letters_to_contact();
    let told = letters.iter().filter(|sent| *sent == "memorandum_signed");
    assert_eq!(told.count(), 1, "{letters:?}");
    app.all_is_well();
}
