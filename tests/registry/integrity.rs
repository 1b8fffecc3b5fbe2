//! What `fsck` finds: whoever changes a table past the registry is found out, and named.

use std::fs;

use charter_registry::desk::integrity;

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    on_both_databases,
    organisations::{school, school_number},
};

on_both_databases!(
    whoever_changes_a_table_past_the_registry_is_found_out,
    an_uploaded_file_that_is_gone_or_another_is_found_out,
);

fn faults(app: &TestApp) -> Vec<String> {
    app.in_storage(async |desk| integrity::check(&desk.database, &desk.files).await)
        .unwrap()
        .faults
}

fn whoever_changes_a_table_past_the_registry_is_found_out(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    app.exclude(&member);
    app.admit(CHILDHOOD, &school_number(1), false);
    assert_eq!(faults(app), [""; 0]);
    let document = if app.is_on_postgres() {
        "jsonb"
    } else {
        "text"
    };
    let renamed = |from: &str, to: &str| {
        format!(
            "UPDATE memberships SET organisation = \
             CAST(replace(CAST(organisation AS text), '{from}', '{to}') AS {document})"
        )
    };
    let (renamed, named_back) = (renamed("Гимназия", "Лицей"), renamed("Лицей", "Гимназия"));
    // What is done, how it is undone, and what is said of it.
    #[rustfmt::skip]
    let cases = [
        ("UPDATE memberships SET status = 'active' WHERE number = 1",
         "UPDATE memberships SET status = 'excluded' WHERE number = 1",
         "memberships: member"),
        ("UPDATE memberships SET founder = TRUE WHERE number = 2",
         "UPDATE memberships SET founder = FALSE WHERE number = 2",
         "memberships: member"),
        ("UPDATE memberships SET number = 7 WHERE number = 2",
         "UPDATE memberships SET number = 2 WHERE number = 7",
         "memberships: member"),
        (&*renamed, &*named_back, "memberships: member"),
        ("UPDATE claims SET claim = claim || '0'",
         "UPDATE claims SET claim = substr(claim, 1, length(claim) - 1)",
         "claims: "),
        ("UPDATE records SET log_index = log_index + 1000",
         "UPDATE records SET log_index = log_index - 1000",
         "records: record"),
        ("UPDATE log_head SET size = size + 1",
         "UPDATE log_head SET size = size - 1",
         "log: the head names"),
        ("UPDATE log_entries SET leaf_index = 9000 WHERE leaf_index = 2",
         "UPDATE log_entries SET leaf_index = 2 WHERE leaf_index = 9000",
         "log: entry 2 is missing"),
        ("UPDATE audit SET role = 'clerk' WHERE role = 'registrar'",
         "UPDATE audit SET role = 'registrar' WHERE role = 'clerk' AND action NOT LIKE 'memorandum%'",
         "is not what was written"),
        ("UPDATE audit SET seq = 9000 WHERE seq = 3",
         "UPDATE audit SET seq = 3 WHERE seq = 9000",
         "audit: row 3 is missing"),
        ("UPDATE audit_head SET size = size - 1",
         "UPDATE audit_head SET size = size + 1",
         "audit: the head names"),
    ];
    for (done, undone, said) in cases {
        app.tamper(done);
        let found = faults(app);
        assert!(
            found.iter().any(|fault| fault.contains(said)),
            "{done}: {found:?}"
        );
        app.tamper(undone);
        assert_eq!(faults(app), [""; 0], "{undone}");
    }
}

fn an_uploaded_file_that_is_gone_or_another_is_found_out(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    app.admit(CHILDHOOD, &school(), false);
    let shelf = fs::read_dir(app.folder().join("files")).unwrap().next();
    let file = fs::read_dir(shelf.unwrap().unwrap().path()).unwrap().next();
    let file = file.unwrap().unwrap().path();
    let content = fs::read(&file).unwrap();
    let is_named = |found: &[String]| matches!(found, [fault] if fault.starts_with("file "));

    fs::remove_file(&file).unwrap();
    assert!(is_named(&faults(app)), "{:?}", faults(app));
    let mut other = content.clone();
    other[100] ^= 1;
    fs::write(&file, other).unwrap();
    assert!(is_named(&faults(app)), "{:?}", faults(app));
    fs::write(&file, content).unwrap();
    assert_eq!(faults(app), [""; 0]);
}
