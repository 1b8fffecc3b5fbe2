//! Every key and name that members hold or ever held, and whom a newcomer resembles by them.

use charter_proof::entry::Status;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::Deserialize;

use super::{
    Connection, Database, LogTransaction, OptionalRow as _, Result,
    applications::{Application, Contact},
    insert_all,
    memberships::Membership,
    on,
    records::Record,
    schema::{applications, contacts, member_traces, memberships},
    types::Word,
};
use crate::rules::{
    id::MemberId,
    matching::{self, Match, Resemblance, Trace},
    organisation::{IdentifierInput, Organisation, OrganisationInput},
    text::Email,
};

/// Keeps what a membership's organisation leaves behind, beside what it left before.
pub async fn keep(tx: &mut LogTransaction, membership: &Membership) -> Result<()> {
    let Membership {
        charter,
        id,
        organisation,
        ..
    } = membership;
    put(tx, charter, *id, organisation).await
}

/// Keeps of the names that a membership left behind those alone that it has or that its records still tell. Its keys stay.
pub async fn keep_names_told(tx: &mut LogTransaction, membership: &Membership) -> Result<()> {
    let names = [Trace::Name, Trace::Sound, Trace::Look].map(Word);
    on!(&mut ***tx, |c| diesel::delete(
        member_traces::table
            .filter(member_traces::charter.eq(&membership.charter))
            .filter(member_traces::member.eq(membership.id))
            .filter(member_traces::kind.eq_any(names))
    )
    .execute(c))?;
    keep(tx, membership).await?;
    for record in Record::of_member(tx, membership.id).await? {
        if let Some(organisation) = record.document.as_deref().and_then(told_by) {
            put(tx, &record.charter, membership.id, &organisation).await?;
        }
    }
    Ok(())
}

/// Keeps what memberships leave behind that left nothing before.
pub async fn keep_all(tx: &mut LogTransaction, memberships: &[Membership]) -> Result<()> {
    let rows = memberships.iter().flat_map(|membership| {
        let traces = matching::traces(&membership.organisation).into_iter();
        traces.map(|(kind, value)| {
            (
                member_traces::charter.eq(membership.charter.clone()),
                member_traces::kind.eq(Word(kind)),
                member_traces::value.eq(value),
                member_traces::member.eq(membership.id),
            )
        })
    });
    let rows: Vec<_> = rows.collect();
    insert_all!(&mut ***tx, member_traces::table, rows)
}

