//! What the timetable reminds people of, once.

use charter_registry::storage::applications::Application;
use chrono::{DateTime, TimeDelta, Utc};

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    on_both_databases,
    organisations::{school, school_number},
};

on_both_databases!(with letters:
    an_applicant_is_reminded_once_before_the_application_lapses,
    the_secretariat_is_told_once_a_day_what_is_overdue,
);

fn count(app: &TestApp, template: &str) -> usize {
    let letters = app.letters();
    letters
        .iter()
        .filter(|read| read.template() == template)
        .count()
}

fn an_applicant_is_reminded_once_before_the_application_lapses(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply(CHILDHOOD, &school());
    let (now, term): (DateTime<Utc>, DateTime<Utc>) = app.in_storage(async |desk| {
        let mut conn = desk.database.read().await.unwrap();
        let found = Application::find(
            &mut conn,
            applied
                .id
                .parse()
                .map(charter_registry::rules::id::ApplicationId)
                .unwrap(),
        );
        (desk.now(), found.await.unwrap().unwrap().lapses_at.unwrap())
    });
    app.time_passes(term - now - TimeDelta::days(8));
    assert_eq!(app.run_job("reminders"), 0);
    app.time_passes(TimeDelta::days(2));
    assert_eq!(app.run_job("reminders"), 1);
    assert_eq!(app.run_job("reminders"), 0);
    let letters = app.letters();
    let reminder = letters
        .iter()
        .find(|read| read.template() == "application_lapsing");
    let reminder = reminder.unwrap();
    let day = term.format("%-d").to_string();
    assert!(reminder.body.contains(&format!("{day} ")), "{reminder:#?}");
    app.time_passes(TimeDelta::days(7));
    assert_eq!(app.run_job("reminders"), 0);
    assert_eq!(app.run_job("lapse"), 1);
    assert_eq!(count(app, "application_lapsed"), 1);
    assert_eq!(count(app, "application_lapsing"), 1);
}

fn the_secretariat_is_told_once_a_day_what_is_overdue(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    for organisation in [school(), school_number(1)] {
        let applied = app.apply(CHILDHOOD, &organisation);
        app.confirm_by_word(&applied.id);
    }
    assert_eq!(app.run_job("overdue"), 0);
    app.time_passes(TimeDelta::days(40));
    for told in [1, 0, 0] {
        assert_eq!(app.run_job("overdue"), told);
    }
    app.time_passes(TimeDelta::days(1));
    assert_eq!(app.run_job("overdue"), 1);
    let letters = app.letters();
    let digests: Vec<_> = letters
        .iter()
        .filter(|read| read.template() == "overdue_digest")
        .collect();
    assert_eq!(digests.len(), 2);
    assert!(
        digests[0].body.contains("Просрочены 2 заявления."),
        "{digests:#?}"
    );
    assert_eq!(digests[0].header("To"), "secretariat@registry.example");
}
