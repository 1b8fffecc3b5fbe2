//! Room for answers of some kilobytes, which a thread uses again: to have it from the allocator each time costs more than
//! to fill it.

use std::cell::RefCell;

/// How many of them a thread keeps.
const MOST: usize = 8;

/// The largest that is kept, in bytes.
const LARGEST: usize = 1 << 14;

thread_local! {
    static SPARE: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// Room with nothing in it.
pub fn take() -> Vec<u8> {
    let spare = SPARE.try_with(|spare| spare.borrow_mut().pop());
    spare.ok().flatten().unwrap_or_default()
}

/// Bytes whose room is used again once nobody needs them.
#[derive(Debug)]
pub struct Lent(pub Vec<u8>);

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut room = std::mem::take(&mut self.0);
        room.clear();
        // A thread that ends keeps nothing.
        let _ = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            if spare.len() < MOST && (1..=LARGEST).contains(&room.capacity()) {
                spare.push(room);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{LARGEST, Lent, MOST, SPARE, take};

    #[test]
    fn room_is_used_again_empty_and_not_too_much_of_it_is_kept() {
        let mut room = take();
        room.extend_from_slice(b"somebody's answer");
        let place = room.as_ptr();
        drop(Lent(room));
        let again = take();
        assert_eq!((again.as_ptr(), again.len()), (place, 0));
        drop(Lent(Vec::with_capacity(LARGEST + 1)));
        drop(Lent(Vec::new()));
        assert_eq!(take().capacity(), 0);
        let many: Vec<Lent> = (0..2 * MOST)
            .map(|_| Lent(Vec::with_capacity(10)))
            .collect();
        drop(many);
        assert_eq!(SPARE.with_borrow(Vec::len), MOST);
    }
}
