use std::{ffi::OsString, fs, path::PathBuf};

use tempfile::TempDir;

use super::{
    Config, LogFormat,
    settings::{
        self, CONFIG, DATA, DATABASE_URL, Flags, LISTEN, PUBLIC_URL, SMTP_PASSWORD, SMTP_USER,
        WORKERS,
    },
};
use crate::rules::text::Email;

/// Loads the configuration with these variables, and a file of this content.
fn load(flags: &Flags, variables: &[(&str, &str)], file: &str) -> Result<Config, String> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("c.toml");
    fs::write(&path, file).unwrap();
    let environment = |name: &str| {
        if name == CONFIG.variable {
            return Some(path.clone().into_os_string());
        }
        let found = variables.iter().find(|(variable, _)| *variable == name)?;
        Some(OsString::from(found.1))
    };
    Config::load(flags, &environment).map_err(|error| {
        let folder = format!("{}/", folder.path().display());
        error.to_string().replace(&folder, "")
    })
}

#[test]
fn what_nobody_sets_has_its_default() {
    let config = load(&Flags::default(), &[], "").unwrap();
    assert_eq!(config.listen.to_string(), LISTEN.default);
    assert_eq!(config.public_url, None);
    assert_eq!(
        config.base(config.listen).unwrap().url(),
        "http://127.0.0.1:8080"
    );
    assert_eq!(config.data, PathBuf::from(DATA.default));
    assert_eq!(config.database_url.reveal(), "sqlite:data/registry.db");
    assert_eq!(config.registry_name.as_str(), "Charter registry");
    assert_eq!(config.licence, "CC0-1.0");
    assert_eq!(config.log_format, LogFormat::Text);
    assert_eq!(config.key_folder(), PathBuf::from("data/keys"));
}

#[test]
fn a_flag_beats_a_variable_which_beats_the_file() {
    let file = "listen = \"127.0.0.1:1003\"\ndata = \"file\"\nworkers = 3\n";
    let variables = [
        ("CHARTER_LISTEN", "127.0.0.1:1002"),
        ("CHARTER_DATA", "variable"),
    ];
    let flags = Flags::default().with(&LISTEN, "127.0.0.1:1001");
    let config = load(&flags, &variables, file).unwrap();
    assert_eq!(config.listen.port(), 1001);
    assert_eq!(config.data, PathBuf::from("variable"));
    assert_eq!(config.workers.get(), 3);
    assert_eq!(config.database_url.reveal(), "sqlite:variable/registry.db");
}

#[test]
fn an_empty_variable_is_an_unset_one() {
    let variables = [("CHARTER_DATA", ""), ("CHARTER_PUBLIC_URL", "")];
    let config = load(&Flags::default(), &variables, "data = \"file\"").unwrap();
    assert_eq!(config.data, PathBuf::from("file"));
}

#[test]
fn every_setting_can_be_set_in_each_of_its_three_ways() {
    let values = [
        ("listen", "127.0.0.1:9000"),
        ("public-url", "https://registry.example"),
        ("data", "elsewhere"),
        ("files", "uploads"),
        ("database-url", "postgres://u:p@db/registry"),
        ("registry-name", "The registry"),
        ("licence", "CC-BY-4.0"),
        ("workers", "7"),
        ("request-timeout", "5"),
        ("max-connections", "100"),
        ("drain-delay", "5"),
        ("credential-validity", "48"),
        ("credential-period", "90"),
        ("trusted-proxies", "127.0.0.1, fd00::/8"),
        ("forwarded-header", "forwarded"),
        ("rate-limits", "reads=1/1"),
        ("letters", "smtps://mail.example:1465"),
        ("letters-from", "letters@registry.example"),
        ("smtp-user", "registry"),
        ("smtp-password", "secret"),
        ("smtp-timeout", "7"),
        ("secretariat", "secretariat@registry.example"),
        ("secretariat-language", "ru"),
        (
            "accept-head",
            "0000000000000000000000000000000000000000000000000000000000000000",
        ),
        ("succeeds", "checkpoint.txt"),
        ("witness-policy", "witnesses.txt"),
        ("keep-applicants", "30"),
        ("keep-members", "off"),
        ("log", "debug"),
        ("log-format", "json"),
    ];
    for setting in settings::ALL.iter().filter(|one| one.key.is_some()) {
        let value = values.iter().find(|(flag, _)| *flag == setting.flag);
        let (_, value) = value.unwrap_or_else(|| panic!("give --{} a value", setting.flag));
        let value = *value;
        let key = setting.key.unwrap();
        // A password is nothing without a user.
        let flags = if *setting == &SMTP_PASSWORD {
            Flags::default().with(&SMTP_USER, "registry")
        } else {
            Flags::default()
        };
        let unset = load(&flags, &[], "");
        let ways = [
            load(&flags.clone().with(setting, value), &[], ""),
            load(&flags, &[(setting.variable, value)], ""),
            load(&flags, &[], &format!("{key} = {value:?}")),
        ]
        .map(revealed);
        assert_eq!(ways[0], ways[1], "{key}");
        assert_eq!(ways[1], ways[2], "{key}");
        assert_ne!(ways[0], revealed(unset), "{key}");
    }
}

