//! Redaction: what must not be public goes from everywhere, and the log and its proofs go on as they were.

use std::{fs, path::Path, thread};

use charter_proof::{
    policy::Policy,
    verify::{self, Question, Standing, Verdict},
};
use charter_registry::desk::integrity;
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::{Answer, Call, text},
    on_both_databases,
    organisations::{school, school_number},
    steps::{Proposed, member_path, members_of, path_of, violation},
};

on_both_databases!(
    a_living_membership_gets_a_record_without_the_text_and_the_old_one_is_gone,
    the_record_of_a_former_member_is_withheld_and_its_proof_says_what_it_is,
    a_redacted_text_is_found_nowhere,
    an_administrator_proposes_and_a_registrar_decides,
    what_cannot_be_redacted_is_refused_at_its_place,
);

/// What stands nowhere else.
const CANARY: &str = "Canary Fifi of Redaction Street";

/// The record's path under `/v1`.
fn redaction_of(record: &str) -> String {
    format!("/v1{}/redaction", path_of(record))
}

fn propose(app: &TestApp, record: &str, body: &Value) -> Answer {
    let call = Call::post(redaction_of(record)).token(&app.staff.administrator);
    app.send(call.json(body))
}

fn redact(app: &TestApp, record: &str, body: &Value) -> Value {
    let answer = propose(app, record, body).must_be(201);
    app.approve(&Proposed {
        id: answer.text("/id"),
        digest: answer.text("/digest"),
    })
}

/// Why the tests decide against a member, with the text that is to go.
fn telling() -> Value {
    let mut reasons = violation();
    reasons["statement"] = json!({"ru": format!("Об этом писала {CANARY}."), "en": CANARY});
    reasons
}

/// What a proof says to somebody who took the policy from the registry.
fn judged(app: &TestApp, member: &str) -> Verdict {
    let proof = app.send(Call::get(format!("{}/proof", member_path(member))));
    let policy = app.send(Call::get("/v1/policy")).must_be(200);
    let policy = Policy::parse(std::str::from_utf8(&policy.body).unwrap()).unwrap();
    let question = Question {
        origin: policy.origin.clone(),
        charter: CHILDHOOD.to_owned(),
        key: format!("member:{member}").parse().unwrap(),
    };
    let now = app.in_storage(async |desk| desk.now());
    verify::verify(&proof.must_be(200).body, &question, &policy, now).unwrap()
}

fn is_whole(app: &TestApp) {
    let found = app.in_storage(async |desk| integrity::check(&desk.database, &desk.files).await);
    assert_eq!(found.unwrap().faults, Vec::<String>::new());
}

/// The lines of everything in bulk.
fn bulk(app: &TestApp) -> Vec<String> {
    let path = format!("/log/records/000.p/{}", app.log().len());
    let lines = String::from_utf8(app.send(Call::get(path)).must_be(200).body).unwrap();
    lines.lines().map(str::to_owned).collect()
}

fn record_of(app: &TestApp, member: &str) -> String {
    text(&app.member(member).json(), "/record")
}

