//! Somebody who has the log's key, and asks the witnesses for cosignatures of other trees than the registry's.

use std::{collections::HashMap, sync::Mutex, time::Duration};

use charter_proof::{
    canonical::Digest,
    keys::SecretKey,
    note::{Checkpoint, Note},
};
use charter_registry::clock::Clock;
use ureq::{Agent, http};

use super::observer::Observer;

/// The forger.
pub struct Forger {
    key: SecretKey,
    agent: Agent,
    /// What each witness cosigned last, as it said itself.
    known: Mutex<HashMap<String, Checkpoint>>,
}

impl Forger {
    /// One who has this key.
    pub fn with(key: SecretKey) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(1)))
            .proxy(None);
        Self {
            key,
            agent: config.build().into(),
            known: Mutex::default(),
        }
    }

    /// Asks a witness to cosign another tree of the size that it cosigned last, as one that it follows, and as the first
    /// that it hears of; the observer is shown what comes of it. Returns how often it was refused.
    pub fn try_at(&self, url: &str, origin: &str, observer: &Observer) -> usize {
        let kept = format!("{url}/{}/checkpoint", Digest::of(origin.as_bytes()));
        let kept = self.sent(http::Request::get(kept).body(String::new()).unwrap());
        let mut known = self.known.lock().unwrap();
        if let Some((200, kept)) = kept {
            observer.note(url, &kept, 1);
            let kept: Note = kept.parse().unwrap();
            known.insert(url.to_owned(), kept.text().parse().unwrap());
        }
        // A witness that forgets it is asked all the same.
        let Some(kept) = known.get(url).cloned() else {
            return 0;
        };
        let forged = Checkpoint {
            root: Digest::of(&Clock::system().random::<32>()),
            ..kept
        };
        let mut note = Note::unsigned(&forged);
        note.sign(origin, &self.key);
        let refused = [0, forged.size].into_iter().filter(|old| {
            let request = http::Request::post(format!("{url}/add-checkpoint"));
            let asked = self.sent(request.body(format!("old {old}\n\n{note}")).unwrap());
            if let Some((200, lines)) = &asked {
                observer.note(url, &format!("{note}{lines}"), 1);
            }
            matches!(asked, Some((409 | 422, _)))
        });
        refused.count()
    }

    fn sent(&self, request: http::Request<String>) -> Option<(u16, String)> {
        let mut answer = self.agent.run(request).ok()?;
        let body = answer.body_mut().read_to_string().ok()?;
        Some((answer.status().as_u16(), body))
    }
}
