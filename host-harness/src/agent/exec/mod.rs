//! An agent in a process of its own: one JSON object a line, both ways.
//!
//! Host to agent: `{"type":"message","turn":N,"conversation":KEY,"message":{…}}`
//! and `{"type":"cancel","turn":N}`. Agent to host: `{"type":"delta",…,"text"}`,
//! `{"type":"progress",…,"text"}`, `{"type":"reply",…,"text"}`,
//! `{"type":"error",…,"message"}`. One process serves all conversations; it is
//! started by the first message and again by the next one after it died, later
//! and later if it keeps dying without an answer.

mod pauses;
mod process;

use serde_json::json;
use tokio::sync::{Mutex, oneshot};
use tokio::time::{Duration, Instant, sleep, timeout};

use super::{Agent, Deltas, Reply, Turn};
use crate::json::inbound;
use pauses::Pauses;
use process::{Outcome, Process};

/// A turn of which nothing was heard for so long has failed.
const QUIET: Duration = Duration::from_secs(600);
/// Longest a message waits for a process that may not be started yet.
const PATIENCE: Duration = Duration::from_secs(5);

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

    /// The running process, started if there is none.
    async fn process(&self) -> Result<Process, String> {
        let mut state = self.state.lock().await;
        if let Some(process) = state.process.take() {
            if process.is_alive() {
                return Ok(state.process.insert(process).clone());
            }
            process.bury(&mut state.pauses);
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
        let started = Process::start(&self.command).inspect_err(|_cause| {
            state.pauses.died(false, Duration::ZERO, Instant::now());
        })?;
        Ok(state.process.insert(started).clone())
    }

    async fn ask(&self, turn: Turn) -> Outcome {
        let process = self.process().await?;
        let answered = process.listen(turn.id, turn.deltas.clone());
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
        if !process.write(line.to_string()).await {
            return Err(died());
        }
        let outcome = self.wait(answered, &turn.deltas).await?;
        cancel.armed = false;
        outcome
    }

    /// Waits while anything is heard of the turn.
    async fn wait(
        &self,
        mut answered: oneshot::Receiver<Outcome>,
        deltas: &Deltas,
    ) -> Result<Outcome, String> {
        let mut heard = deltas.follow();
        loop {
            tokio::select! {
                biased;
                outcome = &mut answered => return Ok(outcome.unwrap_or_else(|_gone| Err(died()))),
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
        self.process.forget(self.turn);
        if self.armed {
            let line = json!({ "type": "cancel", "turn": self.turn });
            self.process.try_write(line.to_string());
        }
    }
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
        say() { echo "{\"type\":\"$1\",\"turn\":$turn,\"$2\":\"$3\"}"; }
        case "$line" in
            *die*) exit 3;;
            *fail*) say error message cannot;;
            *wait*) ;;
            *) echo "garbage"; say progress text searching; say delta text "$turn"
               say delta text "/$n"; say reply text "$turn/$n";;
        esac; done"#;

    #[tokio::test]
    async fn one_process_answers_many_turns() {
        let agent = Exec::new(COUNTING);
        assert_eq!(agent.answer(turn(1, "hi")).await.unwrap(), "1/1");
        assert_eq!(agent.answer(turn(2, "hi")).await.unwrap(), "2/2");
        assert_eq!(agent.answer(turn(3, "fail")).await.unwrap_err(), "cannot");
    }

    #[tokio::test]
    async fn deltas_are_passed_on_and_progress_is_no_text() {
        let agent = Exec::new(COUNTING);
        let turn = turn(1, "hi");
        let deltas = turn.deltas.clone();
        agent.answer(turn).await.unwrap();
        assert_eq!(deltas.text(), "1/1");
    }

    #[tokio::test]
    async fn a_dead_process_fails_its_turn_and_is_started_again() {
        let agent = Exec::new(COUNTING);
        assert_eq!(agent.answer(turn(1, "die")).await.unwrap_err(), died());
        assert_eq!(agent.answer(turn(2, "hi")).await.unwrap(), "2/1");
    }

    #[tokio::test]
    async fn a_process_that_answers_once_and_goes_is_started_for_each_message() {
        let once = r#"read -r line; turn=${line#*\"turn\":}; turn=${turn%%[,\}]*}
            echo "{\"type\":\"reply\",\"turn\":$turn,\"text\":\"$turn\"}""#;
        let agent = Exec::new(once);
        for id in 1..=6 {
            assert_eq!(agent.answer(turn(id, "hi")).await.unwrap(), id.to_string());
            let gone = async {
                while agent
                    .state
                    .lock()
                    .await
                    .process
                    .as_ref()
                    .unwrap()
                    .is_alive()
                {
                    tokio::task::yield_now().await;
                }
            };
            timeout(Duration::from_secs(20), gone).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_process_that_keeps_dying_is_left_alone_for_a_while() {
        let agent = Exec::new("exit 1");
        {
            let mut state = agent.state.lock().await;
            for _ in 0..8 {
                state.pauses.died(false, Duration::ZERO, Instant::now());
            }
        }
        let why = agent.answer(turn(1, "hi")).await.unwrap_err();
        assert!(why.contains("keeps dying"), "{why}");
        assert!(agent.state.lock().await.process.is_none());
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
    async fn a_turn_of_which_nothing_is_heard_fails_and_is_cancelled() {
        let agent = Exec::new(COUNTING).fails_when_quiet_for(Duration::ZERO);
        let why = agent.answer(turn(7, "wait")).await.unwrap_err();
        assert!(why.contains("nothing was heard"), "{why}");
        let agent = Exec {
            quiet: QUIET,
            ..agent
        };
        assert_eq!(agent.answer(turn(8, "hi")).await.unwrap(), "8/3");
    }

    #[tokio::test]
    async fn an_agent_that_writes_before_it_reads_is_no_deadlock() {
        // More in either direction than a pipe holds.
        let agent = Exec::new(
            r#"read -r line; head -c 300000 /dev/zero | tr '\0' x; echo
               read -r line; echo '{"type":"reply","turn":2,"text":"both"}'"#,
        );
        let long = "y".repeat(300_000);
        let first = turn(1, &long);
        let second = turn(2, &long);
        let (_died, answer) = tokio::join!(agent.answer(first), agent.answer(second));
        assert_eq!(answer.unwrap(), "both");
    }

    #[tokio::test]
    async fn a_command_that_is_none_says_so() {
        let why = Exec::new("exit 1").answer(turn(1, "hi")).await.unwrap_err();
        assert_eq!(why, died());
    }
}
