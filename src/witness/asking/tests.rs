use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use charter_proof::{
    keys::SecretKey,
    note::{Kind, NoteKey},
    policy::Policy,
};
use chrono::{DateTime, Utc};

use super::{check, door::Door, round::turns};
use crate::clock::{Clock, Source};

const ORIGIN: &str = "registry.example/log";

fn key(name: &str, kind: Kind, seed: u8) -> NoteKey {
    let key = SecretKey::from_seed([seed; 32]).public();
    NoteKey::new(name.to_owned(), kind, key).unwrap()
}

/// A policy about this log with three witnesses, a mirror's two keys among them, and these lines.
fn policy(lines: &str) -> Policy {
    let log = key(ORIGIN, Kind::Plain, 1);
    let mut text = format!("log {log}\n");
    for (name, key_name, seed) in [
        ("w1", "witness.example/1", 2),
        ("w2", "witness.example/2", 3),
        ("m", "mirror.example", 4),
        ("m-map", "mirror.example/map", 5),
    ] {
        let key = key(key_name, Kind::Cosignature, seed);
        text.push_str(&format!("witness {name} {key} https://{key_name}\n"));
    }
    let silent = key("silent.example", Kind::Cosignature, 6);
    Policy::parse(&format!("{text}witness silent {silent}\n{lines}")).unwrap()
}

#[test]
fn a_policy_by_which_nothing_could_ever_be_published_is_refused_by_name() {
    for (lines, refused) in [
        ("quorum none\n", None),
        ("quorum w1\n", None),
        ("group g 2 w1 w2 m\nquorum g\n", None),
        // Somebody without an address is never asked, and need not be.
        ("group g 1 w1 silent\nquorum g\n", None),
        ("quorum silent\n", Some("too few witnesses with an address")),
        (
            "group g all w1 silent\nquorum g\n",
            Some("too few witnesses with an address"),
        ),
        // A /map key signs what was published: neither alone, nor in a group, however many others are enough.
        ("quorum m-map\n", Some("counts m-map")),
        ("group g any w1 m-map\nquorum g\n", Some("counts m-map")),
        (
            "group g any w2 m-map\ngroup h all w1 g\nquorum h\n",
            Some("counts m-map"),
        ),
        // A group that is no part of the quorum is nobody's concern.
        ("group g any w2 m-map\nquorum w1\n", None),
    ] {
        let checked = check(&policy(lines), ORIGIN).map_err(|error| error.to_string());
        match refused {
            None => assert_eq!(checked, Ok(()), "{lines}"),
            Some(what) => assert!(
                checked.as_ref().unwrap_err().contains(what),
                "{lines}: {checked:?}"
            ),
        }
    }
    let other = check(&policy("quorum none\n"), "other.example/log").unwrap_err();
    assert!(
        other
            .to_string()
            .contains("about the log registry.example/log")
    );
    // In JSON a witness has both keys, and either counts; one that has only the second never signs in time.
    let file = |witness: &str| {
        let (log, clock) = (
            key(ORIGIN, Kind::Plain, 1),
            key("registry.example/clock", Kind::Cosignature, 7),
        );
        let text = format!(
            "{{\"clock\": [\"{clock}\"], \"log\": [\"{log}\"], \"maxAge\": 10800, \"origin\": \"{ORIGIN}\", \"quorum\": 1, \
             \"witnesses\": [{{{witness} \"name\": \"m\", \"url\": \"https://m.example\"}}]}}"
        );
        check(&Policy::parse(&text).unwrap(), ORIGIN)
    };
    let (own, map) = (
        key("mirror.example", Kind::Cosignature, 4),
        key("mirror.example/map", Kind::Cosignature, 5),
    );
    assert!(file(&format!("\"log\": \"{own}\", \"map\": \"{map}\",")).is_ok());
    for only in ["log", "map"] {
        let refused = file(&format!("\"{only}\": \"{map}\",")).unwrap_err();
        assert!(refused.to_string().contains("counts m,"), "{refused}");
    }
}

