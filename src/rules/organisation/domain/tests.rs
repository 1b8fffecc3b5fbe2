use proptest::prelude::*;

use super::*;

#[test]
fn a_domain_takes_its_canonical_form() {
    for (raw, canonical) in [
        ("school.example", "school.example"),
        (" School.EXAMPLE. ", "school.example"),
        ("www.school.example", "school.example"),
        ("WWW.school.example", "school.example"),
        ("www.ru", "www.ru"),
        ("www.www.ru", "www.ru"),
        ("www1.school.example", "www1.school.example"),
        ("школа.рф", "xn--80atdl2c.xn--p1ai"),
        ("ШКОЛА。РФ", "xn--80atdl2c.xn--p1ai"),
        ("xn--80atdl2c.xn--p1ai", "xn--80atdl2c.xn--p1ai"),
        ("faß.de", "xn--fa-hia.de"),
        ("ｓｃｈｏｏｌ.example", "school.example"),
        ("1c.ru", "1c.ru"),
        ("a.b.c.d.example", "a.b.c.d.example"),
    ] {
        assert_eq!(Domain::parse(raw).unwrap().as_str(), canonical, "{raw}");
    }
    assert_eq!(Domain::parse("www.a.b").unwrap().key(), "domain:a.b");
}

#[test]
fn what_is_not_a_domain_is_refused_with_its_code() {
    let long_label = format!("{}.example", "a".repeat(64));
    let long = format!("{}example", "a.".repeat(130));
    for (raw, code) in [
        ("", "empty"),
        (" ", "empty"),
        ("localhost", "single_label"),
        ("рф", "single_label"),
        (".", "forbidden_character"),
        (".example", "forbidden_character"),
        ("a..example", "forbidden_character"),
        ("a.example..", "forbidden_character"),
        ("a_b.example", "forbidden_character"),
        ("a b.example", "forbidden_character"),
        ("-a.example", "forbidden_character"),
        ("a-.example", "forbidden_character"),
        ("*.example", "forbidden_character"),
        ("school.example:443", "forbidden_character"),
        ("https://school.example", "forbidden_character"),
        ("school.example/x", "forbidden_character"),
        ("a@school.example", "forbidden_character"),
        ("[::1]", "forbidden_character"),
        ("xn--a.example", "forbidden_character"),
        ("xn--school-.example", "forbidden_character"),
        ("127.0.0.1", "ip_address"),
        ("127.1", "ip_address"),
        ("0x7f.1", "ip_address"),
        ("1.0x7f", "ip_address"),
        ("①②⑦.0.0.①", "ip_address"),
        ("school.123", "ip_address"),
        ("www.www.school.example", "repeated_www"),
        (&long_label, "too_long"),
        (&long, "too_long"),
    ] {
        assert_eq!(Domain::parse(raw).unwrap_err().code, code, "{raw}");
    }
}

#[test]
fn a_domain_is_shown_in_unicode_unless_it_imitates_a_latin_one() {
    for (raw, shown) in [
        ("школа.рф", "школа.рф"),
        ("münchen.de", "münchen.de"),
        ("школа1.рф", "школа1.рф"),
        ("школа.com", "школа.com"),
        ("сбер.рф", "сбер.рф"),
        ("аррӏе.com", "xn--80ak6aa92e.com"),
        ("yаndex.ru", "xn--yndex-4ve.ru"),
        ("school.example", "school.example"),
    ] {
        assert_eq!(Domain::parse(raw).unwrap().unicode(), shown);
    }
}

#[test]
fn a_website_takes_its_canonical_form() {
    for (raw, canonical) in [
        ("https://school.example", "https://school.example"),
        ("https://school.example/", "https://school.example"),
        (
            " HTTP://WWW.School.Example:80/a ",
            "http://www.school.example/a",
        ),
        ("https://school.example./", "https://school.example"),
        ("https://school.example/#top", "https://school.example"),
        ("https://school.example/?q=1", "https://school.example/?q=1"),
        ("https://school.example:8443", "https://school.example:8443"),
        (
            "https://школа.рф/о нас".replace(' ', "%20").as_str(),
            "https://xn--80atdl2c.xn--p1ai/%D0%BE%20%D0%BD%D0%B0%D1%81",
        ),
        ("https://school.example/a/../b", "https://school.example/b"),
    ] {
        assert_eq!(Website::parse(raw).unwrap().as_str(), canonical, "{raw}");
    }
}

#[test]
fn what_is_not_a_website_is_refused_with_its_code() {
    let long = format!("https://school.example/{}", "a".repeat(2000));
    let long_when_encoded = format!("https://school.example/{}", "щ".repeat(900));
    for (raw, code) in [
        ("", "empty"),
        ("school.example", "invalid_url"),
        ("//school.example", "invalid_url"),
        ("https://", "invalid_url"),
        ("javascript:alert(1)", "wrong_scheme"),
        ("ftp://school.example", "wrong_scheme"),
        ("data:text/html,x", "wrong_scheme"),
        ("https://user@school.example", "user_in_url"),
        ("https://user:secret@school.example", "user_in_url"),
        ("https://school.example@evil.example", "user_in_url"),
        ("https://127.0.0.1", "ip_address"),
        ("https://0x7f.1/", "ip_address"),
        ("https://2130706433/", "ip_address"),
        ("https://[::1]/", "ip_address"),
        ("https://localhost/", "single_label"),
        ("https://a_b.example/", "forbidden_character"),
        ("https://school.example/a b", "forbidden_character"),
        ("https://school.example/\u{202e}", "forbidden_character"),
        ("java\tscript:alert(1)", "forbidden_character"),
        (&long, "too_long"),
        (&long_when_encoded, "too_long"),
    ] {
        assert_eq!(Website::parse(raw).unwrap_err().code, code, "{raw}");
    }
}

#[test]
fn json_is_parsed_like_any_other_input() {
    let domain: Domain = serde_json::from_str("\"WWW.School.example\"").unwrap();
    assert_eq!(
        serde_json::to_string(&domain).unwrap(),
        "\"school.example\""
    );
    assert!(serde_json::from_str::<Website>("\"javascript:alert(1)\"").is_err());
}

proptest! {
    #[test]
    fn a_canonical_domain_reads_back_as_itself(
        raw in "(www\\.|WWW\\.){0,3}([a-zA-Z0-9-]{1,5}\\.|[а-яß\u{ad}\u{e0}-\u{ff}]{1,5}[.。]){0,3}(ru|РФ|com)\\.?",
    ) {
        if let Ok(domain) = Domain::parse(&raw) {
            prop_assert_eq!(Domain::parse(domain.as_str()), Ok(domain.clone()));
            prop_assert_eq!(Domain::parse(&domain.unicode()), Ok(domain));
        }
    }

    #[test]
    fn a_canonical_website_reads_back_as_itself(
        raw in "https?://[a-zа-я0-9.-]{1,12}\\.(ru|рф)(:[0-9]{1,5})?[/?#\\\\a-zа-я%.'\"<>\\[\\]|0-9-]{0,20}",
    ) {
        if let Ok(website) = Website::parse(&raw) {
            prop_assert_eq!(Website::parse(website.as_str()), Ok(website));
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic(raw in any::<String>()) {
        let _ = (Domain::parse(&raw), Website::parse(&raw));
        let _ = Website::parse(&format!("https://{raw}"));
        let _ = Domain::parse(&format!("{raw}.example"));
    }
}
