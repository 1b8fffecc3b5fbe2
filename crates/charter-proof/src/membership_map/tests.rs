//! The published vectors, and the map against its definition under random changes.

use std::collections::BTreeMap;
use std::io;

use proptest::prelude::*;

use super::{
    ClaimValue, EMPTY_ROOT, Holder, MembershipMap, Origin, PathError, Step, Thawing, goes_right,
    inner_hash, leaf_hash, root_of_path,
};
use crate::canonical::Digest;
use crate::keys::claim_hash;

fn claim(n: u64) -> ClaimValue {
    ClaimValue {
        charter: "c".to_owned(),
        event: n,
        key_hash: claim_hash("c", &format!("domain:{n}.example")),
        member: None,
    }
}

fn released(event: u64) -> Origin {
    Origin {
        event,
        holder: Holder::Released,
    }
}

fn map_of(numbers: impl IntoIterator<Item = u64>) -> MembershipMap {
    let mut map = MembershipMap::default();
    for value in numbers.into_iter().map(claim) {
        map.set(value.key_hash, &value.digest(), released(value.event))
            .unwrap();
    }
    map.refresh();
    map
}

#[test]
fn the_published_vectors_are_reproduced() {
    let root = |map: MembershipMap| map.root().to_string();
    assert_eq!(
        root(map_of([1])),
        "e2c4dac7424830bd8787aeebebb56d1b843cd1936e1936e24ae4c2dcf3235913"
    );
    assert_eq!(
        root(map_of([1, 2, 3])),
        "e3bbd3bf6bbec147e811a5a7f2d1ba755e919f013c3378f968835833dd374fd4"
    );
    assert_eq!(
        root(map_of(0..100)),
        "d5b54c419b7d281e9f4e76a0ee83c2299f65fe6d38a56e5b12d7303a97d82557"
    );
    assert_eq!(root(map_of((0..100).rev())), root(map_of(0..100)));
    assert_eq!(map_of([]).root(), EMPTY_ROOT);
}

/// The definition, word for word: the root over sorted leaves.
fn defined(leaves: &[(Digest, Digest)]) -> Digest {
    match leaves {
        [] => EMPTY_ROOT,
        [(key, value)] => leaf_hash(key, value),
        many => {
            let differ = |bit: &u8| {
                many.iter()
                    .any(|(key, _)| goes_right(key, *bit) != goes_right(&many[0].0, *bit))
            };
            let bit = (0..=255).find(differ).unwrap();
            let (left, right): (Vec<_>, Vec<_>) =
                many.iter().partition(|(key, _)| !goes_right(key, bit));
            inner_hash(bit, &defined(&left), &defined(&right))
        }
    }
}

/// Keys that agree in long beginnings, so that nodes divide late too.
fn key() -> impl Strategy<Value = Digest> {
    (0..4_u8, 0..4_u8, any::<[u8; 2]>()).prop_map(|(first, middle, end)| {
        let mut bytes = [0; 32];
        (bytes[0], bytes[15], bytes[30], bytes[31]) = (first << 6, middle, end[0] & 3, end[1]);
        Digest::from_bytes(bytes)
    })
}

proptest! {
    #[test]
    fn the_map_is_its_definition_and_proves_presence_and_absence(
        changes in prop::collection::vec((key(), any::<u8>()), 0..120),
        asked in key(),
    ) {
        let (mut map, mut known) = (MembershipMap::default(), BTreeMap::new());
        for (key, value) in changes {
            let value = Digest::of(&[value]);
            map.set(key, &value, released(0)).unwrap();
            known.insert(key, value);
            if known.len() % 3 == 0 {
                map.refresh();
            }
        }
        map.refresh();
        let leaves: Vec<_> = known.iter().map(|(key, value)| (*key, *value)).collect();
        prop_assert_eq!(map.root(), defined(&leaves));
        prop_assert_eq!(map.len(), known.len());
        for question in known.keys().chain([&asked]) {
            let Some(path) = map.path(question) else {
                prop_assert!(known.is_empty());
                continue;
            };
            prop_assert_eq!(path.leaf == *question, known.contains_key(question));
            let hash = leaf_hash(&path.leaf, &known[&path.leaf]);
            prop_assert_eq!(root_of_path(question, (&path.leaf, hash), &path.steps), Ok(map.root()));
            // Nobody present can be denied: another leaf's path is of no use to this question.
            for other in known.keys().filter(|other| *other != question && known.contains_key(question)) {
                let theirs = map.path(other).unwrap();
                let hash = leaf_hash(other, &known[other]);
                prop_assert_ne!(root_of_path(question, (other, hash), &theirs.steps), Ok(map.root()));
            }
        }
    }
}

