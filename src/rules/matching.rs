//! Whom a newcomer resembles: every key and name that members hold or ever held, in forms that can be compared.
//!
//! [`traces`] gives what an organisation leaves behind; two organisations whose traces meet resemble each other, in a
//! way that [`Resemblance`] names. Storage keeps the traces of every member for ever.

use std::collections::BTreeSet;

use charter_proof::entry::Status;
use serde::{Deserialize, Serialize};

use super::{
    id::MemberId,
    organisation::{Identifier, Organisation, Website},
    search,
    text::Name,
    word::vocabulary,
};

vocabulary! {
    /// A kind of trace.
    pub enum Trace ("trace") {
        /// A key of a membership.
        Key = "key",
        /// The number of an identifier, whatever its register.
        Value = "value",
        /// The host of a website or domain.
        Host = "host",
        /// A name or alias, folded.
        Name = "name",
        /// How a name sounds, in whichever script.
        Sound = "sound",
        /// How a name looks.
        Look = "look",
    }
}

vocabulary! {
    /// In what an application resembles a member.
    pub enum Resemblance ("resemblance") {
        /// The member holds the key, or held it.
        SameKey = "same_key",
        /// The member has the same number, in another register.
        SameValue = "same_value",
        /// The member has its pages at the same host.
        SameHost = "same_host",
        /// The member bears the name, or bore it.
        SameName = "same_name",
        /// The member bears a name that looks or sounds the same, or bore one.
        ConfusableName = "confusable_name",
        /// A former member's contact person had the same e-mail address.
        SameContact = "same_contact",
        /// No member, but an identifier of a register that is not known here, so nobody checked its number.
        UnknownScheme = "unknown_scheme",
    }
}

/// A resemblance that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    /// In what.
    pub kind: Resemblance,
    /// The key, number, host or name of the application that was found; never personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// The member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
    /// Where its membership stood when this was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}

impl Match {
    /// The order in which people read: the surest first, then by what was found and by member.
    pub fn place(&self) -> (Resemblance, Option<String>, Option<MemberId>) {
        (self.kind, self.found.clone(), self.member)
    }

    /// Whether it may be a former member that comes back.
    pub fn is_possible_return(&self) -> bool {
        matches!(self.status, Some(Status::Excluded | Status::Withdrawn))
    }

    /// Whether somebody must look at it before the applicant is admitted as a newcomer.
    ///
    /// A contact person may work for many organisations, as in a ministry that brings its schools, so the same
    /// address only warns.
    pub fn needs_review(&self) -> bool {
        self.kind != Resemblance::SameContact
    }
}

impl Trace {
    /// In what two organisations resemble each other that both have such a trace.
    pub const fn resemblance(self) -> Resemblance {
        match self {
            Self::Key => Resemblance::SameKey,
            Self::Value => Resemblance::SameValue,
            Self::Host => Resemblance::SameHost,
            Self::Name => Resemblance::SameName,
            Self::Sound | Self::Look => Resemblance::ConfusableName,
        }
    }
}

/// What an organisation leaves behind, once each.
pub fn traces(organisation: &Organisation) -> BTreeSet<(Trace, String)> {
    keys(organisation)
        .chain(names(organisation).flat_map(of_name))
        .collect()
}

/// The traces of an organisation's keys, numbers and pages.
pub fn keys(organisation: &Organisation) -> impl Iterator<Item = (Trace, String)> {
    let keys = organisation.claim_keys().into_iter();
    let values = organisation
        .identifiers
        .iter()
        .filter_map(Identifier::bare_value);
    keys.map(|key| (Trace::Key, key))
        .chain(values.map(|value| (Trace::Value, value.to_owned())))
        .chain(hosts(organisation).map(|host| (Trace::Host, host)))
}

/// The traces of a name.
pub fn of_name(name: &Name) -> [(Trace, String); 3] {
    let words = search::words_that_tell(name);
    [
        (Trace::Name, words.join(" ")),
        (Trace::Sound, search::sound_of(&words)),
        (Trace::Look, search::look_of(name)),
    ]
}

/// The names and aliases of an organisation.
pub fn names(organisation: &Organisation) -> impl Iterator<Item = &Name> {
    let names = organisation.name.iter().map(|(_, name)| name);
    names.chain(&organisation.aliases)
}

/// The hosts of an organisation's domain and website.
pub fn hosts(organisation: &Organisation) -> impl Iterator<Item = String> {
    let domain = organisation.domain.as_ref().map(ToString::to_string);
    let website = organisation.website.as_ref().and_then(Website::place);
    domain.into_iter().chain(website)
}

/// The identifiers whose register is not known here.
pub fn of_unknown_schemes(organisation: &Organisation) -> impl Iterator<Item = &Identifier> {
    organisation
        .identifiers
        .iter()
        .filter(|identifier| !identifier.scheme().is_known())
}

#[cfg(test)]
mod tests {
    use super::{super::text::Name, Trace, of_name};

    fn meet(one: &str, other: &str) -> Option<Trace> {
        let of = |name: &str| of_name(&Name::parse(name).unwrap());
        let (one, other) = (of(one), of(other));
        one.into_iter()
            .find(|trace| other.contains(trace))
            .map(|(kind, _)| kind)
    }

    #[test]
    fn names_that_people_take_for_one_another_meet() {
        for (one, other, kind) in [
            ("Школа № 1", "ШКОЛА №1", Trace::Name),
            ("ООО «Ромашка»", "АО \"Ромашка\"", Trace::Name),
            ("Ёлка", "Елка", Trace::Sound),
            ("Яндекс", "Yandex", Trace::Sound),
            (
                "Лаборатория Касперского",
                "Laboratoriya Kasperskogo",
                Trace::Sound,
            ),
            // Latin letters that look like Cyrillic ones, and the other way round.
            ("Сбербанк", "C\u{431}ep\u{431}a\u{43D}\u{43A}", Trace::Look),
            ("Pocket", "Р\u{43E}ck\u{435}t", Trace::Look),
            ("Google", "G00gle", Trace::Look),
            ("Билайн", "Билайн.", Trace::Name),
        ] {
            assert_eq!(meet(one, other), Some(kind), "{one} and {other}");
        }
    }

    #[test]
    fn names_that_differ_do_not_meet() {
        for (one, other) in [
            ("Гимназия № 1", "Гимназия № 2"),
            ("Гимназия № 1", "Гимназия № 11"),
            ("Школа № 1", "Школа № 1 города Тынды"),
            ("Мегафон", "Билайн"),
            ("ООО", "АО"),
        ] {
            assert_eq!(meet(one, other), None, "{one} and {other}");
        }
    }
}
