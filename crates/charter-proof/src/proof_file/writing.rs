//! Proofs written from pieces that are canonical already: nothing is parsed, and nothing goes by way of serde but leaves.

use base64_simd::STANDARD;

use super::{HEADER, Leaf, MapProof, PathStep};
use crate::canonical::{Digest, InJcsOrder};
use crate::membership_map::{Path, Step};

/// A [`MapProof`] as it is written.
#[derive(Debug, Clone)]
pub struct Way {
    /// The leaf's canonical bytes; none in the empty map.
    leaf: Option<Vec<u8>>,
    path: Vec<Step>,
}

impl Way {
    /// The way with this leaf at its end; none where that is not what stands there.
    pub fn proved(path: Path, leaf: &Leaf) -> Option<Self> {
        let bytes = leaf.to_ordered_bytes();
        (leaf.hash_of(&bytes) == path.hash).then_some(Self {
            leaf: Some(bytes),
            path: path.steps,
        })
    }

    /// Appends its canonical bytes.
    fn append_to(&self, json: &mut Vec<u8>) {
        json.extend_from_slice(b"{\"leaf\":");
        json.extend_from_slice(self.leaf.as_deref().unwrap_or(b"null"));
        json.extend_from_slice(b",\"path\":[");
        for (place, step) in self.path.iter().enumerate() {
            json.extend_from_slice(if place == 0 { b"[" } else { b",[" });
            step.bit.append_ordered(json);
            json.extend_from_slice(b",\"");
            STANDARD.encode_append(step.sibling.as_bytes(), json);
            json.extend_from_slice(b"\"]");
        }
        json.extend_from_slice(b"]}");
    }
}

impl From<&MapProof> for Way {
    fn from(proof: &MapProof) -> Self {
        Self {
            leaf: proof.leaf.as_ref().map(Leaf::to_ordered_bytes),
            path: proof.path.iter().map(|PathStep(step)| *step).collect(),
        }
    }
}

/// The pieces of `extra` as they are kept.
#[derive(Debug, Clone, Copy)]
pub struct Pieces<'a> {
    /// The way to the claim, where one is asked for.
    pub claim: Option<&'a Way>,
    /// The key list's bytes.
    pub keys: &'a [u8],
    /// The way to the member.
    pub membership: Option<&'a Way>,
    /// The record's bytes.
    pub record: Option<&'a [u8]>,
    /// The state entry's bytes.
    pub state: &'a [u8],
}

impl Pieces<'_> {
    /// Appends the canonical bytes of `extra`.
    pub fn append_to(&self, extra: &mut Vec<u8>) {
        extra.push(b'{');
        if let Some(claim) = self.claim {
            extra.extend_from_slice(b"\"claim\":");
            claim.append_to(extra);
            extra.push(b',');
        }
        extra.extend_from_slice(b"\"keys\":");
        extra.extend_from_slice(self.keys);
        extra.extend_from_slice(b",\"membership\":");
        match self.membership {
            Some(membership) => membership.append_to(extra),
            None => extra.extend_from_slice(b"null"),
        }
        extra.extend_from_slice(b",\"record\":");
        extra.extend_from_slice(self.record.unwrap_or(b"null"));
        extra.extend_from_slice(b",\"state\":");
        extra.extend_from_slice(self.state);
        extra.extend_from_slice(b",\"v\":1}");
    }
}

/// The text of a proof from the canonical bytes of its `extra` and its [`end`].
pub fn write(extra: &[u8], end: &str) -> String {
    let mut text = String::new();
    write_into(&mut text, extra, end);
    text
}

/// The same, behind what a string has.
pub fn write_into(text: &mut String, extra: &[u8], end: &str) {
    let encoded = STANDARD.encoded_length(extra.len());
    text.reserve(HEADER.len() + encoded + end.len() + 8);
    text.push_str(HEADER);
    text.push_str("\nextra ");
    STANDARD.encode_append(extra, text);
    text.push_str(end);
}

/// The end of every proof that stands on the same checkpoint: the state entry's index, the way to the root, and the
/// signed checkpoint.
pub fn end(index: u64, path: &[Digest], checkpoint: &str) -> String {
    let mut text = format!("\nindex {index}\n");
    for hash in path {
        STANDARD.encode_append(hash.as_bytes(), &mut text);
        text.push('\n');
    }
    text.push('\n');
    text.push_str(checkpoint);
    text
}
