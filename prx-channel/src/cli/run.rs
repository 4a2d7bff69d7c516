//! `prx-channel run`.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use prx_channel_host::contract::ChannelState;
use prx_channel_host::{
    ChannelHandle, ChannelHost, ConfigFile, Counters, HostOptions, Result, StatusReport,
};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::args::Run;
use super::control::{self, Wish};
use super::media::Media;
use super::pen::Pen;
use super::printer::Printer;
use super::reload::{self, Served};
use super::start::{Came, Starter, Stuck};
use super::stop::{CUT_OFF, DRAIN, LAST_LINES, Stop};
use super::{places, recorder};
use crate::agent::{self, Agent, Report};

pub(super) async fn run(args: Run, log: Pen) -> Result<ExitCode> {
    let printer = args.events.map(|_json| Printer::new()).transpose()?;
    let pens: Vec<Pen> = printer.iter().map(Printer::pen).chain([log]).collect();
    let stop = Stop::listen(pens.clone())?;
    let file = ConfigFile::read(&args.places.config)?;
    let plugins = places::configured(&args.places, &file)?;
    let agent = args.agents.build(args.agent).await?;
    let state = places::state_dir(args.state)?;
    let host = ChannelHost::new(HostOptions {
        state_dir: Some(state.clone()),
        allow_loopback: args.places.allow_loopback,
        trace: args.trace.as_deref().map(recorder::recorder).transpose()?,
        ..HostOptions::default()
    })?;
    let media = Media::new(&args.media)?;
    let (wishes, wished) = mpsc::channel(8);
    let (started, served) = mpsc::channel(8);
    let (came_in, came) = mpsc::channel(8);
    let starter = Starter {
        host: host.clone(),
        config: args.places.config.clone(),
        came: came_in,
    };
    let desk = Desk {
        state,
        media,
        agent,
        printer,
        wishes,
        started,
    };
    let mut fleet = Fleet::new(desk, plugins.iter().map(|(name, _)| name.clone()));
    let mut starting = JoinSet::new();
    for (name, folder) in plugins {
        starting.spawn(starter.clone().start(name, folder));
    }
    tokio::spawn(reload::serve(host, args.places.config, served, wished));
    fleet.run(came, &stop).await?;
    stop.begin();
    let code = fleet.drain().await;
    for pen in pens {
        pen.finish(LAST_LINES);
    }
    Ok(code)
}

/// What a channel that has started is connected to.
struct Desk {
    state: PathBuf,
    media: Media,
    agent: Arc<dyn Agent>,
    printer: Option<Printer>,
    wishes: mpsc::Sender<Wish>,
    started: mpsc::Sender<Served>,
}

impl Desk {
    /// Connects a channel to the agent and to whoever watches or asks.
    async fn serve(&self, handle: &mut ChannelHandle, folder: PathBuf, agents: &mut JoinSet<()>) {
        let name = handle.name().to_owned();
        tokio::spawn(watch_status(
            name.clone(),
            handle.status(),
            self.printer.clone(),
        ));
        if let Some(messages) = handle.take_messages() {
            let messages = self.media.incoming(handle, messages);
            let commands = handle.commands().with_markers(self.media.markers());
            let (agent, report) = (Arc::clone(&self.agent), self.report());
            let name = name.clone();
            agents.spawn(async move { agent::run(&name, messages, commands, agent, report).await });
        }
        // It serves its users without.
        if let Err(error) =
            control::listen(&self.state, &name, handle.commands(), self.wishes.clone())
        {
            tracing::warn!(channel = %name, "`reload`, `pair` and `users` cannot reach it: {error:#}");
        }
        let commands = handle.commands();
        let _stopping = self
            .started
            .send(Served {
                name,
                folder,
                commands,
            })
            .await;
    }

    fn report(&self) -> Report {
        let printer = self.printer.clone();
        Arc::new(move |channel, happened| {
            if let Some(printer) = &printer {
                printer.happened(channel, happened);
            }
        })
    }
}

async fn watch_status(
    name: String,
    mut status: watch::Receiver<StatusReport>,
    printer: Option<Printer>,
) {
    loop {
        let report = status.borrow_and_update().clone();
        say(&name, &report);
        if let Some(printer) = &printer {
            printer.status(&name, &report);
        }
        if status.changed().await.is_err() {
            return;
        }
    }
}

