//! Letters: each step that somebody waits for has one, once, and in the reader's language.

mod endpoints;
mod smtp;
mod steps;
