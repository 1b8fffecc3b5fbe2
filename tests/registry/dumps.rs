//! Dumps: all members of a charter in one file, as of a checkpoint.

use charter_proof::note::{Checkpoint, Note};
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::{Answer, Call, text},
    on_both_databases,
    organisations::{school, school_number},
    steps::members_of,
};

on_both_databases!(
    a_dump_has_every_member_as_it_stands_at_the_checkpoint_that_it_names,
    a_table_has_a_row_for_each_member_and_no_formulas,
    linked_data_says_of_present_members_what_they_are_members_of_and_of_former_ones_nothing,
    a_download_that_broke_off_goes_on_where_it_was,
    a_dump_is_sent_anew_when_the_log_moved_and_not_before,
    who_has_a_dump_asks_for_what_happened_since,
    a_dump_of_nothing_and_a_range_of_nothing_are_refused,
);

const FORMS: [&str; 3] = ["ndjson", "csv", "jsonld"];

fn path(form: &str) -> String {
    format!("{}.{form}", members_of(CHILDHOOD))
}

fn dump(app: &TestApp, form: &str) -> Answer {
    app.send(Call::get(path(form))).must_be(200)
}

/// Three members: one is excluded, one is called by a formula.
fn history(app: &TestApp) -> Vec<String> {
    app.publish(&charters::definition(CHILDHOOD));
    let mut members = vec![app.admit(CHILDHOOD, &school(), false)];
    members.extend((1..3).map(|number| app.admit(CHILDHOOD, &school_number(number), false)));
    app.exclude(&members[1]);
    app.amend(
        &members[2],
        &json!({"aliases": ["=1+1", "Школа, «Ёж» \"два\""], "name": {"zh": "学校"}}),
    );
    members
}

fn a_dump_has_every_member_as_it_stands_at_the_checkpoint_that_it_names(app: &TestApp) {
    let members = history(app);
    let answer = dump(app, "ndjson");
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    let lines: Vec<&[u8]> = answer.body.split(|byte| *byte == b'\n').collect();
    let (end, lines) = lines.split_last().unwrap();
    assert!(end.is_empty());
    assert_eq!(lines.len(), members.len());
    for (line, member) in lines.iter().zip(&members) {
        assert_eq!(*line, app.member(member).body);
    }
    let note = app.send(Call::get("/log/checkpoint")).must_be(200);
    let note: Note = String::from_utf8(note.body).unwrap().parse().unwrap();
    let Checkpoint { size, root, .. } = note.text().parse().unwrap();
    let root = root.to_string();
    for form in FORMS {
        let answer = dump(app, form);
        let link = format!(
            "<https://registry.example/log/checkpoint>; rel=\"describedby\"; type=\"text/plain\"; \
             size=\"{size}\"; root=\"{root}\", <https://spdx.org/licenses/CC0-1.0>; rel=\"license\""
        );
        assert_eq!(answer.header("link"), link);
        let name = format!(
            "attachment; filename=\"{CHILDHOOD}-members-{size}-{}.{form}\"",
            &root[..16]
        );
        assert_eq!(answer.header("content-disposition"), name);
        assert_eq!(answer.header("cache-control"), "public, no-cache");
        let length = answer.body.len().to_string();
        assert_eq!(answer.header("content-length"), length);
        let head = app.send(Call::head(path(form)).header("range", "bytes=0-1"));
        let head = head.must_be(200);
        assert!(head.body.is_empty());
        assert_eq!(head.header("content-length"), length);
        assert_eq!(head.header("etag"), answer.header("etag"));
    }
}

