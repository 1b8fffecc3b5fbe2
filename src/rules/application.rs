//! The way of an application: from its receipt to acceptance, rejection, withdrawal or lapse.

use super::word::vocabulary;

/// After how many days without progress an application lapses where its charter does not say.
pub const DEFAULT_DAYS_UNTIL_LAPSE: u16 = 180;

/// Within how many days the secretariat means to act where its charter does not say.
pub const DEFAULT_DAYS_TO_REPLY: u16 = 14;

vocabulary! {
    /// Where an application stands.
    pub enum State ("application state") {
        /// Arrived; nobody has looked at it yet.
        Received = "received",
        /// The contact person confirmed the address.
        Confirmed = "confirmed",
        /// The memorandum is made out and waits for a signature.
        MemorandumIssued = "memorandum_issued",
        /// The memorandum is signed and waits for the registrars.
        MemorandumSigned = "memorandum_signed",
        /// Sent back to the applicant for correction.
        Returned = "returned",
        /// Admitted: a membership exists.
        Accepted = "accepted",
        /// Refused by the secretariat.
        Rejected = "rejected",
        /// Taken back by the applicant.
        Withdrawn = "withdrawn",
        /// Ended by the charter's term.
        Lapsed = "lapsed",
    }
}

impl State {
    /// Whether the application still waits for somebody.
    pub const fn is_open(self) -> bool {
        !matches!(
            self,
            Self::Accepted | Self::Rejected | Self::Withdrawn | Self::Lapsed
        )
    }

    /// Whether it waits for the applicant, or for nobody in particular, and so may lapse. What is signed waits
    /// for the registrars, and nothing lapses by their silence.
    pub const fn has_term(self) -> bool {
        self.is_open() && !matches!(self, Self::MemorandumSigned)
    }

    /// The state after `event`, or why it cannot happen now.
    ///
    /// A memorandum may be made out again until it is signed, and a signature may be replaced until the
    /// registrars have decided. A contact person may confirm at any time, and again; beyond receipt that moves
    /// nothing. Where a reopened application stood before, and whether a resubmitted one is confirmed, is for who
    /// knows it: here both begin anew.
    pub const fn after(self, event: Event) -> Result<Self, NotNow> {
        match (event, self) {
            (Event::IssueMemorandum, Self::Received | Self::Confirmed | Self::MemorandumIssued) => {
                Ok(Self::MemorandumIssued)
            }
            (Event::SignMemorandum, Self::MemorandumIssued | Self::MemorandumSigned) => {
                Ok(Self::MemorandumSigned)
            }
            (Event::Admit, Self::MemorandumSigned) => Ok(Self::Accepted),
            (Event::Reject, state) if state.is_open() => Ok(Self::Rejected),
            (Event::Withdraw, state) if state.is_open() => Ok(Self::Withdrawn),
            (Event::Confirm, Self::Received) => Ok(Self::Confirmed),
            (Event::Confirm, state) if state.is_open() => Ok(state),
            (
                Event::Return,
                Self::Received | Self::Confirmed | Self::MemorandumIssued | Self::MemorandumSigned,
            ) => Ok(Self::Returned),
            (Event::Resubmit, Self::Returned) | (Event::Reopen, Self::Lapsed | Self::Withdrawn) => {
                Ok(Self::Received)
            }
            (Event::Lapse, state) if state.has_term() => Ok(Self::Lapsed),
            (event, state) => Err(NotNow { event, state }),
        }
    }
}

vocabulary! {
    /// What can happen to an application.
    pub enum Event ("application event") {
        /// The secretariat makes out the memorandum.
        IssueMemorandum = "issue_memorandum",
        /// The applicant returns it signed.
        SignMemorandum = "sign_memorandum",
        /// Two registrars admit the organisation.
        Admit = "admit",
        /// The secretariat refuses the application.
        Reject = "reject",
        /// The applicant takes it back.
        Withdraw = "withdraw",
        /// The contact person confirms the address.
        Confirm = "confirm",
        /// The secretariat sends it back for correction.
        Return = "return",
        /// The applicant hands it in again, corrected.
        Resubmit = "resubmit",
        /// Its term ends.
        Lapse = "lapse",
        /// The secretariat takes it up again.
        Reopen = "reopen",
    }
}

/// The application's state does not allow the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{event} is not possible while the application is {state}")]
pub struct NotNow {
    /// What was asked.
    pub event: Event,
    /// Where the application stands.
    pub state: State,
}

vocabulary! {
    /// How an application reached the secretariat.
    pub enum Channel ("channel") {
        /// Through a partner site.
        Partner = "partner",
        /// Through the registry's own form.
        Website = "website",
        /// By letter; entered by a clerk.
        Letter = "letter",
        /// By e-mail; entered by a clerk.
        Email = "email",
        /// By word of mouth; entered by a clerk.
        Oral = "oral",
        /// Brought over from an earlier list.
        Import = "import",
    }
}

impl Channel {
    /// Whether a clerk enters what comes this way, and says when it came and how.
    pub const fn is_entered(self) -> bool {
        matches!(self, Self::Letter | Self::Email | Self::Oral)
    }
}

vocabulary! {
    /// Who reads a comment on an application, beside the secretariat.
    pub enum Visibility ("visibility") {
        /// Nobody.
        Internal = "internal",
        /// The applicant and the partner that brought it.
        Applicant = "applicant",
    }
}

vocabulary! {
    /// Why the organisation applies.
    pub enum Origin ("origin") {
        /// Of its own accord.
        OwnInitiative = "own_initiative",
        /// On the custodian's invitation.
        Invited = "invited",
        /// Referred by a member.
        MemberReferral = "member_referral",
        /// In a regional campaign.
        RegionalCampaign = "regional_campaign",
    }
}

#[cfg(test)]
mod tests {
    use super::{super::word::Word, Event, NotNow, State};

    /// Every state × every event: the state that follows, or nothing.
    #[test]
    fn every_event_in_every_state_has_the_outcome_of_the_table() {
        use State::{
            Accepted, Confirmed, Lapsed, MemorandumIssued, MemorandumSigned, Received, Rejected,
            Returned, Withdrawn,
        };
        let open = |after: State| move |state: State| state.is_open().then_some(after);
        for &state in State::all() {
            for &event in Event::all() {
                let expected = match event {
                    Event::IssueMemorandum => {
                        matches!(state, Received | Confirmed | MemorandumIssued)
                            .then_some(MemorandumIssued)
                    }
                    Event::SignMemorandum => matches!(state, MemorandumIssued | MemorandumSigned)
                        .then_some(MemorandumSigned),
                    Event::Admit => (state == MemorandumSigned).then_some(Accepted),
                    Event::Reject => open(Rejected)(state),
                    Event::Withdraw => open(Withdrawn)(state),
                    Event::Confirm if state == Received => Some(Confirmed),
                    Event::Confirm => open(state)(state),
                    Event::Return => open(Returned)(state).filter(|_| state != Returned),
                    Event::Resubmit => (state == Returned).then_some(Received),
                    Event::Lapse => open(Lapsed)(state).filter(|_| state != MemorandumSigned),
                    Event::Reopen => matches!(state, Lapsed | Withdrawn).then_some(Received),
                };
                assert_eq!(
                    state.after(event),
                    expected.ok_or(NotNow { event, state }),
                    "{state} × {event}"
                );
            }
        }
        let closed: Vec<_> = State::all()
            .iter()
            .filter(|s| !s.is_open())
            .copied()
            .collect();
        assert_eq!(closed, [Accepted, Rejected, Withdrawn, Lapsed]);
        assert!(Returned.is_open());
    }
}
