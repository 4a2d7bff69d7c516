//! Messages that were made, changed: without what the platform refused, in
//! smaller pieces, two in one, or the first alone while the rest is held back.

use std::collections::VecDeque;

use crate::compose::cards;
use crate::compose::media::Kind;
use crate::compose::notices::{LONGEST_NOTICE, notice};
use crate::compose::part::{Content, Part};
use crate::compose::text::{cut, how, most, wrapper};
use crate::config::Limits;
use crate::text::links::neutralise;
use crate::text::markdown::qq_to_plain;
use crate::text::units;

/// A message is not cut into pieces smaller than this, in UTF-16 code units.
const SMALLEST_CUT: usize = 200;

/// The message without markup; `None` if it has none.
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

/// The message with its buttons as a numbered list; `None` if it has none.
pub(crate) fn without_buttons(part: &Part, limits: &Limits) -> Option<VecDeque<Part>> {
    let numbered = cards::buttons_in_words(part.keyboard.as_ref()?);
    let text = format!("{}\n\n{numbered}", part.text());
    let mut pieces = cut(&text, wrapper(&part.content), most(limits));
    for piece in &mut pieces {
        piece.masked = part.masked;
    }
    Some(pieces)
}

/// The message with its addresses made unclickable; `None` if they are already.
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

/// The message in smaller pieces; `None` if it is small already. A caption
/// becomes a message of its own.
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
