//! Streamed replies: one message that grows frame by frame, in C2C only.
//! See [QQ Docs/流式消息](https://bot.q.qq.com/wiki/develop/api-v2/autogen/api/v2_users_user_openid_stream_messages.post.html).
//! The age of the anchor is checked when a stream begins; no document says how long one
//! may go on.

mod frame;

use serde::Serialize;

pub(crate) use frame::Frame;

use super::World;
use super::chats::{Outbound, Peer};
use super::rate::MINUTE;
use crate::journal::sent::{How, SentMessage};
use crate::rules::condition::Nature;
use crate::rules::config::Bot;
use crate::rules::refusal::Refusal;
use crate::rules::scene::Scene;

/// Streams remembered; more than any test looks at.
const MAX_STREAMS: usize = 10_000;

/// A streamed message as the user sees it.
#[derive(Clone, Debug, Serialize)]
pub struct Stream {
    /// `stream_msg_id`.
    pub id: String,
    /// Index it was given, for quoting.
    pub ref_idx: String,
    /// Bot that writes it.
    pub app_id: String,
    /// User who reads it.
    pub peer: String,
    /// Message or event it answers.
    pub anchor: String,
    /// The one sequence of all its frames.
    pub msg_seq: u64,
    /// Whether it is markdown.
    pub is_markdown: bool,
    /// Frames that were accepted.
    pub frames: u64,
    /// What is shown.
    pub text: String,
    /// Whether the frame that ends it is still missing.
    pub is_open: bool,
    /// Index of the next frame.
    #[serde(skip)]
    next_index: u64,
    /// Frames that were on their way and got nowhere: their indices may be missing.
    #[serde(skip)]
    lost: u64,
    #[serde(skip)]
    how: How,
}

impl World {
    /// Accepts or refuses a frame; returns where its stream stands.
    pub(crate) fn stream(
        &mut self,
        bot: &Bot,
        user: &str,
        frame: &Frame,
    ) -> Result<Stream, Refusal> {
        let peer = Peer {
            app_id: bot.app_id.clone(),
            scene: Scene::C2c,
            openid: user.to_owned(),
        };
        if frame.is_markdown && !bot.markdown {
            return Err(Refusal::NO_MARKDOWN);
        }
        let nature = Nature {
            is_markdown: frame.is_markdown,
            ..Nature::default()
        };
        self.check_conditions(&peer, nature)?;
        let stream = match &frame.stream_id {
            None => self.begin_stream(peer, frame),
            Some(id) => self.continue_stream(&peer, id, frame),
        }?;
        if !stream.is_open {
            let message = stream.clone().into_message(frame, serde_json::Value::Null);
            self.index_own(bot, &message);
        }
        Ok(stream)
    }

    fn begin_stream(&mut self, peer: Peer, frame: &Frame) -> Result<Stream, Refusal> {
        let lost = self.lost_frames.get(&peer.openid).copied();
        if frame.index > lost.unwrap_or(0) {
            return Err(Refusal::STREAM_INDEX);
        }
        if frame.content.trim().is_empty() {
            return Err(Refusal::EMPTY_MESSAGE);
        }
        self.check_stream_text(&frame.content)?;
        let how = self.permit_stream(&peer, frame)?;
        self.lost_frames.remove(&peer.openid);
        let id = self.ids.uuid();
        let at_ms = self.clock.now_ms();
        let outbound = Outbound {
            peer: peer.clone(),
            at_ms,
        };
        self.chats.sent.add(&id, outbound);
        let stream = Stream {
            id,
            ref_idx: self.ids.ref_index(),
            app_id: peer.app_id,
            peer: peer.openid,
            anchor: frame.anchor().unwrap_or_default().to_owned(),
            msg_seq: frame.msg_seq,
            is_markdown: frame.is_markdown,
            frames: 1,
            text: frame.content.clone(),
            is_open: !frame.is_last,
            next_index: frame.index + 1,
            lost: 0,
            how,
        };
        if self.streams.len() == MAX_STREAMS {
            self.streams.remove(0);
        }
        self.streams.push(stream.clone());
        Ok(stream)
    }

