//! One part of a large file: stored, looked into, declared complete.

use crate::contract::{Body, Failure, FailureKind, Id, SendHttp};
use crate::platform::Reaction;
use crate::requests::attempts::{Attempts, RetryPolicy};
use crate::requests::build;
use crate::uploads::desk::Desk;
use crate::uploads::wire::{PartFinish, Prepared, PreparedPart};

const DEFAULT_BLOCK: u64 = 5 * 1024 * 1024;
/// Official clients give a part 300 s.
const PUT_TIMEOUT_MS: u32 = 300_000;
const POLICY: RetryPolicy = RetryPolicy {
    first_ms: 1_000,
    most: 5,
};

/// What happens to a part next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Put,
    Digest,
    Finish,
    Done,
}

/// A part, and how far it is.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) index: i64,
    pub(crate) url: String,
    pub(crate) offset: u64,
    pub(crate) length: u64,
    pub(crate) step: Step,
    pub(crate) open: Option<Id>,
    pub(crate) attempts: Attempts,
    pub(crate) md5: String,
    /// When it was first said to be complete, monotonic milliseconds.
    pub(crate) finishing_ms: Option<u64>,
}

/// Where the requests of an upload go, and whose bytes they carry.
pub(crate) struct Place<'a> {
    pub(crate) base: &'a str,
    pub(crate) target: &'a str,
    pub(crate) blob: u64,
}

impl Chunk {
    pub(crate) fn new(
        part: &PreparedPart<'_>,
        prepared: &Prepared<'_>,
        offset: u64,
        size: u64,
    ) -> Option<Self> {
        let block = part.block_size.unsigned();
        let block = block.or_else(|| prepared.block_size.unsigned());
        let length = block
            .unwrap_or(DEFAULT_BLOCK)
            .min(size.checked_sub(offset)?);
        (length > 0).then_some(())?;
        Some(Self {
            index: part.index.0?,
            url: part.presigned_url.to_option()?,
            offset,
            length,
            step: Step::Put,
            open: None,
            attempts: Attempts::default(),
            md5: String::new(),
            finishing_ms: None,
        })
    }

    pub(crate) const fn range(&self) -> (u64, Option<u64>) {
        (self.offset, Some(self.length))
    }

    pub(crate) fn request(
        &mut self,
        place: &Place<'_>,
        upload_id: &str,
        desk: &mut Desk<'_>,
    ) -> Option<SendHttp> {
        if self.step == Step::Put {
            let body = Body::Blob(Desk::slice(place.blob, self.range()));
            return Some(desk.bare("PUT", self.url.clone(), body, PUT_TIMEOUT_MS));
        }
        let now_ms = desk.cx.host.now().mono_ms;
        self.finishing_ms.get_or_insert(now_ms);
        let finish = PartFinish {
            upload_id,
            part_index: self.index,
            block_size: self.length.to_string(),
            md5: &self.md5,
        };
        let text = serde_json::to_string(&finish).ok()?;
        let url = format!("{}/upload_part_finish", place.base);
        Some(build::json(
            "POST",
            url,
            text,
            build::TIMEOUT_MS,
            &mut desk.cx.host,
        ))
    }

    /// The storage speaks HTTP and nothing of the platform's.
    pub(crate) fn stored(&mut self, status: u16, now_ms: u64) -> Result<(), (Reaction, Failure)> {
        if matches!(status, 200..=299) {
            self.step = Step::Digest;
            self.attempts = Attempts::default();
            return Ok(());
        }
        let what = format!("the platform's storage refused a part of the file (HTTP {status})");
        let failure = Failure::new(FailureKind::Unavailable, what).remedy("Try again later.");
        match status {
            408 | 429 | 500.. => self.again(Reaction::Retry, failure, now_ms),
            _ => Err((Reaction::Report, failure)),
        }
    }

    pub(crate) fn again(
        &mut self,
        reaction: Reaction,
        failure: Failure,
        now_ms: u64,
    ) -> Result<(), (Reaction, Failure)> {
        let asked_ms = failure.retry_after_ms;
        if reaction.is_passing() && self.attempts.again(POLICY, asked_ms, u64::MAX, now_ms) {
            return Ok(());
        }
        Err((reaction, failure))
    }

    pub(crate) fn busy(
        &mut self,
        failure: Failure,
        now_ms: u64,
        delay_ms: u64,
        for_ms: u64,
    ) -> Result<(), (Reaction, Failure)> {
        let since_ms = self.finishing_ms.unwrap_or(now_ms);
        if now_ms.saturating_sub(since_ms) >= for_ms {
            return Err((Reaction::Report, failure));
        }
        self.attempts.wait_until(now_ms.saturating_add(delay_ms));
        Ok(())
    }
}
