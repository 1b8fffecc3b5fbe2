//! `keys list`

use charter_proof::{
    entry::{Entry, Event},
    identity::did_of_host,
    keys::{CLOCK_SIGNATURE, LOG_SIGNATURE, PublicKey, Purpose, vkey},
};

use crate::{
    config::settings::Flags,
    storage::{
        keys::{AnnouncedKey, SigningKey},
        log,
    },
};

use super::super::{
    answer::{Answer, Failed, table},
    host,
};

/// Lists every key there ever was, then those to come.
pub(super) async fn run(settings: &Flags) -> Result<Answer, Failed> {
    let database = host::open_database(settings, "GET /v1/keys").await?;
    let mut conn = database.read().await?;
    let Some((_, first)) = log::entries(&mut conn, 0, 1).await?.pop() else {
        let how = "no log yet, so no keys: the first `charter-registry serve` makes them";
        return Ok(Answer::done("").note(how));
    };
    let Event::LogCreated { origin, .. } = Entry::parse(&first)?.event else {
        return Err(Failed::because(
            "the log does not begin with log.created: this is no registry's database",
        ));
    };
    let host = origin.strip_suffix("/log").unwrap_or(&origin);
    let keys = SigningKey::all(&mut conn).await?;
    let mut rows: Vec<_> = keys
        .iter()
        .map(|key| {
            let range = &key.range;
            let to = range.to.map_or_else(String::new, |to| to.to_string());
            [
                range.purpose.as_str().to_owned(),
                key.standing().as_str().to_owned(),
                range.from.to_string(),
                to,
                known_as(range.purpose, &range.public_key_multibase, host),
            ]
        })
        .collect();
    let announced = AnnouncedKey::all(&mut conn).await?;
    rows.extend(announced.iter().map(|key| {
        [
            key.purpose.as_str().to_owned(),
            "announced".to_owned(),
            String::new(),
            String::new(),
            known_as(key.purpose, &key.key, host),
        ]
    }));
    let headings = ["PURPOSE", "STATUS", "FROM", "TO", "KNOWN AS"];
    Ok(Answer::done(table(headings, rows)))
}

/// The name by which verifiers know a key of the registry at `host`.
fn known_as(purpose: Purpose, key: &PublicKey, host: &str) -> String {
    match purpose {
        Purpose::Record => format!("{}#{key}", did_of_host(host)),
        // The Multikey too: it is what `keys compromise` takes.
        Purpose::Log => format!("{key} {}", vkey(&format!("{host}/log"), LOG_SIGNATURE, key)),
        Purpose::Clock => format!(
            "{key} {}",
            vkey(&format!("{host}/clock"), CLOCK_SIGNATURE, key)
        ),
    }
}
