//! A channel made of a script, and people and agents for it: the loop is tested
//! on a clock that stands still while anybody has something to do.

use std::sync::{Arc, Mutex};

use prx_channel_host::Delivered;
use prx_channel_host::contract::{
    Delivery, Failure, FailureKind, Feature, OutboundMessage, Receipt, Request, TurnOutcome,
};
use prx_channel_host::testing::ScriptedChannel;
pub(super) use prx_channel_host::testing::message;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Duration, Instant, sleep};

use super::{Agent, Happened, Reply, Turn, run};

/// What comes of a command.
pub(super) type Answer = Result<Receipt, Failure>;

/// What the script says to a command, and after how long.
pub(super) type Script = fn(&Request) -> (Duration, Answer);

/// A late reply that the loop reported: its turn, and what became of it.
pub(super) type Settlement = (Option<u64>, Answer);

/// A running loop over a scripted channel.
pub(super) struct Stage {
    messages: mpsc::Sender<Delivered>,
    running: JoinHandle<()>,
    log: Log,
    pub(super) channel: ScriptedChannel,
    /// What the loop reported, replies only.
    pub(super) replies: Arc<Mutex<Vec<Answer>>>,
    /// What it reported of replies that came late, with their turns.
    pub(super) settlements: Arc<Mutex<Vec<Settlement>>>,
}

#[derive(Clone)]
struct Log {
    began: Instant,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Log {
    /// `MILLISECONDS WHAT`.
    fn write(&self, what: &str) {
        let at = self.began.elapsed().as_millis();
        self.lines.lock().unwrap().push(format!("{at} {what}"));
    }
}

impl Stage {
    /// Starts the loop; the channel has these features.
    pub(super) fn new(features: &[Feature], script: Script, agent: impl Agent) -> Self {
        let log = Log {
            began: Instant::now(),
            lines: Arc::default(),
        };
        let asked = log.clone();
        let (commands, channel) = ScriptedChannel::new("qq", features, move |request| {
            asked.write(&words(request));
            script(request)
        })
        .unwrap();
        let (messages, inbox) = mpsc::channel(16);
        let replies = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&replies);
        let settlements = Arc::new(Mutex::new(Vec::new()));
        let late = Arc::clone(&settlements);
        let report: super::Report = Arc::new(move |_channel, happened| match happened {
            Happened::Reply { outcome, .. } => seen.lock().unwrap().push(outcome.clone()),
            Happened::Settled { turn, outcome, .. } => {
                late.lock().unwrap().push((*turn, outcome.clone()));
            }
            Happened::Message(_) => {}
        });
        let agent = Arc::new(agent);
        let running = tokio::spawn(async move { run("qq", inbox, commands, agent, report).await });
        Self {
            messages,
            running,
            log,
            channel,
            replies,
            settlements,
        }
    }

    /// A user writes.
    pub(super) async fn says(&self, delivered: Delivered) {
        self.messages.send(delivered).await.unwrap();
    }

    /// Ends the channel under its turns: its inbox may stay open.
    pub(super) async fn dies(self) {
        drop(self.channel);
        self.running.await.unwrap();
    }

    /// Ends the channel, lets every turn end, and tells what the channel was
    /// asked and when.
    pub(super) async fn ends(self) -> Vec<String> {
        self.closes().await.0
    }

    /// The same, with the numbers of the messages that are answered.
    pub(super) async fn closes(mut self) -> (Vec<String>, Vec<u64>) {
        drop(self.messages);
        self.running.await.unwrap();
        let lines = self.log.lines.lock().unwrap().clone();
        (lines, self.channel.answered())
    }
}

fn words(request: &Request) -> String {
    match request {
        Request::Send(message) => format!("send {}{}", message.text, media(message)),
        Request::Typing(_) => "typing".to_owned(),
        Request::TypingStop(_) => "typing-stop".to_owned(),
        Request::DraftBegin(message) => format!("begin {}", message.text),
        Request::DraftUpdate(draft) => format!("update {}", draft.text),
        Request::DraftFinish(draft) => format!("finish {}", draft.text),
        Request::DraftCancel(draft) => format!("cancel {draft}"),
        Request::TurnEnded(end) => format!("{} {}", ended(end.outcome), end.message_id),
        other => format!("{other:?}"),
    }
}

/// One `+` for each attachment.
fn media(message: &OutboundMessage) -> String {
    "+".repeat(message.attachments.len())
}

fn ended(outcome: TurnOutcome) -> &'static str {
    match outcome {
        TurnOutcome::Answered => "Answered",
        TurnOutcome::Failed => "Failed",
        TurnOutcome::Cancelled => "Cancelled",
    }
}

/// Everything succeeds at once.
pub(super) fn fine(_request: &Request) -> (Duration, Answer) {
    (Duration::ZERO, Ok(receipt()))
}

/// A message or draft called `d1` exists now.
pub(super) fn receipt() -> Receipt {
    Receipt {
        message_ids: vec!["d1".to_owned()],
        how: Delivery::Passive,
    }
}

/// It failed.
pub(super) fn failed(kind: FailureKind) -> Answer {
    Err(Failure::new(kind, "scripted"))
}

/// Message `m<number>` of user `u` in chat `t`.
pub(super) fn delivered(number: u64, text: &str) -> Delivered {
    Delivered {
        number,
        message: message(number, text),
        again: false,
    }
}

/// A turn outside any loop.
pub(super) fn turn(id: u64, text: &str) -> Turn {
    Turn {
        id,
        conversation: "c".into(),
        message: message(id, text),
        again: false,
        deltas: super::Deltas::default(),
    }
}

/// An agent that is told by the message what to do, word by word: `+text` says
/// it, `500` waits so many milliseconds, `working`, `fail`, `panic`. Anything
/// else is the final text.
pub(super) struct Scripted;

impl Agent for Scripted {
    fn answer(&self, turn: Turn) -> Reply<'_> {
        Box::pin(async move {
            for word in turn.message.text.split_whitespace() {
                match word.strip_prefix('+') {
                    Some(piece) => turn.deltas.push(piece),
                    None if word == "fail" => return Err("scripted".to_owned()),
                    None if word == "panic" => panic!("scripted"),
                    None if word == "working" => turn.deltas.working(),
                    None => match word.parse() {
                        Ok(pause) => sleep(Duration::from_millis(pause)).await,
                        Err(_text) => return Ok(word.to_owned()),
                    },
                }
            }
            Ok(turn.deltas.text())
        })
    }
}
