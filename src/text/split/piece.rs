//! One chunk: how far it reaches, and what it looks like.

use super::boundary::{self, Boundaries, Rank};
use super::layout::Layout;
use super::scope::{Scope, indentation};
use crate::text::blank::is_blank;
use crate::text::markup::{line_end, prefix, quote_prefix};
use crate::text::units;

/// A chunk to be.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) text: String,
    /// Where it was cut.
    pub(super) end: usize,
}

/// A place to cut at.
#[derive(Clone, Copy, Debug)]
struct Place {
    at: usize,
    /// Behind the last character that shows.
    shown: usize,
    units: usize,
}

/// Takes a piece that begins to show at `body`, which is not blank.
pub(super) fn take(text: &str, layout: &Layout, start: usize, body: usize, limit: usize) -> Piece {
    let lead = Lead::at(text, layout, start, body, limit);
    let cutter = Cutter {
        text,
        layout,
        body,
        limit,
        room: limit.saturating_sub(units(&lead.open) + lead.stress.len()),
    };
    let place = cutter.cut();
    let mut piece = lead.open.clone();
    let mut shown = text.get(body..place.shown).unwrap_or_default();
    if !lead.stress.is_empty() {
        // Marks in front of white space would be none, and those in front of `>`
        // the end of the quote.
        if layout.in_quote(body) && lead.line {
            let quote = quote_prefix(shown);
            piece.push_str(quote);
            shown = shown.get(quote.len()..).unwrap_or_default();
        }
        piece.push_str(&lead.stress);
        shown = shown.trim_start_matches(is_blank);
    }
    let dedent = lead.push_dedented(shown, &mut piece);
    piece.push_str(layout.stress_at(text, place.at));
    let closed = cutter.scope_closed_at(place.at);
    if let Some(closer) = closed.and_then(|scope| scope.closer(dedent)) {
        piece.push_str(&closer);
    }
    Piece {
        text: piece,
        end: place.at,
    }
}

/// What a piece that begins in the middle of something needs.
#[derive(Debug)]
struct Lead {
    /// Stands before it.
    open: String,
    /// Columns to take from its lines.
    dedent: usize,
    /// Whether it begins at the start of a line.
    line: bool,
    /// The marks of emphasis it goes on with.
    stress: String,
}

impl Lead {
    fn at(text: &str, layout: &Layout, start: usize, body: usize, limit: usize) -> Self {
        let prefix = prefix(text, body);
        let line = prefix.is_empty();
        let mut lead = Self {
            open: String::new(),
            dedent: 0,
            line,
            stress: String::new(),
        };
        if start == 0 {
            return lead;
        }
        lead.stress = layout.stress_at(text, body).to_owned();
        let quote = Some(prefix).filter(|_| layout.in_quote(body) && !line);
        let quote = quote.map(quote_prefix).unwrap_or_default();
        if let Some(scope) = layout.scope_opened_at(body) {
            lead.dedent = scope.indent;
            if scope.fits(limit) && scope.repeats_at(line) {
                lead.open.clone_from(&scope.open);
            }
            return lead;
        }
        if quote.len() <= limit / 4 {
            quote.clone_into(&mut lead.open);
        }
        if layout.in_list(body) && quote.is_empty() {
            lead.dedent = indentation(text, body, line);
        }
        lead
    }

    /// Takes the indentation off, as far as each line has it; behind a line with
    /// less, only that much. Returns what the last line lost.
    fn push_dedented(&self, body: &str, out: &mut String) -> usize {
        let (mut dedent, mut rest) = (self.dedent, body);
        let mut first = !self.line;
        while dedent > 0 && !rest.is_empty() {
            let (line, after) = rest.split_at(line_end(rest, 0));
            let spaces = line.len() - line.trim_start_matches(' ').len();
            if !first && !line.trim().is_empty() {
                dedent = dedent.min(spaces);
            }
            let off = if first { 0 } else { spaces.min(dedent) };
            out.push_str(line.get(off..).unwrap_or_default());
            first = false;
            rest = after;
        }
        out.push_str(rest);
        dedent
    }
}

/// Looks for the best place to cut.
struct Cutter<'l> {
    text: &'l str,
    layout: &'l Layout,
    body: usize,
    limit: usize,
    /// Units for the text itself and what closes it.
    room: usize,
}

