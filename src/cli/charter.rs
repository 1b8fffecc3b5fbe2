//! `charter`: checks, publishes and lists charters.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

use charter_proof::canonical::{Digest, to_jcs};

use crate::{
    config::settings::Flags,
    desk::{
        Desk,
        charters::publish::{PublishedAs, publish},
    },
    rules::{
        charter::{CharterVersion, Definition},
        text::FieldError,
    },
    storage::charters::Published,
};

use super::{
    answer::{Answer, Failed, table},
    host,
};

/// How many charters are read at a time.
const PAGE: i64 = 100;

/// Check, publish and list charters.
#[derive(Debug, clap::Args)]
pub(super) struct Charter {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Publish versions of charters.
    #[command(
        long_about = "Publish versions of charters. A published version never changes: to change a text, raise \
                      the version's number. Publishing the same again changes nothing and says so.\n\n\
                      A definition is a TOML file that names the Markdown files of its texts, relative to \
                      itself. All files are checked before the first is published.\n\n\
                      Prints for each its slug, version, digest and the index of its log entry.\n\n\
                      Example:\n\n  \
                      charter-registry charter publish charters/*.toml"
    )]
    Publish {
        /// Definitions, TOML.
        #[arg(required = true, value_name = "FILE")]
        definitions: Vec<PathBuf>,
        #[command(flatten)]
        settings: Flags,
    },
    /// List the charters and their current versions.
    List {
        #[command(flatten)]
        settings: Flags,
    },
    /// Check definitions without publishing them.
    #[command(
        long_about = "Check definitions without publishing them; all faults are told at once, each with the \
                      place where it stands. Needs no database.\n\n\
                      Example:\n\n  \
                      charter-registry charter check charters/open-government.toml"
    )]
    Check {
        /// Definitions, TOML.
        #[arg(required = true, value_name = "FILE")]
        definitions: Vec<PathBuf>,
    },
}

impl Charter {
    pub(super) async fn run(self) -> Result<Answer, Failed> {
        match self.action {
            Action::Publish {
                definitions,
                settings,
            } => {
                let versions = read_all(&definitions)?;
                let desk = host::open(&settings, "POST /v1/charters").await?;
                publish_all(&desk, versions).await
            }
            Action::List { settings } => {
                let desk = host::open(&settings, "GET /v1/charters").await?;
                list(&desk).await
            }
            Action::Check { definitions } => check(&definitions),
        }
    }
}

async fn publish_all(desk: &Desk, versions: Vec<CharterVersion>) -> Result<Answer, Failed> {
    let mut text = String::new();
    for version in versions {
        let name = format!("{} version {}", version.slug(), version.version());
        match publish(desk, host::request(), version).await {
            Ok(published) => text.push_str(&line(desk, &published).await?),
            Err(error) => {
                // What was published before stays so, and is said before the failure.
                Answer::done(text).print();
                return Err(Failed::because(format!("{name} was not published")).and_causes(&error));
            }
        }
    }
    Ok(Answer::done(text))
}

async fn line(desk: &Desk, published: &PublishedAs) -> Result<String, Failed> {
    let PublishedAs {
        slug,
        version,
        digest,
        new,
    } = published;
    let what = if *new {
        let mut conn = desk.database.read().await?;
        let stored = Published::find(&mut conn, slug, *version).await?;
        let index = stored.map_or_else(String::new, |one| {
            format!(" as log entry {}", one.log_index)
        });
        format!("published{index}")
    } else {
        "already published".to_owned()
    };
    Ok(format!(
        "{slug} version {version} {} {what}\n",
        digest.prefixed()
    ))
}

async fn list(desk: &Desk) -> Result<Answer, Failed> {
    let mut conn = desk.database.read().await?;
    let mut rows = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = Published::page(&mut conn, after.as_deref(), PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.version.slug().to_string());
        rows.extend(page.iter().map(|one| {
            [
                one.version.slug().to_string(),
                one.version.version().to_string(),
                one.published_at.date_naive().to_string(),
                one.log_index.to_string(),
                one.digest.prefixed(),
            ]
        }));
    }
    if rows.is_empty() {
        let how = "no charter is published yet: run `charter-registry charter publish FILE`";
        return Ok(Answer::done("").note(how));
    }
    let headings = ["CHARTER", "VERSION", "PUBLISHED", "LOG ENTRY", "DIGEST"];
    Ok(Answer::done(table(headings, rows)))
}

fn check(files: &[PathBuf]) -> Result<Answer, Failed> {
    let mut text = String::new();
    for (file, version) in files.iter().zip(read_all(files)?) {
        let digest = Digest::of(&to_jcs(&version.canonical_document())?).prefixed();
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "{}: {} version {} {digest} is in order",
            file.display(),
            version.slug(),
            version.version()
        );
    }
    Ok(Answer::done(text))
}

fn read_all(files: &[PathBuf]) -> Result<Vec<CharterVersion>, Failed> {
    files.iter().map(|file| read(file)).collect()
}

/// Reads a definition and the files it refers to.
fn read(file: &Path) -> Result<CharterVersion, Failed> {
    let toml = read_text(file)?;
    let folder = file.parent().unwrap_or(Path::new(""));
    let names = Definition::referenced_files(&toml).map_err(|faults| of_faults(file, &faults))?;
    let mut texts = BTreeMap::new();
    for name in names {
        match fs::read_to_string(folder.join(&name)) {
            Ok(text) => {
                texts.insert(name, text);
            }
            // The definition tells where it names the file.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(unreadable(&folder.join(name), &error)),
        }
    }
    Definition::from_toml(&toml, &texts)
        .and_then(|definition| definition.check())
        .map_err(|faults| of_faults(file, &faults))
}

fn read_text(file: &Path) -> Result<String, Failed> {
    fs::read_to_string(file).map_err(|error| unreadable(file, &error))
}

fn unreadable(file: &Path, error: &io::Error) -> Failed {
    Failed::because(format!("cannot read {}", file.display())).and_causes(error)
}

fn of_faults(file: &Path, faults: &[FieldError]) -> Failed {
    let message = format!("{} is not a charter's definition yet", file.display());
    faults
        .iter()
        .fold(Failed::because(message), |failed, fault| {
            let place = if fault.pointer.is_empty() { "" } else { ": " };
            failed.and(format!("{}{place}{}", fault.pointer, fault.detail))
        })
}
