//! The outbox is emptied: each letter that is due is taken, composed, handed over, and marked.
//!
//! Several instances may do so at once. A letter is taken by a write that succeeds for one of them, and is free
//! again after a time if that one does not come back: so it may be sent twice when a process dies between the mail
//! server's answer and the mark, with the same Message-ID, and is never lost.

use chrono::{DateTime, TimeDelta, Utc};
use lettre::Message;

use crate::{
    clock::Clock,
    desk::{Desk, Failure},
    notify::{
        Mail,
        compose::{ComposeError, compose},
        transport::{Undelivered, take_back},
    },
    rules::{
        id::LetterId,
        letter::{Event, State},
    },
    storage::letters::Letter,
};

/// How many letters are looked up at a time.
const BATCH: i64 = 50;

/// How long a letter stays with whoever took it; far longer than handing it over may take.
const LEASE: TimeDelta = TimeDelta::minutes(15);

/// How long after each failed attempt the next one comes, in minutes: six attempts within two days.
const PAUSES: [i64; 5] = [5, 30, 3 * 60, 12 * 60, 32 * 60];

/// What became of one letter.
enum Outcome {
    /// It came to an end, or its next attempt is later.
    Settled,
    /// Another instance has it.
    Taken,
    /// The mail server cannot be used, so that the next letter need not be tried now.
    ServerUnreachable,
}

/// Sends what is due; returns how many letters were tried.
pub async fn send_due(desk: &Desk) -> Result<usize, Failure> {
    let Some(mail) = desk.post.mail() else {
        return Ok(0);
    };
    let mut tried = 0;
    'due: loop {
        let mut conn = desk.database.read().await?;
        let due = Letter::due(&mut conn, desk.now(), BATCH).await?;
        drop(conn);
        if due.is_empty() {
            break;
        }
        for letter in due {
            match send(desk, mail, letter).await? {
                Outcome::Settled => tried += 1,
                Outcome::Taken => {}
                Outcome::ServerUnreachable => {
                    tried += 1;
                    break 'due;
                }
            }
        }
    }
    Ok(tried)
}

async fn send(desk: &Desk, mail: &Mail, letter: Letter) -> Result<Outcome, Failure> {
    let (taken, message) = match take(desk, mail, letter).await? {
        Some((taken, Some(message))) => (taken, message),
        Some((ended, None)) => {
            report(&ended);
            return Ok(Outcome::Settled);
        }
        None => return Ok(Outcome::Taken),
    };
    let delivered = mail.transport.deliver(taken.id, &message).await;
    let outcome = match &delivered {
        Err(Undelivered::Unreachable(_)) => Outcome::ServerUnreachable,
        _ => Outcome::Settled,
    };
    let settled = after_attempt(&taken, delivered, desk.now(), &desk.clock);
    let mut tx = desk.database.begin().await?;
    let is_ours = settled.replace(&mut tx, &taken).await?;
    tx.commit().await?;
    if is_ours {
        report(&settled);
    } else {
        take_back_if_cancelled(desk, taken.id).await?;
    }
    Ok(outcome)
}

/// Whom a letter is to may have been erased while it was handed over: then it does not stay in the folder.
async fn take_back_if_cancelled(desk: &Desk, id: LetterId) -> Result<(), Failure> {
    let found = Letter::find(&mut *desk.database.begin().await?, id).await?;
    if found.is_some_and(|letter| letter.state == State::Cancelled)
        && let Err(error) = take_back(&desk.letter_folder, id)
    {
        tracing::error!(letter = %id, cause = %error, "a letter that was called off lies in the folder");
    }
    Ok(())
}

/// Takes a letter and composes it, in one transaction. A letter that cannot be composed comes to its end by that.
async fn take(
    desk: &Desk,
    mail: &Mail,
    letter: Letter,
) -> Result<Option<(Letter, Option<Message>)>, Failure> {
    let now = desk.now();
    let Ok(state) = letter.state.after(Event::Claim) else {
        return Ok(None);
    };
    let taken = Letter {
        state,
        attempts: letter.attempts.saturating_add(1),
        next_attempt_at: Some(now + LEASE),
        ..letter.clone()
    };
    let mut tx = desk.database.begin().await?;
    if !taken.replace(&mut tx, &letter).await? {
        return Ok(None);
    }
    let (event, code) = match compose(&mut tx, mail, &desk.clock, &taken).await {
        Ok(Some(message)) => {
            tx.commit().await?;
            return Ok(Some((taken, Some(message))));
        }
        Ok(None) => (Event::Cancel, None),
        Err(ComposeError::Storage(error)) => return Err(error.into()),
        Err(ComposeError::Address) => (Event::Bounce, Some("address")),
        Err(ComposeError::Text(error)) => {
            tracing::error!(letter = %taken.id, cause = %error, "a letter's text is not whole");
            (Event::GiveUp, Some("text"))
        }
        Err(ComposeError::Message(_)) => (Event::GiveUp, Some("message")),
    };
    let ended = ended(&taken, event, code, now);
    ended.replace(&mut tx, &taken).await?;
    tx.commit().await?;
    Ok(Some((ended, None)))
}

