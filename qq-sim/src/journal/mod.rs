//! The journal: everything received and sent, in order, without secrets.

pub(crate) mod media;
pub(crate) mod record;
pub(crate) mod sent;

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;
use tokio::sync::watch;

use crate::journal::record::Record;
use crate::journal::sent::SentMessage;

/// One line of the journal.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Running number, from 1, without gaps.
    pub n: u64,
    /// Milliseconds since the simulator started, real time.
    pub at_ms: u64,
    /// TCP connection it happened on, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<u64>,
    /// What happened.
    #[serde(flatten)]
    pub record: Record,
}

/// Nothing in the journal matched in time. Its text shows what did happen.
#[derive(Clone, Debug)]
pub struct NotSeen {
    /// How long was waited.
    pub waited: Duration,
    /// The end of the journal.
    pub tail: Vec<Entry>,
}

impl std::fmt::Display for NotSeen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "not seen within {:?}; the journal ends with:",
            self.waited
        )?;
        for entry in &self.tail {
            let line = serde_json::to_string(entry).unwrap_or_default();
            writeln!(f, "  {line}")?;
        }
        Ok(())
    }
}

impl std::error::Error for NotSeen {}

/// Entries, what must not appear in them, and a bell for those who wait.
#[derive(Debug)]
pub(crate) struct Journal {
    started: Instant,
    inner: Mutex<Inner>,
    newest: watch::Sender<u64>,
}

#[derive(Debug)]
struct Inner {
    entries: VecDeque<Entry>,
    capacity: usize,
    next: u64,
    hidden: VecDeque<String>,
}

impl Journal {
    /// Secrets and tokens remembered for redaction; a token lives two hours, so
    /// this is weeks of them.
    const HIDDEN: usize = 512;
    /// Lines shown when a wait fails.
    const TAIL: usize = 15;

    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            started: Instant::now(),
            inner: Mutex::new(Inner {
                entries: VecDeque::new(),
                capacity: capacity.max(1),
                next: 1,
                hidden: VecDeque::new(),
            }),
            newest: watch::Sender::new(0),
        }
    }

    /// Never shows this text again.
    pub(crate) fn hide(&self, secret: &str) {
        let mut inner = self.lock();
        if inner.hidden.len() == Self::HIDDEN {
            inner.hidden.pop_front();
        }
        if !secret.is_empty() {
            inner.hidden.push_back(secret.to_owned());
        }
    }

    /// Blanks every hidden text inside a JSON value.
    pub(crate) fn redacted(&self, mut value: Value) -> Value {
        redact(&mut value, &self.lock().hidden);
        value
    }

    pub(crate) fn push(&self, connection: Option<u64>, record: Record) {
        let at_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let mut inner = self.lock();
        let n = inner.next;
        inner.next += 1;
        if inner.entries.len() == inner.capacity {
            inner.entries.pop_front();
        }
        inner.entries.push_back(Entry {
            n,
            at_ms,
            connection,
            record,
        });
        drop(inner);
        self.newest.send_replace(n);
    }

    /// Entries with a number above `after`.
    pub(crate) fn after(&self, after: u64) -> Vec<Entry> {
        let inner = self.lock();
        let known = inner.entries.partition_point(|entry| entry.n <= after);
        inner.entries.range(known..).cloned().collect()
    }

    /// Messages that were accepted, typing notices left out.
    pub(crate) fn sent_messages(&self) -> Vec<SentMessage> {
        let inner = self.lock();
        let sent = inner
            .entries
            .iter()
            .filter_map(|entry| match &entry.record {
                Record::MessageAccepted(message) if message.msg_type != 6 => Some(message.clone()),
                _ => None,
            });
        sent.collect()
    }

    /// Number of the newest entry, 0 for none.
    pub(crate) fn newest(&self) -> u64 {
        *self.newest.borrow()
    }

    /// Forgets the entries; numbers go on.
    pub(crate) fn clear(&self) {
        self.lock().entries.clear();
    }

    /// Subscribes to the number of the newest entry.
    pub(crate) fn bell(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }

    /// First entry above `after` that `pick` accepts, now or within `deadline`.
    pub(crate) async fn wait<T>(
        &self,
        mut after: u64,
        deadline: Duration,
        mut pick: impl FnMut(&Entry) -> Option<T>,
    ) -> Result<(u64, T), NotSeen> {
        let mut bell = self.bell();
        let until = tokio::time::Instant::now() + deadline;
        loop {
            bell.mark_unchanged();
            for entry in self.after(after) {
                after = entry.n;
                if let Some(found) = pick(&entry) {
                    return Ok((entry.n, found));
                }
            }
            let rung = tokio::time::timeout_at(until, bell.changed()).await;
            // The sender lives in `self`, so only the deadline can end this.
            if !matches!(rung, Ok(Ok(()))) {
                return Err(self.not_seen(deadline));
            }
        }
    }

    pub(crate) fn not_seen(&self, waited: Duration) -> NotSeen {
        let tail = self.after(self.newest().saturating_sub(Self::TAIL as u64));
        NotSeen { waited, tail }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic elsewhere cannot leave the list half written.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn redact(value: &mut Value, hidden: &VecDeque<String>) {
    match value {
        Value::String(text) => {
            for secret in hidden {
                if text.contains(secret.as_str()) {
                    *text = text.replace(secret.as_str(), "<redacted>");
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| redact(item, hidden)),
        Value::Object(fields) => fields.values_mut().for_each(|item| redact(item, hidden)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waits_for_what_comes_later_and_names_what_came_instead() {
        let journal = Journal::new(10);
        let later = async { journal.push(None, Record::Reset) };
        let wait = journal.wait(0, Duration::from_secs(5), |entry| Some(entry.n));
        let (found, ()) = tokio::join!(wait, later);
        assert_eq!(found.unwrap().1, 1);
        let error = journal
            .wait(1, Duration::ZERO, |_| Some(()))
            .await
            .unwrap_err();
        assert!(error.to_string().contains("reset"), "{error}");
    }

    #[test]
    fn hides_secrets_at_any_depth() {
        let journal = Journal::new(10);
        journal.hide("TOP");
        let shown = journal.redacted(serde_json::json!({"a": ["xTOPx"]}));
        assert_eq!(shown, serde_json::json!({"a": ["x<redacted>x"]}));
    }

    #[test]
    fn keeps_only_the_newest() {
        let journal = Journal::new(2);
        (0..5).for_each(|_| journal.push(None, Record::Reset));
        let kept: Vec<u64> = journal.after(0).iter().map(|entry| entry.n).collect();
        assert_eq!(kept, [4, 5]);
    }
}
