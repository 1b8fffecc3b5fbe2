//! What several tests share: a registry, its keys and records, all fixed.

pub(crate) mod world;

use chrono::{DateTime, NaiveDate, Utc};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use uuid::{Uuid, uuid};

use crate::canonical::Digest;
use crate::entry::{MemberEventKind, Status};
use crate::identity::Base;
use crate::keys::{PublicKey, SecretKey};
use crate::record::{
    CharterVersion, Decision, Identifier, LanguageTagged, Memorandum, SignedRecord, UnsignedRecord,
};
use crate::whole_seconds;

pub(crate) const MEMBER: Uuid = uuid!("0192f0c1-0000-7000-8000-000000000001");
pub(crate) const RECORD: Uuid = uuid!("0192f0c1-0000-7000-8000-000000000002");
pub(crate) const PREVIOUS: Uuid = uuid!("0192f0c1-0000-7000-8000-000000000003");

pub(crate) fn base() -> Base {
    Base::parse("https://registry.example").unwrap()
}

/// The secret key whose seed is 32 times this byte.
pub(crate) fn secret(seed: u8) -> SecretKey {
    SecretKey::from_seed([seed; 32])
}

pub(crate) fn public(seed: u8) -> PublicKey {
    secret(seed).public()
}

pub(crate) fn instant() -> DateTime<Utc> {
    whole_seconds::parse("2026-11-22T03:13:00Z").unwrap()
}

pub(crate) fn tagged(language: &str, value: &str) -> LanguageTagged {
    LanguageTagged {
        language: language.to_owned(),
        value: value.to_owned(),
    }
}

/// The record of an exclusion in which every member that can be there is there.
pub(crate) fn exclusion() -> UnsignedRecord {
    UnsignedRecord {
        id: RECORD,
        issuer_name: "Registry of the Open Charter".to_owned(),
        member: MEMBER,
        charter: CharterVersion {
            slug: "open-it".to_owned(),
            version: 2,
            digest: Digest::of(b"charter"),
        },
        event: MemberEventKind::Excluded,
        at: instant(),
        resulting_status: Status::Excluded,
        until: None,
        member_number: 123,
        since: NaiveDate::from_ymd_opt(2026, 11, 20).unwrap(),
        founder: false,
        names: vec![
            tagged("ru", "Школа № 1 «Амур»"),
            tagged("en", "School No. 1 \"Amur\""),
        ],
        aliases: vec!["Амурская \\ школа".to_owned()],
        category: "educational_institution".to_owned(),
        country: Some("RU".to_owned()),
        region: Some("RU-AMU".to_owned()),
        website: Some("https://school.example".to_owned()),
        domain: Some("school.example".to_owned()),
        identifiers: vec![Identifier {
            scheme: "RU-OGRN".to_owned(),
            value: "1022800000000".to_owned(),
        }],
        memorandum: Some(Memorandum {
            digest: Digest::of(b"salt and memorandum"),
            form: "handwritten_scan".to_owned(),
            signed_on: NaiveDate::from_ymd_opt(2026, 11, 20).unwrap(),
        }),
        decision: Some(Decision {
            clauses: vec!["B.5".to_owned()],
            ground: "charter_violation".to_owned(),
            law: Some("149-ФЗ".to_owned()),
            statement: vec![tagged("ru", "Нарушен пункт B.5.\nРешение окончательное.")],
        }),
        previous: Some(PREVIOUS),
    }
}

/// The record of an admission in which nothing is that can be left out.
pub(crate) fn admission() -> UnsignedRecord {
    UnsignedRecord {
        event: MemberEventKind::Included,
        resulting_status: Status::Active,
        names: vec![tagged("en", "School")],
        aliases: Vec::new(),
        region: None,
        website: None,
        domain: None,
        identifiers: Vec::new(),
        memorandum: None,
        decision: None,
        previous: None,
        ..exclusion()
    }
}

