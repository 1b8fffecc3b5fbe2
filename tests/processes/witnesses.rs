//! The registry and its witnesses, all of them real: what is served while they answer, and while they do not.

mod gone;
mod mirrored;

use std::{fs, thread};

use charter_proof::{
    note::{Checkpoint, Note, NoteKey},
    policy::Policy,
    verify::{Key, Question, Refusal, Standing, Verdict, Word, verify},
};
use charter_registry::clock::Clock;
use serde_json::{Value, json};

use crate::{
    client::{CHARTER, Client, Registrar, Tokens},
    host::{Host, Instance},
    organisations::ogrn,
    postgres::TestDatabase,
    witness::Witness,
};

const ORIGIN: &str = "registry.example/log";

/// A registry that wants two of three witnesses.
struct Watched {
    host: Host,
    tokens: Tokens,
    witnesses: Vec<Witness>,
}

impl Watched {
    fn new(host: Host) -> Self {
        host.publish(CHARTER);
        let tokens = Tokens::issue(&host);
        let listed = host.answer(&["keys", "list"]);
        let mut words = listed.split_whitespace();
        let log = words.find(|word| word.starts_with("registry.example/log+"));
        let log = log.unwrap();
        let witness = |number: usize| {
            Witness::begin(Host::on_sqlite(), &format!("witness.example/{number}"), log)
        };
        let witnesses: Vec<Witness> = (1..=3).map(witness).collect();
        let mut policy = format!("# whom the registry asks\nlog {log}\n");
        for (number, witness) in (1..).zip(&witnesses) {
            policy.push_str(&format!(
                "witness w{number} {} {}\n",
                witness.key,
                witness.url()
            ));
        }
        policy.push_str("group two-of-them 2 w1 w2 w3\nquorum two-of-them\n");
        let path = host.folder().join("witnesses.policy");
        fs::write(&path, policy).unwrap();
        let host = host.with("CHARTER_WITNESS_POLICY", path.to_str().unwrap());
        Self {
            host,
            tokens,
            witnesses,
        }
    }

    fn serve(&self) -> (Instance, Client) {
        let instance = self.host.serve();
        let client = Client::new(&instance.address, &self.tokens);
        (instance, client)
    }

    /// How many of the witnesses cosigned a checkpoint.
    fn cosigned(&self, note: &Note) -> usize {
        let by = |key: &NoteKey| key.verify(note).is_ok();
        self.witnesses.iter().filter(|one| by(&one.key)).count()
    }

    /// The checkpoint that is served, once it is of this size and two witnesses cosigned it.
    fn cosigned_at(&self, client: &Client, size: u64) -> Note {
        loop {
            let (note, checkpoint) = served(client);
            if checkpoint.size == size {
                assert!(self.cosigned(&note) >= 2, "{note}");
                return note;
            }
            assert!(checkpoint.size < size);
            thread::yield_now();
        }
    }

    /// What the registry's proof says of a number, by the policy that the registry gives out.
    fn verdict(&self, client: &Client, number: u64) -> Verdict {
        let policy = given_out(client);
        let two = |there: &[usize]| policy.quorum.is_met(&|place| there.contains(&place));
        assert!(
            two(&[0, 1]) && two(&[0, 2]) && two(&[1, 2]) && !two(&[0]) && !two(&[1]) && !two(&[2])
        );
        let keys = policy.witnesses.iter().filter_map(|one| one.log.clone());
        assert!(keys.eq(self.witnesses.iter().map(|one| one.key.clone())));
        let (proof, question) = proof(client, number);
        verify(&proof, &question, &policy, Clock::system().now()).unwrap()
    }
}

/// The policy that the registry gives out.
fn given_out(client: &Client) -> Policy {
    let text = String::from_utf8(client.bytes("/v1/policy")).unwrap();
    assert!(text.contains("trusts whoever answered"), "{text}");
    Policy::parse(&text).unwrap()
}

/// The proof about a number, and the question that it answers.
fn proof(client: &Client, number: u64) -> (Vec<u8>, Question) {
    let key = ogrn(number);
    let key = format!("RU-OGRN:{}", key["value"].as_str().unwrap());
    let proof = client.bytes(&format!("/v1/charters/{CHARTER}/proof?key={key}"));
    let question = Question {
        origin: ORIGIN.to_owned(),
        charter: CHARTER.to_owned(),
        key: Key::Claim(key),
    };
    (proof, question)
}

fn served(client: &Client) -> (Note, Checkpoint) {
    let note = String::from_utf8(client.bytes("/log/checkpoint")).unwrap();
    let note: Note = note.parse().unwrap();
    let checkpoint = note.text().parse().unwrap();
    (note, checkpoint)
}

fn ready(client: &Client) -> Value {
    client.get("/readyz").done()
}

/// How many entries the log has.
fn size(client: &Client) -> u64 {
    ready(client)["logSize"].as_u64().unwrap()
}

