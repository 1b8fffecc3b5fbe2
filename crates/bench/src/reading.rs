//! What lookups, lists and searches cost the server.

use std::{collections::HashMap, net::SocketAddr, time::Duration};

use serde_json::Value;

use crate::{
    baseline::Kind,
    client::{Connection, ask_all},
    figures::{at, median, micros, millis, row},
    newcomers::{self, Chance},
    queries,
    registry::{CHARTER, Folder, Server},
};

/// How many lookups make a round, and how many pages.
const LOOKUPS: usize = 40_000;
const PAGES: usize = 4_000;

/// How many searches there are of each way.
const SEARCHES: usize = 500;

/// What pages are asked for: as many as there are combinations, so that no two rounds differ.
const REGIONS: [&str; 6] = ["RU-TA", "RU-AMU", "RU-NVS", "RU-SVE", "RU-PRI", "RU-IRK"];
const CATEGORIES: [&str; 3] = [
    "educational_institution",
    "commercial_organisation",
    "public_association",
];

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Records, members, pages and proofs.
    Registry,
    /// Credentials: each is signed when it is asked for first.
    Credentials,
}

/// Compares lookups and pages with a static body of their size, from the same server and from plain actix-web.
pub fn compare(server: &Server, members: u64, rounds: usize, asked: Asked) {
    let (members_of, records) = identifiers(server.address, members);
    let mut chance = Chance::of(1);
    let lookups: Vec<String> = (0..LOOKUPS).map(|_| chance.one(&records).clone()).collect();
    let of_members: Vec<String> = (0..LOOKUPS)
        .map(|_| chance.one(&members_of).clone())
        .collect();
    let pages = pages();
    let further = further(server.address, &pages);
    let size_of = |paths: &[String]| ask_all(server.address, paths) / paths.len();
    let of_members_proofs: Vec<String> = of_members
        .iter()
        .map(|member| format!("{member}/proof"))
        .collect();
    let credentials: Vec<String> = of_members
        .iter()
        .map(|member| format!("{member}/credential"))
        .collect();
    let of_numbers: Vec<String> = (0..LOOKUPS)
        .map(|_| {
            let number = u64::try_from(chance.below(usize::try_from(members).unwrap())).unwrap();
            let ogrn = newcomers::organisation(number).ogrn;
            format!("/v1/charters/{CHARTER}/proof?key=RU-OGRN:{ogrn}")
        })
        .collect();
    // As long as the first ones: to ask for all is to have all signed.
    let first_credentials = credentials.get(..100).unwrap_or(&credentials);
    let sizes = [&lookups, &pages, &of_members_proofs, &of_numbers].map(|paths| size_of(paths));
    let [record, page, by_member, by_number] = sizes;
    let credential = size_of(first_credentials);
    let sizes = [record, page, by_member, by_number, credential];
    let folder = Folder::new();
    let same = Kind::Same.start(&folder, sizes);
    let plain = Kind::Plain.start(&folder, sizes);
    let servers = [server, &same, &plain];
    eprintln!(
        "records of {record} bytes, pages of {page}, proofs asked by member of {by_member}, by number of {by_number}, \
         credentials of {credential}"
    );
    let of_registry = [
        ("record lookup", "≤ 1.25 ×", &lookups),
        ("member lookup", "", &of_members),
        ("filtered and sorted page of 50", "≤ 3 ×", &pages),
        ("… the second page, which is made each time", "", &further),
        ("proof, asked by member", "≤ 2 ×", &of_members_proofs),
        ("proof, asked by number", "≤ 2 ×", &of_numbers),
    ];
    let of_credentials = [(
        "credential lookup, once it was signed",
        "≤ 1.25 ×",
        &credentials,
    )];
    let lines = match asked {
        Asked::Registry => of_registry.as_slice(),
        Asked::Credentials => of_credentials.as_slice(),
    };
    for &(name, bound, paths) in lines {
        // Plain actix-web knows no members: a record's static body is what a member's is compared with. Second
        // pages are as long as first ones.
        let compared = match name {
            "member lookup" => &lookups,
            "… the second page, which is made each time" => &pages,
            _ => paths,
        };
        let paths = [paths, compared, compared];
        let mut costs = [const { Vec::new() }; 3];
        for _ in 0..=rounds {
            for ((server, costs), paths) in servers.iter().zip(&mut costs).zip(paths) {
                costs.push(cost(server, paths));
            }
        }
        // The first round warms up.
        let ratios = |one: usize, other: usize| -> Vec<f64> {
            let pairs = costs[one].iter().zip(&costs[other]).skip(1);
            pairs
                .map(|(one, other)| one.as_secs_f64() / other.as_secs_f64())
                .collect()
        };
        let [ours, static_same, static_plain] =
            [0, 1, 2].map(|server| micros(median(&costs[server][1..])));
        let (to_same, to_plain) = (median(&ratios(0, 1)), median(&ratios(0, 2)));
        row(
            name,
            bound,
            &format!(
                "{to_same:.2} × ({ours}; static body from the same server {static_same}); {to_plain:.2} × plain \
                 actix-web ({static_plain})"
            ),
        );
    }
    same.end();
    plain.end();
}