/// A record signed at the fixed instant by the key of this seed.
pub(crate) fn signed(record: UnsignedRecord, seed: u8) -> SignedRecord {
    record.sign(instant(), &secret(seed), &base())
}

/// Texts of any script, with everything JSON escapes.
pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[а-яА-ЯёЁ \"\\\\/\n\t\u{0}-\u{1f}\u{7f}\u{2028}a-z😀\u{fb33}]{0,24}",
    ]
}

pub(crate) fn digest() -> impl Strategy<Value = Digest> {
    any::<[u8; 32]>().prop_map(Digest::from_bytes)
}

pub(crate) fn uuid() -> impl Strategy<Value = Uuid> {
    any::<u128>().prop_map(Uuid::from_u128)
}

/// Instants from 1970 to 9999, with a fraction of a second.
pub(crate) fn any_instant() -> impl Strategy<Value = DateTime<Utc>> {
    (0..253_402_300_800_000_i64)
        .prop_map(|milliseconds| DateTime::from_timestamp_millis(milliseconds).unwrap())
}

pub(crate) fn member_event_kind() -> impl Strategy<Value = MemberEventKind> {
    prop::sample::select(&MemberEventKind::ALL[..])
}

pub(crate) fn status() -> impl Strategy<Value = Status> {
    prop::sample::select(&Status::ALL[..])
}

fn date() -> impl Strategy<Value = NaiveDate> {
    any_instant().prop_map(|at| at.date_naive())
}

fn texts() -> impl Strategy<Value = Vec<LanguageTagged>> {
    vec(
        (text(), text()).prop_map(|(language, value)| LanguageTagged { language, value }),
        0..3,
    )
}

fn decision() -> impl Strategy<Value = Decision> {
    (vec(text(), 0..3), text(), option::of(text()), texts()).prop_map(
        |(clauses, ground, law, statement)| Decision {
            clauses,
            ground,
            law,
            statement,
        },
    )
}

fn memorandum() -> impl Strategy<Value = Memorandum> {
    (digest(), text(), date()).prop_map(|(digest, form, signed_on)| Memorandum {
        digest,
        form,
        signed_on,
    })
}

fn identifier() -> impl Strategy<Value = Identifier> {
    (text(), text()).prop_map(|(scheme, value)| Identifier { scheme, value })
}

/// Records of any content, the slug and names such as a verifier accepts.
pub(crate) fn any_record() -> impl Strategy<Value = UnsignedRecord> {
    let ids = (uuid(), uuid(), option::of(uuid()));
    let charter =
        ("[a-z0-9-]{1,20}", any::<u32>(), digest()).prop_map(|(slug, version, digest)| {
            CharterVersion {
                slug,
                version,
                digest,
            }
        });
    let event = (
        member_event_kind(),
        any_instant(),
        status(),
        option::of(any_instant()),
    );
    let member = (
        any::<u32>(),
        date(),
        any::<bool>(),
        (text(), text()),
        texts(),
    );
    let plain = (text(), text(), text(), vec(text(), 0..3));
    let optional = (option::of(text()), option::of(text()), option::of(text()));
    let rest = (
        vec(identifier(), 0..3),
        option::of(memorandum()),
        option::of(decision()),
    );
    (ids, charter, event, member, plain, optional, rest).prop_map(
        |(ids, charter, event, member, plain, optional, rest)| {
            let (member_number, since, founder, (language, value), mut names) = member;
            names.push(LanguageTagged { language, value });
            UnsignedRecord {
                id: ids.0,
                issuer_name: plain.0,
                member: ids.1,
                charter,
                event: event.0,
                at: event.1,
                resulting_status: event.2,
                until: event.3,
                member_number,
                since,
                founder,
                names,
                aliases: plain.3,
                category: plain.1,
                country: Some(plain.2),
                region: optional.0,
                website: optional.1,
                domain: optional.2,
                identifiers: rest.0,
                memorandum: rest.1,
                decision: rest.2,
                previous: ids.2,
            }
        },
    )
}
