//! `prx-channel run`.

use std::io::Write;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Duration;

use super::args::Run;
use super::media::Media;
use super::reload::{self, Served};
use super::{control, places};
use crate::actor::{Crossing, StatusReport, TraceSink};
use crate::agent::{self, Agent, Happened, Report};
use crate::config::ConfigFile;
use crate::error::{ErrorKind, Result, caused};
use crate::handle::ChannelHandle;
use crate::host::{ChannelHost, HostOptions};
use crate::json;

/// How long channels may take to finish on Ctrl-C.
const DRAIN: Duration = Duration::from_secs(5);

pub(super) async fn run(args: Run) -> Result<ExitCode> {
    let file = ConfigFile::read(&args.places.config)?;
    let plugins = places::configured(&args.places, &file)?;
    let agent = args.agents.build(args.agent).await?;
    let state = places::state_dir(args.state)?;
    let host = ChannelHost::new(HostOptions {
        state_dir: Some(state.clone()),
        allow_loopback: args.places.allow_loopback,
        trace: args.trace.as_deref().map(recorder).transpose()?,
        ..HostOptions::default()
    })?;
    let printer = args.events.map(|_json| Printer::default());
    let media = Media::new(&args.media)?;
    let (wishes, wished) = mpsc::channel(8);
    let (mut channels, mut served) = (Vec::new(), Vec::new());
    for (name, dir) in plugins {
        let handle = host.start(host.plugin(&dir)?, &file).await?;
        tracing::info!(channel = %name, plugin = %dir.display(), "started");
        control::listen(&state, &name, handle.commands(), wishes.clone())?;
        served.push(Served {
            name,
            folder: dir,
            commands: handle.commands(),
        });
        channels.push(serve(handle, &media, Arc::clone(&agent), printer.clone())?);
    }
    tokio::spawn(reload::serve(host, args.places.config, served, wished));
    until_done(channels).await
}

/// Connects a channel to the agent and to whoever watches.
fn serve(
    mut handle: ChannelHandle,
    media: &Media,
    agent: Arc<dyn Agent>,
    printer: Option<Printer>,
) -> Result<ChannelHandle> {
    let name = handle.name().to_owned();
    tokio::spawn(watch_status(name.clone(), handle.status(), printer.clone()));
    if let Some(messages) = handle.take_messages() {
        let messages = media.incoming(&handle, messages)?;
        let commands = handle.commands().with_markers(media.markers());
        let report: Report = Arc::new(move |channel, happened| {
            if let Some(printer) = &printer {
                printer.happened(channel, happened);
            }
        });
        tokio::spawn(async move { agent::run(&name, messages, commands, agent, report).await });
    }
    Ok(handle)
}

async fn watch_status(
    name: String,
    mut status: watch::Receiver<StatusReport>,
    printer: Option<Printer>,
) {
    loop {
        let report = status.borrow_and_update().clone();
        tracing::info!(channel = %name, state = ?report.state, "{}", report.detail);
        if let Some(printer) = &printer {
            let mut line = json!({ "event": "status", "channel": name });
            merge(&mut line, json::status(&report));
            printer.print(&line);
        }
        if status.changed().await.is_err() {
            return;
        }
    }
}

/// Waits for a signal, or for every channel to give up.
async fn until_done(channels: Vec<ChannelHandle>) -> Result<ExitCode> {
    let mut term = signal(SignalKind::terminate()).map_err(caused(ErrorKind::Fatal, "SIGTERM"))?;
    let all_gave_up = async {
        for channel in &channels {
            let mut status = channel.status();
            let _gone = status.wait_for(|report| report.fatal).await;
        }
    };
    tokio::select! {
        _interrupt = tokio::signal::ctrl_c() => tracing::info!("interrupted: finishing"),
        _terminate = term.recv() => tracing::info!("terminated: finishing"),
        () = all_gave_up => tracing::error!("every channel has given up"),
    }
    let gave_up = channels
        .iter()
        .any(|channel| channel.status().borrow().fatal);
    let mut draining = JoinSet::new();
    for channel in channels {
        let counters = channel.counters().clone();
        let name = channel.name().to_owned();
        draining.spawn(async move {
            channel.drain(DRAIN).await;
            tracing::info!(channel = %name, counters = ?counters.snapshot(), "stopped");
        });
    }
    draining.join_all().await;
    Ok(ExitCode::from(u8::from(gave_up)))
}

/// One JSON object a line on stdout, whole lines only.
#[derive(Clone, Default)]
struct Printer {
    lock: Arc<Mutex<()>>,
}

impl Printer {
    fn happened(&self, channel: &str, happened: &Happened) {
        let line = match happened {
            Happened::Message(message) => {
                json!({ "event": "message", "channel": channel, "again": message.again, "message": json::inbound(&message.message) })
            }
            Happened::Reply {
                turn,
                recipient,
                text,
                outcome,
            } => {
                let mut line = json!({ "event": "reply", "channel": channel, "turn": turn, "recipient": recipient, "text": text });
                merge(&mut line, json::outcome(outcome));
                line
            }
        };
        self.print(&line);
    }

    fn print(&self, line: &Value) {
        let _whole_lines = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let mut stdout = std::io::stdout().lock();
        // A reader that went away is no reason to stop serving users.
        let _closed = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
    }
}

fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}

/// Writes crossings to `path`, readable by this user alone.
fn recorder(path: &std::path::Path) -> Result<TraceSink> {
    crate::private::write_file(path, b"")?;
    let file = std::fs::OpenOptions::new()
        .append(true)
        .open(path)
        .map_err(caused(ErrorKind::Config, path.display()))?;
    let file = Mutex::new(file);
    Ok(Arc::new(move |crossing: &Crossing| {
        let line = crossing.to_line();
        // A slow disk holds up the channel it records, and no other.
        tokio::task::block_in_place(|| {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(cause) = file.write_all(&line) {
                tracing::warn!(%cause, "the trace is incomplete");
            }
        });
    }))
}