/// The server's processor time for each of these.
fn cost(server: &Server, paths: &[String]) -> Duration {
    let before = server.spent();
    ask_all(server.address, paths);
    server.spent().since(&before) / u32::try_from(paths.len()).unwrap()
}

/// The addresses of members and of records, of the whole list.
fn identifiers(address: SocketAddr, members: u64) -> (Vec<String>, Vec<String>) {
    let mut connection = Connection::to(address).unwrap();
    let (mut found, mut records) = (Vec::new(), Vec::new());
    let mut path = format!("/v1/charters/{CHARTER}/members?limit=100");
    loop {
        let answer = connection.get(&path).unwrap();
        let page: Value = serde_json::from_slice(&answer.body).unwrap();
        for member in page["items"].as_array().unwrap() {
            let id = member["id"].as_str().unwrap();
            found.push(format!("/v1/charters/{CHARTER}/members/{id}"));
            let record = member["record"].as_str().unwrap();
            let (_, id) = record.rsplit_once('/').unwrap();
            records.push(format!("/records/{id}"));
        }
        let Some(next) = page["next"].as_str() else {
            assert_eq!(u64::try_from(found.len()).unwrap(), members);
            return (found, records);
        };
        path = format!("/v1/charters/{CHARTER}/members?limit=100&cursor={next}");
    }
}

/// Pages by name, of a category and a region each, from the beginning of the list.
fn pages() -> Vec<String> {
    let kinds = REGIONS.iter().flat_map(|region| {
        let orders = CATEGORIES.iter().flat_map(move |category| {
            ["name", "-since", "-name"].map(|order| (region, category, order))
        });
        orders.map(|(region, category, order)| {
            format!(
                "/v1/charters/{CHARTER}/members?category={category}&region={region}&sort={order}&limit=50"
            )
        })
    });
    kinds.cycle().take(PAGES).collect()
}

/// The pages behind these.
fn further(address: SocketAddr, pages: &[String]) -> Vec<String> {
    let mut connection = Connection::to(address).unwrap();
    let mut followers = HashMap::new();
    let further = pages.iter().map(|page| {
        let follower = followers.entry(page).or_insert_with(|| {
            let answer = connection.get(page).unwrap();
            let answer: Value = serde_json::from_slice(&answer.body).unwrap();
            format!("{page}&cursor={}", answer["next"].as_str().unwrap())
        });
        follower.clone()
    });
    further.collect()
}

/// Times searches, one after another.
pub fn search(server: &Server, members: u64) {
    let mut connection = Connection::to(server.address).unwrap();
    let mut all = Vec::new();
    for (way, (name, _)) in queries::WAYS.iter().enumerate() {
        let before = server.spent();
        let times: Vec<Duration> = queries::of(way, SEARCHES, members)
            .iter()
            .map(|path| connection.time(path))
            .collect();
        let cpu = server.spent().since(&before) / u32::try_from(SEARCHES).unwrap();
        eprintln!(
            "search by {name}: {} p50, {} p99, {} CPU",
            millis(median(&times)),
            millis(at(&times, 0.99)),
            millis(cpu)
        );
        all.extend(times);
    }
    row(
        &format!("search, {} queries", all.len()),
        "p99 ≤ 10 ms",
        &format!(
            "p50 {}, p99 {}, longest {}",
            millis(median(&all)),
            millis(at(&all, 0.99)),
            millis(at(&all, 1.0))
        ),
    );
}
