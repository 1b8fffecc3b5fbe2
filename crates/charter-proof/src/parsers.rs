//! Every parser, with arbitrary bytes and with good input that was altered: none panics, and what is read is written
//! the same. `fuzz/` has the same as targets of cargo-fuzz.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::canonical::{parse_strict, to_jcs};
use crate::credential::jwt::verify_jwt;
use crate::credential::verify_credential;
use crate::entry::Entry;
use crate::fixtures::world::World;
use crate::fixtures::{admission, base, exclusion, instant, public, signed};
use crate::keys::{KeyList, PublicKey, PublishedKeys, did_document};
use crate::note::{Checkpoint, Note, NoteKey};
use crate::policy::Policy;
use crate::proof_file::ProofFile;
use crate::status_list::{Bits, verify_status_list};
use crate::tile::{Tile, bundle};
use crate::verify::{Key, TrustedKeys, verify_record};

/// Good inputs of all parsers, the vectors among them.
fn inputs() -> Vec<Vec<u8>> {
    let mut world = World::new();
    let key = "domain:school.example";
    world.include(crate::fixtures::MEMBER, &[key]);
    let mut inputs = world.entries.clone();
    let mut whole = Vec::new();
    for entry in &world.entries {
        bundle::push(&mut whole, entry).unwrap();
    }
    let document = did_document(&base(), &[(public(1), true), (public(2), false)]);
    inputs.extend([
        whole,
        world.proof(key).to_text().unwrap().into_bytes(),
        world.proof("LEI:NOBODY").to_text().unwrap().into_bytes(),
        world.timed(world.at).to_string().into_bytes(),
        world.checkpoint().text().as_bytes().to_vec(),
        signed(exclusion(), 1).bytes,
        signed(admission(), 2).bytes,
        to_jcs(world.replay.keys()).unwrap(),
        to_jcs(&document).unwrap(),
        Bits::default().encode().into_bytes(),
        include_bytes!("../vectors/policies/two-witnesses.json").to_vec(),
        include_bytes!("../vectors/policies/two-witnesses.tlog-policy").to_vec(),
        include_bytes!("../vectors/formats/credentials.json").to_vec(),
    ]);
    let texts = [
        "registry.example/log+3f13663a+AYE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU",
        "tile/0/x001/x234/067.p/112",
        "tile/entries/000",
        "domain:WWW.Школа.example.",
        "RU-OGRN:1 022 800 000 000",
        "member:0192f0c1-0000-7000-8000-000000000001",
        "z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX",
        "https://registry.example:8443",
    ];
    inputs.extend(texts.map(|text| text.as_bytes().to_vec()));
    inputs
}

/// Hands some bytes to every parser, and compares what is read with what is written.
fn parse(bytes: &[u8], keys: &TrustedKeys) {
    if let Ok(entry) = Entry::parse(bytes) {
        assert_eq!(entry.to_bytes().unwrap(), bytes);
    }
    let _ = Entry::record_digest_in(bytes);
    if let Ok(proof) = ProofFile::parse(bytes) {
        assert_eq!(proof.to_text().unwrap().as_bytes(), bytes);
    }
    let entries: Result<Vec<&[u8]>, _> = bundle::entries(bytes).collect();
    if let Ok(entries) = entries {
        let mut again = Vec::new();
        for entry in entries {
            bundle::push(&mut again, entry).unwrap();
        }
        assert_eq!(again, bytes);
    }
    if let Ok(value) = parse_strict(bytes) {
        let canonical = to_jcs(&value).unwrap();
        assert_eq!(
            to_jcs(&parse_strict(&canonical).unwrap()).unwrap(),
            canonical
        );
        if let Ok(list) = serde_json::from_value::<KeyList>(value) {
            let again: KeyList = serde_json::from_slice(&to_jcs(&list).unwrap()).unwrap();
            assert_eq!(again, list);
        }
    }
    let _ = PublishedKeys::parse(bytes);
    let _ = verify_record(bytes, keys, Some(0));
    let _ = verify_credential(bytes, keys, instant());
    let _ = verify_status_list(bytes, keys, instant());
    if let Ok(text) = std::str::from_utf8(bytes) {
        parse_text(text, keys);
    }
}

fn parse_text(text: &str, keys: &TrustedKeys) {
    if let Ok(note) = text.parse::<Note>() {
        assert_eq!(note.to_string(), text);
    }
    if let Ok(checkpoint) = text.parse::<Checkpoint>() {
        assert_eq!(checkpoint.to_string(), text);
    }
    if let Ok(key) = text.parse::<NoteKey>() {
        assert_eq!(key.to_string(), text);
    }
    if let Ok(key) = text.parse::<PublicKey>() {
        assert_eq!(key.to_string(), text);
    }
    if let Ok(tile) = text.parse::<Tile>() {
        assert_eq!(tile.path(), text);
    }
    if let Ok(key) = text.parse::<Key>() {
        assert_eq!(key.canonical().parse::<Key>().unwrap(), key);
    }
    if let Ok(base) = text.parse::<crate::identity::Base>() {
        assert_eq!(base.url().parse::<crate::identity::Base>().unwrap(), base);
    }
    for policy in [
        Policy::parse(text).ok(),
        Policy::from_tlog_policy(text).ok(),
    ] {
        assert!(policy.is_none_or(|policy| !policy.log_keys.is_empty()));
    }
    let _ = Bits::decode(text);
    let _ = verify_jwt(text, keys, instant());
}

fn keys() -> TrustedKeys {
    let document = did_document(&base(), &[(public(1), true), (public(2), true)]);
    TrustedKeys::from_did_document(PublishedKeys::parse(&to_jcs(&document).unwrap()).unwrap())
}

#[test]
fn good_input_and_its_beginnings_are_read_or_refused() {
    let keys = keys();
    for input in inputs() {
        for end in (0..input.len()).step_by(7).chain([input.len()]) {
            parse(&input[..end], &keys);
        }
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..400)) {
        parse(&bytes, &keys());
    }

    #[test]
    fn arbitrary_text_is_read_or_refused(text in "\\PC{0,80}", more in "[ -~\n]{0,200}") {
        let keys = keys();
        parse_text(&text, &keys);
        parse(more.as_bytes(), &keys);
    }

    #[test]
    fn altered_good_input_is_read_or_refused(
        which in any::<Index>(),
        changes in vec((any::<Index>(), 0_usize..4, vec(any::<u8>(), 0..4)), 1..4),
        moved in any::<(Index, Index)>(),
    ) {
        let inputs = inputs();
        let mut bytes = which.get(&inputs).clone();
        for (place, removed, added) in changes {
            let place = place.index(bytes.len() + 1);
            let end = (place + removed).min(bytes.len());
            bytes.splice(place..end, added);
        }
        let keys = keys();
        parse(&bytes, &keys);
        // And a piece of it twice.
        let (one, other) = (moved.0.index(bytes.len() + 1), moved.1.index(bytes.len() + 1));
        let piece = bytes[one.min(other)..one.max(other)].to_vec();
        bytes.extend(piece);
        parse(&bytes, &keys);
    }
}
