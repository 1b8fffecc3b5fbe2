//! Status lists and the places in them, held against the memberships as the log leaves them.

use std::collections::BTreeSet;

use charter_proof::{
    entry::Status,
    status_list::{
        Bits, ENTRIES, StatusList, StatusListCredential, StatusPurpose, verify_status_list,
    },
    verify::TrustedKeys,
};

use super::{Findings, replay::Logged};
use crate::{
    rules::id::MemberId,
    storage::{
        Connection, Error,
        status_lists::{self, Held, Signed},
    },
};

/// Checks every place and every list; the first of each list that is wrong is named.
///
/// A membership of before there were lists has no place until it asks for a credential, so that one without is whole.
pub(super) async fn check(
    conn: &mut Connection,
    findings: &mut Findings,
    logged: &Logged,
) -> Result<(), Error> {
    let lists = status_lists::all(conn).await;
    let Some(lists) = findings.readable(lists)? else {
        return Ok(());
    };
    let (mut seated, keys) = (BTreeSet::new(), logged.trusted());
    for ((signed, taken), expected) in lists.iter().zip(1..) {
        let number = signed.number;
        if number != expected {
            findings.fault(format!("status lists: those of {expected} are missing"));
            return Ok(());
        }
        let places = status_lists::places_in(conn, number).await;
        let Some(places) = findings.readable(places)? else {
            return Ok(());
        };
        if let Some(taken) = taken
            && u32::try_from(places.len()) != Ok(*taken)
        {
            findings.fault(format!(
                "status lists: {taken} places of list {number} were given away, {} are stored",
                places.len()
            ));
        }
        let wrong = places
            .iter()
            .find_map(|place| what_is_wrong(place, logged, &mut seated));
        findings.faults.extend(wrong);
        for purpose in StatusPurpose::ALL {
            let told = told_by(&places, purpose, taken.is_none());
            let wrong = check_list(signed, purpose, &told, &keys);
            findings.faults.extend(wrong.err().map(|what| {
                let purpose = purpose.as_str();
                format!("status lists: the {purpose} list {number} {what}")
            }));
        }
    }
    Ok(())
}

/// What is wrong with a place: whether it says of its membership what the log does.
fn what_is_wrong(
    (held, is_current): &(Held, bool),
    logged: &Logged,
    seated: &mut BTreeSet<MemberId>,
) -> Option<String> {
    let (place, member) = (held.place, held.member);
    let at = format!("status lists: place {} of list {}", place.index, place.list);
    let Some(newest) = logged.members.get(&member.0) else {
        return Some(format!("{at} is of a member that the log does not know"));
    };
    if *is_current && !seated.insert(member) {
        return Some(format!("{at} is a second one of member {member}"));
    }
    let is_so = match newest.status {
        // What was left was left because the membership had ended.
        _ if !is_current => held.revoked,
        Status::Active => !held.revoked && !held.suspended,
        Status::Suspended => !held.revoked && held.suspended,
        Status::Excluded | Status::Withdrawn => held.revoked,
    };
    (!is_so).then(|| {
        let index = newest.index;
        format!("{at} is not as entry {index} left its member {member}")
    })
}

/// Checks that a signed list verifies and says what its places do.
fn check_list(
    signed: &Signed,
    purpose: StatusPurpose,
    told: &Bits,
    keys: &TrustedKeys,
) -> Result<(), String> {
    let document = match purpose {
        StatusPurpose::Revocation => &signed.revocation,
        StatusPurpose::Suspension => &signed.suspension,
    };
    let read: Result<StatusListCredential, _> = serde_json::from_slice(document);
    let read = read.map_err(|error| format!("cannot be read: {error}"))?;
    // One that lapsed while nobody served was whole when it was signed.
    let list = verify_status_list(document, keys, read.valid_from)
        .map_err(|refusal| format!("does not verify: {refusal}"))?;
    let StatusList {
        number,
        bits,
        signed_by,
        ..
    } = &list;
    if (*number, list.purpose) != (signed.number, purpose)
        || list.valid_until != signed.valid_until
        || signed_by.to_multibase() != signed.signed_by
    {
        return Err("is not the one that is noted".to_owned());
    }
    match (0..ENTRIES).find(|index| bits.get(*index) != told.get(*index)) {
        None => Ok(()),
        Some(index) => Err(format!("says another thing than place {index}")),
    }
}

/// What the places of a list come to. Of one that was closed after a recovery every place that nobody is known to have is
/// revoked.
fn told_by(places: &[(Held, bool)], purpose: StatusPurpose, is_closed: bool) -> Bits {
    let mut told = Bits::default();
    let set: BTreeSet<u32> = match purpose {
        StatusPurpose::Revocation if is_closed => {
            let living = places.iter().filter(|(held, _)| !held.revoked);
            let living: BTreeSet<u32> = living.map(|(held, _)| held.place.index).collect();
            (0..ENTRIES).filter(|one| !living.contains(one)).collect()
        }
        StatusPurpose::Revocation => indices(places, |held| held.revoked),
        StatusPurpose::Suspension => indices(places, |held| held.suspended),
    };
    for index in set {
        told.set(index);
    }
    told
}

fn indices(places: &[(Held, bool)], is_set: impl Fn(&Held) -> bool) -> BTreeSet<u32> {
    let set = places.iter().filter(|(held, _)| is_set(held));
    set.map(|(held, _)| held.place.index).collect()
}
