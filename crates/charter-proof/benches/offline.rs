//! How fast a dump of records is verified offline, on one core, against what its primitives take by themselves.
//!
//! ```sh
//! cargo bench -p charter-proof --bench offline -- --records 100000 --rounds 5
//! ```
//!
//! Everything is made before the clock starts: records as a registry of schools has them, their entries, and as many
//! signatures of 64 bytes. Each round measures all of it once; the middle of the rounds counts.
#![expect(
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "a measurement that cannot go on fails, and its figures are rounded"
)]

use std::hint::black_box;
use std::time::Instant;
use std::{env, fs, thread};

use charter_proof::audit::{Audit, LogAudit};
use charter_proof::batch::{LARGEST_BATCH, Signed, verify_batch};
use charter_proof::canonical::Digest;
use charter_proof::entry::{Entry, Event, MemberEventKind, Status};
use charter_proof::identity::Base;
use charter_proof::keys::{KeyList, KeyRange, Purpose, SecretKey, claim_hash};
use charter_proof::merkle::{Frontier, leaf_hash};
use charter_proof::note::Checkpoint;
use charter_proof::record::{
    CharterVersion, Identifier, LanguageTagged, Memorandum, UnsignedRecord,
};
use charter_proof::verify::{RecordVerdict, TrustedKeys, verify_record};
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

const CHARTER: &str = "open-it";

/// A change of a membership: its entry, and its record.
struct Change {
    entry: Entry,
    bytes: Vec<u8>,
    record: Vec<u8>,
}

fn main() {
    // Cargo adds options of its own.
    let arguments: Vec<String> = env::args().skip(1).collect();
    let number = |name: &str, usual: usize| {
        let place = arguments.iter().position(|argument| argument == name);
        let given = place.and_then(|place| arguments.get(place + 1)?.parse().ok());
        given.unwrap_or(usual)
    };
    let (records, rounds) = (number("--records", 100_000), number("--rounds", 5));
    let key = SecretKey::from_seed([1; 32]);
    let dump: Vec<Change> = (0..records).map(|number| change(number, &key)).collect();
    let length = dump.iter().map(|change| change.record.len()).sum::<usize>() / dump.len();
    println!("{records} records of {length} bytes on average, {rounds} rounds, one core\n");
    measure(&dump, &key, rounds);
}

fn measure(dump: &[Change], key: &SecretKey, rounds: usize) {
    let list = KeyList::new(vec![KeyRange {
        from: 0,
        public_key_multibase: key.public(),
        purpose: Purpose::Record,
        to: None,
    }]);
    let keys = TrustedKeys::from_key_list("did:web:registry.example", list);
    let bare: Vec<([u8; 64], [u8; 64])> = (0_u64..)
        .take(dump.len())
        .map(|number| {
            let half = *Digest::of(&number.to_be_bytes()).as_bytes();
            let message: [u8; 64] = [half, half].concat().try_into().unwrap();
            (message, key.sign(&message))
        })
        .collect();
    let mut tree = Frontier::default();
    for change in dump {
        tree.push(leaf_hash(&change.bytes), |_| {});
    }
    let checkpoint = Checkpoint {
        origin: "registry.example/log".to_owned(),
        size: tree.size(),
        root: tree.root(),
    };
    let mut times: [Vec<f64>; 7] = Default::default();
    for _ in 0..rounds {
        let round = [
            timed(|| strictly(&bare, key)),
            timed(|| one_by_one(dump, &keys)),
            timed(|| in_bare_batches(&bare, key)),
            timed(|| in_batches(dump, &keys)),
            timed(|| leaves(dump)),
            timed(|| hashes(dump)),
            timed(|| by_the_log(dump, &checkpoint)),
        ];
        for (times, time) in times.iter_mut().zip(round) {
            times.push(time);
        }
    }
    let [strict, one, bare_batch, batch, leaf, hash, log] = times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        let middle = times.get(times.len() / 2).copied().unwrap();
        dump.len() as f64 / middle
    });
    println!("| what | a second | against | bound | measured |\n| --- | --- | --- | --- | --- |");
    let row = |what: &str, rate: f64, against: &str, bound: &str, part: f64| {
        println!("| {what} | {rate:.0} | {against} | {bound} | {part:.2} |");
    };
    let strictly = "`verify_strict` alone";
    row(strictly, strict, "", "", 1.0);
    row("records, one by one", one, strictly, "≥ 0.80", one / strict);
    row(
        "signatures in batches, alone",
        bare_batch,
        strictly,
        "",
        bare_batch / strict,
    );
    row(
        "records, in batches",
        batch,
        strictly,
        "≥ 3.00",
        batch / strict,
    );
    row("leaf hashes of entries", leaf, "", "", 1.0);
    let hashes = "hashes of entries and records";
    row(hashes, hash, "", "", 1.0);
    row("by the log alone", log, hashes, "≥ 0.70", log / hash);
}

