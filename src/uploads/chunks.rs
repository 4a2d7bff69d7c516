//! The parts of a large file: where each goes, and how far it is.

use crate::contract::{DigestAlgorithm, Failure, FailureKind, HttpResponse, Id};
use crate::platform::Reaction;
use crate::requests::answer;
use crate::requests::answer::Answer;
use crate::uploads::chunk::{Chunk, Place, Step};
use crate::uploads::desk::Desk;
use crate::uploads::wire::{Prepared, Settings};
use crate::wire::Object;

/// Parts under way at once, whatever the server allows.
const MOST_OPEN: usize = 4;
/// 200 MB in blocks of 5 MB are 40.
const MOST_PARTS: usize = 1_024;
/// `upload_part_finish` says so while it is busy: again, until `retry_timeout`.
const BUSY: i64 = 40_093_001;
const DEFAULT_BUSY_SECS: u64 = 120;
const LONGEST_BUSY_SECS: u64 = 600;

/// An upload in parts.
#[derive(Debug)]
pub(crate) struct Chunks {
    pub(crate) upload_id: String,
    parts: Vec<Chunk>,
    most_open: usize,
    busy_delay_ms: u64,
    busy_for_ms: u64,
}

impl Chunks {
    /// The plan of a prepared upload of `size` bytes; the offset of a part is the
    /// sum of the sizes before it, in the order of the list: indexes begin with 0
    /// on some servers and with 1 on others.
    pub(crate) fn plan(prepared: &Prepared<'_>, size: u64) -> Result<Self, Failure> {
        let wrong = |what: &str| Failure::new(FailureKind::Protocol, what);
        let upload_id = prepared
            .upload_id
            .to_option()
            .ok_or_else(|| wrong("the platform prepared an upload without naming it"))?;
        let listed = prepared.parts.0.iter();
        let listed: Vec<_> = listed.filter_map(|Object(part)| part.as_ref()).collect();
        if listed.len() > MOST_PARTS {
            return Err(wrong("the platform wants the file in too many parts"));
        }
        let mut parts = Vec::with_capacity(listed.len());
        let mut offset = 0;
        for part in listed {
            let chunk = Chunk::new(part, prepared, offset, size)
                .ok_or_else(|| wrong("the platform's parts do not fit the file"))?;
            offset += chunk.length;
            parts.push(chunk);
        }
        // Without parts the platform has the content already.
        if !parts.is_empty() && offset != size {
            return Err(wrong("the platform's parts do not cover the file"));
        }
        let settings = prepared.upload_config.0.unwrap_or_default();
        Ok(Self::configured(upload_id, parts, settings, prepared))
    }

