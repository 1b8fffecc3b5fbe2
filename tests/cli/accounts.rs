//! Accounts of operators and partners.

use charter_registry::rules::token::{Token, TokenKind};

use crate::host::Host;

#[test]
fn an_operators_token_is_printed_alone_and_once() {
    let host = Host::new();
    let ended = host.run(&[
        "operator",
        "add",
        "Первый регистратор",
        "--role",
        "registrar",
    ]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    let token = Token::parse(ended.out.strip_suffix('\n').unwrap()).unwrap();
    assert_eq!(token.kind(), TokenKind::Operator);
    assert!(ended.err.contains("valid for 365 days"), "{}", ended.err);
    assert!(
        ended.err.contains("two registrars; there are 1"),
        "{}",
        ended.err
    );

    let again = host.refusal(&["operator", "add", "Первый регистратор", "--role", "clerk"]);
    assert!(again.contains("an operator of this name"), "{again}");
    let further = host.answer(&["operator", "token", "Первый  регистратор", "--days", "7"]);
    assert!(Token::parse(further.trim_end()).is_some());
    let list = host.answer(&["operator", "list"]);
    let line = list.lines().nth(1).unwrap();
    let columns: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(
        columns[..6],
        ["Первый", "регистратор", "registrar", "open", "2", "never"]
    );
    assert!(!list.contains(token.reveal()));

    host.answer(&["operator", "revoke", "Первый регистратор"]);
    let list = host.answer(&["operator", "list"]);
    assert!(list.contains("closed"), "{list}");
    let closed = host.refusal(&["operator", "token", "Первый регистратор"]);
    assert!(closed.contains("closed"), "{closed}");
    let unknown = host.refusal(&["operator", "revoke", "Nobody"]);
    assert!(
        unknown.contains("there is no operator named \"Nobody\""),
        "{unknown}"
    );
}

#[test]
fn the_last_administrator_is_not_shut_out() {
    let host = Host::new();
    host.answer(&["operator", "add", "A", "--role", "administrator"]);
    let refused = host.refusal(&["operator", "revoke", "A"]);
    assert!(refused.contains("last administrator"), "{refused}");
}

#[test]
fn a_partners_key_is_printed_alone_and_once() {
    let host = Host::new();
    let key = host.answer(&["partner", "add", "School portal", "--days", "30"]);
    let key = Token::parse(key.trim_end()).unwrap();
    assert_eq!(key.kind(), TokenKind::Partner);
    host.answer(&["partner", "token", "School portal"]);
    let list = host.answer(&["partner", "list"]);
    assert!(list.contains("School portal  open     2"), "{list}");
    host.answer(&["partner", "revoke", "School portal"]);
    let list = host.answer(&["partner", "list"]);
    assert!(list.contains("School portal  closed   0"), "{list}");
}
