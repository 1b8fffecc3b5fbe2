//! What a mirror follows, and what it found; a registry of its own has nothing here.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Connection, OptionalRow as _, Result, Transaction, log, on, schema::mirror, types::Timestamp,
};

/// What a mirror follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pinned {
    /// Where it is fetched from.
    pub source: String,
    /// The keys that are trusted, a policy file.
    pub policy: String,
    /// Whether they are those that answered first, and nobody vouched for them.
    pub first_use: bool,
    /// Since when.
    pub pinned_at: DateTime<Utc>,
    /// The checkpoint to which everything belongs that is kept, a signed note.
    pub target: Option<String>,
    /// What contradicts itself, if something does: nothing is accepted any more.
    pub contradicted: Option<String>,
    /// The name of the file that shows it to others.
    pub evidence: Option<String>,
    /// How many entries the tables tell, while they are made of a log that was copied; none once they tell all of it.
    pub told: Option<u64>,
}

impl Pinned {
    /// What this database follows; none where it is a registry of its own.
    pub async fn find(conn: &mut Connection) -> Result<Option<Self>> {
        type Row = (
            String,
            String,
            bool,
            Timestamp,
            Option<String>,
            Option<String>,
            Option<String>,
            Option<i64>,
        );
        let row: Option<Row> = on!(conn, |c| mirror::table
            .select((
                mirror::source,
                mirror::policy,
                mirror::first_use,
                mirror::pinned_at,
                mirror::target,
                mirror::contradicted,
                mirror::evidence,
                mirror::told,
            ))
            .first(c))
        .optional_row()?;
        row.map(
            |(source, policy, first_use, pinned_at, target, contradicted, evidence, told)| {
                Ok(Self {
                    source,
                    policy,
                    first_use,
                    pinned_at: pinned_at.into(),
                    target,
                    contradicted,
                    evidence,
                    told: told.map(log::index).transpose()?,
                })
            },
        )
        .transpose()
    }

    /// Writes it down, in the place of what stood there.
    pub async fn put(&self, tx: &mut Transaction) -> Result<()> {
        on!(&mut **tx, |c| diesel::delete(mirror::table).execute(c))?;
        on!(&mut **tx, |c| diesel::insert_into(mirror::table)
            .values((
                mirror::id.eq(0_i16),
                mirror::source.eq(&self.source),
                mirror::policy.eq(&self.policy),
                mirror::first_use.eq(self.first_use),
                mirror::pinned_at.eq(Timestamp::from(self.pinned_at)),
                mirror::target.eq(&self.target),
                mirror::contradicted.eq(&self.contradicted),
                mirror::evidence.eq(&self.evidence),
                mirror::told.eq(self.told.map(log::column).transpose()?),
            ))
            .execute(c))?;
        Ok(())
    }
}

/// How many entries the tables tell, while they are made of a log that was copied; none where they tell all of it.
pub async fn told(conn: &mut Connection) -> Result<Option<u64>> {
    let told: Option<Option<i64>> =
        on!(conn, |c| mirror::table.select(mirror::told).first(c)).optional_row()?;
    told.flatten().map(log::index).transpose()
}

/// Notes how many entries the tables tell.
pub async fn tell(tx: &mut Transaction, told: Option<u64>) -> Result<()> {
    let told = told.map(log::column).transpose()?;
    on!(&mut **tx, |c| diesel::update(mirror::table)
        .set(mirror::told.eq(told))
        .execute(c))?;
    Ok(())
}
