//! The audit: who did what to what, in a chain.

mod reading;
mod trail;
