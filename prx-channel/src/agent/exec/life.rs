//! What is known of a process while it lives and afterwards: its turns, and what
//! it says about them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

use super::log::Names;
use super::pauses::Pauses;
use super::said::{self, Broken, Complaints, RULE, Said};
use crate::agent::lines::{Line, one_line};
use crate::agent::loose::Halves;
use crate::agent::{Deltas, Turn};

/// Longest line an agent may write, bytes. A longer one is left out.
pub(super) const LINE: usize = 4 * 1024 * 1024;
/// Turns that nobody waits for any more and that may still be answered.
const CANCELLED: usize = 256;
/// Characters shown of an agent's error.
const SHOWN: usize = 500;

/// What a turn comes to.
pub(super) type Outcome = Result<String, String>;

/// Who waits for a turn.
struct Ear {
    answer: oneshot::Sender<Outcome>,
    deltas: Deltas,
    halves: Halves,
}

/// Turns of the process.
#[derive(Default)]
struct Turns {
    open: BTreeMap<u64, Ear>,
    cancelled: VecDeque<u64>,
}

/// What is known of a process while it lives and afterwards.
pub(super) struct Life {
    turns: Mutex<Turns>,
    names: Mutex<Names>,
    last: Mutex<String>,
    started: Instant,
    answered: AtomicBool,
    /// It has not shown yet that it runs.
    trial: AtomicBool,
    /// Lines outside the rule, by what is wrong with them.
    broken: Mutex<Complaints>,
    /// When it ended, and of what.
    end: watch::Sender<Option<(Instant, String)>>,
}

impl Life {
    pub(super) fn new(trial: bool) -> Self {
        Self {
            turns: Mutex::default(),
            names: Mutex::default(),
            last: Mutex::default(),
            started: Instant::now(),
            answered: AtomicBool::new(false),
            trial: AtomicBool::new(trial),
            broken: Mutex::default(),
            end: watch::Sender::default(),
        }
    }

    /// It runs.
    pub(super) fn passed(&self) {
        self.trial.store(false, Ordering::Relaxed);
    }

    pub(super) fn is_on_trial(&self) -> bool {
        self.trial.load(Ordering::Relaxed)
    }

    /// Takes note that it is over.
    pub(super) fn bury(&self, pauses: &mut Pauses) {
        let end = self.end.borrow().as_ref().map(|(at, _)| *at);
        let end = end.unwrap_or_else(Instant::now);
        let lived = end.saturating_duration_since(self.started);
        pauses.died(self.answered.load(Ordering::Relaxed), lived, end);
    }

    /// Where the answer to a turn will arrive.
    pub(super) fn listen(&self, turn: &Turn) -> oneshot::Receiver<Outcome> {
        let (answer, answered) = oneshot::channel();
        let ear = Ear {
            answer,
            deltas: turn.deltas.clone(),
            halves: Halves::default(),
        };
        let chat = turn.conversation.split(':');
        let ids = [turn.message.id.as_str(), turn.message.sender.as_str()];
        self.names().add(chat.chain(ids));
        lock(&self.turns).open.insert(turn.id, ear);
        answered
    }

    /// Nobody waits for this turn any more.
    pub(super) fn forget(&self, turn: u64) {
        let mut turns = lock(&self.turns);
        if turns.open.remove(&turn).is_some() {
            turns.cancelled.push_back(turn);
            let over = turns.cancelled.len().saturating_sub(CANCELLED);
            turns.cancelled.drain(..over);
        }
    }

    /// Waits for its end and says how it ended and what it wrote last.
    pub(super) async fn ended(&self) -> String {
        let mut end = self.end.subscribe();
        let ended = end.wait_for(Option::is_some).await;
        let how = ended.ok().and_then(|end| end.clone());
        let how = how.map_or_else(String::new, |(_, how)| how);
        let last = one_line(&self.last(), SHOWN);
        if last.is_empty() {
            how
        } else {
            format!("{how}; it wrote: {last}")
        }
    }

    /// How it ended, for a turn it did not answer.
    pub(super) fn died(&self) -> String {
        let end = self.end.borrow();
        let how = end.as_ref().map_or("it is gone", |(_, how)| how);
        format!("the agent's process ended before it answered: {how}")
    }

    pub(super) fn names(&self) -> MutexGuard<'_, Names> {
        lock(&self.names)
    }

    pub(super) fn last(&self) -> MutexGuard<'_, String> {
        lock(&self.last)
    }

    /// A line, the how manieth of this process.
    pub(super) fn hear(&self, line: Line, number: u64) {
        let said = match &line {
            Line::Whole(line) if line.trim().is_empty() => return,
            Line::Whole(line) => said::read(line),
            Line::TooLong(_) => Err(Broken {
                why: format!("it is longer than {LINE} bytes"),
                turn: None,
            }),
        };
        let broken = match said {
            Ok((turn, said)) => self.take(turn, said),
            Err(broken) => Some(broken),
        };
        if let Some(Broken { why, turn }) = broken {
            self.report(number, &why);
            if let Some(turn) = turn {
                self.answer(turn, Err(format!("line {number} of the agent: {why}")));
            }
        }
    }

    fn report(&self, number: u64, why: &str) {
        let Some(count) = lock(&self.broken).count(why) else {
            return;
        };
        let such = if count > 1 {
            format!(" ({count} lines so far)")
        } else {
            String::new()
        };
        tracing::warn!(
            "line {number} of the agent's standard output is ignored: {why}{such} → write {RULE}"
        );
    }

    fn take(&self, turn: u64, said: Said) -> Option<Broken> {
        let known = match said {
            Said::Delta(text) => self.with(turn, |ear| ear.deltas.push(&ear.halves.join(&text))),
            Said::Progress => self.with(turn, |ear| ear.deltas.working()),
            Said::Reply(text) => self.answer(turn, Ok(text.alone())),
            Said::Error(text) => {
                // It goes to the log, as what the agent writes to standard error.
                let words = self.names().without(one_line(&text.alone(), SHOWN));
                self.answer(turn, Err(words))
            }
        };
        let why = "its \"turn\" is not open: it was never given, or is answered already";
        (!known).then(|| Broken {
            why: why.to_owned(),
            turn: None,
        })
    }

    /// False if nobody gave this turn.
    fn with(&self, turn: u64, tell: impl FnOnce(&mut Ear)) -> bool {
        let mut turns = lock(&self.turns);
        match turns.open.get_mut(&turn) {
            Some(ear) => tell(ear),
            None => return turns.cancelled.contains(&turn),
        }
        true
    }

    fn answer(&self, turn: u64, outcome: Outcome) -> bool {
        let mut turns = lock(&self.turns);
        let known = match turns.open.remove(&turn) {
            Some(ear) => {
                let _cancelled = ear.answer.send(outcome);
                true
            }
            None => turns.cancelled.contains(&turn),
        };
        self.answered.fetch_or(known, Ordering::Relaxed);
        known
    }

    /// It ended.
    pub(super) fn over(&self, how: String) {
        self.end.send_replace(Some((Instant::now(), how)));
        lock(&self.turns).open.clear();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
