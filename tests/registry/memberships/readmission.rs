//! Former members: they return, or their keys go to others.

use charter_proof::entry::MemberEventKind;
use serde_json::{Value, json};

use super::{the_log_obeys_the_rules_of_claims, told};
use crate::{
    bad_input::{invalid_body, refused, refuses},
    support::{
        app::TestApp,
        charters::{self, CHILDHOOD},
        client::{Call, text},
        on_both_databases,
        organisations::{ogrn, school, school_number},
        proof::authentic,
        routes::NOBODY,
        steps::{Applied, Proposed, application_path, member_path},
    },
};

on_both_databases!(
    a_member_that_withdrew_returns_as_the_same_member_by_a_new_application,
    an_excluded_member_is_admitted_neither_anew_nor_under_another_name_with_its_number,
    keys_of_a_former_member_go_to_a_newcomer_by_the_decision_that_admits_it,
    keys_of_a_former_member_go_to_a_member_by_a_decision_of_two_registrars,
    a_readmission_that_cannot_be_is_refused,
    a_reassignment_that_cannot_be_is_refused,
    a_proposal_grows_stale_with_each_membership_that_it_is_about,
);

const NUMBER: &str = "RU-OGRN:1022800000002";
const DOMAIN: &str = "domain:school.example";

/// An application of the same organisation, signed while it could still apply, and the member that left since.
fn returning(app: &TestApp) -> (Applied, String) {
    app.publish(&charters::definition(CHILDHOOD));
    let again = app.apply_and_sign(CHILDHOOD, &school());
    let member = app.admit(CHILDHOOD, &school(), false);
    (again, member)
}

fn decide(
    app: &TestApp,
    application: &str,
    step: &str,
    body: &Value,
) -> crate::support::client::Answer {
    let path = format!("{}/{step}", application_path(application));
    let call = Call::post(path).token(&app.staff.registrars[0]);
    app.send(call.json(body))
}

fn proposed(app: &TestApp, application: &str, step: &str, body: &Value) -> Proposed {
    let answer = decide(app, application, step, body).must_be(201);
    Proposed {
        id: answer.text("/id"),
        digest: answer.text("/digest"),
    }
}

fn a_member_that_withdrew_returns_as_the_same_member_by_a_new_application(app: &TestApp) {
    let (again, member) = returning(app);
    app.withdraw_member(&member);
    // It returns without its domain, which becomes free.
    let decision = proposed(app, &again.id, "readmission", &json!({"member": member}));
    let shown =
        app.send(Call::get(format!("/v1/decisions/{}", decision.id)).token(&app.staff.auditor));
    assert_eq!(shown.text("/kind"), "readmission");
    assert_eq!(shown.text("/member"), member);
    assert_eq!(shown.text("/application"), again.id);
    let readmitted = app.approve(&decision);
    assert_eq!(text(&readmitted, "/id"), member);
    assert_eq!(text(&readmitted, "/number"), "000001");
    assert_eq!(text(&readmitted, "/status"), "active");
    assert_eq!(app.events(&member), ["included", "withdrew", "readmitted"]);
    let said = authentic(&app.newest_record(&member), &app.trusted_keys());
    assert_eq!(said.event, MemberEventKind::Readmitted);
    let both = vec![NUMBER.to_owned(), DOMAIN.to_owned()];
    assert_eq!(
        told(app, &[NUMBER, DOMAIN]),
        [
            ("included".to_owned(), member.clone(), both.clone()),
            ("withdrew".to_owned(), member.clone(), both),
            (
                "readmitted".to_owned(),
                member.clone(),
                vec![NUMBER.to_owned()]
            ),
        ]
    );
    let path = application_path(&again.id);
    let application = app.send(Call::get(path).token(&again.token));
    assert_eq!(application.text("/state"), "accepted");
    assert_eq!(application.text("/membership"), member);
    let mut other = school_number(1);
    other["domain"] = json!("school.example");
    app.admit(CHILDHOOD, &other, false);
    the_log_obeys_the_rules_of_claims(app);
}

