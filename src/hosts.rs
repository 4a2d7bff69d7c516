//! The platform's two families of hosts, and which one is in use.
//!
//! All traffic moved to `api.bot.qq.com` in August 2026; the older hosts still
//! answer (QQ docs, changelog). Where a host of the family in use cannot be
//! reached several times in a row, the channel turns to the other family, and
//! goes back to the current one some hours later. Never when the operator names
//! a base: then that one is meant.

use serde::{Deserialize, Serialize};

use crate::config::{Bases, Config, host_of};
use crate::contract::{FailureKind, Level};
use crate::host::Host;
use crate::state::{self, State};
use crate::utc;

/// Failures in a row that make a host unreachable.
const MANY_FAILURES: u32 = 3;
/// How long the older hosts are used before the current ones are tried again.
const KEPT_MS: u64 = 6 * 60 * 60_000;

/// What a host is needed for; each can fail on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Token,
    Api,
    Socket,
}

#[derive(Serialize, Deserialize)]
struct Record {
    until_wall_ms: u64,
}

/// The hosts in use.
#[derive(Debug)]
pub(crate) struct Hosts {
    current: Bases,
    older: Option<Bases>,
    /// While the older ones are in use: until when, Unix milliseconds.
    until_wall_ms: Option<u64>,
    /// In a row, by role.
    failures: [u32; 3],
}

impl Hosts {
    /// The hosts of this configuration.
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            current: config.bases.clone(),
            older: config.older_bases.clone(),
            until_wall_ms: None,
            failures: [0; 3],
        }
    }

    /// The same, as an earlier instance left them.
    pub(crate) fn load(config: &Config, state: &State, now_ms: u64) -> Self {
        let record: Option<Record> = state.json(state::HOSTS);
        let mut hosts = Self::new(config);
        hosts.until_wall_ms = record
            .map(|record| record.until_wall_ms)
            .filter(|until| (now_ms..=now_ms + KEPT_MS).contains(until) && hosts.older.is_some());
        hosts
    }

    /// Where the platform is now.
    pub(crate) fn bases(&self) -> &Bases {
        let older = self.older.as_ref().filter(|_| self.is_older());
        older.unwrap_or(&self.current)
    }

    /// Whether the older hosts are in use.
    pub(crate) const fn is_older(&self) -> bool {
        self.until_wall_ms.is_some()
    }

    /// Takes another configuration; with other bases it begins anew.
    pub(crate) fn reconfigure(&mut self, config: &Config, host: &mut Host) {
        self.failures = [0; 3];
        if self.current != config.bases || self.older != config.older_bases {
            *self = Self::new(config);
            host.remove(state::HOSTS);
        }
    }

    /// A host answered, whatever it said.
    pub(crate) fn reached(&mut self, role: Role) {
        *self.failures(role) = 0;
    }

    /// A host could not be reached. Whether the other family is in use now.
    pub(crate) fn failed(&mut self, role: Role, kind: FailureKind, host: &mut Host) -> bool {
        use FailureKind::{TimedOut, Tls, Unreachable, Unresolved};
        if self.older.is_none() || !matches!(kind, TimedOut | Tls | Unreachable | Unresolved) {
            return false;
        }
        let failures = self.failures(role);
        *failures += 1;
        if *failures < MANY_FAILURES {
            return false;
        }
        self.turn("cannot be reached", host);
        true
    }

    const fn failures(&mut self, role: Role) -> &mut u32 {
        let [token, api, socket] = &mut self.failures;
        match role {
            Role::Token => token,
            Role::Api => api,
            Role::Socket => socket,
        }
    }

    /// Whether the current hosts are in use again, after some hours.
    pub(crate) fn returned(&mut self, host: &mut Host) -> bool {
        let now = host.now().wall_ms;
        let over = |until| now >= until || until > now + KEPT_MS;
        if !self.until_wall_ms.is_some_and(over) {
            return false;
        }
        self.turn("served for some hours", host);
        true
    }

    fn turn(&mut self, why: &str, host: &mut Host) {
        let before = host_of(&self.bases().api).to_owned();
        self.failures = [0; 3];
        let mut remark = String::new();
        if self.is_older() {
            self.until_wall_ms = None;
            host.remove(state::HOSTS);
        } else {
            let until_wall_ms = host.now().wall_ms + KEPT_MS;
            self.until_wall_ms = Some(until_wall_ms);
            host.put(state::HOSTS, state::encode(&Record { until_wall_ms }));
            remark = format!(" until {}", utc::format(until_wall_ms));
        }
        let bases = self.bases();
        let (api, auth) = (host_of(&bases.api), host_of(&bases.auth));
        let text = format!("{before} {why}; using {api} and {auth}{remark}");
        host.count("hosts_changed");
        host.note_seldom("hosts", Level::Warn, &text);
    }
}
