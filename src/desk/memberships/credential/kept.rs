//! The credentials that were signed in this period, to be given again as they were.
//!
//! They lie in a file without a name, gone with the process, each with what it is behind it; in memory is where, in
//! sixteen bytes.

use std::{
    fs::File,
    hash::{BuildHasher as _, RandomState},
    io,
    os::unix::fs::FileExt as _,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use charter_proof::keys::PublicKey;
use chrono::{DateTime, Utc};
use hashbrown::HashTable;

use super::Form;
use crate::{
    buffers,
    rules::id::{MemberId, RecordId},
};

/// How many bytes are kept; a credential has some two and a half thousand.
const MOST: u32 = 1 << 29;

/// Of which period credentials are, and which key signed them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) began: DateTime<Utc>,
    pub(super) key: PublicKey,
}

/// What was signed in a period, by member and form.
pub(super) struct Kept {
    folder: PathBuf,
    most: u32,
    hasher: RandomState,
    signed: Mutex<Option<Signed>>,
}

/// What was signed in one period.
struct Signed {
    period: Period,
    file: Arc<File>,
    end: u32,
    /// Two of one hash take each other's place.
    places: HashTable<Place>,
}

/// Where a credential begins, and how long it is with what is behind it, by the hash of its member and form.
#[derive(Clone, Copy)]
struct Place {
    hash: u64,
    at: u32,
    length: u32,
}

/// How many bytes behind a credential say what it is.
const BEHIND: usize = 33;

/// Whose a credential is, in which form, and the record that it rests on.
fn behind(member: MemberId, form: Form, record: RecordId) -> [u8; BEHIND] {
    let mut bytes = [0; BEHIND];
    let (ids, last) = bytes.as_chunks_mut::<16>();
    for (place, id) in ids.iter_mut().zip([member.0, record.0]) {
        *place = id.into_bytes();
    }
    last.fill(match form {
        Form::Document => 0,
        Form::Token => 1,
    });
    bytes
}

