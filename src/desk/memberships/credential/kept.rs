//! The credentials that were signed in this period, to be given again as they were.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use charter_proof::keys::PublicKey;
use chrono::{DateTime, Utc};

use super::Form;
use crate::rules::id::{MemberId, RecordId};

/// How many are kept: each is some three kilobytes.
const MOST: usize = 16_384;

/// Which credential: whose, in which form, of which period, signed with which key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Question {
    pub(super) member: MemberId,
    pub(super) form: Form,
    pub(super) began: DateTime<Utc>,
    pub(super) key: PublicKey,
}

/// What was signed, by question.
#[derive(Default)]
pub(super) struct Kept(Mutex<HashMap<Question, Signed>>);

/// The record that a credential rests on, and its bytes.
type Signed = (RecordId, Arc<[u8]>);

impl Kept {
    /// The credential that rests on this record.
    pub(super) fn get(&self, question: &Question, record: RecordId) -> Option<Arc<[u8]>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.get(question);
        found
            .filter(|(of, _)| *of == record)
            .map(|(_, bytes)| bytes.clone())
    }

    /// Keeps a credential. When there are too many, all begin anew.
    pub(super) fn keep(&self, question: Question, record: RecordId, bytes: Arc<[u8]>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(question, (record, bytes));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use charter_proof::keys::SecretKey;
    use chrono::DateTime;
    use uuid::Uuid;

    use super::{Form, Kept, MOST, Question};
    use crate::rules::id::{MemberId, RecordId};

    fn question(member: usize) -> Question {
        Question {
            member: MemberId(Uuid::from_u128(member.try_into().unwrap())),
            form: Form::Document,
            began: DateTime::UNIX_EPOCH,
            key: SecretKey::from_seed([1; 32]).public(),
        }
    }

    fn record(number: u128) -> RecordId {
        RecordId(Uuid::from_u128(number))
    }

    #[test]
    fn a_credential_is_given_again_until_something_changes() {
        let kept = Kept::default();
        kept.keep(question(1), record(1), Arc::from(*b"one"));
        assert_eq!(&*kept.get(&question(1), record(1)).unwrap(), b"one");
        assert_eq!(kept.get(&question(1), record(2)), None);
        assert_eq!(kept.get(&question(2), record(1)), None);
        let as_token = Question {
            form: Form::Token,
            ..question(1)
        };
        assert_eq!(kept.get(&as_token, record(1)), None);
        let of_later = Question {
            began: DateTime::from_timestamp(3600, 0).unwrap(),
            ..question(1)
        };
        assert_eq!(kept.get(&of_later, record(1)), None);
        let by_another_key = Question {
            key: SecretKey::from_seed([2; 32]).public(),
            ..question(1)
        };
        assert_eq!(kept.get(&by_another_key, record(1)), None);
        kept.keep(question(1), record(2), Arc::from(*b"two"));
        assert_eq!(&*kept.get(&question(1), record(2)).unwrap(), b"two");
    }

    #[test]
    fn as_many_are_kept_as_there_is_room_for() {
        let kept = Kept::default();
        for member in 0..MOST + 2 {
            kept.keep(question(member), record(1), Arc::from(*b"x"));
        }
        assert_eq!(kept.0.lock().unwrap().len(), 2);
    }
}
