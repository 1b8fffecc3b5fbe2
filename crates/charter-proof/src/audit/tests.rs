use super::{Audit, Bad, Fault, LogAudit};
use crate::batch::LARGEST_BATCH;
use crate::canonical::Digest;
use crate::entry::{Entry, Event, MemberEventKind as Change, Status};
use crate::fixtures::world::{World, member};
use crate::fixtures::{public, secret};
use crate::keys::Purpose;
use crate::note::Checkpoint;
use crate::verify::{RecordPart, TrustedKeys};

const SEED: [u8; 32] = [9; 32];

/// An entry, its bytes, and those of its record.
type Line = (Entry, Vec<u8>, Option<Vec<u8>>);

/// A log of some members, one of whom was excluded, signed by one key and then by another.
fn world() -> World {
    let mut world = World::new();
    for number in 0..20 {
        world.include(member(number), &[&format!("domain:{number}.example")]);
    }
    let rotation = Entry::rotation(world.at, Purpose::Record, &secret(1), &secret(11));
    world.try_entry(&rotation).unwrap();
    world.close();
    world.record_key = 11;
    world.exclude(member(3), &["domain:3.example"]);
    world.include(member(40), &["LEI:40"]);
    world
}

fn keys(world: &World) -> TrustedKeys {
    TrustedKeys::from_key_list("did:web:registry.example", world.replay.keys().clone())
}

/// The entries, and the record of each that has one.
fn dump(world: &World) -> Vec<Line> {
    (world.entries.iter())
        .map(|bytes| {
            let entry = Entry::parse(bytes).unwrap();
            let record = match &entry.event {
                Event::Member { record, .. } => world.records.get(record).cloned(),
                _ => None,
            };
            (entry, bytes.clone(), record)
        })
        .collect()
}

fn audited(world: &World, dump: &[Line]) -> Result<u64, Bad> {
    let keys = keys(world);
    let mut audit = Audit::new(&keys, SEED);
    for (index, (entry, _, record)) in (0..).zip(dump) {
        if let Some(record) = record {
            audit.push(index, entry, record)?;
        }
    }
    audit.finish()
}

fn by_the_log(world: &World, dump: &[Line]) -> Result<(), Bad> {
    let mut audit = LogAudit::default();
    for (_, entry, record) in dump {
        audit.push(entry, record.as_deref())?;
    }
    let checkpoint: Checkpoint = world.checkpoint().text().parse().unwrap();
    audit.finish(&checkpoint)
}

fn place(dump: &[Line], nth: usize) -> usize {
    let mut with_record = (0..dump.len()).filter(|index| dump[*index].2.is_some());
    with_record.nth(nth).unwrap()
}

#[test]
fn every_record_of_a_log_is_audited_across_a_rotation() {
    let world = world();
    assert_eq!(audited(&world, &dump(&world)).unwrap(), 22);
    by_the_log(&world, &dump(&world)).unwrap();
    // Redacted ones are passed over.
    let mut redacted = dump(&world);
    let place = place(&redacted, 3);
    redacted[place].2 = None;
    assert_eq!(audited(&world, &redacted).unwrap(), 21);
    by_the_log(&world, &redacted).unwrap();
}

#[test]
fn more_records_than_one_sum_takes_are_audited() {
    let mut world = World::new();
    let count = u64::try_from(LARGEST_BATCH).unwrap() + 3;
    for number in 0..count {
        world
            .try_change(Change::Included, member(number.into()), Status::Active, &[])
            .unwrap();
    }
    world.close();
    assert_eq!(audited(&world, &dump(&world)).unwrap(), count);
}

#[test]
fn a_record_that_is_not_the_entrys_is_named() {
    let world = world();
    let good = dump(&world);
    for nth in [0, 7, 21] {
        let index = place(&good, nth);
        let mut bad = good.clone();
        let record = bad[index].2.as_mut().unwrap();
        let place = record.len() / 2;
        record[place] ^= 1;
        for found in [audited(&world, &bad).map(|_| ()), by_the_log(&world, &bad)] {
            let found = found.unwrap_err();
            assert_eq!(found.index, u64::try_from(index).unwrap());
            assert!(matches!(found.fault, Fault::Digest), "{found}");
        }
    }
    // A record where there is none to be.
    let mut bad = good.clone();
    bad[1].2.clone_from(&good[place(&good, 0)].2);
    for found in [audited(&world, &bad).map(|_| ()), by_the_log(&world, &bad)] {
        let found = found.unwrap_err();
        assert!(matches!((found.index, found.fault), (1, Fault::NoRecord)));
    }
}

