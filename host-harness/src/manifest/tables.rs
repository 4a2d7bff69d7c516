//! The tables of a manifest.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::{Error, ErrorKind, Result};
use crate::limits;

/// A plugin's manifest.
#[derive(Clone, Debug, Deserialize)]
pub struct Manifest {
    /// Who the plugin is.
    pub plugin: Identity,
    /// What it offers; one entry must be a channel.
    #[serde(default)]
    pub capabilities: Vec<Capability>,
    /// What it may use of this machine.
    #[serde(default)]
    pub resources: Resources,
    /// Our part of the contract.
    pub channel: ChannelTable,
    /// Where it may go.
    #[serde(default)]
    pub network: Network,
    /// Which secrets the host holds for it, and where they may go.
    #[serde(default)]
    pub secrets: BTreeMap<String, SecretRule>,
    /// What the component's bytes must be.
    #[serde(default)]
    pub integrity: Integrity,
}

impl Manifest {
    /// Name of the configuration table this plugin serves.
    ///
    /// # Errors
    /// When it offers no channel.
    pub fn channel_name(&self) -> Result<&str> {
        self.capabilities
            .iter()
            .find(|capability| capability.kind == "channel")
            .map(|capability| capability.name.as_str())
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::Plugin,
                    format!("plugin `{}` offers no channel", self.plugin.name),
                )
                .with_remedy("add [[capabilities]] with type = \"channel\" and name = \"…\"")
            })
    }
}

/// `[plugin]`.
#[derive(Clone, Debug, Deserialize)]
pub struct Identity {
    /// Name of the plugin.
    pub name: String,
    /// Version of the plugin.
    pub version: String,
    /// One line for people.
    #[serde(default)]
    pub description: String,
    /// File of the component, relative to the folder.
    #[serde(default = "default_wasm")]
    pub wasm: String,
}

fn default_wasm() -> String {
    "plugin.wasm".to_owned()
}

/// One `[[capabilities]]`.
#[derive(Clone, Debug, Deserialize)]
pub struct Capability {
    /// `channel` is the only kind this host runs.
    #[serde(rename = "type")]
    pub kind: String,
    /// For a channel, the name of its configuration table.
    pub name: String,
}

/// `[resources]`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default)]
pub struct Resources {
    /// Linear memory, MiB.
    pub max_memory_mb: u32,
    /// Wall time of one call, milliseconds.
    pub max_execution_time_ms: u64,
    /// State, MiB.
    pub max_kv_storage_mb: u64,
}

impl Default for Resources {
    fn default() -> Self {
        Self {
            max_memory_mb: limits::MEMORY_MB,
            max_execution_time_ms: limits::CALL_MS,
            max_kv_storage_mb: limits::STATE_BYTES / 1024 / 1024,
        }
    }
}

/// `[channel]`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelTable {
    /// Version of the contract the component was built for.
    pub contract: u32,
    /// The component imports `wasi:http/outgoing-handler`.
    #[serde(default)]
    pub wasi_http: bool,
}

/// `[network]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// `[[network.allow]]`; anything no rule allows is denied.
    #[serde(default)]
    pub allow: Vec<NetRule>,
}

/// One `[[network.allow]]`. Within a rule every condition must hold.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetRule {
    /// `https`, `wss`, `http`, `ws`. Applies to `hosts`.
    #[serde(default)]
    pub schemes: Vec<String>,
    /// Exact host names, or `*.NAME.TLD`.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Ports; the scheme's own when empty. Applies to `hosts`.
    #[serde(default)]
    pub ports: Vec<u16>,
    /// Configuration keys that hold a URL whose scheme, host and port are
    /// allowed.
    #[serde(default)]
    pub config: Vec<String>,
    /// HTTP methods; all when empty.
    #[serde(default)]
    pub methods: Vec<String>,
    /// Path prefixes, by whole segments; all when empty.
    #[serde(default)]
    pub paths: Vec<String>,
}

/// `[secrets.NAME]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretRule {
    /// Configuration key the value comes from.
    pub from_config: Option<String>,
    /// Responses that hold it. It is taken out of them whatever the component
    /// asks for.
    #[serde(default)]
    pub sealed_from: Vec<SealScope>,
    /// Requests and frames it may go into.
    #[serde(default)]
    pub allow: Vec<SecretScope>,
}

/// Where a secret comes from.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealScope {
    /// Exact host names.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Configuration keys that hold a URL of such a host.
    #[serde(default)]
    pub config: Vec<String>,
    /// Path prefixes, by whole segments; all when empty.
    #[serde(default)]
    pub paths: Vec<String>,
    /// JSON pointer of the value in the body.
    pub pointer: String,
    /// JSON pointers of what the component may see of the body beside it.
    #[serde(default)]
    pub shows: Vec<String>,
}

/// Where a secret may go to.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretScope {
    /// Exact host names.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Configuration keys that hold a URL of such a host.
    #[serde(default)]
    pub config: Vec<String>,
    /// Path prefixes, by whole segments; all when empty.
    #[serde(default)]
    pub paths: Vec<String>,
    /// `header:NAME` or `json:/POINTER`.
    #[serde(default)]
    pub places: Vec<String>,
}

/// `[integrity]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Integrity {
    /// SHA-256 of the component, hex.
    pub sha256: Option<String>,
}
