//! Help, and wrong usage.

use std::fs;

use crate::host::Host;

#[test]
fn every_command_has_help_to_work_from() {
    let host = Host::new();
    let commands: &[&[&str]] = &[
        &[],
        &["serve"],
        &["charter"],
        &["charter", "publish"],
        &["charter", "list"],
        &["charter", "check"],
        &["operator"],
        &["operator", "add"],
        &["operator", "list"],
        &["operator", "revoke"],
        &["operator", "token"],
        &["partner"],
        &["partner", "add"],
        &["partner", "list"],
        &["partner", "revoke"],
        &["partner", "token"],
        &["keys", "list"],
        &["timetable", "list"],
        &["timetable", "run"],
        &["verify"],
        &["openapi"],
    ];
    for command in commands {
        let help = host.answer(&[command, &["--help"][..]].concat());
        let name = [&["Usage: charter-registry"], *command].concat().join(" ");
        assert!(help.contains(&name), "{help}");
    }
    let serve = host.answer(&["serve", "--help"]);
    for name in ["--public-url", "CHARTER_PUBLIC_URL", "public_url"] {
        assert!(serve.contains(name), "{serve}");
    }
}

#[test]
fn wrong_usage_ends_with_status_2() {
    let host = Host::new();
    for wrong in [
        &["frobnicate"][..],
        &[],
        &["operator", "add", "Anna"],
        &["operator", "add", "Anna", "--role", "owner"],
        &["operator", "add", "Anna", "--role", "clerk", "--days", "0"],
        &["operator", "list", "--workers", "none"],
        &["verify", "record.json"],
        &["verify", "record.json", "--key", "z6MkNoKey"],
    ] {
        let ended = host.run(wrong);
        assert_eq!(ended.code, 2, "{wrong:?}: {}", ended.err);
        assert_eq!(ended.out, "");
    }
    assert_eq!(fs::read_dir(host.path()).unwrap().count(), 0);
}
