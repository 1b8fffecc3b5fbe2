//! `operator`: the accounts of the secretariat.

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::{
    config::settings::Flags,
    desk::{
        Desk,
        people::{
            add_operator::{AddOperator, add_operator},
            add_token::{Holder, add_token},
            revoke::revoke_account,
        },
    },
    rules::{role::Role, text::Name, word::Word},
    storage::{Connection, people},
};

use super::{
    account::{self, PAGE, Validity},
    answer::{Answer, Failed, table},
    host,
};

/// Manage the accounts of the secretariat.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Manage the accounts of the secretariat, on the host. There is no default account and no \
                  password: whoever can read the registry's data can make the first account.\n\n\
                  Roles: an auditor reads; a clerk handles applications; a registrar proposes and approves \
                  decisions; an administrator manages people, partners, keys and charters. Decisions need two \
                  registrars: one proposes, the other approves.\n\n\
                  Example:\n\n  \
                  TOKEN=$(charter-registry operator add \"registrar-1\" --role registrar)\n  \
                  curl -H \"Authorization: Bearer $TOKEN\" http://127.0.0.1:8080/v1/applications"
)]
pub(super) struct Operators {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Add a person and print their token, which is shown this once.
    Add {
        /// The person's name, unique among operators.
        #[arg(value_parser = Name::parse)]
        name: Name,
        /// What the person may do.
        #[arg(long, value_parser = role())]
        role: Role,
        #[command(flatten)]
        validity: Validity,
        #[command(flatten)]
        settings: Flags,
    },
    /// List the accounts, with how many of their tokens are valid and when one was last used.
    List {
        #[command(flatten)]
        settings: Flags,
    },
    /// Close an account: its tokens cease to be valid at once. What the person did stays on record.
    Revoke {
        /// The person's name.
        #[arg(value_parser = Name::parse)]
        name: Name,
        #[command(flatten)]
        settings: Flags,
    },
    /// Make a further token for a person and print it; earlier ones stay valid.
    Token {
        /// The person's name.
        #[arg(value_parser = Name::parse)]
        name: Name,
        #[command(flatten)]
        validity: Validity,
        #[command(flatten)]
        settings: Flags,
    },
}

fn role() -> impl TypedValueParser<Value = Role> {
    PossibleValuesParser::new(Role::all().iter().map(|role| role.as_str()))
        .try_map(|word| Role::from_word(&word).ok_or("not a role"))
}

impl Operators {
    pub(super) async fn run(self) -> Result<Answer, Failed> {
        match self.action {
            Action::Add {
                name,
                role,
                validity: Validity { days },
                settings,
            } => {
                let desk = host::open(&settings, "POST /v1/operators").await?;
                add(&desk, name, role, days).await
            }
            Action::List { settings } => {
                let desk = host::open(&settings, "GET /v1/operators").await?;
                list(&desk).await
            }
            Action::Revoke { name, settings } => {
                let desk = host::open(&settings, "DELETE /v1/operators/{id}").await?;
                let holder = find(&desk, &name).await?;
                revoke_account(&desk, host::request(), holder).await?;
                Ok(Answer::done("").note(format!("the account of {name} is closed")))
            }
            Action::Token {
                name,
                validity: Validity { days },
                settings,
            } => {
                let desk = host::open(&settings, "POST /v1/operators/{id}/tokens").await?;
                let holder = find(&desk, &name).await?;
                let added = add_token(&desk, host::request(), holder, days).await?;
                Ok(account::token(
                    &added.token,
                    &format!("{name}'s further"),
                    days,
                ))
            }
        }
    }
}

async fn add(desk: &Desk, name: Name, role: Role, days: u16) -> Result<Answer, Failed> {
    let command = AddOperator {
        name,
        role,
        token_days: days,
    };
    let added = add_operator(desk, host::request(), command).await?;
    let whose = format!("{}'s ({role})", added.operator.name);
    let answer = account::token(&added.token, &whose, days);
    let mut conn = desk.database.read().await?;
    let registrars = people::Operator::count(&mut conn, Role::Registrar).await?;
    Ok(if registrars < 2 {
        answer.note(format!(
            "Decisions need two registrars; there are {registrars} so far."
        ))
    } else {
        answer
    })
}

async fn list(desk: &Desk) -> Result<Answer, Failed> {
    let mut conn = desk.database.read().await?;
    let mut rows = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = people::Operator::page(&mut conn, after.as_deref(), PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.name.clone());
        for operator in page {
            rows.push(row(&mut conn, desk, operator).await?);
        }
    }
    if rows.is_empty() {
        let how = "nobody yet: run `charter-registry operator add NAME --role ROLE`";
        return Ok(Answer::done("").note(how));
    }
    let headings = ["NAME", "ROLE", "ACCOUNT", "VALID TOKENS", "LAST USED", "ID"];
    Ok(Answer::done(table(headings, rows)))
}

async fn row(
    conn: &mut Connection,
    desk: &Desk,
    operator: people::Operator,
) -> Result<[String; 6], Failed> {
    let access = account::Access::of(conn, operator.id.0, operator.revoked_at, desk.now()).await?;
    Ok([
        operator.name,
        operator.role.to_string(),
        access.account.to_owned(),
        access.valid_tokens.to_string(),
        access.last_used,
        operator.id.to_string(),
    ])
}

async fn find(desk: &Desk, name: &Name) -> Result<Holder, Failed> {
    let mut conn = desk.database.read().await?;
    match people::Operator::find_by_name(&mut conn, name.as_str()).await? {
        Some(operator) => Ok(Holder::Operator(operator.id)),
        None => Err(Failed::because(format!(
            "there is no operator named {name:?}",
            name = name.as_str()
        ))
        .and("`charter-registry operator list` shows who there is")),
    }
}
