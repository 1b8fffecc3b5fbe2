//! Membership credentials and status lists, as wallets and their verifiers meet them.

use charter_proof::{
    credential::{Membership, Refusal, jwt::verify_jwt, verify_credential},
    entry::Status,
    status_list::{ENTRIES, StatusList, verify_status_list},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::{Answer, Call, text},
    on_both_databases,
    organisations::{school, school_number},
    steps::{Proposed, application_path, member_path, violation},
};

on_both_databases!(
    a_member_shows_who_it_is_with_a_credential_in_either_form,
    the_same_credential_is_given_until_its_period_ends_or_the_membership_changes,
    an_excluded_member_gets_no_credential_from_then_on_and_its_old_one_is_revoked_for_good,
    a_suspension_is_listed_and_taken_back,
    who_is_readmitted_gets_another_place,
    a_status_list_is_a_document_with_a_tag_that_changes_with_it,
    lists_are_signed_again_a_day_before_they_lapse,
    a_missed_deadline_is_told,
    a_member_of_before_there_were_lists_gets_its_place_with_its_first_credential,
    a_full_list_is_followed_by_another,
    there_is_no_credential_and_no_list_where_nobody_names_one,
);

fn now(app: &TestApp) -> DateTime<Utc> {
    app.in_storage(async |desk| desk.now())
}

fn credential_path(member: &str) -> String {
    format!("{}/credential", member_path(member))
}

fn credential(app: &TestApp, member: &str) -> Answer {
    app.send(Call::get(credential_path(member))).must_be(200)
}

fn judged(app: &TestApp, credential: &[u8]) -> Result<Membership, Refusal> {
    verify_credential(credential, &app.trusted_keys(), now(app))
}

fn said(app: &TestApp, member: &str) -> Membership {
    judged(app, &credential(app, member).body).unwrap()
}

fn list_at(app: &TestApp, path: &str) -> StatusList {
    let answer = app.send(Call::get(path)).must_be(200);
    verify_status_list(&answer.body, &app.trusted_keys(), now(app)).unwrap()
}

/// What the lists say of a credential: whether it is revoked, and whether it is suspended.
fn listed(app: &TestApp, said: &Membership) -> (bool, bool) {
    let list = |purpose| list_at(app, &format!("/status/{purpose}/{}", said.place.list));
    let (revoked, suspended) = (list("revocation"), list("suspension"));
    (
        said.listed(&revoked).unwrap(),
        said.listed(&suspended).unwrap(),
    )
}

fn a_member(app: &TestApp) -> String {
    app.publish(&charters::definition(CHILDHOOD));
    app.admit(CHILDHOOD, &school(), false)
}

fn a_member_shows_who_it_is_with_a_credential_in_either_form(app: &TestApp) {
    let member = a_member(app);
    let answer = credential(app, &member);
    assert_eq!(answer.header("content-type"), "application/vc");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("vary"), "Accept");
    let of_document = judged(app, &answer.body).unwrap();
    let shown = app.member(&member).json();
    assert_eq!(of_document.member.to_string(), text(&shown, "/id"));
    assert_eq!(of_document.status, Status::Active);
    assert_eq!(of_document.charter, CHILDHOOD);
    let left = of_document.valid_until - now(app);
    assert!(TimeDelta::hours(23) <= left && left <= TimeDelta::hours(24));
    let record = app.newest_record(&member);
    let digest = charter_proof::canonical::Digest::of(&record);
    assert_eq!(of_document.record_digest, digest);
    assert_eq!(listed(app, &of_document), (false, false));

    let call = Call::get(credential_path(&member)).header("accept", "application/vc+jwt");
    let token = app.send(call).must_be(200);
    assert_eq!(token.header("content-type"), "application/vc+jwt");
    assert_eq!(token.header("cache-control"), "no-store");
    let token = String::from_utf8(token.body).unwrap();
    let of_token = verify_jwt(&token, &app.trusted_keys(), now(app)).unwrap();
    assert_eq!(of_token, of_document);
    app.send(Call::head(credential_path(&member))).must_be(200);
}

