//! What several endpoints read and write: the JSON forms of the subject matter.

pub mod account;
pub mod application;
pub mod atom;
pub mod audit;
pub mod charter;
pub mod comment;
pub mod decision;
pub mod desk_work;
pub mod dump;
pub mod event;
pub mod letter;
pub mod member;
pub mod memorandum;
pub mod organisation;
pub mod personal_data;
pub mod recusal;
