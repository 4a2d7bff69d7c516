//! What a component may import and must export, checked before it is linked.

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::error::{Error, ErrorKind, Result, caused};

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
/// Version of the WIT package this host was built from.
const CONTRACT: &str = "0.2.0";

/// Refuses imports outside the list and a missing `channel` export.
pub(super) fn check(engine: &Engine, component: &Component, http: bool) -> Result<()> {
    let ty = component.component_type();
    for (import, _) in ty.imports(engine) {
        check_import(import, http)?;
    }
    let mut exports = ty.exports(engine).map(|(name, _)| name);
    check_export(exports.find(|name| interface(name) == CHANNEL))
}

/// The channel in this host's version of the contract, and in no other.
fn check_export(channel: Option<&str>) -> Result<()> {
    let version = channel.map(|name| name.rsplit_once('@').map_or("none", |(_, version)| version));
    let (what, remedy) = match version {
        Some(CONTRACT) => return Ok(()),
        Some(other) => (
            format!("the component speaks prx:channel {other}, this host {CONTRACT}"),
            "install a version of the plugin built for this host, or build it against this host's wit/ folder".to_owned(),
        ),
        None => (
            format!("the component does not export `{CHANNEL}`"),
            format!("export the interface `channel` of prx:channel@{CONTRACT}; examples/echo-channel is a template"),
        ),
    };
    Err(Error::new(ErrorKind::Plugin, what).with_remedy(remedy))
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
pub(super) fn not_a_channel(cause: wasmtime::Error) -> Error {
    let what = format!("the component does not fit prx:channel@{CONTRACT}");
    caused(ErrorKind::Plugin, what)(cause).with_remedy("build it against this host's wit/ folder")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn another_version_of_the_contract_is_refused_with_both() {
        assert!(include_str!("../../../wit/types.wit").contains(&format!("@{CONTRACT};")));
        check_export(Some("prx:channel/channel@0.2.0")).unwrap();
        for (export, words) in [
            (
                Some("prx:channel/channel@0.1.0"),
                "speaks prx:channel 0.1.0, this host 0.2.0",
            ),
            (Some("prx:channel/channel"), "speaks prx:channel none"),
            (None, "does not export `prx:channel/channel`"),
        ] {
            let error = check_export(export).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