fn an_excluded_member_is_admitted_neither_anew_nor_under_another_name_with_its_number(
    app: &TestApp,
) {
    app.publish(&charters::definition(CHILDHOOD));
    let mut renamed = school();
    renamed["name"] = json!({"ru": "Лицей будущего"});
    renamed.as_object_mut().unwrap().remove("domain");
    let mut renumbered = school_number(1);
    renumbered["domain"] = school()["domain"].clone();
    let returns = [school(), renamed, renumbered].map(|one| app.apply_and_sign(CHILDHOOD, &one));
    let member = app.admit(CHILDHOOD, &school(), false);
    app.exclude(&member);
    for (applied, attested) in returns.iter().zip([true, false, true]) {
        let before = app.footprint();
        let body = json!({"domainAttested": attested});
        let answer = decide(app, &applied.id, "admission", &body);
        answer.clone().must_be_refused(409, "former-member");
        // It names the two ways.
        let detail = answer.text("/detail");
        assert!(
            detail.contains(&member) && detail.contains("readmission"),
            "{detail}"
        );
        assert!(detail.contains("reassign"), "{detail}");
        assert_eq!(app.footprint(), before);
    }
    // The way back is one for the excluded, too.
    let body = json!({"member": member, "domainAttested": true});
    let readmitted = app.approve(&proposed(app, &returns[2].id, "readmission", &body));
    assert_eq!(text(&readmitted, "/number"), "000001");
    let number = format!("RU-OGRN:{}", ogrn(1));
    let told = told(app, &[NUMBER, DOMAIN, &number]);
    assert_eq!(told.last().unwrap().2, [number, DOMAIN.to_owned()]);
    the_log_obeys_the_rules_of_claims(app);
}

fn keys_of_a_former_member_go_to_a_newcomer_by_the_decision_that_admits_it(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let mut newcomer = school_number(1);
    newcomer["domain"] = school()["domain"].clone();
    let applied = app.apply_and_sign(CHILDHOOD, &newcomer);
    let former = app.admit(CHILDHOOD, &school(), false);
    let body = json!({"domainAttested": true, "reassignFrom": former});
    decide(app, &applied.id, "admission", &body).must_be_refused(409, "already-a-member");
    app.withdraw_member(&former);
    let decision = proposed(app, &applied.id, "admission", &body);
    let shown =
        app.send(Call::get(format!("/v1/decisions/{}", decision.id)).token(&app.staff.auditor));
    assert_eq!(shown.text("/reassigned/from"), former);
    assert_eq!(shown.json()["reassigned"]["claims"], json!([DOMAIN]));
    let member = text(&app.approve(&decision), "/id");
    let number = format!("RU-OGRN:{}", ogrn(1));
    let told = told(app, &[NUMBER, DOMAIN, &number]);
    let [.., (moved, to, claim), (kind, included, claims)] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!(
        (moved, to, claim),
        (&format!("{former}→"), &member, &vec![DOMAIN.to_owned()])
    );
    assert_eq!((kind.as_str(), included), ("included", &member));
    assert_eq!(claims, &[number, DOMAIN.to_owned()]);
    assert_eq!(text(&app.history(&member)[0], "/other"), former);
    the_log_obeys_the_rules_of_claims(app);
}

fn keys_of_a_former_member_go_to_a_member_by_a_decision_of_two_registrars(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let former = app.admit(CHILDHOOD, &school(), false);
    let member = app.admit(CHILDHOOD, &school_number(1), false);
    app.withdraw_member(&former);
    let amended = app.approve(&app.propose(
        &member,
        "claim-reassignment",
        &reassignment(&[NUMBER, DOMAIN]),
    ));
    assert_eq!(text(&amended, "/domain"), "school.example");
    assert_eq!(amended["identifiers"].as_array().unwrap().len(), 2);
    let record: Value = serde_json::from_slice(&app.newest_record(&member)).unwrap();
    assert_eq!(record["credentialSubject"]["domain"], "school.example");
    assert_eq!(
        record["credentialSubject"]["decision"]["ground"],
        "dissolved"
    );
    let kinds: Vec<_> = told(app, &[NUMBER, DOMAIN, &format!("RU-OGRN:{}", ogrn(1))])
        .into_iter()
        .map(|(kind, ..)| kind)
        .collect();
    let moved = format!("{former}→");
    assert_eq!(kinds[3..], [moved.clone(), moved, "amended".to_owned()]);
    assert_eq!(text(&app.history(&member)[1], "/other"), former);
    the_log_obeys_the_rules_of_claims(app);
}

fn a_readmission_that_cannot_be_is_refused(app: &TestApp) {
    let (again, member) = returning(app);
    let unsigned = app.apply(CHILDHOOD, &school_number(1));
    let to = |id: &str, body: Value| {
        let path = format!("{}/readmission", application_path(id));
        Call::post(path).token(&app.staff.registrars[0]).json(&body)
    };
    let of = |member: &str| json!({"member": member, "domainAttested": true});
    let taken = json!({"member": member, "domainAttested": true});
    refuses(
        app,
        [refused(
            "a present member",
            to(&again.id, taken),
            409,
            "membership-status",
        )],
    );
    app.withdraw_member(&member);
    #[rustfmt::skip]
    let cases = [
        invalid_body("no member", to(&again.id, json!({})), "/member", "missing_field"),
        invalid_body("no identifier", to(&again.id, json!({"member": "1"})), "/member", "invalid_value"),
        invalid_body("nobody", to(&again.id, of(NOBODY)), "/member", "unknown_member"),
        invalid_body("an unknown field", to(&again.id, json!({"member": member, "founder": true})), "/founder", "unknown_field"),
        refused("not signed", to(&unsigned.id, of(&member)), 409, "application-state"),
        refused("no application", to(NOBODY, of(&member)), 404, "application-unknown"),
        refused("changed", to(&again.id, of(&member)).header("if-match", "\"1\""), 412, "changed"),
        refused("nothing of another", to(&again.id, json!({"member": member, "reassignFrom": NOBODY})), 409, "nothing-to-reassign"),
    ];
    refuses(app, cases);
    let decision = proposed(app, &again.id, "readmission", &of(&member));
    refuses(
        app,
        [refused(
            "twice",
            to(&again.id, of(&member)),
            409,
            "already-proposed",
        )],
    );
    app.approve(&decision);
    refuses(
        app,
        [refused(
            "once more",
            to(&again.id, of(&member)),
            409,
            "membership-status",
        )],
    );
}

