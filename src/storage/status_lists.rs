//! Status lists as they were signed, and the places that memberships have in them.

use std::collections::BTreeSet;

use charter_proof::status_list::{ENTRIES, Place, StatusPurpose};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Connection, Error, LogTransaction, OptionalRow, Result, insert_all, on,
    schema::{status_lists, status_places},
    types::Timestamp,
};
use crate::rules::id::MemberId;

/// How many members or positions are looked for in one statement.
const AT_ONCE: usize = 1000;

/// A membership's place, and what the lists say there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// The membership.
    pub member: MemberId,
    /// Its place, the same in the lists of both purposes.
    pub place: Place,
    /// Whether the credentials of this place are revoked, which is for good.
    pub revoked: bool,
    /// Whether they are suspended.
    pub suspended: bool,
}

/// The lists of one number, one for each purpose, signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Their number.
    pub number: u32,
    /// The document of revocations, as bytes.
    pub revocation: Vec<u8>,
    /// That of suspensions.
    pub suspension: Vec<u8>,
    /// The key that signed, as a Multikey.
    pub signed_by: String,
    /// Until when they hold.
    pub valid_until: DateTime<Utc>,
}

type Row = (MemberId, i32, i32, bool, bool);

fn held((member, list, position, revoked, suspended): Row) -> Result<Held> {
    Ok(Held {
        member,
        place: Place {
            list: number(list)?,
            index: number(position)?,
        },
        revoked,
        suspended,
    })
}

fn column(number: u32) -> Result<i32> {
    i32::try_from(number).map_err(|_| Error::Damaged(format!("status list index {number}")))
}

fn number(column: i32) -> Result<u32> {
    u32::try_from(column).map_err(|_| Error::Damaged(format!("status list index {column}")))
}

/// The place that a membership has now; none where it never needed one.
pub async fn place_of(conn: &mut Connection, member: MemberId) -> Result<Option<Held>> {
    Ok(places_of(conn, &[member]).await?.pop())
}

/// The places that memberships have now.
pub async fn places_of(conn: &mut Connection, members: &[MemberId]) -> Result<Vec<Held>> {
    let mut found = Vec::new();
    for piece in members.chunks(AT_ONCE) {
        let rows: Vec<Row> = on!(conn, |c| status_places::table
            .filter(status_places::member.eq_any(piece))
            .filter(status_places::is_current)
            .select((
                status_places::member,
                status_places::list,
                status_places::position,
                status_places::revoked,
                status_places::suspended,
            ))
            .load(c))?;
        for row in rows {
            found.push(held(row)?);
        }
    }
    Ok(found)
}

/// The newest lists' number, and how many of their places are taken: all of those that are closed.
pub async fn newest(conn: &mut Connection) -> Result<Option<(u32, u32)>> {
    let row: Option<(i32, i32, bool)> = on!(conn, |c| status_lists::table
        .order(status_lists::number.desc())
        .select((
            status_lists::number,
            status_lists::taken,
            status_lists::closed
        ))
        .first(c))
    .optional_row()?;
    row.map(|(list, taken, is_closed)| {
        let taken = if is_closed { ENTRIES } else { number(taken)? };
        Ok((number(list)?, taken))
    })
    .transpose()
}

/// Closes every list, and lets each be signed again: whoever has a place that is not known here is revoked.
pub async fn close_all(tx: &mut LogTransaction) -> Result<()> {
    let never = Timestamp::from(DateTime::<Utc>::UNIX_EPOCH);
    on!(&mut ***tx, |c| diesel::update(status_lists::table)
        .set((
            status_lists::closed.eq(true),
            status_lists::valid_until.eq(never)
        ))
        .execute(c))?;
    Ok(())
}

async fn is_closed(conn: &mut Connection, list: i32) -> Result<bool> {
    let closed: Option<bool> = on!(conn, |c| status_lists::table
        .filter(status_lists::number.eq(list))
        .select(status_lists::closed)
        .first(c))
    .optional_row()?;
    Ok(closed.unwrap_or(false))
}

/// Which of these positions of a list are taken.
pub async fn taken_among(conn: &mut Connection, list: u32, positions: &[u32]) -> Result<Vec<u32>> {
    let list = column(list)?;
    let columns: Vec<i32> = positions
        .iter()
        .map(|position| column(*position))
        .collect::<Result<_>>()?;
    let mut taken = Vec::new();
    for piece in columns.chunks(AT_ONCE) {
        let rows: Vec<i32> = on!(conn, |c| status_places::table
            .filter(status_places::list.eq(list))
            .filter(status_places::position.eq_any(piece))
            .select(status_places::position)
            .load(c))?;
        for row in rows {
            taken.push(number(row)?);
        }
    }
    Ok(taken)
}

