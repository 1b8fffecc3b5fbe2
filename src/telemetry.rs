//! What the process tells of itself: log lines to standard error, numbers to `/metrics`.

pub mod numbers;
pub mod process;

use std::{
    io::{self, IsTerminal as _},
    sync::OnceLock,
    time::Duration,
};

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{fmt, prelude::*};

use crate::config::{LogFilter, LogFormat};

/// How often measurements are summed up, so that they do not pile up where nobody reads them.
const UPKEEP: Duration = Duration::from_secs(5);

/// The upper bounds of a histogram's buckets, in seconds: from a cached answer to a client that gave up.
const BUCKETS: [f64; 12] = [
    0.000_1, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 10.0,
];

/// Begins to write log lines to standard error. Where that was begun before, nothing changes.
pub fn init(filter: &LogFilter, format: LogFormat) {
    let lines = fmt::layer().with_writer(io::stderr);
    let lines = match format {
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    // The only failure is that another subscriber is at work already, as in tests.
    let _ = tracing_subscriber::registry()
        .with(lines.with_filter(filter.filter()))
        .try_init();
}

/// The numbers that the process keeps with the `metrics` macros.
#[derive(Debug, Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// The process's numbers; the first call begins to keep them.
    pub fn install() -> Self {
        static INSTALLED: OnceLock<Metrics> = OnceLock::new();
        INSTALLED
            .get_or_init(|| {
                let builder = PrometheusBuilder::new();
                let recorder = builder
                    .set_buckets(&BUCKETS)
                    .unwrap_or_else(|_| PrometheusBuilder::new())
                    .build_recorder();
                let handle = recorder.handle();
                // The only failure is that another recorder is at work: then these numbers stay empty.
                let _ = metrics::set_global_recorder(recorder);
                numbers::describe();
                Self(handle)
            })
            .clone()
    }

    /// The numbers in Prometheus' text format.
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Sums measurements up every few seconds, for ever.
    pub async fn keep_up(self) {
        let mut beat = tokio::time::interval(UPKEEP);
        loop {
            beat.tick().await;
            self.0.run_upkeep();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LogFilter, LogFormat, Metrics, init};

    #[test]
    fn what_is_counted_is_rendered_by_every_handle() {
        let metrics = Metrics::install();
        metrics::counter!("telemetry_test_total").increment(2);
        metrics::histogram!("telemetry_test_seconds").record(0.003);
        let text = Metrics::install().render();
        assert!(text.contains("telemetry_test_total 2"), "{text}");
        assert!(
            text.contains("telemetry_test_seconds_bucket{le=\"0.005\"} 1"),
            "{text}"
        );
        drop(metrics);
    }

    #[test]
    fn beginning_to_log_twice_does_no_harm() {
        let filter = LogFilter::parse("off").unwrap();
        init(&filter, LogFormat::Text);
        init(&filter, LogFormat::Json);
    }
}
