use super::{Part, Policy, Quorum};
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
    let lines = Policy::registry_lines("https://registry.example", &[log], &[clock]);
    assert_eq!(Policy::parse(&lines).unwrap(), expected);
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