/// Begins lists, which must be signed in the same transaction.
pub async fn begin(tx: &mut LogTransaction, list: u32) -> Result<()> {
    let never = Timestamp::from(DateTime::<Utc>::UNIX_EPOCH);
    let empty: &[u8] = &[];
    on!(&mut ***tx, |c| diesel::insert_into(status_lists::table)
        .values((
            status_lists::number.eq(column(list)?),
            status_lists::taken.eq(0),
            status_lists::revocation.eq(empty),
            status_lists::suspension.eq(empty),
            status_lists::signed_by.eq(""),
            status_lists::valid_until.eq(never),
        ))
        .execute(c))?;
    Ok(())
}

/// Gives memberships these free places of one list.
pub async fn take(tx: &mut LogTransaction, list: u32, places: &[Held]) -> Result<()> {
    let rows = places.iter().map(|held| {
        Ok((
            status_places::list.eq(column(held.place.list)?),
            status_places::position.eq(column(held.place.index)?),
            status_places::member.eq(held.member),
            status_places::is_current.eq(true),
            status_places::revoked.eq(held.revoked),
            status_places::suspended.eq(held.suspended),
        ))
    });
    let rows = rows.collect::<Result<Vec<_>>>()?;
    let many = i32::try_from(rows.len()).unwrap_or(i32::MAX);
    insert_all!(&mut ***tx, status_places::table, rows)?;
    let list = column(list)?;
    on!(&mut ***tx, |c| diesel::update(
        status_lists::table.filter(status_lists::number.eq(list))
    )
    .set(status_lists::taken.eq(status_lists::taken + many))
    .execute(c))?;
    Ok(())
}

/// Writes what the lists are to say at a place. What was revoked stays so.
pub async fn mark(tx: &mut LogTransaction, held: &Held) -> Result<()> {
    let (list, position) = (column(held.place.list)?, column(held.place.index)?);
    on!(&mut ***tx, |c| diesel::update(
        status_places::table
            .filter(status_places::list.eq(list))
            .filter(status_places::position.eq(position))
            .filter(status_places::revoked.le(held.revoked))
    )
    .set((
        status_places::revoked.eq(held.revoked),
        status_places::suspended.eq(held.suspended),
    ))
    .execute(c))?;
    Ok(())
}

/// Lets a membership have no place any more; what the lists say there stays.
pub async fn leave(tx: &mut LogTransaction, member: MemberId) -> Result<()> {
    on!(&mut ***tx, |c| diesel::update(
        status_places::table
            .filter(status_places::member.eq(member))
            .filter(status_places::is_current)
    )
    .set(status_places::is_current.eq(false))
    .execute(c))?;
    Ok(())
}

/// The indices that are set in a list.
pub async fn set_in(conn: &mut Connection, list: u32, purpose: StatusPurpose) -> Result<Vec<u32>> {
    let list = column(list)?;
    if purpose == StatusPurpose::Revocation && is_closed(conn, list).await? {
        let living: Vec<i32> = on!(conn, |c| status_places::table
            .filter(status_places::list.eq(list))
            .filter(status_places::revoked.eq(false))
            .select(status_places::position)
            .load(c))?;
        let living: BTreeSet<u32> = living.into_iter().map(number).collect::<Result<_>>()?;
        return Ok((0..ENTRIES).filter(|one| !living.contains(one)).collect());
    }
    let rows: Vec<i32> = match purpose {
        StatusPurpose::Revocation => on!(conn, |c| status_places::table
            .filter(status_places::list.eq(list))
            .filter(status_places::revoked)
            .select(status_places::position)
            .load(c))?,
        StatusPurpose::Suspension => on!(conn, |c| status_places::table
            .filter(status_places::list.eq(list))
            .filter(status_places::suspended)
            .select(status_places::position)
            .load(c))?,
    };
    rows.into_iter().map(number).collect()
}

/// Keeps lists as they were signed.
pub async fn keep(tx: &mut LogTransaction, signed: Signed) -> Result<()> {
    let list = column(signed.number)?;
    on!(&mut ***tx, |c| diesel::update(
        status_lists::table.filter(status_lists::number.eq(list))
    )
    .set((
        status_lists::revocation.eq(&signed.revocation),
        status_lists::suspension.eq(&signed.suspension),
        status_lists::signed_by.eq(&signed.signed_by),
        status_lists::valid_until.eq(Timestamp::from(signed.valid_until)),
    ))
    .execute(c))?;
    Ok(())
}

