//! What uploads are given, and what they give back.

use super::Source;
use super::cache::{Cache, Ready};
use super::fetched::Fetched;
use super::kind::Kind;
use crate::contract::{
    Action, BlobSlice, Body, DigestAlgorithm, DigestBlob, Failure, Id, SendHttp,
};
use crate::cx::Cx;
use crate::platform::Reaction;
use crate::target::Scene;

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

impl Order {
    /// The name users see; only files of no special kind show one.
    pub(super) fn shown_name(&self) -> &str {
        match self.kind {
            Kind::File => &self.name,
            Kind::Image | Kind::Video | Kind::Voice => "",
        }
    }
}

/// How an upload ended.
#[derive(Debug)]
pub(in crate::outbound) enum End {
    /// The platform has it.
    Ready(Ready),
    /// The host has it.
    Fetched(Fetched),
    Failed(Reaction, Failure),
}

/// What an upload may use of the world in one call.
pub(super) struct Desk<'a> {
    pub(super) cx: &'a mut Cx,
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
        self.cx.host.send_http(http);
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
            id: self.cx.host.fresh_id(),
            method: method.to_owned(),
            url,
            headers: Vec::new(),
            body,
            timeout_ms,
            secrets: Vec::new(),
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
        let id = self.cx.host.random_up_to(u64::MAX - 1);
        self.cx.host.act(Action::DigestBlob(DigestBlob {
            id,
            slice: Self::slice(blob, range),
            algorithms: algorithms.to_vec(),
        }));
        Some(id)
    }
}
