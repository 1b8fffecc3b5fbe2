use proptest::prelude::*;
use serde_json::{Value, json};

use super::{MAX_DEPTH, StrictJsonErrorKind, parse_strict};
use crate::canonical::to_jcs;

fn refusal(text: &[u8]) -> (&'static str, String) {
    let error = parse_strict(text).unwrap_err();
    (error.kind.as_str(), error.pointer)
}

#[test]
fn json_that_every_reader_reads_alike_is_read() {
    for (text, value) in [
        (" null ", json!(null)),
        ("[true,false]", json!([true, false])),
        (
            r#"{"a":{"b":[1,-2,0.5,1e3]},"":"x"}"#,
            json!({"a": {"b": [1, -2, 0.5, 1e3]}, "": "x"}),
        ),
        ("9007199254740992", json!(9_007_199_254_740_992_i64)),
        ("-9007199254740992", json!(-9_007_199_254_740_992_i64)),
        ("1e-400", json!(0.0)),
        (r#""\u0041\ud83d\ude00\/""#, json!("A😀/")),
        (r#"{"a":1,"A":2,"ä":3}"#, json!({"a": 1, "A": 2, "ä": 3})),
    ] {
        assert_eq!(parse_strict(text.as_bytes()).unwrap(), value, "{text}");
    }
}

#[test]
fn what_is_not_json_is_a_syntax_error_with_line_and_column() {
    for text in [
        "",
        " ",
        "nul",
        "{",
        "[1,]",
        r#"{"a":1,}"#,
        "{a:1}",
        "'a'",
        "01",
        "+1",
        "1.",
        ".5",
        "NaN",
        "Infinity",
        "1 2",
        "{} x",
        "\u{feff}{}",
        "[1]//",
        r#""\x""#,
        "\"\n\"",
        r#""\ud800""#,
        r#""\ud800\u0041""#,
    ] {
        let error = parse_strict(text.as_bytes()).unwrap_err();
        assert_eq!(error.kind, StrictJsonErrorKind::Syntax, "{text:?}");
        assert_eq!(error.pointer, "", "{text:?}");
        assert!(
            error.detail.contains("line 1") || text == "\"\n\"",
            "{}",
            error.detail
        );
    }
    let inner = parse_strict(b"{\"a\":\n [1, tru]}").unwrap_err();
    assert_eq!(inner.pointer, "");
    assert!(inner.detail.contains("line 2 column"), "{}", inner.detail);
}

#[test]
fn what_is_not_utf_8_is_a_syntax_error() {
    for bytes in [
        &b"\"\xff\""[..],
        b"\"\xc0\xaf\"",
        b"\"\xed\xa0\x80\"",
        b"{\"\xff\":1}",
    ] {
        assert_eq!(refusal(bytes), ("syntax", String::new()));
    }
}

#[test]
fn a_name_that_stands_twice_is_refused_where_it_stands() {
    for (text, pointer) in [
        (r#"{"a":1,"a":1}"#, "/a"),
        (r#"{"a":1,"\u0061":2}"#, "/a"),
        (r#"[0,{"b":{"c":1,"d":2,"c":3}}]"#, "/1/b/c"),
        (r#"{"a/b~c":[{"":1,"":2}]}"#, "/a~1b~0c/0/"),
        (r#"{"~1":1,"~1":2}"#, "/~01"),
    ] {
        assert_eq!(
            refusal(text.as_bytes()),
            ("duplicate_key", pointer.to_owned()),
            "{text}"
        );
    }
}

#[test]
fn a_number_that_canonical_json_would_round_is_refused_where_it_stands() {
    for (text, pointer) in [
        ("9007199254740993", ""),
        ("-9007199254740993", ""),
        ("[18446744073709551615]", "/0"),
        ("[0,18446744073709551616]", "/1"),
        ("-9223372036854775809", ""),
        ("9007199254740993.0", ""),
        (r#"{"a":[1e20]}"#, "/a/0"),
        (r#"{"a":[1,1e400]}"#, "/a/1"),
        (r#"{"a":-1e400}"#, "/a"),
    ] {
        assert_eq!(
            refusal(text.as_bytes()),
            ("number_out_of_range", pointer.to_owned()),
            "{text}"
        );
    }
}

#[test]
fn nesting_beyond_the_limit_is_refused() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(parse_strict(nested(MAX_DEPTH).as_bytes()).is_ok());
    for deeper in [MAX_DEPTH + 1, 127, 128, 100_000] {
        let (code, pointer) = refusal(nested(deeper).as_bytes());
        assert_eq!(code, "too_deep");
        assert_eq!(pointer, "/0".repeat(MAX_DEPTH));
    }
    let objects = r#"{"a":"#.repeat(MAX_DEPTH + 1);
    assert_eq!(
        refusal(objects.as_bytes()),
        ("too_deep", "/a".repeat(MAX_DEPTH))
    );
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-(1_i64 << 53)..=1 << 53).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn canonical_json_is_read_back_to_the_same_value_and_the_same_bytes(value in any_json()) {
        let bytes = to_jcs(&value).unwrap();
        let read = parse_strict(&bytes).unwrap();
        prop_assert_eq!(&read, &value);
        prop_assert_eq!(to_jcs(&read).unwrap(), bytes);
    }

    #[test]
    fn no_input_makes_the_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = parse_strict(&bytes);
    }

    #[test]
    fn what_is_accepted_means_what_serde_json_reads(text in r#"[\[\]{}:,"\\a0-9eE. +-]{0,16}"#) {
        if let Ok(value) = parse_strict(text.as_bytes()) {
            prop_assert_eq!(value, serde_json::from_str::<Value>(&text).unwrap());
        }
    }
}
