//! One witness, asked at its address.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use charter_proof::{
    canonical::Digest,
    note::{Note, NoteKey, Signature},
    policy::Policy,
};
use chrono::{DateTime, Utc};
use reqwest::{Client, Response, StatusCode, redirect};

use super::{super::request::Request, Answering, Asking, AskingError, rest::Rest};
use crate::{
    clock::Clock,
    log::{
        mark::{Marked, marked},
        memory::{Log, LogError, Published},
    },
};

/// How long a witness may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest answer that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// How often a witness may say that it knows another size, about one checkpoint.
const TRIES: u32 = 3;

/// The address of a witness, and how it went there.
pub(super) struct Door {
    url: String,
    names: String,
    /// Whose it is: places among the witnesses of the policy.
    places: Vec<usize>,
    keys: Vec<NoteKey>,
    client: Client,
    /// The size that it cosigned last, as far as is known.
    known: AtomicU64,
    course: Mutex<Course>,
}

/// How it goes with a witness.
struct Course {
    /// What came of asking it last, if it did not cosign.
    trouble: Option<String>,
    failing_since: Option<DateTime<Utc>>,
    rest: Rest,
    /// Since when it has been asked and has not answered.
    unanswered_since: Option<Duration>,
}

/// Why a witness did not cosign.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// It cannot be reached, or breaks off.
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
    /// It answers with a status of failure.
    #[error("it answers {0}")]
    Status(StatusCode),
    /// Its answer is not one.
    #[error("its answer has no cosignature of a key that the policy names")]
    Answer,
    /// It knows more of the log than it was asked about.
    #[error("it cosigned {size} entries, which is more than there are here")]
    Ahead {
        /// How many it cosigned.
        size: u64,
        /// Its address.
        url: String,
    },
    /// It says that the log contradicts what it cosigned.
    #[error("it says that the log does not continue the {old} entries that it cosigned")]
    Inconsistent {
        /// How many it cosigned.
        old: u64,
        /// Its address.
        url: String,
    },
    /// There is no proof for it.
    #[error("no proof could be made for it")]
    Proof(#[from] LogError),
}

impl From<reqwest::Error> for Trouble {
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        Self::Unreachable(cause.unwrap_or_else(|| error.to_string()))
    }
}