fn a_living_membership_gets_a_record_without_the_text_and_the_old_one_is_gone(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    app.suspend(&member, &telling());
    let (record, before) = (record_of(app, &member), app.log());
    let (old, name) = (
        app.record(&record),
        app.member(&member).json()["name"].clone(),
    );
    let index = app.member(&member).json()["logIndex"].as_u64().unwrap();
    let etag = app.send(Call::get("/log/records/000.p/7")).must_be(200);
    let statement = json!({"ru": "Доступ детей к вредному контенту не был ограничен."});
    let body = json!({"ground": "personal_data", "statement": statement});
    let answer = propose(app, &record, &body).must_be(201);
    assert_eq!(answer.json()["kind"], "redaction");
    assert_eq!(answer.json()["redaction"]["statement"], statement);
    // Nothing has changed yet.
    assert_eq!(app.record(&record), old);
    assert_eq!(app.log(), before);
    let shown = app.approve(&Proposed {
        id: answer.text("/id"),
        digest: answer.text("/digest"),
    });
    assert_eq!(
        (&shown["status"], &shown["name"]),
        (&json!("suspended"), &name)
    );

    app.send(Call::get(path_of(&record)))
        .must_be_refused(410, "record-redacted");
    let after = app.log();
    assert!(after.starts_with(&before));
    let kinds: Vec<String> = app.log_entries()[before.len()..]
        .iter()
        .map(|entry| entry.event.kind().to_string())
        .collect();
    assert_eq!(kinds, ["record.redacted", "member.amended", "state"]);
    let redacted: Value = serde_json::from_slice(&after[before.len()]).unwrap();
    assert_eq!(redacted["ground"], "personal_data");
    let line = json!({"redacted": redacted["record"]}).to_string();
    assert_eq!(bulk(app)[usize::try_from(index).unwrap()], line);
    // Whoever keeps a copy of the bulk file learns that it changed.
    let again = Call::get("/log/records/000.p/7").header("if-none-match", etag.header("etag"));
    app.send(again).must_be(200);

    let newest: Value = serde_json::from_slice(&app.newest_record(&member)).unwrap();
    let said = &newest["credentialSubject"];
    assert_eq!(said["previous"], record);
    assert_eq!(said["event"]["type"], "amended");
    assert_eq!(said["decision"]["ground"], "charter_violation");
    assert_eq!(said["decision"]["statement"][0]["@value"], statement["ru"]);
    assert_eq!(
        app.verdict(&app.newest_record(&member))["verdict"],
        "authentic"
    );
    let history = app.history(&member);
    assert_eq!(history[1]["redacted"], before.len());
    assert_eq!(history[1]["name"], json!({}));
    assert_eq!(history[2]["redacted"], Value::Null);
    let verdict = judged(app, &member);
    assert_eq!(verdict.standing, Standing::Suspended);
    assert!(!verdict.names.is_empty());
    is_whole(app);
    // It goes on as any membership does.
    app.exclude(&member);
    assert_eq!(judged(app, &member).standing, Standing::Excluded);
    is_whole(app);
}

fn the_record_of_a_former_member_is_withheld_and_its_proof_says_what_it_is(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    app.amend(&member, &json!({"aliases": [CANARY]}));
    app.approve(&app.propose_exclusion(&member, &telling()));
    let before = app.member(&member);
    let record = text(&before.json(), "/record");
    let body = json!({"ground": "court_order", "aliases": []});
    let shown = redact(app, &record, &body);
    assert_eq!(shown["status"], "excluded");
    let after = app.member(&member);
    assert_eq!(after.json()["aliases"], Value::Null);
    // The log index is the same, the answer is not.
    assert_eq!(after.json()["logIndex"], before.json()["logIndex"]);
    assert_ne!(after.header("etag"), before.header("etag"));
    let newest = Call::get(format!("{}/record", member_path(&member)));
    app.send(newest).must_be_refused(410, "record-redacted");
    let verdict = judged(app, &member);
    assert_eq!(verdict.standing, Standing::Excluded);
    assert!(verdict.names.is_empty());
    // The record that gave it the alias went, too; the one before stays.
    let gone: Vec<bool> = app
        .history(&member)
        .iter()
        .map(|event| event["redacted"].is_number())
        .collect();
    assert_eq!(gone, [false, true, true]);
    let kinds: Vec<String> = app
        .logged()
        .iter()
        .rev()
        .take(2)
        .map(|entry| entry.event.kind().to_string())
        .collect();
    assert_eq!(kinds, ["record.redacted", "record.redacted"]);
    let told = app.send(Call::get("/v1/events?limit=100")).must_be(200);
    assert!(!String::from_utf8(told.body).unwrap().contains(CANARY));
    is_whole(app);
}