fn reassignment(claims: &[&str]) -> Value {
    json!({
        "claims": claims,
        "domainAttested": true,
        "ground": "dissolved",
        "statement": {"ru": "Прежний участник ликвидирован."},
    })
}

fn a_reassignment_that_cannot_be_is_refused(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let [former, second, member, third] = [
        school(),
        school_number(1),
        school_number(2),
        school_number(3),
    ]
    .map(|one| app.admit(CHILDHOOD, &one, false));
    app.exclude(&former);
    app.withdraw_member(&second);
    let to = |id: &str| {
        let path = format!("{}/claim-reassignment", member_path(id));
        Call::post(path).token(&app.staff.registrars[0])
    };
    let take = |claims: &[&str]| to(&member).json(&reassignment(claims));
    let set = |place: &str, value: Value| {
        to(&member).json(&crate::bad_input::with(
            &reassignment(&[NUMBER]),
            place,
            value,
        ))
    };
    let key = |number| format!("RU-OGRN:{}", ogrn(number));
    let many: Vec<String> = (0..12).map(|number| format!("TEST:{number}")).collect();
    let unattested = json!({"claims": [DOMAIN], "ground": "dissolved", "statement": {"ru": "Да."}});
    #[rustfmt::skip]
    let cases = [
        invalid_body("no keys", set("/claims", json!([])), "/claims", "wrong_count"),
        invalid_body("twelve keys", set("/claims", json!(many)), "/claims", "wrong_count"),
        invalid_body("no key", set("/claims", json!(["school.example"])), "/claims/0", "malformed_key"),
        invalid_body("a wrong check digit", set("/claims", json!([NUMBER, "RU-OGRN:1022800000003"])), "/claims/1", "wrong_check_digit"),
        invalid_body("no domain", set("/claims", json!(["domain:a b"])), "/claims/0", "forbidden_character"),
        invalid_body("a number", set("/claims", json!([1])), "/claims/0", "wrong_type"),
        invalid_body("no ground for it", set("/ground", json!("charter_violation")), "/ground", "not_a_ground_to_reassign"),
        invalid_body("no statement", set("/statement", json!({})), "/statement", "empty"),
        refused("not attested", to(&member).json(&unattested), 422, "domain-proof-required"),
        refused("a present member's", take(&[&key(3)]), 409, "already-a-member"),
        refused("its own", take(&[&key(2)]), 409, "nothing-to-reassign"),
        refused("nobody's", take(&[&key(4)]), 409, "nothing-to-reassign"),
        refused("of two", take(&[NUMBER, &key(1)]), 409, "several-holders"),
        refused("to a former member", to(&second).json(&reassignment(&[NUMBER])), 409, "membership-status"),
        refused("to nobody", to(NOBODY).json(&reassignment(&[NUMBER])), 404, "member-unknown"),
        refused("changed", take(&[NUMBER]).header("if-match", "\"0\""), 412, "changed"),
    ];
    refuses(app, cases);
    // Two members want the same key: the second approval finds that it is gone.
    let [one, other] =
        [&member, &third].map(|to| app.propose(to, "claim-reassignment", &reassignment(&[NUMBER])));
    app.approve(&one);
    let before = app.footprint();
    app.approval(&other)
        .must_be_refused(409, "already-a-member");
    assert_eq!(app.footprint(), before);
}

fn a_proposal_grows_stale_with_each_membership_that_it_is_about(app: &TestApp) {
    let (again, member) = returning(app);
    let other = app.apply_and_sign(CHILDHOOD, &school_number(1));
    app.withdraw_member(&member);
    let body = json!({"member": member, "domainAttested": true});
    let [one, second] = [&again, &other].map(|applied| {
        let attested = applied.id == again.id;
        let body = json!({"member": member, "domainAttested": attested});
        proposed(app, &applied.id, "readmission", &body)
    });
    app.approve(&second);
    let before = app.footprint();
    app.approval(&one).must_be_refused(409, "proposal-stale");
    assert_eq!(app.footprint(), before);
    decide(app, &again.id, "readmission", &body).must_be_refused(409, "membership-status");
}
