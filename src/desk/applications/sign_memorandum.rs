//! The applicant returns the memorandum signed: as a scan, or by an ed25519 key over its exact bytes.

use charter_proof::{canonical::Digest, keys::PublicKey};
use chrono::NaiveDate;

use super::{StepError, step};
use crate::{
    desk::{Desk, Failure, Request, failures_of, unit::begin},
    notify::outbox::Draft,
    rules::{
        application::Event,
        audit::Action,
        id::ApplicationId,
        letter::Template,
        memorandum::{ScanType, SigningForm},
        text::Invalid,
    },
    storage::{
        applications::Application,
        charters::Published,
        memoranda::{Means, Memorandum, Signature},
    },
};

/// A signed memorandum.
#[derive(Debug, Clone)]
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
#[derive(Debug, Clone)]
pub enum Evidence {
    /// A scan of the memorandum signed by hand, and the type it is said to have.
    Scan {
        /// The file.
        content: Vec<u8>,
        /// The type it is said to have.
        claimed: Option<ScanType>,
    },
    /// An ed25519 signature over the memorandum's exact bytes.
    Key {
        /// The key.
        key: Box<PublicKey>,
        /// The signature.
        signature: [u8; 64],
    },
}

impl Evidence {
    const fn form(&self) -> SigningForm {
        match self {
            Self::Scan { .. } => SigningForm::HandwrittenScan,
            Self::Key { .. } => SigningForm::Ed25519,
        }
    }
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
    /// The content is no scan.
    #[error("{}", .0.detail)]
    NoScan(Invalid),
    /// The content is of another type than it is said to be.
    #[error("the content is {found}, not {claimed}: send it with its true Content-Type")]
    OtherType {
        /// What the content is.
        found: ScanType,
        /// What it is said to be.
        claimed: ScanType,
    },
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
    let form = command.evidence.form();
    let (means, scan) = means(desk, command.evidence).await?;
    let mut unit =
        begin!(desk.begin::<Application>(&request, Action::MemorandumSigned, command.application));
    let mut application = step(
        &mut unit,
        request.actor,
        command.application,
        command.expected_revision,
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
    if let Means::Key { key, signature } = &means
        && !key.verify_strict(&memorandum.body, signature)
    {
        return Err(SignMemorandumError::SignatureInvalid);
    }
    let at = unit.at();
    let signed_on = command.signed_on.unwrap_or_else(|| at.date_naive());
    // The signatory's calendar may be a day ahead of UTC.
    if at
        .date_naive()
        .succ_opt()
        .is_some_and(|tomorrow| signed_on > tomorrow)
    {
        return Err(SignMemorandumError::SignedInFuture(signed_on));
    }
    let signed_bytes = scan.as_ref().unwrap_or(&memorandum.body);
    let evidence = Digest::of_parts(&[&memorandum.salt, signed_bytes]);
    memorandum.signature = Some(Signature {
        signed_on,
        signed_at: at,
        evidence,
        means,
    });
    memorandum.put(&mut unit).await?;
    application.update(&mut unit, at).await?;
    let letter = Draft::to_applicant(Template::MemorandumSigned, &application);
    unit.letter(letter).await?;
    unit.letter(Draft::application_waits(&application)).await?;
    Ok(unit.finish(application).await?)
}

/// Keeps what was handed in; returns the scan's bytes, too, for their digest.
///
/// The file comes first and the row second: a crash between them leaves a file that nothing names.
async fn means(
    desk: &Desk,
    evidence: Evidence,
) -> Result<(Means, Option<Vec<u8>>), SignMemorandumError> {
    match evidence {
        Evidence::Scan { content, claimed } => {
            let found = ScanType::of_content(&content).map_err(SignMemorandumError::NoScan)?;
            if let Some(claimed) = claimed.filter(|claimed| *claimed != found) {
                return Err(SignMemorandumError::OtherType { found, claimed });
            }
            let file = desk.files.put(content.clone()).await?;
            Ok((
                Means::Scan {
                    file,
                    scan_type: found,
                },
                Some(content),
            ))
        }
        Evidence::Key { key, signature } => Ok((Means::Key { key, signature }, None)),
    }
}
