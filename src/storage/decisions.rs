//! Decisions: proposed by one registrar, approved or declined by another.

use charter_proof::canonical::Digest;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};

use super::{
    Connection, Error, OptionalRow, Result, Transaction, on,
    schema::decisions,
    types::{Json, Sha256, Timestamp, Word},
};
use crate::rules::{
    decision::{Kind, Proposal, State},
    id::{ApplicationId, DecisionId, MemberId, OperatorId, RecordId},
};

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Its identifier.
    pub id: DecisionId,
    /// The charter's slug.
    pub charter: String,
    /// What it is about.
    pub subject: Subject,
    /// What is proposed.
    pub proposal: Proposal,
    /// The digest of subject and proposal: what the approval must repeat.
    pub digest: Digest,
    /// The digest of the subject as it stood when the decision was proposed.
    pub subject_digest: Digest,
    /// Where the decision stands.
    pub state: State,
    /// Who proposed it.
    pub proposer: OperatorId,
    /// When.
    pub proposed_at: DateTime<Utc>,
    /// Who approved or declined it, and when.
    pub decided: Option<(OperatorId, DateTime<Utc>)>,
    /// The record that carried it out.
    pub record: Option<RecordId>,
}

/// What a decision is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subject {
    /// An application.
    Application(ApplicationId),
    /// A membership.
    Membership(MemberId),
}

#[derive(HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = decisions, treat_none_as_null = true)]
struct Row {
    id: DecisionId,
    kind: Word<Kind>,
    charter: String,
    application: Option<ApplicationId>,
    membership: Option<MemberId>,
    content: Json<Proposal>,
    digest: Sha256,
    subject_digest: Sha256,
    state: Word<State>,
    proposer: OperatorId,
    proposed_at: Timestamp,
    decider: Option<OperatorId>,
    decided_at: Option<Timestamp>,
    record: Option<RecordId>,
}

impl TryFrom<Row> for Decision {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let subject = match (row.application, row.membership) {
            (Some(id), None) => Subject::Application(id),
            (None, Some(id)) => Subject::Membership(id),
            _ => return Err(Error::Damaged(format!("subject of decision {}", row.id))),
        };
        Ok(Self {
            id: row.id,
            charter: row.charter,
            subject,
            proposal: row.content.0,
            digest: row.digest.into(),
            subject_digest: row.subject_digest.into(),
            state: row.state.0,
            proposer: row.proposer,
            proposed_at: row.proposed_at.into(),
            decided: row.decider.zip(row.decided_at.map(Into::into)),
            record: row.record,
        })
    }
}

impl From<&Decision> for Row {
    fn from(decision: &Decision) -> Self {
        let (application, membership) = match decision.subject {
            Subject::Application(id) => (Some(id), None),
            Subject::Membership(id) => (None, Some(id)),
        };
        Self {
            id: decision.id,
            kind: Word(decision.proposal.kind()),
            charter: decision.charter.clone(),
            application,
            membership,
            content: Json(decision.proposal.clone()),
            digest: decision.digest.into(),
            subject_digest: decision.subject_digest.into(),
            state: Word(decision.state),
            proposer: decision.proposer,
            proposed_at: decision.proposed_at.into(),
            decider: decision.decided.map(|(decider, _)| decider),
            decided_at: decision.decided.map(|(_, at)| at.into()),
            record: decision.record,
        }
    }
}

impl Decision {
    /// Everything that the decision is about: its subject first, then the other memberships.
    pub fn concerned(&self) -> Vec<Subject> {
        let others = self.proposal.members().into_iter();
        std::iter::once(self.subject)
            .chain(others.map(Subject::Membership))
            .collect()
    }
}

/// Which decisions a list shows. An empty filter shows all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only in this state.
    pub state: Option<State>,
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only of this charter.
    pub charter: Option<String>,
}

impl Decision {
    /// Adds a decision; a second open one about the same subject is a unique violation.
    pub async fn insert(&self, tx: &mut Transaction) -> Result<()> {
        on!(&mut **tx, |c| diesel::insert_into(decisions::table)
            .values(Row::from(self))
            .execute(c))?;
        Ok(())
    }

    /// Writes the decision as it now stands.
    pub async fn update(&self, tx: &mut Transaction) -> Result<()> {
        let row = Row::from(self);
        on!(&mut **tx, |c| diesel::update(
            decisions::table.filter(decisions::id.eq(row.id))
        )
        .set(&row)
        .execute(c))?;
        Ok(())
    }

    /// The decision of this identifier.
    pub async fn find(conn: &mut Connection, id: DecisionId) -> Result<Option<Self>> {
        on!(conn, |c| Row::query().filter(decisions::id.eq(id)).first(c))
            .optional_row()?
            .map(Self::try_from)
            .transpose()
    }

    /// The decision of this identifier, which no other transaction can change until this one ends.
    pub async fn lock(tx: &mut Transaction, id: DecisionId) -> Result<Option<Self>> {
        on!(&mut **tx, |c| diesel::update(
            decisions::table.filter(decisions::id.eq(id))
        )
        .set(decisions::state.eq(decisions::state))
        .execute(c))?;
        Self::find(&mut *tx, id).await
    }

    /// The open decision about a subject.
    pub async fn open_about(conn: &mut Connection, subject: Subject) -> Result<Option<Self>> {
        let proposed = Word(State::Proposed);
        let row = match subject {
            Subject::Application(id) => on!(conn, |c| Row::query()
                .filter(decisions::application.eq(id))
                .filter(decisions::state.eq(proposed))
                .first(c)),
            Subject::Membership(id) => on!(conn, |c| Row::query()
                .filter(decisions::membership.eq(id))
                .filter(decisions::state.eq(proposed))
                .first(c)),
        };
        row.optional_row()?.map(Self::try_from).transpose()
    }

    /// The decisions about a membership that are closed.
    pub async fn closed_about(conn: &mut Connection, member: MemberId) -> Result<Vec<Self>> {
        let rows: Vec<Row> = on!(conn, |c| Row::query()
            .filter(decisions::membership.eq(member))
            .filter(decisions::state.ne(Word(State::Proposed)))
            .order(decisions::id)
            .load(c))?;
        rows.into_iter().map(Self::try_from).collect()
    }

    /// A page of decisions, oldest first, after the one that was proposed then.
    pub async fn page(
        conn: &mut Connection,
        filter: &Filter,
        after: Option<(DateTime<Utc>, DecisionId)>,
        limit: i64,
    ) -> Result<Vec<Self>> {
        let rows: Vec<Row> = on!(conn, |c| {
            let mut query = decisions::table
                .select(Row::as_select())
                .order((decisions::proposed_at, decisions::id))
                .limit(limit)
                .into_boxed();
            if let Some(state) = filter.state {
                query = query.filter(decisions::state.eq(Word(state)));
            }
            if let Some(kind) = filter.kind {
                query = query.filter(decisions::kind.eq(Word(kind)));
            }
            if let Some(charter) = &filter.charter {
                query = query.filter(decisions::charter.eq(charter));
            }
            if let Some((at, id)) = after {
                let at = Timestamp::from(at);
                query = query.filter(
                    decisions::proposed_at
                        .gt(at)
                        .or(decisions::proposed_at.eq(at).and(decisions::id.gt(id))),
                );
            }
            query.load(c)
        })?;
        rows.into_iter().map(Self::try_from).collect()
    }
}
