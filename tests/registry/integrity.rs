//! What `fsck` finds: whoever changes a table past the registry is found out, and named.

use std::fs;

use charter_proof::{
    canonical::Digest,
    entry::Event,
    keys::SecretKey,
    note::{Checkpoint, Note},
};
use charter_registry::{
    desk::integrity::{self, Kept},
    storage::log,
};

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    on_both_databases,
    organisations::{school, school_number},
};

on_both_databases!(
    whoever_changes_a_table_past_the_registry_is_found_out,
    whoever_changes_the_log_or_what_stands_beside_it_is_found_out_at_its_index,
    what_is_kept_beside_the_database_is_held_against_the_log,
    what_the_witnesses_cosigned_is_held_against_the_log,
    an_uploaded_file_that_is_gone_or_another_is_found_out,
);

fn faults(app: &TestApp) -> Vec<String> {
    app.in_storage(async |desk| integrity::check(&desk.database, &desk.files).await)
        .unwrap()
        .faults
}

fn whoever_changes_a_table_past_the_registry_is_found_out(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    app.exclude(&member);
    app.admit(CHILDHOOD, &school_number(1), false);
    assert_eq!(faults(app), [""; 0]);
    let document = if app.is_on_postgres() {
        "jsonb"
    } else {
        "text"
    };
    let renamed = |from: &str, to: &str| {
        format!(
            "UPDATE memberships SET organisation = \
             CAST(replace(CAST(organisation AS text), '{from}', '{to}') AS {document})"
        )
    };
    let (renamed, named_back) = (renamed("Гимназия", "Лицей"), renamed("Лицей", "Гимназия"));
    // What is done, how it is undone, and what is said of it.
    #[rustfmt::skip]
    let cases = [
        ("UPDATE memberships SET status = 'active' WHERE number = 1",
         "UPDATE memberships SET status = 'excluded' WHERE number = 1",
         "memberships: member"),
        ("UPDATE memberships SET founder = TRUE WHERE number = 2",
         "UPDATE memberships SET founder = FALSE WHERE number = 2",
         "memberships: member"),
        ("UPDATE memberships SET number = 7 WHERE number = 2",
         "UPDATE memberships SET number = 2 WHERE number = 7",
         "memberships: member"),
        (&*renamed, &*named_back, "memberships: member"),
        ("UPDATE claims SET claim = claim || '0'",
         "UPDATE claims SET claim = substr(claim, 1, length(claim) - 1)",
         "claims: "),
        ("UPDATE records SET log_index = log_index + 1000",
         "UPDATE records SET log_index = log_index - 1000",
         "records: record"),
        ("UPDATE log_head SET size = size + 1",
         "UPDATE log_head SET size = size - 1",
         "log: the head names"),
        ("UPDATE log_entries SET leaf_index = 9000 WHERE leaf_index = 2",
         "UPDATE log_entries SET leaf_index = 2 WHERE leaf_index = 9000",
         "log: entry 2 is missing"),
        ("UPDATE audit SET role = 'clerk' WHERE role = 'registrar'",
         "UPDATE audit SET role = 'registrar' WHERE role = 'clerk' AND action NOT LIKE 'memorandum%'",
         "is not what was written"),
        ("UPDATE audit SET seq = 9000 WHERE seq = 3",
         "UPDATE audit SET seq = 3 WHERE seq = 9000",
         "audit: row 3 is missing"),
        ("UPDATE audit_head SET size = size - 1",
         "UPDATE audit_head SET size = size + 1",
         "audit: the head names"),
        ("UPDATE status_places SET revoked = FALSE WHERE member = (SELECT id FROM memberships WHERE number = 1)",
         "UPDATE status_places SET revoked = TRUE WHERE member = (SELECT id FROM memberships WHERE number = 1)",
         "is not as entry 6 left its member"),
        ("UPDATE status_places SET suspended = TRUE WHERE member = (SELECT id FROM memberships WHERE number = 2)",
         "UPDATE status_places SET suspended = FALSE WHERE member = (SELECT id FROM memberships WHERE number = 2)",
         "is not as entry 8 left its member"),
        ("UPDATE status_places SET is_current = FALSE WHERE NOT revoked",
         "UPDATE status_places SET is_current = TRUE WHERE NOT revoked",
         "is not as entry 8 left its member"),
        ("UPDATE status_places SET position = (position + 1) % 131072",
         "UPDATE status_places SET position = (position + 131071) % 131072",
         "status lists: the revocation list 1 says another thing than place"),
        ("UPDATE status_lists SET taken = taken + 1",
         "UPDATE status_lists SET taken = taken - 1",
         "status lists: 3 places of list 1 were given away, 2 are stored"),
    ];
    for (done, undone, said) in cases {
        app.tamper(done);
        let found = faults(app);
        assert!(
            found.iter().any(|fault| fault.contains(said)),
            "{done}: {found:?}"
        );
        app.tamper(undone);
        assert_eq!(faults(app), [""; 0], "{undone}");
    }
}