/// The log as it is, but one entry names other bytes as its record.
fn with_record(good: &[Line], index: usize, bytes: Vec<u8>) -> Bad {
    let world = world();
    let mut bad = good.to_vec();
    let Event::Member { record, .. } = &mut bad[index].0.event else {
        panic!("no record");
    };
    *record = Digest::of(&bytes);
    bad[index].2 = Some(bytes);
    audited(&world, &bad).unwrap_err()
}

#[test]
fn a_record_that_the_entry_names_and_the_key_did_not_sign_is_named() {
    let world = world();
    let good = dump(&world);
    let index = place(&good, 5);
    let at = u64::try_from(index).unwrap();
    let text = String::from_utf8(good[index].2.clone().unwrap()).unwrap();
    let altered = |from: &str, to: &str| {
        assert!(text.contains(from));
        with_record(&good, index, text.replacen(from, to, 1).into_bytes())
    };
    let found = altered("\"name\":\"Registry", "\"name\":\"registry");
    assert!(matches!((found.index, found.fault), (i, Fault::Signature) if i == at));
    let found = altered("{\"@context\"", "{ \"@context\"");
    assert!(matches!(found.fault, Fault::NotCanonical), "{found}");
    let found = altered("did:web:registry.example\"", "did:web:other.example\"");
    assert!(
        matches!(&found.fault, Fault::Record(reason) if reason.code() == "issuer_not_trusted"),
        "{found}"
    );
    // By a key that was not yet the registry's.
    let found = altered(&public(1).to_string(), &public(11).to_string());
    assert!(
        matches!(&found.fault, Fault::Record(reason) if reason.code() == "signature_invalid"),
        "{found}"
    );
}

#[test]
fn a_record_that_says_something_else_than_its_entry_is_named() {
    let mut world = world();
    for (alter, part) in [
        (0, RecordPart::Member),
        (1, RecordPart::Charter),
        (2, RecordPart::Event),
        (3, RecordPart::Status),
    ] {
        let good = dump(&world);
        let index = place(&good, 21);
        let mut record = world.record(Change::Included, member(40), Status::Active, &["LEI:40"]);
        match alter {
            0 => record.member = member(41),
            1 => record.charter.slug.push('x'),
            2 => record.event = Change::Readmitted,
            _ => record.resulting_status = Status::Suspended,
        }
        let Event::Member { record, .. } = world.signed(record, &["LEI:40"]) else {
            panic!("no record");
        };
        let found = with_record(&good, index, world.records[&record].clone());
        assert!(
            matches!(found.fault, Fault::Mismatch(other) if other == part),
            "{found}"
        );
    }
}

#[test]
fn a_key_signs_nothing_after_its_time() {
    let mut world = world();
    let good = dump(&world);
    let index = place(&good, 21);
    world.record_key = 1;
    let record = world.record(Change::Included, member(40), Status::Active, &["LEI:40"]);
    let Event::Member { record, .. } = world.signed(record, &["LEI:40"]) else {
        panic!("no record");
    };
    let found = with_record(&good, index, world.records[&record].clone());
    assert!(
        matches!(&found.fault, Fault::Record(reason) if reason.code() == "key_out_of_range"),
        "{found}"
    );
}

#[test]
fn entries_that_are_not_those_of_the_checkpoint_are_refused() {
    let world = world();
    let good = dump(&world);
    let root = |found: Result<(), Bad>| {
        let found = found.unwrap_err();
        assert!(matches!(found.fault, Fault::Root), "{found}");
        found.index
    };
    let size = world.replay.size();
    assert_eq!(root(by_the_log(&world, &good[..good.len() - 1])), size - 1);
    let more = [good.clone(), vec![good[0].clone()]].concat();
    assert_eq!(root(by_the_log(&world, &more)), size);
    let mut swapped = good;
    swapped.swap(1, 3);
    assert_eq!(root(by_the_log(&world, &swapped)), size);
}

#[test]
fn the_record_of_an_entry_is_found_in_its_bytes_and_in_no_others() {
    let world = world();
    for bytes in &world.entries {
        let named = match Entry::parse(bytes).unwrap().event {
            Event::Member { record, .. } => Some(record),
            _ => None,
        };
        assert_eq!(Entry::record_digest_in(bytes), named);
        for end in 0..bytes.len() {
            assert_eq!(Entry::record_digest_in(&bytes[..end]), None);
        }
    }
}
