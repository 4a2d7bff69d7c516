//! One file on its way to the platform: what is asked next, and what the answers
//! mean. Up to 5 MB go in one request, more in parts.
//!
//! QQ docs, server-inter/message/rich-media. An upload shows nothing to anybody,
//! so it is repeated without fear.

use crate::compose::media::kind::LARGEST;
use crate::compose::media::{Source, too_large};
use crate::contract::{BlobDigested, DigestAlgorithm, Failure, FailureKind, HttpFailed, Id};
use crate::platform;
use crate::platform::Reaction;
use crate::requests::attempts::{Attempts, RetryPolicy};
use crate::uploads::chunk::Place;
use crate::uploads::chunks::Chunks;
use crate::uploads::desk::{Desk, End, Order};

/// Bytes sent in one request; official clients change to parts above.
const MOST_AT_ONCE: u64 = 5 * 1024 * 1024;
/// The platform wants a digest of so many first bytes.
const HEAD: u64 = 10_002_432;
/// The platform fetches and stores while the request is open.
pub(crate) const FILES_TIMEOUT_MS: u64 = 120_000;
/// A minute in all: the replies of the chat wait for the file.
const POLICY: RetryPolicy = RetryPolicy {
    first_ms: 2_000,
    most: 5,
};

/// What is asked next, or was asked last.
#[derive(Debug)]
pub(crate) enum Step {
    Fetch,
    ByUrl,
    Digest,
    DigestHead,
    AtOnce,
    Prepare,
    Parts(Chunks),
    Finish(String),
}

/// What the host found in the file.
#[derive(Debug)]
pub(crate) struct Digests {
    pub(crate) size: u64,
    pub(crate) md5: String,
    pub(crate) sha1: String,
    pub(crate) sha256: String,
    pub(crate) md5_10m: String,
}

/// A file on its way.
#[derive(Debug)]
pub(crate) struct Upload {
    pub(crate) order: Order,
    pub(crate) step: Step,
    pub(crate) digests: Option<Digests>,
    pub(crate) open: Option<Id>,
    pub(crate) attempts: Attempts,
}

impl Upload {
    pub(crate) fn new(order: Order) -> Self {
        let step = match &order.source {
            Source::Url(_) if order.fetch => Step::Fetch,
            Source::Url(_) => Step::ByUrl,
            Source::Blob(_) => Step::Digest,
        };
        Self {
            order,
            step,
            digests: None,
            open: None,
            attempts: Attempts::default(),
        }
    }

    pub(crate) const fn blob(&self) -> u64 {
        match self.order.source {
            Source::Blob(blob) => blob,
            Source::Url(_) => 0,
        }
    }

    /// Requests in flight.
    pub(crate) fn requests(&self) -> Vec<Id> {
        match &self.step {
            Step::Parts(chunks) => chunks.requests().collect(),
            Step::Digest | Step::DigestHead => Vec::new(),
            _ => self.open.into_iter().collect(),
        }
    }

    /// Digests outstanding.
    pub(crate) fn digests(&self) -> usize {
        match &self.step {
            Step::Parts(chunks) => chunks.digests(),
            Step::Digest | Step::DigestHead => self.open.iter().count(),
            _ => 0,
        }
    }

    /// Whether a request or digest is its own.
    pub(crate) fn owns(&self, id: Id) -> bool {
        let in_parts = matches!(&self.step, Step::Parts(chunks) if chunks.owns(id));
        in_parts || self.open == Some(id)
    }

    /// When it goes on by itself, monotonic milliseconds.
    pub(crate) fn due_ms(&self, now_ms: u64) -> Option<u64> {
        match &self.step {
            Step::Parts(chunks) => chunks.due_ms(now_ms),
            _ => self.attempts.due_ms(now_ms),
        }
    }

    /// Begins what is due.
    pub(crate) fn advance(&mut self, desk: &mut Desk<'_>) {
        if !self.attempts.is_due(desk.cx.host.now().mono_ms) || self.open.is_some() {
            return;
        }
        let blob = self.blob();
        match &mut self.step {
            Step::Digest => {
                use DigestAlgorithm::{Md5, Sha1, Sha256};
                self.open = desk.digest(blob, (0, None), &[Md5, Sha1, Sha256]);
            }
            Step::DigestHead => {
                let range = (0, Some(HEAD));
                self.open = desk.digest(blob, range, &[DigestAlgorithm::Md5]);
            }
            Step::Parts(_) if !desk.cx.has_token() => {}
            Step::Parts(chunks) => {
                self.attempts.begin(&desk.cx.token);
                let base = &self.order.base;
                chunks.advance(
                    &Place {
                        base,
                        blob,
                        target: &self.order.target,
                    },
                    desk,
                );
            }
            _ if !desk.has_room(false) || !desk.cx.has_token() => {}
            _ => self.ask(desk),
        }
    }

