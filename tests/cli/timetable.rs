//! What the registry does by itself, done at the prompt.

use crate::host::Host;

#[test]
fn a_job_of_the_timetable_runs_from_the_prompt_while_no_server_does() {
    let host = Host::new();
    let list = host.answer(&["timetable", "list"]);
    assert!(list.contains("suspensions"), "{list}");
    assert_eq!(host.answer(&["timetable", "run", "suspensions"]), "0\n");
    let refusal = host.refusal(&["timetable", "run", "holidays"]);
    assert!(
        refusal.contains("there is no job \"holidays\""),
        "{refusal}"
    );
}

#[test]
fn a_dry_run_of_the_retention_tells_whose_time_has_come_and_erases_nobody() {
    let host = Host::new();
    let dry_run = ["personal-data", "retention", "--dry-run"];
    let ended = host.run(&dry_run);
    assert_eq!((ended.code, ended.out.as_str()), (0, ""));
    let told = "0 applications would have their persons erased";
    assert!(ended.err.contains(told), "{}", ended.err);
    assert_eq!(host.answer(&["personal-data", "retention"]), "0\n");
    let wrong = host.run(&[&dry_run[..], &["--keep-members", "0"]].concat());
    assert_eq!(wrong.code, 2);
    assert!(
        wrong.err.contains("from 1 to 36500, or off"),
        "{}",
        wrong.err
    );
}
