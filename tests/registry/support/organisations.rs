//! Organisations that apply: the real founders and joiners, and a school.

use std::fs;

use serde_json::{Value, json};

use super::charters;

/// An organisation as its application names it, and whether it founded the charter.
pub struct Applicant {
    /// The organisation.
    pub organisation: Value,
    /// Whether it is one of the charter's founders.
    pub founder: bool,
}

/// The nine founders and the thirteen joiners of "Digital Ethics of Childhood", in that order.
pub fn founders_and_joiners() -> Vec<Applicant> {
    let path = charters::folder().join("digital-ethics-of-childhood/members.json");
    let members: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let group = |name: &str, founder: bool| -> Vec<Applicant> {
        let members = members[name].as_array().unwrap().iter();
        members
            .map(|member| {
                let mut organisation = member.clone();
                // The note is for people who read the file.
                organisation.as_object_mut().unwrap().remove("note");
                Applicant {
                    organisation,
                    founder,
                }
            })
            .collect()
    };
    let mut all = group("founders", true);
    all.extend(group("joiners", false));
    all
}

/// A school in the Amur region.
pub fn school() -> Value {
    json!({
        "name": {"ru": "Средняя школа № 1", "en": "School No. 1"},
        "category": "educational_institution",
        "region": "RU-AMU",
        "website": "https://school.example",
        "domain": "school.example",
        "identifiers": [{"scheme": "RU-OGRN", "value": "1022800000002"}],
    })
}

/// A school by its number: with an OGRN of its own and no domain.
pub fn school_number(number: u32) -> Value {
    json!({
        "name": {"ru": format!("Гимназия № {number}")},
        "category": "educational_institution",
        "region": "RU-AMU",
        "identifiers": [{"scheme": "RU-OGRN", "value": ogrn(number)}],
    })
}

/// An OGRN with its check digit right (Order No. 165n of 30 October 2017).
pub fn ogrn(number: u32) -> String {
    let body = 102_280_000_000 + u64::from(number) + 1_000;
    format!("{body}{}", body % 11 % 10)
}

/// The application of an organisation, with a person to speak to.
pub fn application(organisation: &Value) -> Value {
    json!({
        "organisation": organisation,
        "contact": {
            "name": "Фамилия Имя Отчество",
            "position": "Директор",
            "email": "office@school.example",
            "phone": "+7 416 222-33-44",
        },
    })
}
