//! `log show`

use charter_proof::{
    merkle::leaf_hash,
    tile::{Row, Tile},
};

use crate::{config::settings::Flags, storage::log};

use super::super::{
    answer::{Answer, Failed},
    host,
};

/// How many entries a bundle holds.
const BUNDLE: u64 = 256;

/// Shows the entry of this index.
pub(super) async fn run(settings: &Flags, index: u64) -> Result<Answer, Failed> {
    let database = host::open_database(settings, "GET /log/tile/entries/…").await?;
    let mut conn = database.read().await?;
    let size = log::head(&mut conn).await?.size;
    let found = log::entries(&mut conn, index, 1).await?.pop();
    let Some((_, body)) = found.filter(|(found, _)| *found == index) else {
        return Err(Failed::because(format!(
            "the log has no entry {index}: it has {size} entries, from 0 on"
        )));
    };
    // Entries are JSON; whoever changed one past the registry may have left other bytes.
    let text = String::from_utf8_lossy(&body);
    let answer = Answer::done(format!("{}\n", super::super::answer::printable(&text)))
        .note(format!("leaf hash {}", leaf_hash(&body)));
    let tile = Tile::of_tree(Row::Entries, index / BUNDLE, size);
    Ok(match tile {
        Some(tile) => answer.note(format!("number {} of /log/{}", index % BUNDLE, tile.path())),
        None => answer,
    })
}