    fn configured(
        upload_id: String,
        parts: Vec<Chunk>,
        nested: Settings,
        beside: &Prepared<'_>,
    ) -> Self {
        let concurrency = nested.concurrency.unsigned();
        let concurrency = concurrency.or_else(|| beside.concurrency.unsigned());
        let delay = nested.retry_delay.unsigned();
        let delay = delay.or_else(|| beside.retry_delay.unsigned());
        let timeout = nested.retry_timeout.unsigned();
        let timeout = timeout.or_else(|| beside.retry_timeout.unsigned());
        let busy_secs = timeout.unwrap_or(DEFAULT_BUSY_SECS).min(LONGEST_BUSY_SECS);
        let open = usize::try_from(concurrency.unwrap_or(1)).unwrap_or(MOST_OPEN);
        Self {
            upload_id,
            parts,
            most_open: open.clamp(1, MOST_OPEN),
            busy_delay_ms: delay.unwrap_or(1).clamp(1, 60) * 1_000,
            busy_for_ms: busy_secs * 1_000,
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.parts.iter().all(|chunk| chunk.step == Step::Done)
    }

    /// Parts that are done, and all of them.
    pub(crate) fn progress(&self) -> (usize, usize) {
        let done = self.parts.iter().filter(|chunk| chunk.step == Step::Done);
        (done.count(), self.parts.len())
    }

    /// Requests in flight.
    pub(crate) fn requests(&self) -> impl Iterator<Item = Id> {
        let asking = self.parts.iter().filter(|c| c.step != Step::Digest);
        asking.filter_map(|chunk| chunk.open)
    }

    /// Digests outstanding.
    pub(crate) fn digests(&self) -> usize {
        let looking = self.parts.iter().filter(|c| c.step == Step::Digest);
        looking.filter(|chunk| chunk.open.is_some()).count()
    }

    pub(crate) fn owns(&self, id: Id) -> bool {
        self.parts.iter().any(|chunk| chunk.open == Some(id))
    }

    /// When the next of its parts is due, monotonic milliseconds.
    pub(crate) fn due_ms(&self, now_ms: u64) -> Option<u64> {
        let due = self
            .parts
            .iter()
            .filter_map(|chunk| chunk.attempts.due_ms(now_ms));
        due.min()
    }

    /// Begins what is due. The first part needs a free request; further ones
    /// leave some to the files of other chats.
    pub(crate) fn advance(&mut self, place: &Place<'_>, desk: &mut Desk<'_>) {
        let now_ms = desk.cx.host.now().mono_ms;
        let unfinished = self.parts.iter_mut().filter(|c| c.step != Step::Done);
        for (nth, chunk) in unfinished.take(self.most_open).enumerate() {
            if chunk.open.is_some() || !chunk.attempts.is_due(now_ms) {
                continue;
            }
            if chunk.step == Step::Digest {
                chunk.open = desk.digest(place.blob, chunk.range(), &[DigestAlgorithm::Md5]);
            } else if desk.has_room(nth > 0)
                && let Some(http) = chunk.request(place, &self.upload_id, desk)
            {
                chunk.open = Some(http.id);
                desk.send(http, place.target);
            }
        }
    }

    pub(crate) fn digested(&mut self, id: Id, md5: Option<String>) -> Result<(), Failure> {
        let Some(chunk) = self.parts.iter_mut().find(|c| c.open == Some(id)) else {
            return Ok(());
        };
        chunk.open = None;
        let gone = || Failure::new(FailureKind::Invalid, "the file is not there any more");
        chunk.md5 = md5.ok_or_else(gone)?;
        chunk.step = Step::Finish;
        Ok(())
    }

    /// The answer to a part's request; an error is for the whole upload to judge.
    pub(crate) fn answered(
        &mut self,
        response: &HttpResponse,
        now_ms: u64,
    ) -> Result<(), (Reaction, Failure)> {
        let (delay_ms, busy_for_ms) = (self.busy_delay_ms, self.busy_for_ms);
        let find = |chunk: &&mut Chunk| chunk.open == Some(response.id);
        let Some(chunk) = self.parts.iter_mut().find(find) else {
            return Ok(());
        };
        chunk.open = None;
        if chunk.step == Step::Put {
            return chunk.stored(response.status, now_ms);
        }
        match answer::refusal(response) {
            None => {
                chunk.step = Step::Done;
                Ok(())
            }
            Some(Answer::Refused(_, failure)) if failure.code == Some(BUSY) => {
                chunk.busy(failure, now_ms, delay_ms, busy_for_ms)
            }
            Some(Answer::Refused(reaction, failure)) => chunk.again(reaction, failure, now_ms),
            Some(Answer::Unclear(failure)) => chunk.again(Reaction::Retry, failure, now_ms),
            Some(Answer::Sent { .. } | Answer::Audit(_)) => {
                let failure = Failure::new(FailureKind::Protocol, "an answer out of place");
                Err((Reaction::Report, failure))
            }
        }
    }

    pub(crate) fn failed(
        &mut self,
        id: Id,
        failure: Failure,
        now_ms: u64,
    ) -> Result<(), (Reaction, Failure)> {
        let Some(chunk) = self.parts.iter_mut().find(|c| c.open == Some(id)) else {
            return Ok(());
        };
        chunk.open = None;
        chunk.again(Reaction::Retry, failure, now_ms)
    }

    /// Where the bytes of the open request go.
    pub(crate) fn url_of(&self, id: Id) -> Option<&str> {
        let chunk = self.parts.iter().find(|c| c.open == Some(id))?;
        (chunk.step == Step::Put).then_some(&*chunk.url)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn plan(json: &str, size: u64) -> Result<Vec<(i64, u64, u64)>, String> {
        let prepared = serde_json::from_str(json).unwrap();
        let chunks = Chunks::plan(&prepared, size).map_err(|failure| failure.message)?;
        let part = |c: &Chunk| (c.index, c.offset, c.length);
        Ok(chunks.parts.iter().map(part).collect())
    }

    #[test]
    fn offsets_follow_the_list_and_indexes_stay_as_they_are() {
        for (json, size, expected) in [
            (
                r#"{"upload_id":"u","block_size":"4","parts":[{"index":1,"presigned_url":"a"},{"index":2,"presigned_url":"b"}]}"#,
                7,
                vec![(1, 0, 4), (2, 4, 3)],
            ),
            (
                r#"{"upload_id":"u","parts":[{"index":"0","presigned_url":"a","block_size":"3"},{"index":"1","presigned_url":"b","block_size":5}]}"#,
                8,
                vec![(0, 0, 3), (1, 3, 5)],
            ),
            (r#"{"upload_id":"u","parts":[]}"#, 8, vec![]),
            (r#"{"upload_id":"u","parts":null}"#, 8, vec![]),
        ] {
            assert_eq!(plan(json, size), Ok(expected), "{json}");
        }
    }

    #[test]
    fn parts_that_do_not_fit_the_file_are_refused() {
        for json in [
            r#"{"parts":[{"index":0,"presigned_url":"a"}]}"#,
            r#"{"upload_id":"u","block_size":4,"parts":[{"index":0,"presigned_url":"a"}]}"#,
            r#"{"upload_id":"u","block_size":4,"parts":[{"index":0,"presigned_url":"a"},{"index":1,"presigned_url":"a"},{"index":2,"presigned_url":"a"}]}"#,
            r#"{"upload_id":"u","parts":[{"index":0}]}"#,
            r#"{"upload_id":"u","block_size":0,"parts":[{"index":0,"presigned_url":"a"}]}"#,
        ] {
            assert!(plan(json, 8).is_err(), "{json}");
        }
    }

    #[test]
    fn settings_count_nested_or_beside_and_have_bounds() {
        for (json, open, delay_ms, for_ms) in [
            (
                r#"{"upload_id":"u","upload_config":{"concurrency":2,"retry_timeout":300,"retry_delay":3}}"#,
                2,
                3_000,
                300_000,
            ),
            (
                r#"{"upload_id":"u","concurrency":"9","retry_timeout":9999}"#,
                4,
                1_000,
                600_000,
            ),
            (
                r#"{"upload_id":"u","upload_config":{"concurrency":0}}"#,
                1,
                1_000,
                120_000,
            ),
        ] {
            let prepared = serde_json::from_str(json).unwrap();
            let chunks = Chunks::plan(&prepared, 1).unwrap();
            let got = (chunks.most_open, chunks.busy_delay_ms, chunks.busy_for_ms);
            assert_eq!(got, (open, delay_ms, for_ms), "{json}");
        }
    }
}
