//! What was signed and what is kept about the log, held against what its entries come to.

use charter_proof::{
    entry::{Entry, Event},
    keys::Purpose,
    note::{Checkpoint, Kind, Note, NoteKey},
    replay::Replay,
};

use super::{Findings, Kept};
use crate::{
    log::mark::marked,
    storage::{
        Connection, Error, log,
        witnessed::{self, Standing},
    },
};

/// Where the newest checkpoint stands that had its quorum.
const WITNESSED: &str = "witnessed head";

/// The newest checkpoint that had its quorum, to be held against the log; none where there never was one.
pub(super) async fn witnessed(
    conn: &mut Connection,
    findings: &mut Findings,
) -> Result<Option<Kept>, Error> {
    let standing = witnessed::standing(conn).await;
    let Some(Standing {
        checkpoint: Some(note),
        ..
    }) = findings.readable(standing)?
    else {
        return Ok(None);
    };
    let Some(marked) = marked(&note) else {
        findings.fault(format!("{WITNESSED}: it is no signed checkpoint"));
        return Ok(None);
    };
    Ok(Some(Kept {
        place: WITNESSED,
        size: marked.checkpoint.size,
        root: marked.checkpoint.root,
        map: None,
    }))
}

/// Checks that a log key of this log signed what had its quorum, and that the log says so where that is overridden.
async fn check_witnessed(
    conn: &mut Connection,
    findings: &mut Findings,
    replay: &Replay,
) -> Result<(), Error> {
    let standing = witnessed::standing(conn).await;
    let Some(standing) = findings.readable(standing)? else {
        return Ok(());
    };
    let note = standing.checkpoint.as_deref().and_then(marked);
    if let Some(note) = note.and_then(|marked| marked.note.parse::<Note>().ok()) {
        let ranges = replay.keys().ranges().iter();
        let of_log = ranges.filter(|range| range.purpose == Purpose::Log);
        let mut keys = of_log.filter_map(|range| {
            let (name, key) = (replay.origin().to_owned(), range.public_key_multibase);
            NoteKey::new(name, Kind::Plain, key)
        });
        if !keys.any(|key| key.verify(&note).is_ok()) {
            findings.fault(format!("{WITNESSED}: no key of this log signed it"));
        }
    }
    let Some(index) = standing.overridden else {
        return Ok(());
    };
    let entry = log::entries(conn, index, 1).await?.pop();
    let entry = entry.filter(|(found, _)| *found == index);
    let event = entry.and_then(|(_, bytes)| Some(Entry::parse(&bytes).ok()?.event));
    if !matches!(event, Some(Event::QuorumOverridden { .. })) {
        findings.fault(format!(
            "{WITNESSED}: the quorum is overridden from entry {index} on, which does not say so"
        ));
    }
    Ok(())
}

/// Compares what is kept of a log of this size with what the log is at it.
pub(super) fn compare(replay: &mut Replay, kept: &[Kept], findings: &mut Findings) {
    let size = replay.size();
    for kept in kept.iter().filter(|kept| kept.size == size) {
        let map = match replay.state(chrono::DateTime::UNIX_EPOCH).event {
            Event::State { map, .. } => Some(map),
            _ => None,
        };
        if kept.root != replay.root() || kept.map.is_some_and(|kept| Some(kept) != map) {
            findings.fault(format!(
                "{}: it knows another log up to entry {}",
                kept.place,
                size - 1
            ));
        }
    }
}

/// Checks the stored checkpoint, and that nothing beyond the log is known elsewhere.
pub(super) async fn check(
    conn: &mut Connection,
    findings: &mut Findings,
    replay: &Replay,
    kept: &[Kept],
) -> Result<(), Error> {
    for kept in kept.iter().filter(|kept| kept.size > replay.size()) {
        findings.fault(format!(
            "{}: it knows {} entries, {} are there",
            kept.place,
            kept.size,
            replay.size()
        ));
    }
    match log::checkpoint(conn).await? {
        Some(note) => {
            if let Err(what) = check_note(&note, replay) {
                findings.fault(format!("checkpoint: {what}"));
            }
        }
        // Logs of before checkpoints were signed have none until they are served again.
        None if replay.ends_with_state() => {
            findings.fault(format!(
                "checkpoint: that of {} entries is missing",
                replay.size()
            ));
        }
        None => {}
    }
    check_witnessed(conn, findings, replay).await
}

/// Checks a checkpoint of the log's end: what it says, and that the keys in force there signed it.
fn check_note(note: &str, replay: &Replay) -> Result<(), String> {
    let size = replay.size();
    let note: Note = note.parse().map_err(|error| format!("{error}"))?;
    let said: Checkpoint = note.text().parse().map_err(|error| format!("{error}"))?;
    if said.size != size {
        return Err(format!("it is of {} entries, {size} are there", said.size));
    }
    if said.origin != replay.origin() || said.root != replay.root() {
        return Err(format!("it is of another log than these {size} entries"));
    }
    let host = said.origin.strip_suffix("/log").unwrap_or(&said.origin);
    let signs = [
        (Purpose::Log, said.origin.clone(), Kind::Plain),
        (Purpose::Clock, format!("{host}/clock"), Kind::Cosignature),
    ];
    for (purpose, name, kind) in signs {
        let in_force = replay.keys().covering(purpose, size.saturating_sub(1));
        let key = in_force.and_then(|range| NoteKey::new(name, kind, range.public_key_multibase));
        if key.is_none_or(|key| key.verify(&note).is_err()) {
            let purpose = purpose.as_str();
            return Err(format!(
                "the {purpose} key in force at entry {} did not sign it",
                size.saturating_sub(1)
            ));
        }
    }
    Ok(())
}
