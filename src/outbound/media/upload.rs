//! One file on its way to the platform: what is asked next, and what the answers
//! mean. Up to 5 MB go in one request, more in parts.
//!
//! QQ docs, server-inter/message/rich-media. An upload shows nothing to anybody,
//! so it is repeated without fear.

use super::cache::{Cache, Ready, key};
use super::chunks::{Chunks, Place};
use super::kind::{Kind, LARGEST};
use super::wire::{Files, Prepare, Prepared, Uploaded};
use super::{Source, too_large};
use crate::contract::{
    Action, BlobDigested, BlobSlice, Body, DigestAlgorithm, DigestBlob, Failure, FailureKind,
    Header, HttpFailed, HttpResponse, JsonBlob, Level, SendHttp, Token as Id,
};
use crate::host::Host;
use crate::outbound::answer::{self, Answer};
use crate::outbound::request;
use crate::platform::{self, Reaction};
use crate::target::Scene;
use crate::token::Token;
use crate::wire;

/// Bytes sent in one request; official clients change to parts above.
const MOST_AT_ONCE: u64 = 5 * 1024 * 1024;
/// The platform wants a digest of so many first bytes.
const HEAD: u64 = 10_002_432;
/// The platform fetches and stores while the request is open.
const FILES_TIMEOUT_MS: u64 = 120_000;
const MOST_RETRIES: u32 = 2;
const FIRST_RETRY_MS: u64 = 2_000;
/// A `file_info` is not used in its last minute, nor longer than a day.
const MARGIN_SECS: u64 = 60;
const LONGEST_SECS: u64 = 24 * 60 * 60;

/// What is to be uploaded, and where.
#[derive(Clone, Debug)]
pub(in crate::outbound) struct Order {
    /// Reply target.
    pub(in crate::outbound) target: String,
    /// `…/v2/users/{openid}` or `…/v2/groups/{openid}`.
    pub(super) base: String,
    pub(super) app_id: String,
    pub(super) scene: Scene,
    pub(super) kind: Kind,
    pub(super) source: Source,
    pub(super) name: String,
    /// Only bring the bytes here: the platform cannot.
    pub(super) fetch: bool,
    pub(super) deadline_ms: u64,
}

/// How an upload ended.
#[derive(Debug)]
pub(in crate::outbound) enum End {
    /// The platform has it.
    Ready(Ready),
    /// The host has it, in this blob, with this media type.
    Fetched(u64, Option<String>),
    Failed(Reaction, Failure),
}

#[derive(Debug)]
enum Step {
    Fetch,
    ByUrl,
    Digest,
    DigestHead,
    AtOnce,
    Prepare,
    Parts(Chunks),
    Finish(String),
}

#[derive(Debug)]
struct Digests {
    size: u64,
    md5: String,
    sha1: String,
    sha256: String,
    md5_10m: String,
}

/// What an upload may use of the world in one call.
pub(super) struct Desk<'a> {
    pub(super) token: &'a mut Token,
    pub(super) host: &'a mut Host,
    pub(super) cache: &'a Cache,
    /// Requests all uploads together may still open.
    pub(super) room: usize,
    /// Of them, so many are for the first requests of other uploads.
    pub(super) reserved: usize,
    /// Digests they may still ask for.
    pub(super) digests: usize,
}

impl Desk<'_> {
    /// Whether another request may be opened; an extra one leaves a reserve.
    pub(super) const fn has_room(&self, extra: bool) -> bool {
        if extra {
            self.room > self.reserved
        } else {
            self.room > 0
        }
    }

    pub(super) fn send(&mut self, http: SendHttp) {
        self.room = self.room.saturating_sub(1);
        self.host.send_http(http);
    }

    pub(super) const fn slice(blob: u64, (offset, length): (u64, Option<u64>)) -> BlobSlice {
        BlobSlice {
            blob,
            offset,
            length,
        }
    }

    /// A request to somebody who must not see the access token.
    pub(super) fn bare(
        &mut self,
        method: &str,
        url: String,
        body: Body,
        timeout_ms: u32,
    ) -> SendHttp {
        SendHttp {
            id: self.host.fresh_id(),
            method: method.to_owned(),
            url,
            headers: Vec::new(),
            body,
            timeout_ms,
            secrets: Vec::new(),
            seals: Vec::new(),
            into_blob: false,
        }
    }

    /// Digests of an earlier instance may be outstanding, and nobody lists them:
    /// a random number meets none of theirs. Absent: too many are under way.
    pub(super) fn digest(
        &mut self,
        blob: u64,
        range: (u64, Option<u64>),
        algorithms: &[DigestAlgorithm],
    ) -> Option<Id> {
        self.digests = self.digests.checked_sub(1)?;
        let id = self.host.random_up_to(u64::MAX - 1);
        self.host.act(Action::DigestBlob(DigestBlob {
            id,
            slice: Self::slice(blob, range),
            algorithms: algorithms.to_vec(),
        }));
        Some(id)
    }
}

