//! Words of fixed vocabularies: states, roles, channels.

use utoipa::openapi::{
    RefOr, Schema,
    schema::{ObjectBuilder, Type},
};

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
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
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

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $crate::rules::word::schema::<Self>()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                $crate::rules::word::schema_name::<Self>().into()
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

/// The words of a vocabulary, as the API's document lists them.
pub fn schema<W: Word>() -> RefOr<Schema> {
    let words = W::all().iter().map(|word| word.as_str());
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(format!("One word: the {}.", W::KIND)))
        .enum_values(Some(words))
        .into()
}

/// What the API's document calls a vocabulary: `ApplicationState` for "application state".
pub fn schema_name<W: Word>() -> String {
    let capitalised = |word: &str| {
        let mut letters = word.chars();
        let head = letters.next().map(|letter| letter.to_ascii_uppercase());
        head.into_iter().chain(letters).collect::<String>()
    };
    W::KIND.split(' ').map(capitalised).collect()
}

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
