//! How a reply and the upload of its file wait for each other.

use crate::compose::media::Kind;
use crate::compose::notices;
use crate::compose::part::Part;
use crate::contract::{Action, Failure, Level};
use crate::cx::Cx;
use crate::host::Host;
use crate::platform::Reaction;
use crate::replies::outcome::Outcome;
use crate::replies::reply::Reply;
use crate::requests::build;
use crate::target::{ReplyTarget, Scene};
use crate::uploads::{End, Order, Uploads};

impl Reply {
    /// The file of the first part must be brought to where it can be sent from.
    pub(super) fn needs_upload(&self, target: ReplyTarget<'_>, host: &Host) -> bool {
        let Some(media) = self.parts.front().and_then(Part::media) else {
            return false;
        };
        if target.scene.is_guild() {
            return media.fetch && media.blob().is_none();
        }
        let now_ms = host.now().wall_ms;
        let ready = media.ready.as_ref();
        ready.is_none_or(|ready| ready.until_wall_ms <= now_ms)
    }

    /// The upload its first part needs.
    pub(super) fn order(&self, target: ReplyTarget<'_>, cx: &Cx) -> Option<Order> {
        let media = self.parts.front().and_then(Part::media)?;
        let place = build::place(&cx.settings.api, target, cx.ledger.opened(&self.target));
        Some(Order {
            target: self.target.clone(),
            base: place.unwrap_or_default(),
            app_id: cx.settings.app_id.clone(),
            scene: target.scene,
            kind: media.kind,
            source: media.source.clone(),
            name: media.name.clone(),
            fetch: media.fetch,
            deadline_ms: self.end().mono_ms(),
        })
    }

    /// Whether an upload that ends is its own.
    pub(super) fn waits_for_file(&self) -> bool {
        let first = self.parts.front().and_then(Part::media);
        self.request.is_none() && first.is_some()
    }

    /// The file of its first part is there, or will not be.
    pub(super) fn uploaded(mut self, end: End, cx: &mut Cx) -> Outcome {
        let Some(media) = self.parts.front_mut().and_then(Part::media_mut) else {
            return self.again(&mut cx.host).into();
        };
        match end {
            End::Ready(ready) => media.ready = Some(ready),
            End::Fetched(found) => {
                let blob = found.blob.id;
                let scene = ReplyTarget::parse(&self.target).map(|target| target.scene);
                let scene = scene.unwrap_or(Scene::C2c);
                if let Err(failure) = media.take_in(found, scene) {
                    cx.host.act(Action::DropBlob(blob));
                    return self.not_uploaded(Reaction::Report, failure, cx);
                }
            }
            End::Failed(reaction, failure) => match media.unknown_format() {
                Some(refused) => note_as_file(&refused, cx),
                None => return self.not_uploaded(reaction, failure, cx),
            },
        }
        self.again(&mut cx.host).into()
    }

    fn not_uploaded(mut self, reaction: Reaction, failure: Failure, cx: &mut Cx) -> Outcome {
        let mut failure = failure;
        if let Some(media) = self.parts.front_mut().and_then(Part::media_mut) {
            failure = media.root_cause(failure);
            if media.another_way(reaction, &failure) {
                if media.kind == Kind::File && reaction == Reaction::AsFile {
                    note_as_file(&failure, cx);
                }
                return self.again(&mut cx.host).into();
            }
        }
        match reaction {
            Reaction::StopChat => cx.ledger.stops.stop(&self.target, &failure, &mut cx.host),
            Reaction::Blocked => {
                let text = failure.to_string();
                cx.host.note_seldom("blocked", Level::Error, &text);
            }
            _ => {}
        }
        Outcome {
            explain: (reaction == Reaction::Moderated).then_some(notices::MODERATED),
            ..self.give_up(failure, cx).into()
        }
    }

    /// Whether its refused file can be sent in another way.
    pub(super) fn other_file(
        &mut self,
        reaction: Reaction,
        failure: &Failure,
        uploads: &mut Uploads,
        host: &mut Host,
    ) -> bool {
        let Some(media) = self.parts.front_mut().and_then(Part::media_mut) else {
            return false;
        };
        let stale = media.ready.as_ref().and_then(|ready| ready.key.clone());
        let found = media.another_way(reaction, failure);
        if let (true, Reaction::Reupload, Some(key)) = (found, reaction, stale) {
            uploads.forget(&key, host);
        }
        found
    }
}

fn note_as_file(why: &Failure, cx: &mut Cx) {
    let text = format!("a file goes out as a file of no special kind: {why}");
    cx.host.note(Level::Info, text);
}
