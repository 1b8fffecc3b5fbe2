//! `log tail`

use std::{
    io::{self, Write as _},
    time::Duration,
};

use charter_proof::entry::{Entry, Event};
use chrono::SecondsFormat;

use crate::{
    config::settings::Flags,
    startup::stop_signal,
    storage::{Connection, Database, log},
};

use super::super::{
    answer::{Answer, Failed, printable},
    host,
};

/// How often new entries are looked for.
const BEAT: Duration = Duration::from_millis(500);

/// How many entries are read at a time.
const BATCH: u32 = 1_000;

/// Shows the newest entries, and goes on with those that follow, if asked to.
pub(super) async fn run(settings: &Flags, lines: u32, follow: bool) -> Result<Answer, Failed> {
    let database = host::open_database(settings, "GET /log/tile/entries/…").await?;
    let mut conn = database.read().await?;
    let size = log::head(&mut conn).await?.size;
    let (text, next) = since(&mut conn, size.saturating_sub(u64::from(lines))).await?;
    drop(conn);
    if !follow {
        return Ok(Answer::done(text));
    }
    let stop = stop_signal()?;
    tokio::select! {
        ended = go_on(&database, text, next) => ended,
        () = stop => Ok(Answer::done("")),
    }
}

/// Prints what is new for as long as somebody reads it.
async fn go_on(database: &Database, mut text: String, mut next: u64) -> Result<Answer, Failed> {
    let mut beat = tokio::time::interval(BEAT);
    loop {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Answer::done("")),
            written => written?,
        }
        drop(out);
        beat.tick().await;
        let mut conn = database.read().await?;
        (text, next) = since(&mut conn, next).await?;
    }
}

/// The entries from this one on, a line each, and the index after the last.
async fn since(conn: &mut Connection, from: u64) -> Result<(String, u64), Failed> {
    let (mut text, mut next) = (String::new(), from);
    loop {
        let batch = log::entries(conn, next, BATCH).await?;
        let Some((last, _)) = batch.last() else {
            return Ok((text, next));
        };
        next = last + 1;
        for (index, body) in &batch {
            text.push_str(&line(*index, body));
        }
    }
}

fn line(index: u64, body: &[u8]) -> String {
    match Entry::parse(body) {
        Ok(entry) => {
            let at = entry.at.to_rfc3339_opts(SecondsFormat::Secs, true);
            let (kind, about) = (entry.event.kind().to_string(), about(&entry.event));
            format!("{index:>8}  {at}  {kind:<18}  {about}\n")
        }
        Err(error) => format!("{index:>8}  {}\n", printable(&error.to_string())),
    }
}

/// What an entry is about, in a few words.
fn about(event: &Event) -> String {
    let about = match event {
        Event::LogCreated { origin, .. } => origin.clone(),
        Event::CharterPublished {
            charter, version, ..
        } => format!("{charter} version {version}"),
        Event::Member {
            charter,
            member,
            status,
            ..
        } => format!("{charter} {member} {status}"),
        Event::ClaimReassigned {
            charter, from, to, ..
        } => format!("{charter} from {from} to {to}"),
        Event::RecordRedacted { record, .. } => record.to_string(),
        Event::KeyRotated {
            purpose,
            key,
            replaces,
            ..
        } => format!("{} {key} in place of {replaces}", purpose.as_str()),
        Event::KeyAnnounced { purpose, key } | Event::KeyCompromised { purpose, key, .. } => {
            format!("{} {key}", purpose.as_str())
        }
        Event::QuorumOverridden { reason } => reason.clone(),
        Event::AuditAnchored { head } => head.to_string(),
        Event::State { map, .. } => format!("map {map}"),
        _ => String::new(),
    };
    printable(&about)
}

#[cfg(test)]
mod tests {
    use charter_proof::{
        canonical::Digest,
        entry::{Entry, Event},
    };

    use super::line;

    #[test]
    fn an_entry_is_a_line_and_so_is_what_is_none() {
        let event = Event::AuditAnchored {
            head: Digest::of(b"head"),
        };
        let at = "2026-11-22T09:00:00Z".parse().unwrap();
        let body = Entry { at, event }.to_bytes().unwrap();
        let said = line(7, &body);
        assert!(
            said.starts_with("       7  2026-11-22T09:00:00Z  audit.anchored      "),
            "{said}"
        );
        assert!(line(8, b"{\x1b").ends_with('\n'));
        assert!(!line(8, b"{\x1b").contains('\x1b'));
    }
}
