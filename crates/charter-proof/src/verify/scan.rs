//! A record's bytes as the registry writes them, looked at once and in order.
//!
//! Reading them as JSON takes longer than everything else but the signature. What is found here is canonical, has the
//! form of a record and is issued by the registry that is trusted; whatever is not found says nothing, and is looked
//! at more closely (`super::shape`). A test holds the two together.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use uuid::Uuid;

use super::cursor::Cursor;
use super::{RecordSummary, TrustedKeys};
use crate::canonical::Digest;
use crate::entry::{MemberEventKind, Status};
use crate::identity::Base;
use crate::keys::PublicKey;
use crate::record::{Identifier, LanguageTagged};

/// [`crate::record::CONTEXTS`] as they are written.
const CONTEXTS: &str = r#"["https://www.w3.org/ns/credentials/v2","https://www.w3.org/ns/credentials/undefined-terms/v2"]"#;

/// What was found in a record's bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scanned<'a> {
    pub(super) subject: Subject<'a>,
    /// The record's own id.
    id: Uuid,
    pub(super) proof: Proof<'a>,
    /// What stands before and after the proof: together the document without it.
    pub(super) unsecured: [&'a [u8]; 2],
}

/// What a record says of the member. What stands in JSON is left as it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) member: Uuid,
    pub(super) charter: &'a str,
    pub(super) event: MemberEventKind,
    pub(super) status: Status,
    version: u32,
    at: DateTime<Utc>,
    /// With its quotation marks.
    domain: Option<&'a [u8]>,
    identifiers: Option<&'a [u8]>,
    names: &'a [u8],
}

/// A record's proof.
#[derive(Debug, Clone, Copy)]
pub(super) struct Proof<'a> {
    pub(super) method: &'a str,
    pub(super) value: &'a str,
    /// What stands before and after its value: together its options.
    pub(super) options: [&'a [u8]; 2],
}

impl<'a> Scanned<'a> {
    /// Looks at the bytes of a record.
    pub(super) fn read(bytes: &'a [u8], keys: &TrustedKeys) -> Option<Self> {
        std::str::from_utf8(bytes).ok()?;
        // Which of the registry's URLs it is issued under, the record's own id tells, which stands further on.
        keys.bases()
            .iter()
            .find_map(|base| Self::under(base, bytes, keys.issuer()))
    }

    fn under(base: &Base, bytes: &'a [u8], issuer: &str) -> Option<Self> {
        let mut at = Cursor(bytes);
        at.literal("{\"@context\":")?;
        at.literal(CONTEXTS)?;
        at.literal(",\"credentialSubject\":{")?;
        let subject = Subject::read(&mut at, base)?;
        at.literal("},\"id\":\"")?;
        let id = base.parse_record_url(at.plain()?)?;
        at.literal(",\"issuer\":{\"id\":\"")?;
        if at.plain()? != issuer {
            return None;
        }
        at.literal(",\"name\":\"")?;
        at.string()?;
        at.literal("},")?;
        let before = at.since(bytes)?;
        at.literal("\"proof\":")?;
        let proof = Proof::read(&mut at)?;
        at.literal(",")?;
        let after = at.0;
        at.literal(
            "\"type\":[\"VerifiableCredential\",\"CharterRegistryRecord\"],\"validFrom\":\"",
        )?;
        instant(at.plain()?)?;
        at.literal("}")?;
        at.0.is_empty().then_some(Self {
            subject,
            id,
            proof,
            unsecured: [before, after],
        })
    }

    /// What the record says.
    pub(super) fn summary(
        &self,
        issuer: &str,
        digest: Digest,
        signed_by: PublicKey,
    ) -> Option<RecordSummary> {
        let subject = &self.subject;
        let mut keys = Vec::new();
        if let Some(domain) = subject.domain {
            let host: String = serde_json::from_slice(domain).ok()?;
            keys.push(format!("domain:{host}"));
        }
        if let Some(identifiers) = subject.identifiers {
            let numbers: Vec<Identifier> = serde_json::from_slice(identifiers).ok()?;
            let numbers = numbers.iter();
            keys.extend(numbers.map(|number| format!("{}:{}", number.scheme, number.value)));
        }
        let names: Vec<LanguageTagged> = serde_json::from_slice(subject.names).ok()?;
        Some(RecordSummary {
            issuer: issuer.to_owned(),
            id: self.id,
            member: subject.member,
            charter: subject.charter.to_owned(),
            charter_version: subject.version,
            event: subject.event,
            at: subject.at,
            resulting_status: subject.status,
            names,
            keys,
            digest,
            signed_by,
        })
    }
}

