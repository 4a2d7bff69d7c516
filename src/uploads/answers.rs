//! What the answers to an upload's requests mean.

use crate::compose::media::Ready;
use crate::contract::{Failure, FailureKind, HttpResponse, Level};
use crate::host::Host;
use crate::platform::Reaction;
use crate::requests::answer;
use crate::requests::answer::Answer;
use crate::requests::attempts::Attempts;
use crate::uploads::cache::key;
use crate::uploads::chunks::Chunks;
use crate::uploads::desk::{Desk, End, Order};
use crate::uploads::upload::{Step, Upload};
use crate::uploads::wire::{Prepared, Uploaded};
use crate::wire;

/// A `file_info` is not used in its last minute, nor longer than a day.
const MARGIN_SECS: u64 = 60;
const LONGEST_SECS: u64 = 24 * 60 * 60;

impl Upload {
    /// The answer to one of its requests.
    pub(crate) fn answered(&mut self, response: &HttpResponse, desk: &mut Desk<'_>) -> Option<End> {
        let now_ms = desk.cx.host.now().mono_ms;
        if let Step::Parts(chunks) = &mut self.step {
            let before = chunks.progress().0;
            if let Err((reaction, failure)) = chunks.answered(response, now_ms) {
                return self.trouble(reaction, failure, desk);
            }
            if chunks.progress().0 > before {
                self.part_done(&mut desk.cx.host);
            }
            return None;
        }
        self.open = None;
        if matches!(self.step, Step::Fetch) {
            return Self::fetched(response, desk);
        }
        match answer::refusal(response) {
            None => self.accepted(response, desk),
            Some(Answer::Refused(Reaction::Split, _)) if matches!(self.step, Step::AtOnce) => {
                // Too much for one request; parts are for that.
                self.in_parts();
                None
            }
            Some(Answer::Refused(reaction, failure)) => self.trouble(reaction, failure, desk),
            Some(Answer::Unclear(failure)) => {
                let clear = Failure {
                    message: "the platform did not take the file".to_owned(),
                    ..failure
                };
                self.trouble(Reaction::Retry, clear.remedy("Try again later."), desk)
            }
            Some(Answer::Sent { .. } | Answer::Audit(_)) => {
                let failure = Failure::new(FailureKind::Protocol, "an answer out of place");
                Some(End::Failed(Reaction::Report, failure))
            }
        }
    }

    /// There is no progress in the contract: a count, and a line for whoever looks.
    fn part_done(&mut self, host: &mut Host) {
        host.count("media_parts_uploaded");
        let Step::Parts(chunks) = &self.step else {
            return;
        };
        let (done, all) = chunks.progress();
        host.note(
            Level::Debug,
            format!("an upload: {done} of {all} parts are there"),
        );
        if chunks.is_done() {
            self.step = Step::Finish(chunks.upload_id.clone());
            self.attempts = Attempts::default();
        }
    }

    fn accepted(&mut self, response: &HttpResponse, desk: &mut Desk<'_>) -> Option<End> {
        let size = self.digests.as_ref().map_or(0, |digests| digests.size);
        if matches!(self.step, Step::Prepare) {
            let prepared: Prepared<'_> = wire::read(&response.body).unwrap_or_default();
            return match Chunks::plan(&prepared, size) {
                Ok(chunks) if chunks.is_done() => {
                    self.step = Step::Finish(chunks.upload_id);
                    None
                }
                Ok(chunks) => {
                    self.step = Step::Parts(chunks);
                    None
                }
                Err(failure) => self.trouble(Reaction::Retry, failure, desk),
            };
        }
        let uploaded: Uploaded<'_> = wire::read(&response.body).unwrap_or_default();
        let Some(file_info) = uploaded.file_info.to_option() else {
            let what = "the platform took the file without naming it";
            let failure = Failure::new(FailureKind::Protocol, what);
            return self.trouble(Reaction::Retry, failure, desk);
        };
        desk.cx.host.count("media_uploaded");
        Some(End::Ready(self.ready(
            file_info,
            uploaded.ttl.unsigned(),
            &desk.cx.host,
        )))
    }

    fn ready(&self, file_info: String, ttl_secs: Option<u64>, host: &Host) -> Ready {
        let ttl_secs = match ttl_secs {
            Some(0) | None => LONGEST_SECS,
            Some(secs) => secs.min(LONGEST_SECS),
        };
        let good_secs = ttl_secs - MARGIN_SECS.min(ttl_secs / 2);
        Ready {
            file_info,
            until_wall_ms: host.now().wall_ms.saturating_add(good_secs * 1_000),
            name: self.order.shown_name().to_owned(),
            key: self.key(),
        }
    }

    pub(crate) fn key(&self) -> Option<String> {
        let sha256 = &self.digests.as_ref()?.sha256;
        let Order {
            app_id,
            scene,
            kind,
            ..
        } = &self.order;
        Some(key(app_id, *scene, *kind, sha256))
    }
}
