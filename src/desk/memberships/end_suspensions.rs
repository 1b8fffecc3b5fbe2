//! Suspensions whose term has passed end by themselves: a job of the timetable.

use charter_proof::entry::{MemberEventKind, Status};

use super::change::{self, ChangeError};
use crate::{
    desk::{Actor, Desk, Failure, Request, unit::begin},
    rules::{audit::Action, id::MemberId, letter::Template},
    storage::{self, memberships::Membership},
};

/// How many suspensions are looked for at a time.
const BATCH: i64 = 100;

/// Ends every suspension whose term has passed, each in a transaction of its own; returns how many.
///
/// Several instances may do so at once: each looks again under the log head's lock.
pub async fn end_suspensions(desk: &Desk) -> Result<usize, Failure> {
    let mut ended = 0;
    loop {
        let mut conn = desk.database.read().await?;
        let due = Membership::suspended_no_longer(&mut conn, desk.now(), BATCH).await?;
        drop(conn);
        let mut ended_now = 0;
        for (charter, member) in due {
            if end(desk, &charter, member).await? {
                ended_now += 1;
            }
        }
        if ended_now == 0 {
            return Ok(ended);
        }
        ended += ended_now;
    }
}

/// Ends one suspension, unless that was done meanwhile.
async fn end(desk: &Desk, charter: &str, member: MemberId) -> Result<bool, Failure> {
    let request = Request::by(Actor::System);
    let mut unit = begin!(desk.begin_log::<bool>(&request, Action::MemberReinstated, member));
    let at = unit.at();
    let found = Membership::find(&mut unit, charter, member).await?;
    let is_due = |membership: &Membership| {
        membership.status == Status::Suspended
            && membership.suspended_until.is_some_and(|end| end <= at)
    };
    let Some(mut membership) = found.filter(is_due) else {
        return Ok(false);
    };
    let event = MemberEventKind::Reinstated;
    let recorded = change::record(
        &mut unit,
        &mut membership,
        event,
        None,
        None,
        Template::MemberReinstated,
    )
    .await;
    recorded.map_err(|error| match error {
        ChangeError::Failed(failure) => failure,
        refused => storage::Error::Damaged(format!("member {member}: {refused}")).into(),
    })?;
    unit.finish(true).await
}
