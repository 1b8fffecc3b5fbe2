//! A place for published files: a local folder or an S3 bucket, from which any web server can serve them.

use std::sync::Arc;

use object_store::{
    Attribute, Attributes, ObjectStore, ObjectStoreExt, PutOptions, PutPayload,
    aws::AmazonS3Builder, local::LocalFileSystem, path::Path as Location, prefix::PrefixStore,
};

use super::{
    Result,
    files::{Place, made},
};

/// Where published files lie.
#[derive(Debug, Clone)]
pub struct Shelf {
    store: Arc<dyn ObjectStore>,
    /// Whether it keeps what a file is said to be; a folder has names alone.
    has_types: bool,
}

impl Shelf {
    /// The shelf at this place, which is made where it is a folder. A file is there whole or not at all.
    pub fn open(place: &Place) -> Result<Self> {
        match place {
            Place::Folder(folder) => {
                made(folder)?;
                let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
                Ok(Self {
                    store: Arc::new(store),
                    has_types: false,
                })
            }
            Place::Bucket { name, prefix } => {
                // The client's TLS is the house's; where one is installed already, that is it.
                let _ = rustls::crypto::ring::default_provider().install_default();
                let store = AmazonS3Builder::from_env().with_bucket_name(name).build()?;
                Ok(Self {
                    store: Arc::new(PrefixStore::new(store, prefix.as_str())),
                    has_types: true,
                })
            }
        }
    }

    /// Whether there is a file of this name.
    pub async fn has(&self, name: &str) -> Result<bool> {
        match self.store.head(&named(name)?).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The file of this name; none where there is none.
    pub async fn get(&self, name: &str) -> Result<Option<Vec<u8>>> {
        match self.store.get(&named(name)?).await {
            Ok(found) => Ok(Some(found.bytes().await?.to_vec())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Puts a file in the place of the one before.
    pub async fn put(&self, name: &str, media_type: &'static str, bytes: Vec<u8>) -> Result<()> {
        let mut attributes = Attributes::new();
        if self.has_types {
            attributes.insert(Attribute::ContentType, media_type.into());
        }
        let options = PutOptions::from(attributes);
        let payload = PutPayload::from(bytes);
        self.store.put_opts(&named(name)?, payload, options).await?;
        Ok(())
    }
}

fn named(name: &str) -> Result<Location> {
    let parsed = Location::parse(name).map_err(object_store::Error::from);
    Ok(parsed?)
}
