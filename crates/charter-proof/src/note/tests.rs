//! Notes against `signed_note`, and every byte of one against change.

use proptest::prelude::*;

use super::{Checkpoint, Kind, MOST_SIGNATURES, Note, NoteError, NoteKey, Signed, VerifyError};
use crate::canonical::Digest;
use crate::keys::SecretKey;

const ORIGIN: &str = "registry.example/log";

fn checkpoint() -> Checkpoint {
    Checkpoint {
        origin: ORIGIN.to_owned(),
        size: 70_000,
        root: Digest::of(b"root"),
    }
}

fn log_key() -> SecretKey {
    SecretKey::from_seed([1; 32])
}

fn clock_key() -> SecretKey {
    SecretKey::from_seed([2; 32])
}

fn keys() -> [NoteKey; 2] {
    let log = NoteKey::new(ORIGIN.to_owned(), Kind::Plain, log_key().public());
    let clock = NoteKey::new(
        "registry.example/clock".to_owned(),
        Kind::Cosignature,
        clock_key().public(),
    );
    [log.unwrap(), clock.unwrap()]
}

fn signed() -> Note {
    let mut note = Note::new(checkpoint().to_string()).unwrap();
    note.sign(ORIGIN, &log_key());
    note.cosign("registry.example/clock", &clock_key(), 1_763_800_000);
    note
}

#[test]
fn a_signed_checkpoint_is_read_back_and_verifies() {
    let text = signed().to_string();
    let note: Note = text.parse().unwrap();
    assert_eq!(note, signed());
    assert_eq!(note.text().parse::<Checkpoint>().unwrap(), checkpoint());
    let [log, clock] = keys();
    assert_eq!(log.verify(&note), Ok(Signed::Text));
    assert_eq!(clock.verify(&note), Ok(Signed::At(1_763_800_000)));
    for key in keys() {
        assert_eq!(key.to_string().parse::<NoteKey>().unwrap(), key);
    }
}

#[test]
fn no_changed_bit_of_a_note_leaves_it_signed() {
    let text = signed().to_string().into_bytes();
    for at in 0..text.len() {
        for bit in 0..8 {
            let mut changed = text.clone();
            changed[at] ^= 1 << bit;
            let Ok(changed) = String::from_utf8(changed) else {
                continue;
            };
            let Ok(note) = changed.parse::<Note>() else {
                continue;
            };
            let both = keys().iter().all(|key| key.verify(&note).is_ok());
            assert!(!both, "byte {at}, bit {bit}");
        }
        assert!(
            text[..at].is_ascii() || std::str::from_utf8(&text[..at]).is_err() || {
                let cut = std::str::from_utf8(&text[..at]).unwrap().parse::<Note>();
                cut.is_err()
                    || keys()
                        .iter()
                        .any(|key| key.verify(cut.as_ref().unwrap()).is_err())
            }
        );
    }
}

#[test]
fn a_key_that_signs_twice_did_not_sign() {
    let mut note = signed();
    let [log, clock] = keys();
    note.cosign("registry.example/clock", &clock_key(), 1_763_800_001);
    assert_eq!(clock.verify(&note), Err(VerifyError::Twice));
    assert_eq!(log.verify(&note), Ok(Signed::Text));
    let other = NoteKey::new(ORIGIN.to_owned(), Kind::Plain, clock_key().public()).unwrap();
    assert_eq!(other.verify(&note), Err(VerifyError::Missing));
}

#[test]
fn what_is_no_note_is_refused_with_its_reason() {
    let refused = |text: &str| text.parse::<Note>().unwrap_err();
    assert_eq!(refused(""), NoteError::Shape);
    assert_eq!(refused("text\n"), NoteError::Shape);
    assert_eq!(refused("text\n\n"), NoteError::Shape);
    assert_eq!(refused("text\n\n\u{2014} a AAAAAAA="), NoteError::Shape);
    assert_eq!(
        refused("te\rxt\n\n\u{2014} a AAAAAAA=\n"),
        NoteError::ControlCharacter
    );
    for line in [
        "- a AAAAAAA=",
        "\u{2014} a+b AAAAAAA=",
        "\u{2014}  AAAAAAA=",
        "\u{2014} a AAAAAA==",
        "\u{2014} a AAAAAAB=",
        "\u{2014} a",
    ] {
        assert_eq!(
            refused(&format!("text\n\n{line}\n")),
            NoteError::Signature(1),
            "{line}"
        );
    }
    let many = "\u{2014} a AAAAAAA=\n".repeat(MOST_SIGNATURES + 1);
    assert_eq!(refused(&format!("text\n\n{many}")), NoteError::TooMany);
}

#[test]
fn what_is_no_checkpoint_is_refused() {
    let root = "A".repeat(43) + "=";
    format!("o\n0\n{root}\n").parse::<Checkpoint>().unwrap();
    for text in [
        String::new(),
        format!("\n0\n{root}\n"),
        format!("o\n+1\n{root}\n"),
        format!("o\n01\n{root}\n"),
        format!("o\n18446744073709551616\n{root}\n"),
        format!("o\n1\n{root}"),
        format!("o\n1\n{root}\nextension\n"),
        format!("o\n1\n{}\n", "A".repeat(40)),
        format!("o\n1\n{}B=\n", "A".repeat(42)),
    ] {
        assert!(text.parse::<Checkpoint>().is_err(), "{text:?}");
    }
}

#[test]
fn what_is_no_key_is_refused() {
    let [log, _] = keys();
    let log = log.to_string();
    for text in [
        "",
        "name",
        "name+00000000",
        &log.replace('+', "-"),
        &log.replacen('+', "+0", 1),
        &format!("{log}="),
    ] {
        assert!(text.parse::<NoteKey>().is_err(), "{text}");
    }
    let (name, rest) = log.split_once('+').unwrap();
    assert!(
        format!("{name}x+{rest}").parse::<NoteKey>().is_err(),
        "another name has another id"
    );
}

#[test]
fn signed_note_reads_and_verifies_what_we_sign() {
    use signed_note::{Note as Theirs, StandardVerifier, VerifierList};

    let theirs = Theirs::from_bytes(signed().to_string().as_bytes()).unwrap();
    assert_eq!(theirs.text(), signed().text().as_bytes());
    let [log, _] = keys();
    let verifier = StandardVerifier::new(&log.to_string()).unwrap();
    let (by_known_keys, _) = theirs
        .verify(&VerifierList::new(vec![Box::new(verifier)]))
        .unwrap();
    assert_eq!(by_known_keys.len(), 1);
}

proptest! {
    #[test]
    fn whatever_is_read_is_written_the_same(text in "(\\PC|\n){0,60}\n\n(\u{2014} [a-z+ ]{1,5} [A-Za-z0-9+/=]{8,16}\n){0,3}") {
        if let Ok(note) = text.parse::<Note>() {
            prop_assert_eq!(note.to_string(), text);
        }
    }
}
