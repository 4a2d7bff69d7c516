//! From what the agent wrote to messages a scene can show.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::compose::cards;
use crate::compose::media::kind::Kind;
use crate::compose::part::{Content, Part};
use crate::config::{Limit, Limits};
use crate::contract::TextFormat;
use crate::target::Scene;
use crate::text::clean::clean;
use crate::text::files::without_bare;
use crate::text::links::neutralise;
use crate::text::markdown::{Qq, qq_to_plain, to_plain, to_qq};
use crate::text::split::{How, Splitter};
use crate::text::tags::Guard;
use crate::text::{guild, units};

/// Messages that may answer one message (QQ docs,
/// autogen/api/v2_users_user_openid_messages.post).
const MOST_AT_ONCE: usize = 4;

/// No part is cut into pieces smaller than this, in UTF-16 code units.
const SMALLEST_CUT: usize = 200;

/// Tables show on the desktop alone.
const HOW: Qq = Qq { tables: false };

/// The messages of a text, in order.
pub(crate) fn parts(
    written: &str,
    format: TextFormat,
    markdown: bool,
    limits: &Limits,
) -> VecDeque<Part> {
    let most = most(limits);
    let written = &*clean(written);
    let written = &*without_bare(written, format != TextFormat::Plain);
    if format == TextFormat::Plain {
        return messages(written, Content::Text, most);
    }
    let plain = to_plain(written);
    // Without markup nothing is gained by markdown, and literal characters keep
    // their meaning.
    if !markdown || (format == TextFormat::Auto && plain == written) {
        return messages(&plain, Content::Text, most);
    }
    messages(&to_qq(written, HOW), Content::Markdown, most)
}

fn messages(text: &str, wrap: fn(String) -> Content, most: usize) -> VecDeque<Part> {
    fewest(|most| cut(text, wrap, most), most)
}

/// As few messages as can be, with room for the words that more follows: else a
/// message that ends with them leaves a crumb for the next to begin with.
fn fewest(cut: impl Fn(usize) -> VecDeque<Part>, most: usize) -> VecDeque<Part> {
    let full = cut(most);
    if full.len() < 2 || most <= 2 * LONGEST_NOTICE {
        return full;
    }
    let roomy = cut(most - LONGEST_NOTICE);
    // One more is not worth it where all of them may go out at once.
    if roomy.len() == full.len() || full.len() > MOST_AT_ONCE {
        roomy
    } else {
        full
    }
}

fn most(limits: &Limits) -> usize {
    limits.get(Limit::TextUnits) as usize
}

fn cut(text: &str, wrap: fn(String) -> Content, most: usize) -> VecDeque<Part> {
    cut_behind(text, 0, wrap, most)
}

fn cut_behind(text: &str, at: usize, wrap: fn(String) -> Content, most: usize) -> VecDeque<Part> {
    let most = room(text, most);
    let mut rest = Splitter::new(text, how(&wrap(String::new()))).starting_at(at);
    let chunks = std::iter::from_fn(|| rest.next(most));
    // Markup that was taken out at the end leaves its line break.
    let texts = chunks.map(|chunk| chunk.text.trim_end().to_owned());
    texts.map(|text| Part::new(wrap(text))).collect()
}

/// What is left of `most` beside what the guard on the way out puts into tags.
fn room(text: &str, most: usize) -> usize {
    most - Guard::default().growth(text).min(most / 4)
}

const fn how(content: &Content) -> How {
    match content {
        // A caption has no markup.
        Content::Text(_) | Content::Media(_) | Content::Card(_) => How::Plain,
        Content::Markdown(_) => How::Markdown,
    }
}

/// How the text of a growing message is shown. It cannot change on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Style {
    /// As it was written.
    Verbatim,
    /// Without markup.
    Plain,
    Markdown,
}

impl Style {
    /// A message that grows cannot wait for its first markup.
    pub(crate) fn of(format: TextFormat, markdown: bool) -> Self {
        match format {
            TextFormat::Plain => Self::Verbatim,
            _ if markdown => Self::Markdown,
            _ => Self::Plain,
        }
    }

