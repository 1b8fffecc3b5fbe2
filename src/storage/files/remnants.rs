//! What a write to the folder leaves when the process dies under it: `<digest>#<number>`, which no listing shows.

use std::{
    io,
    path::{Path, PathBuf},
};

use charter_proof::canonical::Digest;
use chrono::{DateTime, Utc};

use super::{place, rows};
use crate::storage::{Database, Error, Result};

/// Takes the remnants of writes away that nobody is at any more. A new write of the same file takes another number.
pub(super) async fn sweep(
    folder: &Path,
    database: &Database,
    before: DateTime<Utc>,
) -> Result<usize> {
    let unreadable = |source| Error::Lock {
        path: folder.display().to_string(),
        source,
    };
    let mut swept = 0;
    for (digest, remnant) in found(folder).map_err(unreadable)? {
        if !rows::is_fresh(&mut database.read().await?, digest, before).await? {
            std::fs::remove_file(&remnant).map_err(unreadable)?;
            swept += 1;
        }
    }
    Ok(swept)
}

fn found(folder: &Path) -> io::Result<Vec<(Digest, PathBuf)>> {
    let mut remnants = Vec::new();
    for part in std::fs::read_dir(folder)? {
        let part = part?;
        if !part.file_type()?.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(part.path())? {
            let path = file?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            let digest = name
                .and_then(|name| name.split_once('#'))
                .and_then(|(digest, _)| digest.parse().ok());
            if let Some(digest) = digest
                && place(folder, digest).parent() == path.parent()
            {
                remnants.push((digest, path));
            }
        }
    }
    Ok(remnants)
}
