//! Redactions: what goes from the public registry because it must not stand there, and what stands in its place.

use charter_proof::record::RegistryRecord;
use serde::{Deserialize, Serialize};

use super::{
    id::RecordId,
    organisation::Organisation,
    text::{Localized, Name, Prose},
    word::vocabulary,
};

vocabulary! {
    /// Why a record is redacted. It stands in the log for ever, and so is one word.
    pub enum Ground ("ground of a redaction") {
        /// It tells something about a person.
        PersonalData = "personal_data",
        /// A court or an authority ordered it.
        CourtOrder = "court_order",
        /// It infringes the rights of others.
        RightsOfOthers = "rights_of_others",
    }
}

/// Records whose documents go, and what stands in place of what they told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Redaction {
    /// The records, of one member.
    pub records: Vec<RecordId>,
    /// Why.
    pub ground: Ground,
    /// What the member is called from then on; as before when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Localized<Name>>,
    /// Its other names from then on; as before when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aliases: Option<Vec<Name>>,
    /// What the decision's statement says instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<Localized<Prose>>,
}

impl Redaction {
    /// Whether it changes what the member is called.
    pub const fn renames(&self) -> bool {
        self.name.is_some() || self.aliases.is_some()
    }

    /// Calls an organisation what it is to be called from then on.
    pub fn rename(&self, organisation: &mut Organisation) {
        if let Some(name) = &self.name {
            organisation.name = name.clone();
        }
        if let Some(aliases) = &self.aliases {
            organisation.aliases.clone_from(aliases);
        }
    }

    /// The names that an organisation loses by it.
    pub fn lost_names(&self, organisation: &Organisation) -> Vec<String> {
        let mut renamed = organisation.clone();
        self.rename(&mut renamed);
        let kept: Vec<&str> = names(&renamed).collect();
        let lost = names(organisation).filter(|name| !kept.contains(name));
        lost.map(str::to_owned).collect()
    }

    /// Forgets every text, once it is of no use any more.
    pub fn omit_texts(&mut self) {
        (self.name, self.aliases, self.statement) = (None, None, None);
    }
}

/// Everything that an organisation is called.
fn names(organisation: &Organisation) -> impl Iterator<Item = &str> {
    let names = organisation.name.iter().map(|(_, name)| name);
    names.chain(&organisation.aliases).map(Name::as_str)
}

/// Whether a record calls the member by any of these names.
pub fn tells_any(record: &RegistryRecord, names: &[String]) -> bool {
    let said = &record.credential_subject;
    let called = said.name.iter().map(|name| &name.value);
    called.chain(&said.aliases).any(|name| names.contains(name))
}
