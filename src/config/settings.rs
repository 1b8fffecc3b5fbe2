//! The table of settings: the one place that says what each is called, what it means and what it defaults to.

use std::collections::BTreeMap;

/// A setting: its three names, and what a person needs to know to set it.
#[derive(Debug, PartialEq, Eq)]
pub struct Setting {
    /// The flag, without its dashes.
    pub flag: &'static str,
    /// The environment variable.
    pub variable: &'static str,
    /// The key in the configuration file; none for what cannot stand there.
    pub key: Option<&'static str>,
    /// What stands for the value in help texts.
    pub value: &'static str,
    /// What it means, in one line.
    pub meaning: &'static str,
    /// What a value looks like.
    pub expects: &'static str,
    /// The value it has when nobody sets it: the text itself, or what it is derived from.
    pub default: &'static str,
}

/// Where to listen.
pub const LISTEN: Setting = Setting {
    flag: "listen",
    variable: "CHARTER_LISTEN",
    key: Some("listen"),
    value: "ADDRESS:PORT",
    meaning: "Where the server listens",
    expects: "an IP address and a port, such as 127.0.0.1:8080 or [::]:8080",
    default: "127.0.0.1:8080",
};

/// Under which address the world knows the registry.
pub const PUBLIC_URL: Setting = Setting {
    flag: "public-url",
    variable: "CHARTER_PUBLIC_URL",
    key: Some("public_url"),
    value: "URL",
    meaning: "The address under which the world reaches the registry; it stands in every signature, so it \
              cannot change once the log is begun",
    expects: "https:// and a host name without a path, such as https://registry.example",
    default: "http:// and the listening address, if that is loopback",
};

/// Where the data lies.
pub const DATA: Setting = Setting {
    flag: "data",
    variable: "CHARTER_DATA",
    key: Some("data"),
    value: "FOLDER",
    meaning: "The folder of the signing keys (keys/) and what else has no place of its own; made when missing",
    expects: "the path of a folder",
    default: "data",
};

/// Where uploaded files lie.
pub const FILES: Setting = Setting {
    flag: "files",
    variable: "CHARTER_FILES",
    key: Some("files"),
    value: "PLACE",
    meaning: "Where uploaded files lie: a folder, or a bucket of an S3-compatible server, whose credentials, region \
              and endpoint come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT_URL, or \
              from the machine's role",
    expects: "the path of a folder, or s3://BUCKET or s3://BUCKET/PREFIX",
    default: "files/ in the data folder",
};

/// Which database.
pub const DATABASE_URL: Setting = Setting {
    flag: "database-url",
    variable: "CHARTER_DATABASE_URL",
    key: Some("database_url"),
    value: "URL",
    meaning: "The database; a password is safer in the variable or the file than in a flag, which others on \
              the host can see",
    expects: "sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE",
    default: "sqlite: and registry.db in the data folder",
};

/// What the registry calls itself.
pub const REGISTRY_NAME: Setting = Setting {
    flag: "registry-name",
    variable: "CHARTER_REGISTRY_NAME",
    key: Some("registry_name"),
    value: "NAME",
    meaning: "The registry's name, as signed records give it",
    expects: "a name on one line",
    default: "Charter registry",
};

/// Under which licence the public data may be used.
pub const LICENCE: Setting = Setting {
    flag: "licence",
    variable: "CHARTER_LICENCE",
    key: Some("licence"),
    value: "SPDX-ID",
    meaning: "The licence of the public data, as dumps name it",
    expects: "an identifier of the SPDX licence list, such as CC0-1.0 or CC-BY-4.0",
    default: "CC0-1.0",
};

/// How many threads answer requests.
pub const WORKERS: Setting = Setting {
    flag: "workers",
    variable: "CHARTER_WORKERS",
    key: Some("workers"),
    value: "N",
    meaning: "How many threads answer requests",
    expects: "a number from 1 to 1024",
    default: "one per processor",
};