fn a_table_has_a_row_for_each_member_and_no_formulas(app: &TestApp) {
    let members = history(app);
    let table = String::from_utf8(dump(app, "csv").body).unwrap();
    let rows: Vec<&str> = table.split_terminator("\r\n").collect();
    assert!(!table.replace("\r\n", "").contains(['\r', '\n']));
    let (head, rows) = rows.split_first().unwrap();
    assert!(
        head.starts_with("number,id,status,founder,since,name_"),
        "{head}"
    );
    for (row, (number, member)) in rows.iter().zip((1..).zip(&members)) {
        assert!(row.starts_with(&format!("{number:06},{member},")), "{row}");
    }
    assert_eq!(rows.len(), members.len());
    assert!(rows[1].contains(",excluded,"));
    assert!(
        rows[2].contains("\"'=1+1; Школа, «Ёж» \"\"два\"\"\""),
        "{}",
        rows[2]
    );
    assert!(rows[2].contains("zh: 学校"), "{}", rows[2]);
}

fn linked_data_says_of_present_members_what_they_are_members_of_and_of_former_ones_nothing(
    app: &TestApp,
) {
    let members = history(app);
    let graph = dump(app, "jsonld").json()["@graph"].clone();
    let graph = graph.as_array().unwrap();
    assert_eq!(graph.len(), members.len() + 1);
    assert_eq!(graph[0]["@type"], "Dataset");
    assert_eq!(graph[0]["license"], "https://spdx.org/licenses/CC0-1.0");
    let charter = format!("https://registry.example/charters/{CHILDHOOD}");
    for (shown, member) in graph[1..].iter().zip(&members) {
        let stands = app.member(member).json();
        assert_eq!(shown["@type"], "Organization");
        assert_eq!(
            text(shown, "/@id"),
            format!("https://registry.example/members/{member}")
        );
        assert_eq!(shown["name"], stands["name"]);
        assert_eq!(shown["status"], stands["status"]);
        assert_eq!(shown["subjectOf"], stands["record"]);
        if stands["status"] == "excluded" {
            assert_eq!(shown["memberOf"], Value::Null);
        } else {
            assert_eq!(shown["memberOf"]["memberOf"]["@id"], charter);
            assert_eq!(shown["memberOf"]["startDate"], stands["since"]);
        }
    }
    assert_eq!(graph[1]["memberOf"]["roleName"], "member");
}

fn a_download_that_broke_off_goes_on_where_it_was(app: &TestApp) {
    history(app);
    for encoding in ["identity", "gzip", "zstd"] {
        let call = || Call::get(path("ndjson")).header("accept-encoding", encoding);
        let whole = app.send(call()).must_be(200);
        let tag = whole.header("etag").to_owned();
        assert_eq!(whole.header("accept-ranges"), "bytes");
        let length = whole.body.len();
        let mut parts = Vec::new();
        for range in ["bytes=0-99", "bytes=100-100", "bytes=101-"] {
            let part = app.send(call().header("range", range).header("if-range", &tag));
            let part = part.must_be(206);
            let end = parts.len() + part.body.len() - 1;
            let told = format!("bytes {}-{end}/{length}", parts.len());
            assert_eq!(part.header("content-range"), told);
            assert_eq!(part.header("etag"), tag);
            parts.extend(part.body);
        }
        assert_eq!(parts, whole.body);
        let end = app.send(call().header("range", "bytes=-10")).must_be(206);
        assert_eq!(end.body, whole.body[length - 10..]);
        let beyond = format!("bytes=5-{}", length + 1000);
        let rest = app.send(call().header("range", beyond)).must_be(206);
        assert_eq!(rest.body, whole.body[5..]);
        // Of what it was before, of several places, of no bytes at all: the whole.
        for (range, known) in [
            ("bytes=0-9", "\"another\""),
            ("bytes=0-9", "Sun, 22 Nov 2026 10:00:00 GMT"),
            ("bytes=0-1,5-6", tag.as_str()),
            ("bytes=9-0", &tag),
            ("lines=0-1", &tag),
        ] {
            let call = call().header("range", range).header("if-range", known);
            assert_eq!(app.send(call).must_be(200).body, whole.body);
        }
        let beyond = call().header("range", format!("bytes={length}-"));
        let refused = app.send(beyond);
        refused.must_be_refused(416, "range-unsatisfiable");
        assert_eq!(refused.header("content-range"), format!("bytes */{length}"));
        assert_eq!(whole.unpacked(), dump(app, "ndjson").body);
    }
}

