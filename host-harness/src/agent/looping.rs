//! From delivered message to sent reply.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc;
use tokio::task::{Id, JoinSet};

use super::scopes::Scopes;
use super::{Agent, Turn};
use crate::actor::Delivered;
use crate::contract::{Failure, OutboundMessage, Receipt, TurnEnd, TurnOutcome};
use crate::handle::ChannelCommands;

/// What the user is told when the agent fails; the operator gets the rest.
const APOLOGY: &str = "⚠️ Something went wrong. Please try again later.";

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
}

/// Is shown everything that happens, in order of completion.
pub type Report = Arc<dyn Fn(&str, &Happened) + Send + Sync>;

/// Numbers turns over all channels of the process.
static TURNS: AtomicU64 = AtomicU64::new(1);

struct Loop {
    channel: String,
    commands: ChannelCommands,
    agent: Arc<dyn Agent>,
    report: Report,
    scopes: Scopes,
    turns: JoinSet<()>,
    keys: std::collections::HashMap<Id, String>,
}

/// Answers the messages of one channel until it is gone and every turn is done.
pub async fn run(
    channel: &str,
    mut messages: mpsc::Receiver<Delivered>,
    commands: ChannelCommands,
    agent: Arc<dyn Agent>,
    report: Report,
) {
    let mut this = Loop {
        channel: channel.to_owned(),
        commands,
        agent,
        report,
        scopes: Scopes::default(),
        turns: JoinSet::new(),
        keys: std::collections::HashMap::new(),
    };
    let mut open = true;
    while open || !this.scopes.is_idle() {
        tokio::select! {
            message = messages.recv(), if open && this.scopes.has_room() => match message {
                Some(message) => this.take(message),
                None => open = false,
            },
            Some(done) = this.turns.join_next_with_id() => this.over(done.map(|(id, ())| id)),
        }
    }
}

impl Loop {
    fn take(&mut self, delivered: Delivered) {
        (self.report)(
            &self.channel,
            &Happened::Message(Box::new(delivered.clone())),
        );
        let message = &delivered.message;
        let key = message.interruption_scope.clone().unwrap_or_else(|| {
            format!(
                "{}_{}_{}",
                self.channel, message.reply_target, message.sender
            )
        });
        if let Some(delivered) = self.scopes.admit(&key, delivered) {
            self.start(key, delivered);
        }
    }

    fn start(&mut self, key: String, delivered: Delivered) {
        let turn = Turn {
            id: TURNS.fetch_add(1, Ordering::Relaxed),
            conversation: format!("{}:{}", self.channel, delivered.message.reply_target),
            message: delivered.message,
            again: delivered.again,
        };
        let work = answer(
            self.channel.clone(),
            self.commands.clone(),
            Arc::clone(&self.agent),
            Arc::clone(&self.report),
            turn,
            delivered.number,
        );
        let handle = self.turns.spawn(work);
        self.keys.insert(handle.id(), key.clone());
        self.scopes.started(&key, handle);
    }

    /// A turn ended: by itself, cancelled, or by a panic of the agent.
    fn over(&mut self, done: Result<Id, tokio::task::JoinError>) {
        let id = done
            .as_ref()
            .map_or_else(tokio::task::JoinError::id, |id| *id);
        if let Err(error) = done
            && error.is_panic()
        {
            tracing::error!(channel = %self.channel, "the agent panicked in a turn");
        }
        let Some(key) = self.keys.remove(&id) else {
            return;
        };
        if let Some(next) = self.scopes.finished(&key) {
            self.start(key, next);
        }
    }
}

/// One whole turn. Aborted when a newer message interrupts it: then nothing of
/// it is sent any more.
async fn answer(
    channel: String,
    commands: ChannelCommands,
    agent: Arc<dyn Agent>,
    report: Report,
    turn: Turn,
    number: u64,
) {
    // However the turn ends, also by being interrupted: it has had its answer.
    let _answered = Answered {
        commands: commands.clone(),
        number,
    };
    let (id, message) = (turn.id, turn.message.clone());
    let answered = agent.answer(turn).await;
    let outcome = if answered.is_ok() {
        TurnOutcome::Answered
    } else {
        TurnOutcome::Failed
    };
    let text = answered.unwrap_or_else(|why| {
        tracing::error!(%channel, turn = id, %why, "the agent failed");
        APOLOGY.to_owned()
    });
    if !text.is_empty() {
        let reply = OutboundMessage {
            reply_to: Some(message.id.clone()),
            thread: message.thread.clone(),
            ..OutboundMessage::text(message.reply_target.clone(), text.clone())
        };
        let outcome = commands.reply(reply, number).await;
        if let Err(failure) = &outcome {
            let trace = failure.trace_id.as_deref().unwrap_or("none");
            let remedy = failure.remedy.as_deref().unwrap_or("none");
            tracing::error!(%channel, turn = id, code = ?failure.code, trace, remedy, "reply not delivered: {}", failure.message);
        }
        report(
            &channel,
            &Happened::Reply {
                turn: id,
                recipient: message.reply_target.clone(),
                text,
                outcome,
            },
        );
    }
    let end = TurnEnd {
        message_id: message.id,
        recipient: message.reply_target,
        outcome,
    };
    if let Err(failure) = commands.turn_ended(end).await {
        tracing::debug!(%channel, turn = id, why = %failure.message, "end of turn not noted");
    }
}

/// Says that a message is answered when its turn is over.
struct Answered {
    commands: ChannelCommands,
    number: u64,
}

impl Drop for Answered {
    fn drop(&mut self) {
        self.commands.answered(self.number);
    }
}
