//! What the store of one instance holds: an empty WASI, limits, the deadline of
//! the running call, and the gate for `wasi:http`.

use std::time::{Duration, Instant};

use wasmtime::component::ResourceTable;
use wasmtime::{Engine, ResourceLimiter, Store, UpdateDeadline};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::meter::Meter;
use super::output::Output;
use super::wasi_http::{Hooks, HttpGate};

pub(crate) struct GuestState {
    wasi: WasiCtx,
    table: ResourceTable,
    http: WasiHttpCtx,
    hooks: Hooks,
    meter: Meter,
    pub(super) output: Output,
    /// When the running call is over its budget.
    pub(super) call_ends: Instant,
}

impl GuestState {
    pub(super) fn new(memory_mb: u32, gate: HttpGate) -> Self {
        let output = Output::default();
        let wasi = WasiCtx::builder()
            .stdout(output.clone())
            .stderr(output.clone())
            .build();
        Self {
            wasi,
            table: ResourceTable::new(),
            http: WasiHttpCtx::new(),
            hooks: Hooks::new(gate),
            meter: Meter::new(memory_mb),
            output,
            call_ends: Instant::now(),
        }
    }

    /// A store whose calls yield every tick and trap at `call_ends`.
    pub(super) fn into_store(self, engine: &Engine) -> Store<Self> {
        let mut store = Store::new(engine, self);
        store.limiter(|state| -> &mut dyn ResourceLimiter { &mut state.meter });
        store.epoch_deadline_callback(|context| {
            if Instant::now() >= context.data().call_ends {
                return Ok(UpdateDeadline::Interrupt);
            }
            Ok(UpdateDeadline::Yield(1))
        });
        store
    }

    /// Starts the clock of one call.
    pub(super) fn arm(store: &mut Store<Self>, budget: Duration) {
        store.data_mut().call_ends = Instant::now() + budget;
        store.set_epoch_deadline(1);
    }
}

impl WasiView for GuestState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for GuestState {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.hooks,
        }
    }
}
