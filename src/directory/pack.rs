//! The packed file: what readers are answered with, byte for byte, at places that the index knows.
//!
//! It only grows. Whoever rebuilds it writes another file and puts it in its place, so that readers of the old one
//! finish undisturbed.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::{FileExt as _, OpenOptionsExt as _},
    path::Path,
    sync::Arc,
};

use charter_proof::canonical::Digest;

use super::{
    bytes::Reading,
    frame::{self, AFTER_BODY, BEFORE_BODY, Entry, Frame},
};

/// What a packed file begins with.
const MAGIC: [u8; 8] = *b"chrpack2";

/// Where the first frame stands.
pub(super) const FIRST: u64 = 40;

/// The longest frame: far beyond any member's or record's.
const MAX_FRAME: u32 = 1 << 26;

/// The packed file, open for readers and its one writer.
pub(super) struct Pack {
    /// The file; readers share it.
    pub file: Arc<File>,
    /// Where the next frame goes.
    pub end: u64,
}

impl Pack {
    /// Begins a new file for answers of this fingerprint.
    pub(super) fn create(path: &Path, fingerprint: &[u8; 32]) -> io::Result<Self> {
        let file = options().truncate(true).open(path)?;
        file.write_all_at(&MAGIC, 0)?;
        file.write_all_at(fingerprint, 8)?;
        Ok(Self {
            file: Arc::new(file),
            end: FIRST,
        })
    }

    /// Opens a file; none when there is none whose answers have this fingerprint.
    pub(super) fn open(path: &Path, fingerprint: &[u8; 32]) -> io::Result<Option<Self>> {
        let file = match options().create(false).open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let end = file.metadata()?.len();
        let mut head = [0; 40];
        if end < FIRST {
            return Ok(None);
        }
        file.read_exact_at(&mut head, 0)?;
        let is_ours = head.starts_with(&MAGIC) && head.ends_with(fingerprint);
        let file = Arc::new(file);
        Ok(is_ours.then_some(Self { file, end }))
    }

    /// Appends frames and returns where they begin.
    pub(super) fn append(&mut self, frames: &[u8]) -> io::Result<u64> {
        let start = self.end;
        if let Err(error) = self.file.write_all_at(frames, start) {
            // What half of them left behind must not be taken for frames later.
            self.file.set_len(start)?;
            return Err(error);
        }
        self.end += u64::try_from(frames.len()).unwrap_or(u64::MAX);
        Ok(start)
    }

    /// Forgets what stands behind `end`.
    pub(super) fn cut(&mut self, end: u64) -> io::Result<()> {
        self.file.set_len(end)?;
        self.end = end;
        Ok(())
    }

    /// The frame at `at` and where it ends; none where no whole frame stands.
    pub(super) fn frame(&self, at: u64) -> io::Result<Option<(Frame, u64)>> {
        let Some(bytes) = frame_bytes(&self.file, at, self.end)? else {
            return Ok(None);
        };
        let end = at + u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Ok(frame::next(&mut Reading(&bytes)).map(|frame| (frame, end)))
    }
}

/// The bytes of the frame at `at`, if they end before `end`.
fn frame_bytes(file: &File, at: u64, end: u64) -> io::Result<Option<Vec<u8>>> {
    let mut head = [0; 4];
    if at.saturating_add(8) > end {
        return Ok(None);
    }
    file.read_exact_at(&mut head, at)?;
    let length = u32::from_le_bytes(head);
    let length = u64::from(length) + 8;
    if length > u64::from(MAX_FRAME) || at.saturating_add(length) > end {
        return Ok(None);
    }
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    file.read_exact_at(&mut bytes, at)?;
    Ok(Some(bytes))
}

/// Appends the body of the frame at `at`, and returns the digest that stands behind it: a record's own, and zeros behind
/// what has none.
///
/// # Errors
///
/// Of kind `InvalidData` when the bytes are not those that were written.
pub(super) fn body(file: &File, at: u64, length: u32, out: &mut Vec<u8>) -> io::Result<Digest> {
    let start = out.len();
    let end = start + usize::try_from(length).unwrap_or(0);
    out.resize(end + AFTER_BODY, 0);
    let bytes = out.get_mut(start..).unwrap_or_default();
    file.read_exact_at(bytes, at + BEFORE_BODY)?;
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the packed file is damaged");
    let (content, checksum) = bytes.split_last_chunk::<4>().ok_or_else(damaged)?;
    if crc32fast::hash(content) != u32::from_le_bytes(*checksum) {
        return Err(damaged());
    }
    let (_, digest) = content.split_last_chunk::<32>().ok_or_else(damaged)?;
    let digest = Digest::from_bytes(*digest);
    out.truncate(end);
    Ok(digest)
}

/// The fields of the member whose frame is at `at`.
pub(super) fn entry(file: &File, at: u64) -> io::Result<Entry> {
    let bytes = frame_bytes(file, at, u64::MAX)?.unwrap_or_default();
    match frame::next(&mut Reading(&bytes)) {
        Some(Frame::Member(entry, _)) => Ok(*entry),
        _ => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the packed file is damaged",
        )),
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).mode(0o600);
    options
}
