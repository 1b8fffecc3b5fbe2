//! Whether a document has the form of a registry record, every id under its issuer's host.

use serde::Deserialize as _;
use serde_json::Value;
use uuid::Uuid;

use super::{Reason, RecordSummary};
use crate::canonical::{Digest, InJcsOrder as _, to_jcs};
use crate::identity::Base;
use crate::keys::PublicKey;
use crate::record::{CONTEXTS, RegistryRecord, SUBJECT_TYPE, TYPES};

/// A document of the right form, its ids read.
pub(super) struct Said {
    record: RegistryRecord,
    id: Uuid,
    member: Uuid,
    charter: String,
}

impl Said {
    /// What to report once the signature holds.
    pub(super) fn summary(self, digest: Digest, signed_by: PublicKey) -> RecordSummary {
        let subject = self.record.credential_subject;
        let domain = subject.domain.iter().map(|host| format!("domain:{host}"));
        let numbers = subject.identifiers.iter();
        let numbers = numbers.map(|number| format!("{}:{}", number.scheme, number.value));
        let keys = domain.chain(numbers).collect();
        RecordSummary {
            issuer: self.record.issuer.id,
            id: self.id,
            member: self.member,
            charter: self.charter,
            charter_version: subject.charter.version,
            event: subject.event.r#type,
            at: subject.event.at,
            resulting_status: subject.event.resulting_status,
            names: subject.name,
            keys,
            digest,
            signed_by,
        }
    }
}

/// Reads a document as a record issued by the registry with the DID `trusted`.
pub(super) fn read(document: &Value, trusted: &str) -> Result<Said, Vec<Reason>> {
    judge(typed(document).map_err(|reason| vec![reason])?, trusted)
}

/// Judges what a record says of itself.
pub(super) fn judge(record: RegistryRecord, trusted: &str) -> Result<Said, Vec<Reason>> {
    let mut reasons = Vec::new();
    if record.context != CONTEXTS {
        reasons.push(Reason::WrongContext);
    }
    if record.r#type != TYPES || record.credential_subject.r#type != SUBJECT_TYPE {
        reasons.push(Reason::WrongType);
    }
    if record.issuer.id != trusted {
        reasons.push(Reason::IssuerNotTrusted {
            issuer: record.issuer.id.clone(),
            trusted: trusted.to_owned(),
        });
    }
    reasons.extend(unexpected_texts(&record));
    match ids(record) {
        Ok(said) if reasons.is_empty() => Ok(said),
        Ok(_) => Err(reasons),
        Err(reason) => {
            reasons.push(reason);
            Err(reasons)
        }
    }
}

/// The typed record, provided that it says all the document says and no more.
fn typed(document: &Value) -> Result<RegistryRecord, Reason> {
    let record = RegistryRecord::deserialize(document)
        .map_err(|error| Reason::UnexpectedShape(error.to_string()))?;
    // A `null` or an empty list where a member should be absent, an instant in another spelling.
    if to_jcs(document).is_ok_and(|canonical| canonical == record.to_ordered_bytes()) {
        Ok(record)
    } else {
        Err(Reason::UnexpectedShape(
            "a value stands in another spelling than the registry's".to_owned(),
        ))
    }
}

fn unexpected_texts(record: &RegistryRecord) -> Option<Reason> {
    let subject = &record.credential_subject;
    let number = &subject.member_number;
    if number.len() < 6 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        let detail = "memberNumber is not six digits or more";
        return Some(Reason::UnexpectedShape(detail.to_owned()));
    }
    subject.name.is_empty().then(|| {
        let detail = "name is empty; a record names its organisation in one language at least";
        Reason::UnexpectedShape(detail.to_owned())
    })
}

fn ids(record: RegistryRecord) -> Result<Said, Reason> {
    let foreign = |pointer| move || Reason::ForeignId { pointer };
    let (base, id) = Base::candidates_for_did(&record.issuer.id)
        .into_iter()
        .find_map(|base| base.parse_record_url(&record.id).map(|id| (base, id)))
        .ok_or_else(foreign("/id"))?;
    let subject = &record.credential_subject;
    let member = base
        .parse_member_url(&subject.id)
        .ok_or_else(foreign("/credentialSubject/id"))?;
    let charter = base
        .parse_charter_url(&subject.charter.id)
        .ok_or_else(foreign("/credentialSubject/charter/id"))?
        .to_owned();
    if let Some(previous) = &subject.previous {
        base.parse_record_url(previous)
            .ok_or_else(foreign("/credentialSubject/previous"))?;
    }
    Ok(Said {
        record,
        id,
        member,
        charter,
    })
}