/// A configuration with what it hides.
fn revealed(config: Result<Config, String>) -> String {
    let config = config.unwrap();
    let letters = &config.letters;
    let address = |address: &Option<Email>| address.as_ref().map(ToString::to_string);
    format!(
        "{config:?} {} {:?} {:?} {:?} {}",
        config.database_url.reveal(),
        letters.credentials,
        address(&letters.from),
        address(&letters.secretariat),
        letters.secretariat_language,
    )
}

#[test]
fn the_three_names_of_a_setting_are_one_name() {
    for setting in settings::ALL {
        let name = setting.flag.replace('-', "_");
        assert_eq!(setting.variable, format!("CHARTER_{}", name.to_uppercase()));
        assert!(setting.key.is_none_or(|key| key == name), "{name}");
    }
}

#[test]
fn a_refusal_names_the_place_and_what_is_expected() {
    let none = Flags::default;
    let expected_address = "an IP address and a port, such as 127.0.0.1:8080 or [::]:8080";
    let cases = [
        (
            load(&none().with(&LISTEN, "8080"), &[], ""),
            format!("--listen is \"8080\", not an address with a port: expected {expected_address}"),
        ),
        (
            load(&none(), &[("CHARTER_LISTEN", "here")], ""),
            format!(
                "CHARTER_LISTEN is \"here\", not an address with a port: expected {expected_address}"
            ),
        ),
        (
            load(&none(), &[], "# a comment\n\nlisten = 8080\n"),
            format!(
                "c.toml:3: listen is \"8080\", not an address with a port: expected {expected_address}"
            ),
        ),
        (
            load(&none(), &[], "listen = [\"127.0.0.1:1\"]"),
            format!(
                "c.toml:1: listen is neither a string in quotes nor a number: expected {expected_address}"
            ),
        ),
        (
            load(&none(), &[], "data = \"d\"\nlissten = \"127.0.0.1:1\""),
            format!(
                "c.toml:2: there is no setting \"lissten\": expected one of {}",
                super::keys()
            ),
        ),
        (
            load(&none().with(&WORKERS, "0"), &[], ""),
            "--workers is \"0\": expected a number from 1 to 1024".to_owned(),
        ),
        (
            load(&none().with(&DATA, ""), &[], ""),
            "--data is empty: expected the path of a folder".to_owned(),
        ),
        (
            load(&none(), &[("CHARTER_LOG_FORMAT", "xml")], ""),
            "CHARTER_LOG_FORMAT is \"xml\": expected text or json".to_owned(),
        ),
        (
            load(&none().with(&PUBLIC_URL, "http://registry.example"), &[], ""),
            "--public-url is \"http://registry.example\", but http is for loopback only (localhost, \
             127.0.0.0/8, [::1]); use https: expected https:// and a host name without a path, such as \
             https://registry.example"
                .to_owned(),
        ),
    ];
    for (outcome, message) in cases {
        assert_eq!(outcome.unwrap_err(), message);
    }
}

