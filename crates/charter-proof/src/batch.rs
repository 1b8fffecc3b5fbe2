//! Many signatures of one key, checked in one sum: for whoever audits everything a registry ever signed.
//!
//! Each signature claims that `S·B = R + k·A` (RFC 8032 §5.1.7). [`verify_batch`] multiplies every claim by a
//! coefficient that nobody could foresee, adds them up and asks whether the sum holds: what is false in one claim
//! is made good by another with a chance of 2^-128. That takes a fraction of the time that one by one takes.
//!
//! # What it takes and [`PublicKey::verify_strict`] does not
//!
//! S and R in canonical form and no point of small order: so much is checked of each signature by itself. The sum is
//! taken times the cofactor, as RFC 8032 allows, so that chance decides nothing: a signature whose R lies outside the
//! prime-order subgroup is taken here and refused there. Only who has the secret key can make one. Use it where
//! the bytes are fixed already, as the log fixes records by their digests, and two verifiers who disagree do no harm.

use std::sync::LazyLock;

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::traits::{IsIdentity as _, VartimeMultiscalarMul as _};
use curve25519_dalek::{EdwardsPoint, Scalar};
use sha2::{Digest as _, Sha256, Sha512};

use crate::keys::PublicKey;

/// The most signatures that go into one sum.
pub const LARGEST_BATCH: usize = 8192;

/// A message and what is said to be its signature.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    /// The message.
    pub message: &'a [u8],
    /// Its signature: R and S.
    pub signature: &'a [u8; 64],
}

/// The first signature that is not the key's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("signature {index} is not the key's signature of its message")]
pub struct BadSignature {
    /// Its place among those that were given, counted from 0.
    pub index: usize,
}

/// Checks signatures of one key, [`LARGEST_BATCH`] at a time; where a sum does not hold, one by one.
///
/// `seed` is 32 bytes from a cryptographically secure source, drawn after the signatures were received and used for
/// this call alone. Who could foresee it could look for false signatures whose faults cancel out; that the
/// coefficients depend on the signatures, too, makes this hard even then, and is no reason to pass a constant.
///
/// # Errors
///
/// Which is the first that [`PublicKey::verify_strict`] refuses, in the first batch whose sum does not hold.
pub fn verify_batch(
    key: &PublicKey,
    signed: &[Signed<'_>],
    seed: &[u8; 32],
) -> Result<(), BadSignature> {
    let mut before = 0;
    for batch in signed.chunks(LARGEST_BATCH) {
        if !holds(key, batch, seed).unwrap_or(false)
            && let Some(place) = first_bad(key, batch)
        {
            let index = before + place;
            return Err(BadSignature { index });
        }
        before += batch.len();
    }
    Ok(())
}

fn first_bad(key: &PublicKey, batch: &[Signed<'_>]) -> Option<usize> {
    let mut all = batch.iter();
    all.position(|one| !key.verify_strict(one.message, one.signature))
}

/// Whether the sum of all claims holds; none where one of them is not in the form of a signature.
fn holds(key: &PublicKey, batch: &[Signed<'_>], seed: &[u8; 32]) -> Option<bool> {
    let mut everything = Sha256::new();
    everything.update(b"charter-proof/batch/v1\n");
    everything.update(seed);
    everything.update(key.as_bytes());
    let claims: Vec<Claim> = batch
        .iter()
        .map(|signed| {
            let claim = Claim::read(key, signed)?;
            everything.update(signed.signature);
            everything.update(claim.challenge.as_bytes());
            Some(claim)
        })
        .collect::<Option<_>>()?;
    let coefficients = coefficients(everything.finalize().into()).take(claims.len());
    let (mut of_base, mut of_key) = (Scalar::ZERO, Scalar::ZERO);
    let many = claims.len() + 2;
    let (mut scalars, mut points) = (Vec::with_capacity(many), Vec::with_capacity(many));
    for (claim, coefficient) in claims.iter().zip(coefficients) {
        of_base -= coefficient * claim.s;
        of_key += coefficient * claim.challenge;
        scalars.push(coefficient);
        points.push(claim.r);
    }
    scalars.extend([of_base, of_key]);
    points.extend([ED25519_BASEPOINT_POINT, key.point()]);
    let sum = EdwardsPoint::vartime_multiscalar_mul(&scalars, &points);
    Some(sum.mul_by_cofactor().is_identity())
}

/// What a signature claims: `s·B = r + challenge·A`.
struct Claim {
    r: EdwardsPoint,
    s: Scalar,
    challenge: Scalar,
}

impl Claim {
    /// None where S or R is not in canonical form, or R has small order.
    fn read(key: &PublicKey, signed: &Signed<'_>) -> Option<Self> {
        let (encoded, s) = signed.signature.split_first_chunk::<32>()?;
        let s = Scalar::from_canonical_bytes(s.try_into().ok()?).into_option()?;
        if !is_reduced(encoded) || is_small_order(encoded) {
            return None;
        }
        let r = CompressedEdwardsY(*encoded).decompress()?;
        let mut challenge = Sha512::new();
        challenge.update(encoded);
        challenge.update(key.as_bytes());
        challenge.update(signed.message);
        let challenge = Scalar::from_bytes_mod_order_wide(&challenge.finalize().into());
        Some(Self { r, s, challenge })
    }
}

/// Whether the y of an encoded point is below 2^255 − 19 (RFC 8032 §5.1.3).
///
/// The other encodings of a point in two forms, those with x = 0 and its sign set, are of small order.
const fn is_reduced(encoded: &[u8; 32]) -> bool {
    let [lowest, between @ .., highest] = encoded;
    let mut rest: &[u8] = between;
    if *lowest < 0xed || *highest & 0x7f != 0x7f {
        return true;
    }
    while let [byte, further @ ..] = rest {
        if *byte != 0xff {
            return true;
        }
        rest = further;
    }
    false
}

/// Whether a point whose y is reduced has small order: there are eight, and their y say which they are. Three doublings
/// would say so, too, and take longer.
fn is_small_order(encoded: &[u8; 32]) -> bool {
    static SMALL: LazyLock<[[u8; 32]; 8]> =
        LazyLock::new(|| EIGHT_TORSION.map(|point| without_sign(point.compress().to_bytes())));
    SMALL.contains(&without_sign(*encoded))
}

/// The y of an encoded point.
const fn without_sign(mut encoded: [u8; 32]) -> [u8; 32] {
    let [.., highest] = &mut encoded;
    *highest &= 0x7f;
    encoded
}

/// Numbers of 128 bits, each as good as drawn, from the digest of everything that is to be checked.
fn coefficients(everything: [u8; 32]) -> impl Iterator<Item = Scalar> {
    (0_u64..).flat_map(move |number| {
        let mut pair = Sha256::new();
        pair.update(everything);
        pair.update(number.to_be_bytes());
        let pair: [u8; 32] = pair.finalize().into();
        let (halves, _) = pair.as_chunks::<16>();
        let numbers = halves.iter().map(|half| u128::from_le_bytes(*half));
        numbers.map(Scalar::from).collect::<Vec<_>>()
    })
}

#[cfg(test)]
mod tests;
