//! An organisation applies to accede to a charter.

use charter_proof::entry::Status;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{Ineligible, check_eligible, set_terms};
use crate::{
    desk::{Actor, Desk, Failure, Request, failures_of, people, unit::begin},
    notify::outbox::Draft,
    rules::{
        application::{Channel, Origin, State},
        audit::Action,
        charter::CharterVersion,
        id::{ApplicationId, MemberId},
        letter::Template,
        organisation::Organisation,
        region::Region,
        text::{Lang, Name},
        token::TokenKind,
    },
    storage::{
        Connection, Transaction,
        applications::{Application, Contact, Entered, Referral},
        charters::Published,
        memberships::{Holder, Membership},
        traces,
    },
};

/// What an application says.
#[derive(Debug, Clone)]
pub struct Apply {
    /// The charter's slug.
    pub charter: String,
    /// Who applies.
    pub organisation: Organisation,
    /// Whom to speak to.
    pub contact: Contact,
    /// The language of letters and memorandum; the charter's first when absent.
    pub language: Option<Lang>,
    /// Why the organisation applies.
    pub origin: Origin,
    /// The member that referred it.
    pub referrer: Option<MemberId>,
    /// The region of the campaign that brought it.
    pub campaign: Option<Region>,
    /// How the application reached the secretariat, when an operator enters it.
    pub channel: Option<Channel>,
    /// When it came to the operator who enters it, and how in the operator's words.
    pub entered: Option<(NaiveDate, Option<Name>)>,
}

/// The application as entered, and the token by which its applicant is known.
#[derive(Debug, Serialize, Deserialize)]
pub struct Applied {
    /// The application.
    pub application: Application,
    /// The applicant's token, shown once.
    pub token: String,
}

