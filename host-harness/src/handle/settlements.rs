//! What became of messages that were deferred, on its way to whoever listens.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;

use crate::contract::Settle;

/// The first who asks gets them all, from the start of the channel on.
#[derive(Clone, Default)]
pub(crate) struct Settlements(Arc<Mutex<Option<mpsc::Receiver<Settle>>>>);

impl Settlements {
    pub(crate) fn new(settled: mpsc::Receiver<Settle>) -> Self {
        Self(Arc::new(Mutex::new(Some(settled))))
    }

    pub(super) fn take(&self) -> Option<mpsc::Receiver<Settle>> {
        let mut settled = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        settled.take()
    }
}
