//! Proofs that were altered as bytes.

use super::{DOMAIN, NUMBER, code, with_witnesses, world};
use crate::entry::{MemberEventKind as Change, Status};
use crate::fixtures::world::{cosign, member, policy, question};
use crate::verify::{Refusal, Verdict, Word, verify};

#[test]
fn json_with_two_readings_and_sloppy_base64() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let world = world();
    let good = world.proof(DOMAIN).to_text().unwrap();
    let judged = |text: &str| {
        let judged = verify(text.as_bytes(), &question(DOMAIN), &policy(), world.at);
        assert_eq!(code(judged), "malformed-proof", "{text}");
    };
    let (head, rest) = good.split_once("extra ").unwrap();
    let (extra, rest) = rest.split_once('\n').unwrap();
    let json = String::from_utf8(STANDARD.decode(extra).unwrap()).unwrap();
    for (from, to) in [
        ("{\"claim\"", "{\"claim\":null,\"claim\""),
        ("},\"v\":1}", "},\"v\":1,\"v\":1}"),
        ("},\"v\":1}", "},\"v\":1,\"w\":1}"),
        ("},\"v\":1}", "},\"v\":2}"),
        ("},\"v\":1}", "},\"v\":1} "),
        ("{\"claim\"", "{ \"claim\""),
        ("\"record\":{", "\"record\": {"),
        ("\"to\":null", "\"to\":null,\"until\":null"),
        ("\"path\":[[", "\"path\":[[ "),
    ] {
        let altered = json.replacen(from, to, 1);
        assert_ne!(altered, json, "{from}");
        judged(&format!("{head}extra {}\n{rest}", STANDARD.encode(altered)));
    }
    // The last character of a hash of 32 bytes has two bits that mean nothing: they must be zero.
    let hash = rest.lines().nth(1).unwrap();
    let place = hash.len() - 2;
    let last = hash.as_bytes()[place];
    let sloppy = format!("{}{}=", &hash[..place], char::from(last + 1));
    judged(&good.replacen(hash, &sloppy, 1));
    judged(&good.replacen(hash, hash.trim_end_matches('='), 1));
    for (from, to) in [
        ("\n", "\r\n"),
        ("index ", "index 0"),
        ("index ", "index +"),
        ("@v1", "@v2"),
        ("extra ", "extra  "),
    ] {
        let altered = good.replacen(from, to, 1);
        assert_ne!(altered, good);
        judged(&altered);
    }
    judged(&format!("{good}\n"));
    judged(&format!("\u{feff}{good}"));
    let early = good.replacen("\n\n", "\n\n\n", 1);
    let refused = verify(early.as_bytes(), &question(DOMAIN), &policy(), world.at);
    assert_eq!(code(refused), "malformed-checkpoint");
}

#[test]
fn truncation_at_every_byte() {
    let world = world();
    let good = world.proof(DOMAIN).to_text().unwrap();
    for end in 0..good.len() {
        let judged = verify(
            &good.as_bytes()[..end],
            &question(DOMAIN),
            &policy(),
            world.at,
        );
        // Where the end falls between two signature lines, only the log's is there.
        assert!(
            matches!(judged, Err(Refusal::File(_) | Refusal::ClockMissing)),
            "{end}: {judged:?}"
        );
    }
}

/// Every bit of a proof, turned: refused, or the same answer on the same or a weaker word.
#[test]
fn every_single_bit_flip() {
    let mut world = world();
    world.change(
        Change::Suspended,
        member(1),
        Status::Suspended,
        &[DOMAIN, NUMBER],
    );
    let policy = with_witnesses(1);
    let mut proof = world.proof(DOMAIN);
    cosign(&mut proof.checkpoint, "one.example", 21, world.at);
    cosign(&mut proof.checkpoint, "one.example/map", 31, world.at);
    let good = proof.to_text().unwrap().into_bytes();
    let question = question(DOMAIN);
    let judge = |bytes: &[u8]| verify(bytes, &question, &policy, world.at);
    let true_one = judge(&good).unwrap();
    assert_eq!(true_one.word, Word::Witnessed);
    let (mut refused, mut weaker) = (0, 0);
    for bit in 0..8 * good.len() {
        let mut flipped = good.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        match judge(&flipped) {
            Err(_) => refused += 1,
            Ok(verdict) => {
                assert!(verdict.word >= true_one.word, "bit {bit}");
                let same = Verdict {
                    word: true_one.word,
                    ..verdict
                };
                assert_eq!(same, true_one, "bit {bit}");
                weaker += 1;
            }
        }
    }
    assert_eq!(refused + weaker, 8 * good.len());
    // A witness's line that is nobody's any more weakens the word, and nothing else is passed over.
    assert!(weaker > 0 && weaker < 8 * 400, "{weaker}");
}
