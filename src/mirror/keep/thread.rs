//! What entries of one transaction of the registry have to do with each other.

use charter_proof::entry::{Entry, Event, MemberEventKind};
use uuid::Uuid;

use crate::rules::id::MemberId;

/// What happened before in the same transaction of the registry, as far as it matters to what follows.
#[derive(Debug, Clone, Default)]
pub struct Thread {
    /// Who gives keys to whom, whose own entry follows.
    coming: Option<(Uuid, Uuid)>,
    /// Who withdrew, and at which entry.
    withdrew: Option<(MemberId, u64)>,
}

impl Thread {
    /// What follows from the newest entries of a log, in their order.
    pub fn of(entries: &[(u64, Vec<u8>)]) -> Self {
        let mut thread = Self::default();
        for (index, bytes) in entries {
            if let Ok(entry) = Entry::parse(bytes) {
                thread.note(&entry, *index);
            }
        }
        thread
    }

    /// Takes in an entry.
    pub fn note(&mut self, entry: &Entry, index: u64) {
        match &entry.event {
            Event::ClaimReassigned { from, to, .. } => self.coming = Some((*from, *to)),
            Event::Member { kind, member, .. } => {
                self.coming = None;
                self.withdrew =
                    (*kind == MemberEventKind::Withdrew).then_some((MemberId(*member), index));
            }
            Event::State { .. } => *self = Self::default(),
            _ => {}
        }
    }

    /// Who withdrew by the newest entry, and may be merged by the next.
    pub fn withdrew(&self) -> Option<MemberId> {
        self.withdrew.map(|(member, _)| member)
    }

    /// The other member whom an event of this one concerns.
    pub fn other(&self, kind: MemberEventKind, member: MemberId) -> Option<MemberId> {
        let giver = self.coming.filter(|(_, to)| *to == member.0);
        let giver = giver.map(|(from, _)| MemberId(from));
        giver.or(self.merged(kind, member).map(|(ceased, _)| ceased))
    }

    /// Who was merged into this member, and the index of the entry by which it ceased: in one transaction the one
    /// withdraws and the other is amended.
    pub fn merged(&self, kind: MemberEventKind, into: MemberId) -> Option<(MemberId, u64)> {
        let ceased = self.withdrew.filter(|(ceased, _)| *ceased != into);
        ceased.filter(|_| kind == MemberEventKind::Amended)
    }
}
