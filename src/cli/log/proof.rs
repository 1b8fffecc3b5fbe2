//! `log proof`

use charter_proof::verify::Key;

use crate::{config::settings::Flags, storage::charters::Published};

use super::super::{
    answer::{Answer, Failed},
    host,
};

/// Prints the proof of what a key stands for in a charter.
pub(super) async fn run(settings: &Flags, key: &Key, charter: &str) -> Result<Answer, Failed> {
    let desk = host::open(settings, "GET /v1/charters/{charter}/proof?key=…").await?;
    let mut conn = desk.database.read().await?;
    if Published::current(&mut conn, charter).await?.is_none() {
        return Err(Failed::because(format!("there is no charter {charter:?}"))
            .and("`charter-registry charter list` shows those there are"));
    }
    let proof = desk.signatory.log.proof(&mut conn, charter, key).await?;
    let proof = proof.ok_or_else(|| Failed::because("no checkpoint is published yet"))?;
    Ok(Answer::done(proof.text))
}