/// How long a client waits.
pub const REQUEST_TIMEOUT: Setting = Setting {
    flag: "request-timeout",
    variable: "CHARTER_REQUEST_TIMEOUT",
    key: Some("request_timeout"),
    value: "SECONDS",
    meaning: "After how many seconds a request without an answer is answered 503; a change under way is still made",
    expects: "a number of seconds from 1 to 600",
    default: "30",
};

/// How many connections are open.
pub const MAX_CONNECTIONS: Setting = Setting {
    flag: "max-connections",
    variable: "CHARTER_MAX_CONNECTIONS",
    key: Some("max_connections"),
    value: "N",
    meaning: "How many connections of clients are open at once; others wait to be accepted",
    expects: "a number from 1 to 100000",
    default: "4096",
};

/// How long a server that ends still takes requests.
pub const DRAIN_DELAY: Setting = Setting {
    flag: "drain-delay",
    variable: "CHARTER_DRAIN_DELAY",
    key: Some("drain_delay"),
    value: "SECONDS",
    meaning: "For how many seconds a server that is asked to end still takes requests while /readyz answers 503, so \
              that load balancers turn away",
    expects: "a number of seconds from 0 to 300",
    default: "0",
};

/// For how long credentials are valid.
pub const CREDENTIAL_VALIDITY: Setting = Setting {
    flag: "credential-validity",
    variable: "CHARTER_CREDENTIAL_VALIDITY",
    key: Some("credential_validity"),
    value: "HOURS",
    meaning: "For how many hours a membership credential is valid: as long can an excluded member show one to those who \
              do not look at the status lists",
    expects: "a number of hours from 2 to 168",
    default: "24",
};

/// How often credentials are signed anew.
pub const CREDENTIAL_PERIOD: Setting = Setting {
    flag: "credential-period",
    variable: "CHARTER_CREDENTIAL_PERIOD",
    key: Some("credential_period"),
    value: "MINUTES",
    meaning: "For how many minutes a member is given the same credential before another is signed",
    expects: "a number of minutes, at least 1 and at most half of the validity",
    default: "60",
};

/// Who may speak for clients.
pub const TRUSTED_PROXIES: Setting = Setting {
    flag: "trusted-proxies",
    variable: "CHARTER_TRUSTED_PROXIES",
    key: Some("trusted_proxies"),
    value: "NETWORKS",
    meaning: "The reverse proxies that are believed about where a request comes from; of others the header is \
              ignored",
    expects: "none, or addresses and networks with commas between, such as 127.0.0.1, 10.0.0.0/8, fd00::/8",
    default: "none",
};

/// Where trusted proxies say for whom they speak.
pub const FORWARDED_HEADER: Setting = Setting {
    flag: "forwarded-header",
    variable: "CHARTER_FORWARDED_HEADER",
    key: Some("forwarded_header"),
    value: "HEADER",
    meaning: "The header in which trusted proxies add the client's address; the other one is ignored",
    expects: "x-forwarded-for or forwarded (RFC 7239)",
    default: "x-forwarded-for",
};

/// How many requests are served.
pub const RATE_LIMITS: Setting = Setting {
    flag: "rate-limits",
    variable: "CHARTER_RATE_LIMITS",
    key: Some("rate_limits"),
    value: "LIMITS",
    meaning: "How many requests one network, or one token's holder, is served: budgets that change the defaults",
    expects: "off, default, or budgets with commas between, each name=requests/seconds or name=off, such as \
              reads=600/60, applications=20/3600; the budgets are reads, writes, applications, verifications, \
              failures, token-reads, token-writes, token-applications, token-files",
    default: "default",
};

/// How letters leave.
pub const LETTERS: Setting = Setting {
    flag: "letters",
    variable: "CHARTER_LETTERS",
    key: Some("letters"),
    value: "WHERE",
    meaning: "Where letters go: to a mail server by STARTTLS (smtp) or TLS (smtps), without encryption on this \
              machine alone (smtp+plain), into the folder letters/ of the data folder (folder), or nowhere (none)",
    expects: "none, folder, smtp://HOST[:PORT], smtps://HOST[:PORT], or smtp+plain://127.0.0.1[:PORT]",
    default: "folder where the public address is http://, as in development; none otherwise",
};

