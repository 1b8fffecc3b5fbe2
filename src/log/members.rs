//! Which member each member's leaf of the map is of: the map has their keys' hashes alone.

use std::io::{self, Read, Write};

use uuid::Uuid;

/// Members by the numbers of their leaves, which only grow.
#[derive(Clone, Default)]
pub(super) struct Members(Vec<(u32, Uuid)>);

impl Members {
    /// Keeps a new member.
    pub(super) fn keep(&mut self, number: u32, member: Uuid) {
        if self.0.last().is_none_or(|(last, _)| *last < number) {
            self.0.push((number, member));
        }
    }

    /// Forgets members from this number on.
    pub(super) fn cut(&mut self, number: usize) {
        let is_below = |known: u32| usize::try_from(known).is_ok_and(|known| known < number);
        let kept = self.0.partition_point(|(known, _)| is_below(*known));
        self.0.truncate(kept);
    }

    /// The member whose leaf has this number.
    pub(super) fn of(&self, number: u32) -> Option<Uuid> {
        let near = self.near(number)?;
        let place = near.binary_search_by_key(&number, |(known, _)| *known);
        near.get(place.ok()?).map(|(_, member)| *member)
    }

    /// The members among which this number stands, if any does: most have as many claims as others, so where it stands
    /// can be guessed, and few places are looked at.
    fn near(&self, number: u32) -> Option<&[(u32, Uuid)]> {
        let all = self.0.as_slice();
        let (last, _) = *all.last()?;
        if number > last {
            return None;
        }
        let count = u64::try_from(all.len()).ok()?;
        let guess = (count - 1) * u64::from(number) / u64::from(last.max(1));
        let guess = usize::try_from(guess).ok()?;
        let (mut from, mut to, mut reach) = (guess, guess, 8);
        while from > 0 && all.get(from)?.0 > number {
            from = from.saturating_sub(reach);
            reach *= 4;
        }
        while all.get(to)?.0 < number {
            to = (to + reach).min(all.len() - 1);
            reach *= 4;
        }
        all.get(from..=to)
    }

    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    /// Writes all but the first so many of them.
    pub(super) fn freeze(&self, from: usize, out: &mut impl Write) -> io::Result<()> {
        let new = self.0.get(from..).unwrap_or_default();
        let count = u32::try_from(new.len()).map_err(io::Error::other)?;
        out.write_all(&count.to_le_bytes())?;
        new.iter().try_for_each(|(number, member)| {
            out.write_all(&number.to_le_bytes())?;
            out.write_all(member.as_bytes())
        })
    }

    /// Reads what [`Members::freeze`] wrote after that which was read before.
    pub(super) fn thaw(&mut self, from: &mut impl Read) -> io::Result<()> {
        let mut four = [0; 4];
        from.read_exact(&mut four)?;
        let count = u32::from_le_bytes(four);
        // The count is not trusted with more room than a registry of a million needs.
        self.0
            .reserve(usize::try_from(count.min(1 << 20)).unwrap_or(0));
        for _ in 0..count {
            let mut sixteen = [0; 16];
            from.read_exact(&mut four)?;
            from.read_exact(&mut sixteen)?;
            self.0
                .push((u32::from_le_bytes(four), Uuid::from_bytes(sixteen)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::Members;

    #[test]
    fn a_member_is_known_by_its_number_until_it_is_cut_off() {
        let id = Uuid::from_u128;
        let mut members = Members::default();
        for number in [0, 3, 7, 7, 5] {
            members.keep(number, id(number.into()));
        }
        let [whole, mut rest] = [0, 1].map(|from| {
            let mut bytes = Vec::new();
            members.freeze(from, &mut bytes).unwrap();
            bytes
        });
        let mut again = Members(vec![(0, id(0))]);
        again.thaw(&mut rest.as_slice()).unwrap();
        assert_eq!((again.len(), again.of(3)), (3, Some(id(3))));
        rest.pop();
        assert!(again.thaw(&mut rest.as_slice()).is_err());
        let mut members = Members::default();
        members.thaw(&mut whole.as_slice()).unwrap();
        assert_eq!(members.of(3), Some(id(3)));
        assert_eq!(members.of(5), None);
        members.cut(7);
        assert_eq!((members.of(7), members.of(3)), (None, Some(id(3))));
        members.keep(7, id(9));
        assert_eq!(members.of(7), Some(id(9)));
    }

    #[test]
    fn members_are_found_however_unevenly_their_numbers_stand() {
        assert_eq!(Members::default().of(0), None);
        for numbers in [
            (0..1000).collect::<Vec<u32>>(),
            (0..1000).map(|n| n * n).collect(),
            (0..1000).chain((1..100).map(|n| 1_000_000 * n)).collect(),
            (0..32).map(|n| 1 << n).collect(),
            vec![u32::MAX],
        ] {
            let mut members = Members::default();
            for number in &numbers {
                members.keep(*number, Uuid::from_u128((*number).into()));
            }
            let is_there = |number: u32| numbers.binary_search(&number).is_ok();
            let asked = numbers.iter().copied().chain(0..3000);
            for number in asked.flat_map(|n| [n.saturating_sub(1), n, n.saturating_add(1)]) {
                let member = is_there(number).then(|| Uuid::from_u128(number.into()));
                assert_eq!(members.of(number), member, "{number}");
            }
        }
    }
}
