//! Secret links, and what an applicant handed in.

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::Call,
    files, on_both_databases,
    organisations::{application, school, school_number},
    pdf,
    steps::application_path,
};

on_both_databases!(
    a_secret_link_reads_its_application_and_nothing_else,
    a_scan_is_served_as_a_file_and_never_as_a_page,
    a_memorandum_is_served_as_its_exact_text_or_as_a_page_to_print,
);

fn a_secret_link_reads_its_application_and_nothing_else(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply_as("", CHILDHOOD, &application(&school()));
    let other = app.apply_as("", CHILDHOOD, &application(&school_number(1)));
    app.confirm_by_word(&applied.id);
    app.issue_memorandum(&applied.id);
    app.upload_scan(&applied, pdf::scan(0));
    let path = application_path(&applied.id);
    assert_eq!(applied.link, format!("{path}?token={}", applied.token));
    let shown = app.send(Call::get(&applied.link)).must_be(200);
    assert_eq!(shown.json().get("contact"), None);
    assert_eq!(shown.header("cache-control"), "no-store");
    assert_eq!(shown.header("referrer-policy"), "no-referrer");
    for part in ["contact", "memorandum", "memorandum/scan"] {
        app.send(Call::get(format!("{path}/{part}?token={}", applied.token)))
            .must_be(200);
    }

    let before = app.footprint();
    let with = |path: &str| format!("{path}?token={}", applied.token);
    let others = with(&application_path(&other.id));
    app.send(Call::get(others))
        .must_be_refused(404, "application-unknown");
    for path in ["/v1/applications", "/v1/decisions", "/v1/operators"] {
        let status = app.send(Call::get(with(path))).problem();
        assert_eq!(
            (status.status, status.slug.as_str()),
            (401, "unauthenticated"),
            "{path}"
        );
    }
    for call in [
        Call::post(with(&format!("{path}/withdrawal"))),
        Call::put(with(&format!("{path}/memorandum/scan"))).body("application/pdf", pdf::scan(1)),
    ] {
        app.send(call).must_be_refused(401, "unauthenticated");
    }
    assert_eq!(app.footprint(), before);
    // A link that ended opens nothing, whoever holds another one.
    let mistyped = format!("{}0", applied.link);
    app.send(Call::get(mistyped))
        .must_be_refused(401, "invalid-token");
}

fn a_scan_is_served_as_a_file_and_never_as_a_page(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply(CHILDHOOD, &school());
    app.issue_memorandum(&applied.id);
    let path = format!("{}/memorandum/scan", application_path(&applied.id));
    let read = || app.send(Call::get(&path).token(&app.staff.registrars[0]));
    for (media_type, extension, content) in [
        ("application/pdf", "pdf", pdf::scan(0)),
        ("image/jpeg", "jpg", files::JPEG.to_vec()),
        ("image/png", "png", files::PNG.to_vec()),
        ("application/pdf", "pdf", pdf::scan(1)),
    ] {
        let call = Call::put(&path).token(&applied.token);
        app.send(call.body(media_type, content.clone()))
            .must_be(200);
        let served = read().must_be(200);
        assert_eq!(served.body, content);
        assert_eq!(served.header("content-type"), media_type);
        let name = format!(
            "attachment; filename=\"memorandum-{}.{extension}\"",
            applied.id
        );
        assert_eq!(served.header("content-disposition"), name);
        assert_eq!(served.header("x-content-type-options"), "nosniff");
        assert_eq!(
            served.header("content-security-policy"),
            "sandbox; default-src 'none'"
        );
        assert_eq!(served.header("cache-control"), "private, no-store");
    }
}

fn a_memorandum_is_served_as_its_exact_text_or_as_a_page_to_print(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let mut organisation = school();
    organisation["name"]["ru"] = serde_json::json!("Школа <script>alert(\"1\")</script> & Ко");
    let applied = app.apply(CHILDHOOD, &organisation);
    app.issue_memorandum(&applied.id);
    let read = |accept: &str| {
        let path = format!("{}/memorandum", application_path(&applied.id));
        let call = Call::get(path)
            .token(&applied.token)
            .header("accept", accept);
        app.send(call).must_be(200)
    };
    for accept in [
        "text/plain",
        "*/*",
        "text/*",
        "text/html;q=0.5, text/plain",
        "application/json, text/plain;q=0.1",
    ] {
        let answer = read(accept);
        assert_eq!(
            answer.header("content-type"),
            "text/plain; charset=utf-8",
            "{accept}"
        );
        assert_eq!(answer.body, app.memorandum(&applied), "{accept}");
        assert_eq!(answer.header("vary"), "Accept");
    }
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    for accept in ["text/html", browser] {
        let answer = read(accept);
        assert_eq!(
            answer.header("content-type"),
            "text/html; charset=utf-8",
            "{accept}"
        );
        let page = String::from_utf8(answer.body).unwrap();
        assert!(
            page.contains("<html lang=\"ru\">") && page.contains("&lt;script&gt;"),
            "{page}"
        );
        assert!(!page.contains("<script"), "{page}");
    }
}
