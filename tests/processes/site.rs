//! A registry that is served, by one instance on SQLite or by two on one PostgreSQL, and clients of it.

use std::thread;

use crate::{
    client::{CHARTER, Client, Tokens},
    host::{Host, Instance},
    postgres::TestDatabase,
};

/// How many clients there are.
pub const CLIENTS: usize = 32;

/// A registry with a charter, and everybody who works with it.
pub struct Site {
    /// As many clients of each instance, those of the first first.
    pub clients: Vec<Client>,
    instances: Vec<Instance>,
    hosts: Vec<Host>,
    _database: Option<TestDatabase>,
}

impl Site {
    /// One instance on SQLite.
    pub fn on_sqlite() -> Self {
        let host = Host::on_sqlite();
        let tokens = furnish(&host);
        Self::serve(vec![host], &tokens, None)
    }

    /// Two instances on PostgreSQL, with the same keys; `None` where there is no PostgreSQL.
    pub fn on_postgres() -> Option<Self> {
        let database = TestDatabase::create()?;
        let first = Host::on(database.url());
        let tokens = furnish(&first);
        let second = Host::with_keys_of(&first, database.url());
        Some(Self::serve(vec![first, second], &tokens, Some(database)))
    }

    fn serve(hosts: Vec<Host>, tokens: &Tokens, database: Option<TestDatabase>) -> Self {
        let instances: Vec<Instance> = hosts.iter().map(Host::serve).collect();
        let clients = (0..CLIENTS).map(|number| {
            let instance = &instances[number * instances.len() / CLIENTS];
            Client::new(&instance.address, tokens)
        });
        Self {
            clients: clients.collect(),
            instances,
            hosts,
            _database: database,
        }
    }

    /// The URL of the database.
    pub fn database_url(&self) -> String {
        self.hosts[0].database_url()
    }

    /// A client of the first instance and one of the last.
    pub fn pair(&self) -> [&Client; 2] {
        [&self.clients[0], &self.clients[CLIENTS - 1]]
    }

    /// Has every client do its part at the same time, and returns what they come back with once all have done it.
    pub fn at_once<T: Send>(&self, part: impl Fn(&Client, usize) -> T + Sync) -> Vec<T> {
        thread::scope(|scope| {
            let mut parts = Vec::new();
            for (number, client) in self.clients.iter().enumerate() {
                let part = &part;
                parts.push(scope.spawn(move || part(client, number)));
            }
            parts.into_iter().map(|one| one.join().unwrap()).collect()
        })
    }

    /// Ends the instances, which frees a database that serves one process alone.
    pub fn end(&mut self) {
        self.instances.clear();
    }
}

/// Publishes the charter and makes the accounts.
fn furnish(host: &Host) -> Tokens {
    host.publish(CHARTER);
    Tokens::issue(host)
}
