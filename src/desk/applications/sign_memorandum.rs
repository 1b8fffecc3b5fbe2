//! The applicant returns the memorandum signed: as a scan, by an ed25519 key over its exact bytes, or by an electronic
//! signature in a file of its own; or a clerk attests that it came on paper.

use charter_proof::{canonical::Digest, keys::PublicKey};
use chrono::{DateTime, NaiveDate, Utc};
use tokio::task::spawn_blocking;

use super::{StepError, find, step};
use crate::{
    desk::{Actor, Desk, Failure, Request, failures_of, unit::begin},
    notify::outbox::Draft,
    rules::{
        application::Event,
        audit::Action,
        enclosed::{self, EnclosedRefusal},
        id::ApplicationId,
        letter::Template,
        memorandum::{Delivery, SigningForm},
        scan::{self, ScanRefusal, ScanType},
    },
    storage::{
        applications::Application,
        charters::Published,
        files::{Files, Upload},
        memoranda::{Means, Memorandum, Signature},
    },
};

/// A signed memorandum.
pub struct SignMemorandum {
    /// The application.
    pub application: ApplicationId,
    /// Its revision, when the caller insists on one.
    pub expected_revision: Option<i64>,
    /// The date of signing; today when absent.
    pub signed_on: Option<NaiveDate>,
    /// What is handed in.
    pub evidence: Evidence,
}

/// What is handed in as a signature.
pub enum Evidence {
    /// A scan of the memorandum signed by hand, and the type it is said to have.
    Scan {
        /// The file.
        upload: Upload,
        /// The type it is said to have.
        claimed: ScanType,
    },
    /// An ed25519 signature over the memorandum's exact bytes.
    Key {
        /// The key.
        key: Box<PublicKey>,
        /// The signature.
        signature: [u8; 64],
    },
    /// An electronic signature in a file of its own.
    Enclosed {
        /// The file.
        upload: Upload,
    },
    /// A signature on paper, attested by the operator who asks.
    Paper {
        /// The day on which it arrived; today when absent.
        received_on: Option<NaiveDate>,
        /// How it arrived.
        received_by: Delivery,
    },
}

