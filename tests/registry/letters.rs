//! Letters: each step that somebody waits for has one, once, and in the reader's language.

mod confirm_page;
mod endpoints;
mod reminders;
mod smtp;
mod steps;