fn a_redacted_text_is_found_nowhere(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let other = app.admit(CHILDHOOD, &school_number(1), false);
    let member = app.admit(CHILDHOOD, &school(), false);
    app.amend(&member, &json!({"aliases": [CANARY, "Первая школа"]}));
    app.suspend(&member, &telling());
    app.approve(&app.propose(
        &member,
        "reinstatement",
        &json!({"ground": "error_corrected", "statement": {"ru": CANARY}}),
    ));
    let records: Vec<String> = app
        .history(&member)
        .iter()
        .map(|event| text(event, "/record"))
        .collect();
    for form in ["ndjson", "csv", "jsonld"] {
        let dump = app.send(Call::get(format!("{}.{form}", members_of(CHILDHOOD))));
        assert!(
            String::from_utf8(dump.must_be(200).body)
                .unwrap()
                .contains(CANARY)
        );
    }
    assert_eq!(app.find(&[("q", CANARY)]).len(), 1);

    let body = json!({"ground": "personal_data", "aliases": ["Первая школа"]});
    let shown = redact(app, records.last().unwrap(), &body);
    assert_eq!(shown["aliases"], json!(["Первая школа"]));
    let gone: Vec<bool> = app
        .history(&member)
        .iter()
        .map(|event| event["redacted"].is_number())
        .collect();
    assert_eq!(gone, [false, true, true, true, false]);

    for path in [
        member_path(&member),
        format!("{}/record", member_path(&member)),
        format!("{}/history", member_path(&member)),
        format!("{}/proof", member_path(&member)),
        format!("{}.ndjson", members_of(CHILDHOOD)),
        format!("{}.csv", members_of(CHILDHOOD)),
        format!("{}.jsonld", members_of(CHILDHOOD)),
        members_of(CHILDHOOD),
        "/v1/events?limit=100".to_owned(),
        format!("/log/records/000.p/{}", app.log().len()),
    ] {
        let answer = app.send(Call::get(&path)).must_be(200);
        assert!(
            !String::from_utf8_lossy(&answer.body).contains(CANARY),
            "{path}"
        );
    }
    let decisions = Call::get("/v1/decisions?limit=100").token(&app.staff.auditor);
    let decisions = String::from_utf8(app.send(decisions).must_be(200).body).unwrap();
    assert!(!decisions.contains(CANARY) && decisions.contains("[…]"));
    assert!(app.find(&[("q", CANARY)]).is_empty());
    // What nobody wanted to go is there still.
    assert_eq!(app.find(&[("q", "Первая школа")]).len(), 1);
    app.member(&other);
    assert_eq!(app.run_job("purge"), 1);
    is_nowhere_in_the_tables(app);
    // The reading room is made anew by its upkeep.
    while is_in_a_file_under(app.folder()) {
        thread::yield_now();
    }
    is_whole(app);
}

fn is_nowhere_in_the_tables(app: &TestApp) {
    if app.is_on_postgres() {
        let bytes: String = CANARY.bytes().map(|byte| format!("{byte:02x}")).collect();
        app.tamper(&format!(
            "DO $$ DECLARE place text; found bigint; BEGIN
               FOR place IN SELECT table_name FROM information_schema.tables
                 WHERE table_schema = 'public' AND table_type = 'BASE TABLE' LOOP
                 EXECUTE format('SELECT count(*) FROM %I x WHERE x::text LIKE ''%%{CANARY}%%'' OR x::text LIKE ''%%{bytes}%%''', place)
                   INTO found;
                 IF found > 0 THEN RAISE EXCEPTION 'found in %', place; END IF;
               END LOOP; END $$"
        ));
    }
}

/// Whether the text stands in any file of the data folder: SQLite's, its log's, the reading room's.
fn is_in_a_file_under(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return is_in_a_file_under(&path);
        }
        // A file that was put in another's place meanwhile is read next time.
        let bytes = fs::read(&path).unwrap_or_default();
        bytes
            .windows(CANARY.len())
            .any(|window| window == CANARY.as_bytes())
    })
}

