//! A clerk has a letter sent again.

use super::LetterError;
use crate::{
    desk::{Desk, Request, unit::begin},
    rules::{audit::Action, id::LetterId, letter::Event},
    storage::letters::Letter,
};

/// Queues a letter anew, with all its attempts before it. Its text is made anew when it is sent.
pub async fn retry(desk: &Desk, request: Request, id: LetterId) -> Result<Letter, LetterError> {
    let mut unit = begin!(desk.begin::<Letter>(&request, Action::LetterRetried, id));
    let read = Letter::lock(&mut unit, id)
        .await?
        .ok_or(LetterError::Unknown)?;
    let letter = Letter {
        state: read.state.after(Event::Retry)?,
        attempts: 0,
        next_attempt_at: Some(unit.at()),
        last_error: None,
        sent_at: None,
        bounced_at: None,
        ..read.clone()
    };
    letter.replace(&mut unit, &read).await?;
    let letter = unit.finish(letter).await?;
    desk.post.ring();
    Ok(letter)
}