impl<'a> Subject<'a> {
    fn read(at: &mut Cursor<'a>, base: &Base) -> Option<Self> {
        if at.literal("\"aliases\":").is_some() {
            at.list(|at| at.literal("\"").and_then(|()| at.string()).map(|_| ()))?;
            at.literal(",")?;
        }
        at.literal("\"category\":\"")?;
        at.string()?;
        at.literal(",\"charter\":{\"digest\":\"")?;
        digest(at.plain()?)?;
        at.literal(",\"id\":\"")?;
        let charter = base.parse_charter_url(at.plain()?)?;
        at.literal(",\"version\":")?;
        let version = at.number()?;
        at.literal("}")?;
        at.optional(",\"country\":\"")?;
        if at.literal(",\"decision\":{").is_some() {
            decision(at)?;
        }
        let domain = at.optional(",\"domain\":\"")?;
        at.literal(",\"event\":{\"at\":\"")?;
        let time = instant(at.plain()?)?;
        at.literal(",\"resultingStatus\":\"")?;
        let word = at.plain()?;
        let status = Status::ALL
            .into_iter()
            .find(|status| status.as_str() == word)?;
        at.literal(",\"type\":\"")?;
        let word = at.plain()?;
        let mut events = MemberEventKind::ALL.into_iter();
        let event = events.find(|event| event.as_str() == word)?;
        if at.literal(",\"until\":\"").is_some() {
            instant(at.plain()?)?;
        }
        at.literal("},\"founder\":")?;
        at.literal("true").or_else(|| at.literal("false"))?;
        at.literal(",\"id\":\"")?;
        let member = base.parse_member_url(at.plain()?)?;
        let identifiers = at
            .literal(",\"identifiers\":")
            .map(|()| at.list(identifier));
        let identifiers = match identifiers {
            Some(found) => Some(found?),
            None => None,
        };
        at.literal(",\"memberNumber\":\"")?;
        let number = at.plain()?;
        if number.len() < 6 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        if at.literal(",\"memorandum\":{\"digest\":\"").is_some() {
            digest(at.plain()?)?;
            at.literal(",\"form\":\"")?;
            at.string()?;
            at.literal(",\"signedOn\":\"")?;
            date(at.plain()?)?;
            at.literal("}")?;
        }
        at.literal(",\"name\":")?;
        let names = at.list(tagged)?;
        if at.literal(",\"previous\":\"").is_some() {
            base.parse_record_url(at.plain()?)?;
        }
        at.optional(",\"region\":\"")?;
        at.literal(",\"since\":\"")?;
        date(at.plain()?)?;
        at.literal(",\"type\":\"CharterMember\"")?;
        at.optional(",\"website\":\"")?;
        Some(Self {
            member,
            charter,
            event,
            status,
            version,
            at: time,
            domain,
            identifiers,
            names,
        })
    }
}

impl<'a> Proof<'a> {
    fn read(at: &mut Cursor<'a>) -> Option<Self> {
        let whole = at.0;
        at.literal("{\"@context\":")?;
        at.literal(CONTEXTS)?;
        at.literal(",\"created\":\"")?;
        instant(at.plain()?)?;
        at.literal(",\"cryptosuite\":\"eddsa-jcs-2022\",\"proofPurpose\":\"assertionMethod\",")?;
        let before = at.since(whole)?;
        at.literal("\"proofValue\":\"")?;
        let value = at.plain()?;
        at.literal(",")?;
        let rest = at.0;
        at.literal("\"type\":\"DataIntegrityProof\",\"verificationMethod\":\"")?;
        let method = at.plain()?;
        at.literal("}")?;
        Some(Self {
            method,
            value,
            options: [before, at.since(rest)?],
        })
    }
}

fn decision(at: &mut Cursor<'_>) -> Option<()> {
    at.literal("\"clauses\":")?;
    at.list_or_nothing(|at| at.literal("\"").and_then(|()| at.string()).map(|_| ()))?;
    at.literal(",\"ground\":\"")?;
    at.string()?;
    at.optional(",\"law\":\"")?;
    at.literal(",\"statement\":")?;
    at.list_or_nothing(tagged)?;
    at.literal("}")
}

fn identifier(at: &mut Cursor<'_>) -> Option<()> {
    at.literal("{\"scheme\":\"")?;
    at.string()?;
    at.literal(",\"value\":\"")?;
    at.string()?;
    at.literal("}")
}

fn tagged(at: &mut Cursor<'_>) -> Option<()> {
    at.literal("{\"@language\":\"")?;
    at.string()?;
    at.literal(",\"@value\":\"")?;
    at.string()?;
    at.literal("}")
}

fn digest(text: &str) -> Option<()> {
    let digits = text.strip_prefix("sha-256:")?;
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (digits.len() == 64 && digits.bytes().all(is_digit)).then_some(())
}

/// A date of the form 2026-11-22; years of more digits are left to others.
fn date(text: &str) -> Option<NaiveDate> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else {
        return None;
    };
    let year = i32::try_from(100 * two(*y1, *y2)? + two(*y3, *y4)?).ok()?;
    NaiveDate::from_ymd_opt(year, two(*m1, *m2)?, two(*d1, *d2)?)
}

/// An instant of the form 2026-11-22T03:13:00Z; leap seconds are left to others.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let (day, time) = text.split_once('T')?;
    let [h1, h2, b':', m1, m2, b':', s1, s2, b'Z'] = time.as_bytes() else {
        return None;
    };
    let time = NaiveTime::from_hms_opt(two(*h1, *h2)?, two(*m1, *m2)?, two(*s1, *s2)?)?;
    Some(date(day)?.and_time(time).and_utc())
}

fn two(tens: u8, ones: u8) -> Option<u32> {
    Some(10 * char::from(tens).to_digit(10)? + char::from(ones).to_digit(10)?)
}

#[cfg(test)]
mod tests;
