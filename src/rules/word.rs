//! Words of fixed vocabularies: states, roles, channels.

/// A value of a fixed vocabulary, written as one `snake_case` word in the API and in the database.
pub trait Word: Copy + Eq + std::fmt::Debug + Send + Sync + 'static {
    /// What the vocabulary is called in messages to people.
    const KIND: &'static str;

    /// Every word, in the order of the vocabulary.
    fn all() -> &'static [Self];

    /// The word as it is written.
    fn as_str(self) -> &'static str;

    /// The value that is written so.
    fn from_word(word: &str) -> Option<Self> {
        Self::all()
            .iter()
            .copied()
            .find(|value| value.as_str() == word)
    }
}

/// Declares an enum whose variants are words of a vocabulary.
macro_rules! vocabulary {
    (
        $(#[$meta:meta])*
        pub enum $name:ident ($kind:literal) { $($(#[$variant_meta:meta])* $variant:ident = $word:literal,)+ }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $word)] $variant,)+
        }

        impl $crate::rules::word::Word for $name {
            const KIND: &'static str = $kind;

            fn all() -> &'static [Self] {
                &[$(Self::$variant,)+]
            }

            fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($crate::rules::word::Word::as_str(*self))
            }
        }
    };
}
pub(crate) use vocabulary;

impl Word for charter_proof::entry::Status {
    const KIND: &'static str = "membership status";

    fn all() -> &'static [Self] {
        &[
            Self::Active,
            Self::Suspended,
            Self::Excluded,
            Self::Withdrawn,
        ]
    }

    fn as_str(self) -> &'static str {
        Self::as_str(self)
    }
}

impl Word for charter_proof::entry::MemberEventKind {
    const KIND: &'static str = "membership event";

    fn all() -> &'static [Self] {
        &[
            Self::Included,
            Self::Amended,
            Self::Suspended,
            Self::Reinstated,
            Self::Excluded,
            Self::Withdrew,
            Self::Readmitted,
        ]
    }

    fn as_str(self) -> &'static str {
        Self::as_str(self)
    }
}

impl Word for charter_proof::keys::Purpose {
    const KIND: &'static str = "key purpose";

    fn all() -> &'static [Self] {
        &[Self::Record, Self::Log, Self::Clock]
    }

    fn as_str(self) -> &'static str {
        Self::as_str(self)
    }
}
