//! An organisation applies to accede to a charter.

use charter_proof::entry::Status;
use serde::{Deserialize, Serialize};

use crate::{
    desk::{Actor, Desk, Failure, Request, failures_of, people, unit::begin},
    notify::outbox::Draft,
    rules::{
        application::{Channel, Origin, State},
        audit::Action,
        charter::CharterVersion,
        id::ApplicationId,
        letter::Template,
        organisation::Organisation,
        text::Lang,
        token::TokenKind,
    },
    storage::{
        applications::{Application, Contact},
        charters::Published,
        memberships::Holder,
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
    /// How the application reached the secretariat, when an operator enters it.
    pub channel: Option<Channel>,
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
    /// The charter is not open to such organisations.
    #[error("this charter does not admit the category {category:?}; it admits {accepted}")]
    CategoryNotAccepted {
        /// The applicant's category.
        category: String,
        /// Those that the charter admits.
        accepted: String,
    },
    /// The charter is not open to organisations of this country.
    #[error("this charter does not admit organisations of {0}")]
    CountryNotAccepted(String),
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
    /// A member holds one of the organisation's keys.
    #[error("{0} belongs to a member of this charter already")]
    AlreadyMember(String),
    /// A former member holds one of the organisation's keys.
    #[error(
        "{0} belongs to a former member of this charter: write to the secretariat about readmission"
    )]
    FormerMember(String),
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(ApplyError);

/// Enters an application.
pub async fn apply(desk: &Desk, request: Request, command: Apply) -> Result<Applied, ApplyError> {
    let channel = channel(request.actor, command.channel)?;
    let id = ApplicationId(desk.clock.uuid());
    let mut unit = begin!(desk.begin::<Applied>(&request, Action::ApplicationSubmitted, id));
    let published = Published::current(&mut unit, &command.charter)
        .await?
        .ok_or(ApplyError::CharterUnknown)?;
    let version = &published.version;
    check_eligible(version, &command.organisation)?;
    let language = language(version, command.language)?;
    let keys = command.organisation.claim_keys();
    if let Some(holder) = Holder::of(&mut unit, &command.charter, &keys)
        .await?
        .into_iter()
        .next()
    {
        return Err(match holder.status {
            Status::Active | Status::Suspended => ApplyError::AlreadyMember(holder.claim),
            Status::Excluded | Status::Withdrawn => ApplyError::FormerMember(holder.claim),
        });
    }
    let application = Application {
        id,
        charter: command.charter,
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
        organisation: command.organisation,
        outcome: None,
        membership: None,
        revision: 1,
        received_at: unit.at(),
        updated_at: unit.at(),
    };
    application.insert(&mut unit).await?;
    command.contact.insert(&mut unit, application.id).await?;
    let token = people::issue_token(
        desk,
        &mut unit,
        TokenKind::Applicant,
        application.id.0,
        None,
    )
    .await?;
    let letter = Draft::to_applicant(Template::ApplicationReceived, &application);
    unit.letter(letter).await?;
    Ok(unit.finish(Applied { application, token }).await?)
}

/// The channel of an application: partners and the public have one each, operators say which.
fn channel(actor: Actor, given: Option<Channel>) -> Result<Channel, ApplyError> {
    let (own, who, entered_by_clerk) = match actor {
        Actor::Partner(_) => (Channel::Partner, "a partner brings", false),
        Actor::Operator(..) | Actor::Host | Actor::System => {
            (Channel::Letter, "an operator enters", true)
        }
        Actor::Anonymous | Actor::Applicant(_) => {
            (Channel::Website, "comes from the public", false)
        }
    };
    let channel = given.unwrap_or(own);
    let clerks = matches!(
        channel,
        Channel::Letter | Channel::Email | Channel::Oral | Channel::Import
    );
    if channel == own || (entered_by_clerk && clerks) {
        Ok(channel)
    } else {
        Err(ApplyError::ChannelNotAllowed {
            actor: who,
            channel,
        })
    }
}

fn check_eligible(version: &CharterVersion, organisation: &Organisation) -> Result<(), ApplyError> {
    if !version.accepts_category(&organisation.category) {
        let accepted: Vec<_> = version
            .eligibility()
            .categories()
            .iter()
            .map(|category| category.code.to_string())
            .collect();
        return Err(ApplyError::CategoryNotAccepted {
            category: organisation.category.to_string(),
            accepted: accepted.join(", "),
        });
    }
    match organisation.country {
        Some(country) if !version.accepts_country(country) => {
            Err(ApplyError::CountryNotAccepted(country.to_string()))
        }
        _ => Ok(()),
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
                !matches!(given, Channel::Partner | Channel::Website),
                "{given}"
            );
        }
    }
}
