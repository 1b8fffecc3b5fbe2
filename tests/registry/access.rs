//! Who may call what: every role on every endpoint of the table, and the table against the API's document.

use std::collections::BTreeSet;

use charter_registry::{
    api::access::{ENDPOINTS, Endpoint},
    rules::role::Role,
};

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    on_both_databases,
    organisations::school,
    routes::call_to,
};

on_both_databases!(every_role_is_let_pass_where_the_table_says_so_and_nowhere_else);

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Caller {
    Anonymous,
    Applicant,
    Partner,
    Operator(Role),
}

/// What the table says of a caller, read independently of the code that enforces it.
fn refusal_of(endpoint: &Endpoint, caller: Caller) -> Option<(u16, &'static str)> {
    let access = endpoint.access;
    let is_for_everybody =
        access.anybody && !access.applicant && !access.partner && access.roles.is_empty();
    let is_granted = is_for_everybody
        || match caller {
            Caller::Anonymous => access.anybody,
            Caller::Applicant => access.applicant,
            Caller::Partner => access.partner,
            Caller::Operator(role) => access.roles.contains(&role),
        };
    match caller {
        _ if is_granted => None,
        Caller::Anonymous => Some((401, "unauthenticated")),
        _ => Some((403, "forbidden")),
    }
}

fn every_role_is_let_pass_where_the_table_says_so_and_nowhere_else(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply(CHILDHOOD, &school());
    let staff = &app.staff;
    let callers = [
        (Caller::Anonymous, ""),
        (Caller::Applicant, &applied.token),
        (Caller::Partner, &staff.partner),
        (Caller::Operator(Role::Auditor), &staff.auditor),
        (Caller::Operator(Role::Clerk), &staff.clerk),
        (Caller::Operator(Role::Registrar), &staff.registrars[0]),
        (Caller::Operator(Role::Administrator), &staff.administrator),
    ];
    for endpoint in ENDPOINTS {
        for (caller, token) in callers {
            let call = call_to(endpoint, &applied.id).token(token);
            let what = format!("{caller:?}: {} {}", call.method, call.path);
            let answer = app.send(call);
            match refusal_of(endpoint, caller) {
                Some((status, slug)) => {
                    let problem = answer.problem();
                    assert_eq!(
                        (problem.status, problem.slug.as_str()),
                        (status, slug),
                        "{what}"
                    );
                }
                None => assert!(
                    answer.status != 401 && answer.status != 403 && answer.status < 500,
                    "{what}: {}",
                    answer.status
                ),
            }
        }
    }
}

#[test]
fn the_table_and_the_document_name_the_same_endpoints() {
    let document = serde_json::to_value(charter_registry::api::openapi()).unwrap();
    let documented: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods.map(|method| (path.clone(), method.to_ascii_uppercase()))
        })
        .collect();
    let of_documentation = |path: &str| path.starts_with("/docs") || path == "/openapi.json";
    let in_table: Vec<(String, String)> = ENDPOINTS
        .iter()
        .filter(|endpoint| !of_documentation(endpoint.path))
        .map(|endpoint| (endpoint.path.to_owned(), endpoint.method.to_string()))
        .collect();
    assert_eq!(
        in_table.len(),
        in_table.iter().collect::<BTreeSet<_>>().len()
    );
    assert_eq!(documented, in_table.into_iter().collect());
}
