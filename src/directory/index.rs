//! The index: in memory, where each member and record stands in the packed file, and in which order lists show them.

mod orders;

use std::{collections::HashMap, fs::File, io, sync::Arc};

use charter_proof::entry::Status;
use chrono::Datelike as _;

use super::{
    frame::{Entry, Frame},
    numbers::Numbers,
    pack,
    terms::Terms,
};

/// The index of everything that readers are answered with.
pub(super) struct Index {
    /// The packed file that the places refer to.
    pub file: Arc<File>,
    /// Everything before this log index is in the index.
    pub applied: u64,
    /// The digest of the log entry before that.
    pub last: [u8; 32],
    /// How many bytes of the packed file nothing refers to any more.
    pub dead: u64,
    /// Categories, countries and regions; the first is none.
    pub words: Words,
    pub charters: Vec<Charter>,
    pub members: Vec<Row>,
    /// By member: what is filtered by, see [`Facets`].
    pub facets: Vec<u64>,
    /// The members' sort keys, one after another.
    pub keys: Vec<u8>,
    by_id: Numbers,
    pub records: Records,
    /// The newest records of members that were not known when these came: they are looked for each time.
    pub unlisted: HashMap<u32, [u8; 16]>,
    pub terms: Terms,
}

/// What stands for the number of a record that is not known.
pub(super) const UNLISTED: u32 = u32::MAX;

/// Where a body stands, in eight bytes: each member has two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place(u64);

impl Place {
    /// How many bits the length has: frames are shorter than 2^26 bytes, and the packed file than 2^38.
    const LENGTH: u32 = 26;

    /// The place of a body of this length, whose frame begins at `at`.
    pub(super) fn new(at: u64, length: u32) -> io::Result<Self> {
        if at >> (u64::BITS - Self::LENGTH) != 0 || length >> Self::LENGTH != 0 {
            return Err(io::Error::other(
                "the packed file is larger than the index can say",
            ));
        }
        Ok(Self(at << Self::LENGTH | u64::from(length)))
    }

    /// Where its frame begins.
    pub(super) const fn at(self) -> u64 {
        self.0 >> Self::LENGTH
    }

    /// How long the body is.
    pub(super) fn length(self) -> u32 {
        u32::try_from(self.0 & ((1 << Self::LENGTH) - 1)).unwrap_or_default()
    }
}

/// Where every record's document stands, by its identifier.
#[derive(Default)]
pub(super) struct Records {
    list: Vec<([u8; 16], Place)>,
    by_id: Numbers,
}

impl Records {
    /// These records, each of them once.
    pub(super) fn of(list: Vec<([u8; 16], Place)>) -> Self {
        let count = u32::try_from(list.len()).unwrap_or(u32::MAX);
        let by_id = Numbers::of(count, |number| id_at(&list, number));
        Self { list, by_id }
    }

    /// All of them.
    pub(super) fn all(&self) -> &[([u8; 16], Place)] {
        &self.list
    }

    /// Whether this record is known.
    pub(super) fn contains(&self, id: &[u8; 16]) -> bool {
        self.number(id).is_some()
    }

    /// Where the document of this record stands.
    pub(super) fn get(&self, id: &[u8; 16]) -> Option<Place> {
        let known = self.list.get(wide(self.number(id)?))?;
        Some(known.1)
    }

    fn number(&self, id: &[u8; 16]) -> Option<u32> {
        self.by_id.get(id, |number| id_at(&self.list, number))
    }

    /// Says where a record's document stands, and returns where it stood before.
    fn put(&mut self, id: [u8; 16], place: Place) -> io::Result<Option<Place>> {
        if let Some(number) = self.number(&id)
            && let Some(known) = self.list.get_mut(wide(number))
        {
            return Ok(Some(std::mem::replace(&mut known.1, place)));
        }
        let number = u32::try_from(self.list.len())
            .map_err(|_| io::Error::other("there are more records than the index can hold"))?;
        self.list.push((id, place));
        self.by_id
            .insert(number, |number| id_at(&self.list, number));
        Ok(None)
    }
}

fn id_at(list: &[([u8; 16], Place)], number: u32) -> Option<[u8; 16]> {
    list.get(wide(number)).map(|(id, _)| *id)
}

/// A member, as lists need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub id: [u8; 16],
    /// The newest record's number among the records that are known, or [`UNLISTED`].
    pub record_number: u32,
    pub place: Place,
    /// The membership map holds no more entries, either.
    pub log_index: u32,
    /// Where its sort key ends; it begins `key_length` before.
    pub key_end: u32,
    pub key_length: u16,
    pub charter: u16,
    pub number: u32,
    /// The day of admission, counted from the common era's first.
    pub since: i32,
}

