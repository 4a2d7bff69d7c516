//! How a reply and the upload of its file wait for each other.

use std::collections::VecDeque;

use crate::compose::media::Media;
use crate::compose::media::kind::Kind;
use crate::compose::part::{Content, Part};
use crate::compose::prose;
use crate::contract::{Action, BlobDigested, Failure, HttpFailed, HttpResponse, Level};
use crate::cx::Cx;
use crate::host::Host;
use crate::platform::Reaction;
use crate::replies::Outbound;
use crate::replies::outcome::Outcome;
use crate::replies::reply::Reply;
use crate::requests::build;
use crate::target::{ReplyTarget, Scene};
use crate::uploads::cache::Cache;
use crate::uploads::desk::{End, Order};

impl Outbound {
    /// The file of the first part must be brought to where it can be sent from.
    pub(crate) fn needs_upload(reply: &Reply, target: ReplyTarget<'_>, host: &Host) -> bool {
        let Some(media) = reply.parts.front().and_then(Part::media) else {
            return false;
        };
        if target.scene.is_guild() {
            return media.fetch && media.blob().is_none();
        }
        let now_ms = host.now().wall_ms;
        let ready = media.ready.as_ref();
        ready.is_none_or(|ready| ready.until_wall_ms <= now_ms)
    }

    /// Begins the upload of the first part, unless it is under way.
    pub(crate) fn upload(&mut self, reply: &Reply, target: ReplyTarget<'_>, cx: &mut Cx) {
        let Some(media) = reply.parts.front().and_then(Part::media) else {
            return;
        };
        if self.uploads.is_under_way(&reply.target) {
            return;
        }
        let place = build::place(&cx.settings.api, target, cx.ledger.opened(&reply.target));
        self.uploads.begin(Order {
            target: reply.target.clone(),
            base: place.unwrap_or_default(),
            app_id: cx.settings.app_id.clone(),
            scene: target.scene,
            kind: media.kind,
            source: media.source.clone(),
            name: media.name.clone(),
            fetch: media.fetch,
            deadline_ms: reply.end().mono_ms(),
        });
        self.uploads.advance(&self.cache, cx);
    }

    /// The host looked into a file.
    pub(crate) fn on_digested(&mut self, done: &BlobDigested, cx: &mut Cx) {
        self.uploads.on_digested(done, &self.cache, cx);
        self.pump(cx);
    }

    /// The answer to a request for a file.
    pub(crate) fn on_upload(&mut self, target: &str, response: &HttpResponse, cx: &mut Cx) {
        self.uploads.on_response(target, response, &self.cache, cx);
        self.pump(cx);
    }

    /// A request for a file got no answer.
    pub(crate) fn on_upload_failed(&mut self, target: &str, failed: &HttpFailed, cx: &mut Cx) {
        self.uploads.on_failed(target, failed, &self.cache, cx);
        self.pump(cx);
    }

    /// Lets uploads go on, and replies whose file is there.
    pub(crate) fn settle_uploads(&mut self, cx: &mut Cx) {
        loop {
            self.uploads.advance(&self.cache, cx);
            let ended = self.uploads.take_ended();
            if ended.is_empty() {
                return;
            }
            for (target, end) in ended {
                let is_it = |reply: &Reply| {
                    let first = reply.parts.front().and_then(Part::media);
                    reply.request.is_none() && first.is_some()
                };
                if let Some(reply) = self.lanes.take_if(&target, is_it) {
                    self.upload_ended(reply, end, cx);
                }
                self.steps(&target, cx);
            }
        }
    }

    fn upload_ended(&mut self, mut reply: Reply, end: End, cx: &mut Cx) {
        let Some(media) = reply.parts.front_mut().and_then(Part::media_mut) else {
            return self.lanes.put_back(reply);
        };
        match end {
            End::Ready(ready) => {
                self.cache.keep(&ready, &mut cx.host);
                media.ready = Some(ready);
            }
            End::Fetched(found) => {
                let blob = found.blob();
                let scene = ReplyTarget::parse(&reply.target).map(|target| target.scene);
                let scene = scene.unwrap_or(Scene::C2c);
                if let Err(failure) = media.take_in(found, scene) {
                    cx.host.act(Action::DropBlob(blob));
                    return self.not_uploaded(reply, Reaction::Report, failure, cx);
                }
            }
            End::Failed(reaction, failure) => {
                return self.not_uploaded(reply, reaction, failure, cx);
            }
        }
        let fate = reply.again(&mut cx.host);
        self.settle(fate, cx);
    }

