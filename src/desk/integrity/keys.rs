//! The tables of the registry's keys, held against the log's key list.

use super::{Findings, replay::Logged};
use crate::storage::{
    Connection, Error,
    keys::{AnnouncedKey, SigningKey},
};

/// Checks every key's range, whether it is known to be compromised, and what is announced.
pub(super) async fn check(
    conn: &mut Connection,
    findings: &mut Findings,
    logged: &Logged,
) -> Result<(), Error> {
    let stored = SigningKey::all(conn).await;
    let Some(stored) = findings.readable(stored)? else {
        return Ok(());
    };
    for range in logged.replay.keys().ranges() {
        let (purpose, key) = (range.purpose.as_str(), range.public_key_multibase);
        let row = stored
            .iter()
            .find(|row| row.range.public_key_multibase == key);
        let is_compromised = logged.compromised.contains(key.as_bytes());
        let is_it = row.is_some_and(|row| {
            row.range == *range
                && row.compromised_at.is_some() == is_compromised
                && row.retired_at.is_some() == range.to.is_some()
        });
        if !is_it {
            findings.fault(format!(
                "keys: the {purpose} key {key} of entry {} is not stored as the log has it",
                range.from
            ));
        }
    }
    let logged_keys = logged.replay.keys().ranges().len();
    if stored.len() != logged_keys {
        findings.fault(format!(
            "keys: {} are stored, the log names {logged_keys}",
            stored.len()
        ));
    }
    let announced = AnnouncedKey::all(conn).await;
    let Some(announced) = findings.readable(announced)? else {
        return Ok(());
    };
    let announced = announced.into_iter().map(|key| (key.purpose, key.key));
    if !announced.eq(logged
        .announced
        .iter()
        .map(|(purpose, key)| (*purpose, *key)))
    {
        findings.fault("keys: others are announced than the log says");
    }
    Ok(())
}
