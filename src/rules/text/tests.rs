use proptest::prelude::*;

use super::*;

#[test]
fn a_name_takes_its_canonical_form() {
    for (raw, canonical) in [
        ("  Школа  \u{a0} №1535 ", "Школа №1535"),
        ("\nШкола\r\n", "Школа"),
        ("И\u{306}огурт", "Йогурт"),
        ("Cafe\u{301}", "Café"),
        ("ООО «Ромашка» & Co. (1С)", "ООО «Ромашка» & Co. (1С)"),
        ("株式会社", "株式会社"),
        ("हिन्दी", "हिन्दी"),
        ("100", "100"),
        ("\u{3000}中\u{2003}文\u{3000}", "中 文"),
    ] {
        assert_eq!(Name::parse(raw).unwrap().as_str(), canonical);
    }
}

#[test]
fn a_name_without_a_letter_or_digit_is_empty() {
    for raw in ["", "   ", "\u{a0}", "\n", "—", "«»", "...", "\u{301}"] {
        assert_eq!(Name::parse(raw).unwrap_err().code, "empty", "{raw:?}");
    }
}

#[test]
fn a_name_has_300_characters_at_most_whatever_their_bytes() {
    assert!(Name::parse(&"щ".repeat(300)).is_ok());
    assert_eq!(Name::parse(&"щ".repeat(301)).unwrap_err().code, "too_long");
    assert!(Name::parse(&"е\u{308}".repeat(300)).is_ok());
}

#[test]
fn characters_that_hide_or_reorder_text_are_refused_in_names_and_prose() {
    let listed = [
        '\0',
        '\t',
        '\u{7}',
        '\u{1b}',
        '\u{7f}',
        '\u{85}',
        '\u{ad}',
        '\u{34f}',
        '\u{61c}',
        '\u{115f}',
        '\u{180e}',
        '\u{200b}',
        '\u{200c}',
        '\u{200d}',
        '\u{200e}',
        '\u{200f}',
        '\u{2028}',
        '\u{2029}',
        '\u{2060}',
        '\u{2800}',
        '\u{3164}',
        '\u{fe0f}',
        '\u{feff}',
        '\u{fff9}',
        '\u{fffd}',
        '\u{ffff}',
        '\u{fdd0}',
        '\u{e000}',
        '\u{f8ff}',
        '\u{378}',
        '\u{1fffe}',
        '\u{e0001}',
        '\u{e0041}',
        '\u{e0100}',
        '\u{f0000}',
        '\u{10ffff}',
    ];
    let bidi = ('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}');
    for c in listed.into_iter().chain(bidi) {
        let raw = format!("Шко{c}ла");
        let code = Name::parse(&raw).unwrap_err().code;
        assert_eq!(code, "forbidden_character", "U+{:04X}", u32::from(c));
        let code = Prose::parse(&raw).unwrap_err().code;
        assert_eq!(code, "forbidden_character", "U+{:04X}", u32::from(c));
    }
    assert_eq!(
        Name::parse("две\nстроки").unwrap_err().code,
        "forbidden_character"
    );
}

#[test]
fn a_refusal_names_the_character_and_does_not_repeat_it() {
    let refusal = Name::parse("a\u{202e}b").unwrap_err();
    assert!(refusal.detail.contains("U+202E"));
    assert!(refusal.detail.is_ascii());
    assert_eq!(refusal.to_string(), refusal.detail);
}

#[test]
fn prose_keeps_lines_and_at_most_one_empty_line() {
    for (raw, canonical) in [
        ("one\r\ntwo", "one\ntwo"),
        ("  one  \n   two   2 ", "one\ntwo 2"),
        ("one\n\n\n \ntwo\n\n", "one\n\ntwo"),
        ("—", "—"),
    ] {
        assert_eq!(Prose::parse(raw).unwrap().as_str(), canonical);
    }
    assert_eq!(Prose::parse(" \n \n").unwrap_err().code, "empty");
    assert_eq!(
        Prose::parse("one\rtwo").unwrap_err().code,
        "forbidden_character"
    );
    assert!(Prose::parse(&"щ".repeat(10_000)).is_ok());
    assert_eq!(
        Prose::parse(&"щ".repeat(10_001)).unwrap_err().code,
        "too_long"
    );
}

