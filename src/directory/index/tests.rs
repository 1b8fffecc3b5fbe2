//! Members that come at once, and one after another.

use std::{fs::File, sync::Arc};

use charter_proof::entry::Status;
use chrono::NaiveDate;

use super::{Frame, Index};
use crate::directory::{frame::Entry, snapshot};

fn member(number: u32) -> Frame {
    let entry = Entry {
        id: u128::from(number).to_be_bytes(),
        charter: if number.is_multiple_of(7) { "b" } else { "a" }.to_owned(),
        number,
        status: Status::Active,
        founder: false,
        category: String::new(),
        country: String::new(),
        region: String::new(),
        since: NaiveDate::from_num_days_from_ce_opt(i32::try_from(number * 31 % 13).unwrap())
            .unwrap(),
        log_index: number.into(),
        record: [0; 16],
        sort_key: (number * 37 % 101 / 2).to_string(),
        terms: Vec::new(),
    };
    Frame::Member(Box::new(entry), 0)
}

fn of_nothing() -> Index {
    Index::of_nothing(Arc::new(File::open("/dev/null").unwrap()))
}

#[test]
fn many_members_at_once_come_into_the_orders_that_each_would_take() {
    let numbers: Vec<u32> = (0..300).map(|n| n * 89 % 300).collect();
    let (mut at_once, mut each) = (of_nothing(), of_nothing());
    for numbers in numbers.chunks(70) {
        let frames = numbers.iter().map(|number| (member(*number), 0));
        at_once.apply_all(frames).unwrap();
        for number in numbers {
            each.apply_all([(member(*number), 0)]).unwrap();
        }
    }
    for (one, other) in at_once.charters.iter().zip(&each.charters) {
        assert_eq!(one.slug, other.slug);
        assert_eq!(one.by_number, other.by_number);
        assert_eq!(one.by_name, other.by_name);
        assert_eq!(one.by_since, other.by_since);
        let numbers = one
            .by_number
            .iter()
            .map(|member| at_once.row(*member).unwrap().number);
        assert!(numbers.is_sorted());
    }
    let all: usize = at_once
        .charters
        .iter()
        .map(|charter| charter.by_name.len())
        .sum();
    assert_eq!((all, at_once.charters.len()), (300, 2));
}

#[test]
fn a_record_that_comes_after_its_member_is_found_as_one_that_came_before() {
    let folder = tempfile::tempdir().unwrap();
    let (pack, path) = (folder.path().join("pack"), folder.path().join("index"));
    let pack = Arc::new(File::create(pack).unwrap());
    let record = [0; 16];
    let mut index = Index::of_nothing(pack.clone());
    index.apply_all([(member(5), 0)]).unwrap();
    for number in [6, 7] {
        snapshot::save(&index, 0, &[1; 32], &path).unwrap();
        index = snapshot::load(&path, &[1; 32], &pack).unwrap().unwrap().0;
        let row = *index.member(5_u128.to_be_bytes()).unwrap();
        assert_eq!(index.record(&row), Some(record));
        assert_eq!(index.newest_record(&row).is_some(), number == 7);
        let frames = [(Frame::Record(record, number), 40), (member(number), 0)];
        index.apply_all(frames).unwrap();
    }
    for number in [5, 6, 7_u128] {
        let row = *index.member(number.to_be_bytes()).unwrap();
        let place = index.newest_record(&row).unwrap();
        assert_eq!((place.at(), place.length()), (40, 7));
        assert_eq!(index.record(&row), Some(record));
    }
}
