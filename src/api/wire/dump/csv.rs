//! CSV (RFC 4180): a line of names, a line for each member, nothing that a spreadsheet takes for a formula.

use crate::{
    directory::{Form, Heading},
    rules::text::Localized,
    storage::memberships::Membership,
};

/// Comma-separated values. A name in a language that is not the charter's stands in `other_names`.
pub static CSV: Form = Form {
    extension: "csv",
    media_type: "text/csv; charset=utf-8; header=present",
    head,
    member: |membership, heading| Some(member(membership, heading)),
    foot: "",
};

fn head(heading: &Heading) -> Vec<u8> {
    let mut columns: Vec<String> = ["number", "id", "status", "founder", "since"]
        .map(str::to_owned)
        .into();
    let languages = heading.charter.version.languages().iter();
    columns.extend(languages.map(|language| format!("name_{language}")));
    let others = [
        "other_names",
        "aliases",
        "category",
        "country",
        "region",
        "website",
        "domain",
        "identifiers",
        "charter_version",
        "record",
        "log_index",
        "updated_at",
        "suspended_until",
        "merged_into",
    ];
    columns.extend(others.map(str::to_owned));
    line(&columns)
}

fn member(membership: &Membership, heading: &Heading) -> Vec<u8> {
    let organisation = &membership.organisation;
    let mut fields = vec![
        format!("{:06}", membership.number),
        membership.id.to_string(),
        membership.status.to_string(),
        membership.founder.to_string(),
        membership.since.to_string(),
    ];
    fields.extend(names(&organisation.name, heading));
    let identifiers = organisation.identifiers.iter();
    let identifiers = identifiers.map(|one| format!("{}:{}", one.scheme(), one.value()));
    let instant =
        |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    fields.extend([
        listed(organisation.aliases.iter().map(ToString::to_string)),
        organisation.category.to_string(),
        text(organisation.country.as_ref()),
        text(organisation.region.as_ref()),
        text(organisation.website.as_ref()),
        text(organisation.domain.as_ref()),
        listed(identifiers),
        membership.charter_version.to_string(),
        heading.base.record_url(membership.record.0),
        membership.log_index.to_string(),
        instant(membership.updated_at),
        membership.suspended_until.map(instant).unwrap_or_default(),
        text(membership.merged_into.as_ref()),
    ]);
    line(&fields)
}

/// The name in each of the charter's languages, then those in others.
fn names(name: &Localized<crate::rules::text::Name>, heading: &Heading) -> Vec<String> {
    let mut others: Vec<(String, String)> = name
        .iter()
        .map(|(language, name)| (language.to_string(), name.to_string()))
        .collect();
    let mut names = Vec::new();
    for language in heading.charter.version.languages() {
        let language = language.to_string();
        let place = others.iter().position(|(other, _)| *other == language);
        names.push(
            place
                .map(|place| others.remove(place).1)
                .unwrap_or_default(),
        );
    }
    let others = others.into_iter();
    names.push(listed(
        others.map(|(language, name)| format!("{language}: {name}")),
    ));
    names
}

fn listed(values: impl Iterator<Item = String>) -> String {
    values.collect::<Vec<_>>().join("; ")
}

fn text(value: Option<&impl ToString>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

/// A line; a field is quoted where it must be.
fn line(fields: &[String]) -> Vec<u8> {
    let fields: Vec<String> = fields.iter().map(|field| safe(field)).collect();
    let mut line = fields.join(",");
    line.push_str("\r\n");
    line.into_bytes()
}

/// A field that a spreadsheet shows and does not work out: one that begins as a formula does has `'` before it.
fn safe(field: &str) -> String {
    let is_formula = field.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let field = if is_formula {
        format!("'{field}")
    } else {
        field.to_owned()
    };
    if field.contains(['"', ',', '\r', '\n']) || is_formula {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field
    }
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn a_field_is_quoted_where_it_must_be_and_is_no_formula() {
        for (field, expected) in [
            ("Школа № 1", "Школа № 1"),
            ("a,b", "\"a,b\""),
            ("«Ёж» \"Щука\"", "\"«Ёж» \"\"Щука\"\"\""),
            ("=1+1", "\"'=1+1\""),
            ("+7", "\"'+7\""),
            ("-1", "\"'-1\""),
            ("@sum", "\"'@sum\""),
            ("\tx", "\"'\tx\""),
            ("＝1", "\"'＝1\""),
            ("a=b", "a=b"),
            ("a\nb", "\"a\nb\""),
            ("", ""),
        ] {
            assert_eq!(safe(field), expected);
        }
    }
}
