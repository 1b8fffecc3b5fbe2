//! Uploaded files as a whole. What is done with one of them is the affair of what names it.

use super::{Desk, Failure};

/// Takes away the files that nothing names; returns how many those were.
pub async fn sweep_files(desk: &Desk) -> Result<usize, Failure> {
    Ok(desk.files.sweep(&desk.database, desk.now()).await?)
}
