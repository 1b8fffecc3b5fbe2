//! Who is found by each term. Mostly that is one member, or one and another, who then take no list of their own.

use super::wide;

/// Members by the numbers of the terms that find them.
#[derive(Default)]
pub(super) struct Postings {
    /// By term: the one member, [`NOBODY`], or the place of more and where those are, [`PAIRED`] or [`LISTED`].
    heads: Vec<u32>,
    /// Two members each, in ascending order.
    pairs: Vec<[u32; 2]>,
    /// Pairs that no term has any more.
    free: Vec<u32>,
    /// Members in ascending order.
    lists: Vec<Vec<u32>>,
}

const NOBODY: u32 = u32::MAX;
const LISTED: u32 = 1 << 31;
const PAIRED: u32 = 1 << 30;

/// Where the members of a term are.
enum Head {
    Nobody,
    One(u32),
    Pair(u32),
    List(usize),
}

impl Head {
    fn of(head: u32) -> Self {
        match head {
            NOBODY => Self::Nobody,
            list if list & LISTED != 0 => Self::List(wide(list & !LISTED)),
            pair if pair & PAIRED != 0 => Self::Pair(pair & !PAIRED),
            one => Self::One(one),
        }
    }
}

impl Postings {
    /// Room for so many terms, so many of which find two members each.
    pub(super) fn with_room(terms: usize, pairs: usize) -> Self {
        Self {
            heads: Vec::with_capacity(terms),
            pairs: Vec::with_capacity(pairs),
            ..Self::default()
        }
    }

    /// How many terms there are.
    pub(super) const fn count(&self) -> usize {
        self.heads.len()
    }

    /// The members that a term finds, in ascending order.
    pub(super) fn of(&self, term: usize) -> &[u32] {
        let Some(head) = self.heads.get(term) else {
            return &[];
        };
        match Head::of(*head) {
            Head::Nobody => &[],
            Head::One(_) => std::slice::from_ref(head),
            Head::Pair(pair) => self.pairs.get(wide(pair)).map_or(&[], <[u32; 2]>::as_slice),
            Head::List(list) => self.lists.get(list).map_or(&[], Vec::as_slice),
        }
    }

    /// Keeps the members that the next term finds, in ascending order.
    pub(super) fn push(&mut self, members: &[u32]) {
        let head = match members {
            [] => NOBODY,
            [one] => *one,
            [one, other] => self.pair([*one, *other]),
            several => self.list(several.to_vec()),
        };
        self.heads.push(head);
    }

    fn pair(&mut self, members: [u32; 2]) -> u32 {
        if let Some(place) = self.free.pop()
            && let Some(pair) = self.pairs.get_mut(wide(place))
        {
            *pair = members;
            return PAIRED | place;
        }
        match u32::try_from(self.pairs.len()) {
            Ok(place) if place < PAIRED => {
                self.pairs.push(members);
                PAIRED | place
            }
            _ => self.list(members.to_vec()),
        }
    }

    fn list(&mut self, members: Vec<u32>) -> u32 {
        let place = u32::try_from(self.lists.len()).unwrap_or(NOBODY);
        self.lists.push(members);
        LISTED | place
    }

    /// Lets a term find a member.
    pub(super) fn add(&mut self, term: usize, member: u32) {
        let Some(head) = self.heads.get(term).copied() else {
            return;
        };
        let head = match Head::of(head) {
            Head::Nobody => member,
            Head::One(one) if one == member => head,
            Head::One(one) => self.pair([one.min(member), one.max(member)]),
            Head::Pair(pair) => match self.pairs.get(wide(pair)).copied() {
                Some(known) if !known.contains(&member) => {
                    let [one, other] = known;
                    let mut members = vec![one, other, member];
                    members.sort_unstable();
                    self.free.push(pair);
                    self.list(members)
                }
                _ => head,
            },
            Head::List(list) => {
                if let Some(list) = self.lists.get_mut(list)
                    && let Err(place) = list.binary_search(&member)
                {
                    // The longest are of hundreds of thousands: as much room again would be left over.
                    if list.len() == list.capacity() {
                        list.reserve_exact(list.len() / 8 + 1);
                    }
                    list.insert(place, member);
                }
                head
            }
        };
        if let Some(known) = self.heads.get_mut(term) {
            *known = head;
        }
    }

    /// Lets a term no longer find a member.
    pub(super) fn remove(&mut self, term: usize, member: u32) {
        let Some(head) = self.heads.get_mut(term) else {
            return;
        };
        match Head::of(*head) {
            Head::One(one) if one == member => *head = NOBODY,
            Head::Nobody | Head::One(_) => {}
            Head::Pair(pair) => {
                let known = self.pairs.get(wide(pair));
                let left = known.filter(|known| known.contains(&member));
                if let Some(left) = left.and_then(|known| known.iter().find(|one| **one != member))
                {
                    *head = *left;
                    self.free.push(pair);
                }
            }
            Head::List(list) => {
                if let Some(list) = self.lists.get_mut(list) {
                    list.retain(|one| *one != member);
                }
            }
        }
    }
}
