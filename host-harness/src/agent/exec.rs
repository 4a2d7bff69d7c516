//! An agent in a process of its own: one JSON object a line, both ways.
//!
//! Host to agent: `{"type":"message","turn":N,"conversation":KEY,"message":{…}}`
//! and `{"type":"cancel","turn":N}`. Agent to host: `{"type":"delta",…,"text"}`,
//! `{"type":"reply",…,"text"}`, `{"type":"error",…,"message"}`. One process
//! serves all conversations; it is started by the first message and again by
//! the next one after it died.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::{mpsc, oneshot};

use super::{Agent, Reply, Turn};
use crate::json::inbound;

/// Longest line an agent may write. Longer, and the process is stopped.
const LINE: usize = 4 * 1024 * 1024;

type Outcome = Result<String, String>;
type Pending = Arc<Mutex<BTreeMap<u64, oneshot::Sender<Outcome>>>>;

/// Runs `sh -c COMMAND` and speaks lines with it.
pub struct Exec {
    command: String,
    process: tokio::sync::Mutex<Option<Process>>,
}

struct Process {
    lines: mpsc::Sender<String>,
    pending: Pending,
}

/// What an agent may write.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Said {
    /// Part of the answer; nothing shows it yet.
    Delta {},
    Reply {
        turn: u64,
        text: String,
    },
    Error {
        turn: u64,
        message: String,
    },
}

impl Exec {
    /// An agent that runs `command` in a shell.
    pub fn new(command: impl Into<String>) -> Self {
        Self {
            command: command.into(),
            process: tokio::sync::Mutex::new(None),
        }
    }

    /// The line to the running process, started if there is none.
    async fn lines(&self) -> Result<(mpsc::Sender<String>, Pending), String> {
        let mut process = self.process.lock().await;
        let running = process.take().filter(|process| !process.lines.is_closed());
        let running = match running {
            Some(running) => running,
            None => start(&self.command)?,
        };
        let line = (running.lines.clone(), Arc::clone(&running.pending));
        *process = Some(running);
        Ok(line)
    }

    async fn ask(&self, turn: Turn) -> Outcome {
        let (lines, pending) = self.lines().await?;
        let (answer, answered) = oneshot::channel();
        lock(&pending).insert(turn.id, answer);
        let mut cancel = Cancel {
            turn: turn.id,
            lines: lines.clone(),
            pending,
            armed: true,
        };
        let line = json!({
            "type": "message",
            "turn": turn.id,
            "conversation": turn.conversation,
            "again": turn.again,
            "message": inbound(&turn.message),
        });
        lines.send(line.to_string()).await.map_err(|_gone| died())?;
        let outcome = answered.await.map_err(|_gone| died());
        cancel.armed = false;
        outcome?
    }
}

impl Agent for Exec {
    fn answer(&self, turn: Turn) -> Reply<'_> {
        Box::pin(self.ask(turn))
    }
}

/// Tells the process that nobody waits any more.
struct Cancel {
    turn: u64,
    lines: mpsc::Sender<String>,
    pending: Pending,
    armed: bool,
}

impl Drop for Cancel {
    fn drop(&mut self) {
        lock(&self.pending).remove(&self.turn);
        if self.armed {
            // A process that does not read its input learns it later, by
            // nobody taking its reply.
            let _full = self
                .lines
                .try_send(json!({ "type": "cancel", "turn": self.turn }).to_string());
        }
    }
}

fn start(command: &str) -> Result<Process, String> {
    let mut child = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|cause| format!("the agent `{command}` cannot be started: {cause}"))?;
    let stdout = child.stdout.take().ok_or("the agent has no output")?;
    let (lines, queue) = mpsc::channel(64);
    let pending = Pending::default();
    tokio::spawn(serve(child, stdout, queue, Arc::clone(&pending)));
    Ok(Process { lines, pending })
}

