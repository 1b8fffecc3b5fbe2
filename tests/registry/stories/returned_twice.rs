//! An application is returned before and after it was signed; the member has the name that was right in the end.

use serde_json::json;

use crate::support::{
    app::TestApp, charters::CHILDHOOD, client::Call, on_both_databases, organisations::school, pdf,
    steps::application_path,
};

on_both_databases!(with letters: an_application_that_was_returned_twice_becomes_a_member);

fn an_application_that_was_returned_twice_becomes_a_member(app: &TestApp) {
    app.opens();
    let applied = app.apply(CHILDHOOD, &school());
    app.return_for_correction(&applied.id, &["/organisation/name/ru", "/contact"]);
    let call = Call::get(application_path(&applied.id)).token(&applied.token);
    let returned = app.send(call).must_be(200).json();
    assert_eq!(returned["returned"]["reason"], "Исправьте, пожалуйста.");
    assert_eq!(
        returned["returned"]["fields"],
        json!(["/organisation/name/ru", "/contact"])
    );
    assert_eq!(returned.get("desk"), None);
    let named =
        json!({"organisation": {"name": {"ru": "Средняя школа № 1 города Тынды", "en": null}}});
    let again = app.resubmit(&applied, &named).json();
    assert_eq!(again["state"], "received");
    assert_eq!(
        again["organisation"]["name"],
        json!({"ru": "Средняя школа № 1 города Тынды"})
    );
    assert_eq!(again.get("returned"), None);

    app.issue_memorandum(&applied.id);
    app.upload_scan(&applied, pdf::scan(0));
    // Signed, and then the name turns out to be wrong again: what was signed is void.
    let decision = app.propose_admission(&applied.id, &json!({}));
    app.return_for_correction(&applied.id, &[]);
    let call = Call::post(format!("/v1/decisions/{}/approval", decision.id));
    let call = call.token(&app.staff.registrars[1]);
    app.send(call.json(&json!({"digest": decision.digest})))
        .must_be_refused(409, "proposal-stale");
    let named = json!({"organisation": {"name": {"ru": "Средняя школа № 11 города Тынды"}}});
    assert_eq!(app.resubmit(&applied, &named).text("/state"), "received");
    let memorandum = Call::get(format!("{}/memorandum", application_path(&applied.id)));
    app.send(memorandum.token(&applied.token))
        .must_be_refused(404, "memorandum-not-issued");

    app.issue_memorandum(&applied.id);
    let body = String::from_utf8(app.memorandum(&applied)).unwrap();
    assert!(body.contains("школа № 11"), "{body}");
    app.upload_scan(&applied, pdf::scan(1));
    let member = app.approve(&app.propose_admission(&applied.id, &json!({})));
    assert_eq!(member["name"]["ru"], "Средняя школа № 11 города Тынды");

    let letters = app.letters_to_contact();
    let count = |template| letters.iter().filter(|sent| *sent == template).count();
    assert_eq!(count("application_returned"), 2, "{letters:?}");
    assert_eq!(count("memorandum_issued"), 2, "{letters:?}");
    assert_eq!(count("application_accepted"), 1, "{letters:?}");
    let deeds = app.deeds();
    let returned = deeds.iter().filter(|deed| *deed == "application.returned");
    assert_eq!(returned.count(), 2, "{deeds:?}");
    let resubmitted = deeds
        .iter()
        .filter(|deed| *deed == "application.resubmitted");
    assert_eq!(resubmitted.count(), 2, "{deeds:?}");
    app.all_is_well();
}
