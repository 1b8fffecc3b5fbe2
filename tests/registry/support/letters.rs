//! The letters that a registry laid down, read as a mail program reads them.

use std::{fs, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use charter_registry::{
    desk::letters::send,
    storage::letters::{Filter, Letter, waiting},
};

use super::app::TestApp;

/// A letter as its reader sees it.
#[derive(Debug)]
pub struct Read {
    /// What the outbox says of it.
    pub letter: Letter,
    /// Its headers, unfolded and decoded.
    pub headers: Vec<(String, String)>,
    /// Its text.
    pub body: String,
}

impl Read {
    /// A header that stands in it once.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let mut found = self.headers.iter().filter(|(header, _)| header == name);
        let (_, value) = found.next().unwrap_or_else(|| panic!("no {name}"));
        assert!(found.next().is_none(), "{name} stands twice");
        value
    }

    /// Its template's name.
    pub fn template(&self) -> String {
        self.letter.template.to_string()
    }
}

impl TestApp {
    /// Sends what is due, and waits until nothing is under way.
    pub fn send_letters(&self) {
        self.in_storage(async |desk| {
            loop {
                send::send_due(desk).await.unwrap();
                let mut conn = desk.database.read().await.unwrap();
                let (now, all) = (desk.now(), Filter::default());
                let due = Letter::due(&mut conn, now, 1).await.unwrap();
                let page = Letter::page(&mut conn, &all, None, 10_000);
                let page = page.await.unwrap();
                let under_way = |letter: &Letter| letter.state.to_string() == "sending";
                if due.is_empty() && !page.iter().any(under_way) {
                    break;
                }
                tokio::task::yield_now().await;
            }
        });
    }

    /// What stands in the outbox, oldest first.
    pub fn outbox(&self) -> Vec<Letter> {
        self.in_storage(async |desk| {
            let mut conn = desk.database.read().await.unwrap();
            let all = Filter::default();
            let page = Letter::page(&mut conn, &all, None, 10_000);
            page.await.unwrap()
        })
    }

    /// How many letters wait.
    pub fn letters_waiting(&self) -> i64 {
        self.in_storage(async |desk| {
            let mut conn = desk.database.read().await.unwrap();
            waiting(&mut conn).await.unwrap().count
        })
    }

    /// Every letter that was sent into the folder, in the order in which they were queued.
    pub fn letters(&self) -> Vec<Read> {
        self.send_letters();
        let folder = self.folder().join("letters");
        let outbox = self.outbox().into_iter();
        outbox.filter_map(|letter| read(&folder, letter)).collect()
    }
}

fn read(folder: &Path, letter: Letter) -> Option<Read> {
    let eml = fs::read_to_string(folder.join(format!("{}.eml", letter.id))).ok()?;
    let (head, body) = eml.split_once("\r\n\r\n").unwrap();
    let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let headers: Vec<(String, String)> = head
        .split("\r\n")
        .map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_owned(), decoded_words(value))
        })
        .collect();
    let encoding = headers
        .iter()
        .find(|(name, _)| name == "Content-Transfer-Encoding");
    let body = match encoding.map(|(_, value)| value.as_str()) {
        Some("base64") => {
            let lines: String = body.split_whitespace().collect();
            STANDARD.decode(lines).unwrap()
        }
        Some("quoted-printable") => quoted_printable(&body.replace("=\r\n", "")),
        _ => body.as_bytes().to_vec(),
    };
    Some(Read {
        letter,
        headers,
        body: String::from_utf8(body).unwrap().replace("\r\n", "\n"),
    })
}

/// RFC 2047, as far as these letters use it: base64 words of UTF-8. A character may be broken between two words.
fn decoded_words(value: &str) -> String {
    let joined = value.replace("?= =?utf-8?b?", "?==?utf-8?b?");
    let mut decoded = Vec::new();
    let mut rest = joined.as_str();
    while let Some((before, word)) = rest.split_once("=?utf-8?b?") {
        let (word, after) = word.split_once("?=").unwrap();
        decoded.extend_from_slice(before.as_bytes());
        decoded.extend(STANDARD.decode(word).unwrap());
        rest = after;
    }
    decoded.extend_from_slice(rest.as_bytes());
    String::from_utf8(decoded).unwrap()
}

fn quoted_printable(text: &str) -> Vec<u8> {
    let mut parts = text.split('=');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (code, after) = part.split_at(2);
        bytes.push(u8::from_str_radix(code, 16).unwrap());
        bytes.extend_from_slice(after.as_bytes());
    }
    bytes
}