/// Keeps lists that another registry signed; their places are known to it alone.
pub async fn copy(tx: &mut LogTransaction, signed: Signed) -> Result<()> {
    let list = column(signed.number)?;
    let is_there: i64 = on!(&mut ***tx, |c| status_lists::table
        .filter(status_lists::number.eq(list))
        .count()
        .get_result(c))?;
    if is_there == 0 {
        begin(tx, signed.number).await?;
    }
    keep(tx, signed).await
}

/// The lists of a number, as they were signed.
pub async fn find(conn: &mut Connection, list: u32) -> Result<Option<Signed>> {
    let wanted = column(list)?;
    let row: Option<(Vec<u8>, Vec<u8>, String, Timestamp)> = on!(conn, |c| status_lists::table
        .filter(status_lists::number.eq(wanted))
        .select((
            status_lists::revocation,
            status_lists::suspension,
            status_lists::signed_by,
            status_lists::valid_until,
        ))
        .first(c))
    .optional_row()?;
    Ok(
        row.map(|(revocation, suspension, signed_by, valid_until)| Signed {
            number: list,
            revocation,
            suspension,
            signed_by,
            valid_until: valid_until.into(),
        }),
    )
}

/// The signed document of a list, as it is served.
pub async fn document(
    conn: &mut Connection,
    purpose: StatusPurpose,
    list: u32,
) -> Result<Option<Vec<u8>>> {
    let Ok(list) = i32::try_from(list) else {
        return Ok(None);
    };
    let of_list = status_lists::number.eq(list);
    match purpose {
        StatusPurpose::Revocation => on!(conn, |c| status_lists::table
            .filter(of_list)
            .select(status_lists::revocation)
            .first(c)),
        StatusPurpose::Suspension => on!(conn, |c| status_lists::table
            .filter(of_list)
            .select(status_lists::suspension)
            .first(c)),
    }
    .optional_row()
}

/// The numbers of the lists that lapse before this time, or that another key signed.
pub async fn due(conn: &mut Connection, before: DateTime<Utc>, key: &str) -> Result<Vec<u32>> {
    let rows: Vec<i32> = on!(conn, |c| status_lists::table
        .filter(
            status_lists::valid_until
                .lt(Timestamp::from(before))
                .or(status_lists::signed_by.ne(key)),
        )
        .order(status_lists::number)
        .select(status_lists::number)
        .load(c))?;
    rows.into_iter().map(number).collect()
}

/// The lists of every number as they were signed, in order, each with how many of its places were given away; none where
/// that is not known, because they were closed.
pub async fn all(conn: &mut Connection) -> Result<Vec<(Signed, Option<u32>)>> {
    type Row = (i32, i32, Vec<u8>, Vec<u8>, String, Timestamp, bool);
    let rows: Vec<Row> = on!(conn, |c| status_lists::table
        .order(status_lists::number)
        .select((
            status_lists::number,
            status_lists::taken,
            status_lists::revocation,
            status_lists::suspension,
            status_lists::signed_by,
            status_lists::valid_until,
            status_lists::closed,
        ))
        .load(c))?;
    let rows = rows.into_iter();
    rows.map(|row| {
        let (of, taken, revocation, suspension, signed_by, until, is_closed) = row;
        let signed = Signed {
            number: number(of)?,
            revocation,
            suspension,
            signed_by,
            valid_until: until.into(),
        };
        let taken = (!is_closed).then(|| number(taken)).transpose()?;
        Ok((signed, taken))
    })
    .collect()
}

/// The places of a list that were given away, in order, each with whether its membership has it now.
pub async fn places_in(conn: &mut Connection, list: u32) -> Result<Vec<(Held, bool)>> {
    let list = column(list)?;
    let rows: Vec<(Row, bool)> = on!(conn, |c| status_places::table
        .filter(status_places::list.eq(list))
        .order(status_places::position)
        .select((
            (
                status_places::member,
                status_places::list,
                status_places::position,
                status_places::revoked,
                status_places::suspended,
            ),
            status_places::is_current,
        ))
        .load(c))?;
    let rows = rows.into_iter();
    rows.map(|(row, is_current)| Ok((held(row)?, is_current)))
        .collect()
}

/// When the first of the lists lapses; none where there are none.
pub async fn first_to_lapse(conn: &mut Connection) -> Result<Option<DateTime<Utc>>> {
    let row: Option<Timestamp> = on!(conn, |c| status_lists::table
        .order(status_lists::valid_until)
        .select(status_lists::valid_until)
        .first(c))
    .optional_row()?;
    Ok(row.map(Into::into))
}
