//! Others may have a key: what it signs from here on does not count, and another takes its place.

use charter_proof::keys::{PublicKey, Purpose, SecretKey};

use crate::{
    desk::{Begun, Desk, Failure, Request, failures_of},
    log::key_files::KeyFileError,
    rules::audit::{Action, Subject},
    storage::keys::SigningKey,
};

/// What became of the compromised key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compromised {
    /// The first entry for which its signatures do not count.
    pub to: u64,
    /// The key that took its place, where it was in force.
    pub replaced_by: Option<PublicKey>,
}

/// Why the key is not declared compromised.
#[derive(Debug, thiserror::Error)]
pub enum CompromiseError {
    /// The registry never had this key for this purpose.
    #[error("{0} is no key with which this registry ever signed: `keys list` shows those")]
    Unknown(PublicKey),
    /// It is known already.
    #[error("{0} is known to be compromised already")]
    KnownAlready(PublicKey),
    /// No entry can take back what a log key may have signed for others.
    #[error(
        "a compromised log key ends its log: whoever has it can show others another log under the same name, and no \
         entry of this one can take that back. Stop every server of this registry; keep the database, the data folder \
         and log.mark; tell those who verify and the witnesses, by another way than this registry, that the log ended, \
         and the last checkpoint that you trust; begin a new registry under another public URL, with --succeeds and the \
         file of that checkpoint"
    )]
    EndsTheLog,
    /// A key file cannot be used.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// It did not come to that.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(CompromiseError);

/// Ends a key's range here at the latest; where it is in force, the announced key or a new one takes over at once.
pub async fn compromise_key(
    desk: &Desk,
    request: Request,
    purpose: Purpose,
    key: PublicKey,
) -> Result<Compromised, CompromiseError> {
    if purpose == Purpose::Log {
        return Err(CompromiseError::EndsTheLog);
    }
    let begun = desk.begin_log::<()>(&request, Action::KeyCompromised, Subject::Registry);
    let Begun::Now(mut unit) = begun.await? else {
        return Err(CompromiseError::KnownAlready(key));
    };
    let mut known = SigningKey::all(&mut unit).await?.into_iter();
    let known = known
        .find(|known| known.range.purpose == purpose && known.range.public_key_multibase == key);
    let known = known.ok_or(CompromiseError::Unknown(key))?;
    if known.compromised_at.is_some() {
        return Err(CompromiseError::KnownAlready(key));
    }
    let replacement = match known.range.to {
        None => Some(desk.signatory.keyring.next_or_new(purpose, &desk.clock)?),
        Some(_) => None,
    };
    let replaced_by = replacement.as_ref().map(SecretKey::public);
    let index = unit.compromise_key(purpose, key, replacement).await?;
    unit.finish(()).await?;
    Ok(Compromised {
        to: known.range.to.map_or(index, |to| to.min(index)),
        replaced_by,
    })
}