/// From which address letters come.
pub const LETTERS_FROM: Setting = Setting {
    flag: "letters-from",
    variable: "CHARTER_LETTERS_FROM",
    key: Some("letters_from"),
    value: "ADDRESS",
    meaning: "The address that letters come from; a mail server wants one that it knows",
    expects: "an e-mail address, such as registry@registry.example",
    default: "registry@ and the public host's name",
};

/// As whom the registry logs in at the mail server.
pub const SMTP_USER: Setting = Setting {
    flag: "smtp-user",
    variable: "CHARTER_SMTP_USER",
    key: Some("smtp_user"),
    value: "USER",
    meaning: "The user at the mail server, with smtp-password",
    expects: "a user name",
    default: "none: the registry does not log in",
};

/// By what password the registry logs in at the mail server.
pub const SMTP_PASSWORD: Setting = Setting {
    flag: "smtp-password",
    variable: "CHARTER_SMTP_PASSWORD",
    key: Some("smtp_password"),
    value: "PASSWORD",
    meaning: "The password at the mail server; safer in the variable or the file than in a flag, which others on \
              the host can see",
    expects: "a password, with smtp-user",
    default: "none",
};

/// How long handing over one letter may take.
pub const SMTP_TIMEOUT: Setting = Setting {
    flag: "smtp-timeout",
    variable: "CHARTER_SMTP_TIMEOUT",
    key: Some("smtp_timeout"),
    value: "SECONDS",
    meaning: "How long handing one letter to the mail server may take",
    expects: "a number of seconds from 1 to 300",
    default: "60",
};

/// Where the secretariat reads its letters.
pub const SECRETARIAT: Setting = Setting {
    flag: "secretariat",
    variable: "CHARTER_SECRETARIAT",
    key: Some("secretariat"),
    value: "ADDRESS",
    meaning: "The secretariat's address: told what waits for it, and answered to by those who get letters",
    expects: "an e-mail address, such as secretariat@registry.example",
    default: "none: nobody is told, and answers go to the address that letters come from",
};

/// In which language the secretariat reads its letters.
pub const SECRETARIAT_LANGUAGE: Setting = Setting {
    flag: "secretariat-language",
    variable: "CHARTER_SECRETARIAT_LANGUAGE",
    key: Some("secretariat_language"),
    value: "LANGUAGE",
    meaning: "The language of letters to the secretariat",
    expects: "ru or en",
    default: "en",
};

/// Which head of the log is the newest, where nothing else tells.
pub const ACCEPT_HEAD: Setting = Setting {
    flag: "accept-head",
    variable: "CHARTER_ACCEPT_HEAD",
    key: Some("accept_head"),
    value: "ROOT",
    meaning: "The root of the log's tree that you know to be the newest that was published: needed once where the data \
              folder has no high-water mark, as after a restore; ignored where it has one",
    expects: "64 hexadecimal digits, or none",
    default: "none",
};

/// Which log a new one succeeds.
pub const SUCCEEDS: Setting = Setting {
    flag: "succeeds",
    variable: "CHARTER_SUCCEEDS",
    key: Some("succeeds"),
    value: "FILE",
    meaning: "The last checkpoint that you trust of the log that this one succeeds, after its log key was compromised: \
              the first entry names both, so a log that was begun without it refuses it",
    expects: "the path of a file that is a signed checkpoint, or none",
    default: "none",
};

/// Whose cosignatures checkpoints wait for.
pub const WITNESS_POLICY: Setting = Setting {
    flag: "witness-policy",
    variable: "CHARTER_WITNESS_POLICY",
    key: Some("witness_policy"),
    value: "FILE",
    meaning: "The witnesses that cosign each checkpoint before it is served, and how many of them must: a C2SP \
              tlog-policy file with their addresses",
    expects: "the path of a file of log, witness, group and quorum lines, or none",
    default: "none",
};

/// How long the persons of applications are kept that came to nothing.
pub const KEEP_APPLICANTS: Setting = Setting {
    flag: "keep-applicants",
    variable: "CHARTER_KEEP_APPLICANTS",
    key: Some("keep_applicants"),
    value: "DAYS",
    meaning: "How many days after an application was rejected, withdrawn or lapsed its contact person and signatory \
              are erased",
    expects: "a number of days from 1 to 36500, or off",
    default: "365",
};

