//! Memoranda: the four forms of signing, the files that come with them, and what is printed.

mod forms;
mod orphans;
mod printing;
