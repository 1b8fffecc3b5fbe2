//! One checkpoint, all witnesses at once.

use std::{sync::Arc, time::Duration};

use charter_proof::{
    note::{Note, Signature, Signed},
    policy::Quorum,
};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::{task::JoinSet, time::timeout};

use super::{
    Asking, Unkept,
    door::{Door, Trouble},
};
use crate::{
    log::{mark::marked, memory::Published},
    storage::witnessed,
};

/// How long the others are waited for once there is a quorum.
const GRACE: Duration = Duration::from_secs(1);

/// What came of asking one.
type Answer = Result<Vec<Signature>, Trouble>;

/// How far a witness's clock may be before or behind ours.
const BEHIND: TimeDelta = TimeDelta::minutes(5);
const BEFORE: TimeDelta = TimeDelta::seconds(30);

impl Asking {
    /// Asks these witnesses about a checkpoint, serves it as soon as enough cosigned, and says whether they did.
    ///
    /// Those that rest are asked where the checkpoint waits for its quorum and the others are too few, or one of them fails
    /// or is silent for a second.
    pub(super) async fn round(&self, published: Arc<Published>, doors: Vec<Arc<Door>>) -> bool {
        let waits = self.log.awaiting().is_some() || self.is_overridden();
        let (first, mut resting) = turns(
            &self.policy.quorum,
            waits,
            doors.clone(),
            self.clock.elapsed(),
        );
        let mut asked = JoinSet::new();
        let mut lines = self.lines_of(&published);
        self.ask(&mut asked, first, &published);
        let mut is_served = false;
        let news = self.log.news();
        tokio::pin!(news);
        loop {
            let answer = if is_served {
                // Who has not answered by now is left out, and at once where there is something newer to ask about.
                tokio::select! {
                    answer = timeout(GRACE, asked.join_next()) => answer.ok().flatten(),
                    () = &mut news => None,
                }
            } else if resting.is_empty() {
                asked.join_next().await
            } else if let Ok(Some(answer)) = timeout(GRACE, asked.join_next()).await {
                Some(answer)
            } else {
                self.ask(&mut asked, resting.split_off(0), &published);
                continue;
            };
            let Some(answer) = answer else {
                for door in doors {
                    door.leave_out(&self.clock);
                }
                return is_served;
            };
            if !is_served && !matches!(answer, Ok(Ok(_))) {
                self.ask(&mut asked, resting.split_off(0), &published);
            }
            match answer {
                Ok(Ok(cosigned)) => lines.extend(cosigned),
                Ok(Err(Trouble::Ahead { size, url })) => self.look_ahead(size, &url).await,
                Ok(Err(Trouble::Inconsistent { url, .. })) => self.compare(&url).await,
                Ok(Err(_)) | Err(_) => continue,
            }
            match self.stand(&published, &lines).await {
                Ok(stands) => is_served = stands,
                Err(error) => tracing::warn!(cause = %error, "a quorum is not kept"),
            }
        }
    }

    fn ask(&self, asked: &mut JoinSet<Answer>, doors: Vec<Arc<Door>>, published: &Arc<Published>) {
        for door in doors {
            let (log, clock, published) = (self.log.clone(), self.clock.clone(), published.clone());
            asked.spawn(async move { door.ask(&log, &published, &clock).await });
        }
    }

    /// The cosignatures with which a checkpoint is served already.
    fn lines_of(&self, published: &Published) -> Vec<Signature> {
        let served = self.log.served();
        let added = served
            .as_ref()
            .and_then(|served| served.note.strip_prefix(&published.note));
        let lines = added.unwrap_or_default().lines();
        lines.filter_map(|line| line.parse().ok()).collect()
    }

    /// The witnesses of whose keys one or more did not cosign a checkpoint yet, as it is served.
    pub(super) fn missing(&self, published: &Published) -> Vec<Arc<Door>> {
        let lines = self.lines_of(published);
        let is_missing = |door: &&Arc<Door>| !door.has_all(&lines);
        self.doors.iter().filter(is_missing).cloned().collect()
    }

