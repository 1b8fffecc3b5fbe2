//! The main way on real input: the charters that come with the registry and the organisations they name.

mod charters;
mod lists;
mod log;
mod memberships;
mod school;
mod search;

use chrono::TimeDelta;

use crate::support::{
    app::TestApp,
    charters::{CHILDHOOD, definition},
    organisations::{Applicant, founders_and_joiners},
};

/// Admits the founders, and a day later the joiners; returns the members' identifiers in that order.
fn admit_all(app: &TestApp) -> Vec<(Applicant, String)> {
    app.publish(&definition(CHILDHOOD));
    let mut members = Vec::new();
    for applicant in founders_and_joiners() {
        if !applicant.founder && members.len() == 9 {
            app.time_passes(TimeDelta::days(1));
        }
        let member = app.admit(CHILDHOOD, &applicant.organisation, applicant.founder);
        members.push((applicant, member));
    }
    assert_eq!(members.len(), 22);
    members
}
