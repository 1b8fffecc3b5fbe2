use std::{fs, os::unix::fs::PermissionsExt as _};

use charter_proof::keys::{Purpose, SecretKey};
use chrono::{DateTime, TimeDelta, Utc};

use super::{BESIDE, Keyring, KeyringError};
use crate::{
    log::key_files::{KeyFolder, Place},
    rules::word::Word as _,
    storage::keys::SigningKey,
};

const OLD: u8 = 10;
const NEW: u8 = 20;

/// What a file holds: nothing, a key of this seed, or half of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    Nothing,
    Key(u8),
    Half,
}

fn at() -> DateTime<Utc> {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

fn secret(seed: u8, purpose: Purpose) -> SecretKey {
    let place = Purpose::all().iter().position(|it| *it == purpose).unwrap();
    SecretKey::from_seed([seed + u8::try_from(place).unwrap(); 32])
}

fn hold(folder: &KeyFolder, place: Place, purpose: Purpose, held: Held) {
    match held {
        Held::Nothing => {}
        Held::Key(seed) => folder.write(place, &secret(seed, purpose)).unwrap(),
        Held::Half => {
            let path = folder.path(place);
            fs::write(&path, "-----BEGIN PRIVATE").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
}

/// The keys by the database, of which this purpose's was replaced, or was not yet.
fn list(purpose: Purpose, is_replaced: bool) -> Vec<SigningKey> {
    let mut list: Vec<_> = Purpose::all()
        .iter()
        .map(|purpose| SigningKey::active(*purpose, secret(OLD, *purpose).public(), 0, at()))
        .collect();
    if is_replaced {
        let old = list.iter_mut().find(|key| key.range.purpose == purpose);
        let old = old.unwrap();
        (old.range.to, old.retired_at) = (Some(7), Some(at()));
        list.push(SigningKey::active(
            purpose,
            secret(NEW, purpose).public(),
            7,
            at(),
        ));
    }
    list
}

#[test]
fn whatever_an_interrupted_rotation_left_is_put_right_or_refused() {
    let actives = [Held::Nothing, Held::Key(OLD), Held::Key(NEW), Held::Half];
    let nexts = [Held::Nothing, Held::Key(NEW), Held::Key(30), Held::Half];
    for &purpose in Purpose::all() {
        for is_replaced in [false, true] {
            for (active, next) in actives.iter().flat_map(|a| nexts.map(|n| (*a, n))) {
                let case = format!("{purpose:?} {is_replaced} {active:?} {next:?}");
                let folder = tempfile::tempdir().unwrap();
                let folder = KeyFolder::at(folder.path().join("keys"));
                for &other in Purpose::all() {
                    if other != purpose {
                        folder.write(other, &secret(OLD, other)).unwrap();
                    }
                }
                hold(&folder, purpose.into(), purpose, active);
                hold(&folder, Place::Next(purpose), purpose, next);
                let opened = Keyring::open(folder.clone(), &list(purpose, is_replaced), at());

                let wanted = if is_replaced { NEW } else { OLD };
                let takes_over = is_replaced && active != Held::Key(NEW) && next == Held::Key(NEW);
                if active != Held::Key(wanted) && !takes_over {
                    assert!(opened.is_err(), "{case}");
                    continue;
                }
                let keys = opened.map_err(|error| format!("{case}: {error}")).unwrap();
                let keys = keys.keys();
                assert_eq!(
                    keys.of(purpose).public(),
                    secret(wanted, purpose).public(),
                    "{case}"
                );
                let lies = |place| folder.path(place).exists();
                assert_eq!(
                    lies(Place::Next(purpose)),
                    next != Held::Nothing && !takes_over,
                    "{case}"
                );
                let former = Place::Former(purpose, secret(OLD, purpose).public());
                let is_kept = purpose != Purpose::Record && takes_over && active == Held::Key(OLD);
                assert_eq!(lies(former), is_kept, "{case}");
                let beside = |purpose: &Purpose| keys.beside(*purpose, at()).count();
                assert_eq!(beside(&purpose), usize::from(is_kept), "{case}");
                let all: usize = Purpose::all().iter().map(beside).sum();
                assert_eq!(all, usize::from(is_kept), "{case}");
            }
        }
    }
}

#[test]
fn a_retired_log_or_clock_key_signs_beside_its_successor_for_thirty_days_and_then_goes() {
    for (rotated, stays) in [
        (Purpose::Log, true),
        (Purpose::Clock, true),
        (Purpose::Record, false),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let folder = KeyFolder::at(folder.path().join("keys"));
        for &purpose in Purpose::all() {
            folder.write(purpose, &secret(OLD, purpose)).unwrap();
        }
        let before = list(rotated, false);
        let keyring = Keyring::open(folder.clone(), &before, at()).unwrap();
        folder
            .write(Place::Next(rotated), &secret(NEW, rotated))
            .unwrap();
        let after = list(rotated, true);
        let keys = keyring.following(&after, at()).unwrap();
        let last = at() + BESIDE - TimeDelta::seconds(1);
        let count = usize::from(stays);
        assert_eq!(keys.beside(rotated, last).count(), count);
        assert_eq!(keys.has_beside(last), stays);
        assert_eq!(keys.beside(rotated, at() + BESIDE).count(), 0);
        assert!(!keys.has_beside(at() + BESIDE));

        let former = folder.path(Place::Former(rotated, secret(OLD, rotated).public()));
        assert_eq!(keyring.destroy_former(&after, last).unwrap(), 0);
        assert_eq!(former.exists(), stays);
        let over = at() + BESIDE;
        assert_eq!(keyring.destroy_former(&after, over).unwrap(), count);
        assert!(!former.exists());
        assert_eq!(keyring.destroy_former(&after, over).unwrap(), 0);
    }
}

/// Whether it was in force when that was said, or had been replaced before, and whoever held it then.
#[test]
fn a_clock_key_that_others_may_have_signs_beside_nobody() {
    for is_retired_before in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let folder = KeyFolder::at(folder.path().join("keys"));
        for &purpose in Purpose::all() {
            folder.write(purpose, &secret(OLD, purpose)).unwrap();
        }
        let keyring = Keyring::open(folder.clone(), &list(Purpose::Clock, false), at()).unwrap();
        folder
            .write(Place::Next(Purpose::Clock), &secret(NEW, Purpose::Clock))
            .unwrap();
        let mut after = list(Purpose::Clock, true);
        if is_retired_before {
            let keys = keyring.following(&after, at()).unwrap();
            assert_eq!(keys.beside(Purpose::Clock, at()).count(), 1);
            let old = secret(OLD, Purpose::Clock).public();
            assert!(!keys.without(Purpose::Clock, old).has_beside(at()));
        }
        let old = after.iter_mut().find(|key| key.range.to.is_some());
        old.unwrap().compromised_at = Some(at());
        let keys = keyring.following(&after, at()).unwrap();
        assert!(!keys.has_beside(at()));
        assert_eq!(keys.clock.public(), secret(NEW, Purpose::Clock).public());
        let destroyed = keyring.destroy_former(&after, at()).unwrap();
        assert_eq!(destroyed, usize::from(is_retired_before));
        let places = folder.places().unwrap();
        assert!(
            !places
                .iter()
                .any(|place| matches!(place, Place::Former(..)))
        );
    }
}

#[test]
fn whoever_lacks_the_new_key_has_none_until_its_file_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let folder = KeyFolder::at(folder.path().join("keys"));
    for &purpose in Purpose::all() {
        folder.write(purpose, &secret(OLD, purpose)).unwrap();
    }
    let keyring = Keyring::open(folder.clone(), &list(Purpose::Record, false), at()).unwrap();
    let after = list(Purpose::Record, true);
    assert!(matches!(
        keyring.following(&after, at()),
        Err(KeyringError::Other {
            purpose: "record",
            ..
        })
    ));
    assert!(keyring.is_lacking());
    let next = secret(NEW, Purpose::Record);
    folder.write(Place::Next(Purpose::Record), &next).unwrap();
    let keys = keyring.following(&after, at()).unwrap();
    assert_eq!(keys.record.public(), next.public());
    assert!(!keyring.is_lacking());
}
