//! What is fetched from the registry that is followed, over HTTP, within limits of time, size and number.

use std::{
    error::Error,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use charter_proof::{
    canonical::Digest,
    note::LONGEST_NOTE,
    status_list::StatusPurpose,
    tile::{Row, Tile, bundle::LONGEST_ENTRY},
};
use reqwest::{Client, Response, StatusCode, header, redirect};
use tokio::{io::AsyncReadExt as _, sync::Semaphore, time::sleep};

/// How many requests are under way at once.
const AT_ONCE: usize = 16;

/// How often a request is sent before it is given up for this round.
const TRIES: u32 = 5;

/// How long is waited after the first failure; twice as long after each further one.
const PAUSE: Duration = Duration::from_millis(200);

/// The longest that a registry may have us wait before the next try.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// How long connecting may take, and a whole answer.
const CONNECTING: Duration = Duration::from_secs(10);
const ANSWERING: Duration = Duration::from_mins(1);

/// The longest answers, in bytes: more than a registry ever sends.
const LONGEST_RECORDS: usize = 64 << 20;
const LONGEST_DOCUMENT: usize = 8 << 20;

/// Why something cannot be had from the registry.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The client cannot be made.
    #[error("the HTTP client cannot be made")]
    Client(#[source] reqwest::Error),
    /// There is no answer, or it breaks off.
    #[error("{path}: {}", innermost(.source))]
    Unanswered {
        /// What was asked for.
        path: String,
        /// Why there is none.
        source: reqwest::Error,
    },
    /// Another answer than was asked for.
    #[error("{path}: the registry answers {status}")]
    Status {
        /// What was asked for.
        path: String,
        /// The HTTP status.
        status: StatusCode,
    },
    /// The answer is longer than one can be.
    #[error("{path}: the answer is longer than {limit} bytes")]
    TooLong {
        /// What was asked for.
        path: String,
        /// How long it may be.
        limit: usize,
    },
    /// The answer is not what was asked for.
    #[error("{path}: {what}")]
    Form {
        /// What was asked for.
        path: String,
        /// What is wrong with it.
        what: String,
    },
}

/// What lies at the bottom of an error: what an operator can do something about.
fn innermost(error: &dyn Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// What was found at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// Nothing is there.
    Nothing,
    /// What is known already.
    Unchanged,
    /// This.
    New {
        /// The content.
        bytes: Vec<u8>,
        /// Its entity tag, by which it can be asked for again (RFC 9110 §8.8.3).
        tag: Option<String>,
    },
}

/// Where everything is fetched from.
pub struct Source {
    place: Place,
    url: String,
    turns: Semaphore,
}

/// How it is reached.
enum Place {
    /// Over HTTP.
    Web(Client),
    /// As files under the same names.
    Folder(PathBuf),
}

impl Source {
    /// The registry at this URL, which has no path.
    pub fn at(url: &str) -> Result<Self, SourceError> {
        // Whoever installed one before is of the same mind.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(concat!(
                "charter-registry/",
                env!("CARGO_PKG_VERSION"),
                " (mirror)"
            ))
            .connect_timeout(CONNECTING)
            .timeout(ANSWERING)
            .redirect(redirect::Policy::none())
            .build()
            .map_err(SourceError::Client)?;
        Ok(Self {
            place: Place::Web(client),
            url: url.trim_end_matches('/').to_owned(),
            turns: Semaphore::new(AT_ONCE),
        })
    }

    /// A folder in which everything lies under the names that its addresses have.
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            place: Place::Folder(folder.to_owned()),
            url: folder.display().to_string(),
            turns: Semaphore::new(AT_ONCE),
        }
    }

    /// Where it is fetched from.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The policy that the registry gives out.
    pub async fn policy(&self) -> Result<String, SourceError> {
        self.text("/v1/policy", LONGEST_DOCUMENT).await
    }

    /// Its newest checkpoint, a signed note.
    pub async fn checkpoint(&self) -> Result<String, SourceError> {
        self.text("/log/checkpoint", LONGEST_NOTE).await
    }

    /// A tile of hashes, or a bundle of entries.
    pub async fn tile(&self, tile: &Tile) -> Result<Vec<u8>, SourceError> {
        let width = usize::from(tile.width());
        let limit = match tile.row() {
            Row::Hashes(_) => width * 32,
            Row::Entries => width * (LONGEST_ENTRY + 2),
        };
        self.bytes(&format!("/log/{tile}"), limit).await
    }

    /// The records of a bundle's entries, lines of JSON.
    pub async fn records(&self, bundle: &Tile) -> Result<Vec<u8>, SourceError> {
        self.bytes(&records_path(bundle), LONGEST_RECORDS).await
    }

    /// The canonical document of a charter's version.
    pub async fn charter(&self, digest: Digest) -> Result<Vec<u8>, SourceError> {
        let path = format!("/log/charters/{digest}");
        let document = self.bytes(&path, LONGEST_DOCUMENT).await?;
        if Digest::of(&document) == digest {
            return Ok(document);
        }
        let what = "the document has another digest".to_owned();
        Err(SourceError::Form { path, what })
    }

    /// A status list, if it is another than the one that is known under this entity tag.
    pub async fn status_list(
        &self,
        purpose: StatusPurpose,
        number: u32,
        known: Option<&str>,
    ) -> Result<Fetched, SourceError> {
        let path = format!("/status/{}/{number}", purpose.as_str());
        self.fetch(&path, LONGEST_DOCUMENT, known).await
    }

    /// What else lies at a path; none where nothing does.
    pub async fn document(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, SourceError> {
        self.get(&format!("/{path}"), limit).await
    }

    async fn text(&self, path: &str, limit: usize) -> Result<String, SourceError> {
        let bytes = self.bytes(path, limit).await?;
        String::from_utf8(bytes).map_err(|_| SourceError::Form {
            path: path.to_owned(),
            what: "the answer is no text".to_owned(),
        })
    }

    async fn bytes(&self, path: &str, limit: usize) -> Result<Vec<u8>, SourceError> {
        let found = self.get(path, limit).await?;
        found.ok_or_else(|| SourceError::Status {
            path: path.to_owned(),
            status: StatusCode::NOT_FOUND,
        })
    }

    /// What stands at a path; none where nothing does.
    async fn get(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, SourceError> {
        match self.fetch(path, limit, None).await? {
            Fetched::New { bytes, .. } => Ok(Some(bytes)),
            Fetched::Nothing | Fetched::Unchanged => Ok(None),
        }
    }

    /// What stands at a path, if it is another than what is known under an entity tag. What may pass is tried again.
    async fn fetch(
        &self,
        path: &str,
        limit: usize,
        known: Option<&str>,
    ) -> Result<Fetched, SourceError> {
        let mut pause = PAUSE;
        for _ in 1..TRIES {
            match self.once(path, limit, known).await {
                Err(Trouble::Passing(_, wanted)) => {
                    sleep(wanted.unwrap_or(pause).min(LONGEST_PAUSE)).await;
                    pause *= 2;
                }
                Err(Trouble::Lasting(error)) => return Err(error),
                Ok(found) => return Ok(found),
            }
        }
        self.once(path, limit, known)
            .await
            .map_err(|trouble| match trouble {
                Trouble::Passing(error, _) | Trouble::Lasting(error) => error,
            })
    }

    async fn once(
        &self,
        path: &str,
        limit: usize,
        known: Option<&str>,
    ) -> Result<Fetched, Trouble> {
        // The semaphore is never closed.
        let _turn = self.turns.acquire().await;
        let client = match &self.place {
            Place::Web(client) => client,
            Place::Folder(folder) => {
                let found = in_folder(folder, path, limit).await;
                let found = found.map_err(Trouble::Lasting)?;
                return Ok(
                    found.map_or(Fetched::Nothing, |bytes| Fetched::New { bytes, tag: None })
                );
            }
        };
        let unanswered = |source| {
            let path = path.to_owned();
            Trouble::Passing(SourceError::Unanswered { path, source }, None)
        };
        let mut asked = client.get(format!("{}{path}", self.url));
        if let Some(known) = known {
            asked = asked.header(header::IF_NONE_MATCH, known);
        }
        let mut response = asked.send().await.map_err(unanswered)?;
        let status = response.status();
        if status == StatusCode::NOT_FOUND {
            return Ok(Fetched::Nothing);
        }
        if status == StatusCode::NOT_MODIFIED && known.is_some() {
            return Ok(Fetched::Unchanged);
        }
        if status != StatusCode::OK {
            return Err(Trouble::of(path, &response));
        }
        let tag = response.headers().get(header::ETAG);
        let tag = tag.and_then(|tag| tag.to_str().ok().map(str::to_owned));
        let length = response.content_length().unwrap_or(0);
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0).min(limit));
        while let Some(chunk) = response.chunk().await.map_err(unanswered)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > limit {
                let path = path.to_owned();
                return Err(Trouble::Lasting(SourceError::TooLong { path, limit }));
            }
        }
        Ok(Fetched::New { bytes, tag })
    }
}

