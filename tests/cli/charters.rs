//! Publishing charters.

use std::fs;

use crate::host::Host;

#[test]
fn a_charter_is_published_once_and_never_changes() {
    let host = Host::new();
    let file = host.bring_charter("open-government");
    let checked = host.answer(&["charter", "check", &file]);
    assert!(checked.contains("open-government version 1"), "{checked}");
    let published = host.answer(&["charter", "publish", &file]);
    assert!(
        published.starts_with("open-government version 1 "),
        "{published}"
    );
    assert!(
        published.ends_with(" published as log entry 2\n"),
        "{published}"
    );
    let again = host.answer(&["charter", "publish", &file]);
    assert!(again.ends_with(" already published\n"), "{again}");
    let list = host.answer(&["charter", "list"]);
    assert!(list.contains("open-government  1        20"), "{list}");

    let text = host.path().join("charters/open-government/en.md");
    fs::write(&text, "# Open Government Declaration\n\nAnother text.\n").unwrap();
    let changed = host.refusal(&["charter", "publish", &file]);
    assert!(
        changed.contains("open-government version 1 was not published"),
        "{changed}"
    );
    assert!(changed.contains("raise its number"), "{changed}");
}

#[test]
fn nothing_is_published_when_one_definition_is_wrong() {
    let host = Host::new();
    let good = host.bring_charter("open-government");
    let wrong = host.bring_charter("wsis-plus-20");
    fs::remove_file(host.path().join("charters/wsis-plus-20/ru.md")).unwrap();
    let refused = host.refusal(&["charter", "publish", &good, &wrong]);
    assert!(
        refused.contains("/text/ru: The file \"wsis-plus-20/ru.md\" is missing"),
        "{refused}"
    );
    assert_eq!(host.answer(&["charter", "list"]), "");
    let absent = host.refusal(&["charter", "check", "charters/absent.toml"]);
    assert!(
        absent.contains("cannot read charters/absent.toml"),
        "{absent}"
    );
}
