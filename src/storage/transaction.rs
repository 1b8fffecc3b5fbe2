//! Transactions that are open: dropped without a commit, they roll back.

use diesel_async::{AsyncConnection, TransactionManager, pooled_connection::deadpool::Object};

use super::{Connection, PgConn, Result, SqliteConn, log};

/// An open write transaction.
pub struct Transaction {
    conn: Option<Connection>,
}

#[expect(
    clippy::expect_used,
    reason = "only `commit` and `drop` take the connection, and both end the transaction"
)]
impl std::ops::Deref for Transaction {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.conn.as_ref().expect("the transaction is open")
    }
}

#[expect(
    clippy::expect_used,
    reason = "only `commit` and `drop` take the connection, and both end the transaction"
)]
impl std::ops::DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut Connection {
        self.conn.as_mut().expect("the transaction is open")
    }
}

impl Transaction {
    /// The transaction that was begun on this connection.
    pub(super) const fn on(conn: Connection) -> Self {
        Self { conn: Some(conn) }
    }

    /// Makes everything written permanent.
    pub async fn commit(mut self) -> Result<()> {
        match &mut *self {
            Connection::Sqlite(c) => {
                <SqliteConn as AsyncConnection>::TransactionManager::commit_transaction(&mut **c)
                    .await?;
            }
            Connection::Postgres(c) => {
                <PgConn as AsyncConnection>::TransactionManager::commit_transaction(&mut **c)
                    .await?;
            }
        }
        self.conn.take();
        metrics::counter!("database_commits_total").increment(1);
        Ok(())
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        // Closing the connection rolls back; the pool opens a fresh one.
        match self.conn.take() {
            Some(Connection::Sqlite(c)) => drop(Object::take(c)),
            Some(Connection::Postgres(c)) => drop(Object::take(c)),
            None => {}
        }
    }
}

/// A write transaction that holds the log head: nobody else can append until it ends.
pub struct LogTransaction {
    pub(super) transaction: Transaction,
    pub(super) head: log::Head,
}

impl LogTransaction {
    /// The head as this transaction found or last moved it.
    pub const fn head(&self) -> log::Head {
        self.head
    }

    /// Makes everything written permanent and frees the head.
    pub async fn commit(self) -> Result<()> {
        self.transaction.commit().await
    }
}

impl std::ops::Deref for LogTransaction {
    type Target = Transaction;

    fn deref(&self) -> &Transaction {
        &self.transaction
    }
}

impl std::ops::DerefMut for LogTransaction {
    fn deref_mut(&mut self) -> &mut Transaction {
        &mut self.transaction
    }
}
