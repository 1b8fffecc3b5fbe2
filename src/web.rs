//! Pages for people: HTML without scripts, in Russian and English, beside the API and over the same use cases.

pub mod confirm;
mod page;
