//! A whole log: entries, records, tree, tiles, checkpoint; and entries that are none.

use serde_json::{Value, json};

use super::story::{bulk_line, record_of, today};
use super::{Files, pretty, text};
use crate::canonical::to_jcs;
use crate::entry::{Entry, Event};
use crate::fixtures::secret;
use crate::fixtures::world::World;
use crate::keys::Purpose;
use crate::merkle::{Frontier, consistency_proof, inclusion_proof, leaf_hash, root};
use crate::tile::{bundle, tiles_of};

pub(super) fn add(files: &mut Files) {
    let world = today();
    let lines = |lines: Vec<Vec<u8>>| {
        let mut text = Vec::new();
        for line in lines {
            text.extend(line);
            text.push(b'\n');
        }
        text
    };
    files.insert(
        "log/entries.ndjson".to_owned(),
        lines(world.entries.clone()),
    );
    let records = world.entries.iter();
    let records = records.map(|entry| to_jcs(&bulk_line(&world, entry)).unwrap());
    files.insert("log/records.ndjson".to_owned(), lines(records.collect()));
    let checkpoint = world.timed(world.at).to_string().into_bytes();
    files.insert("log/checkpoint".to_owned(), checkpoint);
    let mut whole = Vec::new();
    for entry in &world.entries {
        bundle::push(&mut whole, entry).unwrap();
    }
    let width = world.entries.len();
    files.insert(format!("log/bundle.p.{width}"), whole);
    files.insert("log/tree.json".to_owned(), pretty(&tree(&world)));
    files.insert("formats/entries.json".to_owned(), pretty(&entries(&world)));
    files.insert("formats/rotations.json".to_owned(), pretty(&rotations()));
}

fn tree(world: &World) -> Value {
    let size = world.replay.size();
    let mut frontier = Frontier::default();
    let mut roots = vec![frontier.root()];
    for entry in &world.entries {
        frontier.push(leaf_hash(entry), |_| {});
        roots.push(frontier.root());
    }
    assert_eq!(frontier.root(), root(world, size).unwrap());
    let inclusions: Vec<Value> = [0, 1, size / 2, size - 1]
        .map(|index| json!({"index": index, "path": inclusion_proof(world, index, size).unwrap()}))
        .to_vec();
    let consistencies: Vec<Value> = [1, 2, 7, 8, size - 1, size]
        .map(|old| json!({"old": old, "path": consistency_proof(world, old, size).unwrap()}))
        .to_vec();
    let tiles = |size: u64| {
        let paths: Vec<String> = tiles_of(size).map(|tile| tile.path()).collect();
        json!({"paths": paths, "size": size})
    };
    json!({
        "consistencies": consistencies,
        "inclusions": inclusions,
        "leafHashes": world.entries.iter().map(|entry| leaf_hash(entry)).collect::<Vec<_>>(),
        "roots": roots,
        "size": size,
        "tiles": [tiles(1), tiles(256), tiles(257), tiles(size)],
    })
}

/// One entry of every kind that the story has, and texts that are none.
fn entries(world: &World) -> Value {
    let mut of_kinds: Vec<(String, &Vec<u8>)> = Vec::new();
    for bytes in &world.entries {
        let kind = Entry::parse(bytes).unwrap().event.kind().to_string();
        if of_kinds.iter().all(|(known, _)| *known != kind) {
            of_kinds.push((kind, bytes));
        }
    }
    let good: Vec<Value> = (of_kinds.iter())
        .map(|(kind, bytes)| {
            json!({
                "entry": text(bytes),
                "kind": kind,
                "leafHash": leaf_hash(bytes),
                "record": record_of(world, bytes).map(|record| text(&record)),
            })
        })
        .collect();
    let find = |wanted: &str| {
        let found = of_kinds.iter().find(|(kind, _)| kind == wanted).unwrap();
        String::from_utf8(found.1.clone()).unwrap()
    };
    let (included, state) = (find("member.included"), find("state"));
    let refused = |name: &str, text: String| {
        let error = Entry::parse(text.as_bytes()).unwrap_err();
        json!({"entry": text, "name": name, "why": error.to_string()})
    };
    let refused = vec![
        refused("a space", included.replacen("{\"at\"", "{ \"at\"", 1)),
        refused("a newline at the end", format!("{state}\n")),
        refused(
            "an unknown field",
            state.replacen("\"v\":1}", "\"a\":1,\"v\":1}", 1),
        ),
        refused(
            "a field twice",
            state.replacen("\"v\":1}", "\"v\":1,\"v\":1}", 1),
        ),
        refused(
            "a field missing",
            state.replacen("\"kind\":\"state\",", "", 1),
        ),
        refused("another version", state.replacen("\"v\":1", "\"v\":2", 1)),
        refused(
            "an unknown kind",
            state.replacen("\"state\"", "\"status\"", 1),
        ),
        refused(
            "an unknown status",
            included.replacen("\"active\"", "\"Active\"", 1),
        ),
        refused("a fraction of a second", state.replacen("00Z", "00.0Z", 1)),
        refused("a digest in capitals", {
            let (head, rest) = state.split_once("\"keys\":\"").unwrap();
            format!(
                "{head}\"keys\":\"{}{}",
                rest[..64].to_uppercase(),
                &rest[64..]
            )
        }),
        refused("claims in another order", {
            let (head, rest) = included.split_once("\"claims\":[").unwrap();
            let (claims, rest) = rest.split_once(']').unwrap();
            format!("{head}\"claims\":[{claims},{claims}]{rest}")
        }),
        refused("no JSON", "state".to_owned()),
        refused("nothing", String::new()),
    ];
    json!({"good": good, "refused": refused})
}

/// Rotations: what both keys sign, and signatures that do not hold.
fn rotations() -> Value {
    let at = crate::fixtures::instant();
    let entry = Entry::rotation(at, Purpose::Record, &secret(1), &secret(11));
    let case = |name: &str, entry: &Entry| {
        json!({
            "entry": text(&entry.to_bytes().unwrap()),
            "isSigned": entry.is_rotation_signed(),
            "message": text(&entry.rotation_message().unwrap()),
            "name": name,
        })
    };
    let altered = |alter: &dyn Fn(&mut Event)| {
        let mut entry = entry.clone();
        alter(&mut entry.event);
        entry
    };
    let exchanged = altered(&|event| {
        if let Event::KeyRotated { proofs, .. } = event {
            std::mem::swap(&mut proofs.old, &mut proofs.new);
        }
    });
    let for_another_purpose = altered(&|event| {
        if let Event::KeyRotated { purpose, .. } = event {
            *purpose = Purpose::Log;
        }
    });
    let by_the_new_key_alone = altered(&|event| {
        if let Event::KeyRotated { proofs, .. } = event {
            proofs.old = proofs.new;
        }
    });
    json!([
        case("signed by both", &entry),
        case("signatures exchanged", &exchanged),
        case("another purpose", &for_another_purpose),
        case("by the new key alone", &by_the_new_key_alone),
    ])
}
