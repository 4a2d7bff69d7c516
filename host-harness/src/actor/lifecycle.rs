//! Birth and death of instances.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::time::{Duration, Instant};

use super::batch::Batch;
use super::parts::{Actor, Phase, StatusReport};
use super::resources::Resources;
use super::revive::Verdict;
use crate::config::ChannelConfig;
use crate::contract::{ChannelState, Context, Envelope, Event, Failure, FailureKind, StateEntry};
use crate::policy::NetworkPolicy;
use crate::sandbox::{HttpGate, Instance};
use crate::trace::Crossing;

impl Actor {
    /// A fresh instance with the state, and everything that is still open.
    pub(super) async fn birth(&mut self) {
        match self.try_birth().await {
            Ok(()) => self.revive.started(Instant::now()),
            Err(cause) => self.bury(None, cause, Batch::new(Instant::now())).await,
        }
    }

    async fn try_birth(&mut self) -> Result<(), String> {
        let mut instance = self.instantiate().await?;
        let context = self.context()?;
        let started = instance
            .start(&context)
            .await
            .map_err(|death| death.to_string())?;
        self.seq = 0;
        self.phase = Phase::Running(Box::new(instance));
        match started {
            Ok(actions) => {
                let actions = self.vet(actions)?;
                self.show(|| Crossing::Start {
                    context: Box::new(context),
                    actions: actions.clone(),
                });
                let mut batch = Batch::new(Instant::now());
                self.stage(Instant::now(), actions, &mut batch);
                self.settle(batch).await;
            }
            Err(refusal) => self.stop(refusal),
        }
        Ok(())
    }

    /// An instance of the plugin that is installed, not yet started.
    pub(super) fn instantiate(&self) -> impl Future<Output = Result<Instance, String>> + use<> {
        let resources = self.spec.manifest().resources;
        let budget = Duration::from_millis(resources.max_execution_time_ms);
        let (loaded, gate) = (self.spec.plugin.loaded.clone(), self.gate());
        async move {
            Instance::new(&loaded, resources.max_memory_mb, budget, gate)
                .await
                .map_err(|death| death.to_string())
        }
    }

    fn gate(&self) -> HttpGate {
        HttpGate {
            policy: self.wire.policy.clone(),
            client: self.wire.client.clone(),
        }
    }

    pub(super) fn context(&self) -> Result<Context, String> {
        let mut entropy = vec![0; 32];
        getrandom::fill(&mut entropy).map_err(|cause| format!("no entropy: {cause}"))?;
        let entry = |(key, value): (&String, &Vec<u8>)| StateEntry {
            key: key.clone(),
            value: value.clone(),
        };
        let mut state: Vec<StateEntry> = self.state.iter().map(entry).collect();
        state.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        Ok(Context {
            instance: self.spec.name.clone(),
            config: self.config.clone(),
            wall_ms: wall_ms(),
            mono_ms: mono_ms(self.clock),
            entropy,
            secrets: self.wire.vault.names(),
            state,
            adopted: Resources::adopted(&self.ids, self.commands.open()),
        })
    }

    /// Throws the instance away as if it had trapped.
    pub(super) async fn kill(&mut self) {
        if let Phase::Running(_) = self.phase {
            self.bury(
                None,
                "killed on request".to_owned(),
                Batch::new(Instant::now()),
            )
            .await;
        }
    }

    /// A dead instance: settle what came before, keep the event it died over,
    /// and decide when the next one is born.
    pub(super) async fn bury(&mut self, envelope: Option<Envelope>, cause: String, earlier: Batch) {
        let died = Instant::now();
        self.phase = Phase::Waiting(died);
        self.outlets.counters.add("instance_deaths", 1);
        let event = envelope
            .as_ref()
            .map_or("none", |envelope| kind_of(&envelope.event));
        tracing::error!(channel = %self.spec.name, event, %cause, "the instance died; a fresh one takes over");
        self.show(|| Crossing::Death {
            envelope: envelope.clone().map(Box::new),
            cause: cause.clone(),
        });
        self.settle(earlier).await;
        self.finish_commit().await;
        let rolled_back = self.rolled_back(died);
        match envelope {
            // The component that comes back has not had its chance yet.
            Some(envelope) if rolled_back => self.hold_again(envelope.event),
            Some(envelope) => self.keep_or_set_aside(envelope, &cause).await,
            None => {}
        }
        if !matches!(self.phase, Phase::Waiting(_)) {
            return;
        }
        match self.revive.died(died, random()) {
            Verdict::After(wait) if wait.is_zero() => Box::pin(self.birth()).await,
            Verdict::After(wait) => {
                let detail = format!(
                    "the component keeps failing, next try in {} ms: {cause}",
                    wait.as_millis()
                );
                self.outlets.report(StatusReport {
                    state: ChannelState::Degraded,
                    detail,
                    fatal: false,
                });
                self.phase = Phase::Waiting(died + wait);
            }
            Verdict::Never => self.stop(format!("the component keeps failing: {cause}")),
        }
    }

