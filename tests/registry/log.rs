//! The public log as its readers meet it: checkpoints, tiles, proofs, and what they prove.

use charter_proof::{
    canonical::Digest,
    entry::{Entry, Event, Kind},
    merkle::{self, Frontier},
    note::{Checkpoint, Note},
    policy::Policy,
    tile::{Row, Tile, bundle, tiles_of},
    verify::{self, Key, Question, Refusal, Standing, Verdict, Word},
};
use charter_registry::{
    log::{memory::LogError, proofs::Proof},
    rules::id::MemberId,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::{Call, text},
    on_both_databases,
    organisations::{school, school_number},
    steps::{member_path, violation},
};

on_both_databases!(
    a_member_proves_its_membership_from_one_file_until_it_is_excluded,
    every_key_of_a_member_and_every_stranger_has_a_proof,
    the_log_is_there_as_files_that_come_to_the_signed_root,
    an_idle_log_is_signed_again_every_hour_and_stays_as_it_is,
    every_change_is_closed_with_a_state,
    a_question_that_is_none_is_refused_at_its_place,
    what_nobody_closed_is_not_signed,
    an_older_log_put_under_the_running_registry_stops_it,
);

/// Judges a proof as somebody does who took the policy from the registry.
fn judged(app: &TestApp, proof: &[u8], key: &str) -> Result<Verdict, Refusal> {
    let policy = app.send(Call::get("/v1/policy")).must_be(200);
    let policy = Policy::parse(std::str::from_utf8(&policy.body).unwrap()).unwrap();
    let question = Question {
        origin: policy.origin.clone(),
        charter: CHILDHOOD.to_owned(),
        key: key.parse().unwrap(),
    };
    verify::verify(proof, &question, &policy, now(app))
}

fn now(app: &TestApp) -> DateTime<Utc> {
    app.in_storage(async |desk| desk.now())
}

fn proof_of(app: &TestApp, key: &str) -> Vec<u8> {
    let path = format!("/v1/charters/{CHILDHOOD}/proof?key={key}");
    app.send(Call::get(path)).must_be(200).body
}

fn standing(app: &TestApp, key: &str) -> Standing {
    judged(app, &proof_of(app, key), key).unwrap().standing
}

fn checkpoint(app: &TestApp) -> Checkpoint {
    let note = app.send(Call::get("/log/checkpoint")).must_be(200);
    let note: Note = String::from_utf8(note.body).unwrap().parse().unwrap();
    note.text().parse().unwrap()
}

fn a_member_proves_its_membership_from_one_file_until_it_is_excluded(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    let id = text(&app.member(&member).json(), "/id");
    let answer = app
        .send(Call::get(format!("{}/proof", member_path(&id))))
        .must_be(200);
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    let name = format!("attachment; filename=\"{CHILDHOOD}-member-{id}.tlog-proof\"");
    assert_eq!(answer.header("content-disposition"), name);
    let key = format!("member:{id}");
    let verdict = judged(app, &answer.body, &key).unwrap();
    assert_eq!(
        (verdict.standing, verdict.word),
        (Standing::Active, Word::Registry)
    );
    assert!(!verdict.names.is_empty());
    assert_eq!(verdict.member.unwrap().to_string(), id);
    // Unchanged, it need not be sent again.
    let again = Call::get(format!("{}/proof", member_path(&id)));
    let again = again.header("if-none-match", answer.header("etag"));
    app.send(again).must_be(304);

    app.time_passes(TimeDelta::hours(2));
    app.exclude(&member);
    assert_eq!(standing(app, &key), Standing::Excluded);
    // The old file says what it said, for as long as its checkpoint may be the newest.
    assert_eq!(
        judged(app, &answer.body, &key).unwrap().standing,
        Standing::Active
    );
    app.time_passes(TimeDelta::hours(1) + TimeDelta::seconds(60));
    assert!(matches!(
        judged(app, &answer.body, &key),
        Err(Refusal::Stale { .. })
    ));
    assert_eq!(standing(app, &key), Standing::Excluded);
}

