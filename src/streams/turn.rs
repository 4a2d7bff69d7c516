//! The turn of a draft: what is sent now, and what becomes of the rest.

use std::collections::VecDeque;

use crate::compose::cards;
use crate::compose::part::Part;
use crate::config::{Limit, Limits};
use crate::contract::{Delivery, OutboundMessage, TextFormat};
use crate::cx::Cx;
use crate::host::Host;
use crate::ledger::Special;
use crate::owners::Owner;
use crate::streams::draft::{Close, Draft, Ending, FORGOTTEN_MS, Stage, unclear};
use crate::streams::event::{Event, Finished};
use crate::streams::growth::{self, Frame, Growth};
use crate::target::Scene;

/// Official clients send two frames a second.
const THROTTLE_MS: u64 = 500;

/// What to do with a draft.
pub(crate) enum Next {
    Wait,
    Frame {
        frame: Frame,
        is_last: bool,
    },
    /// Nothing more is shown: what is left of the text goes out as messages.
    Settle,
    Forget,
}

impl Draft {
    /// Before it, the chat must be quiet, or its messages would change places.
    pub(super) fn first_frame(&mut self, is_quiet: bool, cx: &mut Cx) -> Next {
        let now_ms = cx.host.now().mono_ms;
        let most = self.most_units(&cx.settings.limits);
        let frame = match growth::next(&self.text, &self.floor, self.style, most) {
            Growth::More(frame) if !is_placeholder(&frame.text) => frame,
            // All of it at once is shown better by messages.
            Growth::Full(_) => {
                self.abandon(cx);
                return Next::Wait;
            }
            _ => return Next::Wait,
        };
        if !self.attempts.is_due(now_ms) || !is_quiet || !cx.has_token() {
            return Next::Wait;
        }
        if self.anchor.is_none() {
            let reply_to = self.reply_to.as_deref();
            self.anchor =
                (cx.ledger).take_special(Special::Stream, &self.target, reply_to, &mut cx.host);
        }
        if self.anchor.is_none() {
            self.abandon(cx);
            return Next::Wait;
        }
        Next::Frame {
            frame,
            is_last: false,
        }
    }

    pub(super) fn next_frame(&mut self, is_draining: bool, cx: &mut Cx) -> Next {
        let now_ms = cx.host.now().mono_ms;
        if !self.attempts.is_due(now_ms) && !is_draining {
            return Next::Wait;
        }
        let Some((frame, is_last)) = self.wanted(self.most_units(&cx.settings.limits)) else {
            return Next::Wait;
        };
        if !cx.has_token() {
            return Next::Wait;
        }
        Next::Frame { frame, is_last }
    }

    /// Sends a frame.
    pub(super) fn transmit(&mut self, frame: Frame, is_last: bool, cx: &mut Cx) -> Option<Event> {
        let (api, guard) = (&cx.settings.api, cx.settings.guard);
        // `first_frame` saw to something to answer.
        let http = self.request(frame, is_last, api, guard, &mut cx.host)?;
        self.attempts.begin(&cx.token);
        let now_ms = cx.host.now().mono_ms;
        self.attempts.wait_until(now_ms.saturating_add(THROTTLE_MS));
        self.save(&mut cx.host);
        cx.host.count("stream_frames");
        cx.host.send_http(http, Owner::Stream(self.id));
        Some(Event::Frame(self.target.clone()))
    }

    /// Units of the longest text: the limit of messages, or what the platform
    /// says. It counts characters, of which there are never more than units.
    pub(super) fn most_units(&self, limits: &Limits) -> usize {
        let limit = limits.get(Limit::TextUnits) as usize;
        self.room.map_or(limit, |room| room.min(limit))
    }