/// A file on its way.
#[derive(Debug)]
pub(super) struct Upload {
    pub(super) order: Order,
    step: Step,
    digests: Option<Digests>,
    open: Option<Id>,
    refreshed: bool,
    retries: u32,
    generation: u64,
    not_before_ms: u64,
}

impl Upload {
    pub(super) const fn new(order: Order) -> Self {
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
            refreshed: false,
            retries: 0,
            generation: 0,
            not_before_ms: 0,
        }
    }

    const fn blob(&self) -> u64 {
        match self.order.source {
            Source::Blob(blob) => blob,
            Source::Url(_) => 0,
        }
    }

    /// Requests in flight.
    pub(super) fn requests(&self) -> Vec<Id> {
        match &self.step {
            Step::Parts(chunks) => chunks.requests().collect(),
            Step::Digest | Step::DigestHead => Vec::new(),
            _ => self.open.into_iter().collect(),
        }
    }

    /// Digests outstanding.
    pub(super) fn digests(&self) -> usize {
        match &self.step {
            Step::Parts(chunks) => chunks.digests(),
            Step::Digest | Step::DigestHead => self.open.iter().count(),
            _ => 0,
        }
    }

    /// Whether a request or digest is its own.
    pub(super) fn owns(&self, id: Id) -> bool {
        let in_parts = matches!(&self.step, Step::Parts(chunks) if chunks.owns(id));
        in_parts || self.open == Some(id)
    }

    /// When it goes on by itself, monotonic milliseconds.
    pub(super) fn due_ms(&self) -> Vec<u64> {
        match &self.step {
            Step::Parts(chunks) => chunks.due_ms().collect(),
            _ => vec![self.not_before_ms],
        }
    }

    /// Begins what is due.
    pub(super) fn advance(&mut self, desk: &mut Desk<'_>) {
        if self.not_before_ms > desk.host.now().mono_ms || self.open.is_some() {
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
            Step::Parts(_) if !desk.token.require(desk.host) => {}
            Step::Parts(chunks) => {
                self.generation = desk.token.generation();
                let base = &self.order.base;
                chunks.advance(&Place { base, blob }, desk);
            }
            _ if !desk.has_room(false) || !desk.token.require(desk.host) => {}
            _ => self.ask(desk),
        }
    }

    fn ask(&mut self, desk: &mut Desk<'_>) {
        let Some(http) = self.request(desk) else {
            return;
        };
        self.generation = desk.token.generation();
        self.open = Some(http.id);
        desk.send(http);
    }

    fn request(&self, desk: &mut Desk<'_>) -> Option<SendHttp> {
        let Order {
            kind, name, base, ..
        } = &self.order;
        if let (Step::Fetch, Source::Url(url)) = (&self.step, &self.order.source) {
            let timeout_ms = u32::try_from(FILES_TIMEOUT_MS).unwrap_or(u32::MAX);
            let mut http = desk.bare("GET", url.clone(), Body::Empty, timeout_ms);
            http.into_blob = true;
            return Some(http);
        }
        let mut files = Files::new(*kind, name);
        let (end, text) = match (&self.step, &self.order.source) {
            (Step::Prepare, _) => ("upload_prepare", self.prepare()?),
            (Step::Finish(upload_id), _) => {
                files.file_name = Some(name);
                files.upload_id = Some(upload_id);
                ("files", serde_json::to_string(&files).ok()?)
            }
            (_, Source::Url(url)) => {
                files.url = Some(url);
                ("files", serde_json::to_string(&files).ok()?)
            }
            (_, Source::Blob(_)) => ("files", serde_json::to_string(&files).ok()?),
        };
        let url = format!("{base}/{end}");
        let mut http = request::json("POST", url, text, FILES_TIMEOUT_MS, desk.host);
        if let (Step::AtOnce, Body::Json(json)) = (&self.step, &mut http.body) {
            json.blobs.push(JsonBlob {
                pointer: "/file_data".to_owned(),
                slice: Desk::slice(self.blob(), (0, None)),
            });
        }
        Some(http)
    }

    fn prepare(&self) -> Option<String> {
        let digests = self.digests.as_ref()?;
        let prepare = Prepare {
            file_type: self.order.kind.number(),
            file_size: digests.size.to_string(),
            file_name: &self.order.name,
            md5: &digests.md5,
            sha1: &digests.sha1,
            md5_10m: &digests.md5_10m,
        };
        serde_json::to_string(&prepare).ok()
    }

    /// The answer to one of its requests.
    pub(super) fn answered(&mut self, response: &HttpResponse, desk: &mut Desk<'_>) -> Option<End> {
        let now_ms = desk.host.now().mono_ms;
        if let Step::Parts(chunks) = &mut self.step {
            let before = chunks.progress().0;
            if let Err((reaction, failure)) = chunks.answered(response, now_ms) {
                return self.trouble(reaction, failure, desk);
            }
            if chunks.progress().0 > before {
                self.part_done(desk.host);
            }
            return None;
        }
        self.open = None;
        if matches!(self.step, Step::Fetch) {
            return self.fetched(response, desk);
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
            self.retries = 0;
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
        desk.host.count("media_uploaded");
        Some(End::Ready(self.ready(
            file_info,
            uploaded.ttl.unsigned(),
            desk.host,
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
            key: self.key(),
        }
    }

    fn key(&self) -> Option<String> {
        let sha256 = &self.digests.as_ref()?.sha256;
        let Order {
            app_id,
            scene,
            kind,
            ..
        } = &self.order;
        Some(key(app_id, *scene, *kind, sha256))
    }

    fn fetched(&self, response: &HttpResponse, desk: &mut Desk<'_>) -> Option<End> {
        if let (Some(blob), 200..=299) = (response.blob, response.status) {
            let named = |h: &&Header| h.name.eq_ignore_ascii_case("content-type");
            let mime = response.headers.iter().find(named);
            return Some(End::Fetched(blob, mime.map(|h| h.value.clone())));
        }
        if let Some(blob) = response.blob {
            desk.host.act(Action::DropBlob(blob));
        }
        let what = format!("the file's address answers with HTTP {}", response.status);
        let failure = Failure::new(FailureKind::Unavailable, what).remedy("Check the address.");
        Some(End::Failed(Reaction::Report, failure))
    }

    /// A request got no answer.
    pub(super) fn failed(&mut self, failed: &HttpFailed, desk: &mut Desk<'_>) -> Option<End> {
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
        let now_ms = desk.host.now().mono_ms;
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
    pub(super) fn digested(&mut self, done: &BlobDigested, desk: &mut Desk<'_>) -> Option<End> {
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
        let cached = self.key().and_then(|key| desk.cache.find(&key, desk.host));
        if let Some(ready) = cached {
            desk.host.count("media_reused");
            return Some(End::Ready(ready));
        }
        if size <= MOST_AT_ONCE {
            self.step = Step::AtOnce;
        } else {
            self.in_parts();
        }
        None
    }

    fn in_parts(&mut self) {
        let size = self.digests.as_ref().map_or(0, |digests| digests.size);
        self.step = if size > HEAD {
            Step::DigestHead
        } else {
            Step::Prepare
        };
    }

    /// Passing troubles are waited out; all others end the upload.
    fn trouble(
        &mut self,
        reaction: Reaction,
        failure: Failure,
        desk: &mut Desk<'_>,
    ) -> Option<End> {
        let now_ms = desk.host.now().mono_ms;
        match reaction {
            Reaction::RefreshToken if !self.refreshed => {
                self.refreshed = true;
                desk.token.refused(self.generation, desk.host);
                return None;
            }
            Reaction::Retry | Reaction::Quota | Reaction::Pause
                if self.retries < MOST_RETRIES && !matches!(self.step, Step::Parts(_)) =>
            {
                let wait_ms = failure.retry_after_ms;
                let wait_ms = wait_ms.unwrap_or(FIRST_RETRY_MS << self.retries);
                self.not_before_ms = now_ms.saturating_add(wait_ms);
                self.retries += 1;
                if self.not_before_ms < self.order.deadline_ms {
                    return None;
                }
            }
            _ => {}
        }
        Some(End::Failed(reaction, failure))
    }
}
