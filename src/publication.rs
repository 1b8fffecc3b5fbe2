//! Static publication: a copy of what a registry serves for reading, as files that any web server serves in its place.
//!
//! It is fetched from a registry or a mirror over HTTP and put under the names of its addresses. What never changes is
//! put once. What changes stands on its own: a proof holds its own checkpoint, a list its own signature. The log's
//! checkpoint comes last, when everything that it and all the rest stand on is there, so that an interrupted
//! publication leaves a copy behind that is older in parts and contradicts itself nowhere.

use std::{collections::BTreeSet, sync::Arc};

use charter_proof::{
    note::{Checkpoint, Note},
    tile::{Row, Tile, tiles_of},
};
use serde_json::Value;

use crate::{
    mirror::{
        source::{Source, SourceError},
        tree::{SignedTree, TreeError},
    },
    storage::{self, shelf::Shelf},
};

/// How many requests are under way at once.
const AT_ONCE: usize = 8;

/// The longest file.
const LONGEST: usize = 1 << 30;

/// The forms of dumps.
const DUMPS: [(&str, &str); 3] = [
    ("ndjson", "application/x-ndjson"),
    ("csv", "text/csv; charset=utf-8; header=present"),
    ("jsonld", "application/ld+json"),
];

const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";
const BYTES: &str = "application/octet-stream";
const CREDENTIAL: &str = "application/vc";

/// Why nothing is published, or not all.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The registry does not give something.
    #[error("the registry does not give what is to be published")]
    Source(#[from] SourceError),
    /// The files cannot be put.
    #[error("the published files cannot be read or written")]
    Shelf(#[from] storage::Error),
    /// There is no checkpoint.
    #[error("{0} has no checkpoint of a log")]
    NoCheckpoint(&'static str),
    /// What is published there is newer, or of another log.
    #[error(
        "what is published there has {published} entries of {origin}, and the registry serves {served}: it is not \
         replaced by less, or by another log"
    )]
    Newer {
        /// The log.
        origin: String,
        /// How many entries are published.
        published: u64,
        /// How many are served.
        served: u64,
    },
    /// What is served does not go on from what is published.
    #[error(
        "the {served} entries of {origin} that are served now do not continue the {published} that were seen before: this is \
         another log under the same name, or one that was put back and went on differently. Nothing of it replaces what is \
         published: find out which is the registry's (log.mark, its mirrors and witnesses know), and publish that"
    )]
    Forked {
        /// The log.
        origin: String,
        /// How many entries were published or served before.
        published: u64,
        /// How many are served.
        served: u64,
    },
    /// What is served is not what its checkpoint names.
    #[error("whether the log continues what is published there cannot be told")]
    Tree(#[from] TreeError),
    /// Something is not what a registry serves.
    #[error("{0} is not what a registry serves")]
    Form(String),
    /// Work broke off.
    #[error("work broke off")]
    BrokenOff(#[from] tokio::task::JoinError),
}

/// What was put.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Put {
    /// How many entries the published log has.
    pub size: u64,
    /// How many files were put.
    pub put: u64,
    /// How many were there already and never change.
    pub kept: u64,
}

/// A publication.
#[derive(Clone)]
pub struct Publication {
    /// Where it is fetched from.
    pub source: Arc<Source>,
    /// Where it is put.
    pub shelf: Shelf,
    /// For how many members proofs are put.
    pub proofs: usize,
}

impl Publication {
    /// Publishes everything, the checkpoint last.
    pub async fn publish(&self) -> Result<Put, PublishError> {
        let served = self.checkpoint().await?;
        let known = self.shelf.get("log/checkpoint").await?;
        let known = known.map(|note| read("what is published there", &note));
        let known = known.transpose()?;
        let mut done = Put::default();
        if let Some(known) = &known {
            self.check_continues(known, &served.1).await?;
        }
        self.log(&served.1, known.as_ref(), &mut done).await?;
        for (path, media_type) in [
            (".well-known/did.json", "application/did+json"),
            ("v1/keys", JSON),
            ("v1/policy", TEXT),
        ] {
            self.copy(path, path, media_type, &mut done).await?;
        }
        for purpose in ["revocation", "suspension"] {
            for number in 1.. {
                let path = format!("status/{purpose}/{number}");
                let Some(list) = self.source.document(&path, LONGEST).await? else {
                    break;
                };
                self.put(&path, CREDENTIAL, list, &mut done).await?;
            }
        }
        for charter in self.charters(&mut done).await? {
            self.charter(&charter, &mut done).await?;
        }
        // Whatever was fetched until now is of this checkpoint or an older one.
        let (note, last) = self.checkpoint().await?;
        self.check_continues(&served.1, &last).await?;
        self.log(&last, known.as_ref(), &mut done).await?;
        self.put("log/checkpoint", TEXT, note, &mut done).await?;
        done.size = last.size;
        Ok(done)
    }

