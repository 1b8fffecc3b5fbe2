//! Nodes in blocks: a million members grow the map without ever copying it, and a copy of it costs next to nothing.

use std::sync::Arc;

/// How many nodes a block holds.
const BLOCK: usize = 4096;

/// Values that stay where they are, known by number.
///
/// A clone shares the blocks, and each is copied when one of the two changes it.
#[derive(Debug, Clone)]
pub(super) struct Arena<T> {
    blocks: Vec<Arc<Vec<T>>>,
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Self { blocks: Vec::new() }
    }
}

impl<T: Clone> Arena<T> {
    /// Keeps a value and returns its number.
    ///
    /// # Errors
    ///
    /// The value itself, when there are numbers for no more.
    pub(super) fn push(&mut self, value: T) -> Result<u32, T> {
        let Ok(number) = u32::try_from(self.len()) else {
            return Err(value);
        };
        match self.blocks.last_mut() {
            Some(block) if block.len() < BLOCK => owned(block).push(value),
            _ => {
                let mut block = Vec::with_capacity(BLOCK);
                block.push(value);
                self.blocks.push(Arc::new(block));
            }
        }
        Ok(number)
    }

    /// Takes out the newest value.
    pub(super) fn pop(&mut self) -> Option<T> {
        let block = self.blocks.last_mut()?;
        let value = owned(block).pop();
        if block.is_empty() {
            self.blocks.pop();
        }
        value
    }

    /// How many values there are.
    pub(super) fn len(&self) -> usize {
        let last = self.blocks.last().map_or(0, |block| block.len());
        self.blocks.len().saturating_sub(1) * BLOCK + last
    }

    /// All of them, in the order of their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.blocks.iter().flat_map(|block| block.iter())
    }

    /// Those from this number on.
    pub(super) fn iter_from(&self, number: u32) -> impl Iterator<Item = &T> {
        let place = usize::try_from(number).unwrap_or(usize::MAX);
        let blocks = self.blocks.get(place / BLOCK..).unwrap_or_default();
        blocks
            .iter()
            .flat_map(|block| block.iter())
            .skip(place % BLOCK)
    }

    /// The value of this number.
    pub(super) fn get(&self, number: u32) -> Option<&T> {
        let place = usize::try_from(number).ok()?;
        self.blocks.get(place / BLOCK)?.get(place % BLOCK)
    }

    /// The value of this number, to be changed.
    pub(super) fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        let place = usize::try_from(number).ok()?;
        owned(self.blocks.get_mut(place / BLOCK)?).get_mut(place % BLOCK)
    }
}

/// The block, shared with nobody, and with room for all that it may hold.
fn owned<T: Clone>(block: &mut Arc<Vec<T>>) -> &mut Vec<T> {
    if Arc::get_mut(block).is_none() {
        let mut copy = Vec::with_capacity(BLOCK);
        copy.extend_from_slice(block);
        *block = Arc::new(copy);
    }
    Arc::make_mut(block)
}