impl<'l> Cutter<'l> {
    fn scope_closed_at(&self, at: usize) -> Option<&'l Scope> {
        let scope = self.layout.scope_closed_at(at);
        scope.filter(|scope| scope.fits(self.limit))
    }

    /// Everything that is left, or the best place in reach.
    fn cut(&self) -> Place {
        let mut found = Found::default();
        let mut boundaries = Boundaries::default();
        let mut before = None;
        let mut place = Place {
            at: self.body,
            shown: self.body,
            units: 0,
        };
        let (mut used, mut forced) = (0, place);
        let mut closing = Closing::new(self);
        let rest = self.text.get(self.body..).unwrap_or_default();
        for (offset, c) in rest.char_indices() {
            place.at = self.body + offset;
            let stress = self.layout.stress_at(self.text, place.at).len();
            let close = closing.units_at(place.at) + stress;
            let barred = self.bars(place.at);
            if place.units + close <= self.room {
                if let Some(before) = before.filter(|_| !barred)
                    && let Some(rank) = self.rank(&mut boundaries, place.at, before, c)
                    && place.units > 0
                {
                    found.note(self.layout.damage(place.at, self.limit), rank, place);
                }
                if used + close <= self.room && !barred && !closing.bars(place.at) {
                    forced = place;
                }
            }
            used += c.len_utf16();
            if !is_blank(c) {
                place.units = used;
                place.shown = place.at + c.len_utf8();
            }
            if place.units > self.room {
                break;
            }
            before = Some(c);
        }
        let end = self.text.len();
        if place.units + closing.units_at(end) <= self.room {
            return Place { at: end, ..place };
        }
        found.best(self.room).unwrap_or_else(|| self.force(forced))
    }

    /// Whether nothing would stand between what a cut at `at` closes and what
    /// opened it, or the other way round: a fence around no code, a mark alone.
    fn bars(&self, at: usize) -> bool {
        let scope = self.scope_closed_at(at);
        scope.is_some_and(|scope| scope.is_empty_before(at))
            || self.layout.bars_stress(self.text, at)
    }

    fn rank(
        &self,
        boundaries: &mut Boundaries,
        at: usize,
        before: char,
        after: char,
    ) -> Option<Rank> {
        let between = boundaries.between(before, after);
        if before == '\n' {
            return Some(self.layout.line_rank(at));
        }
        between.filter(|_| {
            let text = self.text.get(self.body..).unwrap_or_default();
            boundary::is_whole(text, at - self.body, after)
        })
    }

    /// Cuts where nothing invites to: between graphemes, or inside one that is
    /// larger than a message.
    fn force(&self, mut place: Place) -> Place {
        let text = self.text.get(self.body..).unwrap_or_default();
        let mut at = boundary::last_whole(text, place.at - self.body);
        if at == 0 {
            at = text.chars().next().map_or(0, char::len_utf8);
        }
        place.at = self.body + at;
        place.shown = place.at;
        place
    }
}

/// The units that close what is open, place after place.
struct Closing<'l> {
    scopes: std::slice::Iter<'l, Scope>,
    next: Option<&'l Scope>,
    limit: usize,
}

impl<'l> Closing<'l> {
    fn new(cutter: &Cutter<'l>) -> Self {
        let scopes = cutter.layout.scopes.as_slice();
        let first = scopes.partition_point(|scope| scope.is_behind(cutter.body));
        let mut scopes = scopes.get(first..).unwrap_or_default().iter();
        let next = scopes.next();
        Self {
            scopes,
            next,
            limit: cutter.limit,
        }
    }

    /// Places must come in order.
    fn units_at(&mut self, at: usize) -> usize {
        while self.next.is_some_and(|scope| scope.is_behind(at)) {
            self.next = self.scopes.next();
        }
        let scope = self
            .next
            .filter(|scope| scope.closes_at(at) && scope.fits(self.limit));
        scope.map_or(0, Scope::close_units)
    }

    /// Whether the place asked for last is in a fence.
    fn bars(&self, at: usize) -> bool {
        self.next.is_some_and(|scope| scope.bars(at))
    }
}

/// The last place of each rank, among those that do the least damage.
#[derive(Default)]
struct Found {
    damage: u8,
    places: [Option<Place>; Rank::COUNT],
}

impl Found {
    fn note(&mut self, damage: u8, rank: Rank, place: Place) {
        if damage < self.damage || self.places.iter().all(Option::is_none) {
            *self = Self {
                damage,
                ..Self::default()
            };
        }
        if let Some(kept) = self.places.get_mut(rank as usize)
            && damage == self.damage
        {
            *kept = Some(place);
        }
    }

    /// The best rank that fills half of the message, since QQ counts messages;
    /// otherwise the fullest.
    fn best(&self, room: usize) -> Option<Place> {
        let mut places = self.places.iter().flatten();
        let full = places.clone().find(|place| place.units * 2 >= room);
        full.or_else(|| places.by_ref().max_by_key(|place| place.units))
            .copied()
    }
}
