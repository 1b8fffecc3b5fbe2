//! Applications lapse whose term has ended.

use super::take_up;
use crate::{
    desk::{Actor, Begun, Desk, Failure, Request},
    notify::outbox::Draft,
    rules::{application::Event, audit::Action, id::ApplicationId, letter::Template},
    storage::{applications::Application, charters::Published},
};

/// How many applications one run looks at: the next run goes on.
const BATCH: i64 = 500;

/// Lapses what is due, each application in a transaction of its own; returns how many.
///
/// Other instances may do the same at the same time: who comes second finds nothing left to do.
pub async fn lapse_due(desk: &Desk) -> Result<usize, Failure> {
    let mut conn = desk.database.read().await?;
    let due = Application::lapsing(&mut conn, desk.now(), BATCH).await?;
    drop(conn);
    let mut lapsed = 0;
    for id in due {
        lapsed += usize::from(lapse(desk, id).await?);
    }
    Ok(lapsed)
}

/// Lapses an application, if its term has ended when this comes to it.
async fn lapse(desk: &Desk, id: ApplicationId) -> Result<bool, Failure> {
    let Begun::Now(mut unit) = desk
        .begin::<bool>(&Request::by(Actor::System), Action::ApplicationLapsed, id)
        .await?
    else {
        return Ok(false);
    };
    let at = unit.at();
    let found = Application::lock(&mut unit, id).await?;
    let Some(mut application) =
        found.filter(|application| application.lapses_at.is_some_and(|term| term <= at))
    else {
        return Ok(false);
    };
    let published =
        Published::find(&mut unit, &application.charter, application.charter_version).await?;
    let Some(published) = published else {
        return Ok(false);
    };
    if take_up(&mut application, Event::Lapse, &published.version, at).is_err() {
        return Ok(false);
    }
    application.update(&mut unit, at).await?;
    let letter = Draft::to_applicant(Template::ApplicationLapsed, &application);
    unit.letter(letter).await?;
    unit.finish(true).await
}
