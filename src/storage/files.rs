//! Uploaded files, kept under their SHA-256 digest: file first, row second, so that a crash loses nothing.

use std::path::Path;
use std::sync::Arc;

use charter_proof::canonical::Digest;
use futures_util::TryStreamExt as _;
use object_store::{
    ObjectStore, ObjectStoreExt, PutPayload, local::LocalFileSystem, path::Path as Location,
};

use super::{Error, Result};

/// Where uploaded files lie.
#[derive(Debug, Clone)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
}

impl Files {
    /// Files in a local folder, which is made when missing. A write returns once it is on disk.
    pub fn in_folder(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).map_err(|source| Error::Lock {
            path: folder.display().to_string(),
            source,
        })?;
        Ok(Self {
            store: Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true)),
        })
    }

    /// Keeps a file and returns its digest. Keeping the same content again changes nothing.
    pub async fn put(&self, content: Vec<u8>) -> Result<Digest> {
        let digest = Digest::of(&content);
        self.store
            .put(&location(digest), PutPayload::from(content))
            .await?;
        Ok(digest)
    }

    /// The digests of all files. What has another name than a digest is none of the registry's.
    pub async fn list(&self) -> Result<Vec<Digest>> {
        let found: Vec<_> = self.store.list(None).try_collect().await?;
        Ok(found
            .iter()
            .filter_map(|file| file.location.filename()?.parse().ok())
            .collect())
    }

    /// The file of this digest; its content is checked against it.
    pub async fn get(&self, digest: Digest) -> Result<Vec<u8>> {
        let content = self.store.get(&location(digest)).await?.bytes().await?;
        if Digest::of(&content) != digest {
            return Err(Error::Damaged(format!("file {digest}")));
        }
        Ok(content.into())
    }
}

fn location(digest: Digest) -> Location {
    let name = digest.to_string();
    Location::from_iter([name.get(..2).unwrap_or_default(), name.as_str()])
}
