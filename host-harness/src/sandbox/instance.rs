//! One instance: a store, the exports, and calls under a budget.

use std::time::Duration;

use wasmtime::Store;

use super::engine::Loaded;
use super::guest::GuestState;
use super::meter::Over;
use super::wasi_http::HttpGate;
use crate::bindings::ChannelPlugin;
use crate::contract::{Action, Context, Descriptor, Envelope, Problem};

/// A component instance. After an [`Err`] from any call it is dead: wasmtime
/// bars a store whose call trapped or was dropped, so it must be dropped too.
pub(crate) struct Instance {
    store: Store<GuestState>,
    plugin: ChannelPlugin,
    budget: Duration,
}

/// Why a call did not return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CallError {
    /// The guest trapped; the text is the cause and what the guest printed.
    Trap(String),
    /// The guest asked for more than it may have.
    OverLimit(Over),
    /// The call ran over its budget.
    OverTime(Duration),
}

impl std::fmt::Display for CallError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Trap(cause) => write!(f, "the component trapped: {cause}"),
            Self::OverLimit(over) => write!(f, "the component cannot run: {over}"),
            Self::OverTime(budget) => write!(
                f,
                "the component ran longer than {} ms (`max_execution_time_ms` in plugin.toml)",
                budget.as_millis()
            ),
        }
    }
}

impl std::error::Error for CallError {}

/// How far past its budget a call that waits outside the guest may run before
/// its future is dropped.
const GRACE: Duration = Duration::from_millis(50);

impl Instance {
    /// A fresh instance, its start function run under the same budget.
    pub(crate) async fn new(
        loaded: &Loaded,
        memory_mb: u32,
        budget: Duration,
        gate: HttpGate,
    ) -> Result<Self, CallError> {
        let mut store = GuestState::new(memory_mb, gate).into_store(&loaded.engine);
        // Before instantiation: module initialisation is compiled code.
        GuestState::arm(&mut store, budget);
        let plugin = tokio::time::timeout(budget + GRACE, loaded.pre.instantiate_async(&mut store))
            .await
            .map_err(|_elapsed| CallError::OverTime(budget))?
            .map_err(|cause| match Over::of(&cause) {
                Some(over) => CallError::OverLimit(over),
                None if is_interrupted(&cause) => CallError::OverTime(budget),
                None => CallError::Trap(format!("{cause:#}")),
            })?;
        Ok(Self {
            store,
            plugin,
            budget,
        })
    }

    pub(crate) async fn describe(&mut self) -> Result<Descriptor, CallError> {
        self.arm();
        let call = self
            .plugin
            .prx_channel_channel()
            .call_describe(&mut self.store);
        let done = tokio::time::timeout(self.budget + GRACE, call).await;
        self.finish(done)
    }

    pub(crate) async fn validate(&mut self, config: &str) -> Result<Vec<Problem>, CallError> {
        self.arm();
        let call = self
            .plugin
            .prx_channel_channel()
            .call_validate(&mut self.store, config);
        let done = tokio::time::timeout(self.budget + GRACE, call).await;
        self.finish(done)
    }

    /// `Ok(Err(_))` is the channel's own refusal.
    pub(crate) async fn start(
        &mut self,
        context: &Context,
    ) -> Result<Result<Vec<Action>, String>, CallError> {
        self.arm();
        let call = self
            .plugin
            .prx_channel_channel()
            .call_start(&mut self.store, context);
        let done = tokio::time::timeout(self.budget + GRACE, call).await;
        self.finish(done)
    }

    pub(crate) async fn handle(&mut self, envelope: &Envelope) -> Result<Vec<Action>, CallError> {
        self.arm();
        let call = self
            .plugin
            .prx_channel_channel()
            .call_handle(&mut self.store, envelope);
        let done = tokio::time::timeout(self.budget + GRACE, call).await;
        self.finish(done)
    }

    /// What the guest printed since the last look.
    pub(crate) fn printed(&self) -> Option<String> {
        self.store.data().output.take()
    }

    fn arm(&mut self) {
        GuestState::arm(&mut self.store, self.budget);
    }

    fn finish<T>(
        &self,
        done: Result<wasmtime::Result<T>, tokio::time::error::Elapsed>,
    ) -> Result<T, CallError> {
        match done {
            Ok(Ok(value)) => Ok(value),
            Err(_elapsed) => Err(CallError::OverTime(self.budget)),
            Ok(Err(cause)) => Err(self.trap(&cause)),
        }
    }

    fn trap(&self, cause: &wasmtime::Error) -> CallError {
        if is_interrupted(cause) {
            return CallError::OverTime(self.budget);
        }
        if let Some(over) = Over::of(cause) {
            return CallError::OverLimit(over);
        }
        let mut text = format!("{:#}", cause.root_cause());
        if let Some(printed) = self.printed() {
            text = format!("{text} — it printed: {printed}");
        }
        CallError::Trap(text)
    }
}

fn is_interrupted(cause: &wasmtime::Error) -> bool {
    cause.downcast_ref() == Some(&wasmtime::Trap::Interrupt)
}
