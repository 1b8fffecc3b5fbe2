//! How memberships begin and end.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use charter_proof::{
    entry::{Event, MemberEventKind},
    keys::{SecretKey, claim_hash},
};
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::{Call, text},
    on_both_databases,
    organisations::{application, school, school_number},
    proof::authentic,
    steps::{application_path, violation},
};

on_both_databases!(
    an_organisation_that_applies_and_signs_is_admitted_by_two_registrars_and_its_record_verifies,
    neither_a_member_nor_a_former_member_is_taken_for_a_newcomer,
    of_two_applications_of_one_organisation_only_one_is_admitted,
    a_domain_that_nobody_attested_stands_in_no_record_and_is_no_key,
    a_memorandum_signed_with_a_key_admits_like_one_signed_by_hand,
    a_member_that_asks_to_leave_has_left_with_its_statement,
    the_longest_record_is_verified_like_any_other,
);

fn an_organisation_that_applies_and_signs_is_admitted_by_two_registrars_and_its_record_verifies(
    app: &TestApp,
) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    let record = app.newest_record(&member);
    let said = authentic(&record, &app.trusted_keys());
    assert_eq!(said.member.to_string(), member);
    assert_eq!(text(&app.verdict(&record), "/verdict"), "authentic");
}

fn neither_a_member_nor_a_former_member_is_taken_for_a_newcomer(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    let with = |field: &str, value: Value| {
        let mut organisation = school_number(7);
        organisation[field] = value;
        organisation
    };
    let again = [
        school(),
        with("identifiers", school()["identifiers"].clone()),
        with("domain", json!("WWW.School.Example.")),
    ];
    let path = format!("/v1/charters/{CHILDHOOD}/applications");
    for organisation in &again {
        let before = app.footprint();
        let call = Call::post(&path).token(&app.staff.partner);
        let answer = app.send(call.json(&application(organisation)));
        answer.must_be_refused(409, "already-a-member");
        assert_eq!(app.footprint(), before);
    }
    app.exclude(&member);
    for organisation in &again {
        let applied = app.apply_and_sign(CHILDHOOD, organisation);
        let before = app.footprint();
        let path = format!("{}/admission", application_path(&applied.id));
        let call = Call::post(path).token(&app.staff.registrars[0]);
        let has_domain = organisation.get("domain").is_some();
        let answer = app.send(call.json(&json!({"domainAttested": has_domain})));
        answer.must_be_refused(409, "former-member");
        assert_eq!(app.footprint(), before);
    }
    app.apply(CHILDHOOD, &school_number(8));
}

fn of_two_applications_of_one_organisation_only_one_is_admitted(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let decisions = [0, 1].map(|_| {
        let applied = app.apply_and_sign(CHILDHOOD, &school());
        app.propose_admission(&applied.id, &json!({"domainAttested": true}))
    });
    app.approve(&decisions[0]);
    let before = app.footprint();
    let call = Call::post(format!("/v1/decisions/{}/approval", decisions[1].id));
    let call = call.token(&app.staff.registrars[1]);
    let answer = app.send(call.json(&json!({"digest": decisions[1].digest})));
    answer.must_be_refused(409, "already-a-member");
    assert_eq!(app.footprint(), before);
    assert_eq!(app.find(&[]).len(), 1);
}

fn a_domain_that_nobody_attested_stands_in_no_record_and_is_no_key(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply_and_sign(CHILDHOOD, &school());
    let decision = app.propose_admission(&applied.id, &json!({}));
    let member = app.approve(&decision);
    assert_eq!(member.get("domain"), None);
    let id = text(&member, "/id");
    let record: Value = serde_json::from_slice(&app.newest_record(&id)).unwrap();
    assert_eq!(record["credentialSubject"].get("domain"), None);
    let log = app.logged();
    let Event::Member { claims, .. } = &log.last().unwrap().event else {
        panic!("{log:?}");
    };
    assert_eq!(claims, &[claim_hash(CHILDHOOD, "RU-OGRN:1022800000002")]);
    // Another organisation may prove that the domain is its own.
    let mut other = school_number(1);
    other["domain"] = json!("school.example");
    let other = app.apply_and_sign(CHILDHOOD, &other);
    // Somebody has looked at its having its pages where the member has them.
    app.acknowledge_matches(&other.id);
    let terms = json!({"domainAttested": true});
    app.approve(&app.propose_admission(&other.id, &terms));
}

fn a_memorandum_signed_with_a_key_admits_like_one_signed_by_hand(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply(CHILDHOOD, &school());
    app.issue_memorandum(&applied.id);
    let key = SecretKey::from_seed([7; 32]);
    let signature = key.sign(&app.memorandum(&applied));
    let path = format!("{}/memorandum/signature", application_path(&applied.id));
    let call = Call::put(path).token(&applied.token).json(&json!({
        "publicKeyMultibase": key.public().to_multibase(),
        "signature": STANDARD.encode(signature),
        "signedOn": "2026-11-20",
    }));
    assert_eq!(
        app.send(call).must_be(200).text("/state"),
        "memorandum_signed"
    );
    let decision = app.propose_admission(&applied.id, &json!({"domainAttested": true}));
    let member = app.approve(&decision);
    assert_eq!(text(&member, "/memorandum/form"), "ed25519");
    assert_eq!(text(&member, "/memorandum/signedOn"), "2026-11-20");
    authentic(
        &app.newest_record(&text(&member, "/id")),
        &app.trusted_keys(),
    );
}

fn a_member_that_asks_to_leave_has_left_with_its_statement(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    let left = app.withdraw_member(&member);
    assert_eq!(left.text("/status"), "withdrawn");
    let record = app.newest_record(&member);
    let said = authentic(&record, &app.trusted_keys());
    assert_eq!(said.event, MemberEventKind::Withdrew);
    let record: Value = serde_json::from_slice(&record).unwrap();
    let decision = &record["credentialSubject"]["decision"];
    assert_eq!(decision["ground"], "own_request");
    assert_eq!(decision["statement"][0]["@value"], "По письму участника.");
}

fn the_longest_record_is_verified_like_any_other(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    let languages = || (b'a'..=b'z').flat_map(|one| [b'a', b'b'].map(|two| [one, two]));
    let localized = |length: usize| -> Value {
        languages()
            .take(50)
            .map(|tag| {
                let tag = String::from_utf8(tag.to_vec()).unwrap();
                (tag, Value::from("я".repeat(length)))
            })
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let aliases: Vec<String> = (10..30)
        .map(|number| format!("{number}{}", "я".repeat(298)))
        .collect();
    let mut names = localized(300);
    for dropped in ["ru", "en"] {
        names[dropped] = Value::Null;
    }
    app.amend(&member, &json!({"name": names, "aliases": aliases}));
    let mut reasons = violation();
    reasons["statement"] = localized(600);
    app.approve(&app.propose_exclusion(&member, &reasons));
    let record = app.newest_record(&member);
    assert!(record.len() > 64 * 1024, "only {} bytes", record.len());
    authentic(&record, &app.trusted_keys());
    assert_eq!(text(&app.verdict(&record), "/verdict"), "authentic");
}