    fn not_uploaded(
        &mut self,
        mut reply: Reply,
        reaction: Reaction,
        failure: Failure,
        cx: &mut Cx,
    ) {
        let media = reply.parts.front_mut().and_then(Part::media_mut);
        let failure = match &media {
            Some(media) => media.root_cause(failure),
            None => failure,
        };
        if media.is_some_and(|media| media.another_way(reaction, &failure)) {
            if reaction == Reaction::AsFile {
                let text = format!("a file goes out as a file of no special kind: {failure}");
                cx.host.note(Level::Info, text);
            }
            let fate = reply.again(&mut cx.host);
            return self.settle(fate, cx);
        }
        let target = reply.target.clone();
        match reaction {
            Reaction::StopChat => cx.ledger.stops.stop(&target, &failure, &mut cx.host),
            Reaction::Blocked => cx
                .host
                .note_seldom("blocked", Level::Error, &failure.to_string()),
            _ => {}
        }
        let explain = (reaction == Reaction::Moderated).then_some(prose::MODERATED);
        let outcome = Outcome {
            explain,
            ..reply.give_up(failure, cx).into()
        };
        self.conclude(&target, outcome, cx);
    }
}

impl Reply {
    /// Whether its refused file can be sent in another way.
    pub(super) fn other_file(
        &mut self,
        reaction: Reaction,
        failure: &Failure,
        cache: &mut Cache,
        host: &mut Host,
    ) -> bool {
        let Some(media) = self.parts.front_mut().and_then(Part::media_mut) else {
            return false;
        };
        let stale = media.ready.as_ref().and_then(|ready| ready.key.clone());
        let found = media.another_way(reaction, failure);
        if let (true, Reaction::Reupload, Some(key)) = (found, reaction, stale) {
            cache.forget(&key, host);
        }
        found
    }
}

impl Media {
    /// Changes what the reaction asks for; false if it was changed before.
    fn another_way(&mut self, reaction: Reaction, failure: &Failure) -> bool {
        match reaction {
            Reaction::Reupload if !self.reuploaded => {
                self.reuploaded = true;
                self.ready = None;
                true
            }
            Reaction::AsFile if self.kind != Kind::File => {
                self.kind = Kind::File;
                self.ready = None;
                true
            }
            Reaction::SendBytes if !self.fetch && self.blob().is_none() => {
                self.fetch = true;
                self.refused = Some(failure.clone());
                self.ready = None;
                true
            }
            _ => false,
        }
    }
}

/// Lets the host forget the bytes of a part that is out of the way, unless
/// another part of the reply is made of them too.
pub(crate) fn drop_blob(blob: Option<u64>, reply: &Reply, host: &mut Host) {
    let Some(blob) = blob else { return };
    let is_used = |part: &Part| part.media().and_then(Media::blob) == Some(blob);
    if !reply.parts.iter().any(is_used) {
        host.act(Action::DropBlob(blob));
    }
}

/// Parts whose files stay with the host, `most` of them; the others become words.
pub(crate) fn in_words_beyond(
    parts: VecDeque<Part>,
    most: usize,
    host: &mut Host,
) -> VecDeque<Part> {
    let mut held = 0;
    let mut keep = |part: Part| {
        let Some((media, blob)) = part.media().and_then(|m| Some((m, m.blob()?))) else {
            return part;
        };
        held += 1;
        if held <= most {
            return part;
        }
        host.act(Action::DropBlob(blob));
        Part::new(Content::Text(media.in_words()))
    };
    parts.into_iter().map(&mut keep).collect()
}
