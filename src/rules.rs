//! The subject matter as types and rules: charters, organisations, applications, memberships, decisions.
//!
//! Nothing here does I/O, reads a clock or draws a random number. A value of these types is valid by
//! construction, and the state machines are functions: state and event in, new state or a named refusal out.
//! Start with [`application`] and [`membership`].

pub mod application;
pub mod audit;
pub mod charter;
pub mod claim;
pub mod credential;
pub mod day;
pub mod decision;
pub mod enclosed;
pub mod id;
pub mod letter;
pub mod matching;
pub mod membership;
pub mod memorandum;
pub mod moment;
pub mod network;
pub mod organisation;
pub mod redaction;
pub mod region;
pub mod retention;
pub mod role;
pub mod scan;
pub mod search;
pub mod text;
pub mod token;
pub mod word;
