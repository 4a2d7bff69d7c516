//! From the text an agent wrote to the messages that carry it.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::compose::notices::LONGEST_NOTICE;
use crate::compose::part::{Content, Part};
use crate::config::{Limit, Limits};
use crate::contract::TextFormat;
use crate::target::Scene;
use crate::text::clean::clean;
use crate::text::files::without_bare;
use crate::text::guild;
use crate::text::markdown::{Qq, to_plain, to_qq};
use crate::text::split::{How, Splitter};
use crate::text::tags::Guard;

/// Messages that may answer one message of a user (QQ docs,
/// autogen/api/v2_users_user_openid_messages.post).
const MOST_AT_ONCE: usize = 4;

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

pub(super) fn most(limits: &Limits) -> usize {
    limits.get(Limit::TextUnits) as usize
}

pub(super) fn cut(text: &str, wrap: fn(String) -> Content, most: usize) -> VecDeque<Part> {
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

/// What is left of `most`: the guard on the way out makes text with tags longer.
fn room(text: &str, most: usize) -> usize {
    most - Guard::default().growth(text).min(most / 4)
}

pub(super) const fn how(content: &Content) -> How {
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

/// The text of a growing message as it is shown: what [`parts`] does, without
/// cutting it.
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

/// Makes content of the same kind: text, or Markdown.
pub(super) const fn wrapper(content: &Content) -> fn(String) -> Content {
    match how(content) {
        How::Plain => Content::Text,
        How::Markdown => Content::Markdown,
    }
}

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
