//! Messages moderators decide about.
//!
//! QQ docs, server-inter/channel/message/send: the answer names an audit, and an
//! event tells its outcome, if bit 27 is subscribed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::host::Host;
use crate::state;
use crate::state::State;
use crate::wire;

/// Audits remembered; the oldest makes room.
const MOST: usize = 1_024;
/// Longer ids are none, and do not fit into a key.
const LONGEST_ID: usize = 200;
/// How long a decision is waited for.
const WAITED_MS: u64 = 7 * 24 * 60 * 60_000;

#[derive(Debug, Serialize, Deserialize)]
struct Pending {
    target: String,
    since_wall_ms: u64,
}

/// By audit id.
#[derive(Debug, Default)]
pub(crate) struct Audits(BTreeMap<String, Pending>);

impl Audits {
    pub(crate) fn load(state: &State) -> Self {
        let pending = state.under(state::AUDIT);
        let read = |(id, value): (&str, _)| Some((id.to_owned(), wire::read(value)?));
        Self(pending.filter_map(read).collect())
    }

    /// A message waits for a decision.
    pub(crate) fn wait_for(&mut self, id: String, target: &str, host: &mut Host) {
        if id.len() > LONGEST_ID {
            return;
        }
        self.make_room(host);
        let pending = Pending {
            target: target.to_owned(),
            since_wall_ms: host.now().wall_ms,
        };
        host.put(key(&id), state::encode(&pending));
        self.0.insert(id, pending);
    }

    /// They decided: where the message went. Absent for an unknown audit.
    pub(crate) fn decided(&mut self, id: &str, host: &mut Host) -> Option<String> {
        let pending = self.0.remove(id)?;
        host.remove(key(id));
        Some(pending.target)
    }

    fn make_room(&mut self, host: &mut Host) {
        let now_ms = host.now().wall_ms;
        let old = |pending: &Pending| now_ms.saturating_sub(pending.since_wall_ms) > WAITED_MS;
        let mut gone: Vec<_> = self.0.extract_if(.., |_, pending| old(pending)).collect();
        while self.0.len() >= MOST {
            let oldest = self
                .0
                .iter()
                .min_by_key(|(_, pending)| pending.since_wall_ms);
            let Some(id) = oldest.map(|(id, _)| id.clone()) else {
                break;
            };
            gone.extend(self.0.remove_entry(&id));
        }
        for (id, _) in gone {
            host.remove(key(&id));
        }
    }
}

fn key(id: &str) -> String {
    format!("{}{id}", state::AUDIT)
}
