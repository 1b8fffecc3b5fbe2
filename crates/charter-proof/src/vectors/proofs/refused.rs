//! What shows nothing, and why.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::{Cases, asked};
use crate::fixtures::secret;
use crate::fixtures::world::{CHARTER, CLOCK, CLOCK_KEY, LOG_KEY, ORIGIN, World, member, seconds};
use crate::keys::KeyList;
use crate::merkle::inclusion_proof;
use crate::note::Note;
use crate::proof_file::{MapProof, ProofFile};
use crate::vectors::story::{DOMAIN, GIVEN_UP, of_member, yesterday};
use crate::verify::Question;

pub(super) fn add(cases: &mut Cases, world: &World) {
    of_another_time(cases, world);
    of_another_log(cases, world);
    signed_badly(cases, world);
    led_astray(cases, world);
    with_another_record(cases, world);
    malformed(cases, world);
}

fn of_another_time(cases: &mut Cases, world: &World) {
    let (before, now) = (yesterday(), cases.now);
    let old = before.proof(DOMAIN);
    cases.judge("yesterday's proof", &old, DOMAIN);
    let today = world.proof(DOMAIN);
    let mut forged = ProofFile {
        path: inclusion_proof(world, old.index, world.replay.size()).unwrap(),
        checkpoint: today.checkpoint.clone(),
        ..old.clone()
    };
    cases.judge("yesterday's state in today's checkpoint", &forged, DOMAIN);
    forged.index = today.index;
    forged.path.clone_from(&today.path);
    cases.judge("yesterday's state as the last entry", &forged, DOMAIN);
    forged.extra.state["size"] = today.index.into();
    cases.judge("a state that is in no log", &forged, DOMAIN);
    let mut shorter = today.clone();
    shorter.path.pop();
    cases.judge("a shorter path to the root", &shorter, DOMAIN);
    let at = |time: DateTime<Utc>| ProofFile {
        checkpoint: world.timed(time),
        ..today.clone()
    };
    cases.judge(
        "a clock 30 seconds ahead",
        &at(now + TimeDelta::seconds(30)),
        DOMAIN,
    );
    cases.judge(
        "a clock 31 seconds ahead",
        &at(now + TimeDelta::seconds(31)),
        DOMAIN,
    );
    let early = at(world.at - TimeDelta::seconds(30));
    cases.judge("a state 30 seconds after the clock", &early, DOMAIN);
    let early = at(world.at - TimeDelta::seconds(31));
    cases.judge("a state 31 seconds after the clock", &early, DOMAIN);
    cases.now = world.at + TimeDelta::hours(3);
    cases.judge("three hours old", &today, DOMAIN);
    cases.now += TimeDelta::seconds(1);
    cases.judge("three hours and a second old", &today, DOMAIN);
    cases.now = now;
}

fn of_another_log(cases: &mut Cases, world: &World) {
    let elsewhere = Question {
        origin: "other.example/log".to_owned(),
        ..asked(DOMAIN)
    };
    let proof = world.proof(DOMAIN).to_text().unwrap().into_bytes();
    cases.judge_bytes(
        "registry.json",
        "another registry is asked",
        proof,
        &elsewhere,
    );
    let mut proof = world.proof(DOMAIN);
    let text = proof.checkpoint.text().replace(ORIGIN, "other.example/log");
    proof.checkpoint = Note::new(text).unwrap();
    proof.checkpoint.sign(ORIGIN, &secret(LOG_KEY));
    proof
        .checkpoint
        .cosign(CLOCK, &secret(CLOCK_KEY), seconds(world.at));
    cases.judge("a checkpoint of another log", &proof, DOMAIN);
    let proof = world.proof(DOMAIN).to_text().unwrap().into_bytes();
    let charter = Question {
        charter: "another".to_owned(),
        ..asked(DOMAIN)
    };
    assert_ne!(charter.charter, CHARTER);
    cases.judge_bytes("registry.json", "another charter is asked", proof, &charter);
}

fn signed_badly(cases: &mut Cases, world: &World) {
    let with = |checkpoint: Note| ProofFile {
        checkpoint,
        ..world.proof(DOMAIN)
    };
    let bare = || Note::new(world.checkpoint().text().to_owned()).unwrap();
    let time = seconds(world.at);
    let mut by_another = bare();
    by_another.sign(ORIGIN, &secret(CLOCK_KEY));
    by_another.cosign(CLOCK, &secret(CLOCK_KEY), time);
    cases.judge("the log's name by another key", &with(by_another), DOMAIN);
    cases.judge("no clock", &with(world.checkpoint()), DOMAIN);
    let mut by_another = world.checkpoint();
    by_another.cosign(CLOCK, &secret(LOG_KEY), time);
    cases.judge("the clock's name by another key", &with(by_another), DOMAIN);
    let mut twice = world.timed(world.at);
    twice.sign(ORIGIN, &secret(LOG_KEY));
    cases.judge("the log signs twice", &with(twice), DOMAIN);
    let mut foreign = world.checkpoint();
    foreign.push(World::new().timed(world.at).signatures()[1].clone());
    cases.judge("a signature of another checkpoint", &with(foreign), DOMAIN);
}

