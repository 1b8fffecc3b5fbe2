//! Letters: what the registry tells whom, and the way of a letter from the outbox to its reader.

use super::word::vocabulary;

vocabulary! {
    /// What a letter says. Its text stands in each language under this name.
    pub enum Template ("letter template") {
        /// To the applicant: the application arrived; confirm the address by this link.
        ApplicationReceived = "application_received",
        /// To the applicant: the address is confirmed.
        ApplicationConfirmed = "application_confirmed",
        /// To the applicant: the application comes back for correction.
        ApplicationReturned = "application_returned",
        /// To the applicant: the corrected application arrived.
        ApplicationResubmitted = "application_resubmitted",
        /// To the applicant: the memorandum is made out and waits for a signature.
        MemorandumIssued = "memorandum_issued",
        /// To the applicant: the signed memorandum arrived.
        MemorandumSigned = "memorandum_signed",
        /// To the applicant: the organisation is a member.
        ApplicationAccepted = "application_accepted",
        /// To the applicant: the application is refused.
        ApplicationRejected = "application_rejected",
        /// To the applicant: the application is withdrawn.
        ApplicationWithdrawn = "application_withdrawn",
        /// To the applicant: the application lapses soon.
        ApplicationLapsing = "application_lapsing",
        /// To the applicant: the application lapsed.
        ApplicationLapsed = "application_lapsed",
        /// To the applicant: the lapsed application is open again.
        ApplicationReopened = "application_reopened",
        /// To the member: the membership is suspended by a decision.
        MemberSuspended = "member_suspended",
        /// To the member: the membership is suspended at once, by one registrar.
        MemberSuspendedUrgently = "member_suspended_urgently",
        /// To the member: the suspension is over.
        MemberReinstated = "member_reinstated",
        /// To the member: it is excluded.
        MemberExcluded = "member_excluded",
        /// To the member: it left on its own wish.
        MemberWithdrew = "member_withdrew",
        /// To the member: it is a member again.
        MemberReadmitted = "member_readmitted",
        /// To the member: its entry changed.
        MemberAmended = "member_amended",
        /// To the secretariat: an application waits for it.
        ApplicationWaiting = "application_waiting",
        /// To the secretariat: a decision waits for a second registrar.
        DecisionWaiting = "decision_waiting",
        /// To the secretariat: what is overdue.
        OverdueDigest = "overdue_digest",
    }
}

vocabulary! {
    /// What a letter's text is told besides whom it concerns. None of it is personal data or a secret.
    pub enum Argument ("letter argument") {
        /// Why, in the secretariat's words.
        Reason = "reason",
        /// The ground of a decision.
        Ground = "ground",
        /// The charter's clauses that were violated.
        Clauses = "clauses",
        /// The law that was violated.
        Law = "law",
        /// The day by which something is to be done, or on which something ends: `2026-11-22`.
        Until = "until",
        /// How many of something there are.
        Count = "count",
    }
}

vocabulary! {
    /// To whom a letter goes.
    pub enum Recipient ("letter recipient") {
        /// The contact person of the application.
        Contact = "contact",
        /// The secretariat's own address.
        Secretariat = "secretariat",
    }
}

vocabulary! {
    /// Where a letter stands.
    pub enum State ("letter state") {
        /// Waits to be sent, for the first time or again.
        Queued = "queued",
        /// An instance is sending it.
        Sending = "sending",
        /// Taken by the mail server.
        Sent = "sent",
        /// Given up after many attempts.
        Failed = "failed",
        /// Refused for good, by the mail server or by a later notice.
        Bounced = "bounced",
        /// Never sent: there is nobody to send it to any more.
        Cancelled = "cancelled",
    }
}

vocabulary! {
    /// What can happen to a letter.
    pub enum Event ("letter event") {
        /// An instance takes it to send it; again when the one before did not come back.
        Claim = "claim",
        /// The mail server took it.
        Deliver = "deliver",
        /// The attempt failed; another follows.
        Defer = "defer",
        /// The last attempt failed.
        GiveUp = "give_up",
        /// Refused for good.
        Bounce = "bounce",
        /// There is nobody to send it to.
        Cancel = "cancel",
        /// A clerk has it sent again.
        Retry = "retry",
    }
}

impl State {
    /// The state after `event`, or why it cannot happen now.
    pub const fn after(self, event: Event) -> Result<Self, NotNow> {
        match (event, self) {
            (Event::Claim, Self::Queued | Self::Sending) => Ok(Self::Sending),
            (Event::Deliver, Self::Sending) => Ok(Self::Sent),
            (Event::Defer, Self::Sending)
            | (Event::Retry, Self::Sent | Self::Failed | Self::Bounced | Self::Cancelled) => {
                Ok(Self::Queued)
            }
            (Event::GiveUp, Self::Sending) => Ok(Self::Failed),
            (Event::Bounce, Self::Sending | Self::Sent) => Ok(Self::Bounced),
            (Event::Cancel, Self::Queued | Self::Sending) => Ok(Self::Cancelled),
            (event, state) => Err(NotNow { event, state }),
        }
    }

    /// Whether an instance may still send it.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Sending)
    }
}

/// The letter's state does not allow the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{event} is not possible while the letter is {state}")]
pub struct NotNow {
    /// What was asked.
    pub event: Event,
    /// Where the letter stands.
    pub state: State,
}

#[cfg(test)]
mod tests {
    use super::{
        Event,
        State::{self, Bounced, Cancelled, Failed, Queued, Sending, Sent},
    };
    use crate::rules::word::Word as _;

    #[test]
    fn every_state_answers_every_event() {
        let expected = [
            (
                Event::Claim,
                [Some(Sending), Some(Sending), None, None, None, None],
            ),
            (Event::Deliver, [None, Some(Sent), None, None, None, None]),
            (Event::Defer, [None, Some(Queued), None, None, None, None]),
            (Event::GiveUp, [None, Some(Failed), None, None, None, None]),
            (
                Event::Bounce,
                [None, Some(Bounced), Some(Bounced), None, None, None],
            ),
            (
                Event::Cancel,
                [Some(Cancelled), Some(Cancelled), None, None, None, None],
            ),
            (
                Event::Retry,
                [
                    None,
                    None,
                    Some(Queued),
                    Some(Queued),
                    Some(Queued),
                    Some(Queued),
                ],
            ),
        ];
        assert_eq!(expected.len(), Event::all().len());
        for (event, row) in expected {
            for (state, after) in State::all().iter().zip(row) {
                assert_eq!(state.after(event).ok(), after, "{event} while {state}");
            }
        }
    }
}
