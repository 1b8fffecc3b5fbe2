//! What was signed and what is kept about the log, held against what its entries come to.

use charter_proof::{
    entry::Event,
    keys::Purpose,
    note::{Checkpoint, Kind, Note, NoteKey},
    replay::Replay,
};

use super::{Findings, Kept};
use crate::storage::{Connection, Error, log};

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
    Ok(())
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
