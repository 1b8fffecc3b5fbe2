//! `log override-quorum`

use crate::{config::settings::Flags, desk::override_quorum::override_quorum, rules::text::Name};

use super::super::{
    answer::{Answer, Failed},
    host,
};

/// Lets checkpoints be served without the witnesses' quorum.
pub(super) async fn run(settings: &Flags, reason: &Name) -> Result<Answer, Failed> {
    let desk = host::open_alone(settings).await?;
    let entry = override_quorum(&desk, host::request(), reason).await?;
    let text = format!("log entry {entry} says that checkpoints are served without the quorum\n");
    Ok(Answer::done(text).note(
        "running servers serve the newest checkpoint within a second; with the next quorum it is over",
    ))
}