/// The letter as `event` ends its way.
fn ended(letter: &Letter, event: Event, code: Option<&str>, now: DateTime<Utc>) -> Letter {
    let state = letter.state.after(event).unwrap_or(letter.state);
    Letter {
        state,
        next_attempt_at: None,
        last_error: code.map(str::to_owned),
        sent_at: (state == State::Sent).then_some(now),
        bounced_at: (state == State::Bounced).then_some(now),
        ..letter.clone()
    }
}

/// The letter after it was handed over, or was not.
fn after_attempt(
    letter: &Letter,
    delivered: Result<(), Undelivered>,
    now: DateTime<Utc>,
    clock: &Clock,
) -> Letter {
    let undelivered = match delivered {
        Ok(()) => return ended(letter, Event::Deliver, None, now),
        Err(undelivered) => undelivered,
    };
    let code = Some(undelivered.code());
    if matches!(undelivered, Undelivered::Refused(_)) {
        return ended(letter, Event::Bounce, code, now);
    }
    match pause(letter.attempts, clock.random()) {
        Some(pause) => Letter {
            state: letter.state.after(Event::Defer).unwrap_or(letter.state),
            next_attempt_at: Some(now + pause),
            last_error: code.map(str::to_owned),
            ..letter.clone()
        },
        None => ended(letter, Event::GiveUp, code, now),
    }
}

/// How long to wait after this many attempts: a tenth more or less, so that letters do not come in one rush.
fn pause(attempts: i32, [random]: [u8; 1]) -> Option<TimeDelta> {
    let place = usize::try_from(attempts.saturating_sub(1)).ok()?;
    let seconds = PAUSES.get(place)? * 60;
    let tenth = seconds / 10;
    let shift = tenth * 2 * i64::from(random) / 255 - tenth;
    Some(TimeDelta::seconds(seconds + shift))
}

/// Counts what became of a letter and logs it: its identifier and state, and nothing of whom it is to.
fn report(letter: &Letter) {
    let (id, template, attempts) = (letter.id, letter.template, letter.attempts);
    let code = letter.last_error.as_deref().unwrap_or_default();
    match letter.state {
        State::Sent => {
            metrics::counter!("letters_sent_total").increment(1);
            tracing::info!(letter = %id, state = %letter.state, %template, "a letter was sent");
        }
        State::Bounced => {
            metrics::counter!("letters_bounced_total").increment(1);
            tracing::warn!(letter = %id, state = %letter.state, code, "a letter was refused for good");
        }
        State::Failed => {
            metrics::counter!("letters_failed_total").increment(1);
            tracing::error!(letter = %id, state = %letter.state, code, attempts, "a letter was given up");
        }
        State::Cancelled => {
            tracing::info!(letter = %id, state = %letter.state, "a letter has nobody to go to any more");
        }
        State::Queued | State::Sending => {
            metrics::counter!("letters_deferred_total").increment(1);
            tracing::warn!(letter = %id, state = %letter.state, code, attempts, "a letter is tried again later");
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::pause;

    #[test]
    fn six_attempts_are_made_within_two_days_and_their_pauses_grow() {
        for random in [0, 127, 255] {
            let pauses: Vec<TimeDelta> = (1..).map_while(|n| pause(n, [random])).collect();
            assert_eq!(pauses.len(), 5);
            assert!(
                pauses.windows(2).all(|two| two[0] * 2 < two[1]),
                "{pauses:?}"
            );
            let whole: TimeDelta = pauses.into_iter().sum();
            let days = TimeDelta::hours(42)..TimeDelta::hours(54);
            assert!(days.contains(&whole), "{whole}");
        }
        assert!(pause(1, [0]) < pause(1, [255]));
        assert_eq!(pause(0, [0]), None);
    }
}
