//! A record, held against the entry that names it.

use charter_proof::{
    canonical::Digest,
    entry::Status,
    verify::{RecordVerdict, TrustedKeys, verify_record},
};

use super::Findings;
use crate::storage::{Connection, Error, records::Record};

/// Checks that the record an entry names is stored, digested, signed by the key of its position, and says what the entry
/// says. `here` is the record that the tables have for the entry.
///
/// Returns the index of the entry by which its document was removed, where it was.
pub(super) async fn check(
    conn: &mut Connection,
    findings: &mut Findings,
    trusted: &TrustedKeys,
    (index, digest, status): (u64, Digest, Status),
    here: Option<&Record>,
) -> Result<Option<u64>, Error> {
    let elsewhere = match here {
        Some(_) => None,
        None => Record::find_by_digest(conn, digest).await?,
    };
    let Some(record) = here.or(elsewhere.as_ref()) else {
        findings.fault(format!("records: the record of entry {index} is missing"));
        return Ok(None);
    };
    findings.records += 1;
    let (id, is_named) = (record.id, record.digest == digest);
    let document = record.document.as_deref();
    let is_it = document.is_none_or(|document| Digest::of(document) == digest);
    if !is_named || !is_it || record.log_index != index {
        findings.fault(format!(
            "records: record {id} is not what entry {index} names"
        ));
    }
    let Some(document) = document else {
        return Ok(record.redacted);
    };
    match verify_record(document, trusted, Some(index)) {
        RecordVerdict::Authentic(said) => {
            if said.id != id.0
                || said.member != record.member.0
                || said.resulting_status != status
                || record.status != status
            {
                findings.fault(format!(
                    "records: record {id} says another thing than entry {index}"
                ));
            }
        }
        RecordVerdict::PositionUnknown { .. } | RecordVerdict::Refused(_) => {
            findings.fault(format!(
                "records: record {id} of entry {index} does not verify"
            ));
        }
    }
    Ok(None)
}
