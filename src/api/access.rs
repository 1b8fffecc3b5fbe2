//! Who may call what: one table. It drives the checks, the documentation and the test of every role.
//!
//! What the table does not grant is denied; a route that it does not list does not exist.

mod table;

use std::{collections::HashMap, sync::LazyLock};

use actix_web::http::Method;

pub use table::ENDPOINTS;

use crate::rules::{role::Role, word::Word as _};

/// Who may call an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// Anybody, without a token.
    pub anybody: bool,
    /// The applicant, with the token of the application in the path.
    pub applicant: bool,
    /// A partner site, for what it brought.
    pub partner: bool,
    /// Operators of these roles.
    pub roles: &'static [Role],
}

/// One endpoint: its method, its path as the router knows it, and who may call it.
#[derive(Debug)]
pub struct Endpoint {
    /// The method.
    pub method: Method,
    /// The path's pattern.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
}

/// Anybody, without a token.
pub const PUBLIC: Access = Access {
    anybody: true,
    applicant: false,
    partner: false,
    roles: &[],
};

impl Endpoint {
    /// Whether only the registry itself can do it: what changes something, or needs an account there.
    pub fn needs_registry(&self) -> bool {
        self.access != PUBLIC || self.path == "/applications/{id}/confirm"
    }

    /// Whether a page of another origin may read it in a browser: public reads, and nothing else.
    pub fn is_public_read(&self) -> bool {
        self.access == PUBLIC && self.method == Method::GET
    }
}

/// The endpoints of a path's pattern.
pub fn of_path(pattern: &str) -> &'static [&'static Endpoint] {
    static OF_PATHS: LazyLock<HashMap<&'static str, Vec<&'static Endpoint>>> =
        LazyLock::new(|| {
            let mut of_paths: HashMap<_, Vec<_>> = HashMap::new();
            for endpoint in ENDPOINTS {
                of_paths.entry(endpoint.path).or_default().push(endpoint);
            }
            of_paths
        });
    // The table and the document say `{path}` of what the router takes to the end: `{path:.*}`.
    let of_path = OF_PATHS.get(pattern);
    let of_path = of_path.or_else(|| OF_PATHS.get(pattern.replace(":.*}", "}").as_str()));
    of_path.map(Vec::as_slice).unwrap_or_default()
}

/// The table for people, in Markdown: what is committed as `docs/roles.md`.
pub fn as_markdown() -> String {
    let mut text = String::from(
        "# Who may do what\n\n\
         This table drives the checks: what it does not grant is denied. It is made from `src/api/access/table.rs` by\n\
         `UPDATE_OPENAPI=1 cargo test --test registry openapi`.\n\n\
         An applicant and a partner act on their own applications only. A registrar who stands aside from an application\n\
         or a member does nothing about it, and nobody approves what they proposed themselves.\n\n\
         | endpoint | anybody | applicant | partner | auditor | clerk | registrar | administrator |\n\
         | --- | :-: | :-: | :-: | :-: | :-: | :-: | :-: |\n",
    );
    for Endpoint {
        method,
        path,
        access,
    } in ENDPOINTS
    {
        let roles = Role::all().iter().map(|role| access.roles.contains(role));
        let granted = [access.anybody, access.applicant, access.partner];
        let marks: Vec<&str> = granted
            .into_iter()
            .chain(roles)
            .map(|is_granted| if is_granted { "✓" } else { "" })
            .collect();
        text.push_str(&format!("| `{method} {path}` | {} |\n", marks.join(" | ")));
    }
    text
}
