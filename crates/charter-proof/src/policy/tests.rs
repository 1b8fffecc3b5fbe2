use super::{Part, Policy, Quorum, Witness};
use crate::fixtures::public;
use crate::note::{Kind, NoteKey};

fn key(name: &str, kind: Kind, seed: u8) -> NoteKey {
    NoteKey::new(name.to_owned(), kind, public(seed)).unwrap()
}

fn log() -> NoteKey {
    key("registry.example/log", Kind::Plain, 2)
}

fn clock() -> NoteKey {
    key("registry.example/clock", Kind::Cosignature, 3)
}

#[test]
fn the_file_that_a_registry_publishes_is_read_back() {
    let text = Policy::registry_file("registry.example/log", &[log()], &[clock()]);
    let read = Policy::parse(&text).unwrap();
    let expected = Policy::of_registry(
        "registry.example/log".to_owned(),
        vec![log()],
        vec![clock()],
    );
    assert_eq!(read, expected);
    let (log, clock) = (log().to_string(), clock().to_string());
    let lines = Policy::registry_lines("https://registry.example", &[log], &[clock], None);
    assert_eq!(Policy::parse(&lines).unwrap(), expected);
}

#[test]
fn the_file_of_a_registry_with_witnesses_demands_those_without_whom_it_publishes_nothing() {
    let url = "https://registry.example";
    let given_out = |publishing: &Policy| {
        let (log, clock) = (log().to_string(), clock().to_string());
        Policy::registry_lines(url, &[log], &[clock], Some(publishing))
    };
    let named = |name: &str, seed| key(name, Kind::Cosignature, seed);
    let mut witnesses = String::new();
    for (name, seed) in [("one", 4), ("two", 5), ("three", 6), ("m", 7), ("m/map", 8)] {
        let key = named(
            &format!("{name}.example").replace("/map.example", ".example/map"),
            seed,
        );
        let name = name.replace('/', "-");
        witnesses.push_str(&format!(
            "witness {name} {key} https://inner.{name}.example\n"
        ));
    }
    let known = ["one", "two", "three", "m", "m-map"];
    for quorum in [
        "quorum none\n",
        "quorum two\n",
        "group all-of-us all one two three\nquorum all-of-us\n",
        "group a 2 one two three\ngroup b any m one\ngroup c all a b\nquorum c\n",
        "group quorum-1 any one two\ngroup x all quorum-1 m\nquorum x\n",
    ] {
        let own = Policy::parse(&format!("log {}\n{witnesses}{quorum}", log())).unwrap();
        let text = given_out(&own);
        assert!(!text.contains("inner."), "{text}");
        assert!(
            text.contains("trusts whoever answered") && text.contains("The same goes"),
            "{text}"
        );
        let read = Policy::parse(&text).unwrap();
        assert_eq!(read.clock_keys, [clock()]);
        assert!(!read.witnesses_alone);
        let told: Vec<_> = read.witnesses.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(told, known);
        for there in 0..1 << known.len() {
            let is_there = |place: usize| there >> place & 1 == 1;
            assert_eq!(
                read.quorum.is_met(&is_there),
                own.quorum.is_met(&is_there),
                "{text}{there:b}"
            );
        }
        // Whoever gives it on, as a mirror does, gives the same.
        assert_eq!(given_out(&read), text);
    }
}

#[test]
fn a_witness_with_two_keys_or_an_unusual_name_is_named_in_lines_too() {
    let witness = |name: &str, seed: u8, has_map: bool| Witness {
        name: name.to_owned(),
        log: Some(key(&format!("w{seed}.example"), Kind::Cosignature, seed)),
        map: has_map.then(|| {
            key(
                &format!("w{seed}.example/map"),
                Kind::Cosignature,
                seed + 100,
            )
        }),
        url: None,
    };
    let own = Policy {
        witnesses: vec![
            witness("none", 4, false),
            witness("clock-1", 5, true),
            witness("Two words # and more\n", 6, false),
            witness("Two words # and more\n", 7, false),
        ],
        quorum: Quorum::of_all(2, 4),
        ..Policy::of_registry(
            "registry.example/log".to_owned(),
            vec![log()],
            vec![clock()],
        )
    };
    let (log, clock) = (log().to_string(), clock().to_string());
    let text = Policy::registry_lines("https://registry.example", &[log], &[clock], Some(&own));
    let read = Policy::parse(&text).unwrap();
    let told: Vec<_> = read.witnesses.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(
        told,
        [
            "witness-none",
            "clock-1-2",
            "clock-1-map",
            "Twowordsandmore",
            "Twowordsandmore-2"
        ]
    );
    // Either key of the second makes it one, and both make it no more.
    for (there, enough) in [
        (&[1, 2][..], false),
        (&[0, 2], true),
        (&[0, 1], true),
        (&[3, 4], true),
        (&[4], false),
    ] {
        assert_eq!(
            read.quorum.is_met(&|place| there.contains(&place)),
            enough,
            "{there:?}"
        );
    }
}