fn every_key_of_a_member_and_every_stranger_has_a_proof(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    for number in 1..6 {
        app.admit(CHILDHOOD, &school_number(number), false);
    }
    let member = app.admit(CHILDHOOD, &school(), false);
    let shown = app.member(&member).json();
    let number = &shown["identifiers"][0];
    let number = format!("{}:{}", text(number, "/scheme"), text(number, "/value"));
    let id = text(&shown, "/id");
    assert_eq!(standing(app, &number), Standing::Active);
    app.suspend(&member, &violation());
    assert_eq!(standing(app, &number), Standing::Suspended);
    app.exclude(&member);
    assert_eq!(standing(app, &number), Standing::Excluded);
    for stranger in ["domain:nobody.example", "LEI:529900T8BM49AURSDO55"] {
        assert_eq!(standing(app, stranger), Standing::Never);
    }
    let nobody = "member:01920000-0000-7000-8000-000000000000";
    assert_eq!(standing(app, nobody), Standing::Never);
    let verdict = judged(app, &proof_of(app, &number), &format!("member:{id}"));
    assert!(matches!(verdict, Err(Refusal::OtherQuestion(_))));
    // What is answered without the database is what the database answers.
    let own = format!("member:{id}");
    for (key, is_at_hand) in [(&*own, true), (&*number, true), (nobody, false)] {
        let (at_hand, read) = both_proofs(app, &key.parse().unwrap());
        assert_eq!(read.text.as_bytes(), proof_of(app, key), "{key}");
        assert_eq!(at_hand.is_some(), is_at_hand, "{key}");
        if let Some(at_hand) = at_hand {
            assert_eq!((at_hand.text, at_hand.tag), (read.text, read.tag));
        }
    }
}

/// A key's proof as it is made without the database, if it is, and as it is made from it.
fn both_proofs(app: &TestApp, key: &Key) -> (Option<Proof>, Proof) {
    app.in_storage(async |desk| {
        let (log, directory) = (&desk.signatory.log, desk.directory.as_ref().unwrap());
        let at_hand = log.proof_at_hand(CHILDHOOD, key, |member| {
            let newest = directory.standing(CHILDHOOD, MemberId(member)).unwrap();
            newest.map(|(record, status)| (record.bytes, record.digest, status))
        });
        let mut conn = desk.database.read().await.unwrap();
        let read = log.proof(&mut conn, CHILDHOOD, key).await.unwrap();
        (at_hand, read.unwrap())
    })
}

fn the_log_is_there_as_files_that_come_to_the_signed_root(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    app.admit(CHILDHOOD, &school(), false);
    let checkpoint = checkpoint(app);
    let (size, mut tree) = (checkpoint.size, Frontier::default());
    let path = |tile: &Tile| format!("/log/{}", tile.path());
    let mut entries = Vec::new();
    for tile in tiles_of(size) {
        let answer = app.send(Call::get(path(&tile))).must_be(200);
        assert_eq!(answer.header("content-type"), "application/octet-stream");
        assert_eq!(
            answer.header("cache-control"),
            "public, max-age=31536000, immutable"
        );
        if tile.row() == Row::Entries {
            entries.extend(bundle::entries(&answer.body).map(|entry| entry.unwrap().to_vec()));
        } else {
            let leaves: Vec<u8> = entries
                .iter()
                .flat_map(|entry| *merkle::leaf_hash(entry).as_bytes())
                .collect();
            assert_eq!(answer.body, leaves);
        }
    }
    assert_eq!(entries, app.log());
    for entry in &entries {
        tree.push(merkle::leaf_hash(entry), |_| ());
    }
    assert_eq!((tree.size(), tree.root()), (size, checkpoint.root));
    // Every width that was published stays there, and nothing that was not.
    let width = |width: u64| Tile::of_tree(Row::Hashes(0), 0, width).unwrap();
    app.send(Call::get(path(&width(2)))).must_be(200);
    for unknown in [
        path(&width(size + 1)),
        "/log/tile/0/000".to_owned(),
        "/log/tile/1/000.p/1".to_owned(),
        format!("/log/tile/0/000.p/0{size}"),
        "/log/tile/0/0".to_owned(),
        "/log/tile/entries/000.p/0".to_owned(),
        "/log/tile/9/000".to_owned(),
        "/log/tile/".to_owned(),
        "/log/tile/entries/x001/x234/067".to_owned(),
    ] {
        app.send(Call::get(unknown))
            .must_be_refused(404, "tile-unknown");
    }
    app.send(Call::head("/log/checkpoint")).must_be(200);
}

fn an_idle_log_is_signed_again_every_hour_and_stays_as_it_is(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let before = app.send(Call::get("/log/checkpoint")).must_be(200);
    assert_eq!(before.header("cache-control"), "public, max-age=5");
    assert_eq!(app.run_job("checkpoint"), 0);
    app.time_passes(TimeDelta::minutes(59));
    assert_eq!(app.run_job("checkpoint"), 0);
    let nobody = "domain:nobody.example";
    app.time_passes(TimeDelta::hours(2));
    assert!(judged(app, &proof_of(app, nobody), nobody).is_ok());
    app.time_passes(TimeDelta::minutes(2));
    assert!(matches!(
        judged(app, &proof_of(app, nobody), nobody),
        Err(Refusal::Stale { .. })
    ));
    let log = app.log();
    assert_eq!(app.run_job("checkpoint"), 1);
    assert_eq!(app.run_job("checkpoint"), 0);
    assert_eq!(app.log(), log);
    let verdict = judged(app, &proof_of(app, nobody), nobody).unwrap();
    assert_eq!(verdict.as_of, now(app));
    let after = app.send(Call::get("/log/checkpoint")).must_be(200);
    let text = |note: &[u8]| {
        let note: Note = std::str::from_utf8(note).unwrap().parse().unwrap();
        note.text().to_owned()
    };
    assert_eq!(text(&before.body), text(&after.body));
}

