//! How a letter leaves the registry: by SMTP, or into a folder where developers read it.

use std::{
    fs::OpenOptions,
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    time::Duration,
};

use lettre::{
    Address, Message,
    transport::smtp::{
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::{ClientId, Extension, MailParameter},
    },
};

use crate::rules::id::LetterId;

/// Where letters go.
#[derive(Debug)]
pub enum Transport {
    /// Into files `<id>.eml` in this folder.
    Folder(PathBuf),
    /// To a mail server.
    Smtp(Smtp),
}

/// A mail server.
pub struct Smtp {
    /// The host's name, which its certificate must bear.
    pub host: String,
    /// The port.
    pub port: u16,
    /// How the connection is secured.
    pub security: Security,
    /// User and password, if the server asks for them.
    pub credentials: Option<(String, String)>,
    /// By what name the registry greets the server.
    pub greeting: String,
    /// How long one letter may take.
    pub time_limit: Duration,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smtp")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("security", &self.security)
            .finish_non_exhaustive()
    }
}

/// How a connection to a mail server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// TLS by `STARTTLS` (RFC 3207), before anything is said; a server without it is not spoken to.
    StartTls,
    /// None: to this machine alone.
    Plain,
}

/// Why a letter was not taken. The code is kept and shown: it has neither an address nor a text of the server's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undelivered {
    /// The server refused the recipient or the letter for good.
    Refused(String),
    /// The server refused the recipient or the letter for now.
    Deferred(String),
    /// The server cannot be used: every other letter would fare alike.
    Unreachable(String),
}

impl Undelivered {
    /// What went wrong.
    pub fn code(&self) -> &str {
        match self {
            Self::Refused(code) | Self::Deferred(code) | Self::Unreachable(code) => code,
        }
    }
}

impl Transport {
    /// Hands a letter over. A letter that is handed over again replaces itself in the folder.
    pub async fn deliver(&self, id: LetterId, message: &Message) -> Result<(), Undelivered> {
        match self {
            Self::Folder(folder) => put_in_folder(folder, id, &message.formatted())
                .map_err(|_| Undelivered::Unreachable("folder".to_owned())),
            Self::Smtp(server) => {
                let delivered = tokio::time::timeout(server.time_limit, server.deliver(message));
                let late = |_| Undelivered::Unreachable("timeout".to_owned());
                delivered.await.map_err(late)?
            }
        }
    }
}

fn put_in_folder(folder: &Path, id: LetterId, message: &[u8]) -> io::Result<()> {
    let mut made = std::fs::DirBuilder::new();
    made.recursive(true).mode(0o700).create(folder)?;
    let written = folder.join(format!("{id}.part"));
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&written)?
        .write_all(message)?;
    // Whoever looks for the letter finds it whole.
    std::fs::rename(written, folder.join(format!("{id}.eml")))
}