#[test]
fn a_policy_that_could_never_say_yes_or_means_another_log_is_refused() {
    let good = Policy::registry_file("registry.example/log", &[log()], &[clock()]);
    let (log, clock) = (log().to_string(), clock().to_string());
    for (from, to, expected) in [
        ("\"quorum\": 0", "\"quorum\": 1", "can never be there"),
        ("\"maxAge\": 10800", "\"maxAge\": 0", "maxAge"),
        (
            "registry.example/log\",\n  \"quorum\"",
            "other.example/log\",\n  \"quorum\"",
            "origin is",
        ),
        (log.as_str(), clock.as_str(), "no key of the form"),
        (clock.as_str(), log.as_str(), "no key of the form"),
        ("\"quorum\": 0", "\"quorum\": 0, \"quorum\": 0", "JSON"),
        ("\"quorum\": 0", "\"quorums\": 0", "fields"),
        (
            "\"witnessesAlone\": false",
            "\"witnessesAlone\": true",
            "can never be there",
        ),
    ] {
        let altered = good.replacen(from, to, 1);
        assert_ne!(altered, good, "{from}");
        let refusal = Policy::parse(&altered).unwrap_err().to_string();
        assert!(refusal.contains(expected), "{from} → {to}: {refusal}");
    }
}

#[test]
fn a_tlog_policy_is_read_with_its_groups() {
    let one = key("one.example", Kind::Cosignature, 4);
    let two = key("two.example/map", Kind::Cosignature, 5);
    let three = key("three.example", Kind::Cosignature, 6);
    let text = format!(
        "# whom we trust\nlog {} https://registry.example/log/\nwitness clock {}\nwitness one {one} \
         https://one.example\nwitness two {two}\nwitness three {three} # late\ngroup pair all one two\n\
         group enough any pair three\nquorum enough\n",
        log(),
        clock(),
    );
    let policy = Policy::parse(&text).unwrap();
    assert_eq!(policy.origin, "registry.example/log");
    assert_eq!(
        (&policy.log_keys[..], &policy.clock_keys[..]),
        (&[log()][..], &[clock()][..])
    );
    assert_eq!(policy.witnesses[1].map, Some(two));
    assert_eq!(policy.witnesses[0].log, Some(one));
    assert!(!policy.witnesses_alone);
    for (there, enough) in [
        (&[0, 1][..], true),
        (&[2], true),
        (&[0], false),
        (&[1], false),
        (&[], false),
    ] {
        assert_eq!(
            policy.quorum.is_met(&|place| there.contains(&place)),
            enough,
            "{there:?}"
        );
    }
}

#[test]
fn a_line_that_means_nothing_is_named() {
    let one = key("one.example", Kind::Cosignature, 4);
    for (text, line) in [
        (format!("log {}\nquorum one\n", log()), 2),
        (format!("log {one}\nquorum none\n"), 1),
        (
            format!(
                "log {}\nwitness one {one}\nwitness one {one}\nquorum one\n",
                log()
            ),
            3,
        ),
        (
            format!("log {}\nwitness none {one}\nquorum none\n", log()),
            2,
        ),
        (
            format!(
                "log {}\nwitness one {one}\ngroup g 2 one\nquorum g\n",
                log()
            ),
            3,
        ),
        (
            format!("log {}\nwitness c {}\nquorum c\n", log(), clock()),
            3,
        ),
        (format!("log {}\nquorum none\nquorum none\n", log()), 3),
        (format!("log {}\n", log()), 1),
        ("quorum none\n".to_owned(), 1),
        ("trust everybody\n".to_owned(), 1),
    ] {
        let refusal = Policy::from_tlog_policy(&text).unwrap_err();
        assert_eq!(refusal.line, line, "{text}{refusal}");
    }
}

#[test]
fn a_quorum_of_none_is_met_by_nobody() {
    assert!(Quorum::default().is_met(&|_| false));
    assert!(!Quorum::of_all(1, 2).is_met(&|_| false));
    let twice = Quorum {
        needed: 2,
        of: vec![
            Part::Group(Quorum::of_all(1, 2)),
            Part::Group(Quorum::of_all(2, 2)),
        ],
    };
    assert!(twice.is_met(&|_| true));
    assert!(!twice.is_met(&|place| place == 0));
}
