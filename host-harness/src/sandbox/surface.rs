//! What a component may import and must export, checked before it is linked.

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::error::{Error, ErrorKind, Result};

/// Interfaces a channel may import, without their versions: what `std` brings.
/// They lead nowhere: no arguments, no environment, no files, no network. Clocks
/// and randomness are real, and what is printed goes to the log.
pub const ALLOWED_IMPORTS: &[&str] = &[
    "prx:channel/types",
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure-seed",
    "wasi:random/random",
];

const HTTP_IMPORTS: &[&str] = &["wasi:http/outgoing-handler", "wasi:http/types"];

const CHANNEL: &str = "prx:channel/channel";

/// Refuses imports outside the list and a missing `channel` export.
pub(super) fn check(engine: &Engine, component: &Component, http: bool) -> Result<()> {
    let ty = component.component_type();
    for (import, _) in ty.imports(engine) {
        check_import(import, http)?;
    }
    let exports_channel = ty
        .exports(engine)
        .any(|(name, _)| interface(name) == CHANNEL);
    if exports_channel {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Plugin,
        format!("the component does not export `{CHANNEL}`"),
    )
    .with_remedy(
        "export the interface `channel` of prx:channel@0.1.0; examples/echo-channel is a template",
    ))
}

fn check_import(import: &str, http: bool) -> Result<()> {
    let name = interface(import);
    if ALLOWED_IMPORTS.contains(&name) || (http && HTTP_IMPORTS.contains(&name)) {
        return Ok(());
    }
    let remedy = if HTTP_IMPORTS.contains(&name) {
        "set `wasi_http = true` under [channel] in plugin.toml, or use the send-http action. \
         For JavaScript give componentize `disableFeatures: ['http', 'fetch-event']`"
    } else {
        "ask for it by an action instead: a channel imports only what std brings. \
         For Python give componentize-py `--stub-wasi`"
    };
    Err(Error::new(
        ErrorKind::Plugin,
        format!("the component imports `{import}`, which no channel may"),
    )
    .with_remedy(remedy))
}

/// `wasi:io/poll@0.2.6` → `wasi:io/poll`.
fn interface(name: &str) -> &str {
    name.split_once('@')
        .map_or(name, |(interface, _)| interface)
}

/// The error for a component whose types do not fit the contract.
pub(super) fn not_a_channel(cause: &wasmtime::Error) -> Error {
    Error::new(
        ErrorKind::Plugin,
        format!("the component does not fit prx:channel@0.1.0: {cause:#}"),
    )
    .with_remedy("build it against this host's wit/ folder")
}
