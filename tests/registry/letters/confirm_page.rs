//! The page to which the link in a letter leads: opening it changes nothing, its button does.

use serde_json::Value;

use crate::support::{
    app::{PUBLIC, TestApp},
    charters::{self, CHILDHOOD},
    client::{Answer, Call},
    on_both_databases,
    organisations::{school, school_number},
    steps::{Applied, application_path},
};

on_both_databases!(with letters:
    the_link_opens_a_page_whose_button_confirms_the_address,
    a_link_that_confirms_nothing_says_so_to_people_and_to_programs,
    a_form_that_is_none_is_refused,
);

fn applied(app: &TestApp, organisation: &Value) -> (Applied, String) {
    let applied = app.apply(CHILDHOOD, organisation);
    let letters = app.letters();
    let mut of_it = letters.iter().filter(|read| {
        let about = read.letter.application.map(|id| id.to_string());
        about.as_deref() == Some(&applied.id) && read.template() == "application_received"
    });
    let body = &of_it.next_back().unwrap().body;
    let link = body
        .lines()
        .find(|line| line.contains("/confirm?"))
        .unwrap();
    let link = link.strip_prefix(PUBLIC).unwrap().to_owned();
    (applied, link)
}

fn open(app: &TestApp, link: &str) -> Answer {
    app.send(Call::get(link).header("accept", "text/html"))
}

fn press(link: &str) -> Call {
    let (path, query) = link.split_once('?').unwrap();
    Call::post(path).body("application/x-www-form-urlencoded", query)
}

fn state(app: &TestApp, applied: &Applied) -> String {
    let call = Call::get(application_path(&applied.id)).token(&applied.token);
    app.send(call).must_be(200).text("/state")
}

fn text(answer: Answer) -> String {
    String::from_utf8(answer.body).unwrap()
}

fn the_link_opens_a_page_whose_button_confirms_the_address(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let (applied, link) = applied(app, &school());
    for _ in 0..2 {
        let page = open(app, &link).must_be(200);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(page.header("cache-control"), "no-store");
        let policy = page.header("content-security-policy").to_owned();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        let page = text(page);
        assert!(
            page.contains("<form method=\"post\"") && page.contains("Подтвердить"),
            "{page}"
        );
        for foreign in ["<script", "src=", "href=", "@import"] {
            assert!(!page.contains(foreign), "{page}");
        }
        assert_eq!(
            state(app, &applied),
            "received",
            "a page that is opened confirms nothing"
        );
    }
    let other_language = link.replace("lang=ru", "lang=en");
    assert!(text(open(app, &other_language)).contains("Confirm your address"));
    for _ in 0..2 {
        let pressed = app
            .send(press(&link).header("accept", "text/html"))
            .must_be(200);
        assert!(text(pressed).contains("Спасибо, адрес подтверждён"));
        assert_eq!(state(app, &applied), "confirmed");
    }
    let letters = app.letters();
    let confirmed = letters
        .iter()
        .filter(|read| read.template() == "application_confirmed");
    assert_eq!(confirmed.count(), 1);
}

fn a_link_that_confirms_nothing_says_so_to_people_and_to_programs(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let (mine, link) = applied(app, &school());
    let (other, others_link) = applied(app, &school_number(1));
    let crossed = link.replace(&mine.id, &other.id);
    let (path, _) = link.split_once('?').unwrap();
    let no_token = format!("{path}?lang=ru");
    for wrong in [&crossed, &no_token, &format!("{link}x")] {
        let page = app
            .send(press(wrong).header("accept", "text/html"))
            .must_be(403);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert!(text(page).contains("Ссылка недействительна"), "{wrong}");
        let problem = app.send(press(wrong)).problem();
        assert_eq!(
            (problem.status, problem.slug.as_str()),
            (403, "confirmation-refused")
        );
    }
    assert!(text(open(app, &no_token).must_be(200)).contains("Ссылка недействительна"));
    app.withdraw_application(&other);
    let problem = app.send(press(&others_link)).problem();
    assert_eq!(
        (problem.status, problem.slug.as_str()),
        (409, "application-state")
    );
    assert_eq!(
        [state(app, &mine), state(app, &other)],
        ["received", "withdrawn"]
    );
}

fn a_form_that_is_none_is_refused(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let (applied, link) = applied(app, &school());
    let (path, _) = link.split_once('?').unwrap();
    let json = app
        .send(Call::post(path).body("application/json", "{}"))
        .problem();
    assert_eq!(
        (json.status, json.slug.as_str()),
        (415, "unsupported-media-type")
    );
    let long = "token=".to_owned() + &"x".repeat(5000);
    let long = Call::post(path).body("application/x-www-form-urlencoded", long);
    let long = app.send(long).problem();
    assert_eq!((long.status, long.slug.as_str()), (413, "too-large"));
    assert_eq!(state(app, &applied), "received");
}
