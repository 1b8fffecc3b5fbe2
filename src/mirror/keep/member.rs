//! A membership as its newest record tells of it.

use charter_proof::record::{RegistryRecord, Subject};
use uuid::Uuid;

use crate::{
    rules::{
        id::{MemberId, RecordId},
        memorandum::{Evidence, SigningForm},
        organisation::{Organisation, OrganisationInput},
        text::Name,
        word::Word as _,
    },
    storage::{self, LogTransaction, memberships::Membership, records::Record},
};

/// What a record tells, as far as it is kept.
#[derive(Debug)]
pub struct Told {
    /// The record's own identifier.
    pub id: RecordId,
    /// The identifier of the record before it.
    pub previous: Option<RecordId>,
    /// The membership after the event; whom it was merged into, no record tells.
    pub membership: Membership,
}

impl Told {
    /// Reads the record of the entry of this index, which was verified or is about to be.
    ///
    /// # Errors
    ///
    /// What of it this program does not understand.
    pub fn read(record: &[u8], index: u64) -> Result<Self, String> {
        let record: RegistryRecord = serde_json::from_slice(record)
            .map_err(|_| "its record has fields that are not known".to_owned())?;
        let said = &record.credential_subject;
        let missing = |what: &str| format!("its record's {what}");
        let memorandum = said.memorandum.as_ref();
        let memorandum = memorandum.ok_or_else(|| missing("memorandum is missing"))?;
        let form = SigningForm::from_word(&memorandum.form);
        let number = said.member_number.parse();
        let slug = said.charter.id.rsplit('/').next();
        let id = last_id(&record.id).map(RecordId);
        let id = id.ok_or_else(|| missing("id"))?;
        let membership = Membership {
            id: MemberId(last_id(&said.id).ok_or_else(|| missing("member"))?),
            charter: slug.ok_or_else(|| missing("charter"))?.to_owned(),
            charter_version: said.charter.version,
            number: number.map_err(|_| missing("member number"))?,
            founder: said.founder,
            status: said.event.resulting_status,
            organisation: organisation(said).map_err(|what| missing(&what))?,
            memorandum: Evidence {
                digest: memorandum.digest,
                form: form.ok_or_else(|| missing("form of signing"))?,
                signed_on: memorandum.signed_on,
            },
            since: said.since,
            record: id,
            log_index: index,
            updated_at: said.event.at,
            suspended_until: said.event.until,
            urgent_by: None,
            urgent_ended_at: None,
            merged_into: None,
        };
        let previous = said.previous.as_deref();
        Ok(Self {
            id,
            previous: previous.and_then(last_id).map(RecordId),
            membership,
        })
    }
}

/// The UUID at the end of an address, which was verified before.
fn last_id(url: &str) -> Option<Uuid> {
    url.rsplit('/').next()?.parse().ok()
}

fn organisation(said: &Subject) -> Result<Organisation, String> {
    let parsed = Organisation::parse(OrganisationInput::from(said));
    parsed.map_err(|errors| {
        let first = errors.first();
        first.map_or_else(String::new, |error| {
            format!("{}: {}", error.pointer, error.code)
        })
    })
}

/// Takes from a former member, whose newest record was removed, the names that none of its records tells any more.
pub(super) async fn forget(
    tx: &mut LogTransaction,
    member: MemberId,
) -> Result<(), storage::Error> {
    let Some(mut membership) = Membership::find_anywhere(tx, member).await? else {
        return Ok(());
    };
    let records = Record::of_member(tx, member).await?;
    let newest = records
        .last()
        .is_some_and(|record| record.document.is_some());
    if newest {
        return Ok(());
    }
    let told = records.iter().rev().find_map(|record| {
        let said: RegistryRecord = serde_json::from_slice(record.document.as_deref()?).ok()?;
        organisation(&said.credential_subject).ok()
    });
    let organisation = &mut membership.organisation;
    if let Some(told) = told {
        (organisation.name, organisation.aliases) = (told.name, told.aliases);
    } else {
        organisation.name = organisation.name.all_as(&Name::omitted());
        organisation.aliases = Vec::new();
    }
    membership.overwrite(tx).await
}
