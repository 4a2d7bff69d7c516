//! The process, and the lines to and from it.

use std::process::{ExitStatus, Stdio};
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;
use tokio::time::{Duration, timeout};

use super::group::Group;
use super::life::{LINE, Life};
use super::log;
use crate::agent::lines::Lines;

/// Lines on their way to the process. When it is full, turns wait.
const LINES: usize = 64;
/// How long a process that ended, or was told to, may take.
const LAST_WORDS: Duration = Duration::from_secs(4);

/// A process, alive or dead.
#[derive(Clone)]
pub(super) struct Process {
    lines: mpsc::Sender<String>,
    life: Arc<Life>,
}

impl Process {
    /// Runs `sh -c COMMAND` in a process group of its own. On trial: whoever starts
    /// it says what becomes of it.
    pub(super) fn start(command: &str, trial: bool) -> Result<Self, String> {
        let failed = |cause| format!("the agent `{command}` cannot be started: {cause}");
        let group = Group::start().map_err(failed)?;
        let mut child = Command::new("sh")
            .args(["-c", command])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(group.id())
            .spawn()
            .map_err(failed)?;
        let (lines, queue) = mpsc::channel(LINES);
        let life = Arc::new(Life::new(trial));
        let pipes = Pipes {
            stdin: child.stdin.take().ok_or("the agent has no input")?,
            stdout: child.stdout.take().ok_or("the agent has no output")?,
            stderr: child.stderr.take().ok_or("the agent has no error output")?,
        };
        tokio::spawn(serve(child, group, pipes, queue, Arc::clone(&life)));
        Ok(Self { lines, life })
    }

    pub(super) fn is_alive(&self) -> bool {
        !self.lines.is_closed()
    }

    /// What is known of it.
    pub(super) fn life(&self) -> &Life {
        &self.life
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

    /// Waits until it takes no more lines, because it ends.
    pub(super) async fn closing(&self) {
        self.lines.closed().await;
    }
}

struct Pipes {
    stdin: ChildStdin,
    stdout: ChildStdout,
    stderr: ChildStderr,
}

/// Owns the process until it ends or nobody writes to it any more. Reading and
/// writing do not wait for each other: an agent that waits for its output to be
/// read does not read its input.
async fn serve(
    mut child: Child,
    group: Group,
    pipes: Pipes,
    mut queue: mpsc::Receiver<String>,
    life: Arc<Life>,
) {
    let output = async {
        tokio::join!(read(pipes.stdout, &life), log::pass_on(pipes.stderr, &life));
    };
    tokio::pin!(output);
    let (wanted, output_ended) = tokio::select! {
        wanted = write(pipes.stdin, &mut queue) => (wanted, false),
        _status = child.wait() => (true, false),
        () = &mut output => (true, true),
    };
    queue.close();
    // All of the group goes with it.
    drop(group);
    if !output_ended {
        let _held_open_elsewhere = timeout(LAST_WORDS, output).await;
    }
    let how = match timeout(LAST_WORDS, child.wait()).await {
        Ok(Ok(status)) => words(status),
        Ok(Err(cause)) => cause.to_string(),
        Err(_late) => "it cannot be ended".to_owned(),
    };
    // An end that somebody waits for is told by them.
    if wanted && !life.is_on_trial() {
        tracing::warn!("the agent's process ended: {how}; a message starts it again");
    }
    life.over(how);
}

/// How it ended, and what helps if that is known.
fn words(status: ExitStatus) -> String {
    match status.code() {
        Some(126) => format!("{status} → make the command executable"),
        Some(127) => {
            format!(
                "{status} → the command or its script was not found: check its spelling and PATH"
            )
        }
        _ => status.to_string(),
    }
}

/// False: nobody writes to it any more.
async fn write(mut stdin: ChildStdin, queue: &mut mpsc::Receiver<String>) -> bool {
    while let Some(line) = queue.recv().await {
        if stdin
            .write_all(format!("{line}\n").as_bytes())
            .await
            .is_err()
        {
            return true;
        }
    }
    false
}

async fn read(mut stdout: ChildStdout, life: &Life) {
    let mut lines = Lines::new(LINE);
    let mut bytes = vec![0; 64 * 1024];
    let mut number = 0;
    while let Ok(read @ 1..) = stdout.read(&mut bytes).await {
        for line in lines.feed(bytes.get(..read).unwrap_or_default()) {
            number += 1;
            life.hear(line, number);
        }
    }
    if let Some(line) = lines.end() {
        life.hear(line, number + 1);
    }
}
