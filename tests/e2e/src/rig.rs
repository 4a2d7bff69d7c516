//! One simulator, one host, one QQ channel, one echo agent.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use prx_channel::agent::{self, Agent, Echo, Happened, Report};
use prx_channel_host::contract::ChannelState;
use prx_channel_host::{ChannelCommands, ChannelHandle, ChannelHost, HostOptions, StatusReport};
use qq_sim::{Bot, Record, Sim, SimConfig};
use tempfile::TempDir;
use tokio::sync::watch;

use crate::watch::{Crossings, status};
use crate::{APP_ID, SECRET, SOON, TestDisk, answer, plugins, qq_config};

/// What may differ between rigs.
pub struct RigOptions {
    /// The simulated platform.
    pub sim: SimConfig,
    /// More lines for `[channels_config.qq]`.
    pub config: String,
    /// Who answers.
    pub agent: Arc<dyn Agent>,
    /// Where everything that crosses a sandbox is kept.
    pub crossings: Crossings,
    /// What the channel's state lies on.
    pub disk: TestDisk,
}

impl Default for RigOptions {
    fn default() -> Self {
        let sim = SimConfig::with_bots([Bot::new(APP_ID, SECRET)]);
        Self {
            sim,
            config: String::new(),
            agent: Arc::new(Echo),
            crossings: Crossings::default(),
            disk: TestDisk::default(),
        }
    }
}

/// A running set-up. Dropping it stops everything.
pub struct Rig {
    /// The platform.
    pub sim: Sim,
    /// The host; more channels can be started on it.
    pub host: ChannelHost,
    /// Everything that crossed a sandbox of this host.
    pub crossings: Crossings,
    /// What the agent's loop reported.
    pub happened: Arc<Mutex<Vec<Happened>>>,
    /// What the channel's state lies on.
    pub disk: TestDisk,
    channel: Option<ChannelHandle>,
    state: TempDir,
    options: (String, Arc<dyn Agent>),
}

/// Anything that can go wrong while setting up.
pub type SetUp<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

impl Rig {
    /// Starts everything and waits until the channel is connected.
    ///
    /// # Errors
    /// Whatever would not start.
    pub async fn start() -> SetUp<Self> {
        Self::start_with(RigOptions::default()).await
    }

    /// The same with other options.
    ///
    /// # Errors
    /// Whatever would not start.
    pub async fn start_with(options: RigOptions) -> SetUp<Self> {
        let mut rig = Self::without_channel(options).await?;
        rig.connect().await?;
        Ok(rig)
    }

    /// Everything but the channel.
    ///
    /// # Errors
    /// Whatever would not start.
    pub async fn without_channel(options: RigOptions) -> SetUp<Self> {
        let sim = Sim::start(options.sim).await?;
        let state = tempfile::tempdir()?;
        let crossings = options.crossings;
        let host = host(state.path(), &crossings, &options.disk)?;
        Ok(Self {
            disk: options.disk,
            sim,
            host,
            crossings,
            happened: Arc::default(),
            channel: None,
            state,
            options: (options.config, options.agent),
        })
    }

    /// Starts the channel and waits until it is connected.
    ///
    /// # Errors
    /// When it does not load, or does not get ready.
    pub async fn connect(&mut self) -> SetUp<()> {
        self.launch().await?;
        self.wait_ready().await
    }

    /// Starts the channel and does not wait.
    ///
    /// # Errors
    /// When it does not load.
    pub async fn launch(&mut self) -> SetUp<()> {
        let mut channel = self.start_channel().await?;
        if let Some(messages) = channel.take_messages() {
            let happened = Arc::clone(&self.happened);
            let report: Report = Arc::new(move |_channel, what| {
                happened
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(what.clone());
            });
            let (commands, agent) = (channel.commands(), Arc::clone(&self.options.1));
            tokio::spawn(async move { agent::run("qq", messages, commands, agent, report).await });
        }
        self.channel = Some(channel);
        Ok(())
    }

