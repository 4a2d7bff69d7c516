//! [`ChannelHost`] loads plugins, checks their configuration and starts them.

mod ready;
mod refusals;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::time::Duration;

use ready::Ready;
use refusals::died;

use crate::about::About;
use crate::actor::{Answer, Inlets, Kept, Spec, Wire};
use crate::config::{ChannelConfig, ConfigFile};
use crate::contract::{self, Check, Descriptor, Problem, Request};
use crate::error::{Error, ErrorKind, Result, caused};
use crate::handle::{self, ChannelCommands, ChannelHandle};
use crate::net::{Blobs, Net};
use crate::plugin::Plugin;
use crate::policy::{NetworkPolicy, SharedPolicy};
use crate::sandbox::{CallError, HttpGate, Instance, Sandbox};
use crate::secrets::Vault;
use crate::store::{DiskFaults, Store};
use crate::trace::TraceSink;

/// How a host is set up. There may be more to say one day: write what you mean
/// and leave the rest to `..HostOptions::default()`.
#[derive(Clone, Default)]
pub struct HostOptions {
    /// Where state and compiled code live. `None`: in memory only.
    pub state_dir: Option<PathBuf>,
    /// Let channels reach this machine, in the clear too. For simulators.
    pub allow_loopback: bool,
    /// Is shown everything that crosses the sandbox.
    pub trace: Option<TraceSink>,
    /// Stands before the disk that state is written to, for tests.
    pub disk_faults: Option<Arc<dyn DiskFaults>>,
}

/// Loads and runs any number of channels, each in its own sandbox.
#[derive(Clone)]
pub struct ChannelHost {
    sandbox: Sandbox,
    net: Net,
    pub(crate) options: Arc<HostOptions>,
}

impl ChannelHost {
    /// Sets up engine and network.
    ///
    /// # Errors
    /// When this machine cannot run the sandbox, or the state folder is not
    /// private.
    pub fn new(options: HostOptions) -> Result<Self> {
        let cache = options.state_dir.as_ref().map(|dir| dir.join("code"));
        Ok(Self {
            sandbox: Sandbox::new(cache.as_deref()).map_err(|error| {
                error.or_remedy("give a folder this user may write to: --state DIR")
            })?,
            net: Net::new(options.allow_loopback)?,
            options: Arc::new(options),
        })
    }

    /// Reads and compiles the plugin in `dir`, away from the runtime's threads:
    /// that takes a while, and they have frames to move.
    ///
    /// # Errors
    /// When the folder lacks its manifest or component, the bytes are not the
    /// ones the manifest names, or the component is not a channel.
    pub async fn plugin(&self, dir: &Path) -> Result<Plugin> {
        let (sandbox, dir) = (self.sandbox.clone(), dir.to_owned());
        tokio::task::spawn_blocking(move || Plugin::load(&dir, &sandbox))
            .await
            .map_err(caused(ErrorKind::Plugin, "loading the plugin"))?
    }

    /// What the plugin says of itself, checked against its manifest.
    ///
    /// # Errors
    /// When it dies, or describes another channel or contract.
    pub async fn describe(&self, plugin: &Plugin) -> Result<Descriptor> {
        let name = plugin.manifest().channel_name()?;
        let mut instance = self
            .probe(plugin)
            .await
            .map_err(|death| died(plugin, death))?;
        let descriptor = instance
            .describe()
            .await
            .map_err(|death| died(plugin, death))?;
        if descriptor.contract != contract::VERSION || descriptor.name != name {
            return Err(Error::new(
                ErrorKind::Plugin,
                format!(
                    "the component is channel `{}` for contract {}, plugin.toml says `{name}` and this host speaks {}",
                    descriptor.name,
                    descriptor.contract,
                    contract::VERSION
                ),
            )
            .with_remedy("keep plugin.toml and plugin.wasm of one build together"));
        }
        Ok(descriptor)
    }

    /// Everything the plugin finds wrong with its configuration.
    ///
    /// # Errors
    /// When there is no such table, a secret cannot be found, or the plugin
    /// dies.
    pub async fn validate(
        &self,
        plugin: &Plugin,
        file: &ConfigFile,
    ) -> Result<(ChannelConfig, Vec<Problem>)> {
        let (_, config, problems) = self.question(plugin, file).await?;
        Ok((config, problems))
    }

    async fn question(
        &self,
        plugin: &Plugin,
        file: &ConfigFile,
    ) -> Result<(Descriptor, ChannelConfig, Vec<Problem>)> {
        let descriptor = self.describe(plugin).await?;
        let name = plugin.manifest().channel_name()?;
        let config =
            ChannelConfig::resolve(file, name, plugin.manifest(), &descriptor.config_schema)?;
        let mut instance = self
            .probe(plugin)
            .await
            .map_err(|death| died(plugin, death))?;
        let problems = instance
            .validate(&config.json)
            .await
            .map_err(|death| died(plugin, death))?;
        Ok((descriptor, config, problems))
    }