/// What `/readyz` says, once it says that a checkpoint waits and that this many witnesses are missing.
fn waiting(client: &Client, missing: usize) -> Value {
    loop {
        let told = ready(client)["witnesses"]["waiting"].clone();
        let of_whom = told["missing"].as_object();
        if of_whom.is_some_and(|they| they.len() == missing) && told["since"].is_string() {
            return told;
        }
        thread::yield_now();
    }
}

fn a_checkpoint_waits_for_its_quorum(host: Host) {
    let mut watched = Watched::new(host);
    let (mut instance, mut client) = watched.serve();
    // A start asks before it serves.
    watched.cosigned_at(&client, size(&client));
    client.admit(&json!([ogrn(1)]));
    watched.cosigned_at(&client, size(&client));
    let told = watched.verdict(&client, 1);
    assert_eq!(
        (told.standing, told.word),
        (Standing::Active, Word::Registry)
    );
    assert_eq!(
        ready(&client)["witnesses"],
        json!({"overridden": false, "waiting": null})
    );

    watched.witnesses[0].kill();
    client.admit(&json!([ogrn(2)]));
    let last = watched.cosigned_at(&client, size(&client));
    assert_eq!(watched.cosigned(&last), 2);

    // The quorum is lost: what had it goes on being served, and everything else is public.
    watched.witnesses[1].kill();
    let stood: Checkpoint = last.text().parse().unwrap();
    let member = client.admit(&json!([ogrn(3)]));
    client.member(&member).done();
    let told = waiting(&client, 2);
    assert_eq!(told["size"].as_u64(), Some(size(&client)));
    assert!(
        told["missing"]["w1"]
            .as_str()
            .unwrap()
            .contains("cannot be reached"),
        "{told}"
    );
    assert_eq!(served(&client).1, stood);
    client.bytes(&format!("/log/tile/entries/000.p/{}", size(&client)));
    for (number, expected) in [(2, Standing::Active), (3, Standing::Never)] {
        let told = watched.verdict(&client, number);
        assert_eq!(
            (told.standing, told.size),
            (expected, stood.size),
            "{number}"
        );
    }
    let measured = String::from_utf8(client.bytes("/metrics")).unwrap();
    let since = measured
        .lines()
        .find(|line| line.starts_with("witness_quorum_awaited_since"));
    assert!(since.is_some_and(|line| !line.ends_with(" 0")), "{since:?}");

    // So it stays over a kill of the registry.
    drop(instance);
    (instance, client) = watched.serve();
    waiting(&client, 2);
    assert_eq!(served(&client).0, last);
    assert_eq!(watched.verdict(&client, 3).standing, Standing::Never);
    assert_eq!(watched.verdict(&client, 2).standing, Standing::Active);

    watched.witnesses[0].start();
    watched.cosigned_at(&client, size(&client));
    assert_eq!(watched.verdict(&client, 3).standing, Standing::Active);
    assert_eq!(ready(&client)["witnesses"]["waiting"], Value::Null);
    drop(instance);
}

#[test]
fn a_checkpoint_waits_for_its_quorum_and_an_older_one_stands_meanwhile_on_sqlite() {
    a_checkpoint_waits_for_its_quorum(Host::on_sqlite());
}

#[test]
fn a_checkpoint_waits_for_its_quorum_and_an_older_one_stands_meanwhile_on_postgres() {
    if let Some(database) = TestDatabase::create() {
        a_checkpoint_waits_for_its_quorum(Host::on(database.url()));
    }
}

#[test]
fn the_policy_that_is_given_out_demands_the_witnesses_under_which_the_registry_publishes() {
    let mut watched = Watched::new(Host::on_sqlite());
    let (_instance, client) = watched.serve();
    watched.witnesses[2].kill();
    client.admit(&json!([ogrn(1)]));
    watched.cosigned_at(&client, size(&client));
    assert_eq!(watched.verdict(&client, 1).standing, Standing::Active);
    let (proof, question) = proof(&client, 1);
    let policy = given_out(&client);
    let whole = String::from_utf8(proof).unwrap();
    for name in ["witness.example/1", "witness.example/2"] {
        let line = |line: &&str| !line.starts_with(&format!("\u{2014} {name} "));
        let without: Vec<_> = whole.split_inclusive('\n').filter(line).collect();
        let without = without.concat();
        assert!(without.len() < whole.len(), "{whole}");
        let now = Clock::system().now();
        let refused = verify(without.as_bytes(), &question, &policy, now).unwrap_err();
        assert!(
            matches!(refused, Refusal::TooFewWitnesses),
            "{name}: {refused}"
        );
    }
}

