//! Users who were let in while the channel ran, beside the configured ones.

use serde::{Deserialize, Serialize};

use super::table::Table;
use crate::host::Host;
use crate::state::{self, State};

/// Users the operator may let in this way; more belong into the configuration.
const MOST_USERS: usize = 1024;

/// Who let them in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum By {
    /// They did, with a code.
    Code,
    /// The operator.
    Operator,
}

/// A user who was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Since {
    /// Unix milliseconds.
    pub(super) wall_ms: u64,
    pub(super) by: By,
}

/// By account and openid: an openid means nothing on another account.
#[derive(Debug)]
pub(super) struct Bound(Table<Since>);

impl Bound {
    /// The stored users.
    pub(super) fn load(state: &State) -> Self {
        Self(Table::load(state::BOUND, state, |since: &Since| {
            since.wall_ms
        }))
    }

    /// Whether this user was let in.
    pub(super) fn contains(&self, app_id: &str, openid: &str) -> bool {
        self.0.get(&name(app_id, openid)).is_some()
    }

    /// The users of an account, with the time and the way they were let in.
    pub(super) fn of<'s>(&'s self, app_id: &str) -> impl Iterator<Item = (&'s str, Since)> {
        let prefix = name(app_id, "");
        let all = self.0.iter();
        all.filter_map(move |(name, since)| Some((name.strip_prefix(&prefix)?, since)))
    }

    /// Whether nobody of this account was let in.
    pub(super) fn is_empty(&self, app_id: &str) -> bool {
        self.of(app_id).next().is_none()
    }

    /// Whether nobody else can be let in.
    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= MOST_USERS
    }

    /// Lets a user in.
    pub(super) fn insert(&mut self, app_id: &str, openid: &str, by: By, host: &mut Host) {
        let wall_ms = host.now().wall_ms;
        let since = Since { wall_ms, by };
        self.0.put(&name(app_id, openid), since, host);
    }

    /// Does not let a user in any more. Whether they were.
    pub(super) fn remove(&mut self, app_id: &str, openid: &str, host: &mut Host) -> bool {
        self.0.remove(&name(app_id, openid), host)
    }
}

fn name(app_id: &str, openid: &str) -> String {
    format!("{app_id}:{openid}")
}
