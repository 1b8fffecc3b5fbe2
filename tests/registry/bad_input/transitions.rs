//! Every step of an application and of a membership in every state that does not allow it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use charter_proof::{entry::Status, keys::SecretKey};
use charter_registry::rules::{application::State, word::Word as _};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Case, refused, refuses, with};
use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::Call,
    on_both_databases,
    organisations::{ogrn, school_number},
    pdf,
    steps::{Applied, application_path, member_path, violation},
};

on_both_databases!(
    every_step_of_an_application_is_refused_in_every_state_that_does_not_allow_it,
    every_change_of_a_member_is_refused_in_every_status_that_does_not_allow_it,
    a_proposal_whose_application_ended_is_not_carried_out,
);

/// The states in which an application is open, or those in which it is not.
fn states(open: bool) -> Vec<State> {
    let all = State::all().iter().copied();
    all.filter(|state| state.is_open() == open).collect()
}

/// The steps of an application: how each is asked for, and the states that allow it.
fn steps(app: &TestApp, applied: &Applied) -> Vec<(&'static str, Call, Vec<State>)> {
    use State::{
        Confirmed, Lapsed, MemorandumIssued, MemorandumSigned, Received, Returned, Withdrawn,
    };
    let path = |step: &str| format!("{}/{step}", application_path(&applied.id));
    let (staff, token) = (&app.staff, applied.token.as_str());
    let signed = vec![MemorandumIssued, MemorandumSigned];
    let open = states(true);
    let key = SecretKey::from_seed([7; 32]);
    let signature = json!({
        "publicKeyMultibase": key.public().to_multibase(),
        "signature": STANDARD.encode(key.sign(b"")),
    });
    let because = json!({"reason": "Нет."});
    vec![
        (
            "confirm",
            Call::post(path("confirmation"))
                .token(&staff.clerk)
                .json(&json!({"how": "По телефону."})),
            open.clone(),
        ),
        (
            "return",
            Call::post(path("return"))
                .token(&staff.clerk)
                .json(&because),
            vec![Received, Confirmed, MemorandumIssued, MemorandumSigned],
        ),
        (
            "resubmit",
            Call::post(path("resubmission"))
                .token(token)
                .json(&json!({})),
            vec![Returned],
        ),
        (
            "reopen",
            Call::post(path("reopening")).token(&staff.registrars[0]),
            vec![Lapsed, Withdrawn],
        ),
        (
            "acknowledge",
            Call::post(path("matches/acknowledgement"))
                .token(&staff.clerk)
                .json(&because),
            open.clone(),
        ),
        (
            "assign",
            Call::patch(application_path(&applied.id))
                .token(&staff.clerk)
                .json(&json!({"assignee": "self"})),
            open.clone(),
        ),
        (
            "issue",
            Call::post(path("memorandum"))
                .token(&staff.clerk)
                .json(&json!({})),
            vec![Received, Confirmed, MemorandumIssued],
        ),
        (
            "scan",
            Call::put(path("memorandum/scan"))
                .token(token)
                .body("application/pdf", pdf::scan(0)),
            signed.clone(),
        ),
        (
            "sign",
            Call::put(path("memorandum/signature"))
                .token(token)
                .json(&signature),
            signed,
        ),
        (
            "admit",
            Call::post(path("admission"))
                .token(&staff.registrars[0])
                .json(&json!({})),
            vec![MemorandumSigned],
        ),
        (
            "reject",
            Call::post(path("rejection"))
                .token(&staff.clerk)
                .json(&json!({"reason": "Нет."})),
            open.clone(),
        ),
        (
            "withdraw",
            Call::post(path("withdrawal")).token(token),
            open,
        ),
        (
            "erase",
            Call::post(path("erasure")).token(&staff.clerk),
            states(false),
        ),
    ]
}

/// An application in this state.
fn application_in(app: &TestApp, state: State) -> Applied {
    let (number, _) = (1..)
        .zip(State::all())
        .find(|(_, one)| **one == state)
        .unwrap();
    let organisation = school_number(number);
    let applied = app.apply(CHILDHOOD, &organisation);
    match state {
        State::Received => {}
        State::MemorandumIssued => drop(app.issue_memorandum(&applied.id)),
        State::MemorandumSigned | State::Accepted => {
            app.issue_memorandum(&applied.id);
            app.upload_scan(&applied, pdf::scan(0));
            if state == State::Accepted {
                app.approve(&app.propose_admission(&applied.id, &json!({})));
            }
        }
        State::Rejected => drop(app.reject(&applied.id)),
        State::Withdrawn => drop(app.withdraw_application(&applied)),
        State::Confirmed => drop(app.confirm_by_word(&applied.id)),
        State::Returned => drop(app.return_for_correction(&applied.id, &[])),
        State::Lapsed => {
            app.time_passes(TimeDelta::days(91));
            // The others that wait in this test lapse with it, and were looked at before.
            app.lapse_due();
        }
    }
    let shown = Call::get(application_path(&applied.id)).token(&applied.token);
    assert_eq!(app.send(shown).must_be(200).text("/state"), state.as_str());
    applied
}

