//! What operators' and partners' accounts have in common at the prompt.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    desk::people::{DEFAULT_TOKEN_DAYS, MAX_TOKEN_DAYS},
    storage::{self, Connection, people::StoredToken},
};

use super::answer::Answer;

/// How many accounts are read at a time.
pub(super) const PAGE: i64 = 100;

/// The end of a token's validity, as it is asked for.
#[derive(Debug, clap::Args)]
pub(super) struct Validity {
    /// For how many days the token is valid.
    #[arg(
        long,
        default_value_t = DEFAULT_TOKEN_DAYS,
        value_parser = clap::value_parser!(u16).range(1..=i64::from(MAX_TOKEN_DAYS))
    )]
    pub(super) days: u16,
}

/// A new token: alone on standard output, so that a script can take it; `whose` it is beside it.
pub(super) fn token(token: &str, whose: &str, days: u16) -> Answer {
    Answer::done(format!("{token}\n")).note(format!(
        "This is {whose} token, valid for {days} days. It is not shown again: keep it like a password."
    ))
}

/// How an account can be used now.
pub(super) struct Access {
    /// `open` or `closed`.
    pub(super) account: &'static str,
    /// How many tokens open it.
    pub(super) valid_tokens: usize,
    /// The day on which one was last used, or `never`.
    pub(super) last_used: String,
}

impl Access {
    /// Looks the tokens of an account up.
    pub(super) async fn of(
        conn: &mut Connection,
        owner: Uuid,
        closed_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<Self, storage::Error> {
        let tokens = StoredToken::of_owner(conn, owner).await?;
        let valid = tokens.iter().filter(|token| token.is_valid_at(now)).count();
        let last_used = tokens.iter().filter_map(|token| token.last_used_at).max();
        Ok(Self {
            account: if closed_at.is_none() {
                "open"
            } else {
                "closed"
            },
            valid_tokens: if closed_at.is_none() { valid } else { 0 },
            last_used: last_used
                .map_or_else(|| "never".to_owned(), |at| at.date_naive().to_string()),
        })
    }
}