/// The file of a path; none where there is none.
async fn in_folder(
    folder: &Path,
    path: &str,
    limit: usize,
) -> Result<Option<Vec<u8>>, SourceError> {
    let file = match tokio::fs::File::open(folder.join(path.trim_start_matches('/'))).await {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(path, &error)),
    };
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let read = file.take(most).read_to_end(&mut bytes).await;
    read.map_err(|error| unreadable(path, &error))?;
    if bytes.len() > limit {
        let path = path.to_owned();
        return Err(SourceError::TooLong { path, limit });
    }
    Ok(Some(bytes))
}

fn unreadable(path: &str, error: &io::Error) -> SourceError {
    SourceError::Form {
        path: path.to_owned(),
        what: format!("the file cannot be read: {error}"),
    }
}

/// The address of a bundle's records.
pub fn records_path(bundle: &Tile) -> String {
    let path = bundle.path();
    let place = path.strip_prefix("tile/entries/").unwrap_or(&path);
    format!("/log/records/{place}")
}

/// Why there is no answer, and whether there may be one soon.
enum Trouble {
    Passing(SourceError, Option<Duration>),
    Lasting(SourceError),
}

impl Trouble {
    fn of(path: &str, response: &Response) -> Self {
        let (path, status) = (path.to_owned(), response.status());
        let wanted = response.headers().get(header::RETRY_AFTER);
        let wanted = wanted.and_then(|value| value.to_str().ok()?.parse().ok());
        let error = SourceError::Status { path, status };
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            Self::Passing(error, wanted.map(Duration::from_secs))
        } else {
            Self::Lasting(error)
        }
    }
}
