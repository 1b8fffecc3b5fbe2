//! Feeds: what happened to a charter's members, for those who subscribe.

use serde_json::json;

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::{Call, text},
    on_both_databases,
    organisations::{school, school_number},
    steps::{Proposed, member_path, path_of},
};

on_both_databases!(
    a_feed_tells_what_happened_the_newest_first,
    older_pages_follow_and_stay_as_they_are,
    a_reader_is_told_whether_anything_is_new,
    a_redacted_name_is_in_no_feed,
    a_feed_of_nothing_is_refused,
);

fn feed_of(charter: &str) -> String {
    format!("/v1/charters/{charter}/events.atom")
}

fn feed_of_member(member: &str) -> String {
    format!("{}/events.atom", member_path(member))
}

fn read(app: &TestApp, path: &str) -> String {
    let answer = app.send(Call::get(path)).must_be(200);
    let media_type = "application/atom+xml; charset=utf-8";
    assert_eq!(answer.header("content-type"), media_type);
    assert_eq!(answer.header("cache-control"), "public, no-cache");
    String::from_utf8(answer.body).unwrap()
}

/// What stands between two texts, each time.
fn between<'a>(xml: &'a str, before: &str, after: &str) -> Vec<&'a str> {
    let pieces = xml.split(before).skip(1);
    pieces
        .map(|piece| piece.split(after).next().unwrap())
        .collect()
}

/// The titles of the entries.
fn titles(xml: &str) -> Vec<&str> {
    let entries = between(xml, "<entry>", "</entry>");
    let title = |entry| between(entry, "<title xml:lang=\"ru\">", "</title>")[0];
    entries.into_iter().map(title).collect()
}

fn link<'a>(xml: &'a str, relation: &str) -> Option<&'a str> {
    let before = format!("rel=\"{relation}\" type=\"application/atom+xml\" href=\"");
    between(xml, &before, "\"").first().copied()
}

fn a_feed_tells_what_happened_the_newest_first(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let mut organisation = school();
    organisation["name"]["ru"] = json!("Школа «Ёж & Щука» <1>");
    let member = app.admit(CHILDHOOD, &organisation, false);
    app.admit(CHILDHOOD, &school_number(1), false);
    let record = text(&app.member(&member).json(), "/record");
    app.exclude(&member);

    let (of_charter, name) = (
        read(app, &feed_of(CHILDHOOD)),
        "Школа «Ёж &amp; Щука» &lt;1&gt;",
    );
    let told = titles(&of_charter);
    assert_eq!(told.len(), 4, "{of_charter}");
    assert_eq!(told[0], format!("{name}: excluded"));
    assert!(told[1].ends_with(": included"));
    assert_eq!(told[2], format!("{name}: included"));
    assert!(told[3].ends_with(": version 1"));
    let ids = between(&of_charter, "<id>", "</id>");
    let feed = format!("https://registry.example{}", feed_of(CHILDHOOD));
    assert_eq!(
        (ids[0], ids[3]),
        (feed.as_str(), record.as_str()),
        "{ids:?}"
    );
    assert_eq!(link(&of_charter, "self"), Some(feed.as_str()));
    assert_eq!(link(&of_charter, "next"), None);
    assert!(
        of_charter.contains("<link rel=\"license\" href=\"https://spdx.org/licenses/CC0-1.0\"/>")
    );
    assert!(of_charter.contains("<category term=\"excluded\"/>"));
    assert!(of_charter.contains(&format!("https://registry.example/members/{member}")));
    for address in ids.iter().skip(1) {
        app.send(Call::get(path_of(address))).must_be(200);
    }

    let of_member = read(app, &feed_of_member(&member));
    assert_eq!(titles(&of_member), [told[0], told[2]]);
    let newest = between(&of_member, "<updated>", "</updated>");
    assert_eq!(newest[0], newest[1]);
}

