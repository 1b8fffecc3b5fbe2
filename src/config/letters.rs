//! Where letters go, and from whom they come.

use std::{fmt, net::IpAddr, time::Duration};

use url::Url;

use super::{
    ConfigError,
    settings::{
        LETTERS, LETTERS_FROM, SECRETARIAT, SECRETARIAT_LANGUAGE, SMTP_PASSWORD, SMTP_TIMEOUT,
        SMTP_USER,
    },
    sources::Sources,
};
use crate::{
    notify::transport::Security,
    rules::text::{Email, Lang},
};

/// The longest time that handing over a letter may take, in seconds.
const MAX_TIMEOUT: u64 = 300;

/// Where letters go, and from whom they come. `Debug` shows neither user nor password.
#[derive(Clone)]
pub struct Letters {
    /// Where they go; by the public address when it is not said.
    pub to: Option<LettersTo>,
    /// The address they come from; made of the public host when it is not said.
    pub from: Option<Email>,
    /// User and password at the mail server.
    pub credentials: Option<(String, String)>,
    /// How long handing over one letter may take.
    pub time_limit: Duration,
    /// The secretariat's address.
    pub secretariat: Option<Email>,
    /// The language of letters to it.
    pub secretariat_language: Lang,
}

/// Where letters go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LettersTo {
    /// Nowhere: none are written.
    Nobody,
    /// Into a folder of the data folder.
    Folder,
    /// To a mail server.
    Smtp {
        /// Its host.
        host: String,
        /// Its port.
        port: u16,
        /// How the connection is secured.
        security: Security,
    },
}

impl fmt::Debug for Letters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letters")
            .field("to", &self.to)
            .field("time_limit", &self.time_limit)
            .finish_non_exhaustive()
    }
}

impl Letters {
    pub(super) fn read(sources: &Sources) -> Result<Self, ConfigError> {
        let user = sources.read_given(&SMTP_USER, not_empty)?;
        let password = sources.read_given(&SMTP_PASSWORD, |password| match &user {
            Some(_) => not_empty(password),
            None => Err("is set without a user".to_owned()),
        })?;
        Ok(Self {
            to: sources.read_given(&LETTERS, LettersTo::parse)?,
            from: sources.read_given(&LETTERS_FROM, address)?,
            credentials: user.map(|user| (user, password.unwrap_or_default())),
            time_limit: sources.read(&SMTP_TIMEOUT, seconds)?,
            secretariat: sources.read_given(&SECRETARIAT, address)?,
            secretariat_language: sources.read(&SECRETARIAT_LANGUAGE, language)?,
        })
    }
}

impl LettersTo {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "none" => return Ok(Self::Nobody),
            "folder" => return Ok(Self::Folder),
            _ => {}
        }
        let Ok(url) = Url::parse(text) else {
            // The text may hold a password, so it is not repeated.
            return Err("is no such place".to_owned());
        };
        let (security, port) = match url.scheme() {
            "smtps" => (Security::Tls, 465),
            "smtp" => (Security::StartTls, 587),
            "smtp+plain" => (Security::Plain, 25),
            _ => return Err("is no such place".to_owned()),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err("names a user: smtp-user and smtp-password do that".to_owned());
        }
        let is_bare = matches!(url.path(), "" | "/") && url.query().is_none();
        let host = url.host_str().map(|host| host.trim_matches(['[', ']']));
        let host = host.filter(|host| is_bare && !host.is_empty());
        let host = host.ok_or_else(|| "is more or less than a host and a port".to_owned())?;
        if security == Security::Plain && !is_this_machine(host) {
            return Err("would send letters unencrypted over the network".to_owned());
        }
        Ok(Self::Smtp {
            host: host.to_owned(),
            port: url.port().unwrap_or(port),
            security,
        })
    }
}

fn is_this_machine(host: &str) -> bool {
    let address = host.parse::<IpAddr>();
    address.is_ok_and(|address| address.is_loopback())
}

fn not_empty(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("is empty".to_owned());
    }
    Ok(text.to_owned())
}

fn address(text: &str) -> Result<Email, String> {
    Email::parse(text).map_err(|_| "is no e-mail address".to_owned())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok();
    let seconds = seconds.filter(|seconds| (1..=MAX_TIMEOUT).contains(seconds));
    seconds
        .map(Duration::from_secs)
        .ok_or_else(|| format!("is {text:?}"))
}

fn language(text: &str) -> Result<Lang, String> {
    let language = Lang::parse(text).ok();
    let language = language.filter(|language| matches!(language.as_str(), "ru" | "en"));
    language.ok_or_else(|| format!("is {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::{LettersTo, Security};

    #[test]
    fn letters_go_where_the_setting_says() {
        let smtp = |host: &str, port, security| LettersTo::Smtp {
            host: host.to_owned(),
            port,
            security,
        };
        for (text, to) in [
            ("none", LettersTo::Nobody),
            ("folder", LettersTo::Folder),
            (
                "smtp://mail.example",
                smtp("mail.example", 587, Security::StartTls),
            ),
            (
                "smtps://mail.example:1465",
                smtp("mail.example", 1465, Security::Tls),
            ),
            (
                "smtp+plain://127.0.0.1",
                smtp("127.0.0.1", 25, Security::Plain),
            ),
            (
                "smtp+plain://[::1]:2525",
                smtp("::1", 2525, Security::Plain),
            ),
        ] {
            assert_eq!(LettersTo::parse(text), Ok(to), "{text}");
        }
    }

    #[test]
    fn what_would_leak_or_lead_nowhere_is_refused_and_not_repeated() {
        for text in [
            "smtp",
            "http://mail.example",
            "smtp+plain://mail.example",
            "smtp+plain://10.0.0.1",
            "smtp://user:canary@mail.example",
            "smtp://mail.example/canary",
            "smtps://",
            "canary",
        ] {
            let refusal = LettersTo::parse(text).unwrap_err();
            assert!(!refusal.contains("canary"), "{text}: {refusal}");
        }
    }
}
