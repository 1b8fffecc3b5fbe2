//! Base58btc of 64 bytes: signatures. A third of the time that a decoder of any length takes.

/// Reads the one spelling of 64 bytes in base58btc.
pub(super) fn signature(text: &str) -> Option<[u8; 64]> {
    // The number so far, in digits of 64 bits, the lowest first.
    let mut number = [0_u64; 8];
    for group in text.as_bytes().chunks(10) {
        let (mut more, mut scale) = (0_u64, 1_u64);
        for letter in group {
            more = more * 58 + u64::from(digit(*letter)?);
            scale *= 58;
        }
        for place in &mut number {
            let sum = u128::from(*place) * u128::from(scale) + u128::from(more);
            let bytes = sum.to_le_bytes();
            let (low, high) = bytes.split_first_chunk::<8>()?;
            *place = u64::from_le_bytes(*low);
            more = u64::from_le_bytes(high.try_into().ok()?);
        }
        if more != 0 {
            return None;
        }
    }
    let mut bytes = [0; 64];
    let (places, _) = bytes.as_chunks_mut::<8>();
    for (bytes, place) in places.iter_mut().zip(number.iter().rev()) {
        *bytes = place.to_be_bytes();
    }
    // A `1` before the number stands for a zero byte each.
    let ones = text.bytes().take_while(|letter| *letter == b'1').count();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    (ones == zeros).then_some(bytes)
}

fn digit(letter: u8) -> Option<u8> {
    let digit = *DIGITS.get(usize::from(letter))?;
    (digit != NO_LETTER).then_some(digit)
}

/// The value of each byte as a letter. Letters come at random: comparisons would be guessed wrong at every second one.
static DIGITS: [u8; 256] = {
    let mut digits = [NO_LETTER; 256];
    let (mut rest, mut byte) = (digits.as_mut_slice(), 0_u8);
    while let [digit, further @ ..] = rest {
        *digit = value(byte);
        byte = byte.wrapping_add(1);
        rest = further;
    }
    digits
};

const NO_LETTER: u8 = u8::MAX;

const fn value(byte: u8) -> u8 {
    match byte {
        b'1'..=b'9' => byte - b'1',
        b'A'..=b'H' => byte - b'A' + 9,
        b'J'..=b'N' => byte - b'J' + 17,
        b'P'..=b'Z' => byte - b'P' + 22,
        b'a'..=b'k' => byte - b'a' + 33,
        b'm'..=b'z' => byte - b'm' + 44,
        _ => NO_LETTER,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::signature;

    fn oracle(text: &str) -> Option<[u8; 64]> {
        let mut bytes = [0; 64];
        let length = bs58::decode(text).onto(&mut bytes).ok()?;
        (length == 64).then_some(bytes)
    }

    #[test]
    fn the_smallest_and_the_largest_are_read_and_nothing_beyond() {
        for bytes in [[0; 64], [0xff; 64]] {
            let text = bs58::encode(bytes).into_string();
            assert_eq!(signature(&text), Some(bytes));
            for other in [format!("1{text}"), format!("{text}1"), text[1..].to_owned()] {
                assert_eq!(signature(&other), oracle(&other), "{other}");
            }
        }
    }

    proptest! {
        #[test]
        fn what_it_reads_is_what_a_decoder_of_any_length_reads(
            bytes in any::<[u8; 64]>(),
            zeros in 0_usize..64,
            text in "[1-9A-HJ-NP-Za-km-zIl0]{80,90}",
        ) {
            let mut bytes = bytes;
            bytes[..zeros].fill(0);
            let written = bs58::encode(bytes).into_string();
            prop_assert_eq!(signature(&written), Some(bytes));
            prop_assert_eq!(signature(&text), oracle(&text));
        }
    }
}