fn older_pages_follow_and_stay_as_they_are(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    for number in 0..60 {
        app.amend(&member, &json!({"aliases": [format!("Школа {number}")]}));
    }
    for (path, all) in [(feed_of(CHILDHOOD), 62), (feed_of_member(&member), 63)] {
        let first = read(app, &path);
        let next = path_of(link(&first, "next").unwrap());
        let second = read(app, next);
        assert_eq!(link(&second, "next"), None);
        assert_eq!(path_of(link(&second, "self").unwrap()), next);
        assert_eq!(path_of(link(&second, "first").unwrap()), path);
        assert_eq!(
            (titles(&first).len(), titles(&second).len()),
            (50, all - 50)
        );
        let mut ids = between(&first, "<entry>\n<id>", "</id>");
        ids.extend(between(&second, "<entry>\n<id>", "</id>"));
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all);
        app.amend(&member, &json!({"aliases": [path]}));
        assert_eq!(read(app, next), second);
        let nothing = read(app, &format!("{path}?before=0"));
        assert_eq!(titles(&nothing), [""; 0]);
        assert_eq!(between(&nothing, "<updated>", "</updated>").len(), 1);
        // Beyond the log there is nothing.
        let beyond = read(app, &format!("{path}?before={}", u64::MAX));
        assert_eq!(titles(&beyond).len(), 50);
        app.amend(&member, &json!({"aliases": []}));
    }
}

fn a_reader_is_told_whether_anything_is_new(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    for path in [feed_of(CHILDHOOD), feed_of_member(&member)] {
        let answer = app.send(Call::get(&path)).must_be(200);
        let again = || Call::get(&path).header("if-none-match", answer.header("etag"));
        assert!(app.send(again()).must_be(304).body.is_empty());
        app.time_passes(chrono::TimeDelta::hours(2));
        assert_eq!(app.run_job("checkpoint"), 1);
        app.send(again()).must_be(304);
        app.amend(&member, &json!({"aliases": [path]}));
        app.send(again()).must_be(200);
        let packed = app.send(Call::get(&path).header("accept-encoding", "gzip"));
        assert_eq!(packed.header("content-encoding"), "gzip");
        assert_eq!(
            packed.must_be(200).unpacked(),
            read(app, &path).into_bytes()
        );
        let head = app.send(Call::head(&path)).must_be(200);
        assert!(head.body.is_empty());
    }
}

fn a_redacted_name_is_in_no_feed(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let mut organisation = school();
    organisation["name"] = json!({"ru": "Кто-то Лишний"});
    let member = app.admit(CHILDHOOD, &organisation, false);
    app.exclude(&member);
    let record = text(&app.member(&member).json(), "/record");
    let body = json!({"ground": "personal_data", "name": {"ru": "Школа без имени"}});
    let call = Call::post(format!("/v1{}/redaction", path_of(&record)));
    let call = call.token(&app.staff.administrator).json(&body);
    let answer = app.send(call).must_be(201);
    let before = app.log().len();
    app.approve(&Proposed {
        id: answer.text("/id"),
        digest: answer.text("/digest"),
    });
    for path in [feed_of(CHILDHOOD), feed_of_member(&member)] {
        let xml = read(app, &path);
        assert!(!xml.contains("Лишний"), "{xml}");
        assert!(xml.contains("<title>excluded (record withheld)</title>"));
    }
    // Whoever follows by dumps since an index is told of it, though nothing happened to the membership.
    let since = format!(
        "{}.ndjson?since={before}",
        crate::support::steps::members_of(CHILDHOOD)
    );
    let told = app.send(Call::get(since)).must_be(200);
    assert_eq!(told.body, [&app.member(&member).body[..], b"\n"].concat());
}

fn a_feed_of_nothing_is_refused(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let nobody = uuid::Uuid::nil().to_string();
    app.send(Call::get(feed_of("nothing")))
        .must_be_refused(404, "charter-unknown");
    app.send(Call::get(feed_of_member(&nobody)))
        .must_be_refused(404, "member-unknown");
    app.send(Call::get("/v1/charters/nothing/members/x/events.atom"))
        .must_be_refused(404, "not-found");
}
