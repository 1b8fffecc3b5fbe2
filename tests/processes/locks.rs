//! Locks of the database, held by a test so that what happens meanwhile happens in a known order.

use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls};

/// What an open transaction of the test holds; let go with this value at the latest.
pub struct Held {
    runtime: Runtime,
    session: Client,
    /// Outside the transaction, in which the list of sessions would stay as it was first seen.
    observer: Client,
}

async fn connect(url: &str) -> Client {
    let (session, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    session
}

impl Held {
    /// Holds what the statement locks.
    pub fn by(url: &str, statement: &str) -> Self {
        let runtime = Runtime::new().unwrap();
        let (session, observer) = runtime.block_on(async {
            let session = connect(url).await;
            let transaction = format!("BEGIN; {statement}");
            session.batch_execute(&transaction).await.unwrap();
            (session, connect(url).await)
        });
        Self {
            runtime,
            session,
            observer,
        }
    }

    /// Returns once this many sessions of the database wait for a lock.
    pub fn wait_for_waiting(&self, number: usize) {
        let waiting = "SELECT 1 FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let found = || self.runtime.block_on(self.observer.query(waiting, &[]));
        while found().unwrap().len() < number {}
    }

    /// Lets it go.
    pub fn release(self) {
        let rolled_back = self.session.batch_execute("ROLLBACK");
        self.runtime.block_on(rolled_back).unwrap();
    }
}
