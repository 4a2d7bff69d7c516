//! `plugin.toml`: PRX's manifest and our tables beside it.
//!
//! PRX's own tables may hold keys we do not know. Ours may not: a typo in a
//! rule that allows or binds something must not pass for silence.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::contract;
use crate::error::{Error, ErrorKind, Result, caused};
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

impl Manifest {
    /// Reads the manifest of the plugin folder `dir`.
    ///
    /// # Errors
    /// When there is none, and as [`Self::parse`].
    pub fn read(dir: &Path) -> Result<Self> {
        let path = dir.join("plugin.toml");
        let text = fs::read_to_string(&path).map_err(|cause| {
            caused(ErrorKind::Plugin, path.display())(cause)
                .with_remedy("name the folder of a plugin: it holds plugin.toml and the component")
        })?;
        Self::parse(&text).map_err(|error| error.with_prefix(format_args!("{}: ", dir.display())))
    }

    /// Reads a manifest's text and checks what can be checked without the component.
    ///
    /// # Errors
    /// A message that names the key and what to write.
    pub fn parse(text: &str) -> Result<Self> {
        let manifest: Self =
            toml::from_str(text).map_err(caused(ErrorKind::Plugin, "plugin.toml"))?;
        manifest.check()?;
        Ok(manifest)
    }

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

    fn check(&self) -> Result<()> {
        self.channel_name()?;
        if self.channel.contract != contract::VERSION {
            return Err(Error::new(
                ErrorKind::Plugin,
                format!(
                    "plugin `{}` is built for contract {}, this host speaks {}",
                    self.plugin.name,
                    self.channel.contract,
                    contract::VERSION
                ),
            )
            .with_remedy("install a version of the plugin built for this host"));
        }
        let resources = &self.resources;
        in_range(
            "max_memory_mb",
            resources.max_memory_mb.into(),
            limits::MEMORY_MB_MAX.into(),
        )?;
        in_range(
            "max_execution_time_ms",
            resources.max_execution_time_ms,
            limits::CALL_MS_MAX,
        )?;
        in_range(
            "max_kv_storage_mb",
            resources.max_kv_storage_mb,
            limits::STATE_BYTES_MAX / 1024 / 1024,
        )?;
        for host in self.network.allow.iter().flat_map(|rule| &rule.hosts) {
            check_host(host, true)?;
        }
        for secret in self.secrets.values() {
            let to = secret.allow.iter().map(|scope| &scope.hosts);
            let from = secret.sealed_from.iter().map(|scope| &scope.hosts);
            for host in to.chain(from).flatten() {
                check_host(host, false)?;
            }
            for scope in &secret.sealed_from {
                check_pointer(&scope.pointer)?;
                scope
                    .shows
                    .iter()
                    .try_for_each(|shown| check_pointer(shown))?;
            }
        }
        if self.plugin.wasm.contains("..") || self.plugin.wasm.starts_with('/') {
            return Err(Error::new(
                ErrorKind::Plugin,
                "plugin.toml: `wasm` must be a file of the folder",
            ));
        }
        Ok(())
    }
}

/// A star may stand for the labels in front of two others: nobody owns a whole
/// top-level domain, and no secret goes to names nobody knows.
fn check_host(host: &str, may_have_star: bool) -> Result<()> {
    let exact = !host.contains('*');
    let below = host.strip_prefix("*.").filter(|_| may_have_star);
    if exact || below.is_some_and(|below| !below.contains('*') && below.contains('.')) {
        return Ok(());
    }
    let what = format!("plugin.toml: `{host}` is not a host name");
    let remedy = if may_have_star {
        "write the name in full, or *.NAME.TLD for every host below it"
    } else {
        "write the name in full: a secret goes to named hosts only"
    };
    Err(Error::new(ErrorKind::Plugin, what).with_remedy(remedy))
}

fn check_pointer(pointer: &str) -> Result<()> {
    if pointer.starts_with('/') {
        return Ok(());
    }
    let what = format!("plugin.toml: `{pointer}` under sealed_from is not a JSON pointer");
    Err(Error::new(ErrorKind::Plugin, what).with_remedy("write /MEMBER or /MEMBER/MEMBER"))
}

fn in_range(key: &str, value: u64, max: u64) -> Result<()> {
    if (1..=max).contains(&value) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Plugin,
        format!("plugin.toml: resources.{key} = {value} is out of range"),
    )
    .with_remedy(format!("write 1 to {max}")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const QQ: &str = include_str!("../../../plugin.toml");

    #[test]
    fn the_qq_manifest_is_read_whole() {
        let manifest = Manifest::parse(QQ).unwrap();
        assert_eq!(manifest.channel_name().unwrap(), "qq");
        assert_eq!(manifest.network.allow.len(), 5);
        assert_eq!(
            manifest.secrets["app_secret"].from_config.as_deref(),
            Some("app_secret")
        );
        assert!(!manifest.secrets["access_token"].sealed_from.is_empty());
    }

    #[test]
    fn a_typo_in_our_tables_is_refused() {
        for (from, to) in [
            ("hosts = [\"bots.qq.com\"]", "host = [\"bots.qq.com\"]"),
            ("from_config", "from_cfg"),
            ("contract = 2", "contract = 2\nwasi_htp = true"),
        ] {
            let error = Manifest::parse(&QQ.replacen(from, to, 1)).unwrap_err();
            assert!(error.what().contains("unknown field"), "{error}");
        }
    }

    #[test]
    fn another_contract_is_refused_with_both_numbers() {
        let error = Manifest::parse(&QQ.replace("contract = 2", "contract = 7")).unwrap_err();
        assert!(
            error.to_string().contains("contract 7, this host speaks 2"),
            "{error}"
        );
    }

    #[test]
    fn a_component_outside_the_folder_is_refused() {
        let text = QQ.replace("wasm = \"plugin.wasm\"", "wasm = \"../other.wasm\"");
        assert!(Manifest::parse(&text).is_err());
    }

    #[test]
    fn a_star_covers_no_top_level_domain_and_no_secret() {
        let rule = "hosts = [\"bots.qq.com\"]";
        for (host, good) in [
            ("*.qq.com", true),
            ("*.com", false),
            ("*", false),
            ("a.*.com", false),
        ] {
            let text = QQ.replacen(rule, &format!("hosts = [\"{host}\"]"), 1);
            assert_eq!(Manifest::parse(&text).is_ok(), good, "{host}");
        }
        let secret = "hosts = [\"api.bot.qq.com\", \"bots.qq.com\"]";
        let text = QQ.replacen(secret, "hosts = [\"*.qq.com\"]", 1);
        assert!(Manifest::parse(&text).is_err());
    }

    #[test]
    fn prx_keys_we_do_not_know_are_left_alone() {
        let text = QQ.replace("[resources]", "[resources]\nmax_threads = 3");
        Manifest::parse(&text).unwrap();
    }
}