/// A charter, and its members in every order.
#[derive(Default)]
pub(super) struct Charter {
    pub slug: String,
    pub by_number: Vec<u32>,
    pub by_name: Vec<u32>,
    pub by_since: Vec<u32>,
}

/// Words with small numbers.
#[derive(Default)]
pub(super) struct Words {
    pub list: Vec<String>,
    numbers: HashMap<String, u16>,
}

impl Words {
    /// The words in this order.
    pub(super) fn of(list: Vec<String>) -> Self {
        let numbers = list.iter().cloned().zip(0..).collect();
        Self { list, numbers }
    }

    /// The number of a word, if any member has it.
    pub(super) fn number(&self, word: &str) -> Option<u16> {
        self.numbers.get(word).copied()
    }

    fn number_of(&mut self, word: &str) -> u16 {
        if let Some(number) = self.number(word) {
            return number;
        }
        let number = u16::try_from(self.list.len()).unwrap_or_default();
        self.list.push(word.to_owned());
        self.numbers.insert(word.to_owned(), number);
        number
    }
}

/// What members are filtered by, in one word: a bit for the status, then founder, country, region, category.
pub(super) struct Facets;

impl Facets {
    pub const FOUNDER: u32 = 8;
    pub const COUNTRY: u32 = 16;
    pub const REGION: u32 = 32;
    pub const CATEGORY: u32 = 48;

    /// The bit of a status.
    pub(super) const fn status(status: Status) -> u64 {
        match status {
            Status::Active => 1,
            Status::Suspended => 2,
            Status::Excluded => 4,
            Status::Withdrawn => 8,
        }
    }
}

/// The place of a member in a list of all.
pub(super) fn wide(member: u32) -> usize {
    usize::try_from(member).unwrap_or(usize::MAX)
}

impl Index {
    /// An index of nothing.
    pub(super) fn of_nothing(file: Arc<File>) -> Self {
        Self {
            file,
            applied: 0,
            last: [0; 32],
            dead: 0,
            words: Words::of(vec![String::new()]),
            charters: Vec::new(),
            members: Vec::new(),
            facets: Vec::new(),
            keys: Vec::new(),
            by_id: Numbers::default(),
            records: Records::default(),
            unlisted: HashMap::new(),
            terms: Terms::default(),
        }
    }

    /// Takes in what frames at these places of the packed file say.
    pub(super) fn apply_all(
        &mut self,
        frames: impl IntoIterator<Item = (Frame, u64)>,
    ) -> io::Result<()> {
        let mut new = Vec::new();
        for (frame, at) in frames {
            self.apply(frame, at, &mut new)?;
        }
        self.line_up_all(&new);
        Ok(())
    }

    /// Takes in a frame; a new member is to be lined up with others that are `new`.
    fn apply(&mut self, frame: Frame, at: u64, new: &mut Vec<u32>) -> io::Result<()> {
        match frame {
            Frame::Charter(slug) => {
                self.charter_of(&slug);
            }
            Frame::Record(id, length) => {
                let known = self.records.put(id, Place::new(at, length)?)?;
                if length == 0 && known.is_some_and(|known| known.length() > 0) {
                    // Where else its words stand is not known: all of the file is to be made anew.
                    self.dead = u64::MAX;
                }
            }
            Frame::Member(entry, length) => {
                let place = Place::new(at, length)?;
                if let Some(known) = self.number(entry.id) {
                    self.line_up_all(&std::mem::take(new));
                    self.take_out(known)?;
                    let row = self.put(&entry, place, known)?;
                    self.line_up(known, row, true);
                } else {
                    let member = u32::try_from(self.members.len()).map_err(|_| {
                        io::Error::other("there are more members than the index can hold")
                    })?;
                    self.put(&entry, place, member)?;
                    new.push(member);
                }
            }
            Frame::Applied(size, last) => (self.applied, self.last) = (size, last),
        }
        Ok(())
    }

    /// The charter of this slug.
    pub(super) fn charter(&self, slug: &str) -> Option<&Charter> {
        self.charters.iter().find(|charter| charter.slug == slug)
    }

    /// The member of this identifier.
    pub(super) fn member(&self, id: [u8; 16]) -> Option<&Row> {
        self.row(self.number(id)?)
    }

    /// The place of a member among all.
    fn number(&self, id: [u8; 16]) -> Option<u32> {
        let id_of = |number| self.row(number).map(|row| row.id);
        self.by_id.get(&id, id_of)
    }

    /// Takes these members and their facets for all there are.
    pub(super) fn fill(&mut self, members: Vec<Row>, facets: Vec<u64>) {
        let count = u32::try_from(members.len()).unwrap_or(u32::MAX);
        let id_of = |number| members.get(wide(number)).map(|row| row.id);
        self.by_id = Numbers::of(count, id_of);
        (self.members, self.facets) = (members, facets);
    }

