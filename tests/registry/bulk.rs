//! The log in bulk and for people: records by the lines of their entries, charters by their digests, events by page.

use charter_proof::{
    canonical::Digest,
    entry::{Entry, Event},
};
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::{Call, text},
    on_both_databases,
    organisations::{school, school_number},
    steps::{member_path, members_of, path_of},
};

on_both_databases!(
    every_record_stands_in_bulk_in_the_line_of_its_entry,
    a_charter_is_there_under_the_digest_that_the_log_names,
    the_log_is_told_to_people_page_by_page_with_links_that_lead_somewhere,
    what_was_not_published_is_not_served_in_bulk_either,
    who_takes_compressed_answers_gets_them,
    everything_of_the_log_is_answered_to_head_and_to_who_has_it,
    what_is_no_bundle_and_no_window_is_refused,
);

/// Three members, one of them excluded again.
fn history(app: &TestApp) -> Vec<String> {
    app.publish(&charters::definition(CHILDHOOD));
    let mut members = vec![app.admit(CHILDHOOD, &school(), false)];
    members.extend((1..3).map(|number| app.admit(CHILDHOOD, &school_number(number), false)));
    app.exclude(&members[1]);
    members
}

/// The address of everything in bulk that the log of this size has, while that is less than one bundle.
fn bulk(app: &TestApp) -> String {
    format!("/log/records/000.p/{}", app.log().len())
}

fn every_record_stands_in_bulk_in_the_line_of_its_entry(app: &TestApp) {
    history(app);
    let answer = app.send(Call::get(bulk(app))).must_be(200);
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    assert_eq!(answer.header("cache-control"), "public, no-cache");
    let lines: Vec<&[u8]> = answer.body.split(|byte| *byte == b'\n').collect();
    let (end, lines) = lines.split_last().unwrap();
    assert!(end.is_empty());
    let entries = app.log_entries();
    assert_eq!(lines.len(), entries.len());
    let mut records = 0;
    for (line, entry) in lines.iter().zip(&entries) {
        if let Event::Member { record, .. } = &entry.event {
            assert_eq!(Digest::of(line), *record);
            records += 1;
        } else {
            assert_eq!(*line, b"null");
        }
    }
    assert_eq!(records, 4);
    // A narrower bundle is the beginning of a wider one, and stays served.
    let narrow = app.send(Call::get("/log/records/000.p/5")).must_be(200);
    assert!(answer.body.starts_with(&narrow.body));
    assert_eq!(narrow.body.split(|byte| *byte == b'\n').count(), 5 + 1);

    let again = Call::get(bulk(app)).header("if-none-match", answer.header("etag"));
    assert!(app.send(again).must_be(304).body.is_empty());
    let head = app.send(Call::head(bulk(app))).must_be(200);
    assert_eq!(head.header("etag"), answer.header("etag"));
    assert_eq!(head.header("content-length"), answer.body.len().to_string());
}

