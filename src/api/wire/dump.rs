//! The members of a charter in the forms of dumps: JSON lines, CSV, and JSON-LD in the words of schema.org.

mod csv;
mod jsonld;

pub use csv::CSV;
pub use jsonld::{JSON_LD, licence_url};

use super::member::shown;
use crate::directory::Form;

/// Lines of JSON, each a member as `GET …/members/{id}` shows it.
pub static NDJSON: Form = Form {
    extension: "ndjson",
    media_type: "application/x-ndjson",
    head: |_| Vec::new(),
    member: |member, heading| {
        let mut line = shown(member, &heading.base)?;
        line.push(b'\n');
        Some(line)
    },
    foot: "",
};