    /// The member of this identifier, and its status.
    pub(super) fn standing(&self, id: [u8; 16]) -> Option<(&Row, Option<Status>)> {
        let number = self.number(id)?;
        let facets = self.facets.get(wide(number))?;
        let mut all = Status::ALL.iter().copied();
        let status = all.find(|status| facets & Facets::status(*status) != 0);
        Some((self.row(number)?, status))
    }

    /// The member at this place.
    pub(super) fn row(&self, member: u32) -> Option<&Row> {
        self.members.get(wide(member))
    }

    /// Where the document of a member's newest record stands.
    pub(super) fn newest_record(&self, row: &Row) -> Option<Place> {
        match self.records.list.get(wide(row.record_number)) {
            Some((_, place)) => Some(*place),
            None => self.records.get(&self.record(row)?),
        }
    }

    /// The identifier of a member's newest record.
    pub(super) fn record(&self, row: &Row) -> Option<[u8; 16]> {
        let listed = id_at(&self.records.list, row.record_number);
        listed.or_else(|| self.unlisted.get(&self.number(row.id)?).copied())
    }

    /// Whether the document of a member's newest record was removed.
    pub(super) fn is_withheld(&self, row: &Row) -> bool {
        let record = self.newest_record(row);
        record.is_some_and(|place| place.length() == 0)
    }

    /// The slug of a member's charter.
    pub(super) fn slug(&self, row: &Row) -> &str {
        let charter = self.charters.get(usize::from(row.charter));
        charter.map_or("", |charter| charter.slug.as_str())
    }

    /// By what a member is sorted among names.
    pub(super) fn sort_key(&self, row: &Row) -> &[u8] {
        let end = wide(row.key_end);
        let start = end.saturating_sub(usize::from(row.key_length));
        self.keys.get(start..end).unwrap_or_default()
    }

    fn charter_of(&mut self, slug: &str) -> u16 {
        let known = self
            .charters
            .iter()
            .position(|charter| charter.slug == slug);
        let place = known.unwrap_or_else(|| {
            self.charters.push(Charter {
                slug: slug.to_owned(),
                ..Charter::default()
            });
            self.charters.len() - 1
        });
        u16::try_from(place).unwrap_or(u16::MAX)
    }

    /// Keeps a member as it stands now under this number, in no order yet.
    fn put(&mut self, entry: &Entry, place: Place, member: u32) -> io::Result<Row> {
        self.keys.extend_from_slice(entry.sort_key.as_bytes());
        // Records stand before their members.
        let record_number = self.records.number(&entry.record);
        match record_number {
            Some(_) => self.unlisted.remove(&member),
            None => self.unlisted.insert(member, entry.record),
        };
        let row = Row {
            id: entry.id,
            record_number: record_number.unwrap_or(UNLISTED),
            place,
            log_index: u32::try_from(entry.log_index)
                .map_err(|_| io::Error::other("the log is longer than the index can say"))?,
            key_end: u32::try_from(self.keys.len()).unwrap_or(u32::MAX),
            key_length: u16::try_from(entry.sort_key.len()).unwrap_or(u16::MAX),
            charter: self.charter_of(&entry.charter),
            number: entry.number,
            since: entry.since.num_days_from_ce(),
        };
        let facets = self.facets_of(entry);
        if let (Some(old), Some(old_facets)) = (
            self.members.get_mut(wide(member)),
            self.facets.get_mut(wide(member)),
        ) {
            *old = row;
            *old_facets = facets;
        } else {
            self.members.push(row);
            self.facets.push(facets);
            let id_of = |number| self.members.get(wide(number)).map(|row| row.id);
            self.by_id.insert(member, id_of);
        }
        for term in &entry.terms {
            self.terms.add(term, member);
        }
        Ok(row)
    }

    /// Takes a member out of every order and from under its terms, before it is put back changed.
    fn take_out(&mut self, member: u32) -> io::Result<()> {
        let Some(row) = self.row(member).copied() else {
            return Ok(());
        };
        for term in pack::entry(&self.file, row.place.at())?.terms {
            self.terms.remove(&term, member);
        }
        self.dead = self.dead.saturating_add(row.place.length().into());
        self.line_up(member, row, false);
        Ok(())
    }

    fn facets_of(&mut self, entry: &Entry) -> u64 {
        let mut number_of = |word: &str, shift: u32| u64::from(self.words.number_of(word)) << shift;
        number_of(&entry.category, Facets::CATEGORY)
            | number_of(&entry.region, Facets::REGION)
            | number_of(&entry.country, Facets::COUNTRY)
            | (u64::from(entry.founder) << Facets::FOUNDER)
            | Facets::status(entry.status)
    }
}

#[cfg(test)]
mod tests;
