//! Files that were handed in, kept under their SHA-256 digest in a folder or an S3 bucket.
//!
//! What keeps them whole: the row in `files` comes first, the file second, and the row that names it third; each is
//! durable before the next. What a crash leaves behind is a file that nothing names, and [`Files::sweep`] takes it
//! away: under the lock of its row, and only when nobody touched that for [`GRACE`], so that no upload under way
//! loses its file, on whatever instance.

mod remnants;
mod rows;
mod upload;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use charter_proof::canonical::Digest;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::TryStreamExt as _;
use object_store::{
    ObjectMeta, ObjectStore, ObjectStoreExt, PutPayload, aws::AmazonS3Builder,
    local::LocalFileSystem, path::Path as Location, prefix::PrefixStore,
};
use tokio::sync::{Semaphore, SemaphorePermit};

pub use upload::Upload;

use super::{Database, Error, Result, Transaction};

/// How long a file may wait for the row that names it. No request takes so long.
pub const GRACE: TimeDelta = TimeDelta::hours(1);

/// How many files are held in memory at a time, to be checked and kept.
const IN_MEMORY: usize = 2;

/// Where files lie.
#[derive(Debug, Clone)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
    /// The folder of the files, unless they lie in a bucket.
    folder: Option<Arc<Path>>,
    /// The folder in which uploads arrive.
    arrivals: Arc<Path>,
    turns: Arc<Semaphore>,
}

/// Where files are to lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In a local folder.
    Folder(PathBuf),
    /// In a bucket of an S3-compatible server.
    Bucket {
        /// The bucket.
        name: String,
        /// What the names of the files begin with; may be empty.
        prefix: String,
    },
}

impl Place {
    /// Reads a path, `s3://BUCKET` or `s3://BUCKET/PREFIX`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some(rest) = text.strip_prefix("s3://") else {
            return if text.contains("://") {
                Err(format!("is {text:?}, neither a folder nor a bucket"))
            } else {
                Ok(Self::Folder(text.into()))
            };
        };
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let is_name = (3..=63).contains(&name.len())
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-'));
        let prefix = prefix.trim_end_matches('/');
        if is_name && Location::parse(prefix).is_ok() {
            Ok(Self::Bucket {
                name: name.to_owned(),
                prefix: prefix.to_owned(),
            })
        } else {
            Err(format!("is {text:?}, which names no bucket"))
        }
    }
}

impl Files {
    /// Files at this place; uploads arrive in a folder of the data's. A write returns once it is durable.
    ///
    /// A bucket's credentials, region and endpoint come from the variables that every S3 client reads
    /// (`AWS_ACCESS_KEY_ID` and so on), or from the machine's role.
    pub fn open(place: &Place, data: &Path) -> Result<Self> {
        let arrivals = data.join("arrivals");
        made(&arrivals)?;
        let (store, folder): (Arc<dyn ObjectStore>, _) = match place {
            Place::Folder(folder) => {
                made(folder)?;
                let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
                (Arc::new(store), Some(folder.as_path().into()))
            }
            Place::Bucket { name, prefix } => {
                // The client's TLS is the house's; where one is installed already, that is it.
                let _ = rustls::crypto::ring::default_provider().install_default();
                let store = AmazonS3Builder::from_env().with_bucket_name(name).build()?;
                (Arc::new(PrefixStore::new(store, prefix.as_str())), None)
            }
        };
        Ok(Self {
            store,
            folder,
            arrivals: arrivals.into(),
            turns: Arc::new(Semaphore::new(IN_MEMORY)),
        })
    }

    /// An upload to come.
    pub async fn receive(&self) -> Result<Upload> {
        Upload::begin(self.arrivals.to_path_buf()).await
    }

