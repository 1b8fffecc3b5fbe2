//! How far long work is, on a line of standard error that is drawn over itself; nothing where that is no terminal.

use std::io::{self, IsTerminal as _, Write as _};

/// How wide the bar is.
const WIDTH: u64 = 30;

/// A bar that grows.
pub(super) struct Progress {
    what: &'static str,
    is_seen: bool,
    /// The hundredths that are shown.
    shown: Option<u64>,
}

impl Progress {
    /// A bar for so many of these things.
    pub(super) fn of(what: &'static str) -> Self {
        Self {
            what,
            is_seen: io::stderr().is_terminal(),
            shown: None,
        }
    }

    /// Shows how many of how many are done.
    pub(super) fn show(&mut self, done: u64, total: u64) {
        let hundredths = done.saturating_mul(100).checked_div(total).unwrap_or(100);
        if self.is_seen && self.shown != Some(hundredths) {
            self.shown = Some(hundredths);
            let line = line(self.what, done, total);
            // When standard error is closed, there is nobody to see it.
            let _ = write!(io::stderr(), "\r{line}\x1b[K");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown.is_some() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

fn line(what: &str, done: u64, total: u64) -> String {
    let filled = done
        .saturating_mul(WIDTH)
        .checked_div(total)
        .unwrap_or(WIDTH)
        .min(WIDTH);
    let bar: String = (0..WIDTH)
        .map(|place| if place < filled { '#' } else { '.' })
        .collect();
    format!("[{bar}] {done} of {total} {what}")
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn a_bar_is_as_long_as_what_is_done() {
        assert_eq!(
            line("entries", 0, 4),
            "[..............................] 0 of 4 entries"
        );
        assert_eq!(
            line("entries", 2, 4),
            "[###############...............] 2 of 4 entries"
        );
        assert_eq!(
            line("entries", 0, 0),
            "[##############################] 0 of 0 entries"
        );
    }
}
