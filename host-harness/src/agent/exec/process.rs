//! The process, and the lines to and from it.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use futures_util::StreamExt;
use serde::Deserialize;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::codec::{FramedRead, LinesCodec};

use super::pauses::Pauses;
use crate::agent::Deltas;

/// Longest line an agent may write. Longer, and the process is stopped.
const LINE: usize = 4 * 1024 * 1024;
/// Lines on their way to the process. When it is full, turns wait.
const LINES: usize = 64;

/// What a turn comes to.
pub(super) type Outcome = Result<String, String>;

/// What an agent may write.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Said {
    /// The next piece of the answer.
    Delta { turn: u64, text: String },
    /// What it is doing; nothing for the user.
    Progress { turn: u64 },
    /// The whole answer.
    Reply { turn: u64, text: String },
    /// There will be none.
    Error { turn: u64, message: String },
}

/// Who waits for a turn.
struct Ear {
    answer: oneshot::Sender<Outcome>,
    deltas: Deltas,
}

/// A process, alive or dead.
#[derive(Clone)]
pub(super) struct Process {
    lines: mpsc::Sender<String>,
    life: Arc<Life>,
}

struct Life {
    pending: Mutex<BTreeMap<u64, Ear>>,
    started: Instant,
    answered: AtomicBool,
    ended: OnceLock<Instant>,
}

impl Process {
    /// Runs `sh -c COMMAND`.
    pub(super) fn start(command: &str) -> Result<Self, String> {
        let mut child = Command::new("sh")
            .args(["-c", command])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|cause| format!("the agent `{command}` cannot be started: {cause}"))?;
        let stdin = child.stdin.take().ok_or("the agent has no input")?;
        let stdout = child.stdout.take().ok_or("the agent has no output")?;
        let (lines, queue) = mpsc::channel(LINES);
        let life = Arc::new(Life {
            pending: Mutex::default(),
            started: Instant::now(),
            answered: AtomicBool::new(false),
            ended: OnceLock::new(),
        });
        tokio::spawn(serve(child, stdin, stdout, queue, Arc::clone(&life)));
        Ok(Self { lines, life })
    }

    pub(super) fn is_alive(&self) -> bool {
        !self.lines.is_closed()
    }

    /// Takes note of a life that is over.
    pub(super) fn bury(&self, pauses: &mut Pauses) {
        let end = *self.life.ended.get_or_init(Instant::now);
        let lived = end.saturating_duration_since(self.life.started);
        pauses.died(self.life.answered.load(Ordering::Relaxed), lived, end);
    }

    /// Where the answer to a turn will arrive.
    pub(super) fn listen(&self, turn: u64, deltas: Deltas) -> oneshot::Receiver<Outcome> {
        let (answer, answered) = oneshot::channel();
        self.life.pending().insert(turn, Ear { answer, deltas });
        answered
    }

    /// Nobody waits for this turn any more.
    pub(super) fn forget(&self, turn: u64) {
        self.life.pending().remove(&turn);
    }

    /// Writes a line; false if the process is dead.
    pub(super) async fn write(&self, line: String) -> bool {
        self.lines.send(line).await.is_ok()
    }

    /// Writes a line if there is room for it.
    pub(super) fn try_write(&self, line: String) {
        // A process that does not read learns it later, by nobody taking its
        // reply.
        let _full = self.lines.try_send(line);
    }
}

impl Life {
    fn pending(&self) -> MutexGuard<'_, BTreeMap<u64, Ear>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hear(&self, line: &str) {
        match serde_json::from_str(line) {
            Ok(Said::Delta { turn, text }) => self.with(turn, |deltas| deltas.push(&text)),
            Ok(Said::Progress { turn }) => self.with(turn, Deltas::working),
            Ok(Said::Reply { turn, text }) => self.answer(turn, Ok(text)),
            Ok(Said::Error { turn, message }) => self.answer(turn, Err(message)),
            Err(cause) => {
                tracing::warn!(%cause, "the agent wrote a line that is not of its protocol");
            }
        }
    }

    fn with(&self, turn: u64, tell: impl FnOnce(&Deltas)) {
        if let Some(ear) = self.pending().get(&turn) {
            tell(&ear.deltas);
        }
    }

    fn answer(&self, turn: u64, outcome: Outcome) {
        self.answered.store(true, Ordering::Relaxed);
        if let Some(ear) = self.pending().remove(&turn) {
            let _cancelled = ear.answer.send(outcome);
        }
    }
}

/// Owns the process until it ends or nobody writes to it any more. Reading and
/// writing do not wait for each other: an agent that waits for its output to be
/// read does not read its input.
async fn serve(
    mut child: Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
    mut queue: mpsc::Receiver<String>,
    life: Arc<Life>,
) {
    tokio::select! {
        () = write(stdin, &mut queue) => {}
        () = read(stdout, &life) => {}
    }
    let _ended = life.ended.set(Instant::now());
    queue.close();
    let _dead = child.start_kill();
    let status = child
        .wait()
        .await
        .map_or_else(|cause| cause.to_string(), |status| status.to_string());
    tracing::warn!(%status, "the agent process ended; the next message starts it again");
    life.pending().clear();
}

async fn write(mut stdin: ChildStdin, queue: &mut mpsc::Receiver<String>) {
    while let Some(line) = queue.recv().await {
        if stdin
            .write_all(format!("{line}\n").as_bytes())
            .await
            .is_err()
        {
            return;
        }
    }
}

async fn read(stdout: ChildStdout, life: &Life) {
    let mut lines = FramedRead::new(stdout, LinesCodec::new_with_max_length(LINE));
    while let Some(line) = lines.next().await {
        match line {
            Ok(line) => life.hear(&line),
            Err(cause) => {
                tracing::error!(%cause, "the agent's output cannot be read");
                return;
            }
        }
    }
}