    async fn checkpoint(&self) -> Result<(Vec<u8>, Checkpoint), PublishError> {
        let note = self.source.checkpoint().await?.into_bytes();
        let checkpoint = read("the registry", &note)?;
        Ok((note, checkpoint))
    }

    /// Checks that what is served goes on from what is known: its tree, which comes to the signed root, has the known root
    /// over as many entries (RFC 6962 §2.1.2).
    async fn check_continues(
        &self,
        known: &Checkpoint,
        served: &Checkpoint,
    ) -> Result<(), PublishError> {
        if known == served {
            return Ok(());
        }
        if known.origin != served.origin || known.size > served.size {
            return Err(newer(known, served));
        }
        let tree = SignedTree::fetch(&self.source, served.clone(), known.size).await?;
        if tree.root_at(known.size) == Ok(known.root) {
            return Ok(());
        }
        Err(PublishError::Forked {
            origin: known.origin.clone(),
            published: known.size,
            served: served.size,
        })
    }

    /// Puts the tiles, the bundles of entries and their records, as far as this checkpoint goes.
    async fn log(
        &self,
        checkpoint: &Checkpoint,
        known: Option<&Checkpoint>,
        done: &mut Put,
    ) -> Result<(), PublishError> {
        let tiles: Vec<Tile> = tiles_of(checkpoint.size).collect();
        let mut turns = tokio::task::JoinSet::new();
        for tile in tiles {
            if turns.len() >= AT_ONCE
                && let Some(ended) = turns.join_next().await
            {
                add(done, ended??);
            }
            let (this, known) = (self.clone(), known.map_or(0, |known| known.size));
            turns.spawn(async move { this.tile(&tile, known).await });
        }
        while let Some(ended) = turns.join_next().await {
            add(done, ended??);
        }
        Ok(())
    }

    async fn tile(&self, tile: &Tile, known: u64) -> Result<Put, PublishError> {
        let mut done = Put::default();
        let name = format!("log/{tile}");
        if self.shelf.has(&name).await? {
            done.kept += 1;
        } else {
            let bytes = self.source.tile(tile).await?;
            self.put(&name, BYTES, bytes, &mut done).await?;
        }
        if tile.row() != Row::Entries {
            return Ok(done);
        }
        self.documents(&name, known, tile, &mut done).await?;
        // A redaction changes the records of entries long gone by.
        let lines = self.source.records(tile).await?;
        let name = name.replace("tile/entries", "records");
        let there = self.shelf.get(&name).await?;
        if there.as_ref() == Some(&lines) {
            done.kept += 1;
        } else {
            self.put(&name, "application/x-ndjson", lines, &mut done)
                .await?;
        }
        Ok(done)
    }

    /// Puts the canonical documents of the charters that a bundle's entries publish.
    async fn documents(
        &self,
        bundle: &str,
        known: u64,
        tile: &Tile,
        done: &mut Put,
    ) -> Result<(), PublishError> {
        if tile.first() + u64::from(tile.width()) <= known {
            return Ok(());
        }
        let bytes = self.shelf.get(bundle).await?.unwrap_or_default();
        for entry in charter_proof::tile::bundle::entries(&bytes).flatten() {
            let entry = charter_proof::entry::Entry::parse(entry);
            let Ok(charter_proof::entry::Event::CharterPublished { digest, .. }) =
                entry.map(|entry| entry.event)
            else {
                continue;
            };
            let name = format!("log/charters/{digest}");
            if !self.shelf.has(&name).await? {
                let document = self.source.charter(digest).await?;
                self.put(&name, JSON, document, done).await?;
            }
        }
        Ok(())
    }

