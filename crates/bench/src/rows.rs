//! The rows of an import, as SQLite has them.

use diesel::{dsl::sql, expression::SqlLiteral, prelude::*, sql_types::BigInt};

diesel::table! {
    log_entries (leaf_index) {
        leaf_index -> BigInt,
        body -> Binary,
    }
}

diesel::table! {
    records (id) {
        id -> Binary,
        charter -> Text,
        member -> Binary,
        log_index -> BigInt,
        kind -> Text,
        status -> Text,
        digest -> Binary,
        document -> Binary,
        at -> Text,
    }
}

diesel::table! {
    memberships (id) {
        id -> Binary,
        charter -> Text,
        charter_version -> BigInt,
        number -> BigInt,
        founder -> BigInt,
        status -> Text,
        organisation -> Text,
        memorandum -> Text,
        since -> Text,
        record -> Binary,
        log_index -> BigInt,
        updated_at -> Text,
    }
}

diesel::table! {
    claims (charter, claim) {
        charter -> Text,
        claim -> Text,
        member -> Binary,
    }
}

diesel::table! {
    member_traces (charter, kind, value, member) {
        charter -> Text,
        kind -> Text,
        value -> Text,
        member -> Binary,
    }
}

diesel::table! {
    applications (id) {
        id -> Binary,
        charter -> Text,
        charter_version -> BigInt,
        state -> Text,
        channel -> Text,
        origin -> Text,
        language -> Text,
        organisation -> Text,
        membership -> Binary,
        revision -> BigInt,
        received_at -> Text,
        updated_at -> Text,
        matches -> Text,
    }
}

#[derive(Clone, HasQuery, Insertable)]
#[diesel(table_name = log_entries)]
pub struct Entry {
    leaf_index: i64,
    pub body: Vec<u8>,
}

#[derive(Clone, HasQuery, Insertable)]
#[diesel(table_name = records)]
pub struct Record {
    id: Vec<u8>,
    charter: String,
    member: Vec<u8>,
    log_index: i64,
    kind: String,
    status: String,
    digest: Vec<u8>,
    pub document: Vec<u8>,
    at: String,
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = memberships)]
pub struct Membership {
    id: Vec<u8>,
    charter: String,
    charter_version: i64,
    number: i64,
    founder: i64,
    status: String,
    organisation: String,
    memorandum: String,
    since: String,
    record: Vec<u8>,
    log_index: i64,
    updated_at: String,
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = claims)]
pub struct Claim {
    charter: String,
    #[diesel(column_name = claim)]
    key: String,
    member: Vec<u8>,
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = member_traces)]
pub struct Trace {
    charter: String,
    kind: String,
    value: String,
    member: Vec<u8>,
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = applications)]
pub struct Application {
    id: Vec<u8>,
    charter: String,
    charter_version: i64,
    state: String,
    channel: String,
    origin: String,
    language: String,
    organisation: String,
    membership: Vec<u8>,
    revision: i64,
    received_at: String,
    updated_at: String,
    matches: String,
}

/// What an import wrote, but for one row of the audit.
#[derive(Default)]
pub struct Rows {
    pub entries: Vec<Entry>,
    pub records: Vec<Record>,
    memberships: Vec<Membership>,
    claims: Vec<Claim>,
    traces: Vec<Trace>,
    applications: Vec<Application>,
}

/// The order in which SQLite was given the rows of a table.
fn as_written() -> SqlLiteral<BigInt> {
    sql("rowid")
}

/// The log's first entries, which are there before any member's.
const BEFORE: i64 = 4;

impl Rows {
    /// Reads them, in the order in which they were written.
    pub fn of(connection: &mut SqliteConnection) -> Self {
        let entries = Entry::query().filter(log_entries::leaf_index.ge(BEFORE));
        Self {
            entries: entries.load(connection).unwrap(),
            records: Record::query()
                .order(as_written())
                .load(connection)
                .unwrap(),
            memberships: Membership::query()
                .order(as_written())
                .load(connection)
                .unwrap(),
            claims: Claim::query().order(as_written()).load(connection).unwrap(),
            traces: Trace::query().order(as_written()).load(connection).unwrap(),
            applications: Application::query()
                .order(as_written())
                .load(connection)
                .unwrap(),
        }
    }

    /// The records and the entries, and none of what the registry keeps beside them.
    pub fn of_the_log_alone(&self) -> Self {
        Self {
            entries: self.entries.clone(),
            records: self.records.clone(),
            ..Self::default()
        }
    }

    /// How many there are of each.
    pub fn told(&self) -> String {
        format!(
            "{} entries, {} records, {} memberships, {} claims, {} traces, {} applications",
            self.entries.len(),
            self.records.len(),
            self.memberships.len(),
            self.claims.len(),
            self.traces.len(),
            self.applications.len()
        )
    }

    /// Inserts them one by one: diesel prepares each statement once.
    pub fn insert(&self, connection: &mut SqliteConnection) -> QueryResult<()> {
        macro_rules! all {
            ($rows:expr, $table:expr) => {
                for row in &$rows {
                    diesel::insert_into($table)
                        .values(row)
                        .execute(connection)?;
                }
            };
        }
        all!(self.entries, log_entries::table);
        all!(self.records, records::table);
        all!(self.memberships, memberships::table);
        all!(self.traces, member_traces::table);
        all!(self.claims, claims::table);
        all!(self.applications, applications::table);
        Ok(())
    }
}

/// Takes out what an import's rows would collide with: nothing but what the charter's publication left.
pub fn make_room(connection: &mut SqliteConnection) {
    let left: i64 = log_entries::table.count().get_result(connection).unwrap();
    assert_eq!(left, BEFORE);
}