/// Why a signature is not taken.
#[derive(Debug, thiserror::Error)]
pub enum SignMemorandumError {
    /// The application does not take the step.
    #[error(transparent)]
    Step(#[from] StepError),
    /// The charter does not take memoranda signed so.
    #[error("this charter does not take a memorandum signed as {0}")]
    FormNotAccepted(SigningForm),
    /// The date of signing lies in the future.
    #[error("the date of signing, {0}, lies in the future")]
    SignedInFuture(NaiveDate),
    /// The day of arrival lies in the future, or before the day of signing.
    #[error("the day of arrival, {0}, is not between the day of signing and today")]
    ReceivedAtNoTime(NaiveDate),
    /// The file is no scan that is taken.
    #[error(transparent)]
    Scan(#[from] ScanRefusal),
    /// The file is no electronic signature that is taken.
    #[error(transparent)]
    Enclosed(#[from] EnclosedRefusal),
    /// The signature is not the key's over the memorandum's exact bytes.
    #[error(
        "the signature is not this key's over the memorandum's exact bytes (GET it as text/plain)"
    )]
    SignatureInvalid,
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(SignMemorandumError);

/// Takes the signed memorandum, in place of an earlier signature.
pub async fn sign_memorandum(
    desk: &Desk,
    request: Request,
    command: SignMemorandum,
) -> Result<Application, SignMemorandumError> {
    // Held to the end: what it bounds is how many files are in memory.
    let _turn = match &command.evidence {
        Evidence::Scan { .. } | Evidence::Enclosed { .. } => desk.files.turn().await,
        Evidence::Key { .. } | Evidence::Paper { .. } => None,
    };
    let SignMemorandum {
        application: id,
        expected_revision,
        signed_on,
        evidence,
    } = command;
    let evidence = evidence.checked().await?;
    let form = evidence.form();
    // The file comes first and the row second: a crash between them leaves a file that nothing names. A file whose
    // application would refuse it anyway is not kept at all.
    let file = match &evidence {
        Checked::Scan(content, _) | Checked::Enclosed(content)
            if !signed_on.is_some_and(|day| is_to_come(day, desk.now()))
                && takes(desk, request.actor, id, expected_revision, form).await? =>
        {
            let kept = desk.files.keep(&desk.database, content.clone(), desk.now());
            Some(kept.await?)
        }
        _ => None,
    };
    let mut unit = begin!(desk.begin::<Application>(&request, Action::MemorandumSigned, id));
    let mut application = step(
        &mut unit,
        request.actor,
        id,
        expected_revision,
        Event::SignMemorandum,
    )
    .await?;
    let published = Published::find(&mut unit, &application.charter, application.charter_version)
        .await?
        .ok_or(StepError::Unknown)?;
    if !published.version.accepts_signing(form) {
        return Err(SignMemorandumError::FormNotAccepted(form));
    }
    let mut memorandum = Memorandum::find(&mut unit, application.id)
        .await?
        .ok_or(StepError::Unknown)?;
    let at = unit.at();
    let signed_on = signed_on.unwrap_or_else(|| at.date_naive());
    if is_to_come(signed_on, at) {
        return Err(SignMemorandumError::SignedInFuture(signed_on));
    }
    let signed_bytes = evidence.file().unwrap_or(&memorandum.body);
    let digest = Digest::of_parts(&[&memorandum.salt, signed_bytes]);
    // It may have been the file of somebody who was erased this very moment: then it has to be kept anew.
    if let Some(file) = file
        && !Files::hold(&mut unit, file).await?
    {
        return Err(Failure::Busy.into());
    }
    let means = evidence.means(&memorandum, file, request.actor, signed_on, at)?;
    memorandum.signature = Some(Signature {
        signed_on,
        signed_at: at,
        evidence: digest,
        means,
    });
    memorandum.put(&mut unit).await?;
    application.update(&mut unit, at).await?;
    let letter = Draft::to_applicant(Template::MemorandumSigned, &application);
    unit.letter(letter).await?;
    unit.letter(Draft::application_waits(&application)).await?;
    Ok(unit.finish(application).await?)
}

/// Whether the application would take a memorandum signed so, as it now stands.
async fn takes(
    desk: &Desk,
    actor: Actor,
    id: ApplicationId,
    expected_revision: Option<i64>,
    form: SigningForm,
) -> Result<bool, Failure> {
    let mut conn = desk.database.read().await?;
    let Some(application) = find(&mut conn, actor, id).await? else {
        return Ok(false);
    };
    let published =
        Published::find(&mut conn, &application.charter, application.charter_version).await?;
    Ok(
        expected_revision.is_none_or(|revision| revision == application.revision)
            && application.state.after(Event::SignMemorandum).is_ok()
            && published.is_some_and(|published| published.version.accepts_signing(form)),
    )
}

/// Whether a day lies in the future. A calendar elsewhere may be a day ahead of UTC.
fn is_to_come(day: NaiveDate, at: DateTime<Utc>) -> bool {
    let tomorrow = at.date_naive().succ_opt();
    tomorrow.is_some_and(|tomorrow| day > tomorrow)
}

/// What was handed in, checked as far as it can be without the application.
enum Checked {
    Scan(Vec<u8>, ScanType),
    Key(Box<PublicKey>, [u8; 64]),
    Enclosed(Vec<u8>),
    Paper(Option<NaiveDate>, Delivery),
}

impl Evidence {
    async fn checked(self) -> Result<Checked, SignMemorandumError> {
        match self {
            Self::Scan { upload, claimed } => {
                let content = upload.content().await?;
                // Reading through megabytes would keep others from this thread.
                let checked = spawn_blocking(move || {
                    scan::check(&content, claimed).map(|()| Checked::Scan(content, claimed))
                });
                Ok(checked.await.map_err(|_| Failure::Outcome)??)
            }
            Self::Key { key, signature } => Ok(Checked::Key(key, signature)),
            Self::Enclosed { upload } => {
                let content = upload.content().await?;
                enclosed::check(&content)?;
                Ok(Checked::Enclosed(content))
            }
            Self::Paper {
                received_on,
                received_by,
            } => Ok(Checked::Paper(received_on, received_by)),
        }
    }
}

impl Checked {
    const fn form(&self) -> SigningForm {
        match self {
            Self::Scan(..) => SigningForm::HandwrittenScan,
            Self::Key(..) => SigningForm::Ed25519,
            Self::Enclosed(_) => SigningForm::EnclosedSignature,
            Self::Paper(..) => SigningForm::Paper,
        }
    }

    /// The bytes that the record's digest is of, unless they are the memorandum's own.
    fn file(&self) -> Option<&Vec<u8>> {
        match self {
            Self::Scan(content, _) | Self::Enclosed(content) => Some(content),
            Self::Key(..) | Self::Paper(..) => None,
        }
    }

    /// What is kept of it, once it is held against the memorandum.
    fn means(
        self,
        memorandum: &Memorandum,
        file: Option<Digest>,
        actor: Actor,
        signed_on: NaiveDate,
        at: DateTime<Utc>,
    ) -> Result<Means, SignMemorandumError> {
        // The application came to take it only just now, and its file was not kept: the next try succeeds.
        let kept = || file.ok_or(Failure::Busy);
        match self {
            Self::Scan(_, scan_type) => Ok(Means::Scan {
                file: kept()?,
                scan_type,
            }),
            Self::Enclosed(_) => Ok(Means::Enclosed { file: kept()? }),
            Self::Key(key, signature) => {
                if key.verify_strict(&memorandum.body, &signature) {
                    Ok(Means::Key { key, signature })
                } else {
                    Err(SignMemorandumError::SignatureInvalid)
                }
            }
            Self::Paper(received_on, received_by) => {
                let Actor::Operator(attested_by, _) = actor else {
                    return Err(StepError::Unknown.into());
                };
                let received_on = received_on.unwrap_or_else(|| at.date_naive().max(signed_on));
                if received_on < signed_on || is_to_come(received_on, at) {
                    return Err(SignMemorandumError::ReceivedAtNoTime(received_on));
                }
                Ok(Means::Paper {
                    attested_by,
                    received_on,
                    received_by,
                })
            }
        }
    }
}
