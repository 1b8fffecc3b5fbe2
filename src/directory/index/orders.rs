//! The orders in which lists show a charter's members.

use super::{Index, Row};

impl Index {
    /// Puts new members into their charters' orders: many at once, so that no order is moved for each of them.
    pub(super) fn line_up_all(&mut self, new: &[u32]) {
        if let [member] = new
            && let Some(row) = self.row(*member).copied()
        {
            self.line_up(*member, row, true);
            return;
        }
        for place in 0..self.charters.len() {
            let is_here = |row: &Row| usize::from(row.charter) == place;
            let here = new.iter().copied();
            let here = here.filter(|member| self.row(*member).is_some_and(is_here));
            let here: Vec<u32> = here.collect();
            if here.is_empty() {
                continue;
            }
            let Some(charter) = self.charters.get_mut(place) else {
                continue;
            };
            let mut orders = std::mem::take(charter);
            orders.by_number = self.merged(&orders.by_number, &here, |row| row.number);
            orders.by_name = self.merged(&orders.by_name, &here, |row| {
                (self.sort_key(row), row.number)
            });
            orders.by_since = self.merged(&orders.by_since, &here, |row| (row.since, row.number));
            if let Some(charter) = self.charters.get_mut(place) {
                *charter = orders;
            }
        }
    }

    /// An order with further members in it.
    fn merged<'a, K: Ord>(
        &'a self,
        order: &[u32],
        new: &[u32],
        key: impl Fn(&'a Row) -> K,
    ) -> Vec<u32> {
        let key_of = |member: u32| self.row(member).map(&key);
        let mut new = new.to_vec();
        new.sort_by_cached_key(|member| key_of(*member));
        let mut merged = Vec::with_capacity(order.len() + new.len());
        let mut rest = order;
        for member in new {
            let key = key_of(member);
            let (before, after) = rest.split_at(rest.partition_point(|other| key_of(*other) < key));
            merged.extend_from_slice(before);
            merged.push(member);
            rest = after;
        }
        merged.extend_from_slice(rest);
        merged
    }

    /// Puts a member into its charter's orders, or takes it out of them.
    pub(super) fn line_up(&mut self, member: u32, row: Row, is_in: bool) {
        let Some(charter) = self.charters.get_mut(usize::from(row.charter)) else {
            return;
        };
        let mut orders = std::mem::take(charter);
        let place = |order: &[u32], is_before: &dyn Fn(&Row) -> bool| {
            order.partition_point(|other| self.row(*other).is_some_and(is_before))
        };
        let key = self.sort_key(&row);
        let number = place(&orders.by_number, &|other| other.number < row.number);
        let name = place(&orders.by_name, &|other| {
            (self.sort_key(other), other.number) < (key, row.number)
        });
        let since = place(&orders.by_since, &|other| {
            (other.since, other.number) < (row.since, row.number)
        });
        for (order, place) in [
            (&mut orders.by_number, number),
            (&mut orders.by_name, name),
            (&mut orders.by_since, since),
        ] {
            if is_in {
                order.insert(place, member);
            } else if order.get(place) == Some(&member) {
                order.remove(place);
            }
        }
        if let Some(charter) = self.charters.get_mut(usize::from(row.charter)) {
            *charter = orders;
        }
    }
}
