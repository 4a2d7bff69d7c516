//! An agent in a process of its own: one JSON object a line, both ways.
//!
//! Host to agent: `{"type":"message","turn":N,"conversation":KEY,"message":{…}}`
//! and `{"type":"cancel","turn":N}`. Agent to host: `{"type":"delta",…,"text"}`,
//! `{"type":"progress",…,"text"}`, `{"type":"reply",…,"text"}`,
//! `{"type":"error",…,"message"}`. One process serves all conversations; it is
//! started by [`Exec::check`] or the first message, and again by the next one after
//! it died, later and later if it keeps dying without an answer. It ends with all
//! the processes it started.

mod group;
mod life;
mod log;
mod pauses;
mod process;
mod said;

use life::Outcome;
use pauses::Pauses;
use process::Process;
use prx_channel_host::json::inbound;
use prx_channel_host::{Error, ErrorKind, Result as HostResult};
use serde_json::json;
use tokio::sync::{Mutex, oneshot};
use tokio::time::{Duration, Instant, sleep, timeout};

use super::{Agent, Deltas, Reply, Turn};

/// A turn of which nothing was heard for so long has failed.
const QUIET: Duration = Duration::from_secs(600);
/// Longest a message waits for a process that may not be started yet.
const PATIENCE: Duration = Duration::from_secs(5);
/// A command that is wrong ends within so long: an interpreter has looked for its
/// script by then.
const SETTLED: Duration = Duration::from_secs(1);

/// Runs `sh -c COMMAND` and speaks lines with it.
pub struct Exec {
    command: String,
    quiet: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    process: Option<Process>,
    pauses: Pauses,
}

impl Exec {
    /// An agent that runs `command` in a shell.
    pub fn new(command: impl Into<String>) -> Self {
        Self {
            command: command.into(),
            quiet: QUIET,
            state: Mutex::default(),
        }
    }

    /// Fails a turn of which nothing was heard for so long: no delta, no
    /// progress, no reply. 10 minutes if nobody says.
    #[must_use]
    pub fn fails_when_quiet_for(mut self, quiet: Duration) -> Self {
        self.quiet = quiet;
        self
    }

    /// Starts the process, and sees that it does not end at once.
    ///
    /// # Errors
    /// When it does, with its status and what it wrote to its standard error.
    pub async fn check(&self) -> HostResult<()> {
        let failed = |why: String| {
            let what = format!("the agent `{}` does not run: {why}", self.command);
            let remedy = "run the command yourself in a shell; it has to wait for lines on its standard input";
            Error::new(ErrorKind::Config, what).with_remedy(remedy)
        };
        let process = self.process(true).await.map_err(failed)?;
        match timeout(SETTLED, process.closing()).await {
            Ok(()) => Err(failed(process.life().ended().await)),
            Err(_runs) => {
                process.life().passed();
                Ok(())
            }
        }
    }

    /// The running process, started if there is none.
    async fn process(&self, trial: bool) -> Result<Process, String> {
        let mut state = self.state.lock().await;
        if let Some(process) = state.process.take() {
            if process.is_alive() {
                return Ok(state.process.insert(process).clone());
            }
            process.life().bury(&mut state.pauses);
        }
        let left = state.pauses.left(Instant::now());
        if left > PATIENCE {
            return Err(format!(
                "the agent keeps dying without an answer; it is not started again for {} s",
                left.as_secs()
            ));
        }
        if !left.is_zero() {
            sleep(left).await;
        }
        let started = Process::start(&self.command, trial).inspect_err(|_cause| {
            state.pauses.died(false, Duration::ZERO, Instant::now());
        })?;
        Ok(state.process.insert(started).clone())
    }

    async fn ask(&self, turn: Turn) -> Outcome {
        let process = self.process(false).await?;
        let answered = process.life().listen(&turn);
        let mut cancel = Cancel {
            turn: turn.id,
            process: process.clone(),
            armed: true,
        };
        let line = json!({
            "type": "message",
            "turn": turn.id,
            "conversation": turn.conversation,
            "again": turn.again,
            "message": inbound(&turn.message),
        });
        let written = timeout(self.quiet, process.write(line.to_string())).await;
        match written {
            Ok(true) => {}
            Ok(false) => return Err(process.life().died()),
            Err(_late) => return Err("the agent does not read its input".to_owned()),
        }
        let outcome = self.wait(answered, &turn.deltas).await?;
        cancel.armed = false;
        outcome.unwrap_or_else(|| Err(process.life().died()))
    }

    /// Waits while anything is heard of the turn; `None` if the process ended.
    async fn wait(
        &self,
        mut answered: oneshot::Receiver<Outcome>,
        deltas: &Deltas,
    ) -> Result<Option<Outcome>, String> {
        let mut heard = deltas.follow();
        loop {
            tokio::select! {
                biased;
                outcome = &mut answered => return Ok(outcome.ok()),
                heard = timeout(self.quiet, heard.changed()) => if heard.is_err() {
                    return Err(format!("nothing was heard of the agent for {} s", self.quiet.as_secs()));
                }
            }
        }
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
    process: Process,
    armed: bool,
}

impl Drop for Cancel {
    fn drop(&mut self) {
        self.process.life().forget(self.turn);
        if self.armed {
            let line = json!({ "type": "cancel", "turn": self.turn });
            self.process.try_write(line.to_string());
        }
    }
}

#[cfg(test)]
mod tests;
