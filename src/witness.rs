//! Witnesses (C2SP tlog-witness): this program as one of other logs, and those that the registry asks about its own.
//!
//! [`add`] is the whole of being one: a request in, cosignature lines or a refusal out. [`asking`] is the other side:
//! each new checkpoint goes to the witnesses of a policy, and is served once enough of them cosigned it.

pub mod add;
pub mod asking;
pub mod cosigner;
pub mod logs;
pub mod request;
