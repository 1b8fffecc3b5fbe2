//! What the tests stand on: the real server, a client that speaks to it, and both databases under it.
//!
//! A test is a function of a [`TestApp`](app::TestApp), written once; [`on_both_databases!`] makes a test on
//! SQLite and one on PostgreSQL of it. What a client does is a method of `TestApp`, in [`steps`].

pub mod app;
pub mod charters;
pub mod client;
pub mod clock;
pub mod files;
pub mod letters;
pub mod organisations;
pub mod pdf;
pub mod postgres;
pub mod proof;
pub mod routes;
pub mod steps;

/// Makes of each function of a registry two tests: on SQLite and on PostgreSQL.
///
/// The registry has its staff, unless the list begins with `without staff:`; it lays its letters down in a folder
/// where the list begins with `with letters:`, and writes none otherwise.
macro_rules! on_both_databases {
    (without staff: $($test:ident),+ $(,)?) => {
        on_both_databases!(@begun without_staff, $($test),+);
    };
    (with letters: $($test:ident),+ $(,)?) => {
        on_both_databases!(@begun with_letters, $($test),+);
    };
    ($($test:ident),+ $(,)?) => {
        on_both_databases!(@begun with_staff, $($test),+);
    };
    (@begun $begun:ident, $($test:ident),+) => {
        mod sqlite {
            use crate::support::app::TestApp;

            $(
                #[test]
                fn $test() {
                    super::$test(&TestApp::$begun(None));
                }
            )+
        }

        mod postgres {
            use crate::support::{app::TestApp, postgres::TestDatabase};

            $(
                #[test]
                fn $test() {
                    if let Some(database) = TestDatabase::create() {
                        super::$test(&TestApp::$begun(Some(database)));
                    }
                }
            )+
        }
    };
}
pub(crate) use on_both_databases;