fn a_dump_is_sent_anew_when_the_log_moved_and_not_before(app: &TestApp) {
    let members = history(app);
    let mut tags = Vec::new();
    for form in FORMS {
        let answer = dump(app, form);
        let tag = answer.header("etag").to_owned();
        let again = Call::get(path(form)).header("if-none-match", &tag);
        assert!(app.send(again).must_be(304).body.is_empty());
        tags.push(tag);
    }
    // The checkpoint is signed again, and is of the same log.
    app.time_passes(chrono::TimeDelta::hours(2));
    assert_eq!(app.run_job("checkpoint"), 1);
    let again = Call::get(path("csv")).header("if-none-match", &tags[1]);
    app.send(again).must_be(304);
    app.withdraw_member(&members[0]);
    for (form, tag) in FORMS.iter().zip(&tags) {
        let again = Call::get(path(form)).header("if-none-match", tag);
        let answer = app.send(again).must_be(200);
        let body = String::from_utf8(answer.body).unwrap();
        assert!(body.contains("withdrawn"), "{form}");
    }
}

fn who_has_a_dump_asks_for_what_happened_since(app: &TestApp) {
    let members = history(app);
    let since = |form: &str, since: u64| format!("{}?since={since}", path(form));
    let lines = |from: u64| {
        let answer = app.send(Call::get(since("ndjson", from))).must_be(200);
        String::from_utf8(answer.body).unwrap()
    };
    assert_eq!(lines(0).into_bytes(), dump(app, "ndjson").body);
    let size = u64::try_from(app.log().len()).unwrap();
    assert_eq!(lines(size), "");
    app.withdraw_member(&members[0]);
    let changed = app.member(&members[0]);
    assert_eq!(
        lines(size).into_bytes(),
        [&changed.body[..], b"\n"].concat()
    );
    // The one that was amended last is of an earlier entry by its own index.
    let amended = app.member(&members[2]).json()["logIndex"].as_u64().unwrap();
    assert_eq!(lines(amended).lines().count(), 2);
    assert_eq!(lines(amended + 1).lines().count(), 1);

    let table = app.send(Call::get(since("csv", size))).must_be(200);
    let table = String::from_utf8(table.body).unwrap();
    assert_eq!(table.lines().count(), 2, "{table}");
    let linked = app.send(Call::get(since("jsonld", size))).must_be(200);
    assert_eq!(linked.json()["@graph"].as_array().unwrap().len(), 2);
    let name = linked.header("content-disposition").to_owned();
    assert!(name.ends_with(&format!("-since-{size}.jsonld\"")), "{name}");
    assert!(linked.header("link").contains("rel=\"license\""));
    let tag = linked.header("etag").to_owned();
    let again = Call::get(since("jsonld", size)).header("if-none-match", &tag);
    app.send(again).must_be(304);
    let other = Call::get(since("jsonld", 0)).header("if-none-match", &tag);
    app.send(other).must_be(200);
    let part = Call::get(since("csv", size)).header("range", "bytes=0-5");
    assert_eq!(app.send(part).must_be(206).body, b"number");
}

fn a_dump_of_nothing_and_a_range_of_nothing_are_refused(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    for form in FORMS {
        app.send(Call::get(format!("/v1/charters/nobody/members.{form}")))
            .must_be_refused(404, "charter-unknown");
        app.send(Call::get(format!("/v1/charters/No%20slug/members.{form}")))
            .must_be_refused(404, "not-found");
    }
    app.send(Call::get(path("xml")))
        .must_be_refused(404, "not-found");
    // Nobody is a member yet.
    let none = dump(app, "ndjson");
    assert!(none.body.is_empty());
    let call = Call::get(path("ndjson")).header("range", "bytes=0-");
    let refused = app.send(call);
    refused.must_be_refused(416, "range-unsatisfiable");
    assert_eq!(refused.header("content-range"), "bytes */0");
    assert_eq!(
        dump(app, "jsonld").json()["@graph"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}
