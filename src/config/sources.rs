//! Where settings come from: flags, then the environment, then the file, then the defaults.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fmt, fs, io,
    path::{Path, PathBuf},
};

use toml::de::{DeTable, DeValue};

use super::{
    ConfigError,
    settings::{self, CONFIG, Flags, Setting},
};

/// The file that is read when it is there and no other is named.
const DEFAULT_FILE: &str = "charter-registry.toml";

/// How the process's environment is asked for a variable; tests pass one of their own.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// Where a value came from, as messages name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag.
    Flag(&'static str),
    /// An environment variable.
    Variable(&'static str),
    /// A line of the configuration file, and the key that stands there.
    File(PathBuf, usize, &'static str),
    /// Nobody set it.
    Default(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "--{flag}"),
            Self::Variable(variable) => f.write_str(variable),
            Self::File(path, line, key) => write!(f, "{}:{line}: {key}", path.display()),
            Self::Default(flag) => write!(f, "the default of --{flag}"),
        }
    }
}

/// A value as text, and where it came from.
pub(super) struct Given {
    pub(super) text: String,
    pub(super) origin: Origin,
}

/// Everything that can give a value.
pub(super) struct Sources<'a> {
    flags: &'a Flags,
    environment: Environment<'a>,
    file: BTreeMap<&'static str, Given>,
}

impl<'a> Sources<'a> {
    /// Finds the configuration file, if there is one, and reads it.
    pub(super) fn open(
        flags: &'a Flags,
        environment: Environment<'a>,
    ) -> Result<Self, ConfigError> {
        let mut sources = Self {
            flags,
            environment,
            file: BTreeMap::new(),
        };
        sources.file = match sources.find(&CONFIG)? {
            Some(named) => read_file(Path::new(&named.text)).map_err(|error| match error {
                FileError::Unreadable(source) => ConfigError::File {
                    origin: named.origin,
                    path: PathBuf::from(&named.text),
                    source,
                },
                FileError::Wrong(error) => error,
            })?,
            None => match read_file(Path::new(DEFAULT_FILE)) {
                Err(FileError::Unreadable(error)) if error.kind() == io::ErrorKind::NotFound => {
                    BTreeMap::new()
                }
                Err(FileError::Unreadable(source)) => {
                    return Err(ConfigError::File {
                        origin: Origin::Default(CONFIG.flag),
                        path: PathBuf::from(DEFAULT_FILE),
                        source,
                    });
                }
                Err(FileError::Wrong(error)) => return Err(error),
                Ok(file) => file,
            },
        };
        Ok(sources)
    }

    /// What a setting was set to, if somebody set it.
    pub(super) fn read_given<T>(
        &self,
        setting: &'static Setting,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigError> {
        self.find(setting)?
            .map(|given| given.parse(setting, parse))
            .transpose()
    }

    /// What a setting was set to, or the text of its default.
    pub(super) fn read<T>(
        &self,
        setting: &'static Setting,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, ConfigError> {
        let given = self.find(setting)?.unwrap_or_else(|| Given {
            text: setting.default.to_owned(),
            origin: Origin::Default(setting.flag),
        });
        given.parse(setting, parse)
    }

    fn find(&self, setting: &'static Setting) -> Result<Option<Given>, ConfigError> {
        if let Some(text) = self.flags.get(setting) {
            return Ok(Some(Given {
                text: text.to_owned(),
                origin: Origin::Flag(setting.flag),
            }));
        }
        // An empty variable is an unset one: compose files and unit files pass such on.
        if let Some(value) = (self.environment)(setting.variable).filter(|value| !value.is_empty())
        {
            let origin = Origin::Variable(setting.variable);
            return match value.into_string() {
                Ok(text) => Ok(Some(Given { text, origin })),
                Err(_) => Err(ConfigError::value(origin, "is not UTF-8 text", setting)),
            };
        }
        Ok(setting
            .key
            .and_then(|key| self.file.get(key))
            .map(|given| Given {
                text: given.text.clone(),
                origin: given.origin.clone(),
            }))
    }
}

impl Given {
    fn parse<T>(
        self,
        setting: &Setting,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, ConfigError> {
        let parsed = if self.text.is_empty() {
            Err("is empty".to_owned())
        } else {
            parse(&self.text)
        };
        parsed.map_err(|problem| ConfigError::value(self.origin, problem, setting))
    }
}

/// Why a configuration file gives no values.
enum FileError {
    Unreadable(io::Error),
    Wrong(ConfigError),
}

impl From<ConfigError> for FileError {
    fn from(error: ConfigError) -> Self {
        Self::Wrong(error)
    }
}

fn read_file(path: &Path) -> Result<BTreeMap<&'static str, Given>, FileError> {
    let text = fs::read_to_string(path).map_err(FileError::Unreadable)?;
    let line_at = |offset: usize| {
        let before = text.bytes().take(offset);
        1 + before.filter(|byte| *byte == b'\n').count()
    };
    let table = DeTable::parse(&text).map_err(|error| ConfigError::Toml {
        path: path.to_owned(),
        line: error.span().map_or(1, |span| line_at(span.start)),
        problem: error.message().replace('\n', ", "),
    })?;
    let mut values = BTreeMap::new();
    for (key, value) in table.get_ref() {
        let line = line_at(key.span().start);
        let setting = settings::ALL
            .iter()
            .find(|setting| setting.key == Some(key.get_ref().as_ref()));
        let Some((setting, key)) = setting.and_then(|setting| Some((setting, setting.key?))) else {
            return Err(FileError::Wrong(ConfigError::UnknownKey {
                path: path.to_owned(),
                line,
                key: key.get_ref().to_string(),
            }));
        };
        let origin = Origin::File(path.to_owned(), line, key);
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.to_string(),
            _ => {
                let problem = "is neither a string in quotes nor a number";
                return Err(ConfigError::value(origin, problem, setting).into());
            }
        };
        values.insert(key, Given { text, origin });
    }
    Ok(values)
}
