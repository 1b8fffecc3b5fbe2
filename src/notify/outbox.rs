//! Where use cases put letters: a row in their own transaction, and a bell that wakes the sender after it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::Notify;

use super::Mail;
use crate::{
    clock::Clock,
    rules::{
        decision::Reasons,
        id::{ApplicationId, DecisionId, LetterId, MemberId},
        letter::{Argument, Recipient, State, Template},
    },
    storage::{
        Result, Transaction,
        applications::Application,
        decisions::{Decision, Subject},
        letters::{Arguments, Letter, spokesperson},
        memberships::Membership,
    },
};

/// How a registry writes letters, if it does, and the bell that tells its sender of new ones.
#[derive(Debug, Clone, Default)]
pub struct Post {
    mail: Option<Arc<Mail>>,
    bell: Arc<Notify>,
}

impl Post {
    /// A registry that writes letters, unless there is no way for them to leave.
    pub fn new(mail: Option<Mail>) -> Self {
        Self {
            mail: mail.map(Arc::new),
            bell: Arc::default(),
        }
    }

    /// How letters are written and leave; `None` when none are written.
    pub fn mail(&self) -> Option<&Mail> {
        self.mail.as_deref()
    }

    /// Wakes the sender.
    pub fn ring(&self) {
        self.bell.notify_one();
    }

    /// Comes when the bell is rung, or was since the last time.
    pub async fn rung(&self) {
        self.bell.notified().await;
    }
}

/// A letter that a use case wants written.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    template: Template,
    to: To<'a>,
    decision: Option<DecisionId>,
    arguments: Arguments,
}

#[derive(Debug, Clone)]
enum To<'a> {
    Applicant(&'a Application),
    Member(&'a Membership),
    Secretariat(Option<ApplicationId>, Option<MemberId>),
}

impl<'a> Draft<'a> {
    fn new(template: Template, to: To<'a>) -> Self {
        Self {
            template,
            to,
            decision: None,
            arguments: Arguments::new(),
        }
    }

    /// To the contact person of an application, in its language.
    pub fn to_applicant(template: Template, application: &'a Application) -> Self {
        Self::new(template, To::Applicant(application))
    }

    /// To the contact person of a member: that of its newest application. A member that came by none has nobody.
    pub fn to_member(template: Template, membership: &'a Membership) -> Self {
        Self::new(template, To::Member(membership))
    }

    /// To the secretariat, about nothing in particular.
    pub fn to_secretariat(template: Template) -> Self {
        Self::new(template, To::Secretariat(None, None))
    }

    /// To the secretariat: this application waits for it.
    pub fn application_waits(application: &Application) -> Self {
        let to = To::Secretariat(Some(application.id), None);
        Self::new(Template::ApplicationWaiting, to)
    }

    /// To the secretariat: this decision waits for a second registrar.
    pub fn decision_waits(decision: &Decision) -> Self {
        let to = match decision.subject {
            Subject::Application(id) => To::Secretariat(Some(id), None),
            Subject::Membership(id) => To::Secretariat(None, Some(id)),
        };
        Self {
            decision: Some(decision.id),
            ..Self::new(Template::DecisionWaiting, to)
        }
    }

    /// With one thing more for its text to tell; neither personal data nor a secret.
    #[must_use]
    pub fn with(mut self, argument: Argument, value: &impl ToString) -> Self {
        self.arguments.insert(argument, value.to_string());
        self
    }

    /// With a decision's reasons. Its statement stands in the public record, to which the letter leads.
    #[must_use]
    pub fn because(self, reasons: &Reasons) -> Self {
        let mut draft = self.with(Argument::Ground, &reasons.ground);
        if !reasons.clauses.is_empty() {
            draft = draft.with(Argument::Clauses, &reasons.clauses.join(", "));
        }
        match &reasons.law {
            Some(law) => draft.with(Argument::Law, law),
            None => draft,
        }
    }
}

/// The letters of one transaction.
pub struct Outbox {
    post: Post,
    clock: Clock,
    queued: u64,
}

impl Outbox {
    /// An outbox for one transaction.
    pub const fn new(post: Post, clock: Clock) -> Self {
        Self {
            post,
            clock,
            queued: 0,
        }
    }

    /// Queues a letter in the transaction, if there is anybody to write to.
    pub async fn put(
        &mut self,
        tx: &mut Transaction,
        at: DateTime<Utc>,
        draft: Draft<'_>,
    ) -> Result<()> {
        let Some(mail) = self.post.mail() else {
            return Ok(());
        };
        let (recipient, language, application, membership) = match draft.to {
            To::Applicant(application) => (
                Recipient::Contact,
                application.language.clone(),
                Some(application.id),
                application.membership,
            ),
            To::Member(membership) => match spokesperson(tx, membership.id).await? {
                Some((application, language)) => (
                    Recipient::Contact,
                    language,
                    Some(application),
                    Some(membership.id),
                ),
                None => return Ok(()),
            },
            To::Secretariat(application, membership) => match &mail.secretariat {
                Some(secretariat) => (
                    Recipient::Secretariat,
                    secretariat.language.clone(),
                    application,
                    membership,
                ),
                None => return Ok(()),
            },
        };
        let letter = Letter {
            id: LetterId(self.clock.uuid()),
            template: draft.template,
            language,
            recipient,
            application,
            membership,
            decision: draft.decision,
            arguments: draft.arguments,
            state: State::Queued,
            attempts: 0,
            next_attempt_at: Some(at),
            last_error: None,
            created_at: at,
            sent_at: None,
            bounced_at: None,
        };
        letter.insert(tx).await?;
        self.queued += 1;
        Ok(())
    }

    /// Wakes the sender, once the transaction is permanent.
    pub fn committed(&self) {
        if self.queued > 0 {
            metrics::counter!("letters_queued_total").increment(self.queued);
            self.post.ring();
        }
    }
}
