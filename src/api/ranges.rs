//! Parts of long answers (RFC 9110 §14): one range of bytes, for those who go on where a download broke off.

use std::{io, ops::Range};

use actix_web::{HttpRequest, http::header, web::Bytes};
use futures_util::{Stream, stream};
use tokio::runtime::Handle;

use super::problem::{ApiError, catalogue::RANGE_UNSATISFIABLE};
use crate::directory::Stored;

/// How many bytes are read at a time.
const CHUNK: u64 = 1 << 16;

/// The part of `length` bytes under this entity tag that the request asks for; none where it asks for the whole, or for
/// what is answered with the whole: several ranges, ranges of something else, a range of what it was before.
pub fn wanted(
    request: &HttpRequest,
    tag: &str,
    length: u64,
) -> Result<Option<Range<u64>>, ApiError> {
    let headers = request.headers();
    let known = headers.get(header::IF_RANGE);
    if known.is_some_and(|known| known.as_bytes() != tag.as_bytes()) {
        return Ok(None);
    }
    let asked = headers.get(header::RANGE);
    let asked = asked.and_then(|value| parse(value.to_str().ok()?));
    let Some(asked) = asked else {
        return Ok(None);
    };
    let range = match asked {
        Asked::From(first, last) => first..last.map_or(length, |last| length.min(last + 1)),
        Asked::Last(count) => length.saturating_sub(count)..length,
    };
    if range.start >= range.end {
        return Err(ApiError {
            length: Some(length),
            ..ApiError::new(
                &RANGE_UNSATISFIABLE,
                format!("there are {length} bytes: the range begins behind them"),
            )
        });
    }
    Ok(Some(range))
}

/// One range as it is asked for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    /// From this byte on, up to and with that one.
    From(u64, Option<u64>),
    /// So many bytes at the end.
    Last(u64),
}

fn parse(value: &str) -> Option<Asked> {
    let (first, last) = value.strip_prefix("bytes=")?.trim().split_once('-')?;
    let number = |digits: &str| {
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        // What is beyond every number is beyond every length.
        is_number.then(|| digits.parse().unwrap_or(u64::MAX - 1))
    };
    match (first, last) {
        ("", last) => number(last).map(Asked::Last),
        (first, "") => number(first).map(|first| Asked::From(first, None)),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(Asked::From(first, Some(last)))
        }
    }
}

/// The bytes of a range, read on this runtime as the client takes them.
pub fn stream(
    runtime: Handle,
    stored: Stored,
    range: Range<u64>,
) -> impl Stream<Item = io::Result<Bytes>> {
    stream::try_unfold(range.start, move |from| {
        let (runtime, stored, to) = (runtime.clone(), stored.clone(), range.end.min(from + CHUNK));
        async move {
            if from >= to {
                return Ok(None);
            }
            let read = runtime.spawn_blocking(move || stored.read(from, to));
            let bytes = read.await.map_err(io::Error::other)??;
            Ok(Some((Bytes::from(bytes), to)))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{
        Asked::{From, Last},
        parse,
    };

    #[test]
    fn one_range_of_bytes_is_read_and_everything_else_is_none() {
        for (value, expected) in [
            ("bytes=0-", Some(From(0, None))),
            ("bytes=0-0", Some(From(0, Some(0)))),
            ("bytes=10-19", Some(From(10, Some(19)))),
            ("bytes=-5", Some(Last(5))),
            ("bytes=-0", Some(Last(0))),
            (
                "bytes=99999999999999999999-",
                Some(From(u64::MAX - 1, None)),
            ),
            ("bytes=2-1", None),
            ("bytes=", None),
            ("bytes=-", None),
            ("bytes=a-b", None),
            ("bytes=+1-2", None),
            ("bytes=0-1,3-4", None),
            ("lines=0-1", None),
            ("0-1", None),
        ] {
            assert_eq!(parse(value), expected, "{value}");
        }
    }
}
