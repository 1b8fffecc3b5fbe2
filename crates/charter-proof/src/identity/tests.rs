use uuid::{Uuid, uuid};

use super::{Base, BaseError, host_of_did};

const RECORD: Uuid = uuid!("0192f0c1-2a3b-7c4d-8e5f-60718293a4b5");

fn base(url: &str) -> Base {
    Base::parse(url).unwrap()
}

#[test]
fn a_public_url_has_one_spelling() {
    for (written, url, host, did) in [
        (
            "https://registry.example",
            "https://registry.example",
            "registry.example",
            "did:web:registry.example",
        ),
        (
            "HTTPS://Registry.Example:443/",
            "https://registry.example",
            "registry.example",
            "did:web:registry.example",
        ),
        (
            "https://registry.example:8443",
            "https://registry.example:8443",
            "registry.example:8443",
            "did:web:registry.example%3A8443",
        ),
        (
            "https://реестр.рф/",
            "https://xn--e1aa5aceg.xn--p1ai",
            "xn--e1aa5aceg.xn--p1ai",
            "did:web:xn--e1aa5aceg.xn--p1ai",
        ),
        (
            "http://localhost:80",
            "http://localhost",
            "localhost",
            "did:web:localhost",
        ),
        (
            "http://127.0.0.1:8080/",
            "http://127.0.0.1:8080",
            "127.0.0.1:8080",
            "did:web:127.0.0.1%3A8080",
        ),
        (
            "http://[0:0::1]:8080",
            "http://[::1]:8080",
            "[::1]:8080",
            "did:web:%5B%3A%3A1%5D%3A8080",
        ),
    ] {
        let base = base(written);
        assert_eq!(base.url(), url);
        assert_eq!(base.host(), host);
        assert_eq!(base.did(), did);
        assert_eq!(base.origin(), format!("{host}/log"));
        assert_eq!(host_of_did(did).as_deref(), Some(host));
        assert!(Base::candidates_for_did(did).contains(&base), "{did}");
    }
}

#[test]
fn a_url_that_cannot_name_a_registry_is_refused_with_its_reason() {
    let host = |written: &str| BaseError::Host(written.to_owned());
    for (written, refusal) in [
        ("registry.example", BaseError::Scheme),
        ("ftp://registry.example", BaseError::Scheme),
        (" https://registry.example", BaseError::Scheme),
        ("http://registry.example", BaseError::InsecureScheme),
        ("http://localhost.example", BaseError::InsecureScheme),
        ("https://user@registry.example", BaseError::UserInfo),
        ("https://registry.example@evil.example", BaseError::UserInfo),
        ("https://registry.example/charter", BaseError::Path),
        ("https://registry.example//", BaseError::Path),
        ("https://registry.example\\", BaseError::Path),
        ("https://registry.example?a", BaseError::QueryOrFragment),
        ("https://registry.example/#a", BaseError::QueryOrFragment),
        ("https://", host("")),
        ("https://registry.example.", host("registry.example.")),
        ("https://registry example", host("registry example")),
        ("https://reg%69stry.example", host("reg%69stry.example")),
        ("https://a_b.example", host("a_b.example")),
        ("https://0x7f.1", host("0x7f.1")),
        ("http://127.1", host("127.1")),
        ("http://[::1", host("[::1")),
        ("https://192.0.2.1", BaseError::Address("192.0.2.1".into())),
        (
            "https://[2001:db8::1]",
            BaseError::Address("2001:db8::1".into()),
        ),
        ("https://registry.example:", BaseError::Port(String::new())),
        ("https://registry.example:0", BaseError::Port("0".into())),
        ("https://registry.example:+1", BaseError::Port("+1".into())),
        (
            "https://registry.example:65536",
            BaseError::Port("65536".into()),
        ),
        ("http://[::1]8080", BaseError::Port("8080".into())),
    ] {
        assert_eq!(Base::parse(written), Err(refusal), "{written}");
    }
}

#[test]
fn urls_of_records_members_and_charters_are_read_back() {
    let base = base("https://registry.example:8443");
    let record = base.record_url(RECORD);
    assert_eq!(
        record,
        "https://registry.example:8443/records/0192f0c1-2a3b-7c4d-8e5f-60718293a4b5"
    );
    assert_eq!(base.parse_record_url(&record), Some(RECORD));
    assert_eq!(
        base.parse_member_url(&base.member_url(RECORD)),
        Some(RECORD)
    );
    assert_eq!(
        base.parse_charter_url(&base.charter_url("open-it")),
        Some("open-it")
    );
    assert_eq!(
        base.problem_url("not-found"),
        "https://registry.example:8443/problems/not-found"
    );
}

#[test]
fn urls_of_another_registry_or_in_another_spelling_are_not_read() {
    let base = base("https://registry.example");
    for other in [
        "http://registry.example/records/0192f0c1-2a3b-7c4d-8e5f-60718293a4b5",
        "https://registry.example.evil/records/0192f0c1-2a3b-7c4d-8e5f-60718293a4b5",
        "https://registry.example:8443/records/0192f0c1-2a3b-7c4d-8e5f-60718293a4b5",
        "https://registry.example/members/0192f0c1-2a3b-7c4d-8e5f-60718293a4b5",
        "https://registry.example/records/0192F0C1-2A3B-7C4D-8E5F-60718293A4B5",
        "https://registry.example/records/0192f0c12a3b7c4d8e5f60718293a4b5",
        "https://registry.example/records/0192f0c1-2a3b-7c4d-8e5f-60718293a4b5/",
        "https://registry.example/records/",
    ] {
        assert_eq!(base.parse_record_url(other), None, "{other}");
    }
    for other in ["", "a/b", "a?b", "a%2Fb", "хартия"] {
        assert_eq!(
            base.parse_charter_url(&base.charter_url(other)),
            None,
            "{other}"
        );
    }
}

#[test]
fn a_did_in_another_spelling_names_no_host() {
    for other in [
        "did:web:",
        "did:web:Registry.example",
        "did:web:registry.example:8443",
        "did:web:registry.example%3a8443",
        "did:web:registry.example%3A08443",
        "did:web:registry.example%3A8443:charter",
        "did:web:registry.example#key",
        "did:web:registry.example/",
        "did:web:реестр.рф",
        "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
    ] {
        assert_eq!(host_of_did(other), None, "{other}");
        assert_eq!(Base::candidates_for_did(other), [], "{other}");
    }
}

#[test]
fn only_a_loopback_did_may_issue_under_http() {
    let urls = |did: &str| -> Vec<String> {
        Base::candidates_for_did(did)
            .iter()
            .map(|base| base.url().to_owned())
            .collect()
    };
    assert_eq!(
        urls("did:web:registry.example"),
        ["https://registry.example"]
    );
    assert_eq!(
        urls("did:web:localhost%3A8080"),
        ["https://localhost:8080", "http://localhost:8080"]
    );
    // 443 is written only where it is not the default.
    assert_eq!(urls("did:web:registry.example%3A443"), [""; 0]);
    assert_eq!(urls("did:web:localhost%3A443"), ["http://localhost:443"]);
}