    const fn wrap(self) -> fn(String) -> Content {
        match self {
            Self::Markdown => Content::Markdown,
            Self::Verbatim | Self::Plain => Content::Text,
        }
    }
}

/// A text as it is shown: the mapping of [`parts`].
pub(crate) fn shown(written: &str, style: Style) -> String {
    let written = &*clean(written);
    let written = &*without_bare(written, style != Style::Verbatim);
    match style {
        Style::Verbatim => written.to_owned(),
        Style::Plain => to_plain(written),
        Style::Markdown => to_qq(written, HOW),
    }
}

/// Where the first message of `shown` ends, if messages have `most` units.
pub(crate) fn first_end(shown: &str, style: Style, most: usize) -> usize {
    let how = how(&style.wrap()(String::new()));
    let first = Splitter::new(shown, how).next(room(shown, most));
    first.map_or(0, |chunk| chunk.source.end)
}

/// The messages of what lies behind `at` in `shown`.
pub(crate) fn behind(shown: &str, at: usize, style: Style, limits: &Limits) -> VecDeque<Part> {
    let wrap = style.wrap();
    fewest(|most| cut_behind(shown, at, wrap, most), most(limits))
}

/// What a text of this kind is made into.
const fn wrapper(content: &Content) -> fn(String) -> Content {
    match how(content) {
        How::Plain => Content::Text,
        How::Markdown => Content::Markdown,
    }
}

/// The same without markup; absent when there is none.
pub(crate) fn without_markup(part: &Part) -> Option<Part> {
    match &part.content {
        Content::Markdown(markdown) => {
            let mut text = qq_to_plain(markdown).trim_end().to_owned();
            if let Some(keyboard) = &part.keyboard {
                text = format!("{text}\n\n{}", cards::buttons_in_words(keyboard));
            }
            Some(Part {
                masked: part.masked,
                ..Part::new(Content::Text(text))
            })
        }
        _ => None,
    }
}

/// The same with its buttons as a numbered list; absent when there are none.
pub(crate) fn without_buttons(part: &Part, limits: &Limits) -> Option<VecDeque<Part>> {
    let numbered = cards::buttons_in_words(part.keyboard.as_ref()?);
    let text = format!("{}\n\n{numbered}", part.text());
    let mut pieces = cut(&text, wrapper(&part.content), most(limits));
    for piece in &mut pieces {
        piece.masked = part.masked;
    }
    Some(pieces)
}

/// The same with its addresses made unclickable; absent when they are already.
pub(crate) fn masked(part: &Part) -> Option<Part> {
    if part.masked {
        return None;
    }
    Some(Part {
        content: map(&part.content, neutralise),
        masked: true,
        keyboard: part.keyboard.clone(),
    })
}

fn map(content: &Content, change: impl Fn(&str) -> String) -> Content {
    match content {
        Content::Text(text) => Content::Text(change(text)),
        Content::Markdown(text) => Content::Markdown(change(text)),
        Content::Card(card) => Content::Card(card.clone()),
        Content::Media(media) => Content::Media(Box::new(media.captioned(change(&media.caption)))),
    }
}

/// The same in smaller pieces; absent when it is small already. A caption becomes
/// a message of its own.
pub(crate) fn smaller(part: &Part) -> Option<VecDeque<Part>> {
    if let Content::Media(media) = &part.content {
        let caption = Part {
            masked: part.masked,
            ..Part::new(Content::Text(media.caption.clone()))
        };
        let bare = media.captioned(String::new());
        let pieces = [caption, Part::new(Content::Media(Box::new(bare)))];
        return (!media.caption.is_empty()).then(|| pieces.into());
    }
    let most = units(part.text()).div_ceil(2);
    if most < SMALLEST_CUT {
        return None;
    }
    let mut pieces = cut(part.text(), wrapper(&part.content), most);
    for piece in &mut pieces {
        piece.masked = part.masked;
    }
    if let Some(last) = pieces.back_mut() {
        last.keyboard.clone_from(&part.keyboard);
    }
    (pieces.len() > 1).then_some(pieces)
}

