//! Membership proofs with their questions, policies and times, and what is to be said of them.

use std::slice::from_ref;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::story::{DOMAIN, GIVEN_UP, NUMBER, PASSED_ON, of_member, today, yesterday};
use super::{Files, pretty};
use crate::fixtures::secret;
use crate::fixtures::world::{
    CHARTER, CLOCK, CLOCK_KEY, LOG_KEY, ORIGIN, World, cosign, member, note_key, seconds,
};
use crate::keys::KeyList;
use crate::merkle::inclusion_proof;
use crate::note::{Kind, Note};
use crate::policy::Policy;
use crate::proof_file::{MapProof, ProofFile};
use crate::verify::{Question, Refusal, Verdict, verify};
use crate::whole_seconds;

/// The cases so far, and their files.
struct Cases {
    list: Vec<Value>,
    files: Files,
    now: DateTime<Utc>,
}

pub(super) fn add(files: &mut Files) {
    let world = today();
    let mut cases = Cases {
        list: Vec::new(),
        files: policies(),
        now: world.at + TimeDelta::minutes(1),
    };
    accepted(&mut cases, &world);
    witnessed(&mut cases, &world);
    of_another_time(&mut cases, &world);
    of_another_log(&mut cases, &world);
    signed_badly(&mut cases, &world);
    led_astray(&mut cases, &world);
    with_another_record(&mut cases, &world);
    malformed(&mut cases, &world);
    let list = pretty(&cases.list.into());
    files.append(&mut cases.files);
    files.insert("proofs/cases.json".to_owned(), list);
}

fn policies() -> Files {
    let log = [note_key(ORIGIN, Kind::Plain, LOG_KEY)];
    let clock = [note_key(CLOCK, Kind::Cosignature, CLOCK_KEY)];
    let [log_text, clock_text] = [log[0].to_string(), clock[0].to_string()];
    let (url, texts) = (
        "https://registry.example",
        [&log_text, &clock_text].map(Clone::clone),
    );
    let witness = |name: &str, seed: u8| {
        let key = |name: &str, seed| note_key(name, Kind::Cosignature, seed).to_string();
        (key(name, seed), key(&format!("{name}/map"), seed + 10))
    };
    let (one, two) = (witness("one.example", 21), witness("two.example", 22));
    let json_policy = |needed: usize, alone: bool| {
        pretty(&json!({
            "clock": [clock_text],
            "log": [log_text],
            "maxAge": 10800,
            "origin": ORIGIN,
            "quorum": needed,
            "witnesses": [
                {"log": one.0, "map": one.1, "name": "one"},
                {"log": two.0, "map": two.1, "name": "two"},
            ],
            "witnessesAlone": alone,
        }))
    };
    let [log_line, clock_line] = texts;
    let lines = format!(
        "log {log_line} {url}/log\nwitness clock {clock_line}\n\
         witness one {}\nwitness two {}\ngroup both all one two\nquorum both\n",
        one.1, two.1,
    );
    let own = Policy::registry_lines(url, from_ref(&log_text), from_ref(&clock_text));
    [
        (
            "registry.json",
            Policy::registry_file(ORIGIN, &log, &clock).into_bytes(),
        ),
        ("one-witness.json", json_policy(1, false)),
        ("two-witnesses.json", json_policy(2, false)),
        ("witnesses-alone.json", json_policy(2, true)),
        ("registry.tlog-policy", own.into_bytes()),
        ("two-witnesses.tlog-policy", lines.into_bytes()),
    ]
    .into_iter()
    .map(|(name, bytes)| (format!("policies/{name}"), bytes))
    .collect()
}

impl Cases {
    /// Judges a proof by the registry's own keys, a minute later.
    fn judge(&mut self, name: &str, proof: &ProofFile, key: &str) {
        self.judge_by("registry.json", name, proof, key);
    }

    fn judge_by(&mut self, policy: &str, name: &str, proof: &ProofFile, key: &str) {
        let bytes = proof.to_text().unwrap().into_bytes();
        self.judge_bytes(policy, name, bytes, &asked(key));
    }

    fn judge_bytes(&mut self, policy: &str, name: &str, proof: Vec<u8>, question: &Question) {
        let file = format!("proofs/{}.tlog-proof", name.replace([' ', '\''], "-"));
        let policy = format!("policies/{policy}");
        let text = std::str::from_utf8(&self.files[&policy]).unwrap();
        let judged = verify(&proof, question, &Policy::parse(text).unwrap(), self.now);
        let mut case = json!({
            "file": file,
            "name": name,
            "now": whole_seconds::text(&self.now),
            "policy": policy,
            "question": {
                "charter": question.charter,
                "key": question.key.canonical(),
                "origin": question.origin,
            },
        });
        match judged {
            Ok(verdict) => case["verdict"] = said(&verdict),
            Err(refusal) => {
                case["refusal"] = refusal.code().into();
                if let Refusal::Record(reason) = &refusal {
                    case["reason"] = reason.code().into();
                }
            }
        }
        assert!(
            self.files.insert(file, proof).is_none(),
            "{name} is there already"
        );
        self.list.push(case);
    }
}

