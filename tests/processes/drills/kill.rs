//! The kill: the server is killed (`kill -9`) at random moments while clients go through their stories. After each
//! restart what was acknowledged is there once, nothing is there by half, what was not answered can be repeated, and the
//! log goes on from every checkpoint that was served.

pub mod story;

use std::{
    sync::mpsc::{self, Sender},
    thread,
};

use super::{Dice, Drill, onlooker::Onlooker};
use crate::{
    audit,
    client::{Answer, CHARTER, Client, Request, Tokens},
    host::{Host, Instance},
    postgres::TestDatabase,
};
use story::Story;

/// How many clients tell stories at the same time.
const TELLERS: usize = 8;

#[test]
fn on_sqlite() {
    run("drill-kill on SQLite", &Host::on_sqlite(), &drop);
}

#[test]
fn on_postgres() {
    if let Some(database) = TestDatabase::create() {
        run("drill-kill on PostgreSQL", &Host::on(database.url()), &drop);
    }
}

/// Runs the drill; `end` ends a server as nobody would wish it.
pub fn run(name: &'static str, host: &Host, end: &dyn Fn(Instance)) {
    let drill = Drill::of(name, 3);
    host.publish(CHARTER);
    let tokens = Tokens::issue(host);
    let mut tellers: Vec<Teller> = (0..TELLERS).map(Teller::new).collect();
    let mut instance = host.serve();
    let (onlooker, mut seen) = (Onlooker::default(), 0);
    for round in drill.rounds() {
        let client = Client::new(&instance.address, &tokens);
        thread::scope(|scope| {
            scope.spawn(|| onlooker.look_on(&client));
            let ended = || end(instance);
            tell_until_ended(&client, ended, &mut tellers, |who| drill.dice(round, who));
        });
        audit::history(&host.database_url());
        instance = host.serve();
        let client = Client::new(&instance.address, &tokens);
        seen += onlooker.check(&client);
        for teller in &mut tellers {
            teller.go_on(&client);
            teller.check(&client);
        }
    }
    drop(instance);
    let found = audit::history(&host.database_url());
    let checked = host.answer(&["fsck"]);
    assert!(checked.ends_with(": whole"), "{checked}");
    let files = audit::sweep(host);
    let told = Told::by(&tellers);
    assert_eq!(found.events.values().sum::<usize>(), told.changes);
    assert_eq!(found.applications, told.applications);
    drill.passed(&format!(
        "{} requests acknowledged; of {} unanswered ones {} had been carried out and were not again; \
         {} applications and {} changes of members, each there once; {files} files swept, and every other one named; \
         the log goes on from {seen} checkpoints that were served",
        told.acknowledged, told.unanswered, told.carried_out, told.applications, told.changes,
    ));
}

/// Has every teller go on with its story, and ends the server in the midst of it.
fn tell_until_ended(
    client: &Client,
    end: impl FnOnce(),
    tellers: &mut [Teller],
    dice_of: impl Fn(usize) -> Dice,
) {
    let (answered, answers) = mpsc::channel();
    thread::scope(|scope| {
        for (number, teller) in tellers.iter_mut().enumerate() {
            let (answered, dice) = (answered.clone(), dice_of(number));
            scope.spawn(move || teller.tell(client, dice, &answered));
        }
        drop(answered);
        let mut dice = dice_of(TELLERS);
        for _ in 0..dice.throw(60) {
            answers.recv().unwrap();
        }
        // Not always just after an answer.
        for _ in 0..dice.throw(4_000_000) {
            std::hint::spin_loop();
        }
        end();
    });
}

/// A client that tells one story after the other.
struct Teller {
    number: usize,
    stories: Vec<Story>,
    /// What was sent, and no answer came.
    unanswered: Option<Request>,
    /// The last request that was answered, and its answer.
    answered: Option<(Request, Answer)>,
    counts: Told,
}

impl Teller {
    fn new(number: usize) -> Self {
        Self {
            number,
            stories: Vec::new(),
            unanswered: None,
            answered: None,
            counts: Told::default(),
        }
    }

    /// Tells on until the server is no more.
    fn tell(&mut self, client: &Client, mut dice: Dice, answered: &Sender<()>) {
        while self.unanswered.is_none() {
            let request = self.next(&mut dice);
            match client.attempt(&request) {
                Some(answer) => {
                    self.take(request, answer);
                    // The killer may have heard enough.
                    let _ = answered.send(());
                }
                None => self.unanswered = Some(request),
            }
        }
    }

    /// The next request of the story, or the first one of a new story.
    fn next(&mut self, dice: &mut Dice) -> Request {
        if let Some(request) = self.stories.last().and_then(Story::next) {
            return request;
        }
        let story = Story::new(self.number + TELLERS * self.stories.len(), dice);
        let request = story.next().unwrap();
        self.stories.push(story);
        request
    }

    fn take(&mut self, request: Request, answer: Answer) {
        self.stories.last_mut().unwrap().take(&answer);
        self.counts.acknowledged += 1;
        self.answered = Some((request, answer));
    }

    /// Repeats what was answered, which changes nothing, and what was not, which happens now if it has not yet.
    fn go_on(&mut self, client: &Client) {
        if let Some((request, answer)) = &self.answered
            && request.is_change()
        {
            let again = client.attempt(request).unwrap();
            assert_eq!(again.success(), answer.success(), "{request:?}");
        }
        if let Some(request) = self.unanswered.take() {
            let before = self.stories.last().unwrap().shown(client);
            let answer = client.attempt(&request).unwrap();
            let after = self.stories.last().unwrap().shown(client);
            self.counts.unanswered += 1;
            self.counts.carried_out += usize::from(request.is_change() && before == after);
            self.take(request, answer);
        }
    }

    /// What the newest story was told is what everybody can read.
    fn check(&self, client: &Client) {
        if let Some(story) = self.stories.last() {
            story.check(client);
        }
    }
}

/// What came of the stories.
#[derive(Default)]
struct Told {
    acknowledged: usize,
    unanswered: usize,
    carried_out: usize,
    applications: usize,
    changes: usize,
}

impl Told {
    fn by(tellers: &[Teller]) -> Self {
        let sum = |count: fn(&Teller) -> usize| tellers.iter().map(count).sum();
        Self {
            acknowledged: sum(|teller| teller.counts.acknowledged),
            unanswered: sum(|teller| teller.counts.unanswered),
            carried_out: sum(|teller| teller.counts.carried_out),
            applications: sum(|teller| teller.stories.len()),
            changes: sum(|teller| teller.stories.iter().map(Story::changes).sum()),
        }
    }
}
