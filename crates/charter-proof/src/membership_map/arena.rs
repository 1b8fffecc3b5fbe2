//! Nodes in blocks: a million members grow the map without ever copying it, and a copy of it costs next to nothing.

use std::iter;
use std::sync::Arc;

/// Values that stay where they are, known by number.
///
/// A clone shares the blocks, and each is copied when one of the two changes it.
#[derive(Debug, Clone)]
pub(super) struct Arena<T> {
    /// Each is as long as any; what stands behind the newest value means nothing.
    blocks: Vec<Arc<[T]>>,
    count: usize,
}

impl<T> Arena<T> {
    /// How many values a block has: with its counts it is as large as allocators like, so that nothing is left over.
    const BLOCK: usize = {
        let size = size_of::<T>();
        let room = if size < 64 { 48 << 10 } else { 256 << 10 };
        (room - 2 * size_of::<usize>()) / size
    };
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Self {
            blocks: Vec::new(),
            count: 0,
        }
    }
}

impl<T: Copy> Arena<T> {
    /// Keeps a value and returns its number.
    ///
    /// # Errors
    ///
    /// The value itself, when there are numbers for no more.
    pub(super) fn push(&mut self, value: T) -> Result<u32, T> {
        let Ok(number) = u32::try_from(self.count) else {
            return Err(value);
        };
        if self.count.is_multiple_of(Self::BLOCK) {
            self.blocks
                .push(iter::repeat_n(value, Self::BLOCK).collect());
        }
        self.count += 1;
        if let Some(place) = self.get_mut(number) {
            *place = value;
        }
        Ok(number)
    }

    /// Takes out the newest value.
    pub(super) fn pop(&mut self) -> Option<T> {
        let newest = self.count.checked_sub(1)?;
        let value = *self.blocks.last()?.get(newest % Self::BLOCK)?;
        self.count = newest;
        if newest.is_multiple_of(Self::BLOCK) {
            self.blocks.pop();
        }
        Some(value)
    }

    /// How many values there are.
    pub(super) const fn len(&self) -> usize {
        self.count
    }

    /// All of them, in the order of their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.iter_from(0)
    }

    /// Those from this number on.
    pub(super) fn iter_from(&self, number: u32) -> impl Iterator<Item = &T> {
        let place = usize::try_from(number).unwrap_or(usize::MAX);
        let blocks = self.blocks.get(place / Self::BLOCK..).unwrap_or_default();
        let values = blocks.iter().flat_map(|block| block.iter());
        values
            .skip(place % Self::BLOCK)
            .take(self.count.saturating_sub(place))
    }

    /// The value of this number.
    pub(super) fn get(&self, number: u32) -> Option<&T> {
        let place = usize::try_from(number).ok()?;
        if place >= self.count {
            return None;
        }
        self.blocks
            .get(place / Self::BLOCK)?
            .get(place % Self::BLOCK)
    }

    /// The value of this number, to be changed.
    pub(super) fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        let place = usize::try_from(number).ok()?;
        if place >= self.count {
            return None;
        }
        let block = self.blocks.get_mut(place / Self::BLOCK)?;
        Arc::make_mut(block).get_mut(place % Self::BLOCK)
    }
}
