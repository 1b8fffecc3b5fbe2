//! The charter registry: a public list of the organisations that acceded to a charter, every change of it
//! signed and logged.
//!
//! Arrows run one way: [`cli`] and [`api`] call [`desk`]; the desk asks [`rules`] and writes through [`log`] and
//! [`storage`]. A change is easiest to follow from `api/members/exclude.rs` inwards. `ARCHITECTURE.md` is the map.

pub mod api;
pub mod backup;
pub mod buffers;
pub mod cli;
pub mod clock;
pub mod config;
pub mod desk;
pub mod directory;
pub mod log;
pub mod mirror;
pub mod notify;
pub mod print;
pub mod publication;
pub mod rules;
pub mod startup;
pub mod storage;
pub mod telemetry;
pub mod texts;
pub mod timetable;
pub mod web;
pub mod witness;