#[test]
fn who_fails_is_left_alone_unless_the_others_are_not_enough() {
    let clock = Clock::system();
    for (quorum, waits, resting, first, then) in [
        // Nobody rests: all are asked at once.
        ("group g 2 w1 w2 m\nquorum g\n", true, "", "w1 w2 m", ""),
        // The others are enough, and who rests is there if they turn out not to be.
        ("group g 2 w1 w2 m\nquorum g\n", true, "w1", "w2 m", "w1"),
        ("group g 2 w1 w2 m\nquorum g\n", false, "w1", "w2 m", ""),
        // They are not: everybody is asked at once.
        ("group g 2 w1 w2 m\nquorum g\n", true, "w1 m", "w2 w1 m", ""),
        (
            "group g 2 w1 w2 m\nquorum g\n",
            true,
            "w1 w2 m",
            "w1 w2 m",
            "",
        ),
        ("quorum w1\n", true, "w1", "w2 m w1", ""),
        ("quorum w1\n", true, "w2", "w1 m", "w2"),
        // What is served lacks a statement: nobody waits for it.
        ("quorum w1\n", false, "w1 w2 m", "", ""),
        ("quorum none\n", false, "w2", "w1 m", ""),
    ] {
        let policy = policy(quorum);
        let doors: Vec<Arc<Door>> = Door::all(&policy)
            .unwrap()
            .into_iter()
            .map(Arc::new)
            .collect();
        let of = |name: &str| {
            let place = policy.witnesses.iter().position(|one| one.name == name);
            doors
                .iter()
                .find(|door| door.is_of(place.unwrap()))
                .unwrap()
                .clone()
        };
        // The mirror's second key is asked where its first is not: it has an address of its own here.
        let known: Vec<_> = ["w1", "w2", "m"].map(of).into();
        for name in resting.split_whitespace() {
            of(name).note(Some("it is gone".to_owned()), &clock);
        }
        let now = clock.elapsed();
        let (asked, kept) = turns(&policy.quorum, waits, known.clone(), now);
        let names = |doors: &[Arc<Door>]| {
            let names: Vec<_> = doors
                .iter()
                .map(|door| door.answering().witness.to_owned())
                .collect();
            names.join(" ")
        };
        assert_eq!(
            (names(&asked).as_str(), names(&kept).as_str()),
            (first, then),
            "{quorum} {resting}"
        );
        // However long somebody failed, five minutes later it is asked by itself.
        let (asked, _) = turns(&policy.quorum, false, known, now + Duration::from_mins(5));
        assert_eq!(asked.len(), 3);
    }
}

/// A clock that shows the time that it is set to.
#[derive(Default)]
struct Set(AtomicU64);

impl Source for Set {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + self.elapsed()
    }

    fn elapsed(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::Relaxed))
    }

    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

#[test]
fn a_witness_that_says_nothing_fails_in_the_end_however_often_it_is_passed_over_before() {
    let door = Door::all(&policy("quorum w1\n")).unwrap().swap_remove(0);
    let set = Arc::new(Set::default());
    let clock = Clock::of(set.clone());
    let at = |seconds: u64| {
        set.0.store(seconds, Ordering::Relaxed);
        &clock
    };
    // It was not asked: nothing is known of it.
    door.leave_out(at(100));
    assert_eq!(door.answering().failing_since, None);
    // Changes come fast, and each is published before it could answer.
    for seconds in 101..=105 {
        door.begin(at(seconds));
        door.leave_out(&clock);
        assert_eq!(door.answering().failing_since, None, "{seconds}");
    }
    door.begin(at(106));
    door.leave_out(&clock);
    let since = door.answering().failing_since;
    assert_eq!(since, Some(clock.now()));
    assert!(door.rests(clock.elapsed()));
    // It is told of once, and from when it was first gone.
    door.begin(at(120));
    door.note(Some("it is gone".to_owned()), &clock);
    assert_eq!(door.answering().failing_since, since);
    assert!(door.rests(at(121).elapsed()) && !door.rests(at(122).elapsed()));
    door.begin(&clock);
    door.note(None, &clock);
    assert!(door.answering().cosigned && !door.rests(clock.elapsed()));
    assert_eq!(door.answering().failing_since, None);
    // Its answer was the answer to all that it had been asked.
    door.leave_out(at(200));
    assert_eq!(door.answering().failing_since, None);
}
