//! Changes of members, as the registry acknowledges and shows them.

use serde_json::Value;

/// A change of a member, by which of the log's entries it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// The index of its log entry.
    pub log_index: u64,
    /// The address of its record.
    pub record: String,
}

impl Change {
    /// What a member in an answer, or an event of its history, says of the change that led to it.
    pub fn of(told: &Value) -> Self {
        Self {
            log_index: told["logIndex"].as_u64().unwrap(),
            record: told["record"].as_str().unwrap().to_owned(),
        }
    }
}