#[test]
fn slugs_are_words_of_small_letters_and_digits_joined_by_hyphens() {
    for raw in ["a", "0", "it-charter", "a-1-b", &"a".repeat(64)] {
        assert_eq!(Slug::parse(raw).unwrap().as_str(), raw);
    }
    for (raw, code) in [
        ("", "empty"),
        (&*"a".repeat(65), "too_long"),
        ("A", "forbidden_character"),
        ("-a", "forbidden_character"),
        ("a-", "forbidden_character"),
        ("a--b", "forbidden_character"),
        ("a_b", "forbidden_character"),
        ("a b", "forbidden_character"),
        ("a/b", "forbidden_character"),
        (" a", "forbidden_character"),
        ("хартия", "forbidden_character"),
    ] {
        assert_eq!(Slug::parse(raw).unwrap_err().code, code, "{raw}");
    }
}

#[test]
fn json_is_parsed_like_any_other_input() {
    let name: Name = serde_json::from_str("\"  Школа \"").unwrap();
    assert_eq!(serde_json::to_string(&name).unwrap(), "\"Школа\"");
    let error = serde_json::from_str::<Slug>("\"A\"").unwrap_err();
    assert!(error.to_string().contains("lower-case"));
}

#[test]
fn a_pointer_escapes_what_rfc_6901_reserves() {
    assert_eq!(pointer_to("a/b~c"), "/a~1b~0c");
    let error = Slug::parse("").unwrap_err().at("/slug").under("/charter");
    assert_eq!(
        (error.pointer.as_str(), error.code),
        ("/charter/slug", "empty")
    );
    assert!(error.to_string().starts_with("/charter/slug: "));
}

proptest! {
    #[test]
    fn canonical_text_reads_back_as_itself(raw in any::<String>()) {
        if let Ok(name) = Name::parse(&raw) {
            prop_assert_eq!(Name::parse(name.as_str()), Ok(name));
        }
        if let Ok(prose) = Prose::parse(&raw) {
            prop_assert_eq!(Prose::parse(prose.as_str()), Ok(prose));
        }
        if let Ok(slug) = Slug::parse(&raw) {
            prop_assert_eq!(slug.as_str(), raw);
        }
    }

    #[test]
    fn text_of_marks_and_spaces_reads_back_as_itself(
        raw in "[ \u{a0}\u{2000}\n\u{300}-\u{340}а-яa-e\u{1100}-\u{1175}\u{ac00}\u{11a8}]{0,20}",
    ) {
        if let Ok(name) = Name::parse(&raw) {
            prop_assert_eq!(Name::parse(name.as_str()), Ok(name));
        }
        if let Ok(prose) = Prose::parse(&raw) {
            prop_assert_eq!(Prose::parse(prose.as_str()), Ok(prose));
        }
    }

    #[test]
    fn a_parsed_name_is_one_visible_line(raw in "\\PC{0,400}") {
        if let Ok(name) = Name::parse(&raw) {
            prop_assert!(!name.as_str().chars().any(is_forbidden));
            prop_assert!(!name.as_str().contains("  "));
            prop_assert!(name.as_str().chars().count() <= Name::MAX_CHARS);
        }
    }
}

#[test]
fn what_is_common_is_allowed_and_composes_with_nothing_common() {
    let common: Vec<char> = (0..=0x10_FFFF)
        .filter_map(char::from_u32)
        .filter(|c| is_common(*c))
        .collect();
    let looked_up = |c: char| !c.is_control() && is_public_assigned(c);
    assert!(common.iter().all(|c| looked_up(*c)));
    for first in &common {
        for second in &common {
            let pair = String::from_iter([first, second]);
            assert!(pair.nfc().eq(pair.chars()), "{pair}");
        }
    }
    let decomposed = "и\u{306}";
    assert_eq!(in_nfc(decomposed).collect::<String>(), "й");
    assert_eq!(in_nfc("школа №1").collect::<String>(), "школа №1");
}