#[test]
fn a_file_that_is_not_toml_is_refused_with_its_line() {
    for (file, line) in [("data = \"d\"\nlisten\n", 2), ("data = 1\ndata = 2", 2)] {
        let message = load(&Flags::default(), &[], file).unwrap_err();
        let begin = format!("c.toml:{line}: this is not TOML: ");
        assert!(message.starts_with(&begin), "{message}");
        assert!(!message.contains('\n'), "{message}");
    }
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let flags = Flags::default().with(&CONFIG, "/nowhere/c.toml");
    let message = load(&flags, &[], "").unwrap_err();
    assert_eq!(message, "--config: cannot read /nowhere/c.toml");
}

#[test]
fn who_listens_to_others_must_say_under_which_address() {
    let others = || Flags::default().with(&LISTEN, "0.0.0.0:8080");
    let message = load(&others(), &[], "").unwrap_err();
    assert!(message.contains("set --public-url"), "{message}");
    let url = [("CHARTER_PUBLIC_URL", "https://registry.example")];
    let config = load(&others(), &url, "").unwrap();
    assert_eq!(
        config.base(config.listen).unwrap().url(),
        "https://registry.example"
    );
}

#[test]
fn a_port_of_the_systems_choice_gives_the_public_address_once_it_is_known() {
    let flags = Flags::default().with(&LISTEN, "[::1]:0");
    let config = load(&flags, &[], "").unwrap();
    assert!(config.base(config.listen).is_err());
    let bound = "[::1]:40000".parse().unwrap();
    assert_eq!(config.base(bound).unwrap().url(), "http://[::1]:40000");
}

#[test]
fn a_password_is_neither_shown_nor_repeated() {
    let url = "postgres://u:secret@db/registry";
    let config = load(&Flags::default().with(&DATABASE_URL, url), &[], "").unwrap();
    assert!(!format!("{config:?}").contains("secret"));
    let flags = Flags::default().with(&SMTP_USER, "secretuser");
    let config = load(&flags.with(&SMTP_PASSWORD, "secret"), &[], "").unwrap();
    assert!(!format!("{config:?}").contains("secret"));
    let alone = load(&Flags::default().with(&SMTP_PASSWORD, "secret"), &[], "").unwrap_err();
    assert!(alone.contains("without a user"), "{alone}");
    assert!(!alone.contains("secret"), "{alone}");
    let wrong = [("CHARTER_DATABASE_URL", "mysql://u:secret@db/registry")];
    let message = load(&Flags::default(), &wrong, "").unwrap_err();
    assert_eq!(
        message,
        "CHARTER_DATABASE_URL names no database: expected sqlite:PATH or \
         postgres://USER:PASSWORD@HOST/DATABASE"
    );
}

#[test]
fn the_example_that_is_shipped_loads() {
    let root = env!("CARGO_MANIFEST_DIR");
    let example = fs::read_to_string(format!("{root}/deploy/charter-registry.toml")).unwrap();
    let config = load(&Flags::default(), &[], &example).unwrap();
    assert_eq!(config.public_url.unwrap().url(), "https://registry.example");
}

#[test]
fn proxies_and_limits_are_read_and_what_is_none_is_refused_with_what_is_expected() {
    let file = "trusted_proxies = \"127.0.0.1, 10.0.0.0/8\"\nforwarded_header = \"Forwarded\"\n";
    let config = load(&Flags::default(), &[], file).unwrap();
    assert_eq!(config.trusted_proxies.len(), 2);
    assert_eq!(config.forwarded_header, super::ForwardedHeader::Forwarded);
    for (file, told) in [
        (
            "trusted_proxies = \"10.0.0.1/8\"",
            "a host in 10.0.0.0/8: expected none, or",
        ),
        (
            "trusted_proxies = \"proxy.example\"",
            "neither an address nor a network",
        ),
        ("forwarded_header = \"via\"", "expected x-forwarded-for or"),
        (
            "rate_limits = \"reads=many\"",
            "no requests/seconds (1 to 1000000 in 1 to 86400)",
        ),
    ] {
        let refused = load(&Flags::default(), &[], file).unwrap_err();
        assert!(refused.contains(told), "{refused}");
    }
}
