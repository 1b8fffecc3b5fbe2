//! Nodes in blocks: a million members grow the map without ever copying it.

/// How many nodes a block holds.
const BLOCK: usize = 4096;

/// Values that stay where they are, known by number.
#[derive(Debug, Clone)]
pub(super) struct Arena<T> {
    blocks: Vec<Vec<T>>,
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Self { blocks: Vec::new() }
    }
}

impl<T> Arena<T> {
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
            Some(block) if block.len() < BLOCK => block.push(value),
            _ => {
                let mut block = Vec::with_capacity(BLOCK);
                block.push(value);
                self.blocks.push(block);
            }
        }
        Ok(number)
    }

    /// Takes out the newest value.
    pub(super) fn pop(&mut self) -> Option<T> {
        let block = self.blocks.last_mut()?;
        let value = block.pop();
        if block.is_empty() {
            self.blocks.pop();
        }
        value
    }

    /// How many values there are.
    pub(super) fn len(&self) -> usize {
        let last = self.blocks.last().map_or(0, Vec::len);
        self.blocks.len().saturating_sub(1) * BLOCK + last
    }

    /// The value of this number.
    pub(super) fn get(&self, number: u32) -> Option<&T> {
        let place = usize::try_from(number).ok()?;
        self.blocks.get(place / BLOCK)?.get(place % BLOCK)
    }

    /// The value of this number, to be changed.
    pub(super) fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        let place = usize::try_from(number).ok()?;
        self.blocks.get_mut(place / BLOCK)?.get_mut(place % BLOCK)
    }
}