    /// Starts the channel of `plugin` with its table of `file`.
    ///
    /// # Errors
    /// A configuration error names every problem; see also [`Self::validate`].
    pub async fn start(&self, plugin: Plugin, file: &ConfigFile) -> Result<ChannelHandle> {
        let instance = plugin.manifest().channel_name()?.to_owned();
        self.start_as(plugin, file, &instance).await
    }

    /// The same under a name of its own, which also names its state: several
    /// accounts are several instances.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_as(
        &self,
        plugin: Plugin,
        file: &ConfigFile,
        instance: &str,
    ) -> Result<ChannelHandle> {
        let ready = self.prepare(plugin, file, instance).await?;
        let (mail, inlets) = Inlets::new();
        Ok(ready.start(mail, inlets))
    }

    /// Starts the channel of `plugin` for an examination: it is asked before its
    /// first step, so that it cannot give up unasked. The findings arrive in
    /// `checks`, the result comes from the future.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn examine(
        &self,
        plugin: Plugin,
        file: &ConfigFile,
        checks: mpsc::UnboundedSender<Check>,
        within: Duration,
    ) -> Result<(ChannelHandle, impl Future<Output = Answer> + Send + use<>)> {
        let instance = plugin.manifest().channel_name()?.to_owned();
        let ready = self.prepare(plugin, file, &instance).await?;
        let (mail, inlets) = Inlets::new();
        let answer = handle::ask_first(&mail, Request::Doctor, checks, within);
        Ok((ready.start(mail, inlets), answer))
    }

    async fn prepare(&self, plugin: Plugin, file: &ConfigFile, instance: &str) -> Result<Ready> {
        let (descriptor, config, problems) = self.question(&plugin, file).await?;
        let name = refusals::instance_name(instance)?;
        refusals::errors(plugin.manifest().channel_name()?, &problems)?;
        let kept = self.kept(&name).await?;
        let manifest = plugin.manifest();
        let policy = NetworkPolicy::of(manifest, &config.bases, self.options.allow_loopback);
        let blobs = self.options.state_dir.as_ref().map(|dir| dir.join("blobs"));
        let wire = Wire {
            client: self.net.http.clone(),
            policy: SharedPolicy::new(policy),
            vault: Arc::new(Vault::new(&manifest.secrets, &config.bases, config.secrets)),
            blobs: Blobs::new(blobs.as_deref())?,
        };
        let spec = Spec {
            name,
            plugin,
            config: config.json,
            net: self.net.clone(),
            wire,
            allow_loopback: self.options.allow_loopback,
            trace: self.options.trace.clone(),
        };
        Ok(Ready {
            about: About::new(descriptor),
            spec,
            kept,
        })
    }

    /// Puts the plugin in `dir` in place of the one that runs as `channel`,
    /// with the configuration of `file`. Returns how long the channel paused.
    ///
    /// # Errors
    /// When the candidate does not load, validate or start; then nothing has
    /// changed.
    pub async fn reload(
        &self,
        channel: &ChannelCommands,
        dir: &Path,
        file: &ConfigFile,
    ) -> Result<Duration> {
        let plugin = self.plugin(dir).await?;
        let (descriptor, config, problems) = self.question(&plugin, file).await?;
        refusals::errors(plugin.manifest().channel_name()?, &problems)?;
        channel.swap(plugin, config, descriptor).await
    }

    /// What an earlier host kept for this channel.
    async fn kept(&self, name: &str) -> Result<Kept> {
        let (options, name) = (Arc::clone(&self.options), name.to_owned());
        let load = move || {
            let faults = options.disk_faults.clone();
            Kept::load(match &options.state_dir {
                Some(dir) => Store::open(dir, &name, faults)?,
                None => Store::in_memory()?,
            })
        };
        // The disk may take its time; the runtime's threads do not wait.
        tokio::task::spawn_blocking(load)
            .await
            .map_err(caused(ErrorKind::State, "reading the state"))?
    }

    /// An instance for `describe` and `validate`: no state, no network.
    pub(crate) async fn probe(&self, plugin: &Plugin) -> Result<Instance, CallError> {
        let resources = plugin.manifest().resources;
        let budget = Duration::from_millis(resources.max_execution_time_ms);
        let gate = HttpGate {
            policy: SharedPolicy::new(NetworkPolicy::new(&[], &Default::default(), false)),
            client: self.net.http.clone(),
        };
        Instance::new(&plugin.loaded, resources.max_memory_mb, budget, gate).await
    }
}
