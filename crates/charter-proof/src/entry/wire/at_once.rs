//! The entries that a log has most of, those of members, read in one pass.
//!
//! What is read so is canonical as it stands: every byte of it is either one that no entry of a member can do without, or
//! part of a text that has one spelling. Whatever else there is, an error too, is left to whoever reads any JSON.

use uuid::Uuid;

use crate::canonical::Digest;
use crate::entry::{Entry, Event, Kind, Status};
use crate::whole_seconds;

/// The entry of a member whose canonical bytes these are; none where they are not, or are rarely written so.
pub(in crate::entry) fn member(bytes: &[u8]) -> Option<Entry> {
    let mut rest = Rest(bytes);
    let at = whole_seconds::parse(rest.text("{\"at\":")?)?;
    let charter = rest.text(",\"charter\":")?.to_owned();
    let claims = rest.claims()?;
    let Kind::Member(kind) = rest.text(",\"kind\":")?.parse().ok()? else {
        return None;
    };
    let member = uuid(rest.text(",\"member\":")?)?;
    let record = rest.text(",\"record\":")?.parse().ok()?;
    let status = rest.text(",\"status\":")?;
    let mut all = Status::ALL.into_iter();
    let status = all.find(|one| one.as_str() == status)?;
    rest.skip(",\"v\":1}")?;
    rest.0.is_empty().then_some(Entry {
        at,
        event: Event::Member {
            kind,
            charter,
            member,
            status,
            record,
            claims,
        },
    })
}

/// What was not read yet.
struct Rest<'b>(&'b [u8]);

impl<'b> Rest<'b> {
    fn skip(&mut self, expected: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(expected.as_bytes())?;
        Some(())
    }

    /// The text that follows a name: printable characters of ASCII, none of which JSON escapes.
    fn text(&mut self, name: &str) -> Option<&'b str> {
        self.skip(name)?;
        self.skip("\"")?;
        let end = self.0.iter().position(|byte| *byte == b'"')?;
        let (text, rest) = self.0.split_at_checked(end)?;
        let is_plain = |byte: &u8| matches!(byte, b' '..=b'~') && *byte != b'\\';
        if !text.iter().all(is_plain) {
            return None;
        }
        self.0 = rest.get(1..)?;
        std::str::from_utf8(text).ok()
    }

    /// The claims, sorted, none of which stands twice.
    fn claims(&mut self) -> Option<Vec<Digest>> {
        let mut claims: Vec<Digest> = Vec::new();
        self.skip(",\"claims\":[")?;
        while self.skip("]").is_none() {
            let between = if claims.is_empty() { "" } else { "," };
            let claim = self.text(between)?.parse().ok()?;
            if claims.last().is_some_and(|last| *last >= claim) {
                return None;
            }
            claims.push(claim);
        }
        Some(claims)
    }
}

/// An identifier as a canonical entry spells it.
fn uuid(text: &str) -> Option<Uuid> {
    let is_canonical = text.len() == 36 && !text.bytes().any(|byte| byte.is_ascii_uppercase());
    let parsed = is_canonical.then(|| Uuid::try_parse(text).ok());
    parsed.flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::member;
    use crate::entry::{Entry, Event};
    use crate::fixtures::{any_instant, digest, member_event_kind, status, uuid};
    use proptest::collection::btree_set;

    fn any_member() -> impl Strategy<Value = Vec<u8>> {
        let event = (
            member_event_kind(),
            "[ !#-\\[\\]-~]{0,40}",
            uuid(),
            status(),
            digest(),
            btree_set(digest(), 0..4),
        );
        (any_instant(), event).prop_map(|(at, (kind, charter, member, status, record, claims))| {
            let claims = claims.into_iter().collect();
            let event = Event::Member {
                kind,
                charter,
                member,
                status,
                record,
                claims,
            };
            Entry { at, event }.to_bytes().unwrap()
        })
    }

    proptest! {
        #[test]
        fn a_members_entry_is_read_at_once_as_it_is_read_at_all(bytes in any_member()) {
            let read = member(&bytes);
            prop_assert!(read.is_some());
            prop_assert_eq!(read.unwrap().to_bytes().unwrap(), bytes);
        }

        #[test]
        fn what_is_read_at_once_is_canonical(
            bytes in any_member(),
            at in any::<prop::sample::Index>(),
            byte in prop_oneof![any::<u8>(), Just(b'"'), Just(b'A'), Just(b'0'), Just(b'-')],
            many in 0_usize..3,
        ) {
            let at = at.index(bytes.len());
            let mut altered = bytes;
            altered.splice(at..at + many.min(1), vec![byte; many.max(1)]);
            if let Some(entry) = member(&altered) {
                prop_assert_eq!(entry.to_bytes().unwrap(), altered);
            }
        }
    }
}
