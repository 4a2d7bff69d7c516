//! A new component takes over while the channel runs: same state, same sockets,
//! same timers, between two events. Whatever goes wrong, the old one goes on.

use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::time::{Duration, Instant};

use super::batch::Batch;
use super::parts::{Actor, Phase};
use crate::config::ChannelConfig;
use crate::contract::{Action, Context};
use crate::plugin::Plugin;
use crate::policy::NetworkPolicy;
use crate::sandbox::Instance;
use crate::secrets::Vault;
use crate::trace::Crossing;

/// How long a replacement is on probation.
const PROBATION: Duration = Duration::from_secs(60);
/// Deaths in that time that bring the old one back.
const DEATHS: u32 = 2;

/// A plugin that is to take over: compiled, and its configuration validated by
/// itself.
pub(crate) struct Candidate {
    pub(crate) plugin: Plugin,
    pub(crate) config: ChannelConfig,
    /// Told how long the channel paused, or why nothing changed.
    pub(crate) done: oneshot::Sender<Result<Duration, String>>,
}

/// What ran before a replacement, while that is on probation.
pub(super) struct Previous {
    plugin: Plugin,
    config: String,
    policy: Arc<NetworkPolicy>,
    vault: Arc<Vault>,
    since: Instant,
    deaths: u32,
}

/// A replacement that has started well.
struct Started {
    instance: Instance,
    context: Context,
    actions: Vec<Action>,
}

impl Actor {
    /// Puts a candidate in place of the running component.
    pub(super) async fn swap(&mut self, candidate: Candidate) {
        let Candidate {
            plugin,
            config,
            done,
        } = candidate;
        let from = self.spec.manifest().plugin.version.clone();
        let to = plugin.manifest().plugin.version.clone();
        // What is on its way to the disk belongs to the state that goes over.
        self.finish_commit().await;
        let began = Instant::now();
        let swapped = self.try_swap(plugin, config).await;
        let pause = began.elapsed();
        match &swapped {
            Ok(()) => tracing::info!(
                channel = %self.spec.name, %from, %to, pause_us = pause.as_micros(),
                "component replaced; sockets, requests and timers went over"
            ),
            Err(why) => tracing::error!(
                channel = %self.spec.name, %from, %to, %why,
                "the new component is refused; the old one goes on"
            ),
        }
        let _gone = done.send(swapped.map(|()| pause));
    }

    async fn try_swap(&mut self, plugin: Plugin, config: ChannelConfig) -> Result<(), String> {
        let previous = self.install(plugin, config);
        if !matches!(self.phase, Phase::Running(_)) {
            // Nothing runs that could go on: the next birth is the new one's, and
            // nothing before it counts.
            self.previous = None;
            self.revive.forgive();
            self.phase = Phase::Waiting(Instant::now());
            return Ok(());
        }
        match self.start_replacement().await {
            Ok(started) => {
                self.previous = Some(previous);
                self.revive.forgive();
                self.take_over(started).await;
                Ok(())
            }
            Err(why) => {
                self.reinstall(previous);
                Err(why)
            }
        }
    }

    /// Makes everything but the instance the new plugin's.
    fn install(&mut self, plugin: Plugin, config: ChannelConfig) -> Previous {
        let manifest = plugin.manifest();
        let allow_loopback = self.spec.allow_loopback;
        let policy = NetworkPolicy::of(manifest, &config.bases, allow_loopback);
        let vault = self
            .wire
            .vault
            .renewed(&manifest.secrets, &config.bases, config.secrets);
        Previous {
            policy: self.wire.policy.replace(Arc::new(policy)),
            vault: std::mem::replace(&mut self.wire.vault, Arc::new(vault)),
            config: std::mem::replace(&mut self.config, config.json),
            plugin: std::mem::replace(&mut self.spec.plugin, plugin),
            since: Instant::now(),
            deaths: 0,
        }
    }

    fn reinstall(&mut self, previous: Previous) {
        let _refused = self.wire.policy.replace(previous.policy);
        self.wire.vault = previous.vault;
        self.config = previous.config;
        self.spec.plugin = previous.plugin;
    }

    /// Starts an instance of the new plugin beside the old one.
    async fn start_replacement(&mut self) -> Result<Started, String> {
        let mut instance = self.instantiate().await?;
        let context = self.context()?;
        let started = instance
            .start(&context)
            .await
            .map_err(|death| death.to_string())?;
        let actions = self.vet(started?)?;
        Ok(Started {
            instance,
            context,
            actions,
        })
    }

    async fn take_over(&mut self, started: Started) {
        let Started {
            instance,
            context,
            actions,
        } = started;
        self.phase = Phase::Running(Box::new(instance));
        self.seq = 0;
        self.revive.started(Instant::now());
        let context = Box::new(context);
        self.show(|| Crossing::Start {
            context,
            actions: actions.clone(),
        });
        let mut batch = Batch::new(Instant::now());
        self.stage(Instant::now(), actions, &mut batch);
        self.settle(batch).await;
    }

    /// A replacement on probation has died. True: it died too often, and the
    /// old one is back in its place.
    pub(super) fn rolled_back(&mut self, died: Instant) -> bool {
        let Some(on_probation) = &mut self.previous else {
            return false;
        };
        on_probation.deaths += 1;
        let passed = died.duration_since(on_probation.since) >= PROBATION;
        if !passed && on_probation.deaths < DEATHS {
            return false;
        }
        let Some(previous) = self.previous.take_if(|_| !passed) else {
            self.previous = None;
            return false;
        };
        tracing::error!(
            channel = %self.spec.name,
            from = %self.spec.manifest().plugin.version,
            to = %previous.plugin.manifest().plugin.version,
            "the new component keeps failing; the old one is back"
        );
        self.outlets.counters.add("rollbacks", 1);
        self.reinstall(previous);
        self.revive.forgive();
        true
    }
}