/// Of a channel that gave up, the host has said why.
fn say(channel: &str, report: &StatusReport) {
    let (state, detail) = (report.state.name(), &report.detail);
    match report.state {
        _ if report.fatal => {}
        ChannelState::Degraded => tracing::warn!(%channel, %state, "{detail}"),
        _ => tracing::info!(%channel, %state, "{detail}"),
    }
}

/// All channels of the process.
struct Fleet {
    desk: Desk,
    running: Vec<ChannelHandle>,
    agents: JoinSet<()>,
    /// Not tried to the end yet.
    starting: BTreeSet<String>,
    /// Did not start, and is tried again by the clock.
    retried: BTreeSet<String>,
}

impl Fleet {
    fn new(desk: Desk, names: impl Iterator<Item = String>) -> Self {
        let starting: BTreeSet<String> = names.collect();
        Self {
            desk,
            running: Vec::new(),
            agents: JoinSet::new(),
            starting,
            retried: BTreeSet::new(),
        }
    }

    /// Runs until a signal, or until every channel has given up. An error: none
    /// can start.
    async fn run(&mut self, mut came: mpsc::Receiver<Came>, stop: &Stop) -> Result<()> {
        loop {
            let settled = self.starting.is_empty() && self.retried.is_empty();
            tokio::select! {
                () = stop.asked() => return Ok(()),
                Some(came) = came.recv() => self.came(came).await?,
                () = all_gave_up(&self.running), if settled => {
                    tracing::error!("every channel has given up");
                    return Ok(());
                }
            }
        }
    }

    async fn came(&mut self, came: Came) -> Result<()> {
        let Came {
            name,
            folder,
            outcome,
        } = came;
        self.starting.remove(&name);
        self.retried.remove(&name);
        match outcome {
            Ok(mut handle) => {
                tracing::info!(channel = %name, plugin = %folder.display(), "started");
                self.desk.serve(&mut handle, folder, &mut self.agents).await;
                self.running.push(handle);
                Ok(())
            }
            Err(stuck) => self.stuck(name, stuck),
        }
    }

    /// One channel did not start; the others are not concerned.
    fn stuck(&mut self, name: String, stuck: Stuck) -> Result<()> {
        if self.running.is_empty() && self.starting.is_empty() {
            return Err(stuck.error);
        }
        let next = if stuck.again {
            "it is tried again"
        } else {
            "it is tried again when its plugin or the configuration file changes"
        };
        tracing::error!(channel = %name, "not started, the others run; {next}: {:#}", stuck.error);
        if stuck.again {
            self.retried.insert(name);
        }
        Ok(())
    }

    /// Lets every channel finish.
    async fn drain(mut self) -> ExitCode {
        let gave_up = self
            .running
            .iter()
            .any(|channel| channel.status().borrow().fatal);
        let mut draining = JoinSet::new();
        for channel in self.running {
            draining.spawn(async move {
                let (name, counters) = (channel.name().to_owned(), channel.counters().clone());
                let in_order = channel.drain(DRAIN).await;
                let how = if in_order {
                    "stopped"
                } else {
                    "cut off: it did not finish in time"
                };
                tracing::info!(channel = %name, "{how}{}", counted(&counters));
                in_order
            });
        }
        let in_order = draining
            .join_all()
            .await
            .into_iter()
            .all(|in_order| in_order);
        // What they have to say of the end is still printed.
        let ended = async { while self.agents.join_next().await.is_some() {} };
        let _late = tokio::time::timeout(LAST_LINES, ended).await;
        ExitCode::from(if in_order { u8::from(gave_up) } else { CUT_OFF })
    }
}

/// `; it counted: frames 7, messages 2`.
fn counted(counters: &Counters) -> String {
    let counts = counters.snapshot();
    let counts: Vec<String> = counts.iter().map(|(of, n)| format!("{of} {n}")).collect();
    if counts.is_empty() {
        return String::new();
    }
    format!("; it counted: {}", counts.join(", "))
}

async fn all_gave_up(channels: &[ChannelHandle]) {
    for channel in channels {
        let mut status = channel.status();
        let _gone = status.wait_for(|report| report.fatal).await;
    }
}