fn the_same_credential_is_given_until_its_period_ends_or_the_membership_changes(app: &TestApp) {
    let member = a_member(app);
    let first = credential(app, &member).body;
    assert_eq!(credential(app, &member).body, first);
    app.time_passes(TimeDelta::hours(1));
    let second = credential(app, &member).body;
    assert_ne!(second, first);
    assert_eq!(credential(app, &member).body, second);
    // What was given before is good until it ends.
    judged(app, &first).unwrap();

    app.amend(&member, &json!({"name": {"ru": "Другое имя"}}));
    let third = credential(app, &member).body;
    let said = judged(app, &third).unwrap();
    assert!(said.names.iter().any(|name| name.value == "Другое имя"));
    assert_eq!(said.place, judged(app, &first).unwrap().place);
    app.time_passes(TimeDelta::hours(24));
    assert!(matches!(judged(app, &first), Err(Refusal::Expired { .. })));
}

fn an_excluded_member_gets_no_credential_from_then_on_and_its_old_one_is_revoked_for_good(
    app: &TestApp,
) {
    let member = a_member(app);
    let other = app.admit(CHILDHOOD, &school_number(2), false);
    let before = said(app, &member);
    app.exclude(&member);
    for accept in ["application/vc", "application/vc+jwt"] {
        let call = Call::get(credential_path(&member)).header("accept", accept);
        let refused = app.send(call);
        refused.must_be_refused(409, "not-a-member");
        let record = text(&app.member(&member).json(), "/record");
        assert!(refused.text("/detail").contains(&record));
        assert!(refused.text("/detail").contains("excluded"));
    }
    assert_eq!(listed(app, &before), (true, false));
    assert_eq!(listed(app, &said(app, &other)), (false, false));
    let left = app.admit(CHILDHOOD, &school_number(3), false);
    let of_left = said(app, &left);
    app.withdraw_member(&left);
    app.send(Call::get(credential_path(&left)))
        .must_be_refused(409, "not-a-member");
    assert_eq!(listed(app, &of_left), (true, false));
    app.time_passes(TimeDelta::days(400));
    app.run_job("status-lists");
    assert_eq!(listed(app, &before), (true, false));
}

fn a_suspension_is_listed_and_taken_back(app: &TestApp) {
    let member = a_member(app);
    let before = said(app, &member);
    app.suspend(&member, &violation());
    assert_eq!(listed(app, &before), (false, true));
    let suspended = said(app, &member);
    assert_eq!(
        (suspended.status, suspended.place),
        (Status::Suspended, before.place)
    );
    let reinstatement = app.propose(
        &member,
        "reinstatement",
        &json!({
            "ground": "error_corrected",
            "statement": {"ru": "Приостановлено по ошибке."},
        }),
    );
    app.approve(&reinstatement);
    assert_eq!(listed(app, &before), (false, false));
    assert_eq!(said(app, &member).status, Status::Active);
}

fn who_is_readmitted_gets_another_place(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let again = app.apply_and_sign(CHILDHOOD, &school());
    let member = app.admit(CHILDHOOD, &school(), false);
    let before = said(app, &member);
    app.exclude(&member);
    let path = format!("{}/readmission", application_path(&again.id));
    let call = Call::post(path).token(&app.staff.registrars[0]);
    let answer = app.send(call.json(&json!({"member": member}))).must_be(201);
    app.approve(&Proposed {
        id: answer.text("/id"),
        digest: answer.text("/digest"),
    });
    let after = said(app, &member);
    assert_eq!(after.member, before.member);
    assert_ne!(after.place, before.place);
    assert_eq!(listed(app, &after), (false, false));
    assert_eq!(listed(app, &before), (true, false));
}

fn a_status_list_is_a_document_with_a_tag_that_changes_with_it(app: &TestApp) {
    let member = a_member(app);
    let path = "/status/revocation/1";
    let answer = app.send(Call::get(path)).must_be(200);
    assert_eq!(answer.header("content-type"), "application/vc");
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    let list = list_at(app, path);
    assert_eq!(list.bits.get(ENTRIES - 1), Some(false));
    assert_eq!(list.bits.count(), 0);
    assert_eq!(list.valid_until - list.valid_from, TimeDelta::hours(48));
    let ttl = answer.json().pointer("/credentialSubject/ttl").cloned();
    assert_eq!(ttl, Some(json!(300_000)));
    let tag = answer.header("etag");
    let again = Call::get(path).header("if-none-match", tag);
    app.send(again.clone()).must_be(304);
    let head = app.send(Call::head(path)).must_be(200);
    assert_eq!((head.header("etag"), head.body.len()), (tag, 0));
    // Who only comes changes no list; who leaves does.
    app.admit(CHILDHOOD, &school_number(2), false);
    app.send(again.clone()).must_be(304);
    app.exclude(&member);
    let changed = app.send(again).must_be(200);
    assert_ne!(changed.header("etag"), tag);
    assert_eq!(list_at(app, path).bits.count(), 1);
}

