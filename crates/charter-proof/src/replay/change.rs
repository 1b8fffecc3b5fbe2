//! What a change of a membership does to the map: the rules of claims.

use uuid::Uuid;

use super::{ClaimValue, Fault, Holder, MemberValue, Next, Origin, Replay, claim_hash};
use crate::canonical::Digest;
use crate::entry::{Entry, Event, MemberEventKind, Status};

impl Replay {
    /// Takes in a change of a membership.
    pub(super) fn change(&mut self, next: Next<'_>, earlier: Option<&Entry>) -> Result<(), Fault> {
        let index = self.size();
        let Some((
            key,
            Event::Member {
                kind,
                charter,
                member,
                status,
                record,
                claims,
            },
        )) = next.key().map(|key| (key, &next.entry().event))
        else {
            return Ok(());
        };
        let number = self.map.number(&key);
        let before = Before::of(number.is_some(), earlier, charter, *member)?;
        if !follows(*kind, before.status, *status) {
            return Err(Fault::Transition);
        }
        let coming = self.coming_to(*member, claims)?;
        let is_ours = |holder: Holder| match holder {
            Holder::Held(holder) => number == Some(holder),
            Holder::Coming => true,
            Holder::Member | Holder::Released => false,
        };
        // What it holds: what its last entry named and nobody took since, and what was just given to it.
        let mut held: Vec<Digest> = before.claims.to_vec();
        held.extend(&coming);
        held.retain(|claim| {
            let origin = self.map.origin(claim);
            origin.is_some_and(|origin| is_ours(origin.holder))
        });
        let mut new = Vec::new();
        for claim in claims {
            match self.map.origin(claim).map(|origin| origin.holder) {
                None | Some(Holder::Released) => new.push(*claim),
                Some(holder) if is_ours(holder) => {}
                Some(_) => return Err(Fault::ClaimHeld),
            }
        }
        let dropped: Vec<Digest> = held
            .into_iter()
            .filter(|claim| !claims.contains(claim))
            .collect();
        let may_gain = matches!(
            kind,
            MemberEventKind::Included | MemberEventKind::Amended | MemberEventKind::Readmitted
        );
        let may_drop = matches!(kind, MemberEventKind::Amended | MemberEventKind::Readmitted);
        if (!new.is_empty() && !may_gain) || (!dropped.is_empty() && !may_drop) {
            return Err(Fault::ClaimsChanged);
        }
        let value = MemberValue {
            charter: charter.clone(),
            event: index,
            key_hash: key,
            record: *record,
            status: *status,
        };
        let number = self.set(key, &value.digest(), index, Holder::Member)?;
        let holder = Holder::Held(number);
        for claim in new {
            self.set_claim(charter, claim, index, Some(*member), holder)?;
        }
        for claim in dropped {
            self.set_claim(charter, claim, index, None, Holder::Released)?;
        }
        for claim in coming {
            self.undos.extend(self.map.set_holder(&claim, holder));
        }
        Ok(())
    }

    /// The claims that were reassigned to this member just now, all of which its entry must name.
    fn coming_to(&mut self, member: Uuid, claims: &[Digest]) -> Result<Vec<Digest>, Fault> {
        let Some((to, coming)) = self.now.coming.take() else {
            return Ok(Vec::new());
        };
        if to == member && coming.iter().all(|claim| claims.contains(claim)) {
            Ok(coming)
        } else {
            Err(Fault::Awaited)
        }
    }

    /// Takes in that a claim goes from one member to another.
    pub(super) fn reassign(
        &mut self,
        charter: &str,
        claim: Digest,
        from: Uuid,
        to: Uuid,
    ) -> Result<(), Fault> {
        let index = self.size();
        let origin = self.map.origin(&claim).ok_or(Fault::NotTheHolder)?;
        let from_key = claim_hash(charter, &format!("member:{from}"));
        let holder = self.map.number(&from_key).map(Holder::Held);
        if from == to || holder != Some(origin.holder) {
            return Err(Fault::NotTheHolder);
        }
        match &mut self.now.coming {
            Some((awaited, coming)) if *awaited == to => coming.push(claim),
            Some(_) => return Err(Fault::Awaited),
            None => self.now.coming = Some((to, vec![claim])),
        }
        self.set_claim(charter, claim, index, Some(to), Holder::Coming)
    }

    fn set_claim(
        &mut self,
        charter: &str,
        claim: Digest,
        event: u64,
        member: Option<Uuid>,
        holder: Holder,
    ) -> Result<(), Fault> {
        let value = ClaimValue {
            charter: charter.to_owned(),
            event,
            key_hash: claim,
            member,
        };
        self.set(claim, &value.digest(), event, holder).map(drop)
    }

    /// Has the map say this, and returns the key's number.
    fn set(
        &mut self,
        key: Digest,
        value: &Digest,
        event: u64,
        holder: Holder,
    ) -> Result<u32, Fault> {
        let undo = self.map.set(key, value, Origin { event, holder });
        let undo = undo.map_err(|_| Fault::Full)?;
        let number = undo.number();
        self.undos.push(undo);
        Ok(number)
    }
}

/// What a member was.
struct Before<'a> {
    status: Option<Status>,
    claims: &'a [Digest],
}

impl<'a> Before<'a> {
    fn of(
        is_known: bool,
        earlier: Option<&'a Entry>,
        charter: &str,
        member: Uuid,
    ) -> Result<Self, Fault> {
        if !is_known {
            return Ok(Self {
                status: None,
                claims: &[],
            });
        }
        match earlier.map(|entry| &entry.event) {
            Some(Event::Member {
                charter: its,
                member: who,
                status,
                claims,
                ..
            }) if its == charter && *who == member => Ok(Self {
                status: Some(*status),
                claims,
            }),
            _ => Err(Fault::Earlier),
        }
    }
}

/// Whether a change leads from one status to another.
fn follows(kind: MemberEventKind, from: Option<Status>, to: Status) -> bool {
    let is_member = matches!(from, Some(Status::Active | Status::Suspended));
    match kind {
        MemberEventKind::Included => from.is_none() && to == Status::Active,
        MemberEventKind::Amended => from == Some(to),
        MemberEventKind::Suspended => is_member && to == Status::Suspended,
        MemberEventKind::Reinstated => from == Some(Status::Suspended) && to == Status::Active,
        MemberEventKind::Excluded => from.is_some() && to == Status::Excluded,
        MemberEventKind::Withdrew => is_member && to == Status::Withdrawn,
        MemberEventKind::Readmitted => from.is_some() && !is_member && to == Status::Active,
    }
}
