//! Whoever has the database alone rewrites it beside the registry that runs on it: nothing of it is signed, and mirrors say
//! so and wait.

use std::path::Path;

use serde_json::Value;

use super::{super::state, DUMP, Registry, awaited, size, stranger_to};
use crate::{host::Host, mirrors::rewriting::rewrite};

/// The tables that are rewritten.
const TABLES: [&str; 4] = ["log_entries", "records", "charter_versions", "status_lists"];

/// What is done, by which statements, and what a mirror says that copies the registry. No two neighbours say the same.
const OF_THE_LOG: &[(&str, &str, &str)] = &[
    (
        "an entry changed",
        "UPDATE log_entries SET body = CAST(replace(CAST(body AS TEXT), 'active', 'excluded') AS BLOB) WHERE leaf_index = 4",
        "does not come to the root",
    ),
    (
        "a record changed",
        "UPDATE records SET document = CAST(replace(CAST(document AS TEXT), 'false', 'true') AS BLOB) WHERE log_index = 4",
        "the line of entry 4 is not the record",
    ),
    (
        "two entries swapped",
        "UPDATE log_entries SET leaf_index = -leaf_index WHERE leaf_index IN (4, 6);
         UPDATE log_entries SET leaf_index = 10 + leaf_index WHERE leaf_index < 0",
        "does not come to the root",
    ),
    (
        "another record behind a digest",
        "UPDATE records SET document = (SELECT document FROM records WHERE log_index = 6) WHERE log_index = 4",
        "the line of entry 4 is not the record",
    ),
    (
        "an entry added back in time",
        "UPDATE log_entries SET leaf_index = -leaf_index WHERE leaf_index > 4;
         UPDATE log_entries SET leaf_index = 1 - leaf_index WHERE leaf_index < 0;
         INSERT INTO log_entries SELECT 5, body FROM log_entries WHERE leaf_index = 4",
        "does not come to the root",
    ),
    (
        "a record removed",
        "DELETE FROM records WHERE log_index = 4",
        "the line of entry 4 is not the record",
    ),
    (
        "an entry removed",
        "DELETE FROM log_entries WHERE leaf_index = 4",
        "answers 500",
    ),
    (
        "a record redacted by no entry",
        "UPDATE records SET document = NULL, redacted = 5 WHERE log_index = 4",
        "withholds 1 records",
    ),
    (
        "an entry of another time",
        "UPDATE log_entries SET body = CAST(replace(CAST(body AS TEXT), 'Z\",\"c', '+00:00\",\"c') AS BLOB) WHERE leaf_index = 4",
        "does not come to the root",
    ),
    (
        "two records behind each other's entries",
        "UPDATE records SET log_index = -log_index WHERE log_index IN (4, 6);
         UPDATE records SET log_index = 10 + log_index WHERE log_index < 0",
        "the line of entry 4 is not the record",
    ),
    (
        "another state at the end",
        "UPDATE log_entries SET body = CAST(replace(CAST(body AS TEXT), '\"map\":\"', '\"map\":\"0') AS BLOB)
         WHERE leaf_index = (SELECT max(leaf_index) FROM log_entries)",
        "does not come to the root",
    ),
    (
        "a charter in other words",
        "UPDATE charter_versions SET document = CAST(document || ' ' AS BLOB)",
        "the document has another digest",
    ),
    (
        "a charter's version under another digest",
        "UPDATE charter_versions SET digest = zeroblob(32)",
        "answers 404",
    ),
];

/// The same for what a mirror looks at each time.
const OF_STATUS_LISTS: &[(&str, &str, &str)] = &[
    (
        "one list in the place of the other",
        "UPDATE status_lists SET suspension = revocation",
        "it is another one than was asked for",
    ),
    (
        "a list altered",
        "UPDATE status_lists SET revocation = CAST(replace(CAST(revocation AS TEXT), 'Z\"', 'z\"') AS BLOB)",
        "a status list is not accepted",
    ),
    (
        "lists withheld",
        "DELETE FROM status_lists",
        "the status lists revoke 0 credentials",
    ),
];

/// Puts the tables back as they were, and rewrites them anew.
fn anew(host: &Host, honest: &Path, statements: &str) {
    let honest = honest.display();
    let mut all = format!("ATTACH '{honest}' AS honest; BEGIN IMMEDIATE;");
    for table in TABLES {
        all.push_str(&format!(
            "DELETE FROM {table}; INSERT INTO {table} SELECT * FROM honest.{table};"
        ));
    }
    rewrite(host, &format!("{all}{statements}; COMMIT; DETACH honest"));
}

#[test]
fn what_is_rewritten_without_the_keys_is_found_accepted_by_nobody_and_forgotten_once_it_is_put_right()
 {
    let registry = Registry::on(Host::on_sqlite());
    registry.story();
    let copy = Host::on_sqlite();
    let honest = copy.folder().join("honest.db");
    rewrite(
        &registry.host,
        &format!("VACUUM INTO '{}'", honest.display()),
    );
    let policy = String::from_utf8(registry.client.bytes("/v1/policy")).unwrap();
    let host = stranger_to(&policy);
    let (_, first, _) = OF_THE_LOG[0];
    anew(&registry.host, &honest, first);
    let (_mirror, client) = registry.mirrored(&host, &["--policy", "policy"]);
    let expect = |name: &str, words: &str, served: &Value| {
        let told = state(&client, |told| {
            told["detail"].as_str().is_some_and(|it| it.contains(words))
        });
        assert_eq!(told["state"], "stale", "{name}: {told}");
        assert_eq!(&told["size"], served, "{name}: {told}");
        assert!(told["evidence"].is_null(), "{name}: {told}");
    };
    for (name, statements, words) in OF_THE_LOG {
        anew(&registry.host, &honest, statements);
        expect(name, words, &Value::Null);
    }
    // A mirror has it all as soon as the registry's database is what it was.
    anew(&registry.host, &honest, "");
    let size = size(&registry.client);
    awaited(&client, "following", size);
    let right = registry.client.bytes(DUMP);
    for (name, statements, words) in OF_STATUS_LISTS {
        anew(&registry.host, &honest, statements);
        expect(name, words, &size.into());
        assert!(client.bytes(DUMP) == right, "{name}");
    }
    anew(&registry.host, &honest, "");
    awaited(&client, "following", size);
}
