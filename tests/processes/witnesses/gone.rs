//! A witness that is gone: how often it is asked, and what is told of it.

use serde_json::{Value, json};

use super::{Watched, size, waiting};
use crate::{client::Client, host::Host, organisations::ogrn};

/// A number that the registry keeps about a witness, by the labels of its line.
fn measured(client: &Client, name: &str, labels: &[&str]) -> f64 {
    let text = String::from_utf8(client.bytes("/metrics")).unwrap();
    let mut lines = text.lines().filter(|line| line.starts_with(name));
    let line = lines.find(|line| labels.iter().all(|label| line.contains(label)));
    let value = line.and_then(|line| line.rsplit(' ').next());
    value.map_or(0.0, |value| value.parse().unwrap())
}

#[test]
fn a_witness_that_is_gone_is_asked_seldom_and_told_of_once_and_still_found_where_it_is_needed() {
    let mut watched = Watched::new(Host::on_sqlite());
    let (instance, client) = watched.serve();
    watched.cosigned_at(&client, size(&client));
    watched.witnesses[0].kill();
    let of_first = ["witness=\"w1\"", "outcome=\"failed\""];
    let changes: u32 = 20;
    for number in 1..=changes {
        client.admit(&json!([ogrn(number.into())]));
        watched.cosigned_at(&client, size(&client));
    }
    // Each failure doubles the rest: half as many would take minutes.
    let failed = measured(&client, "witness_answers_total", &of_first);
    assert!(
        failed >= 1.0 && failed < f64::from(changes) / 2.0,
        "{failed}"
    );
    let since = "witness_failing_since_timestamp_seconds";
    assert!(measured(&client, since, &of_first[..1]) > 0.0);

    // Without the second the first is needed: it is asked although it rests.
    watched.witnesses[1].kill();
    client.admit(&json!([ogrn(100)]));
    waiting(&client, 2);
    watched.witnesses[0].start();
    let note = watched.cosigned_at(&client, size(&client));
    assert!(watched.witnesses[0].key.verify(&note).is_ok());
    assert!(measured(&client, since, &of_first[..1]) < 1.0);
    assert!(measured(&client, since, &["witness=\"w2\""]) > 0.0);

    let of_third = ["witness=\"w3\"", "outcome=\"failed\""];
    let third_answered = measured(&client, "witness_answers_total", &of_third) < 1.0;
    let (status, lines) = instance.end();
    assert_eq!(status, Some(0));
    let told = |witness: &str, what: &str| {
        let of = |line: &&Value| {
            let text = line.to_string();
            text.contains(&format!("\"{witness}\"")) && text.contains(what)
        };
        lines.iter().filter(of).count()
    };
    // Each time that it was gone is told of once, and it came back from each; a machine that stands still adds some.
    let times = told("w1", "does not cosign");
    assert!(times > 0);
    assert_eq!(told("w1", "cosigns again"), times);
    assert_eq!(told("w2", "does not cosign"), 1);
    assert_eq!(told("w2", "cosigns again"), 0);
    // One that always answered; a machine that stands still for seconds may keep it from that.
    assert_eq!(told("w3", "cosign") == 0, third_answered);
}
