//! Atom feeds (RFC 4287) of what happened to memberships, in pages (RFC 5005 §3): the newest first, older ones behind
//! `next`.

use charter_proof::{identity::Base, record::RegistryRecord};
use chrono::{DateTime, SecondsFormat, Utc};

use super::dump::licence_url;
use crate::{
    rules::text::{Lang, Localized},
    storage::{charters::Published, records::Record},
};

/// The media type of a feed.
pub const MEDIA_TYPE: &str = "application/atom+xml; charset=utf-8";

/// A page of a feed.
pub struct Feed<'a> {
    /// The registry's address.
    pub base: &'a Base,
    /// The registry's name.
    pub author: &'a str,
    /// The licence of the data, an identifier of SPDX.
    pub licence: &'a str,
    /// The path of the feed, which is its identity.
    pub path: String,
    /// The path of what it is about.
    pub about: String,
    /// Its title.
    pub title: String,
    /// The log index before which this page ends; none on the first.
    pub before: Option<u64>,
    /// When something happened last, where nothing is on the page.
    pub since: DateTime<Utc>,
    /// What happened, the newest first.
    pub entries: Vec<Entry>,
    /// Whether older pages follow.
    pub more: bool,
}

/// Something that happened.
pub struct Entry {
    /// The index of its log entry.
    pub index: u64,
    at: DateTime<Utc>,
    /// Its identity, an address.
    id: String,
    /// The media type of what lies there.
    media_type: &'static str,
    title: String,
    language: Option<String>,
    summary: String,
    category: &'static str,
    member: Option<String>,
}

impl Entry {
    /// What a record tells, with the member's name in the first of these languages that it has.
    pub fn of_record(record: &Record, languages: &[Lang], base: &Base) -> Self {
        let named = record.document.as_deref();
        let named = named.and_then(|document| named_by(document, languages));
        let (kind, status) = (record.kind.as_str(), record.status.as_str());
        let (language, name) = named.unzip();
        Self {
            index: record.log_index,
            at: record.at,
            id: base.record_url(record.id.0),
            media_type: charter_proof::record::MEDIA_TYPE,
            title: match name {
                Some(name) => format!("{name}: {kind}"),
                // What the record told must not be public.
                None => format!("{kind} (record withheld)"),
            },
            language,
            summary: format!(
                "{kind}; status from then on {status}; log entry {}.",
                record.log_index
            ),
            category: kind,
            member: Some(base.member_url(record.member.0)),
        }
    }

    /// The publication of a charter's version.
    pub fn of_version(published: &Published, base: &Base) -> Self {
        let (slug, version) = (published.version.slug(), published.version.version());
        let title = in_first(published.version.title(), published.version.languages());
        let (language, title) = title.unzip();
        Self {
            index: published.log_index,
            at: published.published_at,
            id: format!("{}/v1/charters/{slug}/versions/{version}", base.url()),
            media_type: "application/json",
            title: format!("{}: version {version}", title.unwrap_or_default()),
            language,
            summary: format!(
                "Version {version} of the charter was published; log entry {}.",
                published.log_index
            ),
            category: "published",
            member: None,
        }
    }

    fn write(&self, out: &mut String) {
        let (id, at) = (escaped(&self.id), written(self.at));
        let language = self.language.as_deref().map(escaped);
        let language = language.map(|it| format!(" xml:lang=\"{it}\""));
        out.push_str(&format!(
            "<entry>\n<id>{id}</id>\n<title{}>{}</title>\n<updated>{at}</updated>\n<published>{at}</published>\n\
             <link rel=\"alternate\" type=\"{}\" href=\"{id}\"/>\n",
            language.unwrap_or_default(),
            escaped(&self.title),
            self.media_type,
        ));
        if let Some(member) = &self.member {
            let member = escaped(member);
            out.push_str(&format!("<link rel=\"related\" href=\"{member}\"/>\n"));
        }
        out.push_str(&format!(
            "<category term=\"{}\"/>\n<summary>{}</summary>\n</entry>\n",
            self.category,
            escaped(&self.summary)
        ));
    }
}

impl Feed<'_> {
    /// The page as XML.
    pub fn to_xml(&self) -> String {
        let at = |path: &str| escaped(&format!("{}{path}", self.base.url()));
        let page = |before: u64| at(&format!("{}?before={before}", self.path));
        let (id, licence) = (at(&self.path), escaped(&licence_url(self.licence)));
        let newest = self.entries.first().map_or(self.since, |entry| entry.at);
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
             <feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\">\n<id>{id}</id>\n<title>{}</title>\n\
             <updated>{}</updated>\n<author><name>{}</name><uri>{}</uri></author>\n\
             <generator>charter-registry</generator>\n<rights>{}</rights>\n\
             <link rel=\"license\" href=\"{licence}\"/>\n<link rel=\"self\" type=\"application/atom+xml\" href=\"{}\"/>\n\
             <link rel=\"first\" type=\"application/atom+xml\" href=\"{id}\"/>\n\
             <link rel=\"alternate\" type=\"application/json\" href=\"{}\"/>\n",
            escaped(&self.title),
            written(newest),
            escaped(self.author),
            at(""),
            escaped(self.licence),
            self.before.map_or_else(|| id.clone(), page),
            at(&self.about),
        );
        if let Some(last) = self.entries.last().filter(|_| self.more) {
            let next = page(last.index);
            xml.push_str(&format!(
                "<link rel=\"next\" type=\"application/atom+xml\" href=\"{next}\"/>\n"
            ));
        }
        for entry in &self.entries {
            entry.write(&mut xml);
        }
        xml.push_str("</feed>\n");
        xml
    }
}

/// A text in the first of these languages that it has, or else in any; with the language.
pub fn in_first<T: ToString>(text: &Localized<T>, languages: &[Lang]) -> Option<(String, String)> {
    let preferred = languages
        .iter()
        .find_map(|language| Some((language, text.get(language)?)));
    let (language, text) = preferred.or_else(|| text.iter().next())?;
    Some((language.to_string(), text.to_string()))
}

/// What a record calls the member, in the first of these languages that it has, or else in any.
fn named_by(document: &[u8], languages: &[Lang]) -> Option<(String, String)> {
    let record: RegistryRecord = serde_json::from_slice(document).ok()?;
    let names = record.credential_subject.name;
    let preferred = languages.iter().find_map(|language| {
        let language = language.to_string();
        names.iter().find(|name| name.language == language)
    });
    let name = preferred.or_else(|| names.first())?;
    Some((name.language.clone(), name.value.clone()))
}

fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Text as XML 1.0 takes it, in an element or an attribute.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.push(char::REPLACEMENT_CHARACTER),
            c if c.is_control() => out.push(char::REPLACEMENT_CHARACTER),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn text_is_no_markup() {
        assert_eq!(
            escaped("a<b>&\"c\"\u{8}\u{ffff} «Ёж»"),
            "a&lt;b&gt;&amp;&quot;c&quot;\u{fffd}\u{fffd} «Ёж»"
        );
    }
}
