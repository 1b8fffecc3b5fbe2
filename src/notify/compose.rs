//! A letter's text and addresses, made when it is sent from what the database then says, and kept nowhere.

use chrono::{DateTime, TimeDelta, Utc};
use lettre::{
    Message,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0},
    },
};

use super::Mail;
use crate::{
    clock::Clock,
    rules::{
        day::Day,
        id::ApplicationId,
        letter::{Argument, Recipient, Template},
        organisation::Organisation,
        text::{Email, Name},
        token::{Token, TokenKind},
        word::Word as _,
    },
    storage::{
        self, Transaction,
        applications::{Application, Contact},
        charters::Published,
        confirmations,
        letters::Letter,
        memberships::Membership,
    },
    texts::{self, Places, TextError, Written},
};

/// How long the link works by which a contact person confirms the address.
const CONFIRMATION_DAYS: i64 = 14;

/// Why a letter was not composed.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// Its text is missing, or lacks something.
    #[error(transparent)]
    Text(#[from] TextError),
    /// Its recipient's address is none that mail can go to.
    #[error("the address cannot be written to")]
    Address,
    /// The message could not be built.
    #[error("the message could not be built")]
    Message(#[from] lettre::error::Error),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

/// What a letter says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub body: String,
}

/// Composes a letter; `None` when there is nobody to send it to any more.
pub async fn compose(
    tx: &mut Transaction,
    mail: &Mail,
    clock: &Clock,
    letter: &Letter,
) -> Result<Option<Message>, ComposeError> {
    let Some(to) = recipient(tx, mail, letter).await? else {
        return Ok(None);
    };
    let now = clock.now();
    let written = Written::of(&letter.language);
    let mut places = places(tx, mail, letter, written).await?;
    if letter.template == Template::ApplicationReceived
        && let Some(application) = letter.application
    {
        let until = now + TimeDelta::days(CONFIRMATION_DAYS);
        let token = Token::new(TokenKind::Confirmation, &clock.random());
        confirmations::insert(tx, application, token.hash(), until).await?;
        places = places
            .with(
                "confirm-url",
                confirm_url(mail, application, written, &token),
            )
            .with("until-date", texts::day(written, until.date_naive())?);
    }
    let content = content(letter, written, &places)?;
    message(mail, letter, written, to, content, now).map(Some)
}

fn confirm_url(mail: &Mail, application: ApplicationId, written: Written, token: &Token) -> String {
    format!(
        "{}/applications/{application}/confirm?lang={}&token={}",
        mail.base.url(),
        written.tag(),
        token.reveal()
    )
}

async fn recipient(
    tx: &mut Transaction,
    mail: &Mail,
    letter: &Letter,
) -> Result<Option<Mailbox>, ComposeError> {
    match (letter.recipient, letter.application) {
        (Recipient::Secretariat, _) => match &mail.secretariat {
            Some(secretariat) => Ok(Some(mailbox(None, &secretariat.address)?)),
            None => Ok(None),
        },
        (Recipient::Contact, None) => Ok(None),
        (Recipient::Contact, Some(application)) => {
            let contact = Contact::find(tx, application).await?;
            let reached = contact.and_then(|contact| Some((contact.name, contact.email?)));
            reached
                .map(|(name, email)| mailbox(Some(&name), &email))
                .transpose()
        }
    }
}

/// A mailbox, as headers name it.
pub(super) fn mailbox(name: Option<&Name>, address: &Email) -> Result<Mailbox, ComposeError> {
    let address = address.as_str().parse();
    Ok(Mailbox::new(
        name.map(ToString::to_string),
        address.map_err(|_| ComposeError::Address)?,
    ))
}

/// What every letter's text may name.
async fn places(
    tx: &mut Transaction,
    mail: &Mail,
    letter: &Letter,
    written: Written,
) -> Result<Places, ComposeError> {
    let base = mail.base.url();
    let mut places = Places::default()
        .with("registry", mail.name.as_str())
        .with("base", base)
        .with(
            "overdue-url",
            format!("{base}/v1/applications?overdue=true"),
        );
    for &argument in Argument::all() {
        let value = letter.arguments.get(&argument).map(String::as_str);
        places = match argument {
            Argument::Count => {
                let count = value.and_then(|count| count.parse().ok());
                places.with_number("count", count.unwrap_or_default())
            }
            Argument::Until => match value.and_then(|day| Day::parse(day).ok()) {
                Some(day) => places
                    .with("until", day.0.to_string())
                    .with("until-date", texts::day(written, day.0)?),
                None => places.with("until", "none"),
            },
            other => places.with(other.as_str(), value.unwrap_or_default()),
        };
    }
    if let Some(decision) = letter.decision {
        places = places.with("decision-url", format!("{base}/v1/decisions/{decision}"));
    }
    let mut subject: Option<(Organisation, String, u32)> = None;
    if let Some(id) = letter.application {
        places = places
            .with("application", id.to_string())
            .with("application-url", format!("{base}/v1/applications/{id}"));
        let found = Application::find(tx, id).await?;
        subject = found.map(|found| (found.organisation, found.charter, found.charter_version));
    }
    if let Some(id) = letter.membership {
        places = places.with("member-url", mail.base.member_url(id.0));
        if let Some(found) = Membership::find_anywhere(tx, id).await? {
            subject = Some((found.organisation, found.charter, found.charter_version));
        }
    }
    let Some((organisation, charter, version)) = subject else {
        return Ok(places);
    };
    let languages = [letter.language.clone()];
    let published = Published::find(tx, &charter, version).await?;
    let title = published.map(|published| {
        let title = published.version.title().preferred(&languages).1;
        title.to_string()
    });
    Ok(places.with("charter", title.unwrap_or(charter)).with(
        "organisation",
        organisation.name.preferred(&languages).1.to_string(),
    ))
}

/// The letter's subject, and its text from greeting to signature.
pub(super) fn content(
    letter: &Letter,
    written: Written,
    places: &Places,
) -> Result<Content, TextError> {
    let name = letter.template.as_str();
    let text = texts::text(written, name, places)?;
    let body = match letter.recipient {
        Recipient::Contact => {
            let opening = texts::text(written, "opening", places)?;
            let closing = texts::text(written, "closing", places)?;
            format!("{opening}\n\n{text}\n\n{closing}\n")
        }
        Recipient::Secretariat => {
            let closing = texts::text(written, "secretariat-closing", places)?;
            format!("{text}\n\n{closing}\n")
        }
    };
    Ok(Content {
        subject: texts::attribute(written, name, "subject", places)?,
        body: texts::wrapped(&body),
    })
}

fn message(
    mail: &Mail,
    letter: &Letter,
    written: Written,
    to: Mailbox,
    content: Content,
    now: DateTime<Utc>,
) -> Result<Message, ComposeError> {
    let header = |name, value: &str| {
        HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
    };
    let mut message = Message::builder()
        .from(mailbox(Some(&mail.name), &mail.from)?)
        .to(to)
        .subject(content.subject)
        // The same at every attempt, so that the reader's program knows a repetition, and we a bounce.
        .message_id(Some(format!("<{}@{}>", letter.id, mail.host_name())))
        .date(now.into())
        // No answering machine answers these (RFC 3834).
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("Content-Language", written.tag()))
        .header(ContentType::TEXT_PLAIN);
    if let Some(secretariat) = &mail.secretariat
        && letter.recipient == Recipient::Contact
    {
        message = message.reply_to(mailbox(None, &secretariat.address)?);
    }
    Ok(message.header(MIME_VERSION_1_0).body(content.body)?)
}

#[cfg(test)]
mod tests;
