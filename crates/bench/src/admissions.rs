//! Ten thousand admissions in one transaction, beside the bare rate: what signing, hashing and inserting cost alone.
//!
//! The bare loop has a database of the same schema, and every row that the import wrote, column for column. It signs
//! and hashes each record's bytes, hashes each entry's, and inserts all the rows in one transaction by prepared
//! statements, with the registry's own crates and pragmas. It makes no record, checks nothing and reads nothing.

use std::time::{Duration, Instant};

use charter_proof::{canonical::Digest, keys::SecretKey};
use charter_registry::{
    api::wire::organisation::OrganisationBody,
    clock::Clock,
    config::{Config, settings::Flags},
    desk::{
        Actor, Desk, Request,
        memberships::import::{Import, Newcomer, import},
    },
    rules::{
        memorandum::{Evidence, SigningForm},
        organisation::Organisation,
    },
    startup,
};
use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};

use crate::{
    figures::{median, row},
    newcomers::organisation,
    registry::{CHARTER, Folder, Spent},
    rows::{self, Rows},
};

/// How many are admitted at once.
const ADMISSIONS: u64 = 10_000;

/// What the registry tells its connection that writes.
const PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                       PRAGMA secure_delete = ON;";

/// How long something took, by the clock on the wall and of the processor.
#[derive(Clone, Copy)]
struct Took {
    wall: Duration,
    cpu: Duration,
}

/// Admits, and does the bare work, in turn.
pub async fn compare(rounds: usize) {
    let newcomers: Vec<Newcomer> = (0..ADMISSIONS).map(newcomer).collect();
    let (mut admitted, mut bare, mut lean) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=rounds {
        let folder = Folder::new();
        folder.publish();
        admitted.push(admit(&folder, newcomers.clone()).await);
        let rows = Rows::of(&mut open(&folder));
        bare.push(insert(&rows));
        lean.push(insert(&rows.of_the_log_alone()));
        if round == 0 {
            eprintln!("{}", rows.told());
        }
    }
    // The first round warms up.
    let [admitted, bare, lean] = [&admitted[1..], &bare[1..], &lean[1..]];
    row(
        "10,000 admissions in one transaction",
        "≥ 60 % of the bare rate",
        &compared(admitted, bare),
    );
    row(
        "… beside the rows of the log and the records alone",
        "",
        &compared(admitted, lean),
    );
}

fn compared(ours: &[Took], bare: &[Took]) -> String {
    let part = |of: fn(&Took) -> Duration| {
        let pairs = ours.iter().zip(bare);
        let parts: Vec<f64> = pairs
            .map(|(ours, bare)| of(bare).as_secs_f64() / of(ours).as_secs_f64())
            .collect();
        median(&parts) * 100.0
    };
    let rate = |took: &[Took]| {
        let seconds: Vec<f64> = took.iter().map(|took| took.wall.as_secs_f64()).collect();
        f64::from(u32::try_from(ADMISSIONS).unwrap()) / median(&seconds)
    };
    format!(
        "{:.0} % by processor time, {:.0} % by the clock ({:.0}/s; bare {:.0}/s)",
        part(|took| took.cpu),
        part(|took| took.wall),
        rate(ours),
        rate(bare),
    )
}

fn newcomer(number: u64) -> Newcomer {
    let mut line = organisation(number).line();
    let body: OrganisationBody = serde_json::from_value(line["organisation"].take()).unwrap();
    let organisation = Organisation::parse(body.into());
    let memorandum = Evidence {
        digest: Digest::from_prefixed(line["memorandum"]["digest"].as_str().unwrap()).unwrap(),
        form: SigningForm::HandwrittenScan,
        signed_on: "2022-03-14".parse().unwrap(),
    };
    Newcomer {
        organisation: organisation.unwrap_or_else(|_| panic!("{line}")),
        memorandum,
        founder: false,
    }
}

/// The use cases, on the registry in this folder.
pub async fn desk_of(folder: &Folder) -> Desk {
    let data = folder.path().to_str().unwrap().to_owned();
    let environment = move |name: &str| match name {
        "CHARTER_DATA" => Some(data.clone().into()),
        "CHARTER_PUBLIC_URL" => Some(crate::registry::PUBLIC_URL.into()),
        "CHARTER_LETTERS" => Some("none".into()),
        _ => None,
    };
    let config = Config::load(&Flags::default(), &environment).unwrap();
    startup::open(&config, Clock::system()).await.unwrap()
}

/// Admits this newcomer, and nobody else at the same time.
pub async fn admit_one(desk: &Desk, number: u64) {
    let admitted = admit_all(desk, vec![newcomer(number)]).await;
    assert_eq!(admitted, 1);
}

async fn admit_all(desk: &Desk, members: Vec<Newcomer>) -> u64 {
    let command = Import {
        charter: CHARTER.to_owned(),
        members,
    };
    let imported = import(desk, Request::by(Actor::Host), command).await;
    imported.unwrap().count
}

async fn admit(folder: &Folder, members: Vec<Newcomer>) -> Took {
    let desk = desk_of(folder).await;
    let (began, before) = (Instant::now(), Spent::here());
    let admitted = admit_all(&desk, members).await;
    let took = Took {
        wall: began.elapsed(),
        cpu: Spent::here().since(&before),
    };
    assert_eq!(admitted, ADMISSIONS);
    took
}

fn open(folder: &Folder) -> SqliteConnection {
    let path = folder.path().join("registry.db");
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    connection.batch_execute(PRAGMAS).unwrap();
    connection
}

fn insert(rows: &Rows) -> Took {
    let folder = Folder::new();
    folder.publish();
    let mut connection = open(&folder);
    rows::make_room(&mut connection);
    let key = SecretKey::from_seed([7; 32]);
    let (began, before) = (Instant::now(), Spent::here());
    for record in &rows.records {
        let signed = key.sign(Digest::of(&record.document).as_bytes());
        std::hint::black_box((signed, Digest::of(&record.document)));
    }
    for entry in &rows.entries {
        std::hint::black_box(Digest::of(&entry.body));
    }
    let inserted = connection.transaction(|connection| rows.insert(connection));
    inserted.unwrap();
    Took {
        wall: began.elapsed(),
        cpu: Spent::here().since(&before),
    }
}
