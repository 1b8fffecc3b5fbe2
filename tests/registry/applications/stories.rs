//! Applications that take their time: corrected, lapsed, taken up again.

use chrono::TimeDelta;
use serde_json::json;

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::{Call, text},
    on_both_databases,
    organisations::{application, school, school_number},
    pdf,
    steps::{Applied, application_path},
};

on_both_databases!(
    a_memorandum_stands_while_what_it_names_does,
    an_application_lapses_by_its_charters_term_and_goes_on_where_it_stood,
    a_withdrawn_application_is_taken_up_again_and_a_rejected_one_is_not,
    a_referral_names_an_active_member_and_a_campaign_its_region,
);

fn state(app: &TestApp, applied: &Applied) -> String {
    text(&app.application_at_desk(&applied.id), "/state")
}

fn a_memorandum_stands_while_what_it_names_does(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply_and_sign(CHILDHOOD, &school());
    app.return_for_correction(&applied.id, &["/organisation/website"]);
    let website = json!({"organisation": {"website": "https://www.school.example/new"}});
    let answer = app.resubmit(&applied, &website);
    assert_eq!(answer.text("/state"), "memorandum_signed");
    app.return_for_correction(&applied.id, &["/contact/name"]);
    let signatory = json!({"contact": {"name": "Другая Имя Отчество"}});
    assert_eq!(
        app.resubmit(&applied, &signatory).text("/state"),
        "received"
    );
}

fn an_application_lapses_by_its_charters_term_and_goes_on_where_it_stood(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply(CHILDHOOD, &school());
    let signed = app.apply_and_sign(CHILDHOOD, &school_number(1));
    app.issue_memorandum(&applied.id);
    // The charter gives ninety days.
    app.time_passes(TimeDelta::days(90) - TimeDelta::seconds(1));
    assert_eq!(app.lapse_due(), 0);
    app.return_for_correction(&applied.id, &[]);
    app.resubmit(&applied, &json!({}));
    // Each step begins the term anew.
    app.time_passes(TimeDelta::days(89));
    assert_eq!(app.lapse_due(), 0);
    app.time_passes(TimeDelta::days(1));
    assert_eq!(app.lapse_due(), 1);
    assert_eq!(app.lapse_due(), 0);
    assert_eq!(state(app, &applied), "lapsed");
    // What waits for the registrars does not lapse.
    assert_eq!(state(app, &signed), "memorandum_signed");
    let before = app.footprint();
    let scan = Call::put(format!("{}/memorandum/scan", application_path(&applied.id)));
    let scan = scan
        .token(&applied.token)
        .body("application/pdf", pdf::scan(0));
    app.send(scan.clone())
        .must_be_refused(409, "application-state");
    assert_eq!(app.footprint(), before);
    let reopened = app.reopen(&applied.id).json();
    assert_eq!(reopened["state"], "memorandum_issued");
    assert_eq!(reopened["lapsesAt"], "2027-08-19T08:59:59Z");
    app.send(scan).must_be(200);
    let member = app.approve(&app.propose_admission(&applied.id, &json!({"domainAttested": true})));
    assert_eq!(member["status"], "active");
}

fn a_withdrawn_application_is_taken_up_again_and_a_rejected_one_is_not(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let [withdrawn, rejected] = [1, 2].map(|number| app.apply(CHILDHOOD, &school_number(number)));
    app.confirm_by_word(&withdrawn.id);
    app.withdraw_application(&withdrawn);
    assert_eq!(app.reopen(&withdrawn.id).text("/state"), "confirmed");
    app.reject(&rejected.id);
    let path = format!("{}/reopening", application_path(&rejected.id));
    app.send(Call::post(path).token(&app.staff.clerk))
        .must_be_refused(409, "application-state");
}

fn a_referral_names_an_active_member_and_a_campaign_its_region(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school_number(1), false);
    let mut referred = application(&school_number(2));
    referred["origin"] = json!("member_referral");
    referred["referrer"] = json!(member);
    let applied = app.apply_as("", CHILDHOOD, &referred);
    assert_eq!(
        app.application_at_desk(&applied.id)["referrer"],
        json!(member)
    );
    let mut campaign = application(&school_number(3));
    campaign["origin"] = json!("regional_campaign");
    let applied = app.apply_as("", CHILDHOOD, &campaign);
    assert_eq!(app.application_at_desk(&applied.id)["campaign"], "RU-AMU");
    app.exclude(&member);
    let before = app.footprint();
    referred["organisation"] = school_number(4);
    let path = format!("/v1/charters/{CHILDHOOD}/applications");
    app.send(Call::post(path).json(&referred))
        .must_be_refused(422, "referrer-unknown");
    assert_eq!(app.footprint(), before);
}
