//! Who may not decide: whoever stands aside, and whoever's access was closed on the way.

use charter_registry::{
    desk::{
        Actor, Failure, Request,
        decisions::decline::{self, Decline, DeclineError},
    },
    rules::{
        id::{DecisionId, OperatorId},
        role::Role,
    },
    storage::people::Operator,
};
use serde_json::json;

use super::unreachable;
use crate::{
    bad_input::{refused, refuses},
    support::{
        app::TestApp,
        charters::{self, CHILDHOOD},
        client::Call,
        on_both_databases,
        organisations::school_number,
        routes::NOBODY,
        steps::{application_path, member_path, violation},
    },
};

on_both_databases!(
    a_registrar_who_stands_aside_from_a_member_does_nothing_about_it,
    a_registrar_who_stands_aside_from_an_application_does_nothing_about_the_member_it_becomes,
    a_proposer_who_stands_aside_takes_the_proposal_back,
    standing_aside_from_nothing_is_refused,
    a_registrar_whose_account_was_closed_on_the_way_decides_nothing,
);

fn a_registrar_who_stands_aside_from_a_member_does_nothing_about_it(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let [member, other] = [1, 2].map(|number| app.admit(CHILDHOOD, &school_number(number), false));
    let proposed = app.propose(&member, "suspension", &unreachable());
    let [_, second] = &app.staff.registrars;
    let aside = format!("{}/recusal", member_path(&member));
    let recusals = app
        .send(Call::post(&aside).token(second))
        .must_be(200)
        .json();
    assert_eq!(recusals[0]["member"], json!(member));
    // Twice is once.
    let again = app.send(Call::post(&aside).token(second)).must_be(200);
    assert_eq!(again.json(), recusals);
    let post = |path: String, body| Call::post(path).token(second).json(&body);
    let to = |change: &str, body| post(format!("{}/{change}", member_path(&member)), body);
    let decision = format!("/v1/decisions/{}", proposed.id);
    let into = |member: &str| json!({"into": member, "statement": {"ru": "Объединены."}});
    let statement = json!({"statement": {"ru": "По письму."}});
    let tag = app.member(&member).header("etag").to_owned();
    let amend = Call::patch(member_path(&member)).token(second);
    let amend = amend
        .header("if-match", tag)
        .json(&json!({"aliases": ["Новая"]}));
    let merger = post(format!("{}/merger", member_path(&other)), into(&member));
    #[rustfmt::skip]
    let cases = [
        refused("approve", post(format!("{decision}/approval"), json!({"digest": proposed.digest})), 403, "recused"),
        refused("decline", post(format!("{decision}/refusal"), json!({})), 403, "recused"),
        refused("amend", amend, 403, "recused"),
        refused("withdraw", to("withdrawal", statement), 403, "recused"),
        refused("suspend at once", to("urgent-suspension", violation()), 403, "recused"),
        refused("merge another into it", merger, 403, "recused"),
    ];
    refuses(app, cases);
    let call = Call::post(format!("{decision}/refusal")).token(&app.staff.registrars[0]);
    app.send(call).must_be(200);
    refuses(
        app,
        [refused(
            "exclude",
            to("exclusion", violation()),
            403,
            "recused",
        )],
    );
    // About others nothing changed.
    app.suspend(&other, &unreachable());
}

fn a_registrar_who_stands_aside_from_an_application_does_nothing_about_the_member_it_becomes(
    app: &TestApp,
) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply_and_sign(CHILDHOOD, &school_number(1));
    let third = json!({"name": "registrar-3", "role": "registrar"});
    let call = Call::post("/v1/operators").token(&app.staff.administrator);
    let third = app.send(call.json(&third)).must_be(201).text("/token");
    let path = format!("{}/recusal", application_path(&applied.id));
    app.send(Call::post(path).token(&third)).must_be(200);
    let reject = Call::post(format!("{}/rejection", application_path(&applied.id)));
    let reject = reject.token(&third).json(&json!({"reason": "Отказ."}));
    refuses(app, [refused("reject", reject, 403, "recused")]);
    let decision = app.propose_admission(&applied.id, &json!({}));
    let path = format!("/v1/decisions/{}/approval", decision.id);
    let approve = Call::post(path)
        .token(&third)
        .json(&json!({"digest": decision.digest}));
    refuses(app, [refused("approve", approve, 403, "recused")]);
    let member = app.approve(&decision)["id"].as_str().unwrap().to_owned();
    let exclude = Call::post(format!("{}/exclusion", member_path(&member)));
    let exclude = exclude.token(&third).json(&violation());
    refuses(app, [refused("exclude", exclude, 403, "recused")]);
}

