//! Speaking to a running process: one Unix socket a channel, in the state
//! folder, which is this user's alone. One JSON object a line, both ways.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use futures_util::StreamExt;
use prx_channel_host::contract::{AccessRequest, Check, Failure};
use prx_channel_host::{ChannelCommands, Error, ErrorKind, Result, caused};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::Duration;
use tokio_util::codec::{FramedRead, LinesCodec};

use super::args::Reload;
use super::{out, places};

/// How long a caller may stay: longer than the slowest thing that can be asked.
const CALL_TIME: Duration = Duration::from_secs(120);
/// Callers at once.
const CALLERS: usize = 16;
/// Longest wish, in bytes.
const LINE: usize = 64 * 1024;

/// What can be asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase")]
pub(super) enum Ask {
    Reload,
    Access { request: AccessRequest },
}

/// What comes back.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Answer {
    Reloaded { pause_ms: f64, version: String },
    Found { found: Vec<Check> },
    Failed { failed: Failure },
    Refused { error: String },
}

/// A wish that came in over a channel's socket; the answer goes back.
pub(super) struct Wish {
    pub(super) channel: String,
    pub(super) answer: oneshot::Sender<Answer>,
}

fn path(state: &Path, channel: &str) -> PathBuf {
    state.join(format!("{channel}.sock"))
}

/// Listens for wishes about `channel`. The state file's lock says that no other
/// process serves it, so a socket that is there already is left over.
pub(super) fn listen(
    state: &Path,
    channel: &str,
    commands: ChannelCommands,
    wishes: mpsc::Sender<Wish>,
) -> Result<()> {
    let path = path(state, channel);
    let _left_over = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).map_err(caused(ErrorKind::State, path.display()))?;
    let channel = channel.to_owned();
    tokio::spawn(async move {
        let places = Arc::new(Semaphore::new(CALLERS));
        while let Ok(place) = Arc::clone(&places).acquire_owned().await {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let serving = serve(stream, channel.clone(), commands.clone(), wishes.clone());
                    tokio::spawn(async move {
                        let _late = tokio::time::timeout(CALL_TIME, serving).await;
                        drop(place);
                    });
                }
                // No file handle is free, say: that passes.
                Err(cause) => {
                    tracing::warn!(%channel, %cause, "its control socket takes nobody for a second");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    });
    Ok(())
}

async fn serve(
    stream: UnixStream,
    channel: String,
    commands: ChannelCommands,
    wishes: mpsc::Sender<Wish>,
) {
    let (reading, mut writing) = stream.into_split();
    let mut lines = FramedRead::new(reading, LinesCodec::new_with_max_length(LINE));
    while let Some(Ok(line)) = lines.next().await {
        let answer = match serde_json::from_str(&line) {
            Ok(Ask::Reload) => wished(&channel, &wishes).await,
            Ok(Ask::Access { request }) => access(&commands, request).await,
            Err(cause) => Answer::Refused {
                error: format!("not a wish this host knows: {cause}"),
            },
        };
        let line = serde_json::to_string(&answer).unwrap_or_default();
        if writing
            .write_all(format!("{line}\n").as_bytes())
            .await
            .is_err()
        {
            return;
        }
    }
}

async fn wished(channel: &str, wishes: &mpsc::Sender<Wish>) -> Answer {
    let (answer, answered) = oneshot::channel();
    let wish = Wish {
        channel: channel.to_owned(),
        answer,
    };
    let gone = || Answer::Refused {
        error: "the process is shutting down".to_owned(),
    };
    if wishes.send(wish).await.is_err() {
        return gone();
    }
    answered.await.unwrap_or_else(|_gone| gone())
}

async fn access(commands: &ChannelCommands, request: AccessRequest) -> Answer {
    let (checks, mut findings) = mpsc::unbounded_channel();
    if let Err(failed) = commands.access(request, checks).await {
        return Answer::Failed { failed };
    }
    let mut found = Vec::new();
    while let Some(finding) = findings.recv().await {
        found.push(finding);
    }
    Answer::Found { found }
}

/// The only channel that may run with this state folder.
pub(super) fn only_channel(state: &Path) -> Result<String> {
    let files = std::fs::read_dir(state).into_iter().flatten().flatten();
    let mut names: Vec<String> = files
        .filter_map(|file| Some(file.file_name().to_str()?.strip_suffix(".sock")?.to_owned()))
        .collect();
    names.sort();
    match (names.pop(), names.is_empty()) {
        (None, _) => {
            let what = format!("no channel runs here: {}", state.display());
            Err(not_running(what))
        }
        (Some(only), true) => Ok(only),
        (Some(last), false) => {
            let several = format!("{} and {last} may run here", names.join(", "));
            Err(Error::new(ErrorKind::Config, several).with_remedy("name one of them"))
        }
    }
}

fn not_running(what: String) -> Error {
    Error::new(ErrorKind::Config, what)
        .with_remedy("start it with `prx-channel run`, and give both the same --state DIR")
}

/// Asks the process that runs `channel`.
pub(super) async fn ask(state: &Path, channel: &str, ask: &Ask) -> Result<Answer> {
    let answer = tokio::time::timeout(CALL_TIME, put(state, channel, ask)).await;
    answer.unwrap_or_else(|_elapsed| {
        let silent = format!("the process that runs `{channel}` does not answer");
        Err(Error::new(ErrorKind::Fatal, silent)
            .with_remedy("look at its log; if it says nothing either, stop it and start it again"))
    })
}

async fn put(state: &Path, channel: &str, ask: &Ask) -> Result<Answer> {
    let path = path(state, channel);
    let stream = UnixStream::connect(&path).await.map_err(|cause| {
        let path = path.display();
        not_running(format!("channel `{channel}` does not run here: {path}")).with_source(cause)
    })?;
    let (reading, mut writing) = stream.into_split();
    let line = serde_json::to_string(ask).map_err(caused(ErrorKind::Fatal, "asking"))?;
    writing
        .write_all(format!("{line}\n").as_bytes())
        .await
        .map_err(caused(ErrorKind::Fatal, "asking"))?;
    let line = BufReader::new(reading)
        .lines()
        .next_line()
        .await
        .map_err(caused(ErrorKind::Fatal, "answer"))?;
    line.and_then(|line| serde_json::from_str(&line).ok())
        .ok_or_else(|| Error::new(ErrorKind::Fatal, "the process ended before it answered"))
}

/// `prx-channel reload`: asks the process that runs the channel.
pub(super) async fn reload(args: Reload) -> Result<ExitCode> {
    let state = places::state_dir(args.state)?;
    match ask(&state, &args.name, &Ask::Reload).await? {
        Answer::Reloaded { pause_ms, version } => {
            out::line(format_args!(
                "{} {version}: reloaded, paused {pause_ms:.2} ms",
                args.name
            ));
            Ok(ExitCode::SUCCESS)
        }
        Answer::Refused { error } => Err(Error::new(
            ErrorKind::Plugin,
            format!("not reloaded, the old component goes on: {error}"),
        )),
        Answer::Found { .. } | Answer::Failed { .. } => Err(other_question()),
    }
}

/// A process of another version may answer something else.
pub(super) fn other_question() -> Error {
    Error::new(ErrorKind::Fatal, "the process answered another question")
        .with_remedy("run it with the same version of prx-channel")
}
