//! What the tests stand on: the real server, a client that speaks to it, and both databases under it.
//!
//! A test is a function of a [`TestApp`](app::TestApp), written once; [`on_both_databases!`] makes a test on
//! SQLite and one on PostgreSQL of it. What a client does is a method of `TestApp`, in [`steps`].

pub mod app;
pub mod charters;
pub mod client;
pub mod clock;
pub mod organisations;
pub mod pdf;
pub mod postgres;
pub mod proof;
pub mod routes;
pub mod steps;

/// Makes of each function of a registry two tests: on SQLite and on PostgreSQL.
macro_rules! on_both_databases {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            use crate::support::app::TestApp;

            $(
                #[test]
                fn $test() {
                    super::$test(&TestApp::on_sqlite());
                }
            )+
        }

        mod postgres {
            use crate::support::app::TestApp;

            $(
                #[test]
                fn $test() {
                    if let Some(app) = TestApp::on_postgres() {
                        super::$test(&app);
                    }
                }
            )+
        }
    };
}
pub(crate) use on_both_databases;
