//! What those who run the registry see: numbers, and alerts on them.

use std::{collections::BTreeSet, fs};

use charter_registry::telemetry::numbers::{ALL, Kind};

use crate::support::{app::TestApp, client::Call};

/// The words of `PromQL` and the labels that the alerts use.
const WORDS: [&str; 21] = [
    "and",
    "or",
    "by",
    "min",
    "max",
    "sum",
    "rate",
    "increase",
    "time",
    "histogram_quantile",
    "predict_linear",
    "up",
    "job",
    "charter",
    "registry",
    "instance",
    "needs",
    "le",
    "route",
    "pool",
    "budget",
];

/// The numbers that the alerts are about.
fn watched() -> BTreeSet<String> {
    let path = format!("{}/deploy/alerts.yml", env!("CARGO_MANIFEST_DIR"));
    let alerts = fs::read_to_string(path).unwrap();
    let expressions = alerts
        .lines()
        .filter_map(|line| line.trim().strip_prefix("expr: "));
    let words = expressions.flat_map(|expression| {
        expression.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
    });
    words
        .filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
        .filter(|word| !WORDS.contains(word))
        .map(|word| word.strip_suffix("_bucket").unwrap_or(word).to_owned())
        .collect()
}

#[test]
fn alerts_are_about_numbers_that_are_kept_and_each_is_explained() {
    let watched = watched();
    assert!(watched.len() > 12, "{watched:?}");
    for number in watched {
        assert!(ALL.iter().any(|(name, ..)| *name == number), "{number}");
    }
    let folder = env!("CARGO_MANIFEST_DIR");
    let manual = fs::read_to_string(format!("{folder}/docs/operations.md")).unwrap();
    let alerts = fs::read_to_string(format!("{folder}/deploy/alerts.yml")).unwrap();
    for alert in alerts
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- alert: "))
    {
        assert!(manual.contains(&format!("**{alert}**")), "{alert}");
    }
    for (name, ..) in ALL {
        assert!(manual.contains(&format!("`{name}`")), "{name}");
    }
    for setting in charter_registry::config::settings::ALL {
        assert!(
            manual.contains(&format!("`--{}`", setting.flag)),
            "{}",
            setting.flag
        );
    }
}

#[test]
fn what_is_measured_is_shown_with_what_it_means() {
    let app = TestApp::without_staff(None);
    app.send(Call::get("/v1/charters")).must_be(200);
    app.send(Call::get("/nothing")).must_be(404);
    let shown = app.send(Call::get("/metrics")).must_be(200);
    let shown = String::from_utf8(shown.body).unwrap();
    for (name, kind, meaning) in ALL {
        let is_of_the_timetable = name.starts_with("timetable_");
        // This is no mirror, and asks no witnesses.
        let is_of_others = name.starts_with("witness_") || name.starts_with("mirror_");
        if kind == Kind::Gauge && !is_of_the_timetable {
            assert_eq!(
                shown.contains(&format!("# HELP {name} {meaning}")),
                !is_of_others,
                "{name}: {shown}"
            );
        }
    }
    assert!(shown.contains("http_requests_total{method=\"GET\",route=\"unknown\",status=\"404\"}"));
    assert!(shown.contains("log_entries 2\n"), "{shown}");
    assert!(shown.contains("database_up 1\n"), "{shown}");
}
