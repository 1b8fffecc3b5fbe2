//! Whoever takes part: a program with an address and a clock of its own.

use std::time::{Duration, Instant};

use crate::{
    clocks,
    host::{Host, Instance},
};

/// How long a start is tried: the database may recover meanwhile, or another instance may be frozen with the head of the log
/// in its hands, whose session PostgreSQL ends after a minute.
const PATIENCE: Duration = Duration::from_secs(90);

/// An instance or a mirror.
pub struct Actor {
    /// Where it lies.
    pub host: Host,
    command: Vec<String>,
    instance: Option<Instance>,
}

impl Actor {
    /// One who does this on the host, and has not begun.
    pub fn new(host: Host, command: &[&str]) -> Self {
        Self {
            host,
            command: command.iter().map(ToString::to_string).collect(),
            instance: None,
        }
    }

    fn started(&self) -> Result<Instance, String> {
        let words: Vec<&str> = self.command.iter().map(String::as_str).collect();
        self.host.start_as(&words).or_ended()
    }

    /// Starts it, if it does not run.
    pub fn start(&mut self) {
        let began = Instant::now();
        while self.instance.is_none() {
            match self.started() {
                Ok(instance) => self.instance = Some(instance),
                Err(why) => assert!(began.elapsed() < PATIENCE, "{why}"),
            }
        }
    }

    /// Starts it, and lets it be if it refuses.
    pub fn try_to_start(&mut self) {
        match self.started() {
            Ok(instance) => self.instance = Some(instance),
            Err(why) => println!(
                "it does not start: {}",
                why.lines().last().unwrap_or_default()
            ),
        }
    }

    /// Kills it.
    pub fn kill(&mut self) {
        self.instance = None;
    }

    fn running(&self) -> &Instance {
        self.instance.as_ref().unwrap()
    }

    /// Asks it to end.
    pub fn terminate(&self) {
        self.running().terminate();
    }

    /// Waits until it has ended as it was asked to.
    pub fn wait_for_its_end(&mut self) {
        let (status, log) = self.instance.take().unwrap().ended();
        assert_eq!(status, Some(0), "{:#?}", log.last());
    }

    /// Stops it.
    pub fn freeze(&self) {
        self.running().freeze();
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.running().thaw();
    }

    /// Puts its clock wrong by so many days, or right again.
    pub fn set_clock(&self, days: i32) {
        clocks::set(&self.host, days);
    }
}