/// Appends `part` to `last` if both fit into one message.
pub(crate) fn join(last: &mut Part, part: &Part, limits: &Limits) -> bool {
    let same = how(&part.content) == how(&last.content) && last.masked == part.masked;
    let (Content::Text(text) | Content::Markdown(text)) = &mut last.content else {
        return false;
    };
    let bare = last.keyboard.is_none() && part.keyboard.is_none();
    if !bare || matches!(part.content, Content::Media(_) | Content::Card(_)) {
        return false;
    }
    let fits = units(text) + 2 + units(part.text()) <= most(limits);
    if same && fits {
        text.push_str("\n\n");
        text.push_str(part.text());
    }
    same && fits
}

/// Ends the first part with the words that the rest is held back; what does not
/// fit beside them moves into the rest.
pub(crate) fn hold_back(parts: &mut VecDeque<Part>, limits: &Limits) -> VecDeque<Part> {
    let Some(mut first) = parts.pop_front() else {
        return VecDeque::new();
    };
    let mut rest = std::mem::take(parts);
    if let Content::Media(media) = &mut first.content {
        if media.kind == Kind::Image {
            media.caption.push_str(&notice(&rest));
            media.caption = media.caption.trim_start().to_owned();
        }
        parts.push_back(first);
        return rest;
    }
    if matches!(first.content, Content::Card(_)) {
        parts.push_back(first);
        return rest;
    }
    let room = most(limits).saturating_sub(LONGEST_NOTICE);
    let wrap = wrapper(&first.content);
    let mut pieces = cut(first.text(), wrap, room.max(SMALLEST_CUT / 2));
    if let Some(last) = pieces.back_mut() {
        last.keyboard = first.keyboard.take();
    }
    let head = pieces.pop_front();
    for piece in pieces.into_iter().rev() {
        rest.push_front(piece);
    }
    if let Some(mut head) = head {
        if let Content::Text(text) | Content::Markdown(text) = &mut head.content {
            text.push_str(&notice(&rest));
        }
        head.masked = first.masked;
        parts.push_back(head);
    }
    rest
}

/// UTF-16 code units of a notice, at most.
const LONGEST_NOTICE: usize = 160;

/// How much is held back, and what brings it.
fn notice(rest: &VecDeque<Part>) -> String {
    let left: usize = rest.iter().map(|part| part.text().chars().count()).sum();
    let files = rest.iter().filter(|part| part.media().is_some()).count();
    let (zh, en) = match (left, files) {
        (_, 0) => (format!("{left} 字"), format!("{left} more characters")),
        (0, _) => (format!("{files} 个文件"), format!("{files} more files")),
        _ => (
            format!("{left} 字和 {files} 个文件"),
            format!("{left} more characters and {files} files"),
        ),
    };
    format!("\n\n……（还有 {zh}，发任意消息继续 / {en}, send any message to go on）")
}

/// Told to a user whose answer the moderators refused.
pub(crate) const MODERATED: &str =
    "⚠️ 这条回复未通过平台审核，无法显示。/ The platform's moderation refused this reply.";

/// Stands before what may be there already.
const DOUBT: &str = "（可能已显示过 / may have been shown before）";

/// Says of a message that it may be there already.
pub(crate) fn doubt(parts: &mut VecDeque<Part>) {
    let words = DOUBT.to_owned();
    let content = match parts.front().map(|part| &part.content) {
        Some(Content::Markdown(_)) => Content::Markdown(words),
        _ => Content::Text(words),
    };
    parts.push_front(Part::new(content));
}

/// Sent when its addresses were refused, masked or not.
pub(crate) const UNREGISTERED: &str =
    "⚠️ 这条回复含有平台不允许的链接，无法显示。/ QQ does not take an address in this reply.";

/// Text as it goes into the request of a scene.
pub(crate) fn escaped(text: &str, scene: Scene) -> String {
    if scene.is_guild() {
        guild::escape(text)
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests;