fn lists_are_signed_again_a_day_before_they_lapse(app: &TestApp) {
    a_member(app);
    let path = "/status/suspension/1";
    let before = list_at(app, path);
    app.time_passes(TimeDelta::hours(23));
    assert_eq!(app.run_job("status-lists"), 0);
    app.time_passes(TimeDelta::hours(2));
    assert_eq!(app.run_job("status-lists"), 1);
    assert_eq!(app.run_job("status-lists"), 0);
    let after = list_at(app, path);
    assert_eq!(after.bits, before.bits);
    assert_eq!(after.valid_until, now(app) + TimeDelta::hours(48));
    // Nothing of it is in the log.
    assert_eq!(app.log().len(), 6);
    // As after a rotation: what another key signed is signed again.
    app.tamper("UPDATE status_lists SET signed_by = 'z6Mkanother'");
    assert_eq!(app.run_job("status-lists"), 1);
}

fn a_missed_deadline_is_told(app: &TestApp) {
    a_member(app);
    let late = || app.send(Call::get("/readyz")).must_be(200).json()["late"].clone();
    assert_eq!(late(), json!([]));
    app.time_passes(TimeDelta::minutes(76));
    assert_eq!(late(), json!(["checkpoint"]));
    assert_eq!(app.run_job("checkpoint"), 1);
    assert_eq!(late(), json!([]));
    app.time_passes(TimeDelta::hours(25));
    assert_eq!(app.run_job("checkpoint"), 1);
    assert_eq!(late(), json!(["status-lists"]));
    let metrics = app.send(Call::get("/metrics")).must_be(200).body;
    let metrics = String::from_utf8(metrics).unwrap();
    assert!(metrics.contains("deadline_missed{deadline=\"status-lists\"}"));
    assert!(metrics.contains("status_lists_lapse_timestamp_seconds "));
    assert_eq!(app.run_job("status-lists"), 1);
    assert_eq!(late(), json!([]));
}

fn a_member_of_before_there_were_lists_gets_its_place_with_its_first_credential(app: &TestApp) {
    let member = a_member(app);
    let gone = app.admit(CHILDHOOD, &school_number(2), false);
    app.suspend(&member, &violation());
    // As an older database is brought up to date.
    app.tamper("DELETE FROM status_places");
    app.tamper("DELETE FROM status_lists");
    // Nobody ever held a credential that could be revoked.
    app.exclude(&gone);
    app.send(Call::get("/status/revocation/1"))
        .must_be_refused(404, "status-list-unknown");
    app.send(Call::get(credential_path(&gone)))
        .must_be_refused(409, "not-a-member");
    let log = app.log().len();
    let said = said(app, &member);
    assert_eq!(listed(app, &said), (false, true));
    assert_eq!(said.place, self::said(app, &member).place);
    assert_eq!(app.log().len(), log);
    app.exclude(&member);
    assert_eq!(listed(app, &said), (true, true));
}

fn a_full_list_is_followed_by_another(app: &TestApp) {
    let first = a_member(app);
    app.tamper("UPDATE status_lists SET taken = 65536");
    let second = app.admit(CHILDHOOD, &school_number(2), false);
    assert_eq!(said(app, &first).place.list, 1);
    let second_says = said(app, &second);
    assert_eq!(second_says.place.list, 2);
    app.exclude(&second);
    assert_eq!(listed(app, &second_says), (true, false));
    assert_eq!(list_at(app, "/status/revocation/1").bits.count(), 0);
}

fn there_is_no_credential_and_no_list_where_nobody_names_one(app: &TestApp) {
    let member = a_member(app);
    for unknown in [
        "/status/revocation/0",
        "/status/revocation/2",
        "/status/revocation/01",
        "/status/revocation/+1",
        "/status/revocation/-1",
        "/status/revocation/4294967296",
        "/status/revocation/4294967295",
        "/status/Revocation/1",
        "/status/message/1",
        "/status/%00/1",
    ] {
        app.send(Call::get(unknown))
            .must_be_refused(404, "status-list-unknown");
    }
    let nobody = "01920000-0000-7000-8000-000000000000";
    app.send(Call::get(credential_path(nobody)))
        .must_be_refused(404, "member-unknown");
    // Another charter's member is none of this one.
    let path = credential_path(&member).replace(CHILDHOOD, "open-government");
    app.send(Call::get(path))
        .must_be_refused(404, "member-unknown");
}
