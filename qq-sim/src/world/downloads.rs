//! Attachments that a bot can fetch: bytes behind an address that expires.

use std::collections::VecDeque;

use axum::body::Bytes;

use super::World;
use super::rate::MINUTE;

/// About two hours, as seen live.
const LIFE_MS: u64 = 120 * MINUTE;
/// Attachments kept; the oldest expires early.
const MAX_FILES: usize = 256;

/// Something to fetch.
#[derive(Clone, Debug)]
pub(crate) struct Download {
    id: String,
    pub(crate) bytes: Bytes,
    pub(crate) content_type: String,
    at_ms: u64,
}

impl Download {
    /// The same, as something else.
    pub(crate) fn typed(mut self, content_type: &str) -> Self {
        content_type.clone_into(&mut self.content_type);
        self
    }
}

/// Everything to fetch, oldest first.
pub(crate) type Downloads = VecDeque<Download>;

impl World {
    /// Offers bytes for download; returns the address.
    pub(crate) fn offer(&mut self, bytes: Vec<u8>, content_type: &str) -> String {
        let id = self.ids.trace();
        if self.downloads.len() == MAX_FILES {
            self.downloads.pop_front();
        }
        self.downloads.push_back(Download {
            id: id.clone(),
            bytes: bytes.into(),
            content_type: content_type.to_owned(),
            at_ms: self.clock.now_ms(),
        });
        let base_url = &self.base_url;
        format!("{base_url}/download?appid=1407&fileid={id}&spec=0")
    }

    /// What is behind an address, unless it has expired.
    pub(crate) fn fetch(&self, id: &str) -> Option<Download> {
        let now = self.clock.now_ms();
        let mut downloads = self.downloads.iter();
        let found = downloads.find(|one| one.id == id && now - one.at_ms < LIFE_MS);
        found.cloned()
    }
}