    /// Puts the list of charters, and says their slugs.
    async fn charters(&self, done: &mut Put) -> Result<Vec<String>, PublishError> {
        let (mut slugs, mut items, mut cursor) = (Vec::new(), Vec::new(), None::<String>);
        loop {
            let path = match &cursor {
                None => "v1/charters?limit=100".to_owned(),
                Some(cursor) => format!("v1/charters?limit=100&cursor={cursor}"),
            };
            let page = self.needed(&path).await?;
            let page: Value = serde_json::from_slice(&page)
                .map_err(|_| PublishError::Form("v1/charters".to_owned()))?;
            let found = page.get("items").and_then(Value::as_array);
            let found = found.ok_or_else(|| PublishError::Form("v1/charters".to_owned()))?;
            let named = found.iter().filter_map(|item| item.get("slug")?.as_str());
            slugs.extend(named.map(str::to_owned));
            items.extend(found.iter().cloned());
            let next = page.get("next").and_then(Value::as_str);
            cursor = next.map(str::to_owned);
            if cursor.is_none() {
                break;
            }
        }
        let list = serde_json::json!({"items": items, "next": null});
        let list = list.to_string().into_bytes();
        self.put("v1/charters/index.json", JSON, list, done).await?;
        Ok(slugs)
    }

    /// Puts a charter, its feed, its dumps, its members and the proofs of as many of them as there are to be.
    async fn charter(&self, slug: &str, done: &mut Put) -> Result<(), PublishError> {
        let of_charter = format!("v1/charters/{slug}");
        let index = format!("{of_charter}/index.json");
        self.copy(&of_charter, &index, JSON, done).await?;
        let feed = format!("{of_charter}/events.atom");
        self.copy(&feed, &feed, "application/atom+xml; charset=utf-8", done)
            .await?;
        let mut members = Vec::new();
        for (form, media_type) in DUMPS {
            let path = format!("{of_charter}/members.{form}");
            let dump = self.needed(&path).await?;
            if form == "ndjson" {
                members.clone_from(&dump);
            }
            self.put(&path, media_type, dump, done).await?;
        }
        let lines = members.split(|byte| *byte == b'\n');
        for (place, line) in lines.filter(|line| !line.is_empty()).enumerate() {
            let member: Value = serde_json::from_slice(line)
                .map_err(|_| PublishError::Form(format!("{of_charter}/members.ndjson")))?;
            let id = member.get("id").and_then(Value::as_str).unwrap_or_default();
            let page = format!("{of_charter}/members/{id}");
            let name = format!("{page}/index.json");
            self.put(&name, JSON, line.to_vec(), done).await?;
            if place < self.proofs {
                let proof = format!("{page}/proof");
                self.copy(&proof, &proof, TEXT, done).await?;
                for key in keys_of(&member) {
                    let path = format!("{of_charter}/proof?key={key}");
                    let name = format!("{of_charter}/proofs/{}", key.replacen(':', "/", 1));
                    self.copy(&path, &name, TEXT, done).await?;
                }
            }
        }
        Ok(())
    }

    async fn needed(&self, path: &str) -> Result<Vec<u8>, PublishError> {
        let found = self.source.document(path, LONGEST).await?;
        found.ok_or_else(|| PublishError::Form(path.to_owned()))
    }

    async fn copy(
        &self,
        path: &str,
        name: &str,
        media_type: &'static str,
        done: &mut Put,
    ) -> Result<(), PublishError> {
        let bytes = self.needed(path).await?;
        self.put(name, media_type, bytes, done).await
    }

    async fn put(
        &self,
        name: &str,
        media_type: &'static str,
        bytes: Vec<u8>,
        done: &mut Put,
    ) -> Result<(), PublishError> {
        self.shelf.put(name, media_type, bytes).await?;
        done.put += 1;
        Ok(())
    }
}

/// The keys by which the world asks for a member, each once.
fn keys_of(member: &Value) -> BTreeSet<String> {
    let domain = member.get("domain").and_then(Value::as_str);
    let domain = domain.map(|domain| format!("domain:{domain}"));
    let identifiers = member.get("identifiers").and_then(Value::as_array);
    let numbers = identifiers.into_iter().flatten().filter_map(|one| {
        let (scheme, value) = (one.get("scheme")?.as_str()?, one.get("value")?.as_str()?);
        Some(format!("{scheme}:{value}"))
    });
    domain.into_iter().chain(numbers).collect()
}

fn read(whose: &'static str, note: &[u8]) -> Result<Checkpoint, PublishError> {
    let absent = || PublishError::NoCheckpoint(whose);
    let note = std::str::from_utf8(note).map_err(|_| absent())?;
    let note: Note = note.parse().map_err(|_| absent())?;
    note.text().parse().map_err(|_| absent())
}

fn newer(published: &Checkpoint, served: &Checkpoint) -> PublishError {
    PublishError::Newer {
        origin: published.origin.clone(),
        published: published.size,
        served: served.size,
    }
}

fn add(done: &mut Put, more: Put) {
    done.put += more.put;
    done.kept += more.kept;
}
