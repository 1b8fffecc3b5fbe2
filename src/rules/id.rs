//! Identifiers: UUIDs that cannot be taken for one another.

use uuid::Uuid;

/// Declares a UUID of its own type.
macro_rules! id {
    ($($(#[$meta:meta])* $name:ident,)+) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
            #[serde(transparent)]
            pub struct $name(pub Uuid);

            impl std::fmt::Display for $name {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    self.0.fmt(f)
                }
            }
        )+

        /// Calls a macro once for every identifier type, so that storage need not list them again.
        macro_rules! for_each_id {
            ($callback:ident) => { $($callback!($crate::rules::id::$name);)+ };
        }
        pub(crate) use for_each_id;
    };
}

id! {
    /// An application to accede.
    ApplicationId,
    /// A membership: the `member` of records and log entries.
    MemberId,
    /// A registry record.
    RecordId,
    /// A decision that one registrar proposes and another approves.
    DecisionId,
    /// A person of the secretariat.
    OperatorId,
    /// A partner site.
    PartnerId,
    /// A letter.
    LetterId,
    /// A comment on an application.
    CommentId,
}