    fn continue_stream(&mut self, peer: &Peer, id: &str, frame: &Frame) -> Result<Stream, Refusal> {
        let is_it = |stream: &&Stream| {
            stream.id == id && stream.app_id == peer.app_id && stream.peer == peer.openid
        };
        let stream = self.streams.iter().find(is_it);
        let stream = stream.filter(|stream| stream.is_open);
        let stream = stream.ok_or(Refusal::STREAM_BROKEN)?;
        let is_same = stream.msg_seq == frame.msg_seq
            && stream.is_markdown == frame.is_markdown
            && frame.anchor() == Some(stream.anchor.as_str());
        if !is_same {
            return Err(Refusal::BAD_BODY);
        }
        // An index is used up by a frame that was sent, whatever became of it.
        if !(stream.next_index..=stream.next_index + stream.lost).contains(&frame.index) {
            return Err(Refusal::STREAM_INDEX);
        }
        let text = frame.applied_to(&stream.text)?;
        self.check_stream_text(&text)?;
        let stream = self.streams.iter_mut().find(|stream| stream.id == id);
        let stream = stream.ok_or(Refusal::STREAM_BROKEN)?;
        stream.lost -= frame.index - stream.next_index;
        stream.next_index = frame.index + 1;
        stream.frames += 1;
        stream.text = text;
        stream.is_open = !frame.is_last;
        Ok(stream.clone())
    }

    fn permit_stream(&mut self, peer: &Peer, frame: &Frame) -> Result<How, Refusal> {
        self.check_known(peer)?;
        let rules = self.config.rules.clone();
        let now = self.clock.now_ms();
        let id = frame.anchor().unwrap_or_default();
        let (how, anchor) = match self.chats.messages.find_mut(id) {
            Some(anchor) => (How::Passive, Some(anchor)),
            None => (How::Event, self.chats.events.find_mut(id)),
        };
        let anchor = match anchor.filter(|anchor| anchor.peer == *peer) {
            Some(anchor) => anchor,
            None if rules.foreign_msg_id => return Err(Refusal::MSG_ID_FOREIGN),
            None => return Ok(how),
        };
        if rules.reply_window && !frame.is_wakeup && now - anchor.at_ms > 5 * MINUTE {
            return Err(Refusal::MSG_ID_EXPIRED);
        }
        if rules.unique_seq && anchor.seqs.contains(&frame.msg_seq) {
            return Err(Refusal::DUPLICATE);
        }
        if rules.stream_counts {
            super::messages::spend(anchor, &rules)?;
        }
        anchor.seqs.insert(frame.msg_seq);
        Ok(how)
    }

    fn check_stream_text(&self, text: &str) -> Result<(), Refusal> {
        let rules = &self.config.rules;
        if text.chars().count() > rules.stream_chars {
            return Err(Refusal::TOO_LONG);
        }
        match &rules.url_domains {
            Some(allowed) if super::body::has_foreign_url(text, allowed) => {
                Err(Refusal::URL_REFUSED)
            }
            _ => Ok(()),
        }
    }

    /// A frame to this user got nowhere. Its index counts as used, or may be used again.
    pub(crate) fn lose_frame(&mut self, user: &str) {
        let theirs = |stream: &&mut Stream| stream.is_open && stream.peer == user;
        let mut open = self.streams.iter_mut().filter(theirs).peekable();
        if open.peek().is_none() {
            *self.lost_frames.entry(user.to_owned()).or_default() += 1;
        }
        open.for_each(|stream| stream.lost += 1);
    }

    /// Characters a stream can still grow by.
    pub(crate) fn stream_room(&self, stream: &Stream) -> usize {
        let most = self.config.rules.stream_chars;
        most.saturating_sub(stream.text.chars().count())
    }
}

impl Stream {
    /// The message that a finished stream is.
    pub(crate) fn into_message(self, frame: &Frame, body: serde_json::Value) -> SentMessage {
        SentMessage {
            app_id: self.app_id,
            scene: Scene::C2c,
            peer: self.peer,
            id: self.id,
            ref_idx: self.ref_idx,
            msg_type: if self.is_markdown { 2 } else { 0 },
            text: Some(self.text),
            how: self.how,
            msg_id: frame.msg_id.clone(),
            event_id: frame.event_id.clone(),
            msg_seq: self.msg_seq,
            quote: None,
            media: None,
            frames: self.frames,
            body,
        }
    }
}
