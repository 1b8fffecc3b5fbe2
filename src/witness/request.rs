//! The body of `add-checkpoint`: `old <size>`, the consistency proof, an empty line, the checkpoint.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use charter_proof::{
    canonical::Digest,
    note::{Checkpoint, Note},
};

/// The most proof lines that a request may have.
const MOST_LINES: usize = 63;

/// A request to cosign a checkpoint.
#[derive(Debug, Clone)]
pub struct Request {
    /// The size that the witness is thought to have cosigned last.
    pub old: u64,
    /// The proof that the checkpoint's tree continues the one of that size.
    pub proof: Vec<Digest>,
    /// The checkpoint as it was signed.
    pub note: Note,
    /// What it says; lines that extend it are in the note alone.
    pub checkpoint: Checkpoint,
}

/// The body is no such request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// It is not text, or has no empty line.
    #[error(
        "a request is `old <size>`, lines of base64, an empty line and a checkpoint, each line with a newline"
    )]
    Shape,
    /// The first line is no size.
    #[error("the first line is `old`, a space and a size in decimal without leading zeros")]
    Old,
    /// A proof line is no hash, or there are too many.
    #[error("a proof is at most 63 lines, each a hash of 32 bytes in base64")]
    Proof,
    /// What follows is no checkpoint.
    #[error("after the empty line a signed checkpoint is expected")]
    Checkpoint,
    /// The proof's tree is larger than the checkpoint's.
    #[error("the old size is larger than the checkpoint's")]
    Smaller,
}

impl Request {
    /// Reads a body.
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let body = std::str::from_utf8(body).map_err(|_| Malformed::Shape)?;
        let (head, note) = body.split_once("\n\n").ok_or(Malformed::Shape)?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old "));
        let old = old.and_then(size).ok_or(Malformed::Old)?;
        let proof: Option<Vec<Digest>> = lines.map(hash).collect();
        let proof = proof
            .filter(|proof| proof.len() <= MOST_LINES)
            .ok_or(Malformed::Proof)?;
        let note: Note = note.parse().map_err(|_| Malformed::Checkpoint)?;
        let checkpoint = checkpoint(note.text()).ok_or(Malformed::Checkpoint)?;
        if old > checkpoint.size {
            return Err(Malformed::Smaller);
        }
        Ok(Self {
            old,
            proof,
            note,
            checkpoint,
        })
    }

    /// The body that asks a witness that knows `old` entries to cosign a signed checkpoint.
    pub fn write(old: u64, proof: &[Digest], note: &str) -> String {
        let mut body = format!("old {old}\n");
        for hash in proof {
            STANDARD.encode_string(hash.as_bytes(), &mut body);
            body.push('\n');
        }
        body.push('\n');
        body.push_str(note);
        body
    }
}

/// A size in its one spelling, no larger than a database keeps.
pub(super) fn size(text: &str) -> Option<u64> {
    let size: u64 = text.parse().ok()?;
    (size.to_string() == text && i64::try_from(size).is_ok()).then_some(size)
}

fn hash(line: &str) -> Option<Digest> {
    let bytes = STANDARD.decode(line).ok()?;
    bytes.try_into().ok().map(Digest::from_bytes)
}

/// What a note's text says as a checkpoint: other logs may extend theirs by lines, which are signed and not looked at.
fn checkpoint(text: &str) -> Option<Checkpoint> {
    let end = text.match_indices('\n').nth(2)?.0;
    let (first, rest) = text.split_at_checked(end + 1)?;
    let mut extension = rest.strip_suffix('\n').unwrap_or(rest).split('\n');
    let is_extended_well = rest.is_empty() || extension.all(|line| !line.is_empty());
    let checkpoint: Checkpoint = first.parse().ok().filter(|_| is_extended_well)?;
    i64::try_from(checkpoint.size).ok().map(|_| checkpoint)
}

#[cfg(test)]
mod tests {
    use super::{Malformed, Request};

    const ROOT: &str = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    const SIGNED: &str = "\u{2014} log.example Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";

    fn body(head: &str, text: &str) -> String {
        format!("{head}\n{text}\n{SIGNED}")
    }

    #[test]
    fn a_request_reads_back_and_every_other_spelling_is_refused() {
        let text = format!("log.example\n7\n{ROOT}\n");
        let whole = body(&format!("old 5\n{ROOT}\n{ROOT}\n"), &text);
        let request = Request::parse(whole.as_bytes()).unwrap();
        assert_eq!((request.old, request.proof.len()), (5, 2));
        assert_eq!(request.checkpoint.size, 7);
        let again = Request::write(5, &request.proof, &request.note.to_string());
        assert_eq!(again, whole);
        // A checkpoint of another log may have lines of its own.
        let extended = body("old 0\n", &format!("{text}extended\nby lines\n"));
        assert!(Request::parse(extended.as_bytes()).is_ok());

        let many = format!("old 5\n{}", format!("{ROOT}\n").repeat(64));
        let other = |size: &str| format!("log.example\n{size}\n{ROOT}\n");
        for (wrong, expected) in [
            (body("old 05\n", &text), Malformed::Old),
            (body("old +5\n", &text), Malformed::Old),
            (body("old -1\n", &text), Malformed::Old),
            (body("older 5\n", &text), Malformed::Old),
            (body("old 9223372036854775808\n", &text), Malformed::Old),
            (body("old 8\n", &text), Malformed::Smaller),
            (body("old 5\nAAAA\n", &text), Malformed::Proof),
            (body(&many, &text), Malformed::Proof),
            (body("old 5\n", &other("07")), Malformed::Checkpoint),
            (
                body("old 5\n", &other("9223372036854775808")),
                Malformed::Checkpoint,
            ),
            (body("old 5\n", "log.example\n7\n"), Malformed::Checkpoint),
            (
                body("old 5\n", &format!("\n7\n{ROOT}\n")),
                Malformed::Checkpoint,
            ),
            (whole.replace('\n', "\r\n"), Malformed::Shape),
            (whole.trim_end().to_owned(), Malformed::Checkpoint),
            (format!("old 5\n\n{text}"), Malformed::Checkpoint),
            (String::new(), Malformed::Shape),
        ] {
            assert_eq!(
                Request::parse(wrong.as_bytes()).unwrap_err(),
                expected,
                "{wrong}"
            );
        }
        assert_eq!(
            Request::parse(b"old 5\n\n\xff").unwrap_err(),
            Malformed::Shape
        );
    }
}
