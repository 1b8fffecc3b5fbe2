//! Files that nothing names any more, or never did, and the sweep that takes them away.

use charter_proof::canonical::Digest;
use charter_registry::timetable;
use chrono::TimeDelta;

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::Call,
    on_both_databases,
    organisations::{school, school_number},
    pdf,
    steps::application_path,
};

on_both_databases!(
    a_file_that_nothing_names_is_swept_and_no_other,
    a_file_that_is_on_its_way_is_not_swept,
    uploads_and_sweeps_at_the_same_time_lose_no_file,
);

/// Runs the job of the timetable; returns how many files it took away.
fn sweep(app: &TestApp) -> usize {
    let job = timetable::find("orphaned-files").unwrap();
    app.in_storage(async |desk| job.run(desk).await.unwrap())
}

fn sorted(mut digests: Vec<Digest>) -> Vec<Digest> {
    digests.sort();
    digests
}

fn a_file_that_nothing_names_is_swept_and_no_other(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply(CHILDHOOD, &school());
    let other = app.apply(CHILDHOOD, &school_number(1));
    app.issue_memorandum(&applied.id);
    app.issue_memorandum(&other.id);
    app.upload_scan(&applied, pdf::scan(0));
    app.upload_scan(&other, pdf::scan(0));
    // Another scan takes its place, with one application; the other still names it.
    app.upload_scan(&applied, pdf::scan(1));
    app.time_passes(TimeDelta::hours(2));
    let both = sorted([0, 1].map(|shade| Digest::of(&pdf::scan(shade))).to_vec());
    assert_eq!((sweep(app), sorted(app.files())), (0, both.clone()));
    app.upload_scan(&other, pdf::scan(2));
    assert_eq!(sweep(app), 1);
    let left = sorted([1, 2].map(|shade| Digest::of(&pdf::scan(shade))).to_vec());
    assert_eq!(sorted(app.files()), left);
    // A file that has no row, as the copy of a folder may bring it, and what a write leaves that was cut off.
    let (stranger, remnant) = (Digest::of(b"stranger"), Digest::of(b"remnant"));
    let place = |digest: Digest| {
        let folder = app.folder().join("files").join(&digest.to_string()[..2]);
        std::fs::create_dir_all(&folder).unwrap();
        folder
    };
    std::fs::write(place(stranger).join(stranger.to_string()), "stranger").unwrap();
    let remnant = place(remnant).join(format!("{remnant}#1"));
    std::fs::write(&remnant, "rem").unwrap();
    assert_eq!(sweep(app), 2);
    assert_eq!(sorted(app.files()), left);
    assert!(!remnant.exists());
    assert_eq!(sweep(app), 0);
    let path = format!("{}/memorandum/scan", application_path(&other.id));
    let served = app.send(Call::get(path).token(&other.token)).must_be(200);
    assert_eq!(served.body, pdf::scan(2));
}

fn a_file_that_is_on_its_way_is_not_swept(app: &TestApp) {
    let keep = || {
        app.in_storage(async |desk| {
            let kept = desk.files.keep(&desk.database, pdf::scan(0), desk.now());
            kept.await.unwrap()
        })
    };
    let digest = keep();
    app.time_passes(TimeDelta::minutes(59));
    assert_eq!((sweep(app), app.files()), (0, vec![digest]));
    // It is sent again, so it is on its way once more.
    keep();
    app.time_passes(TimeDelta::minutes(59));
    assert_eq!((sweep(app), app.files()), (0, vec![digest]));
    app.time_passes(TimeDelta::minutes(2));
    assert_eq!((sweep(app), app.files()), (1, vec![]));
}

fn uploads_and_sweeps_at_the_same_time_lose_no_file(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied: Vec<_> = (0..4)
        .map(|number| {
            let applied = app.apply(CHILDHOOD, &school_number(number));
            app.issue_memorandum(&applied.id);
            applied
        })
        .collect();
    for round in 0..8 {
        // What the last round left unnamed is old enough to go, and is what this round brings back.
        app.time_passes(TimeDelta::hours(2));
        std::thread::scope(|scope| {
            for one in &applied {
                scope.spawn(move || app.upload_scan(one, pdf::scan(round % 2)));
            }
            scope.spawn(|| sweep(app));
        });
        for one in &applied {
            let path = format!("{}/memorandum/scan", application_path(&one.id));
            let served = app.send(Call::get(path).token(&one.token)).must_be(200);
            assert_eq!(served.body, pdf::scan(round % 2));
        }
    }
}
