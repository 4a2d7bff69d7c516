//! From a component's bytes to machine code.

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::error::{ErrorKind, Result, caused};

pub(super) fn compile(engine: &Engine, bytes: &[u8]) -> Result<Component> {
    Component::from_binary(engine, bytes).map_err(|cause| {
        caused(ErrorKind::Plugin, "not a component this host can compile")(cause).with_remedy(
            "build it for wasm32-wasip2, which yields a component and not a core module",
        )
    })
}
