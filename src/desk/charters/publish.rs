//! A version of a charter is published; from then on it never changes.

use charter_proof::{
    canonical::{Digest, to_jcs},
    entry::Event,
};
use serde::{Deserialize, Serialize};

use crate::{
    desk::{Desk, Failure, Request, failures_of, unit::begin},
    rules::{
        audit::{Action, Subject},
        charter::CharterVersion,
    },
    storage::{self, charters::Published},
};

/// A charter's version in the registry.
#[derive(Debug, Serialize, Deserialize)]
pub struct PublishedAs {
    /// The charter's slug.
    pub slug: String,
    /// The version's number.
    pub version: u32,
    /// The digest of its canonical document.
    pub digest: Digest,
    /// Whether it was published just now, and not before.
    pub new: bool,
}

/// Why a version is not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The version was published with another content.
    #[error(
        "version {0} was published with another content, and a published version never changes: raise its number"
    )]
    AlreadyPublished(u32),
    /// Versions follow each other without gaps.
    #[error("the next version of this charter is {expected}, not {given}")]
    NotNext {
        /// The number that comes next.
        expected: u32,
        /// The number that was given.
        given: u32,
    },
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(PublishError);

/// Publishes a version. To publish the same content again changes nothing.
pub async fn publish(
    desk: &Desk,
    request: Request,
    version: CharterVersion,
) -> Result<PublishedAs, PublishError> {
    let slug = version.slug().to_string();
    let subject = Subject::Charter(slug.clone());
    let mut unit =
        begin!(desk.begin_log::<PublishedAs>(&request, Action::CharterPublished, subject));
    let document = to_jcs(&version.canonical_document())
        .map_err(|error| storage::Error::Damaged(format!("charter {slug}: {error}")))?;
    let digest = Digest::of(&document);
    let published = PublishedAs {
        slug: slug.clone(),
        version: version.version(),
        digest,
        new: true,
    };
    if let Some(earlier) = Published::find(&mut unit, &slug, version.version()).await? {
        if earlier.digest != digest {
            return Err(PublishError::AlreadyPublished(version.version()));
        }
        // Nothing is done, so nothing is kept of it.
        return Ok(PublishedAs {
            new: false,
            ..published
        });
    }
    let current = Published::current(&mut unit, &slug).await?;
    let expected = current.map_or(1, |current| current.version.version() + 1);
    if version.version() != expected {
        return Err(PublishError::NotNext {
            expected,
            given: version.version(),
        });
    }
    let event = Event::CharterPublished {
        charter: slug,
        version: version.version(),
        digest,
    };
    let log_index = unit.append(event).await?;
    let stored = Published {
        version,
        document,
        digest,
        log_index,
        published_at: unit.at(),
    };
    stored.insert(&mut unit).await?;
    Ok(unit.finish(published).await?)
}