fn every_change_is_closed_with_a_state(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    app.exclude(&member);
    let log = app.log_entries();
    let kinds: Vec<String> = log
        .iter()
        .map(|entry| entry.event.kind().to_string())
        .collect();
    assert_eq!(
        kinds,
        [
            "log.created",
            "state",
            "charter.published",
            "state",
            "member.included",
            "state",
            "member.excluded",
            "state",
        ]
    );
    for (index, entry) in (0..).zip(&log) {
        if let Event::State { size, .. } = entry.event {
            assert_eq!(size, index);
            assert_eq!(entry.event.kind(), Kind::State);
        }
    }
    assert_eq!(checkpoint(app).size, 8);
    // What changes nothing public leaves the log alone.
    app.apply(CHILDHOOD, &school_number(7));
    assert_eq!(checkpoint(app).size, 8);
}

fn a_question_that_is_none_is_refused_at_its_place(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    for (query, status, slug) in [
        ("", 400, "invalid-query"),
        ("?key=", 400, "invalid-query"),
        ("?key=school.example", 400, "invalid-query"),
        ("?key=member:1", 400, "invalid-query"),
        ("?key=RU-OGRN:1022800000001", 400, "invalid-query"),
        ("?key=domain:localhost", 400, "invalid-query"),
        (
            "?key=domain:a.example&key=domain:b.example",
            400,
            "invalid-query",
        ),
        ("?key=domain:a.example&at=1", 400, "invalid-query"),
    ] {
        let path = format!("/v1/charters/{CHILDHOOD}/proof{query}");
        app.send(Call::get(path)).must_be_refused(status, slug);
    }
    let unknown = "/v1/charters/nobody/proof?key=domain:a.example";
    app.send(Call::get(unknown))
        .must_be_refused(404, "charter-unknown");
    let unknown = "/v1/charters/nobody/members/01920000-0000-7000-8000-000000000000/proof";
    app.send(Call::get(unknown))
        .must_be_refused(404, "charter-unknown");
}

/// Somebody with the database adds an entry behind the newest state, which nobody closed.
fn what_nobody_closed_is_not_signed(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let published = checkpoint(app);
    let added = Entry {
        at: now(app),
        event: Event::AuditAnchored {
            head: Digest::of(b"slipped in"),
        },
    };
    let body = added.to_bytes().unwrap();
    app.in_storage(async |desk| {
        let mut tx = desk.database.begin_log().await.unwrap();
        tx.append(added.at, &body).await.unwrap();
        tx.commit().await.unwrap();
    });
    app.time_passes(TimeDelta::hours(2));
    let refused = app.in_storage(async |desk| {
        let mut tx = desk.database.begin_log().await.unwrap();
        let refreshed = {
            let keys = desk.signatory.keyring.keys();
            desk.signatory.log.refresh(&mut tx, desk.now(), &keys).await
        };
        refreshed.err()
    });
    assert!(matches!(refused, Some(LogError::Contradicts(4))));
    assert_eq!(checkpoint(app), published);
}

/// Somebody puts last week's backup under the registry while it runs.
fn an_older_log_put_under_the_running_registry_stops_it(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    let published = checkpoint(app);
    // The newest change is gone, and the head says so.
    app.tamper("DELETE FROM log_entries WHERE leaf_index >= 4");
    app.tamper("UPDATE log_head SET size = 4");
    let follows = app.in_storage(async |desk| {
        let mut tx = desk.database.begin_log().await.unwrap();
        desk.signatory.log.check(&mut tx).await
    });
    assert!(matches!(
        follows,
        Err(LogError::Behind {
            found: 4,
            signed: 6
        })
    ));
    // As many entries as there were, and others.
    let other = Entry {
        at: now(app),
        event: Event::AuditAnchored {
            head: Digest::of(b"another history"),
        },
    };
    let body = other.to_bytes().unwrap();
    app.in_storage(async |desk| {
        let mut tx = desk.database.begin_log().await.unwrap();
        for _ in 0..2 {
            tx.append(other.at, &body).await.unwrap();
        }
        tx.commit().await.unwrap();
    });
    let patch = json!({"names": {"ru": "Другое имя"}});
    let tag = app.member(&member).header("etag").to_owned();
    let call = Call::patch(member_path(&member)).token(&app.staff.registrars[0]);
    let refused = app.send(call.header("if-match", tag).json(&patch));
    refused.must_be_refused(503, "log-contradicted");
    assert_eq!(checkpoint(app), published);
    assert_eq!(app.log().len(), 6);
}
