//! `publish`: a copy of what a registry serves for reading, as files that any web server serves.

use std::sync::Arc;

use crate::{
    mirror::source::Source,
    publication::{Publication, Put},
    storage::{files::Place, shelf::Shelf},
};

use super::answer::{Answer, Failed};

/// Publish a registry's read side as files, for any web server or CDN.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Publish a registry's read side as files, for any web server or CDN: the log's tiles, entries and records, \
                  charters, members, dumps, feeds, status lists, keys, and proofs. They are fetched from a server of the \
                  registry or of a mirror and put under the names of their addresses (a charter and a member as \
                  index.json in their folder, proofs by key as proofs/domain/HOST and proofs/SCHEME/NUMBER). What never \
                  changes is put once; the checkpoint comes last. Run it after changes and at least every hour: proofs \
                  hold for three.\n\n\
                  A bucket's credentials, region and endpoint come from the variables that every S3 client reads \
                  (AWS_ACCESS_KEY_ID and so on). deploy/nginx-static.conf serves such a folder.\n\n\
                  Examples:\n\n  \
                  charter-registry publish --to file:///srv/registry\n  \
                  charter-registry publish --from https://registry.example --to s3://bucket/registry --proofs 1000"
)]
pub(super) struct Publish {
    /// The server it is fetched from.
    #[arg(long, value_name = "URL", default_value = "http://localhost:8080")]
    from: String,
    /// Where the files are put: `file:///FOLDER`, a folder, or `s3://BUCKET/PREFIX`.
    #[arg(long, value_name = "PLACE")]
    to: String,
    /// For how many members of each charter proofs are put, by every key of theirs.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    proofs: usize,
}

impl Publish {
    pub(super) async fn run(self) -> Result<Answer, Failed> {
        let place = self.to.strip_prefix("file://").unwrap_or(&self.to);
        let place = Place::parse(place)
            .map_err(|what| Failed::because(format!("--to {what}")).of_input())?;
        let publication = Publication {
            source: Arc::new(Source::at(&self.from)?),
            shelf: Shelf::open(&place)?,
            proofs: self.proofs,
        };
        let Put { size, put, kept } = publication.publish().await?;
        Ok(Answer::done(format!(
            "{size} log entries are published: {put} files put, {kept} were there\n"
        )))
    }
}