fn every_step_of_an_application_is_refused_in_every_state_that_does_not_allow_it(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let mut refusals = 0;
    for &state in State::all() {
        let applied = application_in(app, state);
        let cases: Vec<Case> = steps(app, &applied)
            .into_iter()
            .filter(|(_, _, allowed)| !allowed.contains(&state))
            .map(|(step, call, _)| {
                refused(
                    &format!("{step} while {state}"),
                    call,
                    409,
                    "application-state",
                )
            })
            .collect();
        refusals += cases.len();
        refuses(app, cases);
    }
    assert_eq!(refusals, 4 + 5 + 8 + 7 + 4 + 4 + 6 + 7 + 7 + 8 + 4 + 4 + 5);
}

/// The changes of a member: how each is asked for, and the statuses that allow it. `other` is a member.
fn changes(app: &TestApp, member: &str, other: &str) -> [(Call, &'static [Status]); 8] {
    const LIVING: &[Status] = &[Status::Active, Status::Suspended];
    let tag = app.member(member).header("etag").to_owned();
    let post = |change: &str, body: Value| {
        Call::post(format!("{}/{change}", member_path(member))).json(&body)
    };
    let statement = || json!({"statement": {"ru": "По письму."}});
    let upheld = with(&statement(), "/ground", json!("appeal_upheld"));
    let claims = with(&statement(), "/ground", json!("dissolved"));
    // The key is one that a former member holds.
    let claims = with(&claims, "/claims", json!([format!("RU-OGRN:{}", ogrn(9))]));
    let patch = json!({"aliases": ["Новая"]});
    #[rustfmt::skip]
    let changes = [
        (Call::patch(member_path(member)).header("if-match", tag).json(&patch), LIVING),
        (post("suspension", violation()), &[Status::Active][..]),
        (post("urgent-suspension", violation()), &[Status::Active]),
        (post("reinstatement", upheld), &[Status::Suspended]),
        (post("claim-reassignment", claims), LIVING),
        (post("merger", with(&statement(), "/into", json!(other))), LIVING),
        (post("exclusion", violation()), LIVING),
        (post("withdrawal", statement()), LIVING),
    ];
    changes.map(|(call, allowed)| (call.token(&app.staff.registrars[0]), allowed))
}

fn every_change_of_a_member_is_refused_in_every_status_that_does_not_allow_it(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let [other, former] = [8, 9].map(|number| app.admit(CHILDHOOD, &school_number(number), false));
    app.withdraw_member(&former);
    let member_in = |status: Status, number| {
        let member = app.admit(CHILDHOOD, &school_number(number), false);
        match status {
            Status::Active => {}
            Status::Suspended => drop(app.suspend(&member, &violation())),
            Status::Excluded => drop(app.exclude(&member)),
            Status::Withdrawn => drop(app.withdraw_member(&member)),
        }
        assert_eq!(app.member(&member).text("/status"), status.as_str());
        member
    };
    let mut cases = Vec::new();
    let mut allowed = Vec::new();
    for (&status, number) in Status::all().iter().zip(10..) {
        let member = member_in(status, number);
        for (change, (call, statuses)) in changes(app, &member, &other).into_iter().enumerate() {
            if statuses.contains(&status) {
                allowed.push((status, change));
            } else {
                let what = format!("a member that is {}", status.as_str());
                cases.push(refused(&what, call, 409, "membership-status"));
            }
        }
    }
    assert_eq!(cases.len(), 1 + 2 + 8 + 8);
    refuses(app, cases);
    // What the status allows is done, each to a member of its own.
    for ((status, change), number) in allowed.into_iter().zip(20..) {
        let member = member_in(status, number);
        let (call, _) = changes(app, &member, &other)[change].clone();
        let answer = app.send(call);
        assert!(
            answer.status < 300,
            "{change} while {status:?}: {}",
            answer.json()
        );
    }
}

fn a_proposal_whose_application_ended_is_not_carried_out(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let ends: [fn(&TestApp, &Applied); 2] = [
        |app, applied| drop(app.reject(&applied.id)),
        |app, applied| drop(app.withdraw_application(applied)),
    ];
    for (number, end) in (1..).zip(ends) {
        let applied = app.apply_and_sign(CHILDHOOD, &school_number(number));
        let decision = app.propose_admission(&applied.id, &json!({}));
        end(app, &applied);
        let call = Call::post(format!("/v1/decisions/{}/approval", decision.id));
        let call = call
            .token(&app.staff.registrars[1])
            .json(&json!({"digest": decision.digest}));
        refuses(app, [refused("ended", call, 409, "proposal-stale")]);
    }
}
