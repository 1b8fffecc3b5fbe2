//! Two instances on one PostgreSQL, and clients of both.

use std::thread;

use crate::{
    client::{CHARTER, Client, Tokens},
    host::{Host, Instance},
    postgres::TestDatabase,
};

/// How many clients each instance has.
pub const CLIENTS: usize = 16;

/// Two instances on one database, with the same keys.
pub struct Site {
    /// Clients of the one, then of the other.
    pub clients: Vec<Client>,
    /// The database that both write.
    pub database: TestDatabase,
    _instances: [Instance; 2],
    _hosts: [Host; 2],
}

impl Site {
    /// A registry with a charter; `None` where there is no PostgreSQL.
    pub fn open() -> Option<Self> {
        let database = TestDatabase::create()?;
        let first = Host::on(database.url());
        first.publish(CHARTER);
        let tokens = Tokens::issue(&first);
        let second = Host::with_keys_of(&first, database.url());
        let instances = [first.serve(), second.serve()];
        let clients = instances
            .iter()
            .flat_map(|instance| (0..CLIENTS).map(|_| Client::new(&instance.address, &tokens)))
            .collect();
        Some(Self {
            clients,
            database,
            _instances: instances,
            _hosts: [first, second],
        })
    }

    /// A client of each instance.
    pub fn pair(&self) -> [&Client; 2] {
        [&self.clients[0], &self.clients[CLIENTS]]
    }

    /// Has every client do its part at the same time, and returns once all have done it.
    pub fn at_once(&self, part: impl Fn(&Client, usize) + Sync) {
        thread::scope(|scope| {
            for (number, client) in self.clients.iter().enumerate() {
                let part = &part;
                scope.spawn(move || part(client, number));
            }
        });
    }
}