/// How long the persons of former members are kept.
pub const KEEP_MEMBERS: Setting = Setting {
    flag: "keep-members",
    variable: "CHARTER_KEEP_MEMBERS",
    key: Some("keep_members"),
    value: "DAYS",
    meaning: "How many days after a membership ended the contact persons and signatories of its applications are \
              erased",
    expects: "a number of days from 1 to 36500, or off",
    default: "1095",
};

/// What is logged.
pub const LOG: Setting = Setting {
    flag: "log",
    variable: "CHARTER_LOG",
    key: Some("log"),
    value: "FILTER",
    meaning: "What is written to standard error: a level, or levels by module",
    expects: "error, warn, info, debug or trace, or directives such as info,charter_registry=debug",
    default: "info",
};

/// In which form.
pub const LOG_FORMAT: Setting = Setting {
    flag: "log-format",
    variable: "CHARTER_LOG_FORMAT",
    key: Some("log_format"),
    value: "FORMAT",
    meaning: "How log lines are written: text for people, json for machines",
    expects: "text or json",
    default: "text",
};

/// Where the file with the other settings is.
pub const CONFIG: Setting = Setting {
    flag: "config",
    variable: "CHARTER_CONFIG",
    key: None,
    value: "FILE",
    meaning: "The configuration file, TOML",
    expects: "the path of a TOML file",
    default: "charter-registry.toml in the working directory, if it is there",
};

/// Every setting, in the order in which people read of them.
pub const ALL: [&Setting; 31] = [
    &LISTEN,
    &PUBLIC_URL,
    &DATA,
    &FILES,
    &DATABASE_URL,
    &REGISTRY_NAME,
    &LICENCE,
    &WORKERS,
    &REQUEST_TIMEOUT,
    &MAX_CONNECTIONS,
    &DRAIN_DELAY,
    &CREDENTIAL_VALIDITY,
    &CREDENTIAL_PERIOD,
    &TRUSTED_PROXIES,
    &FORWARDED_HEADER,
    &RATE_LIMITS,
    &LETTERS,
    &LETTERS_FROM,
    &SMTP_USER,
    &SMTP_PASSWORD,
    &SMTP_TIMEOUT,
    &SECRETARIAT,
    &SECRETARIAT_LANGUAGE,
    &ACCEPT_HEAD,
    &SUCCEEDS,
    &WITNESS_POLICY,
    &KEEP_APPLICANTS,
    &KEEP_MEMBERS,
    &LOG,
    &LOG_FORMAT,
    &CONFIG,
];

/// The settings given on the command line.
#[derive(Debug, Clone, Default)]
pub struct Flags(BTreeMap<&'static str, String>);

impl Flags {
    /// These flags and one more.
    #[must_use]
    pub fn with(mut self, setting: &Setting, value: impl Into<String>) -> Self {
        self.0.insert(setting.flag, value.into());
        self
    }

    /// The value of a setting's flag, if it was given.
    pub fn get(&self, setting: &Setting) -> Option<&str> {
        self.0.get(setting.flag).map(String::as_str)
    }
}

impl clap::Args for Flags {
    fn augment_args(command: clap::Command) -> clap::Command {
        ALL.iter()
            .fold(command, |command, setting| command.arg(argument(setting)))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for Flags {
    fn from_arg_matches(matches: &clap::ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &clap::ArgMatches) -> Result<(), clap::Error> {
        for setting in ALL {
            if let Some(value) = matches.get_one::<String>(setting.flag) {
                self.0.insert(setting.flag, value.clone());
            }
        }
        Ok(())
    }
}

fn argument(setting: &'static Setting) -> clap::Arg {
    let place = setting
        .key
        .map_or_else(String::new, |key| format!(", file: {key}"));
    clap::Arg::new(setting.flag)
        .long(setting.flag)
        .value_name(setting.value)
        .help(format!(
            "{} [environment: {}{place}; default: {}]",
            setting.meaning, setting.variable, setting.default
        ))
        .help_heading("Settings")
}
