//! Bundles of entries: each entry after its length, two bytes, big-endian (C2SP tlog-tiles).

/// The longest entry, in bytes.
pub const LONGEST_ENTRY: usize = 65_535;

/// The bytes are no bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// An entry is longer than [`LONGEST_ENTRY`].
    #[error("an entry of {0} bytes is too long for a bundle")]
    TooLong(usize),
    /// The bytes end inside an entry or its length.
    #[error("the bundle ends inside an entry")]
    Truncated,
}

/// Appends an entry to a bundle.
///
/// # Errors
///
/// [`BundleError::TooLong`], and then nothing was appended.
pub fn push(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), BundleError> {
    let length = u16::try_from(entry.len()).map_err(|_| BundleError::TooLong(entry.len()))?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// The entries of a bundle, in order.
pub fn entries(mut bundle: &[u8]) -> impl Iterator<Item = Result<&[u8], BundleError>> {
    std::iter::from_fn(move || {
        if bundle.is_empty() {
            return None;
        }
        let entry = bundle.split_first_chunk::<2>().and_then(|(length, rest)| {
            let length = usize::from(u16::from_be_bytes(*length));
            rest.split_at_checked(length)
        });
        let Some((entry, rest)) = entry else {
            bundle = &[];
            return Some(Err(BundleError::Truncated));
        };
        bundle = rest;
        Some(Ok(entry))
    })
}
