//! Who is reminded by the timetable: applicants whose applications lapse soon, the secretariat of what is overdue.
//!
//! A reminder changes nothing but the outbox, and what was queued before is its own mark: nobody is reminded twice.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    desk::{Desk, Failure},
    notify::outbox::{Draft, Outbox},
    rules::{
        id::ApplicationId,
        letter::{Argument, Template},
    },
    storage::{
        applications::{Application, Filter},
        letters::Letter,
    },
};

/// How long before an application lapses its applicant is reminded.
const NOTICE: TimeDelta = TimeDelta::days(7);

/// How many applications one run looks at; the most that a digest counts.
const MOST: i64 = 10_000;

/// Reminds applicants of applications that lapse within seven days, each once for each term; returns how many.
pub async fn remind_of_lapses(desk: &Desk) -> Result<usize, Failure> {
    if desk.post.mail().is_none() {
        return Ok(0);
    }
    let mut conn = desk.database.read().await?;
    let soon = Application::lapsing(&mut conn, desk.now() + NOTICE, MOST).await?;
    drop(conn);
    let mut reminded = 0;
    for id in soon {
        reminded += usize::from(remind(desk, id).await?);
    }
    Ok(reminded)
}

/// Reminds an applicant, unless somebody did, or the term has ended or was moved.
async fn remind(desk: &Desk, id: ApplicationId) -> Result<bool, Failure> {
    let now = desk.now();
    let mut tx = desk.database.begin().await?;
    let Some(application) = Application::lock(&mut tx, id).await? else {
        return Ok(false);
    };
    let Some(term) = application
        .lapses_at
        .filter(|term| now < *term && *term <= now + NOTICE)
    else {
        return Ok(false);
    };
    let until = term.date_naive().to_string();
    let before = Letter::of(&mut tx, Template::ApplicationLapsing, Some(id)).await?;
    if before
        .iter()
        .any(|letter| letter.arguments.get(&Argument::Until) == Some(&until))
    {
        return Ok(false);
    }
    let mut outbox = Outbox::new(desk.post.clone(), desk.clock.clone());
    let draft = Draft::to_applicant(Template::ApplicationLapsing, &application);
    outbox
        .put(&mut tx, now, draft.with(Argument::Until, &until))
        .await?;
    tx.commit().await?;
    outbox.committed();
    Ok(true)
}

/// Tells the secretariat, once a day, how many applications are overdue, if any are; returns how many letters that took.
pub async fn tell_of_overdue(desk: &Desk) -> Result<usize, Failure> {
    if desk
        .post
        .mail()
        .is_none_or(|mail| mail.secretariat.is_none())
    {
        return Ok(0);
    }
    let now = desk.now();
    let filter = Filter {
        due_before: Some(now.date_naive()),
        by_due_day: true,
        ..Filter::default()
    };
    // The head's lock lets one instance at a time look and write.
    let mut tx = desk.database.begin_log().await?;
    let last = Letter::of(&mut tx, Template::OverdueDigest, None).await?;
    let is_today = |at: DateTime<Utc>| at.date_naive() == now.date_naive();
    if last.iter().any(|letter| is_today(letter.created_at)) {
        return Ok(0);
    }
    let overdue = Application::page(&mut tx, &filter, None, MOST).await?;
    let overdue = overdue
        .iter()
        .filter(|application| application.state.is_open());
    let count = overdue.count();
    if count == 0 {
        return Ok(0);
    }
    let mut outbox = Outbox::new(desk.post.clone(), desk.clock.clone());
    let draft = Draft::to_secretariat(Template::OverdueDigest);
    outbox
        .put(&mut tx, now, draft.with(Argument::Count, &count))
        .await?;
    tx.commit().await?;
    outbox.committed();
    Ok(1)
}
