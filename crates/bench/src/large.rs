//! A registry of a million members: what a change takes, what the map weighs, how long a proof is made.

use std::{
    fs::{self, File},
    io::Write as _,
    time::{Duration, Instant},
};

use charter_proof::{
    canonical::Digest,
    keys::claim_hash,
    membership_map::{Holder, MembershipMap, Origin},
};
use charter_registry::rules::claim::Claim;

use crate::{
    admissions::{admit_one, desk_of},
    figures::{at, median, micros, millis, row},
    newcomers::{self, Chance},
    registry::{CHARTER, Folder, own_anonymous_memory},
};

/// How many members are imported at a time.
const AT_ONCE: u64 = 100_000;

/// How often each thing is measured.
const TIMES: usize = 200;

/// Measures all of it.
pub async fn measure(members: u64) {
    weigh_the_map(3 * members);
    let folder = Folder::new();
    folder.publish();
    fill(&folder, members);

    let desk = desk_of(&folder).await;
    let mut changes = Vec::new();
    for number in 0..u64::try_from(TIMES).unwrap() {
        let began = Instant::now();
        admit_one(&desk, members + number).await;
        changes.push(began.elapsed());
    }
    let synced = synced(&folder);
    row(
        "one admission, published",
        "≤ 50 ms beyond its fsyncs",
        &format!(
            "p50 {}, p99 {}; a write and two fsyncs alone p50 {}, p99 {}",
            millis(median(&changes)),
            millis(at(&changes, 0.99)),
            millis(median(&synced)),
            millis(at(&synced, 0.99)),
        ),
    );

    let mut chance = Chance::of(7);
    let mut proofs = Vec::new();
    let mut conn = desk.database.read().await.unwrap();
    for _ in 0..10 * TIMES {
        let number = chance.below(usize::try_from(members).unwrap());
        let ogrn = newcomers::organisation(u64::try_from(number).unwrap()).ogrn;
        let key = Claim::parse(&format!("RU-OGRN:{ogrn}")).unwrap().key();
        let key = charter_proof::verify::Key::Claim(key);
        let began = Instant::now();
        let proof = desk.signatory.log.proof(&mut conn, CHARTER, &key).await;
        proofs.push(began.elapsed());
        assert!(proof.unwrap().unwrap().text.len() > 4_000);
    }
    row(
        "a proof, made from the database",
        "≤ 1 ms",
        &format!(
            "p50 {}, p99 {}",
            micros(median(&proofs)),
            micros(at(&proofs, 0.99))
        ),
    );
}

/// Imports so many members into a registry whose charter is published.
pub fn fill(folder: &Folder, members: u64) {
    let file = folder.path().join("members.jsonl");
    let mut took = Duration::ZERO;
    for from in (0..members).step_by(usize::try_from(AT_ONCE).unwrap()) {
        let numbers = from..members.min(from + AT_ONCE);
        let lines = numbers.map(|number| format!("{}\n", newcomers::organisation(number).line()));
        fs::write(&file, lines.collect::<String>()).unwrap();
        took += folder.run(&["import", "members.jsonl", "--charter", CHARTER]);
        eprintln!("{} members are imported", members.min(from + AT_ONCE));
    }
    fs::remove_file(file).unwrap();
    let seconds = format!("{:.0} s", took.as_secs_f64());
    row(&format!("import of {members} members"), "", &seconds);
}

/// What so many keys weigh in memory.
fn weigh_the_map(keys: u64) {
    let before = own_anonymous_memory();
    let mut map = MembershipMap::default();
    for number in 0..keys {
        let key = claim_hash(CHARTER, &format!("domain:{number}.example"));
        let origin = Origin {
            event: number,
            holder: Holder::Released,
        };
        map.set(key, &Digest::of(&number.to_le_bytes()), origin)
            .unwrap();
    }
    map.refresh();
    let weight = own_anonymous_memory() - before;
    assert_ne!(map.root(), charter_proof::membership_map::EMPTY_ROOT);
    row(
        &format!("the map of {keys} keys"),
        "≤ 400 MiB",
        &format!("{} MiB, {} B a key", weight / 1024, weight * 1024 / keys),
    );
}

/// A page written and synced, and a small file, as a commit and the mark are; several times.
fn synced(folder: &Folder) -> Vec<Duration> {
    let mut files = ["one", "other"].map(|name| File::create(folder.path().join(name)).unwrap());
    let times = 0..TIMES;
    let each = times.map(|_| {
        let began = Instant::now();
        for file in &mut files {
            file.write_all(&[7; 4096]).unwrap();
            file.sync_data().unwrap();
        }
        began.elapsed()
    });
    each.collect()
}