async fn put(
    tx: &mut LogTransaction,
    charter: &str,
    member: MemberId,
    organisation: &Organisation,
) -> Result<()> {
    for (kind, value) in matching::traces(organisation) {
        on!(&mut ***tx, |c| diesel::insert_into(member_traces::table)
            .values((
                member_traces::charter.eq(charter),
                member_traces::kind.eq(Word(kind)),
                member_traces::value.eq(&value),
                member_traces::member.eq(member),
            ))
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// Whom an application resembles, in which way; sorted, each once.
///
/// `contact` is the person to speak to, unless erased: former members are known by theirs, too.
pub async fn matches(
    conn: &mut Connection,
    application: &Application,
    contact: Option<&Contact>,
) -> Result<Vec<Match>> {
    let (charter, organisation) = (&application.charter, &application.organisation);
    let mut matches: Vec<Match> = matching::of_unknown_schemes(organisation)
        .map(|identifier| Match {
            kind: Resemblance::UnknownScheme,
            found: Some(identifier.key()),
            member: None,
            status: None,
        })
        .collect();
    let keys = matching::keys(organisation).map(|(kind, value)| (kind, value.clone(), value));
    let names = matching::names(organisation).flat_map(|name| {
        matching::of_name(name).map(|(kind, value)| (kind, value, name.to_string()))
    });
    for (kind, value, found) in keys.chain(names).collect::<Vec<_>>() {
        for (member, status) in holders(conn, charter, kind, &value).await? {
            matches.push(Match {
                kind: kind.resemblance(),
                found: Some(found.clone()),
                member: Some(member),
                status: Some(status.0),
            });
        }
    }
    if let Some(email) = contact.and_then(|contact| contact.email.as_ref()) {
        for (member, status) in former_of_contact(conn, charter, email).await? {
            matches.push(Match {
                kind: Resemblance::SameContact,
                found: None,
                member: Some(member),
                status: Some(status.0),
            });
        }
    }
    matches.sort_by_key(Match::place);
    matches.dedup();
    let same: Vec<_> = matches
        .iter()
        .filter(|found| found.kind == Resemblance::SameName)
        .map(|found| found.member)
        .collect();
    // A name that is the same sounds and looks the same, too.
    matches
        .retain(|found| found.kind != Resemblance::ConfusableName || !same.contains(&found.member));
    Ok(matches)
}

/// The members of a charter that have this trace or ever had it.
pub async fn who_ever_left(
    conn: &mut Connection,
    charter: &str,
    kind: Trace,
    value: &str,
) -> Result<Vec<MemberId>> {
    on!(conn, |c| member_traces::table
        .filter(member_traces::charter.eq(charter))
        .filter(member_traces::kind.eq(Word(kind)))
        .filter(member_traces::value.eq(value))
        .limit(MOST)
        .select(member_traces::member)
        .load(c))
}

async fn holders(
    conn: &mut Connection,
    charter: &str,
    kind: Trace,
    value: &str,
) -> Result<Vec<(MemberId, Word<Status>)>> {
    on!(conn, |c| member_traces::table
        .inner_join(memberships::table)
        .filter(member_traces::charter.eq(charter))
        .filter(member_traces::kind.eq(Word(kind)))
        .filter(member_traces::value.eq(value))
        // Those who left or were excluded before those who are members.
        .order((memberships::status.desc(), memberships::number))
        .select((memberships::id, memberships::status))
        .limit(MOST)
        .load(c))
}

/// Former members of a charter whose contact person had this address.
async fn former_of_contact(
    conn: &mut Connection,
    charter: &str,
    email: &Email,
) -> Result<Vec<(MemberId, Word<Status>)>> {
    let led_to = on!(conn, |c| contacts::table
        .inner_join(applications::table)
        .filter(contacts::email.eq(email.as_str()))
        .filter(applications::charter.eq(charter))
        .filter(applications::membership.is_not_null())
        .select(applications::membership)
        .load::<Option<MemberId>>(c))?;
    let led_to: Vec<MemberId> = led_to.into_iter().flatten().collect();
    let former = [Status::Excluded, Status::Withdrawn].map(Word);
    on!(conn, |c| memberships::table
        .filter(memberships::id.eq_any(&led_to))
        .filter(memberships::status.eq_any(former))
        .order(memberships::number)
        .select((memberships::id, memberships::status))
        .limit(MOST)
        .load(c))
}

/// How many members are told of one trace: there may be thousands of schools of one name.
const MOST: i64 = 20;

/// Keeps the traces of members that were admitted before traces were kept, as every record of theirs tells.
///
/// All or nothing: where one name is kept, every name is.
pub async fn catch_up(database: &Database) -> Result<()> {
    if is_caught_up(&mut database.read().await?).await? {
        return Ok(());
    }
    let mut tx = database.begin_log().await?;
    // Another instance may have been quicker.
    if is_caught_up(&mut tx).await? {
        return Ok(());
    }
    let members: Vec<MemberId> = on!(&mut **tx, |c| memberships::table
        .select(memberships::id)
        .load(c))?;
    for member in members {
        for record in Record::of_member(&mut tx, member).await? {
            if let Some(organisation) = record.document.as_deref().and_then(told_by) {
                put(&mut tx, &record.charter, member, &organisation).await?;
            }
        }
    }
    tx.commit().await
}

/// Whether the names of members are kept already, or there are none.
async fn is_caught_up(conn: &mut Connection) -> Result<bool> {
    let kept: Option<MemberId> = on!(&mut *conn, |c| member_traces::table
        .filter(member_traces::kind.eq(Word(Trace::Name)))
        .select(member_traces::member)
        .first(c))
    .optional_row()?;
    if kept.is_some() {
        return Ok(true);
    }
    let member: Option<MemberId> = on!(conn, |c| memberships::table
        .select(memberships::id)
        .first(c))
    .optional_row()?;
    Ok(member.is_none())
}

/// The organisation as a record tells of it.
fn told_by(record: &[u8]) -> Option<Organisation> {
    #[derive(Deserialize)]
    struct Document {
        #[serde(rename = "credentialSubject")]
        subject: Subject,
    }
    #[derive(Deserialize)]
    struct Subject {
        name: Vec<Text>,
        #[serde(default)]
        aliases: Vec<String>,
        category: String,
        #[serde(default)]
        website: Option<String>,
        #[serde(default)]
        domain: Option<String>,
        #[serde(default)]
        identifiers: Vec<IdentifierInput>,
    }
    #[derive(Deserialize)]
    struct Text {
        #[serde(rename = "@language")]
        language: String,
        #[serde(rename = "@value")]
        value: String,
    }
    let Document { subject } = serde_json::from_slice(record).ok()?;
    let name = subject.name.into_iter();
    Organisation::parse(OrganisationInput {
        name: name.map(|text| (text.language, text.value)).collect(),
        aliases: subject.aliases,
        category: subject.category,
        country: None,
        region: None,
        website: subject.website,
        domain: subject.domain,
        identifiers: subject.identifiers,
    })
    .ok()
}
