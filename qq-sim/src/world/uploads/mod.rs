//! Uploaded files: what may be uploaded, what a `file_info` stands for and how long.
//! See [QQ Docs/富媒体消息](https://bot.q.qq.com/wiki/develop/api-v2/server-inter/message/rich-media.html).

mod chunks;
mod request;

use std::collections::{HashMap, VecDeque};

pub(crate) use chunks::{Prepared, is_number_of};
pub(crate) use request::{FileRequest, Source};

use super::World;
use super::chats::{Ledger, Peer};
use super::rate::DAY;
use crate::journal::media::{MediaKind, SentMedia, format_of};
use crate::rules::refusal::Refusal;

/// Formats and soft limits by kind; a larger file is shown as a plain one.
const MIB: u64 = 1 << 20;

const fn soft_limit(kind: MediaKind) -> u64 {
    match kind {
        MediaKind::Image | MediaKind::Voice => 20 * MIB,
        MediaKind::Video => 30 * MIB,
        MediaKind::File => 200 * MIB,
    }
}

/// What a `file_info` stands for.
#[derive(Debug)]
struct Stored {
    app_id: String,
    scene: crate::rules::scene::Scene,
    media: SentMedia,
    /// None for one that stays.
    expires_at_ms: Option<u64>,
}

/// All uploads of all bots.
#[derive(Debug, Default)]
pub(crate) struct Uploads {
    files: Ledger<Stored>,
    chunked: Ledger<chunks::Chunked>,
    /// Files by SHA-1, for the transfer that needs no bytes.
    known: Ledger<SentMedia>,
    /// Bytes of the last day, by bot.
    volume: HashMap<String, VecDeque<(u64, u64)>>,
}

impl World {
    /// What a file is, by its bytes: refused, taken as it is, or made a plain file.
    pub(crate) fn judge_file(
        &self,
        kind: MediaKind,
        bytes: &[u8],
        name: Option<String>,
    ) -> Result<SentMedia, Refusal> {
        let rules = &self.config.rules;
        let size = bytes.len() as u64;
        if size > rules.media_hard_bytes {
            return Err(Refusal::FILE_TOO_LARGE);
        }
        if size == 0 {
            return Err(Refusal::BAD_BODY);
        }
        let format = format_of(bytes).map(|(kind, _)| kind);
        if kind != MediaKind::File && format != Some(kind) {
            return Err(Refusal::FILE_FORMAT);
        }
        let soft = rules.media_soft_bytes.unwrap_or_else(|| soft_limit(kind));
        let shown = if size > soft { MediaKind::File } else { kind };
        Ok(SentMedia::new(shown, bytes, name))
    }

    /// Whether so many more bytes are within the day's volume.
    pub(crate) fn check_volume(&mut self, app_id: &str, size: u64) -> Result<(), Refusal> {
        let now = self.clock.now_ms();
        let volume = self.uploads.volume.entry(app_id.to_owned()).or_default();
        while volume.pop_front_if(|(at, _)| now - *at >= DAY).is_some() {}
        let used: u64 = volume.iter().map(|(_, bytes)| bytes).sum();
        let most = self.config.rules.upload_bytes_per_day;
        if used.saturating_add(size) > most {
            return Err(Refusal::UPLOAD_VOLUME);
        }
        Ok(())
    }

    /// Keeps a file under a new `file_info`, which is returned.
    pub(crate) fn store_file(&mut self, peer: &Peer, media: SentMedia) -> Result<String, Refusal> {
        self.check_volume(&peer.app_id, media.size)?;
        let now = self.clock.now_ms();
        let volume = self.uploads.volume.entry(peer.app_id.clone()).or_default();
        volume.push_back((now, media.size));
        let ttl = self.config.rules.file_ttl_secs;
        let file = Stored {
            app_id: peer.app_id.clone(),
            scene: peer.scene,
            media,
            expires_at_ms: (ttl > 0).then(|| now + ttl * 1000),
        };
        let info = self.ids.trace().to_uppercase();
        self.uploads.files.add(&info, file);
        Ok(info)
    }

    /// The file a message of type 7 shows. A file of a group cannot be shown to a user,
    /// and the other way round.
    pub(crate) fn file_of(&self, peer: &Peer, info: &str) -> Result<Option<SentMedia>, Refusal> {
        let now = self.clock.now_ms();
        let is_fresh = |file: &&Stored| file.expires_at_ms.is_none_or(|at| now < at);
        let file = self.uploads.files.find(info).filter(is_fresh);
        match file.filter(|file| file.app_id == peer.app_id) {
            Some(file) if file.scene != peer.scene => Err(Refusal::FILE_ELSEWHERE),
            Some(file) => Ok(Some(file.media.clone())),
            None if self.config.rules.known_files => Err(Refusal::MEDIA_INVALID),
            None => Ok(None),
        }
    }
}
