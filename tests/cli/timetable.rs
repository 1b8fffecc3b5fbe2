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