    /// The frame that is to be sent, and whether it is the last one.
    pub(super) fn wanted(&mut self, most: usize) -> Option<(Frame, bool)> {
        match &self.ending {
            Some(Ending::Finish { text, .. }) if !self.is_trimmed => {
                let (words, _) = self.parted(text);
                let frame = growth::last(words, &self.floor, self.style, most);
                return Some((frame, true));
            }
            Some(_) => return Some((self.floor.clone(), true)),
            // The end is tried again; what lies between is not worth it.
            None if self.attempts.are_over() || self.text.is_empty() => return None,
            None => {}
        }
        match growth::next(&self.text, &self.floor, self.style, most) {
            Growth::Nothing => None,
            Growth::More(frame) => Some((frame, false)),
            Growth::Full(frame) => {
                self.end_early();
                Some((frame, true))
            }
            Growth::Rewritten => {
                self.end_early();
                Some((self.floor.clone(), true))
            }
        }
    }

    /// What a message that grew can hold of its whole text, and what begins with
    /// a card.
    pub(super) fn parted<'t>(&self, text: &'t str) -> (&'t str, &'t str) {
        let at = match self.format {
            TextFormat::Plain => text.len(),
            TextFormat::Auto | TextFormat::Markdown => cards::first_card(text),
        };
        text.split_at_checked(at).unwrap_or((text, ""))
    }

    pub(super) fn message(&self, text: &str) -> OutboundMessage {
        OutboundMessage {
            recipient: self.target.clone(),
            text: text.to_owned(),
            format: self.format,
            attachments: Vec::new(),
            reply_to: self.reply_to.clone(),
            thread: None,
            quote: None,
            card: None,
        }
    }

    /// It will not be a stream. A number nothing was accepted under is given
    /// back.
    pub(super) fn abandon(&mut self, cx: &mut Cx) {
        if let Some(anchor) = self.anchor.take() {
            cx.ledger.give_back(&self.target, &anchor, &mut cx.host);
            cx.host.count("streams_abandoned");
        }
        self.stage = Stage::Abandoned;
        self.save(&mut cx.host);
    }

    /// What becomes of a draft that shows no more.
    pub(super) fn after(&self, host: &Host) -> Next {
        let old = self.touched_ms.saturating_add(FORGOTTEN_MS) <= host.now().mono_ms;
        match self.ending {
            Some(Ending::Finish { .. }) => Next::Settle,
            Some(Ending::Cancel) => Next::Forget,
            _ if old => Next::Forget,
            _ => Next::Wait,
        }
    }

    /// It is over: what was not shown goes out, and its command is answered.
    pub(super) fn settle(self, cx: &mut Cx) -> Option<Event> {
        self.forget(&mut cx.host);
        let Some(Ending::Finish {
            command,
            ref text,
            deadline,
        }) = self.ending
        else {
            return None;
        };
        let Stage::Closed(close) = self.stage else {
            let message = Box::new(self.message(text));
            return Some(Event::Message(command, deadline, message));
        };
        if close == Close::Unclear {
            cx.host.complete(command, Err(unclear()));
            return None;
        }
        Some(Event::Finished(Box::new(Finished {
            rest: self.rest(text, cx),
            how: match close {
                Close::Again => Delivery::Duplicate,
                Close::Certain | Close::Unclear => Delivery::Passive,
            },
            command,
            deadline,
            target: self.target,
            reply_to: self.reply_to,
            id: self.stream_id,
        })))
    }

    /// The messages of what the stream does not show.
    fn rest(&self, text: &str, cx: &mut Cx) -> VecDeque<Part> {
        let (words, cards) = self.parted(text);
        let mut parts = growth::rest(words, &self.shown, self.style, &cx.settings.limits);
        if !cards.is_empty() {
            let renderer = cx.renderer(Scene::C2c);
            parts.extend(renderer.parts(self.message(cards), &mut cx.host).0);
        }
        parts
    }
}

/// Hosts show that something will come; it is not part of the text.
fn is_placeholder(text: &str) -> bool {
    text.trim_matches(['.', '…', ' ']).is_empty()
}