#[test]
fn what_one_instance_was_answered_the_other_serves() {
    let Some(database) = TestDatabase::create() else {
        return;
    };
    let mut watched = Watched::new(Host::on(database.url()));
    let second = Host::with_keys_of(&watched.host, database.url());
    // The second instance knows the witnesses, and reaches none of them.
    let policy = fs::read_to_string(watched.host.folder().join("witnesses.policy")).unwrap();
    let mut elsewhere = policy.clone();
    for witness in &watched.witnesses {
        elsewhere = elsewhere.replace(&witness.url(), &format!("{}/elsewhere", witness.url()));
    }
    let path = second.folder().join("witnesses.policy");
    fs::write(&path, elsewhere).unwrap();
    let second = second.with("CHARTER_WITNESS_POLICY", path.to_str().unwrap());
    let (_instance, near) = watched.serve();
    let apart = second.serve();
    let far = Client::new(&apart.address, &watched.tokens);
    for number in 1..=3 {
        let by = [&near, &far][usize::try_from(number % 2).unwrap()];
        by.admit(&json!([ogrn(number)]));
        let size = size(&near);
        watched.cosigned_at(&near, size);
        watched.cosigned_at(&far, size);
        assert_eq!(watched.verdict(&far, number).standing, Standing::Active);
    }
    // Both stand at the same checkpoint when the witnesses are gone, one of them having seen only what came after.
    for witness in &mut watched.witnesses {
        witness.kill();
    }
    let (stood, _) = served(&near);
    far.admit(&json!([ogrn(4)]));
    drop(apart);
    let apart = second.serve();
    let far = Client::new(&apart.address, &watched.tokens);
    assert_eq!(served(&far).0, stood);
    assert_eq!(watched.verdict(&far, 3).standing, Standing::Active);
    assert_eq!(watched.verdict(&far, 4).standing, Standing::Never);
}

#[test]
fn an_operator_overrides_the_quorum_and_the_log_says_so_until_there_is_one_again() {
    let mut watched = Watched::new(Host::on_sqlite());
    let (instance, client) = watched.serve();
    client.admit(&json!([ogrn(1)]));
    watched.cosigned_at(&client, size(&client));
    drop(instance);
    let over = [
        "log",
        "override-quorum",
        "--reason",
        "two of three witnesses ended",
    ];
    let refused = watched.host.refusal(&over);
    assert!(refused.contains("nothing waits"), "{refused}");

    let (instance, client) = watched.serve();
    for witness in &mut watched.witnesses {
        witness.kill();
    }
    client.admit(&json!([ogrn(2)]));
    waiting(&client, 3);
    drop(instance);
    let told = watched.host.answer(&over);
    assert!(told.contains("without the quorum"), "{told}");
    let (_instance, client) = watched.serve();
    let (note, checkpoint) = served(&client);
    assert_eq!(checkpoint.size, size(&client));
    assert_eq!(watched.cosigned(&note), 0);
    assert_eq!(
        ready(&client)["witnesses"],
        json!({"overridden": true, "waiting": null})
    );
    let entries = client.bytes(&format!("/log/tile/entries/000.p/{}", checkpoint.size));
    let entries = String::from_utf8_lossy(&entries);
    let logged = "\"kind\":\"quorum.overridden\",\"reason\":\"two of three witnesses ended\"";
    assert!(entries.contains(logged), "{entries}");

    for witness in &mut watched.witnesses {
        witness.start();
    }
    while ready(&client)["witnesses"]["overridden"] == true {
        thread::yield_now();
    }
    client.admit(&json!([ogrn(3)]));
    watched.cosigned_at(&client, size(&client));
}

#[test]
fn witnesses_know_an_older_backup_for_what_it_is_though_its_mark_is_as_old() {
    let watched = Watched::new(Host::on_sqlite());
    let kept = ["registry.db", "registry.db-wal", "log.mark", "log.snapshot"];
    let read = |file: &str| fs::read(watched.host.folder().join(file)).ok();
    let (instance, client) = watched.serve();
    watched.cosigned_at(&client, size(&client));
    let (status, _) = instance.end();
    assert_eq!(status, Some(0));
    let older = kept.map(read);
    let (instance, client) = watched.serve();
    client.admit(&json!([ogrn(1)]));
    watched.cosigned_at(&client, size(&client));
    instance.end();
    // What is put back had its quorum once, and says so.
    let _ = fs::remove_file(watched.host.folder().join("registry.db-shm"));
    for (file, bytes) in kept.iter().zip(older) {
        let path = watched.host.folder().join(file);
        let _ = fs::remove_file(&path);
        if let Some(bytes) = bytes {
            fs::write(path, bytes).unwrap();
        }
    }
    let (instance, client) = watched.serve();
    let refused = client.get("/readyz").or_refused(&["log-contradicted"]);
    assert_eq!(refused.unwrap_err(), "log-contradicted");
    let application = client.bring(&json!([ogrn(2)])).unwrap();
    let proposal = client.propose_admission(&application, Registrar::First);
    assert_eq!(
        proposal.or_refused(&["log-contradicted"]).unwrap_err(),
        "log-contradicted"
    );
    // What a witness had is marked: no later start forgets it.
    drop(instance);
    let refused = watched.host.refusal(&["serve"]);
    assert!(
        refused.contains("has less than what was published"),
        "{refused}"
    );
}