fn a_charter_is_there_under_the_digest_that_the_log_names(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let digest = app
        .log_entries()
        .into_iter()
        .find_map(|entry| match entry.event {
            Event::CharterPublished { digest, .. } => Some(digest),
            _ => None,
        });
    let path = format!("/log/charters/{}", digest.unwrap());
    let answer = app.send(Call::get(&path)).must_be(200);
    assert_eq!(Digest::of(&answer.body), digest.unwrap());
    assert_eq!(
        answer.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    let again = Call::get(&path).header("if-none-match", answer.header("etag"));
    app.send(again).must_be(304);
    app.send(Call::head(&path)).must_be(200);
    let other = Digest::of(b"another charter");
    for unknown in [
        other.to_string(),
        digest.unwrap().to_string().to_uppercase(),
        digest.unwrap().prefixed(),
        "1".to_owned(),
    ] {
        app.send(Call::get(format!("/log/charters/{unknown}")))
            .must_be_refused(404, "charter-unknown");
    }
}

fn the_log_is_told_to_people_page_by_page_with_links_that_lead_somewhere(app: &TestApp) {
    history(app);
    let entries = app.log();
    let mut told: Vec<Value> = Vec::new();
    let mut path = "/v1/events?limit=4".to_owned();
    loop {
        let answer = app.send(Call::get(&path)).must_be(200);
        told.extend(answer.items());
        let next = answer.json()["next"].clone();
        if next.is_null() {
            assert_eq!(answer.header("link"), "");
            break;
        }
        assert_eq!(next, told.last().unwrap()["index"]);
        path = format!("/v1/events?after={next}&limit=4");
        assert_eq!(answer.header("link"), format!("<{path}>; rel=\"next\""));
    }
    assert_eq!(told.len(), entries.len());
    for (index, (item, entry)) in told.iter().zip(&entries).enumerate() {
        let entry: Value = serde_json::from_slice(entry).unwrap();
        assert_eq!(item["index"], index);
        assert_eq!((&item["at"], &item["kind"]), (&entry["at"], &entry["kind"]));
        for (field, value) in item["details"].as_object().unwrap() {
            assert_eq!(value, &entry[field]);
        }
        let is_of_member = text(item, "/kind").starts_with("member.");
        assert_eq!(item["links"]["record"].is_string(), is_of_member);
        for link in item["links"].as_object().unwrap().values() {
            let answer = app.send(Call::get(path_of(link.as_str().unwrap())));
            assert!(matches!(answer.status, 200 | 303 | 307), "{link}");
        }
    }
    let last = app.send(Call::get(format!("/v1/events?after={}", entries.len() - 2)));
    assert_eq!(last.must_be(200).items().len(), 1);
    for beyond in [entries.len().to_string(), u64::MAX.to_string()] {
        let answer = app.send(Call::get(format!("/v1/events?after={beyond}")));
        assert_eq!(
            answer.must_be(200).json(),
            json!({"items": [], "next": null})
        );
    }
}

/// Somebody with the database adds an entry behind the newest state, which nobody closed.
fn what_was_not_published_is_not_served_in_bulk_either(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let size = app.log().len();
    app.in_storage(async |desk| {
        let event = Event::AuditAnchored {
            head: Digest::of(b"slipped in"),
        };
        let at = desk.now();
        let body = Entry { at, event }.to_bytes().unwrap();
        let mut tx = desk.database.begin_log().await.unwrap();
        tx.append(at, &body).await.unwrap();
        tx.commit().await.unwrap();
    });
    app.send(Call::get(format!("/log/records/000.p/{size}")))
        .must_be(200);
    app.send(Call::get(format!("/log/records/000.p/{}", size + 1)))
        .must_be_refused(404, "tile-unknown");
    let told = app.send(Call::get("/v1/events")).must_be(200);
    assert_eq!(told.items().len(), size);
    assert!(told.json()["next"].is_null());
}

fn who_takes_compressed_answers_gets_them(app: &TestApp) {
    history(app);
    let entries = format!("/log/tile/entries/000.p/{}", app.log().len());
    for path in [
        bulk(app),
        entries,
        "/v1/events".to_owned(),
        members_of(CHILDHOOD),
    ] {
        let plain = app.send(Call::get(&path)).must_be(200);
        assert_eq!(plain.header("content-encoding"), "");
        let mut tags = vec![plain.header("etag").to_owned()];
        for (accepted, encoding) in [("gzip, deflate", "gzip"), ("gzip, zstd", "zstd")] {
            let call = || Call::get(&path).header("accept-encoding", accepted);
            let packed = app.send(call()).must_be(200);
            assert_eq!(packed.header("content-encoding"), encoding, "{path}");
            assert_eq!(packed.header("vary"), "Accept-Encoding");
            assert_eq!(packed.unpacked(), plain.body);
            assert!(packed.body.len() < plain.body.len());
            let tag = packed.header("etag").to_owned();
            app.send(call().header("if-none-match", &tag)).must_be(304);
            assert!(!tags.contains(&tag));
            tags.push(tag);
        }
    }
    // Hashes are as short as they can be.
    let hashes = Call::get(format!("/log/tile/0/000.p/{}", app.log().len()));
    let hashes = app.send(hashes.header("accept-encoding", "zstd, gzip"));
    assert_eq!(hashes.must_be(200).header("content-encoding"), "");
}

fn everything_of_the_log_is_answered_to_head_and_to_who_has_it(app: &TestApp) {
    let members = history(app);
    let size = app.log().len();
    for path in [
        "/log/checkpoint".to_owned(),
        format!("/log/tile/0/000.p/{size}"),
        format!("/log/tile/entries/000.p/{size}"),
        bulk(app),
        "/v1/policy".to_owned(),
        format!("{}/proof", member_path(&members[0])),
        format!("/v1/charters/{CHILDHOOD}/proof?key=domain:nobody.example"),
        members_of(CHILDHOOD),
    ] {
        let whole = app.send(Call::get(&path)).must_be(200);
        let head = app.send(Call::head(&path)).must_be(200);
        assert!(head.body.is_empty(), "{path}");
        let length = whole.body.len().to_string();
        assert_eq!(head.header("content-length"), length, "{path}");
        for name in [
            "etag",
            "cache-control",
            "content-type",
            "content-disposition",
        ] {
            assert_eq!(head.header(name), whole.header(name), "{path}");
        }
        let again = Call::get(&path).header("if-none-match", whole.header("etag"));
        assert!(app.send(again).must_be(304).body.is_empty(), "{path}");
    }
    let policy = app.send(Call::get("/v1/policy")).must_be(200);
    let name = "attachment; filename=\"registry.example.tlog-policy\"";
    assert_eq!(policy.header("content-disposition"), name);
    let policy = String::from_utf8(policy.body).unwrap();
    assert!(policy.contains("published elsewhere"), "{policy}");
}

fn what_is_no_bundle_and_no_window_is_refused(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let size = app.log().len();
    for unknown in [
        "000".to_owned(),
        "001".to_owned(),
        "000.p/0".to_owned(),
        format!("000.p/{}", size + 1),
        "000.p/256".to_owned(),
        format!("000.p/0{size}"),
        "0.p/1".to_owned(),
        "-1".to_owned(),
        "x000/000.p/1".to_owned(),
        "x999/x999/x999/x999/x999/x999/999".to_owned(),
        "x001/x999/x999/x999/x999/x999/x999/999".to_owned(),
        "entries/000.p/1".to_owned(),
        "000.p/1/".to_owned(),
        "%00".to_owned(),
        String::new(),
    ] {
        app.send(Call::get(format!("/log/records/{unknown}")))
            .must_be_refused(404, "tile-unknown");
    }
    for (query, parameter) in [
        ("after=-1", "after"),
        ("after=18446744073709551616", "after"),
        ("after=", "after"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=1000", "limit"),
        ("limit=ten", "limit"),
        ("cursor=1", "cursor"),
        ("after=1&after=2", "after"),
    ] {
        let answer = app.send(Call::get(format!("/v1/events?{query}")));
        answer.must_be_refused(400, "invalid-query");
        assert_eq!(answer.problem().errors[0].0, format!("/{parameter}"));
    }
}
