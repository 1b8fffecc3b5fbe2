//! Letters: from a use case that has something to tell to the mail server that takes it.
//!
//! A use case gives a [`outbox::Draft`] to its transaction: the letter is queued if the change is, and not
//! otherwise. `desk::letters::send` empties the outbox: it has [`compose`] make each letter's text and
//! [`transport`] hand it over. Nothing here reads requests or decides anything about applications and members.

pub mod compose;
pub mod outbox;
pub mod transport;

use charter_proof::identity::Base;

use crate::rules::text::{Email, Lang, Name};
use transport::Transport;

/// How a registry writes letters.
#[derive(Debug)]
pub struct Mail {
    /// How they leave.
    pub transport: Transport,
    /// The address they come from.
    pub from: Email,
    /// The registry's name.
    pub name: Name,
    /// The registry's public address.
    pub base: Base,
    /// The secretariat's own address.
    pub secretariat: Option<Secretariat>,
}

impl Mail {
    /// The public host without its port, as Message-IDs and greetings name it.
    pub fn host_name(&self) -> &str {
        host_name(&self.base)
    }
}

/// A registry's host without its port.
pub fn host_name(base: &Base) -> &str {
    let is_port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match base.host().rsplit_once(':') {
        Some((name, port)) if is_port(port) => name,
        _ => base.host(),
    }
}

/// Where the secretariat reads what waits for it.
#[derive(Debug)]
pub struct Secretariat {
    /// Its address.
    pub address: Email,
    /// Its language.
    pub language: Lang,
}
