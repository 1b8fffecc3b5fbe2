//! Deadlines that were missed: what should have been signed again by now, and was not.

use chrono::{DateTime, Utc};

use super::{Desk, checkpoint, status_lists};
use crate::storage::{self, Connection, status_lists as lists};

/// What is late, and when the first status list lapses.
#[derive(Debug, Clone, Copy)]
pub struct Late {
    /// The log's head was not signed again.
    pub checkpoint: bool,
    /// The status lists were not.
    pub status_lists: bool,
    /// When the first of them lapses; none where there are none.
    pub first_list_lapses: Option<DateTime<Utc>>,
}

impl Late {
    /// Each deadline's name, and whether it was missed.
    pub const fn all(&self) -> [(&'static str, bool); 2] {
        [
            ("checkpoint", self.checkpoint),
            ("status-lists", self.status_lists),
        ]
    }

    /// The names of those that were missed.
    pub fn missed(&self) -> Vec<&'static str> {
        let missed = self.all().into_iter().filter(|(_, is_late)| *is_late);
        missed.map(|(name, _)| name).collect()
    }
}

/// Looks what is late now.
pub async fn late(desk: &Desk, conn: &mut Connection) -> Result<Late, storage::Error> {
    let first_list_lapses = lists::first_to_lapse(conn).await?;
    Ok(Late {
        checkpoint: checkpoint::is_late(desk),
        status_lists: status_lists::are_late(first_list_lapses, desk.now()),
        first_list_lapses,
    })
}
