//! Whether a document has the form of a membership credential, every id under its issuer's host.

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use super::{ENTRY_TYPE, Membership, MembershipCredential, Refusal, StatusEntry, TYPES};
use crate::canonical::{InJcsOrder, to_jcs};
use crate::entry::Status;
use crate::identity::Base;
use crate::keys::PublicKey;
use crate::record::{CONTEXTS, SUBJECT_TYPE};
use crate::status_list::{Place, StatusPurpose};

/// A credential of the right form, its ids read.
pub(super) struct Said {
    credential: MembershipCredential,
    member: Uuid,
    charter: String,
    record: Uuid,
    place: Place,
    pub(super) valid_from: DateTime<Utc>,
    pub(super) valid_until: DateTime<Utc>,
}

impl Said {
    /// What to report once the signature holds.
    pub(super) fn membership(self, signed_by: PublicKey) -> Membership {
        let subject = self.credential.credential_subject;
        let domain = subject.domain.iter().map(|host| format!("domain:{host}"));
        let numbers = subject.identifiers.iter();
        let numbers = numbers.map(|number| format!("{}:{}", number.scheme, number.value));
        let keys = domain.chain(numbers).collect();
        Membership {
            issuer: self.credential.issuer.id,
            member: self.member,
            charter: self.charter,
            charter_version: subject.charter.version,
            status: subject.status,
            names: subject.name,
            keys,
            record: self.record,
            record_digest: subject.record.digest,
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            place: self.place,
            signed_by,
        }
    }
}

/// The typed document, provided that it says all the document says and no more.
pub(crate) fn typed<T: InJcsOrder + DeserializeOwned>(document: &Value) -> Result<T, Refusal> {
    let typed =
        T::deserialize(document).map_err(|error| Refusal::UnexpectedShape(error.to_string()))?;
    // A `null` or an empty list where a member should be absent, an instant in another spelling.
    if to_jcs(document).is_ok_and(|canonical| canonical == typed.to_ordered_bytes()) {
        Ok(typed)
    } else {
        Err(Refusal::UnexpectedShape(
            "a value stands in another spelling than the registry's".to_owned(),
        ))
    }
}

/// Reads a credential issued by the registry with the DID `trusted`.
pub(super) fn read(credential: &MembershipCredential, trusted: &str) -> Result<Said, Refusal> {
    let subject = &credential.credential_subject;
    if credential.context != CONTEXTS {
        return Err(Refusal::WrongContext);
    }
    if credential.r#type != TYPES || subject.r#type != SUBJECT_TYPE {
        return Err(Refusal::WrongType);
    }
    check_issuer(&credential.issuer.id, trusted)?;
    let number = &subject.member_number;
    if number.len() < 6 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        let detail = "memberNumber is not six digits or more";
        return Err(Refusal::UnexpectedShape(detail.to_owned()));
    }
    if subject.name.is_empty() {
        let detail = "name is empty; a credential names its organisation in one language at least";
        return Err(Refusal::UnexpectedShape(detail.to_owned()));
    }
    if !matches!(subject.status, Status::Active | Status::Suspended) {
        return Err(Refusal::NoMember);
    }
    ids(credential)
}

/// Refuses another issuer than the one whose keys are trusted.
pub(crate) fn check_issuer(issuer: &str, trusted: &str) -> Result<(), Refusal> {
    if issuer == trusted {
        Ok(())
    } else {
        Err(Refusal::IssuerNotTrusted {
            issuer: issuer.to_owned(),
            trusted: trusted.to_owned(),
        })
    }
}

fn ids(credential: &MembershipCredential) -> Result<Said, Refusal> {
    let foreign = |pointer| move || Refusal::ForeignId { pointer };
    let (base, (charter, member)) = Base::candidates_for_did(&credential.issuer.id)
        .into_iter()
        .find_map(|base| {
            let named = base.parse_credential_url(&credential.id)?;
            let named = (named.0.to_owned(), named.1);
            Some((base, named))
        })
        .ok_or_else(foreign("/id"))?;
    let subject = &credential.credential_subject;
    base.parse_member_url(&subject.id)
        .filter(|found| *found == member)
        .ok_or_else(foreign("/credentialSubject/id"))?;
    base.parse_charter_url(&subject.charter.id)
        .filter(|found| *found == charter)
        .ok_or_else(foreign("/credentialSubject/charter/id"))?;
    let record = base
        .parse_record_url(&subject.record.id)
        .ok_or_else(foreign("/credentialSubject/record/id"))?;
    Ok(Said {
        member,
        charter,
        record,
        place: place(&base, &credential.credential_status)?,
        valid_from: credential.valid_from,
        valid_until: credential.valid_until,
        credential: credential.clone(),
    })
}

/// The place that both entries give, each in the list of its purpose.
fn place(base: &Base, entries: &[StatusEntry]) -> Result<Place, Refusal> {
    let foreign = || Refusal::ForeignId {
        pointer: "/credentialStatus",
    };
    let first = entries.first().ok_or_else(foreign)?;
    if entries.iter().any(|entry| entry.r#type != ENTRY_TYPE) {
        return Err(Refusal::WrongType);
    }
    let (_, list) = base
        .parse_status_list_url(&first.status_list_credential)
        .ok_or_else(foreign)?;
    let index = first.status_list_index.parse().map_err(|_| foreign())?;
    let place = Place { list, index };
    let expected = StatusPurpose::ALL.map(|purpose| StatusEntry::at(place, purpose, base));
    if entries == expected {
        Ok(place)
    } else {
        Err(foreign())
    }
}