/// Why an application is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// There is no such charter.
    #[error("there is no charter of this name")]
    CharterUnknown,
    /// The charter is not open to it.
    #[error(transparent)]
    Ineligible(#[from] Ineligible),
    /// The charter has no memorandum in this language.
    #[error("this charter's memorandum is not made out in {0:?}")]
    LanguageNotOffered(String),
    /// The channel does not fit who enters the application.
    #[error("an application that {actor} is not entered with channel {channel}")]
    ChannelNotAllowed {
        /// How the application came.
        actor: &'static str,
        /// The channel that was given.
        channel: Channel,
    },
    /// What an operator enters came some day, some way.
    #[error("an application that came by {0} is entered with the day it came and how")]
    EnteredMissing(Channel),
    /// Nobody enters what comes by itself.
    #[error("an application that comes by {0} is not entered by anybody")]
    EnteredUnexpected(Channel),
    /// It is said to have come on a day that has not come yet.
    #[error("the day it came, {0}, lies in the future")]
    ReceivedInFuture(NaiveDate),
    /// There is no address to write to.
    #[error("an e-mail address is needed: letters about the application go there")]
    EmailMissing,
    /// There is no way to reach the contact person.
    #[error("an e-mail address or a telephone number is needed")]
    NotReachable,
    /// Only a referral has a referrer.
    #[error("a referrer goes with origin member_referral only")]
    ReferrerUnexpected,
    /// The referrer is no member.
    #[error("the referrer is no active member of this charter")]
    ReferrerUnknown,
    /// Only a campaign has a region.
    #[error("a campaign's region goes with origin regional_campaign only")]
    CampaignUnexpected,
    /// A member holds one of the organisation's keys.
    #[error("{0} belongs to a member of this charter already")]
    AlreadyMember(String),
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(ApplyError);

/// Enters an application.
///
/// Who resembles a member is let in and looked at: only what a member holds today is refused at once.
pub async fn apply(desk: &Desk, request: Request, command: Apply) -> Result<Applied, ApplyError> {
    let channel = channel(request.actor, command.channel)?;
    let id = ApplicationId(desk.clock.uuid());
    let mut unit = begin!(desk.begin::<Applied>(&request, Action::ApplicationSubmitted, id));
    let at = unit.at();
    check_reachable(channel, &command.contact)?;
    let entered = entered(request.actor, channel, command.entered.as_ref(), at)?;
    let published = Published::current(&mut unit, &command.charter)
        .await?
        .ok_or(ApplyError::CharterUnknown)?;
    let version = &published.version;
    check_eligible(version, &command.organisation)?;
    let language = language(version, command.language.clone())?;
    check_keys(&mut unit, &command).await?;
    let mut application = Application {
        id,
        charter_version: version.version(),
        state: State::Received,
        channel,
        origin: command.origin,
        partner: if let Actor::Partner(partner) = request.actor {
            Some(partner)
        } else {
            None
        },
        language,
        outcome: None,
        membership: None,
        revision: 1,
        received_at: at,
        updated_at: at,
        entered,
        referral: referral(&mut unit, &command).await?,
        charter: command.charter,
        organisation: command.organisation,
        confirmation: None,
        returned: None,
        matches: Vec::new(),
        acknowledged: None,
        earlier_state: None,
        lapses_at: None,
        assignee: None,
        due_on: None,
        erased_at: None,
        salt: Some(desk.clock.random()),
    };
    set_terms(&mut application, version, at);
    let token = add(desk, &mut unit, &mut application, &command.contact).await?;
    let letter = Draft::to_applicant(Template::ApplicationReceived, &application);
    unit.letter(letter).await?;
    Ok(unit.finish(Applied { application, token }).await?)
}

/// Adds the application, compared with every member, and its contact person; returns the applicant's token.
async fn add(
    desk: &Desk,
    tx: &mut Transaction,
    application: &mut Application,
    contact: &Contact,
) -> Result<String, Failure> {
    application.matches = traces::matches(tx, application, Some(contact)).await?;
    application.insert(tx).await?;
    contact.insert(tx, application.id).await?;
    people::issue_token(desk, tx, TokenKind::Applicant, application.id.0, None).await
}

/// Checks that no member holds one of the organisation's keys.
async fn check_keys(conn: &mut Connection, command: &Apply) -> Result<(), ApplyError> {
    let keys = command.organisation.claim_keys();
    let holders = Holder::of(conn, &command.charter, &keys).await?;
    let is_held = |holder: &Holder| matches!(holder.status, Status::Active | Status::Suspended);
    match holders.into_iter().find(is_held) {
        Some(holder) => Err(ApplyError::AlreadyMember(holder.claim)),
        None => Ok(()),
    }
}

/// Checks that the contact person can be reached: by letters, or where a clerk speaks to it, at least by telephone.
fn check_reachable(channel: Channel, contact: &Contact) -> Result<(), ApplyError> {
    match (&contact.email, &contact.phone) {
        (None, _) if !channel.is_entered() => Err(ApplyError::EmailMissing),
        (None, None) => Err(ApplyError::NotReachable),
        _ => Ok(()),
    }
}

/// What is noted of an application that an operator enters.
fn entered(
    actor: Actor,
    channel: Channel,
    given: Option<&(NaiveDate, Option<Name>)>,
    at: DateTime<Utc>,
) -> Result<Option<Entered>, ApplyError> {
    match (actor, given) {
        (Actor::Operator(by, _), Some((received_on, how))) if channel.is_entered() => {
            // The clerk's calendar may be a day ahead of UTC.
            let tomorrow = at.date_naive().succ_opt().unwrap_or(NaiveDate::MAX);
            if *received_on > tomorrow {
                return Err(ApplyError::ReceivedInFuture(*received_on));
            }
            let (received_on, how) = (*received_on, how.clone());
            Ok(Some(Entered {
                received_on,
                how,
                by,
            }))
        }
        (_, None) if channel.is_entered() => Err(ApplyError::EnteredMissing(channel)),
        (_, None) => Ok(None),
        (_, Some(_)) => Err(ApplyError::EnteredUnexpected(channel)),
    }
}

/// Who or what led the organisation here. A campaign is its own region's unless it says another's.
async fn referral(conn: &mut Connection, command: &Apply) -> Result<Option<Referral>, ApplyError> {
    if command.campaign.is_some() && command.origin != Origin::RegionalCampaign {
        return Err(ApplyError::CampaignUnexpected);
    }
    if command.origin == Origin::RegionalCampaign {
        let region = command.campaign.or(command.organisation.region);
        return Ok(region.map(Referral::Campaign));
    }
    let Some(referrer) = command.referrer else {
        return Ok(None);
    };
    if command.origin != Origin::MemberReferral {
        return Err(ApplyError::ReferrerUnexpected);
    }
    let member = Membership::find(conn, &command.charter, referrer).await?;
    match member {
        Some(member) if member.status == Status::Active => Ok(Some(Referral::Member(referrer))),
        _ => Err(ApplyError::ReferrerUnknown),
    }
}

/// The channel of an application: partners and the public have one each, operators say which.
fn channel(actor: Actor, given: Option<Channel>) -> Result<Channel, ApplyError> {
    let (own, who, entered_by_clerk) = match actor {
        Actor::Partner(_) => (Channel::Partner, "a partner brings", false),
        Actor::Operator(..) => (Channel::Letter, "an operator enters", true),
        Actor::Host | Actor::System => (Channel::Import, "the host brings", false),
        Actor::Anonymous | Actor::Applicant(_) => {
            (Channel::Website, "comes from the public", false)
        }
    };
    let channel = given.unwrap_or(own);
    if channel == own || (entered_by_clerk && channel.is_entered()) {
        Ok(channel)
    } else {
        Err(ApplyError::ChannelNotAllowed {
            actor: who,
            channel,
        })
    }
}

fn language(version: &CharterVersion, asked: Option<Lang>) -> Result<Lang, ApplyError> {
    match asked {
        Some(language) if version.languages().contains(&language) => Ok(language),
        Some(language) => Err(ApplyError::LanguageNotOffered(language.to_string())),
        None => version
            .languages()
            .first()
            .cloned()
            .ok_or(ApplyError::LanguageNotOffered(String::new())),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{ApplyError, channel};
    use crate::{
        desk::Actor,
        rules::{
            application::Channel,
            id::{OperatorId, PartnerId},
            role::Role,
            word::Word as _,
        },
    };

    #[test]
    fn each_channel_is_open_to_those_who_use_it() {
        let partner = Actor::Partner(PartnerId(Uuid::nil()));
        let clerk = Actor::Operator(OperatorId(Uuid::nil()), Role::Clerk);
        for &given in Channel::all() {
            let open = |actor| {
                !matches!(
                    channel(actor, Some(given)),
                    Err(ApplyError::ChannelNotAllowed { .. })
                )
            };
            assert_eq!(open(partner), given == Channel::Partner, "{given}");
            assert_eq!(open(Actor::Anonymous), given == Channel::Website, "{given}");
            assert_eq!(
                open(clerk),
                matches!(given, Channel::Letter | Channel::Email | Channel::Oral),
                "{given}"
            );
        }
    }
}
