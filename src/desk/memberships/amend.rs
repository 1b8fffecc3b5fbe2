//! What the registry says of a member is put right or brought up to date.

use charter_proof::entry::MemberEventKind;

use super::{KeyConflict, claimable};
use crate::{
    desk::{Desk, Failure, Request, decisions::recuse, failures_of, unit::begin},
    log::ledger::Change,
    notify::outbox::Draft,
    rules::{
        audit::Action,
        claim::keep_name,
        id::MemberId,
        letter::Template,
        membership::{self, NotNow},
        organisation::Organisation,
    },
    storage::{charters::Published, decisions::Subject, memberships::Membership},
};

/// An amendment.
pub struct Amend<F> {
    /// The charter's slug.
    pub charter: String,
    /// The member.
    pub member: MemberId,
    /// The index of the member's newest log entry: an amendment always says what it amends.
    pub expected_index: u64,
    /// Makes the new organisation of the old one.
    pub change: F,
    /// Whether the registrar attests that the member controls its new domain.
    pub domain_attested: bool,
    /// Whether what the member was called stays with it as an alias, as far as there is room.
    pub former_name_kept: bool,
}

/// Why a member is not amended; `I` is a fault of what would result.
#[derive(Debug, thiserror::Error)]
pub enum AmendError<I: std::fmt::Debug> {
    /// There is no such member of this charter.
    #[error("there is no such member of this charter")]
    Unknown,
    /// The membership changed since the caller read it.
    #[error("the membership changed since you read it: read it again")]
    Changed,
    /// The member's status does not allow it.
    #[error(transparent)]
    NotNow(#[from] NotNow),
    /// What would result is no valid organisation.
    #[error("what would result is not valid")]
    Invalid(Vec<I>),
    /// The registrar stands aside from this member.
    #[error("you recused yourself from this member: another registrar must amend it")]
    Recused,
    /// Nothing would change.
    #[error("the amendment changes nothing")]
    NoChange,
    /// The charter is not open to such organisations.
    #[error("this charter does not admit the category {0:?}")]
    CategoryNotAccepted(String),
    /// The charter is not open to organisations of this country.
    #[error("this charter does not admit organisations of {0}")]
    CountryNotAccepted(String),
    /// The charter wants each member to have a domain whose control is attested.
    #[error("this charter wants each member to have a domain: it can be changed, not removed")]
    DomainRequired,
    /// Control of the new domain is not attested.
    #[error("a new domain needs `domainAttested`: a registrar attests that the member controls it")]
    DomainNotAttested,
    /// Another membership holds one of the new keys.
    #[error(transparent)]
    KeyConflict(#[from] KeyConflict),
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}

failures_of!(AmendError<I>, I: std::fmt::Debug);

/// Amends a member: signs its record and appends the event. Keys that it gives up become free.
pub async fn amend<F, I>(
    desk: &Desk,
    request: Request,
    command: Amend<F>,
) -> Result<Membership, AmendError<I>>
where
    F: FnOnce(&Organisation) -> Result<Organisation, Vec<I>> + Send,
    I: std::fmt::Debug,
{
    let mut unit =
        begin!(desk.begin_log::<Membership>(&request, Action::MemberAmended, command.member));
    let mut membership = Membership::find(&mut unit, &command.charter, command.member)
        .await?
        .ok_or(AmendError::Unknown)?;
    if command.expected_index != membership.log_index {
        return Err(AmendError::Changed);
    }
    let status = membership::after(membership.status, MemberEventKind::Amended)?;
    let published = Published::find(&mut unit, &membership.charter, membership.charter_version)
        .await?
        .ok_or(AmendError::Unknown)?;
    let about = [Subject::Membership(membership.id)];
    if recuse::is_recused(&mut unit, request.actor, &about).await? {
        return Err(AmendError::Recused);
    }
    let mut organisation =
        (command.change)(&membership.organisation).map_err(AmendError::Invalid)?;
    if command.former_name_kept {
        for (_, name) in membership.organisation.name.iter() {
            keep_name(&mut organisation, name);
        }
    }
    if organisation == membership.organisation {
        return Err(AmendError::NoChange);
    }
    if !published.version.accepts_category(&organisation.category) {
        return Err(AmendError::CategoryNotAccepted(
            organisation.category.to_string(),
        ));
    }
    if let Some(country) = organisation.country
        && !published.version.accepts_country(country)
    {
        return Err(AmendError::CountryNotAccepted(country.to_string()));
    }
    if organisation.domain.is_none() && published.version.policy().domain_proof_required() {
        return Err(AmendError::DomainRequired);
    }
    let new_domain =
        organisation.domain.is_some() && organisation.domain != membership.organisation.domain;
    if new_domain && !command.domain_attested {
        return Err(AmendError::DomainNotAttested);
    }
    let keys = organisation.claim_keys();
    let own = Some(membership.id);
    claimable(&mut unit, &membership.charter, &keys, own, None).await??;
    membership.organisation = organisation;
    let change = Change {
        event: MemberEventKind::Amended,
        status,
        charter: &published,
        reasons: None,
        other: None,
    };
    unit.record(&mut membership, change).await?;
    membership.update(&mut unit).await?;
    membership.claim(&mut unit, &keys).await?;
    let letter = Draft::to_member(Template::MemberAmended, &membership);
    unit.letter(letter).await?;
    Ok(unit.finish(membership).await?)
}