fn said(verdict: &Verdict) -> Value {
    json!({
        "asOf": whole_seconds::text(&verdict.as_of),
        "event": verdict.event,
        "member": verdict.member,
        "names": verdict.names,
        "recordWithheld": verdict.record_withheld,
        "size": verdict.size,
        "standing": verdict.standing.as_str(),
        "word": verdict.word.as_str(),
    })
}

fn asked(key: &str) -> Question {
    crate::fixtures::world::question(key)
}

fn accepted(cases: &mut Cases, world: &World) {
    for (name, key) in [
        ("a member by its domain", DOMAIN.to_owned()),
        ("a member by its number", NUMBER.to_owned()),
        ("a member by its id", of_member(1)),
        ("who left", "domain:2.example".to_owned()),
        ("an excluded member by its id", of_member(3)),
        ("a key that went to another member", PASSED_ON.to_owned()),
        ("a suspended member", "domain:5.example".to_owned()),
        (
            "an excluded member whose record was removed",
            "domain:6.example".to_owned(),
        ),
        ("a key that was given up", GIVEN_UP.to_owned()),
        ("a stranger's domain", "domain:nobody.example".to_owned()),
        ("a stranger's number", "LEI:NOBODY".to_owned()),
        ("no member's id", of_member(99)),
        (
            "a record of the newest key",
            "LEI:529900T8BM49AURSDO55".to_owned(),
        ),
    ] {
        cases.judge(name, &world.proof(&key), &key);
    }
    cases.judge_by(
        "registry.tlog-policy",
        "by a policy of lines",
        &world.proof(DOMAIN),
        DOMAIN,
    );
    let another = Question {
        charter: "another".to_owned(),
        ..asked(DOMAIN)
    };
    let proof = world.proof_in("another", DOMAIN).to_text().unwrap();
    cases.judge_bytes(
        "registry.json",
        "a charter without members",
        proof.into_bytes(),
        &another,
    );
    let (now, empty) = (cases.now, World::new());
    cases.now = empty.at;
    cases.judge("the empty map by a domain", &empty.proof(DOMAIN), DOMAIN);
    cases.judge(
        "the empty map by an id",
        &empty.proof(&of_member(1)),
        &of_member(1),
    );
    cases.now = now;
}

fn witnessed(cases: &mut Cases, world: &World) {
    let signed = |lines: &[(&str, u8)]| {
        let mut proof = world.proof(DOMAIN);
        for (name, seed) in lines {
            cosign(&mut proof.checkpoint, name, *seed, world.at);
        }
        proof
    };
    let (one, one_map) = (("one.example", 21), ("one.example/map", 31));
    let (two, two_map) = (("two.example", 22), ("two.example/map", 32));
    for (policy, name, lines) in [
        ("one-witness.json", "no witness", &[][..]),
        ("one-witness.json", "a witness of the log", &[one]),
        ("one-witness.json", "a witness of the map", &[one_map]),
        (
            "two-witnesses.json",
            "two keys of one witness",
            &[one, one_map],
        ),
        (
            "two-witnesses.json",
            "one witness of the map and one of the log",
            &[one_map, two],
        ),
        (
            "two-witnesses.json",
            "two witnesses of the map",
            &[one_map, two_map],
        ),
        (
            "two-witnesses.tlog-policy",
            "two witnesses by lines",
            &[one_map, two_map],
        ),
        (
            "two-witnesses.tlog-policy",
            "one witness by lines",
            &[one_map],
        ),
        (
            "one-witness.json",
            "a witness that signs twice",
            &[one, one],
        ),
        (
            "one-witness.json",
            "a witness nobody knows",
            &[("three.example", 23)],
        ),
    ] {
        cases.judge_by(policy, name, &signed(lines), DOMAIN);
    }
    let mut alone = world.proof(DOMAIN);
    alone.checkpoint = world.checkpoint();
    for (name, seed) in [one_map, two_map] {
        cosign(&mut alone.checkpoint, name, seed, world.at);
    }
    cases.judge_by("witnesses-alone.json", "witnesses alone", &alone, DOMAIN);
    cases.judge_by(
        "two-witnesses.json",
        "witnesses alone where they will not do",
        &alone,
        DOMAIN,
    );
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