/// How a text in a column of bytes is replaced, where it stands in this row.
fn replaced(app: &TestApp, column: &str, row: &str, from: &str, to: &str) -> String {
    let (table, column) = column.split_once('.').unwrap();
    let new = if app.is_on_postgres() {
        format!("convert_to(replace(convert_from({column}, 'UTF8'), '{from}', '{to}'), 'UTF8')")
    } else {
        format!("CAST(replace(CAST({column} AS text), '{from}', '{to}') AS blob)")
    };
    format!("UPDATE {table} SET {column} = {new} WHERE {row}")
}

/// The same digest, but for its first digit.
fn other(digest: Digest) -> String {
    let digest = digest.to_string();
    let first = if digest.starts_with('0') { "1" } else { "0" };
    format!("{first}{}", &digest[1..])
}

/// What somebody does to a table, how it is undone, and what is said of it.
type Damage = (String, String, &'static str);

/// A text that is another in a row of a column of bytes.
fn swapped(
    app: &TestApp,
    (column, row): (&str, &str),
    (from, to): (&str, &str),
    said: &'static str,
) -> Damage {
    let change = |from, to| replaced(app, column, row, from, to);
    (change(from, to), change(to, from), said)
}

fn is_found(app: &TestApp, damages: &[Damage]) {
    for (done, undone, said) in damages {
        app.tamper(done);
        let found = faults(app);
        let is_named = found.iter().any(|fault| fault.contains(said));
        assert!(is_named, "{done}: {found:?}");
        app.tamper(undone);
        assert_eq!(faults(app), [""; 0], "{undone}");
    }
}

fn whoever_changes_the_log_or_what_stands_beside_it_is_found_out_at_its_index(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let older = note(app);
    let member = app.admit(CHILDHOOD, &school(), false);
    app.exclude(&member);
    app.admit(CHILDHOOD, &school_number(1), false);
    assert_eq!(faults(app), [""; 0]);
    let log = app.log_entries();
    let (Event::State { map, .. }, Event::Member { record, .. }) = (&log[5].event, &log[6].event)
    else {
        panic!("{log:?}");
    };
    let entry = |row: &str, from: &str, to: &str, said| {
        swapped(
            app,
            ("log_entries.body", &format!("leaf_index = {row}")),
            (from, to),
            said,
        )
    };
    #[rustfmt::skip]
    let of_entries = [
        entry("4", "\"active\"", "\"suspended\"", "log: entry 4: this change does not follow"),
        entry("4", "member.included", "member.readmitted", "log: entry 4: this change does not follow"),
        entry("5", &map.to_string(), &other(*map), "log: entry 5: the state entry does not say"),
        entry("6", &record.to_string(), &other(*record), "log: entry 7: the state entry does not say"),
        entry("7", "\"size\":7", "\"size\":8", "log: entry 7: the state entry does not say"),
        entry("4", "2026-11-22T", "2025-11-22T", "log: entry 4: it is older than the entry before"),
        entry("3", "\"kind\"", " \"kind\"", "log: entry 3 is damaged"),
        entry("6", "member.excluded", "member.expelled", "log: entry 6 is damaged"),
        entry("2", "\"version\":1", "\"version\":2", "charters: version 2 of digital-ethics-of-childhood is not what entry 2"),
    ];
    is_found(app, &of_entries);
    is_found(app, &of_checkpoints(&older, &note(app)));
    is_found(app, &of_tables(app, *record));
}

/// Another checkpoint than the newest, or one that is not signed as it must be.
fn of_checkpoints(older: &str, newest: &str) -> [Damage; 3] {
    let set = |note: &str| format!("UPDATE log_head SET checkpoint = '{note}'");
    let lines: Vec<_> = newest.lines().take(5).collect();
    let without_clock = format!("{}\n", lines.join("\n"));
    let none = "UPDATE log_head SET checkpoint = NULL".to_owned();
    #[rustfmt::skip]
    let cases = [
        (set(older), set(newest), "checkpoint: it is of 4 entries, 10 are there"),
        (set(&without_clock), set(newest), "checkpoint: the clock key in force at entry 9 did not sign"),
        (none, set(newest), "checkpoint: that of 10 entries is missing"),
    ];
    cases
}

/// Keys, records, charters and claims that are not those of the log, whose entry 6 names this record.
fn of_tables(app: &TestApp, record: Digest) -> Vec<Damage> {
    let bytes = |hex: &str| {
        if app.is_on_postgres() {
            format!("'\\x{hex}'::bytea")
        } else {
            format!("x'{hex}'")
        }
    };
    let (gone, named) = (bytes(&"00".repeat(32)), bytes(&record.to_string()));
    let plain = |done: &str, undone: &str, said| (done.to_owned(), undone.to_owned(), said);
    #[rustfmt::skip]
    let cases = vec![
        plain("UPDATE signing_keys SET from_index = 1 WHERE purpose = 'clock'",
              "UPDATE signing_keys SET from_index = 0 WHERE purpose = 'clock'", "keys: the clock key"),
        plain("UPDATE signing_keys SET compromised_at = created_at WHERE purpose = 'record'",
              "UPDATE signing_keys SET compromised_at = NULL WHERE purpose = 'record'", "keys: the record key"),
        plain("INSERT INTO announced_keys SELECT purpose, public_key, created_at FROM signing_keys WHERE purpose = 'log'",
              "DELETE FROM announced_keys", "keys: others are announced"),
        swapped(app, ("records.document", "log_index = 4"), ("\"active\"", "\"actual\""), "is not what entry 4 names"),
        swapped(app, ("charter_versions.document", "version = 1"), ("of-childhood", "of-childhoot"),
                "charters: version 1 of digital-ethics-of-childhood is not what entry 2"),
        (format!("UPDATE records SET log_index = 900, digest = {gone} WHERE log_index = 6"),
         format!("UPDATE records SET log_index = 6, digest = {named} WHERE log_index = 900"),
         "records: the record of entry 6 is missing"),
        swapped(app, ("status_lists.revocation", "number = 1"), ("\"ttl\":300000", "\"ttl\":300001"),
                "status lists: the revocation list 1 does not verify"),
        swapped(app, ("status_lists.suspension", "number = 1"), ("\"ttl\"", "ttl"),
                "status lists: the suspension list 1 cannot be read"),
        plain("UPDATE status_lists SET signed_by = signed_by || 'x'",
              "UPDATE status_lists SET signed_by = substr(signed_by, 1, length(signed_by) - 1)",
              "status lists: the revocation list 1 is not the one that is noted"),
        plain("UPDATE records SET status = 'suspended' WHERE log_index = 4",
              "UPDATE records SET status = 'active' WHERE log_index = 4", "says another thing than entry 4"),
        plain("UPDATE claims SET member = NULL WHERE member = (SELECT id FROM memberships WHERE number = 1)",
              "UPDATE claims SET member = (SELECT id FROM memberships WHERE number = 1) WHERE member IS NULL",
              "has another holder than entry 4 says"),
    ];
    cases
}

/// The checkpoint that is stored.
fn note(app: &TestApp) -> String {
    let stored = app.in_storage(async |desk| {
        let mut conn = desk.database.read().await.unwrap();
        log::checkpoint(&mut conn).await.unwrap()
    });
    stored.unwrap()
}

fn what_is_kept_beside_the_database_is_held_against_the_log(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let newest = app
        .in_storage(async |desk| desk.signatory.log.newest())
        .unwrap();
    let right = Kept {
        place: "log.mark",
        size: newest.checkpoint.size,
        root: newest.checkpoint.root,
        map: None,
    };
    let found = |kept: Kept| {
        let kept = [kept];
        app.in_storage(async |desk| {
            integrity::check_with(&desk.database, &desk.files, &kept, &mut |_, _| ()).await
        })
        .unwrap()
        .faults
    };
    assert_eq!(found(right.clone()), [""; 0]);
    let another = Digest::of(b"another log");
    let cases = [
        (
            Kept {
                root: another,
                ..right.clone()
            },
            "log.mark: it knows another log up to entry 3",
        ),
        (
            Kept {
                map: Some(another),
                ..right.clone()
            },
            "log.mark: it knows another log up to entry 3",
        ),
        (
            Kept { size: 12, ..right },
            "log.mark: it knows 12 entries, 4 are there",
        ),
    ];
    for (kept, said) in cases {
        assert_eq!(found(kept), [said]);
    }
}

fn what_the_witnesses_cosigned_is_held_against_the_log(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let newest = app
        .in_storage(async |desk| desk.signatory.log.newest())
        .unwrap();
    let signed_by_another = |checkpoint: &Checkpoint| {
        let mut note = Note::unsigned(checkpoint);
        note.sign(&checkpoint.origin, &SecretKey::from_seed([77; 32]));
        note.to_string()
    };
    let right = newest.checkpoint.clone();
    let (size, root) = (12, Digest::of(b"another log"));
    let put = |note: &str| app.tamper(&format!("UPDATE witnessed_head SET checkpoint = '{note}'"));
    for (note, said) in [
        (newest.note.clone(), &[][..]),
        (
            "nothing".to_owned(),
            &["witnessed head: it is no signed checkpoint"],
        ),
        (
            signed_by_another(&right),
            &["witnessed head: no key of this log signed it"],
        ),
        (
            signed_by_another(&Checkpoint {
                root,
                ..right.clone()
            }),
            &[
                "witnessed head: it knows another log up to entry 3",
                "witnessed head: no key of this log signed it",
            ],
        ),
        (
            signed_by_another(&Checkpoint {
                size,
                ..right.clone()
            }),
            &[
                "witnessed head: it knows 12 entries, 4 are there",
                "witnessed head: no key of this log signed it",
            ],
        ),
    ] {
        put(&note);
        assert_eq!(faults(app), said, "{note}");
    }
    // An older one is right as long as a newer one waits; it is another's where it has another size.
    put(&newest.note.replace("\n4\n", "\n3\n"));
    assert_eq!(faults(app).len(), 2, "{:?}", faults(app));
    put(&newest.note);
    for entry in [3, 900] {
        app.tamper(&format!("UPDATE witnessed_head SET overridden = {entry}"));
        let found = faults(app);
        let is_named =
            |fault: &String| fault.contains(&format!("overridden from entry {entry} on"));
        assert!(found.iter().any(is_named), "{found:?}");
    }
    app.tamper("UPDATE witnessed_head SET overridden = NULL");
    assert_eq!(faults(app), [""; 0]);
}

fn an_uploaded_file_that_is_gone_or_another_is_found_out(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    app.admit(CHILDHOOD, &school(), false);
    let shelf = fs::read_dir(app.folder().join("files")).unwrap().next();
    let file = fs::read_dir(shelf.unwrap().unwrap().path()).unwrap().next();
    let file = file.unwrap().unwrap().path();
    let content = fs::read(&file).unwrap();
    let is_named = |found: &[String]| matches!(found, [fault] if fault.starts_with("file "));

    fs::remove_file(&file).unwrap();
    assert!(is_named(&faults(app)), "{:?}", faults(app));
    let mut other = content.clone();
    other[100] ^= 1;
    fs::write(&file, other).unwrap();
    assert!(is_named(&faults(app)), "{:?}", faults(app));
    fs::write(&file, content).unwrap();
    assert_eq!(faults(app), [""; 0]);
}
