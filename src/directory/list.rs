//! Lists: which members, in which order, from where on.

use charter_proof::entry::Status;
use chrono::{Datelike as _, NaiveDate};

use super::{
    index::{Charter, Facets, Index, Row, wide},
    terms::NO_MATCH,
};

/// Which members a list shows. An empty filter shows all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Only these statuses; all when empty.
    pub statuses: Vec<Status>,
    /// Only this category.
    pub category: Option<String>,
    /// Only this country, ISO 3166-1.
    pub country: Option<String>,
    /// Only this region, ISO 3166-2.
    pub region: Option<String>,
    /// Only founders, or only others.
    pub founder: Option<bool>,
    /// Only members since this day.
    pub since: Option<NaiveDate>,
    /// Only members that are found by each of these words, as `rules::search` makes them of a query.
    pub words: Vec<String>,
}

/// The order of a list; the member's number decides between equals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// By number.
    Number,
    /// By name.
    Name,
    /// By day of admission.
    Since,
    /// By how well the words are matched, best first.
    Relevance,
}

/// Where a page of a list begins: after the member with this sort key and number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct After {
    /// The value by which the list is sorted; empty when that is the number.
    pub key: String,
    /// The member's number.
    pub number: i64,
}

/// A list of a charter's members.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Listing {
    /// Which members.
    pub filter: Filter,
    /// In which order.
    pub order: Order,
    /// Whether that order is turned round; relevance never is.
    pub descending: bool,
    /// Where the page begins; with the first when absent.
    pub after: Option<After>,
}

/// Which members pass, prepared for looking at many.
struct Sieve {
    /// The bits that must be as in `value`.
    mask: u64,
    value: u64,
    statuses: u64,
    since: i32,
    /// How well each member matches the words; empty without words.
    scores: Vec<u16>,
}

impl Index {
    /// The members of a page with their scores, in order, one more than `limit` where others follow.
    pub(super) fn list(
        &self,
        charter: &Charter,
        listing: &Listing,
        limit: usize,
    ) -> Vec<(u32, u16)> {
        let Some(sieve) = self.sieve(&listing.filter) else {
            return Vec::new();
        };
        let rows = limit.saturating_add(1);
        let order = match listing.order {
            Order::Relevance => return self.by_relevance(charter, listing, &sieve, rows),
            Order::Number => &charter.by_number,
            Order::Name => &charter.by_name,
            Order::Since => &charter.by_since,
        };
        let (before, after) = order.split_at(self.start(order, listing).min(order.len()));
        let passing = |member: &u32| {
            let passes = self.passes(*member, &sieve);
            passes.then(|| (*member, sieve.score(*member)))
        };
        if listing.descending {
            let before = before.iter().rev();
            before.filter_map(passing).take(rows).collect()
        } else {
            after.iter().filter_map(passing).take(rows).collect()
        }
    }

    /// The place after this member in a list of that order.
    pub(super) fn place_after(&self, row: &Row, order: Order, score: u16) -> After {
        let key = match order {
            Order::Number => String::new(),
            Order::Name => String::from_utf8_lossy(self.sort_key(row)).into_owned(),
            Order::Since => NaiveDate::from_num_days_from_ce_opt(row.since)
                .unwrap_or_default()
                .to_string(),
            Order::Relevance => score.to_string(),
        };
        After {
            key,
            number: i64::from(row.number),
        }
    }

    /// None where nobody can pass.
    fn sieve(&self, filter: &Filter) -> Option<Sieve> {
        let (mut mask, mut value) = (0, 0);
        for (word, shift) in [
            (&filter.category, Facets::CATEGORY),
            (&filter.country, Facets::COUNTRY),
            (&filter.region, Facets::REGION),
        ] {
            if let Some(word) = word {
                mask |= u64::from(u16::MAX) << shift;
                value |= u64::from(self.words.number(word)?) << shift;
            }
        }
        if let Some(founder) = filter.founder {
            mask |= 1 << Facets::FOUNDER;
            value |= u64::from(founder) << Facets::FOUNDER;
        }
        let statuses = filter.statuses.iter().copied().map(Facets::status);
        let statuses = statuses.fold(0, std::ops::BitOr::bitor);
        let scores = match filter.words.as_slice() {
            [] => Vec::new(),
            words => self.terms.scores(words, self.members.len()),
        };
        Some(Sieve {
            mask,
            value,
            statuses: if statuses == 0 {
                u64::from(u8::MAX)
            } else {
                statuses
            },
            since: filter.since.map_or(i32::MIN, |day| day.num_days_from_ce()),
            scores,
        })
    }

    fn passes(&self, member: u32, sieve: &Sieve) -> bool {
        if !sieve.scores.is_empty() && sieve.score(member) == NO_MATCH {
            return false;
        }
        let facets = self.facets.get(wide(member)).copied().unwrap_or_default();
        facets & sieve.mask == sieve.value
            && facets & sieve.statuses != 0
            && (sieve.since == i32::MIN
                || self.row(member).is_some_and(|row| row.since >= sieve.since))
    }

    /// Where in an order the page begins, or, descending, before which place.
    fn start(&self, order: &[u32], listing: &Listing) -> usize {
        let Some(after) = &listing.after else {
            return if listing.descending { order.len() } else { 0 };
        };
        let day = after.key.parse::<NaiveDate>().unwrap_or_default();
        let day = day.num_days_from_ce();
        let is_before = |row: &Row| {
            let number = i64::from(row.number).cmp(&after.number);
            let key = match listing.order {
                Order::Name => self.sort_key(row).cmp(after.key.as_bytes()),
                Order::Since => row.since.cmp(&day),
                Order::Number | Order::Relevance => std::cmp::Ordering::Equal,
            };
            let place = key.then(number);
            place.is_lt() || (place.is_eq() && !listing.descending)
        };
        order.partition_point(|member| self.row(*member).is_some_and(is_before))
    }

    fn by_relevance(
        &self,
        charter: &Charter,
        listing: &Listing,
        sieve: &Sieve,
        rows: usize,
    ) -> Vec<(u32, u16)> {
        let all = &charter.by_number;
        // Members stand in the order of their numbers, so a place says who comes before whom.
        let after = listing.after.as_ref().map(|after| {
            let score = after.key.parse::<u16>().unwrap_or_default();
            let is_before = |member: &u32| {
                let row = self.row(*member);
                row.is_some_and(|row| i64::from(row.number) <= after.number)
            };
            (score, all.partition_point(is_before))
        });
        let mut found: Vec<(u16, usize, u32)> = all
            .iter()
            .enumerate()
            .filter(|(_, member)| self.passes(**member, sieve))
            .map(|(place, member)| (sieve.score(*member), place, *member))
            .filter(|(score, place, _)| after.is_none_or(|after| (*score, *place) >= after))
            .collect();
        if found.len() > rows {
            found.select_nth_unstable(rows);
            found.truncate(rows);
        }
        found.sort_unstable();
        let members = found.into_iter();
        members.map(|(score, _, member)| (member, score)).collect()
    }
}

impl Sieve {
    fn score(&self, member: u32) -> u16 {
        self.scores.get(wide(member)).copied().unwrap_or_default()
    }
}