impl Kept {
    /// Nothing yet; the file will be in this folder.
    pub(super) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            most: MOST,
            hasher: RandomState::new(),
            signed: Mutex::new(None),
        }
    }

    /// The member's credential of this period, if it rests on this record.
    pub(super) fn get(
        &self,
        period: &Period,
        member: MemberId,
        form: Form,
        record: RecordId,
    ) -> Option<Vec<u8>> {
        let (file, place) = {
            let signed = self.signed();
            let signed = signed.as_ref().filter(|signed| signed.period == *period)?;
            let hash = self.hasher.hash_one((member, form));
            let place = signed.places.find(hash, |place| place.hash == hash);
            (signed.file.clone(), *place?)
        };
        let mut bytes = buffers::take();
        bytes.resize(usize::try_from(place.length).ok()?, 0);
        file.read_exact_at(&mut bytes, place.at.into()).ok()?;
        let end = bytes.strip_suffix(&behind(member, form, record))?.len();
        bytes.truncate(end);
        Some(bytes)
    }

    /// Keeps a credential. With another period, and when there are too many, all begin anew.
    pub(super) fn keep(
        &self,
        period: &Period,
        member: MemberId,
        form: Form,
        record: RecordId,
        bytes: &[u8],
    ) -> io::Result<()> {
        let bytes = [bytes, &behind(member, form, record)].concat();
        let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        let (file, at) = {
            let mut all = self.signed();
            let is_past = |known: &Signed| known.period.began > period.began;
            if all.as_ref().is_some_and(is_past) {
                return Ok(());
            }
            let has_room = |known: &Signed| {
                let end = known.end.checked_add(length);
                known.period == *period && end.is_some_and(|end| end <= self.most)
            };
            let known = all.take().filter(has_room);
            let mut signed = match known {
                Some(signed) => signed,
                None => Signed {
                    period: period.clone(),
                    file: Arc::new(tempfile::tempfile_in(&self.folder)?),
                    end: 0,
                    places: HashTable::new(),
                },
            };
            let place = (signed.file.clone(), signed.end);
            signed.end += length;
            *all = Some(signed);
            place
        };
        file.write_all_at(&bytes, at.into())?;
        let mut signed = self.signed();
        // Others may have begun anew meanwhile.
        let signed = signed
            .as_mut()
            .filter(|signed| Arc::ptr_eq(&signed.file, &file));
        if let Some(signed) = signed {
            let hash = self.hasher.hash_one((member, form));
            let place = Place { hash, at, length };
            let entry = signed
                .places
                .entry(hash, |known| known.hash == hash, |known| known.hash);
            entry.insert(place);
        }
        Ok(())
    }

    fn signed(&self) -> MutexGuard<'_, Option<Signed>> {
        self.signed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use charter_proof::keys::SecretKey;
    use chrono::DateTime;
    use uuid::Uuid;

    use super::{Form, Kept, Period};
    use crate::rules::id::{MemberId, RecordId};

    fn period(hour: i64, key: u8) -> Period {
        Period {
            began: DateTime::from_timestamp(3600 * hour, 0).unwrap(),
            key: SecretKey::from_seed([key; 32]).public(),
        }
    }

    fn member(number: u128) -> MemberId {
        MemberId(Uuid::from_u128(number))
    }

    fn record(number: u128) -> RecordId {
        RecordId(Uuid::from_u128(number))
    }

    #[test]
    fn a_credential_is_given_again_until_something_changes() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::new(folder.path().to_owned());
        let (now, one, document) = (period(0, 1), member(1), Form::Document);
        kept.keep(&now, one, document, record(1), b"one").unwrap();
        kept.keep(&now, member(2), document, record(2), b"other")
            .unwrap();
        let given = |period: &Period, member, form, record| kept.get(period, member, form, record);
        let known = given(&now, one, document, record(1));
        assert_eq!(known.as_deref(), Some(&b"one"[..]));
        let known = given(&now, member(2), document, record(2));
        assert_eq!(known.as_deref(), Some(&b"other"[..]));
        assert_eq!(given(&now, one, document, record(2)), None);
        assert_eq!(given(&now, member(3), document, record(1)), None);
        assert_eq!(given(&now, one, Form::Token, record(1)), None);
        assert_eq!(given(&period(1, 1), one, document, record(1)), None);
        assert_eq!(given(&period(0, 2), one, document, record(1)), None);
        kept.keep(&now, one, document, record(2), b"two").unwrap();
        let known = given(&now, one, document, record(2));
        assert_eq!(known.as_deref(), Some(&b"two"[..]));
        // Nothing of it has a name.
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    }

    #[test]
    fn a_new_period_forgets_the_one_before_and_what_is_late_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::new(folder.path().to_owned());
        let (one, form) = (member(1), Form::Token);
        kept.keep(&period(1, 1), one, form, record(1), b"now")
            .unwrap();
        kept.keep(&period(0, 1), one, form, record(1), b"late")
            .unwrap();
        assert!(kept.get(&period(1, 1), one, form, record(1)).is_some());
        assert_eq!(kept.get(&period(0, 1), one, form, record(1)), None);
        kept.keep(&period(2, 1), member(2), form, record(1), b"new")
            .unwrap();
        assert_eq!(kept.get(&period(1, 1), one, form, record(1)), None);
    }

    #[test]
    fn as_many_are_kept_as_there_is_room_for() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept {
            most: 80,
            ..Kept::new(folder.path().to_owned())
        };
        let (now, form) = (period(0, 1), Form::Document);
        for number in 0..4 {
            kept.keep(&now, member(number), form, record(1), b"four")
                .unwrap();
        }
        let known = (0..4).filter(|n| kept.get(&now, member(*n), form, record(1)).is_some());
        assert_eq!(known.collect::<Vec<_>>(), [2, 3]);
    }

    #[test]
    fn where_no_file_can_be_nothing_is_kept() {
        let kept = Kept::new("/nowhere".into());
        let now = period(0, 1);
        assert!(
            kept.keep(&now, member(1), Form::Token, record(1), b"x")
                .is_err()
        );
        assert_eq!(kept.get(&now, member(1), Form::Token, record(1)), None);
    }
}
