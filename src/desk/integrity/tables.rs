//! The tables, held against the log, its map and the newest records.

use charter_proof::{keys::claim_hash, membership_map::Holder, record::RegistryRecord};

use super::{
    Findings,
    replay::{BATCH, Logged, Newest},
};
use crate::{
    rules::id::MemberId,
    storage::{
        Connection, Error,
        memberships::{self, Membership},
        records::{self, Record},
    },
};

/// Memberships and claims against what the log says of them.
pub(super) async fn check(
    conn: &mut Connection,
    findings: &mut Findings,
    logged: &Logged,
) -> Result<(), Error> {
    for (id, newest) in &logged.members {
        let Newest {
            charter,
            status,
            record: digest,
            index,
        } = newest;
        let stored = Membership::find_anywhere(conn, MemberId(*id)).await;
        let Some(stored) = findings.readable(stored)? else {
            continue;
        };
        let Some(stored) = stored else {
            findings.fault(format!("memberships: member {id} of the log is missing"));
            continue;
        };
        let record = Record::find(conn, stored.record).await?;
        let said = record.filter(|record| record.digest == *digest);
        let leaf = claim_hash(charter, &format!("member:{id}"));
        let origin = logged.replay.map().origin(&leaf);
        if stored.status != *status
            || stored.charter != *charter
            || origin.is_none_or(|origin| origin.event != stored.log_index)
            || stored.log_index != *index
            || said.is_none_or(|record| !is_as_told(&stored, &record))
        {
            findings.fault(format!(
                "memberships: member {id} is not as its newest entry, {index}, left it"
            ));
        }
    }
    check_count(
        findings,
        "memberships",
        memberships::count(conn).await?,
        logged.members.len(),
    );
    let stored = records::count(conn).await?;
    if u64::try_from(stored) != Ok(findings.records) {
        findings.fault(format!(
            "records: {stored} are stored, the log names {}",
            findings.records
        ));
    }
    check_claims(conn, findings, logged).await
}

/// Whether a membership's row says what its newest record says, if that is still told.
fn is_as_told(stored: &Membership, record: &Record) -> bool {
    let document = record.document.as_deref();
    document.is_none_or(|document| is_as_recorded(stored, document))
}

/// Whether a membership's row says what its newest record says.
fn is_as_recorded(stored: &Membership, document: &[u8]) -> bool {
    let Ok(RegistryRecord {
        credential_subject: said,
        ..
    }) = serde_json::from_slice(document)
    else {
        return false;
    };
    let organisation = &stored.organisation;
    let names = organisation.name.iter();
    let names = names.map(|(language, name)| (language.to_string(), name.to_string()));
    let called = said
        .name
        .into_iter()
        .map(|name| (name.language, name.value));
    let identifiers = organisation.identifiers.iter();
    let identifiers = identifiers.map(|it| (it.scheme().to_string(), it.value().to_owned()));
    let identified = said.identifiers.into_iter().map(|it| (it.scheme, it.value));
    let aliases = organisation.aliases.iter().map(ToString::to_string);
    called.eq(names)
        && identified.eq(identifiers)
        && said.aliases.into_iter().eq(aliases)
        && said.category == organisation.category.to_string()
        && is_same(said.country.as_ref(), organisation.country.as_ref())
        && is_same(said.region.as_ref(), organisation.region.as_ref())
        && is_same(said.website.as_ref(), organisation.website.as_ref())
        && is_same(said.domain.as_ref(), organisation.domain.as_ref())
        && (said.founder, said.since, said.charter.version)
            == (stored.founder, stored.since, stored.charter_version)
        && said.member_number.parse() == Ok(stored.number)
}

fn is_same(said: Option<&String>, stored: Option<&impl ToString>) -> bool {
    said == stored.map(ToString::to_string).as_ref()
}

fn check_count(findings: &mut Findings, table: &str, stored: i64, logged: usize) {
    if usize::try_from(stored) != Ok(logged) {
        findings.fault(format!(
            "{table}: {stored} are stored, the log names {logged}"
        ));
    }
}

async fn check_claims(
    conn: &mut Connection,
    findings: &mut Findings,
    logged: &Logged,
) -> Result<(), Error> {
    let map = logged.replay.map();
    let mut after: Option<(String, String)> = None;
    let mut stored = 0_usize;
    loop {
        let place = after
            .as_ref()
            .map(|(charter, claim)| (charter.as_str(), claim.as_str()));
        let batch = memberships::claims_after(conn, place, i64::from(BATCH)).await?;
        let Some((charter, claim, _)) = batch.last() else {
            break;
        };
        after = Some((charter.clone(), claim.clone()));
        for (charter, claim, member) in &batch {
            stored += 1;
            findings.claims += 1;
            let holder = member.map(|member| claim_hash(charter, &format!("member:{}", member.0)));
            let is_so = match map.origin(&claim_hash(charter, claim)) {
                None => Err("is a key that the log does not know".to_owned()),
                Some(origin) => {
                    let is_held = match (origin.holder, holder) {
                        (Holder::Held(number), Some(member)) => map.number(&member) == Some(number),
                        (Holder::Released, None) => true,
                        _ => false,
                    };
                    let said = format!("has another holder than entry {} says", origin.event);
                    if is_held { Ok(()) } else { Err(said) }
                }
            };
            if let Err(said) = is_so {
                findings.fault(format!("claims: {claim} of charter {charter} {said}"));
            }
        }
    }
    let named = map.len().saturating_sub(logged.members.len());
    if stored != named {
        findings.fault(format!(
            "claims: {stored} are stored, the log names {named}"
        ));
    }
    Ok(())
}
