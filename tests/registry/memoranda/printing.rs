//! What is printed: a memorandum and a charter's form, as text, as a page and as PDF.

use charter_proof::canonical::Digest;
use serde_json::json;

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::{Answer, Call},
    on_both_databases,
    organisations::school,
    steps::{Applied, application_path},
};

on_both_databases!(
    a_printed_memorandum_names_the_digest_of_its_exact_bytes,
    a_charters_form_is_printed_in_each_of_its_languages,
    a_memorandum_that_the_font_cannot_print_is_still_a_page,
);

fn memorandum(app: &TestApp, applied: &Applied, query: &str, accept: &str) -> Answer {
    let path = format!("{}/memorandum{query}", application_path(&applied.id));
    let call = Call::get(path).token(&applied.token);
    app.send(call.header("accept", accept))
}

fn a_printed_memorandum_names_the_digest_of_its_exact_bytes(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply(CHILDHOOD, &school());
    app.issue_memorandum(&applied.id);
    let exact = app.memorandum(&applied);
    let page = memorandum(app, &applied, "", "text/html").must_be(200);
    let html = String::from_utf8(page.body.clone()).unwrap();
    assert!(
        html.contains(&format!("SHA-256 {}", Digest::of(&exact))),
        "{html}"
    );
    assert!(html.contains("@page { size: A4") && html.contains("<html lang=\"ru\">"));
    for outside in [
        "http:", "https:", "url(", "@import", "<img", "<link", "<script",
    ] {
        assert!(!html.contains(outside), "{outside}");
    }
    assert_eq!(
        page.header("content-security-policy"),
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    );
    let file = memorandum(app, &applied, "", "application/pdf").must_be(200);
    assert_eq!(file.header("content-type"), "application/pdf");
    assert_eq!(file.header("cache-control"), "no-store");
    assert_eq!(
        file.header("content-disposition"),
        format!("inline; filename=\"memorandum-{}.pdf\"", applied.id)
    );
    assert!(file.body.starts_with(b"%PDF-1.7") && file.body.ends_with(b"%%EOF\n"));
    // A link cannot say what it accepts, so it may name the form; and each time it is the same file.
    let linked = memorandum(app, &applied, "?form=pdf", "text/html").must_be(200);
    assert_eq!(linked.body, file.body);
    let text = memorandum(app, &applied, "?form=text", "text/html").must_be(200);
    assert_eq!(text.body, exact);
    memorandum(app, &applied, "?form=json", "*/*").must_be_refused(406, "not-acceptable");
    memorandum(app, &applied, "?form=doc", "*/*").must_be_refused(400, "invalid-query");
    // What was printed and scanned without a change can be handed in.
    app.upload_scan(&applied, file.body);
}

fn a_charters_form_is_printed_in_each_of_its_languages(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let get = |query: &str, accept: &str| {
        let path = format!("/v1/charters/{CHILDHOOD}/memorandum{query}");
        app.send(Call::get(path).header("accept", accept))
    };
    for (language, begin) in [
        ("ru", "МЕМОРАНДУМ О ПРИСОЕДИНЕНИИ\n"),
        ("en", "MEMORANDUM OF ACCESSION\n"),
    ] {
        let query = format!("?language={language}");
        let text = get(&query, "text/plain").must_be(200);
        let text = String::from_utf8(text.body).unwrap();
        assert!(text.starts_with(begin), "{text}");
        assert!(!text.contains("{{") && text.matches("____").count() > 20);
        let page = get(&query, "text/html").must_be(200).body;
        let page = String::from_utf8(page).unwrap();
        assert!(page.contains(&format!("<html lang=\"{language}\">")));
        assert!(page.contains(&Digest::of(text.as_bytes()).to_string()));
        let file = get(&query, "application/pdf").must_be(200);
        assert!(file.body.starts_with(b"%PDF-1.7"));
        let tag = file.header("etag").to_owned();
        let path = format!("/v1/charters/{CHILDHOOD}/memorandum{query}&form=pdf");
        let again = Call::get(path).header("if-none-match", tag);
        app.send(again).must_be(304);
    }
    assert_eq!(get("", "*/*").must_be(200).json()["version"], json!(1));
    get("?language=fr", "text/html").must_be_refused(400, "invalid-query");
    get("", "image/png").must_be_refused(406, "not-acceptable");
}

fn a_memorandum_that_the_font_cannot_print_is_still_a_page(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let mut organisation = school();
    organisation["name"]["ru"] = json!("Школа 学校");
    let applied = app.apply(CHILDHOOD, &organisation);
    app.issue_memorandum(&applied.id);
    let refused = memorandum(app, &applied, "", "application/pdf");
    refused.must_be_refused(406, "not-acceptable");
    let page = memorandum(app, &applied, "", "text/html").must_be(200);
    assert!(String::from_utf8(page.body).unwrap().contains("学校"));
}