    /// The event is given once more; a second death over it, and it is put
    /// where a person can find it.
    async fn keep_or_set_aside(&mut self, envelope: Envelope, cause: &str) {
        if !envelope.redelivered {
            return self.hold_again(envelope.event);
        }
        self.outlets.counters.add("events_set_aside", 1);
        let event = kind_of(&envelope.event);
        tracing::error!(channel = %self.spec.name, event, seq = envelope.seq, "set aside: two instances died over this event");
        let mut batch = Batch::new(Instant::now());
        let command = match &envelope.event {
            Event::Command(command) => Some(command.id),
            _ => None,
        };
        let death = Crossing::Death {
            envelope: Some(Box::new(envelope)),
            cause: cause.to_owned(),
        };
        batch.set_aside = vec![death.to_line()];
        self.settle(batch).await;
        if let Some(command) = command {
            let failure = Failure::new(
                FailureKind::Internal,
                "the component died twice over this command",
            )
            .with_remedy("report it with the log; the same command will fail again");
            self.commands.complete(command, Err(failure));
        }
    }

    /// Gives up: everything is closed, and only a new configuration helps.
    pub(super) fn stop(&mut self, reason: String) {
        tracing::error!(channel = %self.spec.name, %reason, "the channel gives up");
        let failure = Failure::new(
            FailureKind::Unavailable,
            format!("the channel has stopped: {reason}"),
        );
        self.commands.fail_all(&failure);
        self.resources.drop_all();
        self.forget_held();
        self.ids = super::resources::Ids::default();
        self.outlets.report(StatusReport {
            state: ChannelState::Stopped,
            detail: reason.clone(),
            fatal: true,
        });
        self.phase = Phase::Stopped(reason);
    }

    /// Has it given up?
    pub(super) fn has_stopped(&self) -> bool {
        matches!(self.phase, Phase::Stopped(_))
    }

    /// New settings; a channel that gave up starts again with them.
    pub(super) fn configure(&mut self, config: ChannelConfig) {
        let manifest = self.spec.manifest();
        let policy = NetworkPolicy::of(manifest, &config.bases, self.spec.allow_loopback);
        let vault = self
            .wire
            .vault
            .renewed(&manifest.secrets, &config.bases, config.secrets);
        let _former = self.wire.policy.replace(Arc::new(policy));
        self.wire.vault = Arc::new(vault);
        self.config = config.json;
        match self.phase {
            Phase::Running(_) => self.hold_settings(self.config.clone()),
            Phase::Waiting(_) | Phase::Stopped(_) => self.phase = Phase::Waiting(Instant::now()),
        }
    }

    pub(super) fn show(&self, crossing: impl FnOnce() -> Crossing) {
        if let Some(trace) = &self.spec.trace {
            trace(&crossing());
        }
    }
}

/// Milliseconds since the actor's own beginning.
pub(super) fn mono_ms(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

pub(super) fn wall_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// 0 to 1; the middle when the system has no entropy to give.
fn random() -> f64 {
    let mut bytes = [0; 4];
    match getrandom::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 0.5,
    }
}

/// An event's kind, for logs: never its content.
fn kind_of(event: &Event) -> &'static str {
    match event {
        Event::SocketOpened(_) => "socket-opened",
        Event::SocketText(_) => "socket-text",
        Event::SocketBinary(_) => "socket-binary",
        Event::SocketSkipped(_) => "socket-skipped",
        Event::SocketClosed(_) => "socket-closed",
        Event::HttpResponse(_) => "http-response",
        Event::HttpFailed(_) => "http-failed",
        Event::Timer(_) => "timer",
        Event::BlobDigested(_) => "blob-digested",
        Event::Command(_) => "command",
        Event::Configure(_) => "configure",
        Event::Drain(_) => "drain",
    }
}
