//! What uploads are given, and what they give back.

use crate::compose::media::kind::Kind;
use crate::compose::media::{Fetched, Ready, Source};
use crate::contract::{
    Action, BlobSlice, Body, DigestAlgorithm, DigestBlob, Failure, Id, SendHttp,
};
use crate::cx::Cx;
use crate::owners::Owner;
use crate::platform::Reaction;
use crate::target::Scene;
use crate::uploads::cache::Cache;

/// What is to be uploaded, and where.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// Reply target.
    pub(crate) target: String,
    /// `…/v2/users/{openid}` or `…/v2/groups/{openid}`.
    pub(crate) base: String,
    pub(crate) app_id: String,
    pub(crate) scene: Scene,
    pub(crate) kind: Kind,
    pub(crate) source: Source,
    pub(crate) name: String,
    /// Only bring the bytes here: the platform cannot.
    pub(crate) fetch: bool,
    pub(crate) deadline_ms: u64,
}

impl Order {
    /// The name users see; only files of no special kind show one.
    pub(crate) fn shown_name(&self) -> &str {
        match self.kind {
            Kind::File => &self.name,
            Kind::Image | Kind::Video | Kind::Voice => "",
        }
    }
}

/// How an upload ended.
#[derive(Debug)]
pub(crate) enum End {
    /// The platform has it.
    Ready(Ready),
    /// The host has it.
    Fetched(Fetched),
    Failed(Reaction, Failure),
}

/// What an upload may use of the world in one call.
pub(crate) struct Desk<'a> {
    pub(crate) cx: &'a mut Cx,
    pub(crate) cache: &'a Cache,
    /// Requests all uploads together may still open.
    pub(crate) room: usize,
    /// Of them, so many are for the first requests of other uploads.
    pub(crate) reserved: usize,
    /// Digests they may still ask for.
    pub(crate) digests: usize,
}

impl Desk<'_> {
    /// Whether another request may be opened; an extra one leaves a reserve.
    pub(crate) const fn has_room(&self, extra: bool) -> bool {
        if extra {
            self.room > self.reserved
        } else {
            self.room > 0
        }
    }

    pub(crate) fn send(&mut self, http: SendHttp, target: &str) {
        self.room = self.room.saturating_sub(1);
        let owner = Owner::Upload(target.to_owned());
        self.cx.host.send_http(http, owner);
    }

    pub(crate) const fn slice(blob: u64, (offset, length): (u64, Option<u64>)) -> BlobSlice {
        BlobSlice {
            blob,
            offset,
            length,
        }
    }

    /// A request to somebody who must not see the access token.
    pub(crate) fn bare(
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
    pub(crate) fn digest(
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
