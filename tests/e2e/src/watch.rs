//! Watching a channel without polling: what crossed its sandbox, and its state.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use prx_channel_host::{Crossing, StatusReport, TraceSink};
use tokio::sync::watch;

/// Collects crossings, each with the moment it was seen.
#[derive(Clone)]
pub struct Crossings {
    seen: Arc<Mutex<Vec<(Instant, Crossing)>>>,
    count: Arc<watch::Sender<usize>>,
}

impl Default for Crossings {
    fn default() -> Self {
        Self {
            seen: Arc::default(),
            count: Arc::new(watch::Sender::new(0)),
        }
    }
}

impl Crossings {
    /// A sink that fills this collection.
    pub fn sink(&self) -> TraceSink {
        let this = self.clone();
        Arc::new(move |crossing: &Crossing| {
            let mut seen = this.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.push((Instant::now(), crossing.clone()));
            this.count.send_replace(seen.len());
        })
    }

    /// Everything so far.
    pub fn all(&self) -> Vec<(Instant, Crossing)> {
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Waits until `enough` says so of everything seen. False: it took too
    /// long.
    pub async fn wait(
        &self,
        within: Duration,
        enough: impl Fn(&[(Instant, Crossing)]) -> bool,
    ) -> bool {
        let mut count = self.count.subscribe();
        let seen = async {
            loop {
                if enough(&self.all()) {
                    return;
                }
                if count.changed().await.is_err() {
                    return;
                }
            }
        };
        tokio::time::timeout(within, seen).await.is_ok()
    }
}

/// Waits for a state; the last one seen if it never came.
///
/// # Errors
/// The state that was there instead.
pub async fn status(
    mut status: watch::Receiver<StatusReport>,
    within: Duration,
    wanted: impl Fn(&StatusReport) -> bool,
) -> Result<StatusReport, StatusReport> {
    let last = status.borrow().clone();
    match tokio::time::timeout(within, status.wait_for(|report| wanted(report))).await {
        Ok(Ok(report)) => Ok(report.clone()),
        Ok(Err(_)) | Err(_) => Err(last),
    }
}
