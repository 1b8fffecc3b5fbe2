//! A key of a membership on its own: a domain or an official number.

use super::{
    organisation::{Domain, Identifier, Organisation},
    text::Invalid,
};

/// A key by which the world asks for a membership, written `domain:<host>` or `<SCHEME>:<value>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// A domain.
    Domain(Domain),
    /// A number in an official register.
    Identifier(Identifier),
}

/// An organisation would have more official numbers than one may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the organisation would have more than {} identifiers",
    Organisation::MAX_IDENTIFIERS
)]
pub struct TooManyIdentifiers;

impl Claim {
    /// Reads a key; its value may be written as people write it.
    ///
    /// Codes: `malformed_key` where there is no colon, and those of domains and identifiers.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let (kind, value) = raw.split_once(':').ok_or_else(|| {
            Invalid::new(
                "malformed_key",
                "This is no key; one such as \"domain:school.example\" or \"RU-OGRN:1022800000002\" is expected.",
            )
        })?;
        if kind == "domain" {
            return Domain::parse(value).map(Self::Domain);
        }
        Identifier::parse(kind, value)
            .map(Self::Identifier)
            .map_err(|refusal| Invalid::new(refusal.code, refusal.detail))
    }

    /// The key in its canonical form.
    pub fn key(&self) -> String {
        match self {
            Self::Domain(domain) => domain.key(),
            Self::Identifier(identifier) => identifier.key(),
        }
    }
}

/// The organisation with these keys beside its own; a domain takes the place of the one it had.
///
/// # Errors
///
/// [`TooManyIdentifiers`] when it would have more than an organisation may.
pub fn with_claims(
    organisation: &Organisation,
    claims: &[Claim],
) -> Result<Organisation, TooManyIdentifiers> {
    let mut changed = organisation.clone();
    for claim in claims {
        match claim {
            Claim::Domain(domain) => changed.domain = Some(domain.clone()),
            Claim::Identifier(identifier) if changed.identifiers.contains(identifier) => {}
            Claim::Identifier(identifier) => changed.identifiers.push(identifier.clone()),
        }
    }
    changed.identifiers.sort();
    if changed.identifiers.len() > Organisation::MAX_IDENTIFIERS {
        return Err(TooManyIdentifiers);
    }
    Ok(changed)
}

/// The organisation that another one was merged into: it takes the numbers of the other, its domain where it has none
/// itself, and, as aliases, its names and aliases as far as there is room.
///
/// # Errors
///
/// [`TooManyIdentifiers`] when it would have more than an organisation may.
pub fn merged(
    into: &Organisation,
    from: &Organisation,
) -> Result<Organisation, TooManyIdentifiers> {
    let numbers = from.identifiers.iter().cloned().map(Claim::Identifier);
    let domain = from.domain.iter().filter(|_| into.domain.is_none());
    let claims: Vec<Claim> = numbers.chain(domain.cloned().map(Claim::Domain)).collect();
    let mut merged = with_claims(into, &claims)?;
    let names = from.name.iter().map(|(_, name)| name);
    for name in names.chain(&from.aliases) {
        keep_name(&mut merged, name);
    }
    Ok(merged)
}

/// Keeps as an alias what the organisation is or was called, unless it is known or there is no room.
pub fn keep_name(organisation: &mut Organisation, name: &super::text::Name) {
    let is_known = organisation.aliases.contains(name)
        || organisation.name.iter().any(|(_, known)| known == name);
    if !is_known && organisation.aliases.len() < Organisation::MAX_ALIASES {
        organisation.aliases.push(name.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::{Claim, TooManyIdentifiers, merged, with_claims};
    use crate::rules::{
        organisation::{IdentifierInput, Organisation, OrganisationInput},
        text::Name,
    };

    fn organisation(name: &str, domain: Option<&str>, numbers: &[String]) -> Organisation {
        let identifier = |value: &String| IdentifierInput {
            scheme: "TEST".to_owned(),
            value: value.clone(),
        };
        Organisation::parse(OrganisationInput {
            name: [("ru".to_owned(), name.to_owned())].into(),
            category: "city".to_owned(),
            domain: domain.map(str::to_owned),
            identifiers: numbers.iter().map(identifier).collect(),
            ..OrganisationInput::default()
        })
        .unwrap()
    }

    #[test]
    fn a_key_is_read_as_people_write_it_and_has_one_form() {
        for (raw, outcome) in [
            ("domain:WWW.School.Example.", Ok("domain:school.example")),
            ("RU-OGRN:1022800000002", Ok("RU-OGRN:1022800000002")),
            ("RU-OGRN:1022800000003", Err("wrong_check_digit")),
            ("LEI", Err("malformed_key")),
            ("", Err("malformed_key")),
        ] {
            let parsed = Claim::parse(raw);
            let found = parsed.as_ref().map(Claim::key);
            match outcome {
                Ok(key) => assert_eq!(found.unwrap(), key, "{raw}"),
                Err(code) => {
                    assert_eq!(parsed.unwrap_err().code, code, "{raw}");
                }
            }
        }
        assert!(Claim::parse("member:0199d1c8-7f5c-7a3e-8c11-0a2f5f6f7a10").is_err());
    }

    #[test]
    fn keys_are_added_beside_the_others_and_a_domain_takes_the_others_place() {
        let school = organisation("Школа", Some("old.example"), &["2".to_owned()]);
        let claims =
            ["domain:new.example", "TEST:1", "TEST:2"].map(|raw| Claim::parse(raw).unwrap());
        let changed = with_claims(&school, &claims).unwrap();
        assert_eq!(
            changed.claim_keys(),
            ["TEST:1", "TEST:2", "domain:new.example"]
        );
        let many: Vec<Claim> = (10..20)
            .map(|number| Claim::parse(&format!("TEST:{number}")).unwrap())
            .collect();
        assert_eq!(with_claims(&school, &many), Err(TooManyIdentifiers));
    }

    #[test]
    fn a_merger_keeps_what_the_other_was_called_and_its_numbers() {
        let into = organisation("Школа", Some("school.example"), &["1".to_owned()]);
        let mut from = organisation("Гимназия", Some("other.example"), &["2".to_owned()]);
        from.aliases = vec![Name::parse("Школа").unwrap(), Name::parse("Лицей").unwrap()];
        let both = merged(&into, &from).unwrap();
        assert_eq!(both.name, into.name);
        assert_eq!(
            both.claim_keys(),
            ["TEST:1", "TEST:2", "domain:school.example"]
        );
        let aliases: Vec<_> = both.aliases.iter().map(Name::as_str).collect();
        assert_eq!(aliases, ["Гимназия", "Лицей"]);
        let without = organisation("Школа", None, &["1".to_owned()]);
        let domain = merged(&without, &from).unwrap().domain;
        assert_eq!(domain.unwrap().as_str(), "other.example");
    }
}