/// Takes a letter away that was laid down in this folder, if it was, and what a crash left of it.
pub fn take_back(folder: &Path, id: LetterId) -> io::Result<()> {
    for ending in ["eml", "part"] {
        match std::fs::remove_file(folder.join(format!("{id}.{ending}"))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

type SmtpError = lettre::transport::smtp::Error;

impl Smtp {
    async fn deliver(&self, message: &Message) -> Result<(), Undelivered> {
        let mut server = self.connect().await?;
        let handed_over = hand_over(&mut server, message).await;
        // The letter is taken or not by now, whatever becomes of the farewell.
        server.abort().await;
        handed_over
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Undelivered> {
        let greeting = ClientId::Domain(self.greeting.clone());
        let tls = || {
            let parameters = TlsParameters::new(self.host.clone());
            parameters.map_err(|error| unreachable(&error, "tls"))
        };
        let at_once = match self.security {
            Security::Tls => Some(tls()?),
            Security::StartTls | Security::Plain => None,
        };
        let address = (self.host.as_str(), self.port);
        let limit = Some(self.time_limit);
        let opened =
            AsyncSmtpConnection::connect_tokio1(address, limit, &greeting, at_once, None).await;
        let mut server = opened.map_err(|error| unreachable(&error, "connection"))?;
        if self.security == Security::StartTls {
            let secured = server.starttls(tls()?, &greeting).await;
            secured.map_err(|error| unreachable(&error, "tls"))?;
        }
        if let Some((user, password)) = &self.credentials {
            let credentials = Credentials::new(user.clone(), password.clone());
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            let known = server.auth(&mechanisms, &credentials).await;
            known.map_err(|error| unreachable(&error, "auth"))?;
        }
        Ok(server)
    }
}

/// Says for whom the letter is, and then the letter. A refusal of the sender is no refusal of the recipient.
async fn hand_over(server: &mut AsyncSmtpConnection, message: &Message) -> Result<(), Undelivered> {
    let envelope = message.envelope();
    let mut addresses = envelope.to().iter().chain(envelope.from());
    let is_international = addresses.any(|address| !AsRef::<str>::as_ref(address).is_ascii());
    let mut parameters = Vec::new();
    if is_international {
        if !server
            .server_info()
            .supports_feature(Extension::SmtpUtfEight)
        {
            return Err(Undelivered::Refused("smtputf8".to_owned()));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    let sender = Mail::new(envelope.from().cloned(), parameters);
    let sender = server.command(sender).await;
    sender.map_err(|error| unreachable(&error, "sender"))?;
    for recipient in envelope.to() {
        let recipient: Address = recipient.clone();
        let recipient = server.command(Rcpt::new(recipient, Vec::new())).await;
        recipient.map_err(|error| refusal(&error))?;
    }
    let data = server.command(Data).await;
    data.map_err(|error| refusal(&error))?;
    let taken = server.message(&message.formatted()).await;
    taken.map_err(|error| refusal(&error)).map(drop)
}

fn unreachable(error: &SmtpError, step: &str) -> Undelivered {
    let code = reply_code(error).map_or_else(|| step.to_owned(), |code| format!("{step} {code}"));
    Undelivered::Unreachable(code)
}

fn refusal(error: &SmtpError) -> Undelivered {
    match reply_code(error) {
        Some(code) if error.is_permanent() => Undelivered::Refused(code),
        Some(code) => Undelivered::Deferred(code),
        None => unreachable(error, "connection"),
    }
}

/// The reply's code, and its enhanced code (RFC 3463) where it has one: `550 5.1.1`.
fn reply_code(error: &SmtpError) -> Option<String> {
    let status = error.status()?.to_string();
    let text = std::error::Error::source(error).map(ToString::to_string);
    let enhanced = text
        .as_deref()
        .and_then(|text| text.split_whitespace().next())
        .filter(|word| is_enhanced_code(word));
    Some(match enhanced {
        Some(enhanced) => format!("{status} {enhanced}"),
        None => status,
    })
}

/// Whether a word is an enhanced status code: `5.1.1`.
pub fn is_enhanced_code(word: &str) -> bool {
    let parts: Vec<&str> = word.split('.').collect();
    let is_number = |part: &&str| {
        (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    matches!(parts.as_slice(), ["2" | "4" | "5", _, _]) && parts.iter().all(is_number)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Security, Smtp, is_enhanced_code};

    #[test]
    fn an_enhanced_code_is_told_from_other_words() {
        for (word, is_one) in [
            ("5.1.1", true),
            ("4.7.700", true),
            ("3.1.1", false),
            ("5.1", false),
            ("5.1.1.1", false),
            ("5.1.name@school.example", false),
            ("5..1", false),
            ("5.1.1000", false),
        ] {
            assert_eq!(is_enhanced_code(word), is_one, "{word}");
        }
    }

    #[test]
    fn debug_output_hides_user_and_password() {
        let server = Smtp {
            host: "mail.example".to_owned(),
            port: 465,
            security: Security::Tls,
            credentials: Some(("user-canary".to_owned(), "password-canary".to_owned())),
            greeting: "registry.example".to_owned(),
            time_limit: Duration::from_secs(1),
        };
        assert!(!format!("{server:?}").contains("canary"));
    }
}
