//! JSON-LD 1.1 in the words of schema.org: each member an Organization, present ones with what they are members of.
//!
//! What schema.org has no word for (`status`, `category`) is of the terms that records use for it. No context is fetched.

use charter_proof::canonical::Digest;
use serde_json::{Value, json};

use crate::{
    api::wire::organisation::by_language,
    directory::{Form, Heading},
    rules::membership::Status,
    storage::memberships::Membership,
};

/// Linked data.
pub static JSON_LD: Form = Form {
    extension: "jsonld",
    media_type: "application/ld+json",
    head,
    member,
    foot: "\n]}\n",
};

/// Where the terms of records stand.
const TERMS: &str = "https://www.w3.org/ns/credentials/undefined-terms/v2#";

fn head(heading: &Heading) -> Vec<u8> {
    let (base, version) = (&heading.base, &heading.charter.version);
    let in_languages = json!({"@container": "@language"});
    let day = json!({"@type": "Date"});
    let address = json!({"@type": "@id"});
    let context = json!({
        "@vocab": "http://schema.org/",
        "alternateName": {"@container": "@set"},
        "category": format!("{TERMS}category"),
        "dateModified": {"@type": "DateTime"},
        "isBasedOn": address,
        "license": address,
        "name": in_languages,
        "startDate": day,
        "status": format!("{TERMS}status"),
        "subjectOf": address,
        "url": address,
    });
    let slug = version.slug().as_str();
    let root: Digest = heading.checkpoint.root;
    let since = heading.since.map(|since| format!("?since={since}"));
    let since = since.unwrap_or_default();
    let dataset = json!({
        "@id": format!("{}/v1/charters/{slug}/members.jsonld{since}", base.url()),
        "@type": "Dataset",
        "about": {
            "@id": base.charter_url(slug),
            "@type": "CreativeWork",
            "name": by_language(version.title()),
        },
        "dateModified": heading.at,
        "identifier": format!("{} {root}", heading.checkpoint.size),
        "isBasedOn": format!("{}/log/checkpoint", base.url()),
        "license": licence_url(&heading.licence),
        "name": by_language(version.title()),
    });
    format!("{{\"@context\":{context},\"@graph\":[\n{dataset}").into_bytes()
}

/// Where the text of a licence stands.
pub fn licence_url(licence: &str) -> String {
    format!("https://spdx.org/licenses/{licence}")
}

fn member(membership: &Membership, heading: &Heading) -> Option<Vec<u8>> {
    let (base, organisation) = (&heading.base, &membership.organisation);
    let identifiers = organisation.identifiers.iter();
    let mut identifiers: Vec<Value> = identifiers
        .map(|one| numbered(one.scheme().as_str(), one.value()))
        .collect();
    if let Some(domain) = &organisation.domain {
        identifiers.push(numbered("domain", &domain.to_string()));
    }
    let mut shown = json!({
        "@id": base.member_url(membership.id.0),
        "@type": "Organization",
        "category": organisation.category.to_string(),
        "identifier": identifiers,
        "name": by_language(&organisation.name),
        "status": membership.status.as_str(),
        "subjectOf": base.record_url(membership.record.0),
    });
    let fields = shown.as_object_mut()?;
    if !organisation.aliases.is_empty() {
        let aliases: Vec<String> = organisation
            .aliases
            .iter()
            .map(ToString::to_string)
            .collect();
        fields.insert("alternateName".to_owned(), json!(aliases));
    }
    if let Some(website) = &organisation.website {
        fields.insert("url".to_owned(), json!(website.to_string()));
    }
    if let Some(country) = organisation.country {
        let mut address = json!({"@type": "PostalAddress", "addressCountry": country.to_string()});
        if let (Some(address), Some(region)) = (address.as_object_mut(), &organisation.region) {
            address.insert("addressRegion".to_owned(), json!(region.to_string()));
        }
        fields.insert("address".to_owned(), address);
    }
    // Whoever is a member no longer is a member of nothing.
    if matches!(membership.status, Status::Active | Status::Suspended) {
        fields.insert(
            "memberOf".to_owned(),
            json!({
                "@type": ["OrganizationRole", "ProgramMembership"],
                "memberOf": {"@id": base.charter_url(&membership.charter)},
                "membershipNumber": format!("{:06}", membership.number),
                "roleName": if membership.founder { "founder" } else { "member" },
                "startDate": membership.since,
            }),
        );
    }
    Some(format!(",\n{shown}").into_bytes())
}

fn numbered(scheme: &str, value: &str) -> Value {
    json!({"@type": "PropertyValue", "propertyID": scheme, "value": value})
}
