//! `demo`: a registry from nothing, and its main job done before one's eyes, over HTTP.
//!
//! [`content`] is what the demo publishes and whom it admits, [`client`] speaks to the server and shows each call
//! as a `curl` line, [`walk`] is the story.

/// Prints a line. A reader that closes its end early, as `head` does, has had what it wanted.
macro_rules! say {
    ($($format:tt)*) => {{
        let mut out = std::io::stdout().lock();
        let _ = std::io::Write::write_fmt(&mut out, format_args!($($format)*));
        let _ = std::io::Write::write_all(&mut out, b"\n");
    }};
}

mod client;
mod content;
mod pdf;
mod walk;

use std::{fs, path::PathBuf};

use crate::{
    clock::Clock,
    config::settings::{DATA, Flags, LOG},
    desk::{
        Desk,
        people::{
            add_operator::{AddOperator, add_operator},
            add_partner::{AddPartner, add_partner},
        },
    },
    rules::{role::Role, text::Name},
    startup, storage,
};

use super::{
    answer::{Answer, Failed},
    host,
};

/// Show the main job: an organisation joins, proves it, and is excluded.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Show the main job on a registry of its own, step by step, with the curl line for each step; \
                  then keep serving it, until Ctrl-C.\n\n\
                  Five charters are published, the nine founders of one are admitted, a partner site brings a \
                  school, the memorandum is made out and signed, two registrars admit the school, its record is \
                  checked, and it is excluded.\n\n\
                  The data goes to a temporary folder, removed at the end, unless --data or CHARTER_DATA names \
                  one. The database must be new.\n\n\
                  Examples:\n\n  \
                  charter-registry demo\n  \
                  charter-registry demo --listen 127.0.0.1:9000 --data demo-data\n  \
                  CHARTER_DATABASE_URL=postgres://postgres@127.0.0.1/demo charter-registry demo"
)]
pub(super) struct Demo {
    /// Leave when the story is told, instead of serving on.
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    settings: Flags,
}

/// The folder of the demo's data, removed at the end when it is the demo's own.
struct Folder {
    path: PathBuf,
    temporary: bool,
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary {
            // What cannot be removed lies in the system's folder for temporary files.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// The tokens of those who act in the demo.
struct Cast {
    registrars: [String; 2],
    clerk: String,
    administrator: String,
    partner: String,
}

impl Demo {
    pub(super) async fn run(self) -> Result<Answer, Failed> {
        let clock = Clock::system();
        let folder = self.folder(&clock);
        let mut settings = self.settings.with(&DATA, folder.path.display().to_string());
        if settings.get(&LOG).is_none() {
            // A line for each request would stand between those of the story.
            settings = settings.with(&LOG, "warn");
        }
        let config = host::configure(&settings)?;
        let stop = startup::stop_signal()?;
        let listening = startup::start(&config, clock).await?;
        let desk = listening.desk.clone();
        if storage::log::head(&mut desk.database.read().await?)
            .await?
            .size
            != 2
        {
            return Err(Failed::because(
                "the demo begins a new registry, and this one is not empty",
            )
            .and("give another database or folder: --database-url, --data"));
        }
        let cast = cast(&desk).await?;
        let address = format!("http://{}", listening.address);
        let path = folder.path.clone();
        let once = self.once;
        let story = tokio::task::spawn_blocking(move || {
            walk::walk(&address, &cast, &path)?;
            if !once {
                walk::epilogue(&address, &cast, &path)?;
            }
            Ok(())
        });
        let told = async move {
            let told = story.await.unwrap_or_else(|panic| Err(Failed::from(panic)));
            (told, once)
        };
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let end = async move {
            tokio::pin!(stop);
            let told = tokio::select! {
                (told, once) = told => {
                    if told.is_ok() && !once {
                        stop.await;
                    }
                    told
                }
                () = &mut stop => Ok(()),
            };
            // The receiver waits as long as the server runs.
            let _ = sender.send(told);
        };
        listening.keeping_the_timetable(end).await?;
        receiver.await.unwrap_or(Ok(()))?;
        Ok(Answer::done(""))
    }

    fn folder(&self, clock: &Clock) -> Folder {
        let told = self.settings.get(&DATA).map(PathBuf::from).or_else(|| {
            let variable = std::env::var_os(DATA.variable);
            variable
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        });
        match told {
            Some(path) => Folder {
                path,
                temporary: false,
            },
            None => Folder {
                path: std::env::temp_dir().join(format!("charter-registry-demo-{}", clock.uuid())),
                temporary: true,
            },
        }
    }
}

/// Gives the demo's people their accounts, as `operator add` and `partner add` do.
async fn cast(desk: &Desk) -> Result<Cast, Failed> {
    Ok(Cast {
        registrars: [
            operator(desk, "registrar-1", Role::Registrar).await?,
            operator(desk, "registrar-2", Role::Registrar).await?,
        ],
        clerk: operator(desk, "clerk-1", Role::Clerk).await?,
        administrator: operator(desk, "administrator-1", Role::Administrator).await?,
        partner: {
            let command = AddPartner {
                name: Name::parse("schools.example")?,
                token_days: 1,
            };
            add_partner(desk, host::request(), command).await?.token
        },
    })
}

async fn operator(desk: &Desk, name: &str, role: Role) -> Result<String, Failed> {
    let command = AddOperator {
        name: Name::parse(name)?,
        role,
        token_days: 1,
    };
    Ok(add_operator(desk, host::request(), command).await?.token)
}
