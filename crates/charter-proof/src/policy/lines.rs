//! Policies written as lines (C2SP tlog-policy): those that a registry gives out about itself.

use std::collections::HashSet;

use super::{Part, Policy, Quorum, Witness};

impl Policy {
    /// The lines by which a registry at this address is trusted: by its own keys, and by the witnesses and the quorum of the
    /// policy under which it publishes, where it has one. They do not say where those are asked.
    pub fn registry_lines(
        url: &str,
        log: &[String],
        clock: &[String],
        publishing: Option<&Self>,
    ) -> String {
        let publishing = publishing.filter(|policy| !policy.witnesses.is_empty());
        let whom = match publishing {
            None => "its own keys, and nobody beside it.",
            Some(_) => "its own keys, and the witnesses that cosign what it publishes.",
        };
        let mut text = format!(
            "# Whom to trust about {url}: {whom}\n\
             # Whoever took these lines from the registry itself trusts whoever answered. Compare the keys with those\n\
             # that its operator published elsewhere, or that somebody you know has kept, before you rely on them.\n"
        );
        if publishing.is_some() {
            text.push_str(
                "# The same goes for the witnesses: theirs are the keys that they give out themselves.\n",
            );
        }
        for key in log {
            text.push_str(&format!("log {key} {url}/log\n"));
        }
        let mut lines = Lines::default();
        for (number, key) in (1..).zip(clock) {
            let name = lines.free(&format!("clock-{number}"));
            lines.text.push_str(&format!("witness {name} {key}\n"));
        }
        if let Some(policy) = publishing {
            lines.witnesses(&policy.witnesses);
            lines.quorum(&policy.quorum);
        } else {
            lines.text.push_str("quorum none\n");
        }
        text + &lines.text
    }
}

/// Lines about witnesses as they are written.
#[derive(Default)]
struct Lines {
    text: String,
    taken: HashSet<String>,
    /// The name that stands for each witness of the policy.
    names: Vec<String>,
}

impl Lines {
    /// This name, or one like it that nobody has yet and that is one word.
    fn free(&mut self, wanted: &str) -> String {
        let is_of_a_word = |c: &char| !c.is_whitespace() && !c.is_control() && *c != '#';
        let mut word: String = wanted.chars().filter(is_of_a_word).collect();
        if word.is_empty() || word == "none" {
            word.insert_str(0, "witness-");
        }
        let mut name = word.clone();
        for number in 2.. {
            if self.taken.insert(name.clone()) {
                break;
            }
            name = format!("{word}-{number}");
        }
        name
    }

    fn witnesses(&mut self, witnesses: &[Witness]) {
        for witness in witnesses {
            let name = match (&witness.log, &witness.map) {
                (Some(log), Some(map)) => {
                    let of_log = self.witness(&witness.name, log);
                    let of_map = self.witness(&format!("{}-map", witness.name), map);
                    let either = self.free(&format!("{}-either", witness.name));
                    self.text
                        .push_str(&format!("group {either} any {of_log} {of_map}\n"));
                    either
                }
                (Some(key), None) | (None, Some(key)) => self.witness(&witness.name, key),
                // Whoever has no key is never there.
                (None, None) => String::new(),
            };
            self.names.push(name);
        }
    }

    fn witness(&mut self, wanted: &str, key: &crate::note::NoteKey) -> String {
        let name = self.free(wanted);
        self.text.push_str(&format!("witness {name} {key}\n"));
        name
    }

    fn quorum(&mut self, quorum: &Quorum) {
        let name = if quorum.needed == 0 {
            "none".to_owned()
        } else {
            self.group(quorum)
        };
        self.text.push_str(&format!("quorum {name}\n"));
    }

    /// The name of a group, after its line and those of the groups in it.
    fn group(&mut self, group: &Quorum) -> String {
        let of = group.of.iter().map(|part| match part {
            Part::Witness(place) => self.names.get(*place).cloned().unwrap_or_default(),
            Part::Group(group) => self.group(group),
        });
        let of: Vec<String> = of.filter(|name| !name.is_empty()).collect();
        if let ([only], 1) = (of.as_slice(), group.needed) {
            return only.clone();
        }
        let name = self.free("quorum-1");
        let (needed, of) = (group.needed, of.join(" "));
        self.text.push_str(&format!("group {name} {needed} {of}\n"));
        name
    }
}
