//! A registry's database rewritten under it: what stands in a book, put where the program keeps it.

use std::fmt::Write as _;

use charter_proof::{
    canonical::Digest,
    entry::{Entry, Event},
};
use charter_registry::log::mark::{self, Mark};
use chrono::SecondsFormat;
use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};
use serde_json::Value;

use super::book::Book;
use crate::host::Host;

/// Carries out statements on the host's database, beside whoever uses it.
pub fn rewrite(host: &Host, statements: &str) {
    let path = host.folder().join("registry.db");
    let mut database = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    database
        .batch_execute("PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = OFF")
        .unwrap();
    database.batch_execute(statements).unwrap();
}

impl Book {
    /// Makes this the log, the records and the lists of the host's database, and the newest that was ever published there:
    /// what somebody can do who has the host.
    pub fn write_into(&self, host: &Host) {
        let mut all = "BEGIN; DELETE FROM log_entries; DELETE FROM records;".to_owned();
        let mut last_at = None;
        for (index, (entry, line)) in self.entries.iter().zip(&self.lines).enumerate() {
            let body = hex(entry);
            write!(all, "INSERT INTO log_entries VALUES ({index}, {body});").unwrap();
            let entry = Entry::parse(entry).ok();
            last_at = entry.as_ref().map(|entry| entry.at).or(last_at);
            all.extend(entry.and_then(|entry| row(index, &entry, line)));
        }
        let (size, note) = (self.entries.len(), self.note());
        let last_at = last_at
            .unwrap()
            .to_rfc3339_opts(SecondsFormat::Micros, true);
        write!(
            all,
            "UPDATE log_head SET size = {size}, last_at = '{last_at}', checkpoint = '{note}';"
        )
        .unwrap();
        for (path, list) in &self.lists {
            let purpose = path.split('/').nth(2).unwrap();
            let list = hex(list);
            write!(
                all,
                "UPDATE status_lists SET {purpose} = {list} WHERE number = 1;"
            )
            .unwrap();
        }
        all.push_str("COMMIT");
        rewrite(host, &all);
        let checkpoint = mark::marked(&note).unwrap().checkpoint;
        let mark = Mark::open(&host.folder().join(mark::FILE)).unwrap();
        mark.reset(&checkpoint, &note).unwrap();
    }
}

/// The row of an entry's record, where there is one.
fn row(index: usize, entry: &Entry, line: &[u8]) -> Option<String> {
    let Event::Member {
        kind,
        charter,
        member,
        status,
        record,
        ..
    } = &entry.event
    else {
        return None;
    };
    let said: Value = serde_json::from_slice(line).unwrap();
    let (document, redacted) = match said.get("redacted") {
        Some(_) => ("NULL".to_owned(), index.to_string()),
        None => (hex(line), "NULL".to_owned()),
    };
    // Whatever its name is, it is found by its entry.
    let (id, member) = (
        hex(&Digest::of(line).as_bytes()[..16]),
        hex(member.as_bytes()),
    );
    let (digest, at) = (
        hex(record.as_bytes()),
        entry.at.to_rfc3339_opts(SecondsFormat::Micros, true),
    );
    let (kind, status) = (kind.as_str(), status.as_str());
    (!said.is_null()).then(|| {
        format!(
            "INSERT OR IGNORE INTO records (id, charter, member, log_index, kind, status, digest, document, at, redacted) \
             VALUES ({id}, '{charter}', {member}, {index}, '{kind}', '{status}', {digest}, {document}, '{at}', {redacted});"
        )
    })
}

/// Bytes as a literal of SQL.
fn hex(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("x'{digits}'")
}
