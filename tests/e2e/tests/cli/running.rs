//! The command while it runs: its events, its log, its end.

use std::process::Stdio;
use std::time::Duration;

use e2e::{SOON, plugins, qq_table};
use qq_sim::{Entry, Record, Sim};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};

use crate::place::Place;

pub(crate) struct Running {
    child: Child,
    events: Option<Lines<BufReader<ChildStdout>>>,
    log: Option<Lines<BufReader<ChildStderr>>>,
}

fn lines<R: AsyncRead>(pipe: Option<R>) -> Option<Lines<BufReader<R>>> {
    pipe.map(|pipe| BufReader::new(pipe).lines())
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let (events, log) = (lines(child.stdout.take()), lines(child.stderr.take()));
        Self { child, events, log }
    }

    /// With its events; nobody reads the log.
    pub(crate) fn telling(command: &mut Command) -> Self {
        command.args(["--events", "json"]);
        Self::start(command.stdout(Stdio::piped()).stderr(Stdio::null()))
    }

    /// The QQ channel with its events, connected.
    pub(crate) async fn ready(place: &Place, sim: &Sim, more: &[&str]) -> Self {
        let mut command = place.serve(&qq_table(sim, ""), &plugins());
        let mut running = Self::telling(command.args(more));
        running.is_ready().await;
        running
    }

    pub(crate) async fn is_ready(&mut self) {
        self.next("status", |event| event["state"] == "ready").await;
    }

    /// The next event of a kind; every line on the way must be an event.
    pub(crate) async fn next(&mut self, kind: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let events = self.events.as_mut().unwrap();
        let search = async {
            loop {
                let line = events.next_line().await.unwrap();
                let line = line.expect("the process ended");
                let event: Value = serde_json::from_str(&line).expect("a line is a JSON object");
                if event["event"] == kind && wanted(&event) {
                    return event;
                }
            }
        };
        let found = tokio::time::timeout(SOON, search).await;
        found.unwrap_or_else(|_| panic!("no {kind} event came"))
    }

    /// Reads the log up to a line with these words.
    pub(crate) async fn logs(&mut self, words: &str) {
        let log = self.log.as_mut().unwrap();
        let found = async {
            while let Some(line) = log.next_line().await.unwrap() {
                assert!(!line.contains("panicked"), "{line}");
                if line.contains(words) {
                    return;
                }
            }
            panic!("it ended without: {words}");
        };
        let late = tokio::time::timeout(SOON * 2, found).await;
        late.unwrap_or_else(|_| panic!("not in the log: {words}"));
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().unwrap();
        assert!(kill(name, pid), "no signal {name}");
    }

    /// Sends the signal until it ends: the first may come too soon to be another.
    pub(crate) async fn insist(mut self, name: &str) -> Option<i32> {
        let mut clock = tokio::time::interval(Duration::from_millis(100));
        let insist = async {
            loop {
                tokio::select! {
                    ended = self.child.wait() => return ended.unwrap().code(),
                    _ = clock.tick() => {}
                }
                if let Some(pid) = self.child.id() {
                    // It may have ended meanwhile.
                    let _sent = kill(name, pid);
                }
            }
        };
        let ended = tokio::time::timeout(SOON, insist).await;
        ended.expect("it does not end")
    }

    /// Interrupts it, and returns its exit code.
    pub(crate) async fn interrupt(self) -> Option<i32> {
        self.signal("INT");
        self.code().await
    }

    pub(crate) async fn code(self) -> Option<i32> {
        self.end().await.0
    }

    /// Waits for its end: the exit code and the rest of the log.
    pub(crate) async fn end(mut self) -> (Option<i32>, String) {
        // The log is read to the end, so that the process cannot wait for us.
        let log = async {
            let mut all = String::new();
            while let Some(log) = &mut self.log
                && let Some(line) = log.next_line().await.unwrap()
            {
                assert!(!line.contains("panicked"), "{line}");
                all += &line;
                all.push('\n');
            }
            all
        };
        let ended = async { tokio::join!(self.child.wait(), log) };
        let (status, log) = tokio::time::timeout(SOON, ended)
            .await
            .expect("it does not end");
        (status.unwrap().code(), log)
    }
}

/// Two messages of a user are answered.
pub(crate) async fn is_served(sim: &Sim) {
    let there = |entry: &Entry| matches!(entry.record, Record::Identified { .. });
    sim.wait_for(there, SOON).await.unwrap();
    for text in ["one", "two"] {
        sim.user("USER1").says(text);
        let reply = sim.next_reply(SOON).await.unwrap();
        assert_eq!(reply.text.as_deref(), Some(text));
    }
}

fn kill(signal: &str, pid: u32) -> bool {
    let mut kill = std::process::Command::new("kill");
    let sent = kill
        .args([&format!("-{signal}"), &pid.to_string()])
        .status();
    sent.is_ok_and(|status| status.success())
}