    /// Waits until a file may be held in memory, to be checked and kept.
    pub async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.turns.acquire().await.ok()
    }

    /// Keeps a file and returns its digest. Keeping the same content again changes nothing.
    pub async fn keep(
        &self,
        database: &Database,
        content: Vec<u8>,
        at: DateTime<Utc>,
    ) -> Result<Digest> {
        let digest = Digest::of(&content);
        let mut tx = database.begin().await?;
        rows::touch(&mut tx, digest, at).await?;
        tx.commit().await?;
        self.put(content).await
    }

    /// Keeps a file whose row is there already, as in a database that was restored, and returns its digest.
    pub async fn put(&self, content: Vec<u8>) -> Result<Digest> {
        let digest = Digest::of(&content);
        self.store
            .put(&location(digest), PutPayload::from(content))
            .await?;
        Ok(digest)
    }

    /// The file of this digest; its content is checked against it.
    pub async fn get(&self, digest: Digest) -> Result<Vec<u8>> {
        let content = self.store.get(&location(digest)).await?.bytes().await?;
        if Digest::of(&content) != digest {
            return Err(Error::Damaged(format!("file {digest}")));
        }
        Ok(content.into())
    }

    /// Takes a file away at once, unless a memorandum still names it.
    ///
    /// The row's lock is held meanwhile, and whoever is about to name the file looks for the row first: with
    /// [`Files::hold`].
    pub async fn erase(&self, database: &Database, digest: Digest) -> Result<()> {
        let mut tx = database.begin().await?;
        if rows::drop_unnamed(&mut tx, digest).await? {
            self.remove(digest).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Keeps a file that is there from being taken away until the transaction ends; says whether it is still there.
    pub async fn hold(tx: &mut Transaction, digest: Digest) -> Result<bool> {
        rows::lock(tx, digest).await
    }

    /// How long a file is, in bytes.
    pub async fn size(&self, digest: Digest) -> Result<u64> {
        Ok(self.store.head(&location(digest)).await?.size)
    }

    /// The digests of all files. What has another name or place is none of the registry's.
    pub async fn list(&self) -> Result<Vec<Digest>> {
        let found: Vec<_> = self.store.list(None).try_collect().await?;
        Ok(found.iter().filter_map(digest_of).collect())
    }

    /// Takes away what no row names, and returns how many files that were.
    pub async fn sweep(&self, database: &Database, at: DateTime<Utc>) -> Result<usize> {
        let before = at - GRACE;
        let mut swept = 0;
        let unnamed = rows::unnamed(&mut database.read().await?, before).await?;
        for digest in unnamed {
            let mut tx = database.begin().await?;
            if rows::release(&mut tx, digest, before).await? {
                self.remove(digest).await?;
                tx.commit().await?;
                swept += 1;
            }
        }
        swept += self.sweep_strangers(database, at).await?;
        if let Some(folder) = &self.folder {
            swept += remnants::sweep(folder, database, before).await?;
        }
        Ok(swept)
    }

    /// Takes away files that have no row at all, as a restored backup may leave them. A row comes before its file, so
    /// what lies here when it is listed and has no row afterwards was never to be kept.
    async fn sweep_strangers(&self, database: &Database, at: DateTime<Utc>) -> Result<usize> {
        let mut swept = 0;
        for prefix in self.store.list_with_delimiter(None).await?.common_prefixes {
            let files = self.under(&prefix).await?;
            let known = rows::like(&mut database.read().await?, &files).await?;
            for digest in files.into_iter().filter(|digest| !known.contains(digest)) {
                let mut tx = database.begin().await?;
                // Whoever keeps the same file now waits for this row.
                if rows::reserve(&mut tx, digest, at).await? {
                    self.remove(digest).await?;
                    rows::forget(&mut tx, digest).await?;
                    tx.commit().await?;
                    swept += 1;
                }
            }
        }
        Ok(swept)
    }

    /// The files under a prefix. Whatever else lies there is not ours.
    async fn under(&self, prefix: &Location) -> Result<Vec<Digest>> {
        let listed = self.store.list_with_delimiter(Some(prefix)).await?;
        Ok(listed.objects.iter().filter_map(digest_of).collect())
    }

    async fn remove(&self, digest: Digest) -> Result<()> {
        match self.store.delete(&location(digest)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

pub(super) fn made(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|source| Error::Lock {
        path: folder.display().to_string(),
        source,
    })
}

/// The digest of a file that lies at its place.
fn digest_of(file: &ObjectMeta) -> Option<Digest> {
    let digest = file.location.filename()?.parse().ok()?;
    (location(digest) == file.location).then_some(digest)
}

fn location(digest: Digest) -> Location {
    let name = digest.to_string();
    Location::from_iter([name.get(..2).unwrap_or_default(), name.as_str()])
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.display()),
            Self::Bucket { name, prefix } => write!(f, "s3://{name}/{prefix}"),
        }
    }
}

/// The place of a file in the folder of files.
fn place(folder: &Path, digest: Digest) -> PathBuf {
    let name = digest.to_string();
    folder.join(name.get(..2).unwrap_or_default()).join(&name)
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn a_place_is_a_folder_or_a_bucket() {
        let bucket = |name: &str, prefix: &str| {
            Ok(Place::Bucket {
                name: name.to_owned(),
                prefix: prefix.to_owned(),
            })
        };
        assert_eq!(Place::parse("files"), Ok(Place::Folder("files".into())));
        assert_eq!(
            Place::parse("s3://charter-files"),
            bucket("charter-files", "")
        );
        assert_eq!(
            Place::parse("s3://charter.files/a/b/"),
            bucket("charter.files", "a/b")
        );
        for wrong in [
            "s3://",
            "s3://a",
            "s3://Files",
            "s3://files_/x",
            "s3://files/a//b",
            "https://files",
        ] {
            assert!(Place::parse(wrong).is_err(), "{wrong}");
        }
    }
}
