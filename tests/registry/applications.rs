//! The way of applications: confirmation, return, lapse, whom they resemble, and the desk's work on them.

mod confirmation;
mod desk_work;
mod resemblance;
mod stories;