/// The seconds of a processor that some work takes, where Linux tells; what other programs take does not count.
fn timed(work: impl FnOnce()) -> f64 {
    let (start, before) = (Instant::now(), on_processor());
    work();
    match (before, on_processor()) {
        (Some(before), Some(after)) => (after - before) as f64 / 1e9,
        _ => start.elapsed().as_secs_f64(),
    }
}

/// For how many nanoseconds this thread had a processor.
fn on_processor() -> Option<u64> {
    // The count is brought up to date when the thread gives way.
    thread::yield_now();
    let numbers = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    numbers.split(' ').next()?.parse().ok()
}

fn strictly(bare: &[([u8; 64], [u8; 64])], key: &SecretKey) {
    let key = key.public();
    for (message, signature) in bare {
        assert!(key.verify_strict(message, signature));
    }
}

fn one_by_one(dump: &[Change], keys: &TrustedKeys) {
    for (index, change) in (0..).zip(dump) {
        let RecordVerdict::Authentic(said) = verify_record(&change.record, keys, Some(index))
        else {
            panic!("entry {index} is refused");
        };
        assert!(
            matches!(change.entry.event, Event::Member { record, .. } if record == said.digest)
        );
    }
}

fn in_bare_batches(bare: &[([u8; 64], [u8; 64])], key: &SecretKey) {
    for batch in bare.chunks(LARGEST_BATCH) {
        let batch: Vec<Signed<'_>> = batch
            .iter()
            .map(|(message, signature)| Signed { message, signature })
            .collect();
        verify_batch(&key.public(), &batch, &[7; 32]).unwrap();
    }
}

fn in_batches(dump: &[Change], keys: &TrustedKeys) {
    // A real audit draws its seed.
    let mut audit = Audit::new(keys, [7; 32]);
    for (index, change) in (0..).zip(dump) {
        audit.push(index, &change.entry, &change.record).unwrap();
    }
    audit.finish().unwrap();
}

fn leaves(dump: &[Change]) {
    for change in dump {
        black_box(leaf_hash(&change.bytes));
    }
}

fn hashes(dump: &[Change]) {
    for change in dump {
        black_box((leaf_hash(&change.bytes), Digest::of(&change.record)));
    }
}

fn by_the_log(dump: &[Change], checkpoint: &Checkpoint) {
    let mut audit = LogAudit::default();
    for change in dump {
        audit.push(&change.bytes, Some(&change.record)).unwrap();
    }
    audit.finish(checkpoint).unwrap();
}

/// The admission of a school of this number.
fn change(number: usize, key: &SecretKey) -> Change {
    let base = Base::parse("https://registry.example").unwrap();
    let member = Uuid::from_u128(0x0192_f0c1_0000_7000_8000 << 48 | number as u128);
    let at: DateTime<Utc> = "2026-11-22T03:13:00Z".parse().unwrap();
    let day = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
    let (domain, ogrn) = (
        format!("school-{number}.example"),
        format!("{:013}", 1_022_800_000_000 + number),
    );
    let mut claims = [format!("domain:{domain}"), format!("RU-OGRN:{ogrn}")]
        .map(|key| claim_hash(CHARTER, &key))
        .to_vec();
    claims.sort_unstable();
    let named = |language: &str, value: String| LanguageTagged {
        language: language.to_owned(),
        value,
    };
    let unsigned = UnsignedRecord {
        id: Uuid::from_u128(0x0192_f0c2_0000_7000_8000 << 48 | number as u128),
        issuer_name: "Registry of the Open Charter".to_owned(),
        member,
        charter: CharterVersion {
            slug: CHARTER.to_owned(),
            version: 1,
            digest: Digest::of(b"charter"),
        },
        event: MemberEventKind::Included,
        at,
        resulting_status: Status::Active,
        until: None,
        member_number: u32::try_from(number).unwrap(),
        since: day,
        founder: false,
        names: vec![
            named("ru", format!("Школа № {number} города Благовещенска")),
            named("en", format!("School No. {number} of Blagoveshchensk")),
        ],
        aliases: Vec::new(),
        category: "educational_institution".to_owned(),
        country: Some("RU".to_owned()),
        region: Some("RU-AMU".to_owned()),
        website: Some(format!("https://{domain}/")),
        domain: Some(domain),
        identifiers: vec![Identifier {
            scheme: "RU-OGRN".to_owned(),
            value: ogrn,
        }],
        memorandum: Some(Memorandum {
            digest: Digest::of(&number.to_be_bytes()),
            form: "handwritten_scan".to_owned(),
            signed_on: day,
        }),
        decision: None,
        previous: None,
    };
    let signed = unsigned.sign(at, key, &base);
    let event = Event::Member {
        kind: MemberEventKind::Included,
        charter: CHARTER.to_owned(),
        member,
        status: Status::Active,
        record: signed.digest,
        claims,
    };
    let entry = Entry { at, event };
    let bytes = entry.to_bytes().unwrap();
    Change {
        entry,
        bytes,
        record: signed.bytes,
    }
}