    /// Serves a checkpoint with these cosignatures, if they are enough, once that is permanent.
    async fn stand(&self, published: &Published, lines: &[Signature]) -> Result<bool, Unkept> {
        let Some(note) = self.cosigned(published, lines) else {
            return Ok(false);
        };
        let size = published.checkpoint.size;
        let mut tx = self.database.begin().await?;
        let mut standing = witnessed::lock_standing(&mut tx).await?;
        let kept = standing.checkpoint.as_deref().and_then(marked);
        // Another instance may be further.
        if kept.is_none_or(|kept| kept.checkpoint.size <= size) {
            standing.checkpoint = Some(note.clone());
            standing.overridden = standing.overridden.filter(|entry| *entry >= size);
            witnessed::keep_standing(&mut tx, &standing).await?;
            tx.commit().await?;
        }
        self.log.serve_cosigned(published, note);
        Ok(true)
    }

    /// The checkpoint's note with the cosignatures that count; none where they are not enough.
    fn cosigned(&self, published: &Published, lines: &[Signature]) -> Option<String> {
        let note: Note = published.note.parse().ok()?;
        let now = self.clock.now();
        let mut there = vec![false; self.policy.witnesses.len()];
        let mut text = published.note.clone();
        for (place, key) in Self::keys(&self.policy) {
            let signed = |line: &&Signature| match key.signed(note.text(), line) {
                Some(Signed::At(time)) => is_of_now(time, now),
                Some(Signed::Text) | None => false,
            };
            if let (Some(line), Some(there)) = (lines.iter().find(signed), there.get_mut(place)) {
                text.push_str(&format!("{line}\n"));
                *there = true;
            }
        }
        let has = |place: usize| there.get(place).copied().unwrap_or_default();
        (there.contains(&true) && self.policy.quorum.is_met(&has)).then_some(text)
    }

    /// A witness cosigned more than was asked about: this instance lags behind the database, or the database is older
    /// than what was published.
    async fn look_ahead(&self, size: u64, url: &str) {
        self.log.observe(&self.database).await;
        if self.log.memory().await.replay().size() >= size {
            return;
        }
        tracing::error!(
            witness = url,
            size,
            "a witness cosigned more entries of this log than the database has: nothing is signed"
        );
        self.log.note_ahead(size);
        self.compare(url).await;
        self.log.observe(&self.database).await;
    }

    /// Compares the checkpoint that a witness keeps with the log: one that our key signed and that is none of it tells
    /// that something else was published, and stays noted where it is of more entries.
    async fn compare(&self, url: &str) {
        let Some(door) = self.doors.iter().find(|door| door.url() == url) else {
            return;
        };
        let Some(kept) = door.kept(&self.policy).await else {
            return;
        };
        let size = kept.checkpoint.size;
        let here = self.log.memory().await.root_at(size);
        match here {
            Some(root) if root == kept.checkpoint.root => {}
            Some(_) => {
                tracing::error!(witness = url, size, "a witness has another log of our key");
                self.log.note_fork(size);
                self.log.observe(&self.database).await;
            }
            None => {
                let raised = self.log.mark().advance(&kept.checkpoint, &kept.note);
                if let Err(error) = raised {
                    tracing::error!(cause = %error, "the high-water mark cannot be raised to what a witness has");
                }
            }
        }
    }
}

/// Whom to ask at once, and whom only if those turn out to be too few; who rests is left out where nothing waits.
pub(super) fn turns(
    quorum: &Quorum,
    waits: bool,
    doors: Vec<Arc<Door>>,
    now: Duration,
) -> (Vec<Arc<Door>>, Vec<Arc<Door>>) {
    let (resting, awake): (Vec<_>, Vec<_>) = doors.into_iter().partition(|door| door.rests(now));
    let is_awake = |place: usize| awake.iter().any(|door| door.is_of(place));
    match (waits, quorum.is_met(&is_awake)) {
        (false, _) => (awake, Vec::new()),
        (true, true) => (awake, resting),
        (true, false) => (awake.into_iter().chain(resting).collect(), Vec::new()),
    }
}

/// Whether a cosignature's time is about now.
fn is_of_now(time: u64, now: DateTime<Utc>) -> bool {
    let time = i64::try_from(time)
        .ok()
        .and_then(|time| DateTime::from_timestamp(time, 0));
    time.is_some_and(|time| now - BEHIND <= time && time <= now + BEFORE)
}
