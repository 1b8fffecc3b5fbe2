//! A file that is there whole or not at all: written beside its place, with a checksum at its end, and moved there.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead as _, BufReader, BufWriter, IntoInnerError, Read, Take, Write},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

/// How much is written or read at a time, in bytes.
pub(super) const AT_ONCE: usize = 1 << 20;

/// How long the checksum at its end is, in bytes.
const CHECKSUM: u64 = 4;

/// A file that is written.
pub type Writer = BufWriter<Summed<File>>;

/// A file that is read.
pub type Reader = BufReader<Summed<Take<File>>>;

/// A file whose bytes are summed up on their way.
pub struct Summed<F> {
    file: F,
    checksum: crc32fast::Hasher,
}

impl<F> Summed<F> {
    pub(super) fn new(file: F) -> Self {
        Self {
            file,
            checksum: crc32fast::Hasher::new(),
        }
    }

    /// The file, and the sum of what went through.
    pub(super) fn finish(self) -> (F, u32) {
        (self.file, self.checksum.finalize())
    }
}

/// Writes the file, and returns once it is on the disk and has taken the place of the one before.
pub fn write(path: &Path, body: impl FnOnce(&mut Writer) -> io::Result<()>) -> io::Result<()> {
    let new = path.with_extension("new");
    written(&new, body)?.sync_data()?;
    std::fs::rename(&new, path)?;
    path.parent()
        .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// The same without waiting for the disk: after a power cut it may not be whole, and is read as if it were not there.
pub fn write_for_now(
    path: &Path,
    body: impl FnOnce(&mut Writer) -> io::Result<()>,
) -> io::Result<()> {
    let new = path.with_extension("new");
    written(&new, body)?;
    std::fs::rename(&new, path)
}

fn written(path: &Path, body: impl FnOnce(&mut Writer) -> io::Result<()>) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let file = Summed::new(options.open(path)?);
    let mut out = BufWriter::with_capacity(AT_ONCE, file);
    body(&mut out)?;
    let summed = out.into_inner().map_err(IntoInnerError::into_error)?;
    let (mut file, checksum) = summed.finish();
    file.write_all(&checksum.to_le_bytes())?;
    Ok(file)
}

/// Reads the file; the body is also told how long it is. None where there is no such file, or none that is whole.
///
/// # Errors
///
/// When the file cannot be read.
pub fn read<T>(
    path: &Path,
    body: impl FnOnce(&mut Reader, u64) -> io::Result<T>,
) -> io::Result<Option<T>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let length = file.metadata()?.len();
    let before = length.saturating_sub(CHECKSUM);
    let mut from = BufReader::with_capacity(AT_ONCE, Summed::new(file.take(before)));
    let read = body(&mut from, length).and_then(|found| {
        let is_at_end = from.fill_buf()?.is_empty();
        let (part, checksum) = from.into_inner().finish();
        let mut file = part.into_inner();
        let mut stored = [0; 4];
        file.read_exact(&mut stored)?;
        Ok((is_at_end && stored == checksum.to_le_bytes()).then_some(found))
    });
    match read {
        Ok(found) => Ok(found),
        Err(error) if is_damage(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether it says that the bytes are not what was written, not that they could not be read.
pub fn is_damage(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData
    )
}

impl Write for Summed<File> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.checksum
            .update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Read for Summed<Take<File>> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(bytes)?;
        self.checksum.update(bytes.get(..read).unwrap_or_default());
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        io::{self, Write as _},
    };

    use super::{read, write};

    fn five_of(from: &mut impl io::Read) -> io::Result<[u8; 5]> {
        let mut bytes = [0; 5];
        from.read_exact(&mut bytes).map(|()| bytes)
    }

    #[test]
    fn a_file_is_read_whole_or_not_at_all_and_one_half_written_leaves_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kept");
        let five = |path| read(path, |from, _| five_of(from));
        assert_eq!(five(&path).unwrap(), None);
        write(&path, |out| out.write_all(b"first")).unwrap();
        let broken = write(&path, |out| {
            out.write_all(b"sec")?;
            Err(io::Error::other("the disk is full"))
        });
        assert_eq!(broken.unwrap_err().to_string(), "the disk is full");
        assert_eq!(five(&path).unwrap(), Some(*b"first"));
        let whole = fs::read(&path).unwrap();
        let told = read(&path, |from, length| five_of(from).map(|_| length));
        assert_eq!(told.unwrap(), Some(9), "with its checksum");
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            assert_eq!(five(&path).unwrap(), None, "{length}");
        }
        for place in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[place] ^= 1;
            fs::write(&path, damaged).unwrap();
            assert_eq!(five(&path).unwrap(), None, "{place}");
        }
        assert!(five(folder.path()).is_err(), "a folder is no file");
    }
}
