//! Cosigning a checkpoint (C2SP tlog-witness, `add-checkpoint`): the newest of its log, consistent with the last one.

use charter_proof::{
    canonical::Digest,
    merkle::verify_consistency,
    note::{Checkpoint, Note, NoteKey, Signature, VerifyError},
};
use chrono::{DateTime, Utc};

use super::{
    cosigner::Cosigner,
    logs::Logs,
    request::{Malformed, Request},
};
use crate::storage::{
    self, Database,
    witnessed::{self, Known},
};

/// A witness of some logs.
pub struct Witness {
    database: Database,
    logs: Logs,
    log: Cosigner,
    map: Option<Cosigner>,
}

/// Why a checkpoint is not cosigned.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The body is no request.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The log is none that is witnessed here.
    #[error("this witness knows no log of this origin")]
    UnknownLog,
    /// No known key of the log signed it, or a line in a known key's name is not its signature.
    #[error("the checkpoint is not signed by a key of its log")]
    Signature,
    /// The last cosigned checkpoint is of another size.
    #[error("the size that was cosigned last is {0}")]
    OtherSize(u64),
    /// The tree does not continue the one that was cosigned last.
    #[error("the proof does not lead from the tree that was cosigned last to this one")]
    Inconsistent,
    /// The database failed.
    #[error("storage failed")]
    Storage(#[from] storage::Error),
}

impl Witness {
    /// A witness that keeps in this database what it saw, and cosigns as `log`; as `map`, too, where it is told that
    /// the map was recomputed.
    pub const fn new(database: Database, logs: Logs, log: Cosigner, map: Option<Cosigner>) -> Self {
        Self {
            database,
            logs,
            log,
            map,
        }
    }

    /// The request in a body, if its log is known here and signed its checkpoint.
    pub fn read(&self, body: &[u8]) -> Result<Request, Refusal> {
        let request = Request::parse(body)?;
        self.authentic(&request).map(|_| request)
    }

    /// The lines by which the log's known keys signed the checkpoint.
    fn authentic(&self, request: &Request) -> Result<Vec<Signature>, Refusal> {
        let keys = self.logs.keys(&request.checkpoint.origin);
        if keys.is_empty() {
            return Err(Refusal::UnknownLog);
        }
        let mut lines = Vec::new();
        for key in keys {
            match key.verify(&request.note) {
                Ok(_) => {
                    let mut signed = request.note.signatures().iter();
                    let text = request.note.text();
                    lines.extend(
                        signed
                            .find(|line| key.signed(text, line).is_some())
                            .cloned(),
                    );
                }
                Err(VerifyError::Missing) => {}
                Err(VerifyError::Twice | VerifyError::Signature) => return Err(Refusal::Signature),
            }
        }
        if lines.is_empty() {
            return Err(Refusal::Signature);
        }
        Ok(lines)
    }

    /// Cosigns a checkpoint as of now and returns the signature lines, once that is permanent.
    ///
    /// `caught_up` is the checkpoint up to which the caller recomputed this log's map: where it is this very one, the
    /// key of that statement cosigns, too. Of requests for one log, one at a time is looked at.
    pub async fn add(
        &self,
        request: &Request,
        now: DateTime<Utc>,
        caught_up: Option<&Checkpoint>,
    ) -> Result<String, Refusal> {
        let by_log = self.authentic(request)?;
        let checkpoint = &request.checkpoint;
        let mut tx = self.database.begin().await?;
        let known = witnessed::lock(&mut tx, &checkpoint.origin).await?;
        judge(request, &known)?;
        let mut cosigned = Note::new(request.note.text().to_owned())
            .map_err(|_| Refusal::Malformed(Malformed::Checkpoint))?;
        for line in by_log {
            cosigned.push(line);
        }
        let before = cosigned.signatures().len();
        self.log.cosign(&mut cosigned, now);
        if let Some(map) = &self.map
            && caught_up == Some(checkpoint)
        {
            map.cosign(&mut cosigned, now);
        }
        let next = Known {
            size: checkpoint.size,
            root: checkpoint.root,
        };
        witnessed::keep(&mut tx, &checkpoint.origin, next, &cosigned.to_string()).await?;
        tx.commit().await?;
        let lines = cosigned.signatures().iter().skip(before);
        Ok(lines.map(|line| format!("{line}\n")).collect())
    }

    /// The checkpoint that was cosigned last of the log whose origin has this digest, with its cosignatures.
    pub async fn newest(&self, origin: Digest) -> Result<Option<String>, storage::Error> {
        let mut origins = self.logs.origins().into_iter();
        let origin = origins.find(|known| Digest::of(known.as_bytes()) == origin);
        let Some(origin) = origin else {
            return Ok(None);
        };
        let mut conn = self.database.read().await?;
        witnessed::checkpoint(&mut conn, &origin).await
    }

    /// The keys that cosign here, as verifiers know them.
    pub fn vkeys(&self) -> impl Iterator<Item = NoteKey> {
        let cosigners = std::iter::once(&self.log).chain(&self.map);
        cosigners.filter_map(Cosigner::vkey)
    }
}

/// Whether the checkpoint may follow what is known of its log.
fn judge(request: &Request, known: &Known) -> Result<(), Refusal> {
    if request.old != known.size {
        return Err(Refusal::OtherSize(known.size));
    }
    let Checkpoint { size, root, .. } = &request.checkpoint;
    verify_consistency(known.size, &known.root, *size, root, &request.proof)
        .map_err(|_| Refusal::Inconsistent)
}
