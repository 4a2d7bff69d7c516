//! Cards written into the text as fenced blocks.
//!
//! Only blocks of their own count: what stands in a list, in a quote or inside
//! another block is text. So is a block that cannot be read. One that can be
//! read and not be sent goes into words: nobody should read JSON.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::compose::cards::check::check;
use crate::compose::cards::schema::Kind;
use crate::compose::cards::{in_words, schema};
use crate::contract::Card;

/// Cards of one text; further ones go into words.
const MOST: usize = 10;

/// A run of a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    Words(Range<usize>),
    Card(Range<usize>, Card),
    /// What a card says that cannot be sent as one.
    InWords(Range<usize>, String),
}

/// Cuts `text` at its cards. The pieces cover it; beside them, why a block is
/// none, in words that hold nothing of it.
pub(crate) fn pieces(text: &str) -> (Vec<Piece>, Vec<String>) {
    let mut pieces = Vec::new();
    let mut problems = Vec::new();
    let mut from = 0;
    for (kind, range, json) in blocks(text) {
        let has_room = pieces.len() < 2 * MOST;
        match piece(kind, &range, &json, has_room) {
            Ok((piece, problem)) => {
                pieces.push(Piece::Words(from..range.start));
                from = range.end;
                pieces.push(piece);
                problems.extend(problem);
            }
            Err(why) => problems.push(format!("{}: {why}", kind.name())),
        }
    }
    pieces.push(Piece::Words(from..text.len()));
    (pieces, problems)
}

/// Where the first block begins that is meant as a card: a text that still grows
/// is shown that far.
pub(crate) fn first_block(text: &str) -> usize {
    let blocks = blocks(text);
    blocks
        .first()
        .map_or(text.len(), |(_, range, _)| range.start)
}

/// Where the first card of a whole text begins, in words or not.
pub(crate) fn first_card(text: &str) -> usize {
    let (pieces, _) = pieces(text);
    let card = pieces.iter().find_map(|piece| match piece {
        Piece::Words(_) => None,
        Piece::Card(range, _) | Piece::InWords(range, _) => Some(range.start),
    });
    card.unwrap_or(text.len())
}

/// What a block becomes, and what is wrong with it; it stays as it is if it says
/// nothing.
fn piece(
    kind: Kind,
    range: &Range<usize>,
    json: &str,
    has_room: bool,
) -> Result<(Piece, Option<String>), String> {
    let card = schema::read(kind, json)?;
    let why = match check(&card) {
        Err(why) => why,
        Ok(()) if !has_room => format!("there are more than {MOST} cards"),
        Ok(()) => return Ok((Piece::Card(range.clone(), card), None)),
    };
    match in_words(&card) {
        words if words.trim().is_empty() => Err(why),
        words => {
            let problem = format!("{}: {why}", kind.name());
            Ok((Piece::InWords(range.clone(), words), Some(problem)))
        }
    }
}

/// The blocks that are meant as cards, and what is written in them.
fn blocks(text: &str) -> Vec<(Kind, Range<usize>, String)> {
    let mut found = Vec::new();
    if !text.contains("qq-") {
        return found;
    }
    let mut depth = 0_usize;
    let mut open: Option<(Kind, Range<usize>, String)> = None;
    for (event, range) in Parser::new_ext(text, Options::empty()).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) if depth == 0 => {
                let named = |kind: &Kind| info.trim() == kind.name();
                let kind = Kind::ALL.into_iter().find(named);
                open = kind.map(|kind| (kind, range, String::new()));
                depth += 1;
            }
            Event::Text(run) => {
                if let Some((_, _, json)) = &mut open {
                    json.push_str(&run);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                depth = depth.saturating_sub(1);
                found.extend(open.take());
            }
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests;
