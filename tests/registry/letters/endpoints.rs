//! What the secretariat sees of letters and does with them.

use charter_registry::storage::letters::Letter;

use crate::{
    bad_input::{NOBODY, refused, refuses},
    support::{
        app::TestApp,
        charters::{self, CHILDHOOD},
        client::Call,
        on_both_databases,
        organisations::{school, school_number},
    },
};

on_both_databases!(with letters:
    the_secretariat_sees_what_became_of_letters_and_no_address,
    a_clerk_notes_that_a_letter_came_back_and_sends_it_again,
    what_letters_do_not_allow_is_refused,
);

fn list(app: &TestApp, query: &str) -> Vec<serde_json::Value> {
    let call = Call::get(format!("/v1/letters{query}")).token(&app.staff.auditor);
    let page = app.send(call).must_be(200).json();
    page["items"].as_array().unwrap().clone()
}

fn the_secretariat_sees_what_became_of_letters_and_no_address(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let first = app.apply_and_sign(CHILDHOOD, &school());
    app.apply(CHILDHOOD, &school_number(1));
    app.send_letters();
    let all = list(app, "");
    assert_eq!(all.len(), 5, "{all:#?}");
    let of_first = list(app, &format!("?application={}", first.id));
    assert_eq!(of_first.len(), 4);
    assert!(list(app, "?state=bounced").is_empty());
    let page = Call::get("/v1/letters?limit=2").token(&app.staff.clerk);
    let page = app.send(page).must_be(200).json();
    let rest = Call::get(format!(
        "/v1/letters?cursor={}",
        page["next"].as_str().unwrap()
    ));
    let rest = app.send(rest.token(&app.staff.clerk)).must_be(200).json();
    assert_eq!(rest["items"].as_array().unwrap().len(), 3);
    for letter in &all {
        let id = letter["id"].as_str().unwrap();
        let call = Call::get(format!("/v1/letters/{id}")).token(&app.staff.registrars[0]);
        let answer = app.send(call).must_be(200);
        assert_eq!(&answer.json(), letter);
        let text = String::from_utf8(answer.body).unwrap();
        assert!(!text.contains('@') && !text.contains("chr_"), "{text}");
    }
    for letter in app.outbox() {
        let row = format!("{letter:?}");
        assert!(
            !row.contains('@') && !row.contains("Фамилия Имя") && !row.contains("chr_"),
            "{row}"
        );
    }
}

fn a_clerk_notes_that_a_letter_came_back_and_sends_it_again(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    app.apply(CHILDHOOD, &school());
    app.send_letters();
    let Letter {
        id, application, ..
    } = app.outbox().remove(0);
    let post = |step: &str| {
        let call = Call::post(format!("/v1/letters/{id}/{step}")).token(&app.staff.clerk);
        app.send(call).must_be(200).json()
    };
    let is_unreachable = || {
        app.in_storage(async |desk| {
            let mut conn = desk.database.read().await.unwrap();
            let asked = Letter::is_contact_unreachable(&mut conn, application.unwrap());
            asked.await.unwrap()
        })
    };
    assert!(!is_unreachable());
    let bounced = post("bounce");
    assert_eq!(
        (&bounced["state"], &bounced["lastError"]),
        (&"bounced".into(), &"returned".into())
    );
    assert!(is_unreachable());
    let queued = post("retry");
    assert_eq!(queued["attempts"], 0);
    let letters = app.letters();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].letter.state.to_string(), "sent");
    assert!(!is_unreachable());
}

fn what_letters_do_not_allow_is_refused(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    app.apply(CHILDHOOD, &school());
    app.send_letters();
    let id = app.outbox()[0].id;
    let clerk = &app.staff.clerk;
    let bounce = Call::post(format!("/v1/letters/{id}/bounce")).token(clerk);
    app.send(bounce.clone()).must_be(200);
    let get = |path: &str| Call::get(format!("/v1/letters{path}")).token(clerk);
    let post = |path: &str| Call::post(format!("/v1/letters{path}")).token(clerk);
    #[rustfmt::skip]
    let cases = [
        refused("bounced before", bounce, 409, "letter-state"),
        refused("nobody's", get(&format!("/{NOBODY}")), 404, "letter-unknown"),
        refused("nobody's, again", post(&format!("/{NOBODY}/retry")), 404, "letter-unknown"),
        refused("nobody's, back", post(&format!("/{NOBODY}/bounce")), 404, "letter-unknown"),
        refused("no identifier", get("/x"), 404, "not-found"),
        refused("no state", get("?state=lost"), 400, "invalid-query").at("/state", "unknown_value"),
        refused("no application", get("?application=x"), 400, "invalid-query").at("/application", "invalid_value"),
        refused("an unknown parameter", get("?to=x"), 400, "invalid-query").at("/to", "unknown_parameter"),
        refused("no cursor", get("?cursor=x"), 400, "invalid-query").at("/cursor", "invalid_cursor"),
        refused("too many", get("?limit=101"), 400, "invalid-query").at("/limit", "out_of_range"),
    ];
    refuses(app, cases);
}