    /// Starts the channel and leaves its messages to the caller.
    ///
    /// # Errors
    /// When it does not load.
    pub async fn start_channel(&self) -> SetUp<ChannelHandle> {
        let config = qq_config(&self.sim, &self.options.0)?;
        let plugin = self.host.plugin(&plugins().join("qq")).await?;
        Ok(self.host.start(plugin, &config).await?)
    }

    /// Takes a channel from [`Self::start_channel`] over.
    pub fn adopt(&mut self, channel: ChannelHandle) {
        self.channel = Some(channel);
    }

    /// Waits until the channel says it is ready.
    ///
    /// # Errors
    /// The state it was in instead.
    pub async fn wait_ready(&self) -> SetUp<()> {
        status(self.status()?, SOON, |report| {
            report.state == ChannelState::Ready
        })
        .await
        .map(drop)
        .map_err(|report| format!("not ready but {report:?}").into())
    }

    /// Stops the channel gently and starts it again on a fresh host with the
    /// same state, as another process would.
    ///
    /// # Errors
    /// Whatever would not start.
    pub async fn restart_host(&mut self) -> SetUp<()> {
        if let Some(channel) = self.channel.take() {
            channel.drain(Duration::from_secs(5)).await;
        }
        self.host = host(self.state.path(), &self.crossings, &self.disk)?;
        self.connect().await
    }

    /// Ends the channel where it stands, as a killed process would, and starts
    /// it again on a fresh host with the same state.
    ///
    /// # Errors
    /// Whatever would not start.
    pub async fn kill_host(&mut self) -> SetUp<()> {
        self.relaunch().await?;
        self.wait_ready().await
    }

    /// The same without waiting for the channel to be ready.
    ///
    /// # Errors
    /// Whatever would not start.
    pub async fn relaunch(&mut self) -> SetUp<()> {
        self.channel = None;
        self.host = host(self.state.path(), &self.crossings, &self.disk)?;
        let began = tokio::time::Instant::now();
        // A commit that was on its way still holds the file for a moment; the
        // operating system would have released it with the process.
        while let Err(why) = self.launch().await {
            if !why.to_string().contains("in use") || began.elapsed() > SOON {
                return Err(why);
            }
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// The channel's state.
    ///
    /// # Errors
    /// When it was not started.
    pub fn status(&self) -> SetUp<watch::Receiver<StatusReport>> {
        Ok(self.channel()?.status())
    }

    /// The channel's commands.
    ///
    /// # Errors
    /// When it was not started.
    pub fn commands(&self) -> SetUp<ChannelCommands> {
        Ok(self.channel()?.commands())
    }

    /// The channel.
    ///
    /// # Errors
    /// When it was not started.
    pub fn channel(&self) -> SetUp<&ChannelHandle> {
        self.channel
            .as_ref()
            .ok_or_else(|| "the channel was not started".into())
    }

    /// A user writes, and reads the same from the echo.
    ///
    /// # Panics
    /// When it reads something else, or nothing.
    pub async fn echoes(&self, user: &str, text: &str) {
        assert_eq!(answer(&self.sim, user, text).await, text);
    }

    /// How often the platform saw this.
    pub fn count(&self, wanted: impl Fn(&Record) -> bool) -> usize {
        let journal = self.sim.journal();
        journal.iter().filter(|entry| wanted(&entry.record)).count()
    }

    /// How many sessions were begun.
    pub fn identifies(&self) -> usize {
        self.count(|record| matches!(record, Record::Identified { .. }))
    }

    /// How many were gone on with.
    pub fn resumes(&self) -> usize {
        self.count(|record| matches!(record, Record::Resumed { .. }))
    }

    /// Folder of the channel's state.
    pub fn state_dir(&self) -> &Path {
        self.state.path()
    }
}

fn host(state: &Path, crossings: &Crossings, disk: &TestDisk) -> SetUp<ChannelHost> {
    Ok(ChannelHost::new(HostOptions {
        state_dir: Some(state.to_owned()),
        allow_loopback: true,
        trace: Some(crossings.sink()),
        disk_faults: Some(disk.faults()),
    })?)
}
