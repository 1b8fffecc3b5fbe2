//! The secretariat notes something about an application, or erases what it noted.

use crate::{
    desk::{Actor, Desk, Failure, Request, failures_of, unit::begin},
    rules::{
        application::Visibility,
        audit::Action,
        id::{ApplicationId, CommentId, OperatorId},
        text::Prose,
    },
    storage::{applications::Application, comments::Comment, personal_data},
};

/// A comment.
#[derive(Debug, Clone)]
pub struct AddComment {
    /// The application.
    pub application: ApplicationId,
    /// What is noted.
    pub body: Prose,
    /// Who reads it.
    pub visibility: Visibility,
    /// Who notes it.
    pub by: OperatorId,
}

/// Why nothing is noted or erased.
#[derive(Debug, thiserror::Error)]
pub enum CommentError {
    /// There is no such application.
    #[error("there is no such application")]
    Unknown,
    /// There is no such comment.
    #[error("there is no such comment on this application")]
    CommentUnknown,
    /// What is noted about it was erased for good.
    #[error("the persons of this application were erased, so nothing is noted about it any more")]
    Erased,
    /// Only who wrote it and registrars erase a comment.
    #[error("a comment is erased by who wrote it, or by a registrar")]
    NotYours,
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(CommentError);

/// Notes something about an application, in whatever state it is, until its persons are erased.
pub async fn add_comment(
    desk: &Desk,
    request: Request,
    command: AddComment,
) -> Result<Comment, CommentError> {
    let mut unit =
        begin!(desk.begin::<Comment>(&request, Action::CommentAdded, command.application));
    let application = Application::lock(&mut unit, command.application)
        .await?
        .ok_or(CommentError::Unknown)?;
    if application.erased_at.is_some() {
        return Err(CommentError::Erased);
    }
    let comment = Comment {
        id: CommentId(desk.clock.uuid()),
        application: command.application,
        author: command.by,
        visibility: command.visibility,
        body: Some(command.body),
        written_at: unit.at(),
    };
    comment.insert(&mut unit).await?;
    Ok(unit.finish(comment).await?)
}

/// Erases what a comment says; that there was one stays. Erasing it again changes nothing.
pub async fn erase_comment(
    desk: &Desk,
    request: Request,
    application: ApplicationId,
    id: CommentId,
) -> Result<(), CommentError> {
    use crate::rules::role::Role::Registrar;
    let mut unit = begin!(desk.begin::<()>(&request, Action::CommentErased, application));
    let comment = Comment::find(&mut unit, application, id)
        .await?
        .ok_or(CommentError::CommentUnknown)?;
    match request.actor {
        Actor::Operator(_, Registrar) => {}
        Actor::Operator(operator, _) if operator == comment.author => {}
        _ => return Err(CommentError::NotYours),
    }
    Comment::erase(&mut unit, id).await?;
    let at = unit.at();
    personal_data::ask_for_purge(&mut unit, at).await?;
    Ok(unit.finish(()).await?)
}
