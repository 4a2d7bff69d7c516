//! One turn: from a message to its reply and all that goes with it.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use prx_channel_host::contract::{
    Delivery, DraftText, Failure, InboundMessage, OutboundMessage, Receipt, Settle, TurnEnd,
    TurnOutcome,
};
use prx_channel_host::{ChannelCommands, Delivered};
use tokio_util::sync::CancellationToken;
use tracing::Span;

use super::draft::Draft;
use super::promised::Promised;
use super::told::told;
use super::typing::Typing;
use super::{Agent, Happened, Report, Turn, apology};

/// What every turn of a channel works with.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) channel: String,
    pub(super) commands: ChannelCommands,
    pub(super) agent: Arc<dyn Agent>,
    pub(super) report: Report,
    pub(super) promised: Promised,
}

/// What the agent came to; `None`: a newer message cancelled it.
type Came = Option<Result<String, String>>;

impl Desk {
    /// What every line of the log about a turn begins with, whoever writes it.
    /// On the level of errors, so that it is never left out before one.
    pub(super) fn span(&self, turn: Option<u64>) -> Span {
        tracing::error_span!("turn", channel = %self.channel, turn)
    }

    /// One whole turn. Cancelled before its reply is on its way, it sends
    /// nothing more. However it ends: typing stops, no draft stays open, the
    /// channel learns of the end, and the message has had its answer.
    pub(super) async fn answer(self, turn: Turn, number: u64, cancel: CancellationToken) {
        let (id, message) = (turn.id, turn.message.clone());
        let mut typing = Typing::new(&self.commands, &message.reply_target);
        let mut draft = Draft::new(&self.commands, reply(&message, ""));
        let said = turn.deltas.follow();
        let over = CancellationToken::new();
        let work = async {
            // The agent first: it hears of every message, of one that is
            // cancelled from the start too.
            let came = tokio::select! {
                biased;
                came = guarded(&*self.agent, turn) => Some(came),
                () = cancel.cancelled() => None,
                never = typing.show() => match never {},
            };
            over.cancel();
            came
        };
        let (came, ()) = tokio::join!(biased; work, draft.follow(said, &over));
        let came = came.filter(|_| !cancel.is_cancelled());
        let reply = outcome(came, &message);
        let ((), outcome) = tokio::join!(biased;
            typing.stop(),
            self.deliver(draft, reply, id, &message, number),
        );
        self.end(message, outcome).await;
        self.commands.answered(number);
    }

    /// Brings the text to the user, as the end of the draft or as a message.
    async fn deliver(
        &self,
        draft: Draft<'_>,
        (outcome, text): (TurnOutcome, String),
        turn: u64,
        message: &InboundMessage,
        number: u64,
    ) -> TurnOutcome {
        if text.trim().is_empty() {
            draft.cancel().await;
            return outcome;
        }
        let said = self.commands.with_files(reply(message, &text)).await;
        self.promised.add(&message.reply_target, &message.id, turn);
        let finished = match (outcome, draft.open()) {
            (TurnOutcome::Answered, Some(open)) if !said.text.is_empty() => {
                self.finish(open, &said.text, number).await
            }
            _ => None,
        };
        let sent = match finished {
            Some(Ok(_)) if !said.attachments.is_empty() => {
                let media = OutboundMessage {
                    text: String::new(),
                    ..said
                };
                self.commands.send_as_is(media, None).await
            }
            Some(sent) => sent,
            None => {
                draft.cancel().await;
                self.commands.send_as_is(said, Some(number)).await
            }
        };
        let failed = sent.is_err();
        if !matches!(&sent, Ok(receipt) if receipt.how == Delivery::Deferred) {
            self.promised.done(turn);
        }
        self.tell(turn, message, text, sent);
        if failed { TurnOutcome::Failed } else { outcome }
    }

    /// Closes the draft with the final text. `None`: the text did not arrive
    /// that way.
    async fn finish(
        &self,
        draft: &str,
        text: &str,
        number: u64,
    ) -> Option<Result<Receipt, Failure>> {
        let last = DraftText {
            draft: draft.to_owned(),
            text: text.to_owned(),
        };
        match self.commands.finish_reply(last, number).await {
            Err(failure) if !failure.may_have_arrived() => {
                tracing::warn!(
                    "draft not finished, the text is sent as a message: {}",
                    told(&failure)
                );
                None
            }
            sent => Some(sent),
        }
    }

    fn tell(
        &self,
        turn: u64,
        message: &InboundMessage,
        text: String,
        outcome: Result<Receipt, Failure>,
    ) {
        if let Err(failure) = &outcome {
            tracing::error!("reply not delivered: {}", told(failure));
        }
        let happened = Happened::Reply {
            turn,
            recipient: message.reply_target.clone(),
            text,
            outcome,
        };
        (self.report)(&self.channel, &happened);
    }

    /// What became of a reply that came later than its turn.
    pub(super) fn settled(&self, settle: Settle) {
        let Settle {
            recipient,
            message_id,
            outcome,
            ..
        } = settle;
        let turn = self.promised.keep(&recipient, message_id.as_deref());
        match &outcome {
            Ok(_) => {
                tracing::info!(channel = %self.channel, turn, "a deferred reply was delivered")
            }
            Err(failure) => {
                tracing::error!(channel = %self.channel, turn, "a deferred reply was not delivered: {}", told(failure));
            }
        }
        let happened = Happened::Settled {
            turn,
            recipient,
            message_id,
            outcome,
        };
        (self.report)(&self.channel, &happened);
    }

    async fn end(&self, message: InboundMessage, outcome: TurnOutcome) {
        let end = TurnEnd {
            message_id: message.id,
            recipient: message.reply_target,
            outcome,
        };
        if let Err(failure) = self.commands.turn_ended(end).await {
            tracing::debug!(why = %failure.message, "end of turn not noted");
        }
    }

    /// A message there is no room for: it gets no turn.
    pub(super) async fn refuse(self, delivered: Delivered, tell: bool) {
        let Delivered {
            number, message, ..
        } = delivered;
        if tell {
            tracing::warn!("one sender has too many messages waiting; further ones are refused");
            let busy = reply(&message, apology::busy(&message.text));
            if let Err(failure) = self.commands.reply(busy, number).await {
                tracing::debug!(why = %failure.message, "refusal not delivered");
            }
        }
        self.end(message, TurnOutcome::Failed).await;
        self.commands.answered(number);
    }
}

/// The text for the user, and how the turn goes so far.
fn outcome(came: Came, asked: &InboundMessage) -> (TurnOutcome, String) {
    match came {
        Some(Ok(text)) => (TurnOutcome::Answered, text),
        Some(Err(why)) => {
            tracing::error!(%why, "the agent failed");
            // Nobody waits for an answer to a notice.
            let apology = match asked.notice {
                Some(_) => "",
                None => apology::failed(&asked.text),
            };
            (TurnOutcome::Failed, apology.to_owned())
        }
        None => (TurnOutcome::Cancelled, String::new()),
    }
}

/// The agent's answer; a panic of it is an error like any other.
async fn guarded(agent: &dyn Agent, turn: Turn) -> Result<String, String> {
    let answer = AssertUnwindSafe(async move { agent.answer(turn).await });
    answer
        .catch_unwind()
        .await
        .unwrap_or_else(|panic| Err(format!("the agent panicked: {}", words(&*panic))))
}

fn words(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no words")
}

fn reply(message: &InboundMessage, text: &str) -> OutboundMessage {
    OutboundMessage {
        reply_to: Some(message.id.clone()),
        thread: message.thread.clone(),
        ..OutboundMessage::text(message.reply_target.clone(), text)
    }
}