proptest! {
    #[test]
    fn changes_are_taken_back_to_any_point(
        kept in prop::collection::vec((key(), any::<u8>()), 0..40),
        undone in prop::collection::vec((key(), any::<u8>()), 0..40),
    ) {
        let mut map = MembershipMap::default();
        for (key, value) in kept {
            map.set(key, &Digest::of(&[value]), released(1)).unwrap();
        }
        map.refresh();
        let (before, keys) = (map.root(), map.len());
        let copy = map.clone();
        let mut undos = Vec::new();
        for (key, value) in &undone {
            undos.push(map.set(*key, &Digest::of(&[*value]), released(2)).unwrap());
        }
        while let Some(undo) = undos.pop() {
            map.undo(&undo);
        }
        map.refresh();
        prop_assert_eq!((map.root(), map.len()), (before, keys));
        for (key, _) in &undone {
            prop_assert!(map.origin(key).is_none_or(|origin| origin.event == 1));
        }
        // What comes next is as if nothing had been there.
        for (key, value) in &undone {
            map.set(*key, &Digest::of(&[*value]), released(3)).unwrap();
        }
        map.refresh();
        let (mut again, after) = (map.clone(), map.root());
        for (key, value) in &undone {
            again.set(*key, &Digest::of(&[*value]), released(3)).unwrap();
        }
        let last = undone.iter().map(|(key, value)| (*key, *value)).collect::<BTreeMap<_, _>>();
        for (key, value) in last {
            again.set(key, &Digest::of(&[value]), released(3)).unwrap();
        }
        again.refresh();
        prop_assert_eq!(again.root(), after);
        // A copy shares what did not change, and changes with nobody.
        let (first, known) = (frozen(&copy, 0, &[]), u32::try_from(keys).unwrap());
        let copy = thawed(&[&first]).unwrap();
        prop_assert_eq!((copy.root(), copy.len()), (before, keys));
        // What changed since is written beside it.
        let changed: Vec<u32> = undone.iter().filter_map(|(key, _)| map.number(key)).collect();
        let second = frozen(&map, known, &changed);
        let mut both = thawed(&[&first, &second]).unwrap();
        both.refresh();
        prop_assert_eq!((both.root(), both.len()), (after, map.len()));
        for (key, _) in &undone {
            prop_assert_eq!(both.path(key), map.path(key));
            prop_assert_eq!(both.number(key), map.number(key));
        }
    }
}

fn frozen(map: &MembershipMap, from: u32, changed: &[u32]) -> Vec<u8> {
    let mut bytes = Vec::new();
    map.freeze(from, changed, &mut bytes).unwrap();
    bytes
}

fn thawed(parts: &[&[u8]]) -> io::Result<MembershipMap> {
    let mut thawing = Thawing::default();
    for mut part in parts.iter().copied() {
        thawing.read(&mut part)?;
    }
    thawing.finish()
}

#[test]
fn keys_that_are_the_same_for_long_are_told_apart_and_none_stands_twice() {
    let mut map = MembershipMap::default();
    let mut key = [7; 32];
    for place in (0..32).rev() {
        key[place] ^= 1;
        map.set(Digest::from_bytes(key), &Digest::of(&key), released(1))
            .unwrap();
    }
    map.refresh();
    let bytes = frozen(&map, 0, &[]);
    let again = thawed(&[&bytes]).unwrap();
    assert_eq!((again.root(), again.len()), (map.root(), 32));
    assert!(thawed(&[&bytes, &bytes]).is_err());
    for end in 0..bytes.len() {
        assert!(thawed(&[&bytes[..end]]).is_err(), "{end}");
    }
    assert!(thawed(&[]).unwrap().is_empty());
    let mut beyond = vec![0; 4];
    beyond.extend([1, 0, 0, 0, 9, 0, 0, 0]);
    beyond.extend([0; 72]);
    assert!(thawed(&[&beyond]).is_err(), "no such leaf");
}

#[test]
fn a_path_out_of_order_or_on_the_wrong_side_shows_nothing() {
    let map = map_of(0..50);
    let asked = claim(7);
    let path = map.path(&asked.key_hash).unwrap();
    let leaf = (&asked.key_hash, leaf_hash(&asked.key_hash, &asked.digest()));
    root_of_path(&asked.key_hash, leaf, &path.steps).unwrap();
    let mut turned = path.steps.clone();
    turned.swap(0, 1);
    assert_eq!(
        root_of_path(&asked.key_hash, leaf, &turned),
        Err(PathError::Order)
    );
    let repeated: Vec<Step> = path.steps.iter().flat_map(|step| [*step, *step]).collect();
    assert_eq!(
        root_of_path(&asked.key_hash, leaf, &repeated),
        Err(PathError::Order)
    );
    let elsewhere = (0..50).map(claim).find(|other| {
        path.steps.iter().any(|step| {
            goes_right(&other.key_hash, step.bit) != goes_right(&asked.key_hash, step.bit)
        })
    });
    let elsewhere = elsewhere.unwrap().key_hash;
    assert_eq!(
        root_of_path(&elsewhere, leaf, &path.steps),
        Err(PathError::Side)
    );
}

#[test]
fn the_bits_of_a_key_are_counted_from_the_most_significant() {
    let mut bytes = [0; 32];
    (bytes[0], bytes[31]) = (0x80, 0x01);
    let key = Digest::from_bytes(bytes);
    let set: Vec<u8> = (0..=255).filter(|&bit| goes_right(&key, bit)).collect();
    assert_eq!(set, [0, 255]);
}
