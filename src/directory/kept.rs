//! The first pages of lists, kept as they were answered until something changes.
//!
//! They are what visitors and partner sites ask for again and again. Pages further on and searches are as many as there
//! are questions, and are made each time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::{Found, Listing};

/// How many pages are kept: each is some ten to a hundred kilobytes.
const MOST: usize = 64;

/// What was asked: the charter, the list, and how many members at most.
type Question = (String, Listing, usize);

/// The pages that were answered since the index last changed.
#[derive(Default)]
pub(super) struct Kept(Mutex<Pages>);

#[derive(Default)]
struct Pages {
    /// Up to which log index the directory had taken in the log when these pages were made.
    applied: u64,
    by_question: HashMap<Question, Arc<Found>>,
}

impl Kept {
    /// Whether the answer to this is worth keeping.
    pub(super) fn is_worth(listing: &Listing) -> bool {
        listing.after.is_none() && listing.filter.words.is_empty()
    }

    /// The page that was answered to this question as of the same index.
    pub(super) fn get(&self, question: &Question, applied: u64) -> Option<Arc<Found>> {
        let pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = pages.by_question.get(question);
        found.filter(|_| pages.applied == applied).cloned()
    }

    /// Keeps a page that was made as of this index. When there are too many, all begin anew.
    pub(super) fn keep(&self, question: Question, applied: u64, page: Arc<Found>) {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if pages.applied > applied {
            return;
        }
        if pages.applied < applied || pages.by_question.len() >= MOST {
            pages.by_question.clear();
        }
        pages.applied = applied;
        pages.by_question.insert(question, page);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use charter_proof::canonical::Digest;

    use super::{Found, Kept, Listing, MOST};
    use crate::directory::{Filter, Order};

    fn listing() -> Listing {
        Listing {
            filter: Filter::default(),
            order: Order::Name,
            descending: false,
            after: None,
        }
    }

    fn page(items: &str) -> Arc<Found> {
        Arc::new(Found {
            items: items.into(),
            last: None,
            digest: Digest::of(items.as_bytes()),
        })
    }

    #[test]
    fn a_page_is_kept_until_the_log_moves() {
        let (kept, question) = (Kept::default(), ("c".to_owned(), listing(), 50));
        assert!(kept.get(&question, 0).is_none());
        kept.keep(question.clone(), 7, page("[1]"));
        assert_eq!(kept.get(&question, 7).unwrap().items, b"[1]");
        assert!(kept.get(&question, 8).is_none());
        assert!(kept.get(&("c".to_owned(), listing(), 51), 7).is_none());
        assert!(kept.get(&("d".to_owned(), listing(), 50), 7).is_none());

        // What a slow reader made of an older index is not put in the place of what is newer.
        kept.keep(question.clone(), 8, page("[2]"));
        kept.keep(question.clone(), 7, page("[1]"));
        assert_eq!(kept.get(&question, 8).unwrap().items, b"[2]");
    }

    #[test]
    fn as_many_pages_are_kept_as_there_is_room_for() {
        let kept = Kept::default();
        for limit in 0..10 * MOST {
            kept.keep(("c".to_owned(), listing(), limit), 1, page("[]"));
            assert!(kept.0.lock().unwrap().by_question.len() <= MOST);
        }
        let newest = ("c".to_owned(), listing(), 10 * MOST - 1);
        assert!(kept.get(&newest, 1).is_some());
    }

    #[test]
    fn searches_and_pages_further_on_are_not_kept() {
        assert!(Kept::is_worth(&listing()));
        let mut search = listing();
        search.filter.words = vec!["школа".to_owned()];
        assert!(!Kept::is_worth(&search));
        let mut further = listing();
        further.after = Some(crate::directory::After {
            key: String::new(),
            number: 1,
        });
        assert!(!Kept::is_worth(&further));
    }
}
