//! One engine for the process: configuration, epoch ticker, linkers, and the
//! way from bytes to something that can be instantiated.

use std::sync::Arc;

use wasmtime::component::Linker;
use wasmtime::{Config, Engine, EngineWeak};

use super::cache::CodeCache;
use super::compile::compile;
use super::guest::GuestState;
use super::surface;
use crate::bindings::ChannelPluginPre;
use crate::error::{ErrorKind, Result, caused};
use crate::limits;

/// Compiles components and lends them an empty WASI.
///
/// Cheap to clone; one per process is enough for any number of channels.
#[derive(Clone)]
pub(crate) struct Sandbox {
    shared: Arc<Shared>,
}

struct Shared {
    engine: Engine,
    plain: Linker<GuestState>,
    with_http: Linker<GuestState>,
    cache: Option<CodeCache>,
}

/// What to make of a component.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LoadSpec {
    /// The manifest asks for `wasi:http`.
    pub(crate) wasi_http: bool,
}

/// A component ready to be instantiated any number of times.
#[derive(Clone)]
pub(crate) struct Loaded {
    pub(crate) engine: Engine,
    pub(crate) pre: ChannelPluginPre<GuestState>,
}

impl Sandbox {
    /// Makes the engine and starts its clock. Compiled code is kept under
    /// `cache_dir`, if one is given.
    ///
    /// # Errors
    /// When the engine refuses its configuration on this machine, or the cache
    /// directory cannot be made private.
    pub(crate) fn new(cache_dir: Option<&std::path::Path>) -> Result<Self> {
        let engine = Engine::new(&config()).map_err(caused(ErrorKind::Sandbox, "wasmtime"))?;
        start_ticker(engine.weak())?;
        let cache = cache_dir
            .map(|dir| CodeCache::open(dir, &engine))
            .transpose()?;
        let plain = linker(&engine, false)?;
        let with_http = linker(&engine, true)?;
        Ok(Self {
            shared: Arc::new(Shared {
                engine,
                plain,
                with_http,
                cache,
            }),
        })
    }

    /// Turns a component's bytes into something to instantiate.
    ///
    /// # Errors
    /// When the bytes are not a component, import something outside the list, or
    /// export no `channel`.
    pub(crate) fn load(&self, bytes: &[u8], spec: LoadSpec) -> Result<Loaded> {
        let shared = &self.shared;
        let component = match &shared.cache {
            Some(cache) => cache.load(&shared.engine, bytes)?,
            None => compile(&shared.engine, bytes)?,
        };
        surface::check(&shared.engine, &component, spec.wasi_http)?;
        let linker = if spec.wasi_http {
            &shared.with_http
        } else {
            &shared.plain
        };
        let pre = linker
            .instantiate_pre(&component)
            .and_then(ChannelPluginPre::new)
            .map_err(surface::not_a_channel)?;
        Ok(Loaded {
            engine: shared.engine.clone(),
            pre,
        })
    }
}

fn config() -> Config {
    let mut config = Config::new();
    config.wasm_component_model(true);
    config.epoch_interruption(true);
    // A trap's backtrace names the guest's function in the log.
    config.wasm_backtrace_max_frames(std::num::NonZeroUsize::new(8));
    config
}

fn linker(engine: &Engine, http: bool) -> Result<Linker<GuestState>> {
    let mut linker = Linker::new(engine);
    let added = wasmtime_wasi::p2::add_to_linker_async(&mut linker).and_then(|()| {
        if http {
            wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
        }
        Ok(())
    });
    added.map_err(caused(ErrorKind::Sandbox, "linking WASI"))?;
    Ok(linker)
}

/// Advances the epoch until the last engine is gone.
fn start_ticker(engine: EngineWeak) -> Result<()> {
    std::thread::Builder::new()
        .name("epoch".to_owned())
        .spawn(move || {
            while let Some(engine) = engine.upgrade() {
                engine.increment_epoch();
                drop(engine);
                std::thread::sleep(limits::EPOCH_TICK);
            }
        })
        .map(drop)
        .map_err(caused(ErrorKind::Sandbox, "starting the epoch thread"))
}