impl Door {
    /// Those of a policy's witnesses that have an address, one for each address.
    pub(super) fn all(policy: &Policy) -> Result<Vec<Self>, AskingError> {
        // Another part of the program may have chosen it already; it is the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .timeout(PATIENCE)
            .redirect(redirect::Policy::none())
            .user_agent(concat!("charter-registry/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(AskingError::Client)?;
        let mut doors: Vec<Self> = Vec::new();
        for (place, key) in Asking::keys(policy) {
            let Some(witness) = policy.witnesses.get(place) else {
                continue;
            };
            let Some(url) = &witness.url else { continue };
            let url = url.trim_end_matches('/').to_owned();
            if !url.starts_with("http://") && !url.starts_with("https://") {
                return Err(AskingError::Address(url));
            }
            match doors.iter_mut().find(|door| door.url == url) {
                Some(door) => {
                    door.names = format!("{}, {}", door.names, witness.name);
                    door.places.push(place);
                    door.keys.push(key.clone());
                }
                None => doors.push(Self {
                    url,
                    names: witness.name.clone(),
                    places: vec![place],
                    keys: vec![key.clone()],
                    client: client.clone(),
                    known: AtomicU64::default(),
                    course: Mutex::new(Course {
                        trouble: Some("it was not asked yet".to_owned()),
                        failing_since: None,
                        rest: Rest::default(),
                        unanswered_since: None,
                    }),
                }),
            }
        }
        Ok(doors)
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Whether the witness at this place of the policy is asked here.
    pub(super) fn is_of(&self, place: usize) -> bool {
        self.places.contains(&place)
    }

    fn course(&self) -> MutexGuard<'_, Course> {
        self.course.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who is asked here, and what came of it last; none if it cosigned.
    pub(super) fn trouble(&self) -> Option<(String, String)> {
        let trouble = self.course().trouble.clone();
        trouble.map(|trouble| (self.names.clone(), trouble))
    }

    /// How it answers.
    pub(super) fn answering(&self) -> Answering<'_> {
        let course = self.course();
        Answering {
            witness: &self.names,
            cosigned: course.trouble.is_none(),
            failing_since: course.failing_since,
        }
    }

    /// Whether it failed so lately that it is asked only where it is needed.
    pub(super) fn rests(&self, now: Duration) -> bool {
        self.course().rest.lasts(now)
    }

    /// Whether each key of this witness is among the names of these lines.
    pub(super) fn has_all(&self, lines: &[Signature]) -> bool {
        let has = |key: &NoteKey| lines.iter().any(|line| line.name == key.name());
        self.keys.iter().all(has)
    }

    /// Asks for cosignatures of a checkpoint: the lines of the keys that the policy names.
    pub(super) async fn ask(
        &self,
        log: &Log,
        published: &Published,
        clock: &Clock,
    ) -> Result<Vec<Signature>, Trouble> {
        self.begin(clock);
        let asked = self.asked(log, published).await;
        self.note(asked.as_ref().err().map(ToString::to_string), clock);
        asked
    }

    /// Notes that it is asked.
    pub(super) fn begin(&self, clock: &Clock) {
        let mut course = self.course();
        course
            .unanswered_since
            .get_or_insert_with(|| clock.elapsed());
    }

    /// Notes that its answer is waited for no longer: where that goes on for as long as it may take, it failed.
    pub(super) fn leave_out(&self, clock: &Clock) {
        let since = self.course().unanswered_since;
        if since.is_some_and(|since| clock.elapsed().saturating_sub(since) >= PATIENCE) {
            self.note(Some("it does not answer in time".to_owned()), clock);
        }
    }

    /// Notes what came of asking, and tells when that is another thing than before: a witness that is gone is told of once.
    pub(super) fn note(&self, trouble: Option<String>, clock: &Clock) {
        let names = self.names.clone();
        let outcome = if trouble.is_none() {
            "cosigned"
        } else {
            "failed"
        };
        metrics::counter!("witness_answers_total", "witness" => names, "outcome" => outcome)
            .increment(1);
        let mut course = self.course();
        course.unanswered_since = None;
        if let Some(trouble) = &trouble {
            let [dice] = clock.random();
            if course.rest.begin(clock.elapsed(), dice) {
                course.failing_since = Some(clock.now());
                tracing::warn!(
                    witness = self.names,
                    trouble,
                    "a witness does not cosign: it is asked less and less often, and whenever the others are not enough"
                );
            } else {
                tracing::debug!(
                    witness = self.names,
                    trouble,
                    "a witness still does not cosign"
                );
            }
        } else if course.rest.end() {
            course.failing_since = None;
            tracing::info!(witness = self.names, "a witness cosigns again");
        }
        course.trouble = trouble;
    }

    async fn asked(&self, log: &Log, published: &Published) -> Result<Vec<Signature>, Trouble> {
        let size = published.checkpoint.size;
        for _ in 0..TRIES {
            let old = self.known.load(Ordering::Relaxed);
            if old > size {
                // What it knows may be less by now: it began anew.
                self.known.store(0, Ordering::Relaxed);
            }
            let old = if old > size { 0 } else { old };
            let proof = log.consistency(old, size).await?;
            let body = Request::write(old, &proof, &published.note);
            let url = format!("{}/add-checkpoint", self.url);
            let answer = self.client.post(url).body(body).send().await?;
            let status = answer.status();
            match status {
                StatusCode::OK => {
                    let lines = self.lines(published, &read(answer).await?);
                    self.known.store(size, Ordering::Relaxed);
                    return lines.ok_or(Trouble::Answer);
                }
                StatusCode::CONFLICT => {
                    let known = read(answer).await?;
                    let known = known
                        .strip_suffix('\n')
                        .and_then(super::super::request::size);
                    let known = known.ok_or(Trouble::Answer)?;
                    if known > size {
                        let url = self.url.clone();
                        return Err(Trouble::Ahead { size: known, url });
                    }
                    self.known.store(known, Ordering::Relaxed);
                }
                StatusCode::UNPROCESSABLE_ENTITY => {
                    let url = self.url.clone();
                    return Err(Trouble::Inconsistent { old, url });
                }
                other => return Err(Trouble::Status(other)),
            }
        }
        Err(Trouble::Status(StatusCode::CONFLICT))
    }

    /// The lines of an answer that are cosignatures of the checkpoint by keys of the policy.
    fn lines(&self, published: &Published, answer: &str) -> Option<Vec<Signature>> {
        let note: Note = published.note.parse().ok()?;
        let lines = answer
            .lines()
            .filter_map(|line| line.parse::<Signature>().ok());
        let is_by = |line: &Signature, key: &NoteKey| key.signed(note.text(), line).is_some();
        let lines = lines.filter(|line| self.keys.iter().any(|key| is_by(line, key)));
        let lines: Vec<_> = lines.collect();
        (!lines.is_empty()).then_some(lines)
    }

    /// The checkpoint that the witness keeps of our log, if a log key of the policy signed it.
    pub(super) async fn kept(&self, policy: &Policy) -> Option<Marked> {
        let origin = Digest::of(policy.origin.as_bytes());
        let url = format!("{}/{origin}/checkpoint", self.url);
        let answer = self.client.get(url).send().await.ok()?;
        if answer.status() != StatusCode::OK {
            return None;
        }
        let kept = marked(&read(answer).await.ok()?)?;
        let note: Note = kept.note.parse().ok()?;
        let mut keys = policy.log_keys.iter();
        let is_ours =
            kept.checkpoint.origin == policy.origin && keys.any(|key| key.verify(&note).is_ok());
        is_ours.then_some(kept)
    }
}

/// An answer's text, if it is not too long.
async fn read(mut answer: Response) -> Result<String, Trouble> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LONGEST {
            return Err(Trouble::Answer);
        }
    }
    String::from_utf8(bytes).map_err(|_| Trouble::Answer)
}
