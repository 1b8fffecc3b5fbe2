//! A file of frames, each there whole or not at all: it grows by appending, and whoever was interrupted goes on after the
//! last whole one.
//!
//! A frame is its length (eight bytes, the lowest first), its body, and the CRC-32 of that (four bytes, as well).

use std::{
    fs::{File, OpenOptions},
    io::{self, BufReader, BufWriter, IntoInnerError, Read, Seek as _, SeekFrom, Take, Write},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use super::whole_file::{AT_ONCE, Summed, is_damage};

/// How long a frame is beside its body.
const AROUND: u64 = 8 + 4;

/// A body that is written.
pub type Writer = BufWriter<Summed<File>>;

/// A body that is read.
pub type Reader = BufReader<Take<File>>;

/// Writes a file of one frame, whose body has this length, and returns once it is on the disk and has taken the place of
/// the one before: how long it is.
pub fn create(
    path: &Path,
    length: u64,
    body: impl FnOnce(&mut Writer) -> io::Result<()>,
) -> io::Result<u64> {
    let new = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    put(options.open(&new)?, length, body)?.sync_data()?;
    std::fs::rename(&new, path)?;
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(length + AROUND)
}

/// Appends a frame where the whole ones end, without waiting for the disk, and returns where they end then.
pub fn append(
    path: &Path,
    end: u64,
    length: u64,
    body: impl FnOnce(&mut Writer) -> io::Result<()>,
) -> io::Result<u64> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    if file.metadata()?.len() < end {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    file.set_len(end)?;
    file.seek(SeekFrom::Start(end))?;
    put(file, length, body)?;
    Ok(end + length + AROUND)
}

fn put(
    mut file: File,
    length: u64,
    body: impl FnOnce(&mut Writer) -> io::Result<()>,
) -> io::Result<File> {
    file.write_all(&length.to_le_bytes())?;
    let mut out = BufWriter::with_capacity(AT_ONCE, Summed::new(file));
    body(&mut out)?;
    let summed = out.into_inner().map_err(IntoInnerError::into_error)?;
    let (mut file, checksum) = summed.finish();
    file.write_all(&checksum.to_le_bytes())?;
    Ok(file)
}

/// Reads one body after the other, up to the first frame that is not whole, and returns where the whole ones end: at 0
/// where there is no such file.
///
/// # Errors
///
/// When the file cannot be read, or a body is not what is expected.
pub fn read(path: &Path, mut body: impl FnMut(&mut Reader) -> io::Result<()>) -> io::Result<u64> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let size = file.metadata()?.len();
    let mut end = 0;
    while let Some(length) = whole(&mut file, size.saturating_sub(end))? {
        file.seek(SeekFrom::Start(end + 8))?;
        let mut from = BufReader::with_capacity(AT_ONCE, file.take(length));
        body(&mut from)?;
        file = from.into_inner().into_inner();
        end += length + AROUND;
        file.seek(SeekFrom::Start(end))?;
    }
    Ok(end)
}

/// How long the body is that begins here, if all of its frame is there.
fn whole(file: &mut File, left: u64) -> io::Result<Option<u64>> {
    let mut length = [0; 8];
    match file.read_exact(&mut length) {
        Err(error) if is_damage(&error) => return Ok(None),
        read => read?,
    }
    let length = u64::from_le_bytes(length);
    if left.checked_sub(AROUND).is_none_or(|most| most < length) {
        return Ok(None);
    }
    let mut checksum = crc32fast::Hasher::new();
    let mut buffer = vec![0; AT_ONCE];
    let mut body = file.take(length);
    loop {
        match body.read(&mut buffer)? {
            0 => break,
            read => checksum.update(buffer.get(..read).unwrap_or_default()),
        }
    }
    let mut stored = [0; 4];
    file.read_exact(&mut stored)?;
    Ok((stored == checksum.finalize().to_le_bytes()).then_some(length))
}

/// How many bytes are written.
pub fn length_of(body: impl FnOnce(&mut Counting) -> io::Result<()>) -> io::Result<u64> {
    let mut counting = Counting(0);
    body(&mut counting)?;
    Ok(counting.0)
}

/// Counts what is written, and drops it.
pub struct Counting(u64);

impl Write for Counting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += u64::try_from(bytes.len()).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        io::{self, Read as _, Write as _},
        path::Path,
    };

    use super::{append, create, length_of, read};

    fn bodies(path: &Path) -> (Vec<String>, u64) {
        let mut found = Vec::new();
        let end = read(path, |from| {
            let mut body = String::new();
            from.read_to_string(&mut body)?;
            found.push(body);
            Ok(())
        });
        (found, end.unwrap())
    }

    #[test]
    fn frames_are_read_up_to_the_first_that_is_not_whole_and_others_take_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("frames");
        assert_eq!(bodies(&path), (vec![], 0));
        assert!(append(&path, 0, 3, |out| out.write_all(b"one")).is_err());
        let first = create(&path, 3, |out| out.write_all(b"one")).unwrap();
        let second = append(&path, first, 5, |out| out.write_all(b"other")).unwrap();
        let both = vec!["one".to_owned(), "other".to_owned()];
        assert_eq!(bodies(&path), (both.clone(), second));
        let whole = fs::read(&path).unwrap();
        assert_eq!(u64::try_from(whole.len()).unwrap(), second);
        let there = |place: usize| {
            let is_one = u64::try_from(place).unwrap() >= first;
            let before = is_one.then(|| (vec!["one".to_owned()], first));
            before.unwrap_or_default()
        };
        for place in 0..whole.len() {
            fs::write(&path, &whole[..place]).unwrap();
            assert_eq!(bodies(&path), there(place), "cut at {place}");
            let mut damaged = whole.clone();
            damaged[place] ^= 1;
            fs::write(&path, damaged).unwrap();
            assert_eq!(bodies(&path), there(place), "damaged at {place}");
        }
        // What was left half written is overwritten.
        append(&path, first, 3, |out| out.write_all(b"new")).unwrap();
        assert_eq!(bodies(&path).0, ["one", "new"]);
        assert!(append(&path, second, 3, |out| out.write_all(b"far")).is_err());
        let broken = create(&path, 3, |_| Err(io::Error::other("the disk is full")));
        assert_eq!(broken.unwrap_err().to_string(), "the disk is full");
        assert_eq!(bodies(&path).0, ["one", "new"]);
        let refused = read(&path, |_| Err(io::Error::other("something else")));
        assert_eq!(refused.unwrap_err().to_string(), "something else");
        assert_eq!(length_of(|out| out.write_all(b"seven")).unwrap(), 5);
    }
}
