//! What was measured, and how it is told.

use std::time::Duration;

/// The middle of several measurements.
pub fn median<T: Copy + PartialOrd>(measured: &[T]) -> T {
    at(measured, 0.5)
}

/// The measurement below which this part of all lies.
pub fn at<T: Copy + PartialOrd>(measured: &[T], part: f64) -> T {
    let mut sorted = measured.to_vec();
    sorted.sort_by(|one, other| one.partial_cmp(other).unwrap());
    let last = sorted.len() - 1;
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a place in a list of some thousands"
    )]
    let place = (last as f64 * part).round() as usize;
    sorted[place]
}

/// In microseconds, with one decimal.
pub fn micros(time: Duration) -> String {
    format!("{:.1} µs", time.as_secs_f64() * 1e6)
}

/// In milliseconds, with two decimals.
pub fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

/// Tells a bound and what was measured as a row of a table.
pub fn row(line: &str, bound: &str, figure: &str) {
    println!("| {line} | {bound} | {figure} |");
}