fn an_administrator_proposes_and_a_registrar_decides(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    app.suspend(&member, &telling());
    let record = record_of(app, &member);
    let body = json!({"ground": "personal_data"});
    let by_registrar = Call::post(redaction_of(&record)).token(&app.staff.registrars[0]);
    app.send(by_registrar.json(&body))
        .must_be_refused(403, "forbidden");
    let proposed = propose(app, &record, &body).must_be(201);
    propose(app, &record, &body).must_be_refused(409, "already-proposed");
    let approval = format!("/v1/decisions/{}/approval", proposed.text("/id"));
    let digest = json!({"digest": proposed.text("/digest")});
    let by_administrator = Call::post(&approval).token(&app.staff.administrator);
    app.send(by_administrator.json(&digest))
        .must_be_refused(403, "forbidden");
    // Declined, it leaves everything as it was.
    let refusal = format!("/v1/decisions/{}/refusal", proposed.text("/id"));
    let declined = Call::post(refusal)
        .token(&app.staff.registrars[0])
        .json(&json!({}));
    app.send(declined).must_be(200);
    app.record(&record);
    // What changed since is to be proposed anew.
    let proposed = propose(app, &record, &body).must_be(201);
    app.amend(&member, &json!({"aliases": ["Первая школа"]}));
    let approval = format!("/v1/decisions/{}/approval", proposed.text("/id"));
    let digest = json!({"digest": proposed.text("/digest")});
    let stale = Call::post(&approval)
        .token(&app.staff.registrars[0])
        .json(&digest);
    app.send(stale).must_be_refused(409, "proposal-stale");
    redact(app, &record, &body);
    propose(app, &record, &body).must_be_refused(410, "record-redacted");
    let rows = app.audit();
    let actions: Vec<&str> = rows
        .iter()
        .map(|row| charter_registry::rules::word::Word::as_str(row.body.action))
        .collect();
    for action in [
        "redaction.proposed",
        "record.redacted",
        "decision.approved",
        "member.amended",
    ] {
        assert!(actions.contains(&action), "{action}");
    }
    // Without a statement, the record that follows has no decision.
    let newest: Value = serde_json::from_slice(&app.newest_record(&member)).unwrap();
    assert_eq!(newest["credentialSubject"]["decision"], Value::Null);
}

fn what_cannot_be_redacted_is_refused_at_its_place(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    let other = app.admit(CHILDHOOD, &school_number(1), false);
    let record = record_of(app, &member);
    let nobody = "https://registry.example/records/01920000-0000-7000-8000-000000000000";
    let ground = json!({"ground": "personal_data"});
    propose(app, nobody, &ground).must_be_refused(404, "record-unknown");
    let others = record_of(app, &other);
    let others = others.rsplit('/').next().unwrap();
    let many: Vec<String> = (0..100)
        .map(|n| format!("01920000-0000-7000-8000-{n:012}"))
        .collect();
    let aliases: Vec<String> = (0..21).map(|n| format!("Школа {n}")).collect();
    for (body, pointer, code) in [
        (json!({}), "/ground", "missing_field"),
        (json!({"ground": "because"}), "/ground", "unknown_value"),
        (
            json!({"ground": "personal_data", "also": [others]}),
            "/also",
            "another_member",
        ),
        (
            json!({"ground": "personal_data", "also": many}),
            "/also",
            "too_many",
        ),
        (
            json!({"ground": "personal_data", "aliases": aliases}),
            "/aliases",
            "too_many",
        ),
        (
            json!({"ground": "personal_data", "aliases": ["a\u{0}"]}),
            "/aliases/0",
            "forbidden_character",
        ),
        (
            json!({"ground": "personal_data", "name": {}}),
            "/name",
            "empty",
        ),
        (
            json!({"ground": "personal_data", "name": {"ru": "\u{202e}"}}),
            "/name/ru",
            "forbidden_character",
        ),
        (
            json!({"ground": "personal_data", "statement": {"ru": "Иначе."}}),
            "/statement",
            "no_statement",
        ),
        (
            json!({"ground": "personal_data", "domain": "a.example"}),
            "/domain",
            "unknown_field",
        ),
    ] {
        let refused = propose(app, &record, &body);
        refused.must_be_refused(422, "invalid-body");
        let found = refused.problem().errors[0].clone();
        assert_eq!(found, (pointer.to_owned(), code.to_owned()), "{body}");
    }
    app.approve(&app.propose_exclusion(&member, &telling()));
    let body = json!({"ground": "personal_data", "statement": {"ru": "Иначе."}});
    let refused = propose(app, &record_of(app, &member), &body);
    refused.must_be_refused(422, "invalid-body");
    assert_eq!(refused.problem().errors[0].1, "membership_ended");
}
