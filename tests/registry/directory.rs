//! The reading room's files: they are made from the database, survive what happens to files, and answer as it does.

use std::{
    fs::{self, OpenOptions},
    os::unix::fs::FileExt as _,
    path::Path,
};

use charter_registry::{
    api::wire::member::{fingerprint, shown},
    desk::Desk,
    directory::{Directory, Filter, Listing, Order, Room, Source},
    rules::id::MemberId,
};
use tempfile::TempDir;

use crate::support::{
    app::TestApp,
    charters::{CHILDHOOD, definition},
    client::{Call, text},
    on_both_databases,
    organisations::{school, school_number},
    steps::members_of,
};

on_both_databases!(
    files_that_are_lost_torn_or_damaged_are_made_anew_and_answer_alike,
    files_of_another_registry_are_not_believed,
    a_reader_that_meets_damage_has_it_mended,
);

/// Where a reading room lies whose files the test lays hands on.
fn folder() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

async fn opened(desk: &Desk, folder: &Path, version: u8) -> Directory {
    let mut fingerprint = fingerprint(desk.base());
    fingerprint[0] ^= version;
    let source = Source {
        database: desk.database.clone(),
        base: desk.base().clone(),
        render: shown,
        fingerprint,
        licence: "CC0-1.0".into(),
        is_mirror: false,
    };
    Directory::open(Room::take(folder).unwrap(), source)
        .await
        .unwrap()
}

/// Everything that the room answers about these members and their charter.
fn answers(directory: &Directory, members: &[String]) -> Vec<Vec<u8>> {
    let listing = Listing {
        filter: Filter::default(),
        order: Order::Name,
        descending: true,
        after: None,
    };
    let mut answers = vec![
        directory
            .page(CHILDHOOD, &listing, 50)
            .unwrap()
            .unwrap()
            .items
            .clone(),
    ];
    for member in members {
        let id = MemberId(member.parse().unwrap());
        answers.push(directory.member(CHILDHOOD, id).unwrap().unwrap().json);
        answers.push(
            directory
                .newest_record(CHILDHOOD, id)
                .unwrap()
                .unwrap()
                .bytes,
        );
    }
    answers
}

/// The same, as the server answers.
fn served(app: &TestApp, members: &[String]) -> Vec<Vec<u8>> {
    let page = app.send(Call::get(format!("{}?sort=-name", members_of(CHILDHOOD))));
    let body = String::from_utf8(page.must_be(200).body).unwrap();
    let items = body.strip_prefix("{\"items\":").unwrap();
    let items = items.strip_suffix(",\"next\":null}").unwrap();
    let mut answers = vec![items.as_bytes().to_vec()];
    for member in members {
        answers.push(app.member(member).body);
        answers.push(app.newest_record(member));
    }
    answers
}

fn some_members(app: &TestApp) -> Vec<String> {
    app.publish(&definition(CHILDHOOD));
    let mut members = vec![app.admit(CHILDHOOD, &school(), false)];
    members.extend((1..4).map(|number| app.admit(CHILDHOOD, &school_number(number), false)));
    members
}

fn files_that_are_lost_torn_or_damaged_are_made_anew_and_answer_alike(app: &TestApp) {
    let members = some_members(app);
    let place = folder();
    let (pack, index) = (
        place.path().join("members.pack"),
        place.path().join("members.index"),
    );
    app.in_storage(async |desk| drop(opened(desk, place.path(), 0).await));
    // What changes from here on stands behind the index on disk.
    app.exclude(&members[1]);
    app.withdraw_member(&members[2]);
    app.amend(&members[3], &serde_json::json!({"aliases": ["Ключевая"]}));
    let expected = served(app, &members);

    let cut = |path: &Path, bytes: u64| {
        let file = OpenOptions::new().write(true).open(path).unwrap();
        let length = file.metadata().unwrap().len();
        file.set_len(length.saturating_sub(bytes)).unwrap();
    };
    let flip = |path: &Path| {
        let mut bytes = fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x20;
        fs::write(path, bytes).unwrap();
    };
    let append = |path: &Path| {
        let mut bytes = fs::read(path).unwrap();
        bytes.extend_from_slice(&[7; 100]);
        fs::write(path, bytes).unwrap();
    };
    let untouched: &dyn Fn() = &|| {};
    for (what, happens) in [
        ("nothing happens", untouched),
        ("nothing happens again", untouched),
        ("the last frame is torn", &|| cut(&pack, 10)),
        ("half of the file is gone", &|| {
            cut(&pack, fs::metadata(&pack).unwrap().len() / 2);
        }),
        ("the head is torn", &|| {
            cut(&pack, fs::metadata(&pack).unwrap().len() - 20);
        }),
        ("something else follows", &|| append(&pack)),
        ("the index is gone", &|| fs::remove_file(&index).unwrap()),
        ("the index is torn", &|| cut(&index, 3)),
        ("the index is empty", &|| cut(&index, u64::MAX)),
        ("the index is damaged", &|| flip(&index)),
        ("the packed file is gone", &|| {
            fs::remove_file(&pack).unwrap();
        }),
        ("both are gone", &|| {
            fs::remove_file(&pack).unwrap();
            fs::remove_file(&index).unwrap();
        }),
    ] {
        happens();
        let found =
            app.in_storage(async |desk| answers(&opened(desk, place.path(), 0).await, &members));
        assert!(found == expected, "{what}");
    }
    // Another version of the program makes its own.
    let found =
        app.in_storage(async |desk| answers(&opened(desk, place.path(), 1).await, &members));
    assert!(found == expected);
    // A search finds members by what they are called now.
    let list = members_of(CHILDHOOD);
    let found = app
        .send(Call::get(format!("{list}?q=klyuchevaya")))
        .must_be(200)
        .items();
    assert_eq!(found.len(), 1);
    assert_eq!(text(&found[0], "/id"), members[3]);
}

fn files_of_another_registry_are_not_believed(app: &TestApp) {
    let members = some_members(app);
    let other = TestApp::with_staff(None);
    let others = some_members(&other);
    other.exclude(&others[0]);
    let place = folder();
    other.in_storage(async |desk| drop(opened(desk, place.path(), 0).await));
    let expected = served(app, &members);
    let found =
        app.in_storage(async |desk| answers(&opened(desk, place.path(), 0).await, &members));
    assert!(found == expected);
}

fn a_reader_that_meets_damage_has_it_mended(app: &TestApp) {
    let members = some_members(app);
    let place = folder();
    let expected = served(app, &members);
    app.in_storage(async |desk| {
        let directory = opened(desk, place.path(), 0).await;
        let file = OpenOptions::new()
            .write(true)
            .open(place.path().join("members.pack"))
            .unwrap();
        let length = file.metadata().unwrap().len();
        file.write_all_at(&vec![0; usize::try_from(length).unwrap()], 0)
            .unwrap();
        let id = MemberId(members[0].parse().unwrap());
        assert!(directory.member(CHILDHOOD, id).is_err());
        let upkeep = tokio::spawn(directory.clone().keep_up());
        while directory.member(CHILDHOOD, id).is_err() {
            tokio::task::yield_now().await;
        }
        upkeep.abort();
        assert!(answers(&directory, &members) == expected);
    });
}
