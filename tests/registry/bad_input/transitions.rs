//! Every step of an application and of a membership in every state that does not allow it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use charter_proof::{entry::Status, keys::SecretKey};
use charter_registry::{
    rules::{
        application::State,
        id::{ApplicationId, MemberId},
        word::Word as _,
    },
    storage::{applications::Application, memberships::Membership},
};
use serde_json::json;

use super::{Case, refused, refuses};
use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::Call,
    on_both_databases,
    organisations::school_number,
    pdf,
    steps::{Applied, application_path, member_path, violation},
};

on_both_databases!(
    every_step_of_an_application_is_refused_in_every_state_that_does_not_allow_it,
    every_change_of_a_member_is_refused_in_every_status_that_does_not_allow_it,
    a_proposal_whose_application_ended_is_not_carried_out,
);

/// The steps of an application: how each is asked for, and the states that allow it.
fn steps(app: &TestApp, applied: &Applied) -> [(&'static str, Call, Vec<State>); 6] {
    use State::{Confirmed, MemorandumIssued, MemorandumSigned, Received, Returned};
    let path = |step: &str| format!("{}/{step}", application_path(&applied.id));
    let (staff, token) = (&app.staff, applied.token.as_str());
    let signed = vec![MemorandumIssued, MemorandumSigned];
    let open = vec![
        Received,
        Confirmed,
        MemorandumIssued,
        MemorandumSigned,
        Returned,
    ];
    let key = SecretKey::from_seed([7; 32]);
    let signature = json!({
        "publicKeyMultibase": key.public().to_multibase(),
        "signature": STANDARD.encode(key.sign(b"")),
    });
    [
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
    ]
}

/// An application in this state, by requests where there are any, and in storage where there are none yet.
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
        State::Confirmed | State::Returned | State::Lapsed => app.in_storage(async |desk| {
            let mut tx = desk.database.begin().await.unwrap();
            let id = ApplicationId(applied.id.parse().unwrap());
            let mut application = Application::lock(&mut tx, id).await.unwrap().unwrap();
            application.state = state;
            application.update(&mut tx, desk.now()).await.unwrap();
            tx.commit().await.unwrap();
        }),
    }
    let shown = Call::get(application_path(&applied.id)).token(&applied.token);
    assert_eq!(app.send(shown).must_be(200).text("/state"), state.as_str());
    applied
}

fn every_step_of_an_application_is_refused_in_every_state_that_does_not_allow_it(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let mut cases: Vec<Case> = Vec::new();
    for &state in State::all() {
        let applied = application_in(app, state);
        for (step, call, allowed) in steps(app, &applied) {
            if !allowed.contains(&state) {
                let what = format!("{step} while {state}");
                cases.push(refused(&what, call, 409, "application-state"));
            }
        }
    }
    assert_eq!(cases.len(), 6 + 7 + 7 + 8 + 4 + 4);
    refuses(app, cases);
}

fn every_change_of_a_member_is_refused_in_every_status_that_does_not_allow_it(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let [excluded, withdrawn, suspended] =
        [1, 2, 3].map(|number| app.admit(CHILDHOOD, &school_number(number), false));
    app.exclude(&excluded);
    app.withdraw_member(&withdrawn);
    // No endpoint suspends yet.
    app.in_storage(async |desk| {
        let mut tx = desk.database.begin_log().await.unwrap();
        let id = MemberId(suspended.parse().unwrap());
        let found = Membership::find(&mut tx, CHILDHOOD, id).await.unwrap();
        let mut membership = found.unwrap();
        membership.status = Status::Suspended;
        membership.update(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
    });
    let [registrar, _] = &app.staff.registrars;
    let changes = |member: &str| {
        let tag = app.member(member).header("etag").to_owned();
        let path = |change: &str| format!("{}/{change}", member_path(member));
        let statement = json!({"statement": {"ru": "По письму."}});
        #[rustfmt::skip]
        let calls = [
            Call::patch(member_path(member)).header("if-match", tag).json(&json!({"aliases": ["Новая"]})),
            Call::post(path("exclusion")).json(&violation()),
            Call::post(path("withdrawal")).json(&statement),
        ];
        calls.map(|call| call.token(registrar))
    };
    let cases = [&excluded, &withdrawn].into_iter().flat_map(|member| {
        changes(member).map(|call| refused("a former member", call, 409, "membership-status"))
    });
    refuses(app, cases);
    for call in changes(&suspended) {
        let answer = app.send(call);
        assert!(answer.status < 300, "{}", answer.json());
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
