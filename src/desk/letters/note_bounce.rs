//! A letter came back after the mail server had taken it.

use super::LetterError;
use crate::{
    desk::{Desk, Request, unit::begin},
    rules::{audit::Action, id::LetterId, letter::Event},
    storage::letters::Letter,
};

/// A notice that a letter did not arrive.
#[derive(Debug, Clone)]
pub struct NoteBounce {
    /// The letter.
    pub letter: LetterId,
    /// The enhanced status code (RFC 3463) of the notice, where it has one.
    pub status: Option<String>,
}

/// Notes that a letter came back: its contact person cannot be reached under that address.
pub async fn note_bounce(
    desk: &Desk,
    request: Request,
    command: NoteBounce,
) -> Result<Letter, LetterError> {
    let mut unit = begin!(desk.begin::<Letter>(&request, Action::LetterBounced, command.letter));
    let read = Letter::lock(&mut unit, command.letter)
        .await?
        .ok_or(LetterError::Unknown)?;
    let letter = Letter {
        state: read.state.after(Event::Bounce)?,
        next_attempt_at: None,
        last_error: Some(command.status.unwrap_or_else(|| "returned".to_owned())),
        bounced_at: Some(unit.at()),
        ..read.clone()
    };
    letter.replace(&mut unit, &read).await?;
    let letter = unit.finish(letter).await?;
    metrics::counter!("letters_bounced_total").increment(1);
    tracing::warn!(letter = %letter.id, state = %letter.state, "a letter came back");
    Ok(letter)
}