/// Owns the process until it ends or nobody writes to it any more.
async fn serve(
    mut child: Child,
    stdout: ChildStdout,
    mut queue: mpsc::Receiver<String>,
    pending: Pending,
) {
    let Some(mut stdin) = child.stdin.take() else {
        return;
    };
    let mut reader = BufReader::new(stdout);
    let mut line = Vec::new();
    loop {
        tokio::select! {
            ask = queue.recv() => {
                let Some(ask) = ask else { break };
                if stdin.write_all(format!("{ask}\n").as_bytes()).await.is_err() {
                    break;
                }
            }
            read = reader.read_until(b'\n', &mut line) => {
                if !matches!(read, Ok(1..)) || line.len() > LINE {
                    break;
                }
                hear(&line, &pending);
                line.clear();
            }
        }
    }
    queue.close();
    let _dead = child.start_kill();
    let status = child
        .wait()
        .await
        .map_or_else(|cause| cause.to_string(), |status| status.to_string());
    tracing::warn!(%status, "the agent process ended; the next message starts it again");
    lock(&pending).clear();
}

fn hear(line: &[u8], pending: &Pending) {
    let (turn, outcome) = match serde_json::from_slice(line) {
        Ok(Said::Reply { turn, text }) => (turn, Ok(text)),
        Ok(Said::Error { turn, message }) => (turn, Err(message)),
        Ok(Said::Delta {}) => return,
        Err(cause) => {
            tracing::warn!(%cause, "the agent wrote a line that is not of its protocol");
            return;
        }
    };
    if let Some(answer) = lock(pending).remove(&turn) {
        let _cancelled = answer.send(outcome);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn died() -> String {
    "the agent process died before it answered".to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::agent::stub::turn;

    /// A shell agent that answers with the turn's number and its own line count.
    const COUNTING: &str = r#"n=0; while read -r line; do
        turn=${line#*\"turn\":}; turn=${turn%%[,\}]*}; n=$((n+1))
        case "$line" in
            *die*) exit 3;;
            *fail*) echo "{\"type\":\"error\",\"turn\":$turn,\"message\":\"cannot\"}";;
            *wait*) ;;
            *) echo "garbage"; echo "{\"type\":\"delta\",\"turn\":$turn,\"text\":\"x\"}"
               echo "{\"type\":\"reply\",\"turn\":$turn,\"text\":\"$turn/$n\"}";;
        esac; done"#;

    #[tokio::test]
    async fn one_process_answers_many_turns() {
        let agent = Exec::new(COUNTING);
        assert_eq!(agent.answer(turn(1, "hi")).await.unwrap(), "1/1");
        assert_eq!(agent.answer(turn(2, "hi")).await.unwrap(), "2/2");
        assert_eq!(agent.answer(turn(3, "fail")).await.unwrap_err(), "cannot");
    }

    #[tokio::test]
    async fn a_dead_process_fails_its_turn_and_is_started_again() {
        let agent = Exec::new(COUNTING);
        assert_eq!(agent.answer(turn(1, "die")).await.unwrap_err(), died());
        assert_eq!(agent.answer(turn(2, "hi")).await.unwrap(), "2/1");
    }

    #[tokio::test]
    async fn a_dropped_turn_is_cancelled_in_the_process() {
        let agent = Exec::new(COUNTING);
        {
            let mut waiting = agent.answer(turn(7, "wait"));
            // Polled once, which writes its line, then dropped.
            tokio::select! {
                biased;
                answer = &mut waiting => panic!("answered: {answer:?}"),
                () = std::future::ready(()) => {}
            }
        }
        // The cancel line counts too: it reached the process.
        let answer = agent.answer(turn(8, "hi")).await.unwrap();
        assert_eq!(answer, "8/3");
    }

    #[tokio::test]
    async fn a_command_that_is_none_says_so() {
        let why = Exec::new("exit 1").answer(turn(1, "hi")).await.unwrap_err();
        assert_eq!(why, died());
    }
}