fn a_proposer_who_stands_aside_takes_the_proposal_back(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let [ceasing, going_on] =
        [1, 2].map(|number| app.admit(CHILDHOOD, &school_number(number), false));
    let body = json!({"into": going_on, "statement": {"ru": "Объединены."}});
    let proposed = app.propose(&ceasing, "merger", &body);
    let path = format!("/v1/decisions/{}/recusal", proposed.id);
    let recusals = app.send(Call::post(path).token(&app.staff.registrars[0]));
    let recusals = recusals.must_be(200).json();
    // It is about both members.
    assert_eq!(recusals[0]["member"], json!(ceasing));
    assert_eq!(recusals[1]["member"], json!(going_on));
    app.approval(&proposed)
        .must_be_refused(409, "decision-state");
    let again = app.ask(0, &going_on, "suspension", &unreachable());
    again.must_be_refused(403, "recused");
}

fn standing_aside_from_nothing_is_refused(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let aside = |path: String| Call::post(path).token(&app.staff.registrars[0]);
    #[rustfmt::skip]
    let cases = [
        refused("no decision", aside(format!("/v1/decisions/{NOBODY}/recusal")), 404, "decision-unknown"),
        refused("no application", aside(format!("{}/recusal", application_path(NOBODY))), 404, "application-unknown"),
        refused("no member", aside(format!("{}/recusal", member_path(NOBODY))), 404, "member-unknown"),
        refused("no identifier", aside("/v1/decisions/x/recusal".to_owned()), 404, "not-found"),
    ];
    refuses(app, cases);
}

fn a_registrar_whose_account_was_closed_on_the_way_decides_nothing(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school_number(1), false);
    let proposed = app.propose(&member, "suspension", &unreachable());
    let id = DecisionId(proposed.id.parse().unwrap());
    // Past the door, where the token was still good, and then the account is closed.
    let before = app.footprint();
    let decline_as = |by: OperatorId, role| {
        app.in_storage(async |desk| {
            let request = Request::by(Actor::Operator(by, role));
            decline::decline(desk, request, Decline { decision: id, by }).await
        })
    };
    let [auditor, administrator] = ["auditor", "administrator"].map(|name| {
        app.in_storage(async |desk| {
            let mut conn = desk.database.read().await.unwrap();
            let found = Operator::find_by_name(&mut conn, name).await.unwrap();
            found.unwrap().id
        })
    });
    for (by, role) in [
        (OperatorId(NOBODY.parse().unwrap()), Role::Registrar),
        // Its role is another one by now.
        (auditor, Role::Registrar),
    ] {
        let outcome = decline_as(by, role);
        assert!(matches!(
            outcome,
            Err(DeclineError::Failed(Failure::AccessClosed))
        ));
    }
    let call = Call::delete(format!("/v1/operators/{auditor}")).token(&app.staff.administrator);
    app.send(call).must_be(204);
    let outcome = decline_as(auditor, Role::Auditor);
    assert!(matches!(
        outcome,
        Err(DeclineError::Failed(Failure::AccessClosed))
    ));
    let call = Call::delete(format!("/v1/operators/{administrator}"));
    let call = call.token(&app.staff.administrator);
    app.send(call).must_be_refused(409, "last-administrator");
    let decisions = |footprint: &str| footprint.matches("Proposed").count();
    assert_eq!(decisions(&app.footprint()), decisions(&before));
}
