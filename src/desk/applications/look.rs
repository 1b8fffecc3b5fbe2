//! Looks at the persons of an application: each one leaves its row in the audit, or nothing is shown.

use super::find;
use crate::{
    desk::{Desk, Failure, Request, Unit, failures_of},
    rules::{audit::Action, id::ApplicationId, scan::ScanType},
    storage::{
        applications::Contact,
        memoranda::{Means, Memorandum},
    },
};

/// Why there is nothing to see.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// There is no such application, or it is none of the caller's.
    #[error("there is no such application, or it is none of the token's")]
    Unknown,
    /// The contact person was erased.
    #[error("the contact person was erased")]
    Erased,
    /// The memorandum is not made out, or was erased.
    #[error("the memorandum is not made out yet, or was erased")]
    NotIssued,
    /// No scan was handed in, or it was erased.
    #[error("no scan of the memorandum was handed in, or it was erased")]
    NoScan,
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(LookError);

/// The contact person of an application.
pub async fn at_contact(
    desk: &Desk,
    request: Request,
    id: ApplicationId,
) -> Result<Contact, LookError> {
    let mut unit = begin(desk, &request, Action::ContactViewed, id).await?;
    let contact = Contact::find(&mut unit, id)
        .await?
        .ok_or(LookError::Erased)?;
    unit.finish(()).await?;
    Ok(contact)
}

/// The memorandum of an application, which names who signs it.
pub async fn at_memorandum(
    desk: &Desk,
    request: Request,
    id: ApplicationId,
) -> Result<Memorandum, LookError> {
    let mut unit = begin(desk, &request, Action::MemorandumViewed, id).await?;
    let memorandum = Memorandum::find(&mut unit, id)
        .await?
        .ok_or(LookError::NotIssued)?;
    unit.finish(()).await?;
    Ok(memorandum)
}

/// The scan of the signed memorandum, and its type.
pub async fn at_scan(
    desk: &Desk,
    request: Request,
    id: ApplicationId,
) -> Result<(ScanType, Vec<u8>), LookError> {
    let mut unit = begin(desk, &request, Action::ScanViewed, id).await?;
    let signature = Memorandum::find(&mut unit, id)
        .await?
        .and_then(|memorandum| memorandum.signature);
    let Some(Means::Scan { file, scan_type }) = signature.map(|signature| signature.means) else {
        return Err(LookError::NoScan);
    };
    unit.finish(()).await?;
    Ok((scan_type, desk.files.get(file).await?))
}

/// The electronic signature of the memorandum, in its file.
pub async fn at_enclosed(
    desk: &Desk,
    request: Request,
    id: ApplicationId,
) -> Result<Vec<u8>, LookError> {
    let mut unit = begin(desk, &request, Action::ScanViewed, id).await?;
    let signature = Memorandum::find(&mut unit, id)
        .await?
        .and_then(|memorandum| memorandum.signature);
    let Some(Means::Enclosed { file }) = signature.map(|signature| signature.means) else {
        return Err(LookError::NoScan);
    };
    unit.finish(()).await?;
    Ok(desk.files.get(file).await?)
}

/// Opens the look at an application that concerns the caller.
async fn begin(
    desk: &Desk,
    request: &Request,
    action: Action,
    id: ApplicationId,
) -> Result<Unit, LookError> {
    let mut unit = desk.look(request, action, id).await?;
    find(&mut unit, request.actor, id)
        .await?
        .ok_or(LookError::Unknown)?;
    Ok(unit)
}
