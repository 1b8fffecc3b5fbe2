//! Object streams (ISO 32000 clause 7.5.7): the objects that are compressed in them.

use std::io::Read as _;

use flate2::read::ZlibDecoder;

use super::{
    ScanRefusal,
    file::{File, Object},
    syntax::{Dictionary, Parser, Value},
};

/// How many bytes the object streams of a file may unpack to, all together.
const MAX_UNPACKED: usize = 16 * 1024 * 1024;

const BROKEN: ScanRefusal = ScanRefusal::Malformed("an object stream of the PDF is broken");

/// Every object of the file with its number, in their order, those in its object streams included.
pub(super) fn unpacked(file: File<'_>) -> Result<Vec<(u32, Value)>, ScanRefusal> {
    let File {
        objects: lying,
        mut parser,
        ..
    } = file;
    let mut objects = Vec::new();
    let mut room = MAX_UNPACKED;
    for Object {
        number,
        value,
        stream,
    } in lying
    {
        if let (Value::Dictionary(dictionary), Some(stream)) = (&value, stream)
            && holds_objects(dictionary)
        {
            let bytes = unpack(dictionary, stream, room)?;
            room -= bytes.len();
            unpack_objects(dictionary, &bytes, &mut parser, &mut objects)?;
        }
        objects.push((number, value));
    }
    Ok(objects)
}

/// Whether a reader could take objects from the stream, whatever its type says.
fn holds_objects(dictionary: &Dictionary) -> bool {
    dictionary.is(b"Type", b"ObjStm") || dictionary.get(b"First").is_some()
}

/// The stream's bytes without their compression.
fn unpack(dictionary: &Dictionary, stream: &[u8], room: usize) -> Result<Vec<u8>, ScanRefusal> {
    let is_flate = |name: &Value| *name == Value::Name(b"FlateDecode".to_vec());
    let is_packed = match dictionary.get(b"Filter") {
        None => false,
        Some(Value::List(filters)) if filters.is_empty() => false,
        Some(Value::List(filters)) if filters.len() == 1 && filters.iter().all(is_flate) => true,
        Some(name) if is_flate(name) => true,
        Some(_) => return Err(BROKEN),
    };
    if dictionary.get(b"DecodeParms").is_some() || dictionary.get(b"F").is_some() {
        return Err(BROKEN);
    }
    let limit = u64::try_from(room).map_err(|_| BROKEN)?.saturating_add(1);
    let mut bytes = Vec::new();
    let read = if is_packed {
        ZlibDecoder::new(stream).take(limit).read_to_end(&mut bytes)
    } else {
        stream.take(limit).read_to_end(&mut bytes)
    };
    read.map_err(|_| BROKEN)?;
    if bytes.len() > room {
        return Err(ScanRefusal::Malformed("the PDF unpacks to too many bytes"));
    }
    Ok(bytes)
}

fn unpack_objects(
    dictionary: &Dictionary,
    bytes: &[u8],
    parser: &mut Parser<'_>,
    objects: &mut Vec<(u32, Value)>,
) -> Result<(), ScanRefusal> {
    let place = |key: &[u8]| {
        let number = dictionary.integer(key)?;
        usize::try_from(number).ok()
    };
    let (count, first) = place(b"N").zip(place(b"First")).ok_or(BROKEN)?;
    let mut index = parser.elsewhere(bytes);
    for _ in 0..count {
        index.skip_space()?;
        let number = index.number().ok_or(BROKEN)?;
        index.skip_space()?;
        let offset = index.number().ok_or(BROKEN)?;
        let offset = usize::try_from(offset).map_err(|_| BROKEN)?;
        let at = bytes.get(first.saturating_add(offset)..).ok_or(BROKEN)?;
        let mut object = parser.elsewhere(at);
        objects.push((number, object.value()?));
        parser.back_from(&object);
    }
    Ok(())
}
