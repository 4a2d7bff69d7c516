//! The guest's stdout and stderr: a bounded buffer that ends up in the log.
//!
//! A panicking guest writes its message here and then traps; the message is the
//! best part of the trap report.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

/// Newest bytes kept between two looks.
const KEPT: usize = 8 * 1024;

/// Everything an instance printed since the last [`Output::take`].
#[derive(Clone, Default)]
pub(super) struct Output {
    text: Arc<Mutex<Vec<u8>>>,
}

impl Output {
    /// What was printed since the last call, if anything.
    pub(super) fn take(&self) -> Option<String> {
        let mut text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        if text.is_empty() {
            return None;
        }
        let taken = std::mem::take(&mut *text);
        Some(String::from_utf8_lossy(&taken).trim_end().to_owned())
    }
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Output {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }

    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        // Only WASI 0.3 guests take this road, and none is linked here.
        Box::new(tokio::io::sink())
    }
}

impl OutputStream for Output {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let mut text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        text.extend_from_slice(&bytes);
        let excess = text.len().saturating_sub(KEPT);
        text.drain(..excess);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(KEPT)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Output {
    async fn ready(&mut self) {}
}
