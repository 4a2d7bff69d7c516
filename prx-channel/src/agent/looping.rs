//! From delivered messages to turns: which one, when, and how many at once.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use prx_channel_host::contract::{Failure, Receipt, Settle};
use prx_channel_host::{ChannelCommands, Delivered};
use tokio::sync::mpsc;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Duration;
use tracing::Instrument as _;

use super::promised::Promised;
use super::scopes::{Admission, Scopes};
use super::turn::Desk;
use super::{Agent, Deltas, Turn};

/// How long turns may take to end when their channel is gone.
const LAST: Duration = Duration::from_millis(200);

/// Something an operator may want to see.
#[derive(Clone, Debug)]
pub enum Happened {
    /// A user wrote.
    Message(Box<Delivered>),
    /// A reply went out, or could not.
    Reply {
        /// The turn it belongs to.
        turn: u64,
        /// Whom it is for.
        recipient: String,
        /// What it says.
        text: String,
        /// What became of it.
        outcome: Result<Receipt, Failure>,
    },
    /// What became of a reply whose receipt said `deferred`.
    Settled {
        /// The turn it belongs to, unless an earlier process had it.
        turn: Option<u64>,
        /// Whom it was for.
        recipient: String,
        /// The message it answered.
        message_id: Option<String>,
        /// What became of it.
        outcome: Result<Receipt, Failure>,
    },
}

/// Is shown everything that happens, in order of completion.
pub type Report = Arc<dyn Fn(&str, &Happened) + Send + Sync>;

/// Numbers turns over all channels of the process.
static TURNS: AtomicU64 = AtomicU64::new(1);

struct Loop {
    desk: Desk,
    scopes: Scopes,
    turns: JoinSet<()>,
    keys: HashMap<Id, String>,
}

/// Answers the messages of one channel. When its inbox is closed, turns may end;
/// when the channel itself is gone, nobody can get their replies, and they are
/// cancelled.
pub async fn run(
    channel: &str,
    mut messages: mpsc::Receiver<Delivered>,
    commands: ChannelCommands,
    agent: Arc<dyn Agent>,
    report: Report,
) {
    let mut this = Loop {
        desk: Desk {
            channel: channel.to_owned(),
            commands,
            agent,
            report,
            promised: Promised::default(),
        },
        scopes: Scopes::default(),
        turns: JoinSet::new(),
        keys: HashMap::new(),
    };
    let ending = this.desk.commands.clone();
    let mut gone = std::pin::pin!(ending.gone());
    let mut settled = this.desk.commands.take_settled();
    let mut open = true;
    while open || !this.turns.is_empty() {
        tokio::select! {
            message = messages.recv(), if open && this.scopes.has_room() => match message {
                Some(message) => this.take(message),
                None => open = false,
            },
            Some(settle) = next(&mut settled) => this.desk.settled(settle),
            Some(done) = this.turns.join_next_with_id() => this.over(done.map(|(id, ())| id)),
            () = &mut gone => {
                this.end().await;
                break;
            }
        }
    }
    // What was said last.
    while let Some(Ok(settle)) = settled.as_mut().map(mpsc::Receiver::try_recv) {
        this.desk.settled(settle);
    }
}

/// The next of them; never, if somebody else takes them.
async fn next(settled: &mut Option<mpsc::Receiver<Settle>>) -> Option<Settle> {
    match settled {
        Some(settled) => settled.recv().await,
        None => std::future::pending().await,
    }
}

impl Loop {
    fn take(&mut self, delivered: Delivered) {
        let channel = &self.desk.channel;
        (self.desk.report)(channel, &Happened::Message(Box::new(delivered.clone())));
        let message = &delivered.message;
        let key = message
            .interruption_scope
            .clone()
            .unwrap_or_else(|| format!("{channel}_{}_{}", message.reply_target, message.sender));
        match self.scopes.admit(&key, delivered) {
            Admission::Start(delivered) => self.start(key, delivered),
            Admission::Waits => {}
            Admission::Refused { delivered, tell } => {
                let work = self.desk.clone().refuse(delivered, tell);
                self.turns.spawn(work.instrument(self.desk.span(None)));
            }
        }
    }

    fn start(&mut self, key: String, delivered: Delivered) {
        let turn = Turn {
            id: TURNS.fetch_add(1, Ordering::Relaxed),
            conversation: format!("{}:{}", self.desk.channel, delivered.message.reply_target),
            message: delivered.message,
            again: delivered.again,
            deltas: Deltas::default(),
        };
        let cancel = self.scopes.started(&key);
        let span = self.desk.span(Some(turn.id));
        let work = self.desk.clone().answer(turn, delivered.number, cancel);
        let work = work.instrument(span);
        self.keys.insert(self.turns.spawn(work).id(), key);
    }

    /// No command is answered any more: what can end does so now, and what an
    /// agent is still busy with is cancelled.
    async fn end(&mut self) {
        let turns = &mut self.turns;
        let all = async { while turns.join_next().await.is_some() {} };
        let _cut_off = tokio::time::timeout(LAST, all).await;
    }

    /// A turn ended, and its scope is free for the next.
    fn over(&mut self, done: Result<Id, JoinError>) {
        let id = done.as_ref().map_or_else(JoinError::id, |id| *id);
        if done.is_err_and(|error| error.is_panic()) {
            tracing::error!(channel = %self.desk.channel, "a turn panicked: a defect of this host");
        }
        let Some(key) = self.keys.remove(&id) else {
            return;
        };
        if let Some(next) = self.scopes.finished(&key) {
            self.start(key, next);
        }
    }
}