    fn ask(&mut self, desk: &mut Desk<'_>) {
        let Some(http) = self.request(desk) else {
            return;
        };
        self.attempts.begin(&desk.cx.token);
        self.open = Some(http.id);
        desk.send(http, &self.order.target);
    }

    /// A request got no answer.
    pub(crate) fn failed(&mut self, failed: &HttpFailed, desk: &mut Desk<'_>) -> Option<End> {
        let url = match (&self.step, &self.order.source) {
            (Step::Fetch, Source::Url(url)) => url,
            (Step::Parts(chunks), _) => chunks.url_of(failed.id).unwrap_or(&self.order.base),
            _ => &self.order.base,
        };
        let failure = platform::explain("the file was not sent", url, &failed.failure);
        if matches!(
            failure.kind,
            FailureKind::Denied
                | FailureKind::Invalid
                | FailureKind::Unauthorized
                | FailureKind::TooLarge
        ) {
            return Some(End::Failed(Reaction::Report, failure));
        }
        let now_ms = desk.cx.host.now().mono_ms;
        if let Step::Parts(chunks) = &mut self.step {
            let outcome = chunks.failed(failed.id, failure, now_ms);
            return outcome
                .err()
                .map(|(reaction, failure)| End::Failed(reaction, failure));
        }
        self.open = None;
        self.trouble(Reaction::Retry, failure, desk)
    }

    /// The host looked into the file.
    pub(crate) fn digested(&mut self, done: &BlobDigested, desk: &mut Desk<'_>) -> Option<End> {
        let gone = || Failure::new(FailureKind::Invalid, "the file is not there any more");
        let report = |failure| Some(End::Failed(Reaction::Report, failure));
        let mut digests = done.digests.clone().unwrap_or_default().into_iter();
        if let Step::Parts(chunks) = &mut self.step {
            return match chunks.digested(done.id, digests.next()) {
                Ok(()) => None,
                Err(failure) => report(failure),
            };
        }
        self.open = None;
        let Some(first) = digests.next() else {
            return report(gone());
        };
        if let (Step::DigestHead, Some(known)) = (&self.step, &mut self.digests) {
            known.md5_10m = first;
            self.step = Step::Prepare;
            return None;
        }
        let (Some(sha1), Some(sha256)) = (digests.next(), digests.next()) else {
            return report(gone());
        };
        self.digests = Some(Digests {
            size: done.size,
            md5_10m: first.clone(),
            md5: first,
            sha1,
            sha256,
        });
        self.measured(done.size, desk)
    }

    fn measured(&mut self, size: u64, desk: &mut Desk<'_>) -> Option<End> {
        if size == 0 {
            let failure = Failure::new(FailureKind::Invalid, "the file is empty");
            return Some(End::Failed(Reaction::Report, failure));
        }
        if size > LARGEST {
            return Some(End::Failed(Reaction::Report, too_large(size, LARGEST)));
        }
        let most = self.order.kind.soft_limit();
        if size > most {
            return Some(End::Failed(Reaction::AsFile, too_large(size, most)));
        }
        let name = self.order.shown_name();
        let found = |key: String| desk.cache.find(&key, name, &desk.cx.host);
        let cached = self.key().and_then(found);
        if let Some(ready) = cached {
            desk.cx.host.count("media_reused");
            return Some(End::Ready(ready));
        }
        if size <= MOST_AT_ONCE {
            self.step = Step::AtOnce;
        } else {
            self.in_parts();
        }
        None
    }

    pub(crate) fn in_parts(&mut self) {
        let size = self.digests.as_ref().map_or(0, |digests| digests.size);
        self.step = if size > HEAD {
            Step::DigestHead
        } else {
            Step::Prepare
        };
    }

    /// Passing troubles are waited out; all others end the upload.
    pub(crate) fn trouble(
        &mut self,
        reaction: Reaction,
        failure: Failure,
        desk: &mut Desk<'_>,
    ) -> Option<End> {
        let now_ms = desk.cx.host.now().mono_ms;
        let again = match reaction {
            Reaction::RefreshToken => self.attempts.refresh(desk.cx),
            _ if reaction.is_passing() => {
                let asked_ms = failure.retry_after_ms;
                let until_ms = self.order.deadline_ms;
                // Parts count their own attempts.
                !matches!(self.step, Step::Parts(_))
                    && self.attempts.again(POLICY, asked_ms, until_ms, now_ms)
            }
            _ => false,
        };
        (!again).then_some(End::Failed(reaction, failure))
    }
}
