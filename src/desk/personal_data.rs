//! The persons of an application, its contact and its signatory: what is held about them, given out and erased.

pub mod erase;
pub mod export;
pub mod purge;
pub mod retain;