fn led_astray(cases: &mut Cases, world: &World) {
    let good = world.proof(DOMAIN);
    cases.judge("another domain is asked", &good, "domain:5.example");
    cases.judge("a member is asked, a claim answered", &good, &of_member(1));
    cases.judge(
        "a claim is asked, a member answered",
        &world.proof(&of_member(1)),
        DOMAIN,
    );
    let mut other = world.proof("domain:6.example");
    let living = world.proof(&of_member(4));
    other.extra.membership = living.extra.membership;
    other.extra.record = living.extra.record;
    cases.judge("the membership of another", &other, "domain:6.example");
    let mut none = good.clone();
    none.extra.membership = None;
    cases.judge("no membership", &none, DOMAIN);
    let mut some = world.proof(GIVEN_UP);
    some.extra.membership.clone_from(&good.extra.membership);
    cases.judge(
        "a membership where the claim leads to none",
        &some,
        GIVEN_UP,
    );
    let mut altered = |name: &str, alter: &dyn Fn(&mut MapProof)| {
        let mut proof = good.clone();
        alter(proof.extra.claim.as_mut().unwrap());
        cases.judge(name, &proof, DOMAIN);
    };
    altered("bits in another order", &|way| way.path.reverse());
    altered("a bit twice", &|way| way.path.insert(0, way.path[0]));
    altered("a way that is too short", &|way| way.path.truncate(1));
    altered("no leaf", &|way| way.leaf = None);
    altered("an empty map that is not", &|way| {
        way.leaf = None;
        way.path.clear();
    });
    let mut keys = good.clone();
    keys.extra.keys = KeyList::new(Vec::new());
    cases.judge("another key list", &keys, DOMAIN);
    let mut state = good.clone();
    let last = world.entries.len() - 2;
    state.extra.state = serde_json::from_slice(&world.entries[last]).unwrap();
    cases.judge("another entry than a state", &state, DOMAIN);
    state.extra.state = Value::Null;
    cases.judge("no entry", &state, DOMAIN);
}

fn with_another_record(cases: &mut Cases, world: &World) {
    let mut missing = world.proof(DOMAIN);
    missing.extra.record = None;
    cases.judge("the record of a living member withheld", &missing, DOMAIN);
    let mut other = world.proof(DOMAIN);
    other.extra.record = world.proof("domain:5.example").extra.record;
    cases.judge("the record of another", &other, DOMAIN);
    let mut unexpected = world.proof("domain:nobody.example");
    unexpected.extra.record = world.proof(DOMAIN).extra.record;
    cases.judge(
        "a record where there is no member",
        &unexpected,
        "domain:nobody.example",
    );
    // Signed by the key that was rotated out.
    let mut later = world.clone();
    later.record_key = 1;
    later.include(member(8), &["LEI:RETIRED"]);
    cases.judge(
        "a retired key signing anew",
        &later.proof("LEI:RETIRED"),
        "LEI:RETIRED",
    );
    later.record_key = LOG_KEY;
    later.include(member(9), &["LEI:PURPOSE"]);
    cases.judge(
        "a key of another purpose",
        &later.proof("LEI:PURPOSE"),
        "LEI:PURPOSE",
    );
    // The entry names a claim that its record does not.
    later.record_key = 12;
    let kind = crate::entry::MemberEventKind::Included;
    let record = later.record(kind, member(10), crate::entry::Status::Active, &[]);
    let event = later.signed(record, &["LEI:QUIET"]);
    later.event(event);
    later.close();
    cases.judge(
        "a key that the record does not name",
        &later.proof("LEI:QUIET"),
        "LEI:QUIET",
    );
}

fn malformed(cases: &mut Cases, world: &World) {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let good = world.proof(DOMAIN).to_text().unwrap();
    let (head, rest) = good.split_once("extra ").unwrap();
    let (extra, rest) = rest.split_once('\n').unwrap();
    let json = String::from_utf8(STANDARD.decode(extra).unwrap()).unwrap();
    let mut judge = |name: &str, text: String| {
        assert_ne!(text, good);
        cases.judge_bytes("registry.json", name, text.into_bytes(), &asked(DOMAIN));
    };
    for (name, from, to) in [
        ("a name twice in extra", "},\"v\":1}", "},\"v\":1,\"v\":1}"),
        (
            "an unknown name in extra",
            "},\"v\":1}",
            "},\"v\":1,\"w\":1}",
        ),
        ("another version of extra", "},\"v\":1}", "},\"v\":2}"),
        ("a space in extra", "{\"claim\"", "{ \"claim\""),
    ] {
        let altered = STANDARD.encode(json.replacen(from, to, 1));
        judge(name, format!("{head}extra {altered}\n{rest}"));
    }
    let hash = rest.lines().nth(1).unwrap();
    let (start, end) = hash.split_at(hash.len() - 2);
    let last = char::from(end.as_bytes()[0] + 1);
    judge(
        "base64 with bits that mean nothing",
        good.replacen(hash, &format!("{start}{last}="), 1),
    );
    for (name, from, to) in [
        ("carriage returns", "\n", "\r\n"),
        ("a zero before the index", "index ", "index 0"),
        ("another form of proof", "@v1", "@v2"),
        ("three lines and one more", "\n\n", "\n\n\n"),
    ] {
        judge(name, good.replacen(from, to, 1));
    }
    judge("a line too many", format!("{good}\n"));
    judge("no end", good.trim_end().to_owned());
    judge("nothing", String::new());
}
