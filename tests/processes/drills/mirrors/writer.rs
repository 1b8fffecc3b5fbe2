//! Somebody who goes on with the registry's work through either instance, whatever happens to them.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

use crate::{
    client::{Client, Request},
    drills::{Dice, kill::story::Story},
};

/// How many there are.
pub const WRITERS: usize = 3;

/// How long after the last fault a request is acknowledged at the latest.
const PATIENCE: Duration = Duration::from_mins(1);

/// One of them, and the stories that they tell.
pub struct Writer {
    number: usize,
    stories: Vec<Story>,
    /// What was not acknowledged yet, and what was said of it last.
    waiting: Option<(Request, String)>,
    /// How many requests were acknowledged.
    pub acknowledged: usize,
    /// How many attempts came to nothing.
    pub failed: usize,
}

impl Writer {
    /// One who has not begun.
    pub const fn new(number: usize) -> Self {
        Self {
            number,
            stories: Vec::new(),
            waiting: None,
            acknowledged: 0,
            failed: 0,
        }
    }

    /// Tells on, through one instance or the other, until it is over.
    pub fn tell(&mut self, instances: &[Client; 2], mut dice: Dice, is_over: &AtomicBool) {
        while !is_over.load(Ordering::Relaxed) {
            let at = usize::try_from(dice.throw(2)).unwrap();
            self.go_on(&instances[at], &mut dice);
        }
    }

    /// Has everything acknowledged that was not.
    pub fn settle(&mut self, instances: &[Client; 2], mut dice: Dice) {
        let began = Instant::now();
        while let Some((request, said)) = &self.waiting {
            assert!(
                began.elapsed() < PATIENCE,
                "{request:?} is never acknowledged: {said}"
            );
            let at = usize::try_from(dice.throw(2)).unwrap();
            self.go_on(&instances[at], &mut dice);
        }
    }

    fn go_on(&mut self, client: &Client, dice: &mut Dice) {
        let request = match self.waiting.take() {
            Some((request, _)) => request,
            None => self.next(dice),
        };
        match client.ask(&request) {
            Ok(answer) if answer.is_success() => {
                self.stories.last_mut().unwrap().take(&answer);
                self.acknowledged += 1;
            }
            told => {
                self.waiting = Some((request, format!("{told:?}")));
                self.failed += 1;
                sleep(Duration::from_millis(50));
            }
        }
    }

    fn next(&mut self, dice: &mut Dice) -> Request {
        if let Some(request) = self.stories.last().and_then(Story::next) {
            return request;
        }
        let story = Story::new(self.number + WRITERS * self.stories.len(), dice);
        let request = story.next().unwrap();
        self.stories.push(story);
        request
    }

    /// What was acknowledged is what everybody can read.
    pub fn check(&self, client: &Client) {
        for story in &self.stories {
            story.check(client);
        }
    }

    /// How many applications and changes of members were acknowledged.
    pub fn told(&self) -> (usize, usize) {
        let changes = self.stories.iter().map(Story::changes).sum();
        (self.stories.len(), changes)
    }
}
