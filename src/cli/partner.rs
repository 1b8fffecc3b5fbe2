//! `partner`: the accounts of partner sites.

use crate::{
    config::settings::Flags,
    desk::{
        Desk,
        people::{
            add_partner::{AddPartner, add_partner},
            add_token::{Holder, add_token},
            revoke::revoke_account,
        },
    },
    rules::text::Name,
    storage::{Connection, people},
};

use super::{
    account::{self, PAGE, Validity},
    answer::{Answer, Failed, table},
    host,
};

/// Manage the accounts of partner sites.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Manage the accounts of partner sites, on the host. A partner brings organisations in through \
                  the API and follows the applications it made; it decides nothing.\n\n\
                  Example:\n\n  \
                  KEY=$(charter-registry partner add \"School portal\")\n  \
                  curl -H \"Authorization: Bearer $KEY\" http://127.0.0.1:8080/v1/applications"
)]
pub(super) struct Partners {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Add a partner and print its API key, which is shown this once.
    Add {
        /// The partner's name, unique among partners.
        #[arg(value_parser = Name::parse)]
        name: Name,
        #[command(flatten)]
        validity: Validity,
        #[command(flatten)]
        settings: Flags,
    },
    /// List the accounts, with how many of their keys are valid and when one was last used.
    List {
        #[command(flatten)]
        settings: Flags,
    },
    /// Close an account: its keys cease to be valid at once. The applications it made go on.
    Revoke {
        /// The partner's name.
        #[arg(value_parser = Name::parse)]
        name: Name,
        #[command(flatten)]
        settings: Flags,
    },
    /// Make a further key for a partner and print it; earlier ones stay valid.
    Token {
        /// The partner's name.
        #[arg(value_parser = Name::parse)]
        name: Name,
        #[command(flatten)]
        validity: Validity,
        #[command(flatten)]
        settings: Flags,
    },
}

impl Partners {
    pub(super) async fn run(self) -> Result<Answer, Failed> {
        match self.action {
            Action::Add {
                name,
                validity: Validity { days },
                settings,
            } => {
                let desk = host::open(&settings, "POST /v1/partners").await?;
                let command = AddPartner {
                    name,
                    token_days: days,
                };
                let added = add_partner(&desk, host::request(), command).await?;
                let whose = format!("the partner {}'s", added.partner.name);
                Ok(account::token(&added.token, &whose, days))
            }
            Action::List { settings } => {
                let desk = host::open(&settings, "GET /v1/partners").await?;
                list(&desk).await
            }
            Action::Revoke { name, settings } => {
                let desk = host::open(&settings, "DELETE /v1/partners/{id}").await?;
                let holder = find(&desk, &name).await?;
                revoke_account(&desk, host::request(), holder).await?;
                Ok(Answer::done("").note(format!("the account of {name} is closed")))
            }
            Action::Token {
                name,
                validity: Validity { days },
                settings,
            } => {
                let desk = host::open(&settings, "POST /v1/partners/{id}/tokens").await?;
                let holder = find(&desk, &name).await?;
                let added = add_token(&desk, host::request(), holder, days).await?;
                let whose = format!("the partner {name}'s further");
                Ok(account::token(&added.token, &whose, days))
            }
        }
    }
}

async fn list(desk: &Desk) -> Result<Answer, Failed> {
    let mut conn = desk.database.read().await?;
    let mut rows = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = people::Partner::page(&mut conn, after.as_deref(), PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.name.clone());
        for partner in page {
            rows.push(row(&mut conn, desk, partner).await?);
        }
    }
    if rows.is_empty() {
        let how = "no partner yet: run `charter-registry partner add NAME`";
        return Ok(Answer::done("").note(how));
    }
    let headings = ["NAME", "ACCOUNT", "VALID KEYS", "LAST USED", "ID"];
    Ok(Answer::done(table(headings, rows)))
}

async fn row(
    conn: &mut Connection,
    desk: &Desk,
    partner: people::Partner,
) -> Result<[String; 5], Failed> {
    let access = account::Access::of(conn, partner.id.0, partner.revoked_at, desk.now()).await?;
    Ok([
        partner.name,
        access.account.to_owned(),
        access.valid_tokens.to_string(),
        access.last_used,
        partner.id.to_string(),
    ])
}

async fn find(desk: &Desk, name: &Name) -> Result<Holder, Failed> {
    let mut conn = desk.database.read().await?;
    match people::Partner::find_by_name(&mut conn, name.as_str()).await? {
        Some(partner) => Ok(Holder::Partner(partner.id)),
        None => Err(Failed::because(format!(
            "there is no partner named {name:?}",
            name = name.as_str()
        ))
        .and("`charter-registry partner list` shows which there are")),
    }
}
