//! Speaking to a running process: one Unix socket a channel, in the state
//! folder, which is this user's alone. One JSON object a line, both ways.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot};

use super::args::Reload;
use super::places;
use crate::error::{Error, ErrorKind, Result, caused};

/// What can be asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase")]
enum Ask {
    Reload,
}

/// What comes back.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Answer {
    Reloaded { pause_ms: f64, version: String },
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
pub(super) fn listen(state: &Path, channel: &str, wishes: mpsc::Sender<Wish>) -> Result<()> {
    let path = path(state, channel);
    let _left_over = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).map_err(caused(ErrorKind::State, path.display()))?;
    let channel = channel.to_owned();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, channel.clone(), wishes.clone()));
        }
    });
    Ok(())
}

async fn serve(stream: UnixStream, channel: String, wishes: mpsc::Sender<Wish>) {
    let (reading, mut writing) = stream.into_split();
    let mut lines = BufReader::new(reading).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let answer = match serde_json::from_str(&line) {
            Ok(Ask::Reload) => wished(&channel, &wishes).await,
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

/// `prx-channel reload`: asks the process that runs the channel.
pub(super) async fn reload(args: Reload) -> Result<ExitCode> {
    let path = path(&places::state_dir(args.state)?, &args.name);
    let stream = UnixStream::connect(&path).await.map_err(|cause| {
        Error::new(
            ErrorKind::Config,
            format!(
                "channel `{}` does not run here: {}: {cause}",
                args.name,
                path.display()
            ),
        )
        .with_remedy("start it with `prx-channel run`, and give both the same --state DIR")
    })?;
    let (reading, mut writing) = stream.into_split();
    writing
        .write_all(b"{\"do\":\"reload\"}\n")
        .await
        .map_err(caused(ErrorKind::Fatal, "asking"))?;
    let line = BufReader::new(reading)
        .lines()
        .next_line()
        .await
        .map_err(caused(ErrorKind::Fatal, "answer"))?;
    match line.and_then(|line| serde_json::from_str(&line).ok()) {
        Some(Answer::Reloaded { pause_ms, version }) => {
            println!("{} {version}: reloaded, paused {pause_ms:.2} ms", args.name);
            Ok(ExitCode::SUCCESS)
        }
        Some(Answer::Refused { error }) => Err(Error::new(
            ErrorKind::Plugin,
            format!("not reloaded, the old component goes on: {error}"),
        )),
        None => Err(Error::new(
            ErrorKind::Fatal,
            "the process ended before it answered",
        )),
    }
}
