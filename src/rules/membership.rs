//! The way of a membership: what may happen to a member in which status.

pub use charter_proof::entry::{MemberEventKind, Status};

/// The status after `event`, or why it cannot happen now.
///
/// # Errors
///
/// [`NotNow`] when a membership of `status` does not allow `event`.
pub const fn after(status: Status, event: MemberEventKind) -> Result<Status, NotNow> {
    use MemberEventKind::{Amended, Excluded, Readmitted, Reinstated, Suspended, Withdrew};
    match (event, status) {
        (Amended, Status::Active | Status::Suspended) => Ok(status),
        (Suspended, Status::Active) => Ok(Status::Suspended),
        (Reinstated, Status::Suspended) | (Readmitted, Status::Excluded | Status::Withdrawn) => {
            Ok(Status::Active)
        }
        (Excluded, Status::Active | Status::Suspended) => Ok(Status::Excluded),
        (Withdrew, Status::Active | Status::Suspended) => Ok(Status::Withdrawn),
        _ => Err(NotNow { event, status }),
    }
}

/// The membership's status does not allow the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a membership that is {} cannot be {}", status.as_str(), event.as_str())]
pub struct NotNow {
    /// What was asked.
    pub event: MemberEventKind,
    /// Where the membership stands.
    pub status: Status,
}

#[cfg(test)]
mod tests {
    use super::{super::word::Word, MemberEventKind as Event, NotNow, Status, after};

    /// Every status × every event: the status that follows, or nothing.
    #[test]
    fn every_event_in_every_status_has_the_outcome_of_the_table() {
        for &status in Status::all() {
            for &event in Event::all() {
                let living = matches!(status, Status::Active | Status::Suspended);
                let expected = match event {
                    Event::Included => None,
                    Event::Amended => living.then_some(status),
                    Event::Suspended => (status == Status::Active).then_some(Status::Suspended),
                    Event::Reinstated => (status == Status::Suspended).then_some(Status::Active),
                    Event::Excluded => living.then_some(Status::Excluded),
                    Event::Withdrew => living.then_some(Status::Withdrawn),
                    Event::Readmitted => (!living).then_some(Status::Active),
                };
                assert_eq!(
                    after(status, event),
                    expected.ok_or(NotNow { event, status }),
                    "{} × {}",
                    status.as_str(),
                    event.as_str()
                );
            }
        }
    }
}
