//! Words, code, links.

use std::ops::Range;

use pulldown_cmark::LinkType;

use super::destination::{Meaning, is_file, is_reference, is_web, meaning, target};
use super::joint::JOINT;
use super::literal::ESCAPE;
use super::open::Link;
use super::target::Target;
use super::walk::Walk;

/// How far back brackets are counted, and how many may stand around one that is
/// no link.
const LONGEST_NEST: usize = 1_024;
const DEEPEST_NEST: usize = 3;

impl Walk<'_> {
    pub(super) fn words(&mut self, content: &str, range: Range<usize>) {
        if self.in_code {
            return;
        }
        self.label(content, range.end);
        let escape = range.start.wrapping_sub(1);
        let escaped = self.text.as_bytes().get(escape) == Some(&b'\\');
        if self.is_plain() && escaped && self.inline_end <= escape && !range.is_empty() {
            let before = self.slice(0..escape);
            let own = before.ends_with(ESCAPE) && self.target == Target::PlainOfQq;
            let start = if own {
                escape - ESCAPE.len_utf8()
            } else {
                escape
            };
            self.edits.delete(start..range.start);
        }
        let read = self.mask.slice(range.clone());
        if read != content && read.starts_with('&') && self.decodes(content) {
            self.edits.replace(range, content);
            return;
        }
        if self.is_html_code() {
            return;
        }
        self.keep_backslashes(&range);
        // What is escaped is not a mark.
        self.note_marks(range.start + usize::from(escaped && !range.is_empty())..range.end);
    }

    /// Where escapes are read, a backslash that is meant must be escaped itself.
    /// With three in front, what follows is not a mark either. Nothing but a line
    /// break follows one at the end of a line.
    fn keep_backslashes(&mut self, range: &Range<usize>) {
        if self.is_plain() {
            return;
        }
        for sign in self.mask.signs(range) {
            self.edits.replace(*sign..*sign, "\\");
        }
        for (at, length) in self.mask.kept(range) {
            let after = self.slice(at + length..self.text.len());
            let written = match length {
                1 if after.starts_with(['\r', '\n']) => "\u{200b}\\\\",
                1 => "\\\\\\",
                _ => "\\\\\\\\",
            };
            self.edits.replace(*at..at + length, written);
        }
    }

    /// An entity for punctuation could become markup.
    fn decodes(&self, content: &str) -> bool {
        self.is_plain()
            || (self.is_html_code() && !content.contains('`'))
            || !content
                .chars()
                .any(|c| c.is_ascii_punctuation() || c.is_control())
    }

    pub(super) fn code(&mut self, content: &str, range: Range<usize>) {
        self.label(content, range.end);
        if self.is_plain() {
            let code = self.code_at(&range);
            self.edits
                .replace(range, code.as_deref().unwrap_or(content));
        } else if self.table.is_some() {
            self.escape_pipes(&range);
        }
    }

    /// Code in which the parser did not see everything.
    fn code_at(&self, range: &Range<usize>) -> Option<String> {
        let source = Some(self.slice(range.clone())).filter(|_| self.mask.hides(range))?;
        let code = source.trim_matches('`').replace('\n', " ");
        let spaced = code
            .strip_prefix(' ')
            .and_then(|code| code.strip_suffix(' '));
        Some(spaced.map_or_else(|| code.clone(), str::to_owned))
    }

    /// QQ would take a pipe between backticks for the end of the cell.
    fn escape_pipes(&mut self, range: &Range<usize>) {
        let source = self.slice(range.clone());
        for (pipe, _) in source.match_indices('|') {
            let at = range.start + pipe;
            if self.mask.is_literal(at) {
                self.edits.replace(at..at, "\\");
            }
        }
    }

    pub(super) fn line_break(&mut self, range: Range<usize>) {
        self.label(" ", range.end);
        if self.heading.is_some() {
            self.edits.replace(range.clone(), " ");
        } else if self.slice(range.clone()).starts_with('\\') {
            self.edits.delete(range.start..range.start + 1);
        }
        self.indent_line(range.end);
    }

    pub(super) fn inline_html(&mut self, range: Range<usize>) {
        let source = self.slice(range.clone());
        let plain = self.is_plain();
        let mapped = self.html.map(self.text, range.clone(), plain);
        if mapped == source {
            return;
        }
        // Nothing becomes bold inside what is bold.
        let in_bold = self.heading.as_ref().is_some_and(|heading| heading.bold);
        let mapped = if in_bold && mapped.trim_matches(JOINT) == "**" {
            String::new()
        } else {
            mapped
        };
        let one_line = self.table.is_some() || self.heading.is_some();
        let mapped = if one_line {
            mapped.replace('\n', " ")
        } else {
            mapped
        };
        self.edits.replace(range, mapped);
    }

    /// Notes what is read of the text of the open link.
    pub(super) fn label(&mut self, content: &str, end: usize) {
        if let Some(link) = self.links.last_mut() {
            link.label.push_str(content);
            link.end = end;
        }
    }

    pub(super) fn open_link(
        &mut self,
        kind: LinkType,
        url: &str,
        title: &str,
        range: &Range<usize>,
    ) {
        self.open_marks();
        self.links.push(Link {
            url: url.to_owned(),
            kind,
            titled: !title.is_empty(),
            label: String::new(),
            end: range.start + 1,
            mark: self.edits.mark(),
        });
    }

    pub(super) fn close_link(&mut self, range: &Range<usize>) {
        let Some(link) = self.links.pop() else {
            return;
        };
        self.close_marks();
        let url = target(&link.url);
        // `<emoji:4>` is a face, and `<std::string>` is code.
        if link.kind == LinkType::Autolink && !is_web(&link.url) {
            return;
        }
        let automatic = matches!(link.kind, LinkType::Autolink | LinkType::Email);
        if is_reference(link.kind) {
            self.references.insert(link.url.clone());
        }
        let leads = self.meaning(link.kind, &link.url, range);
        if leads == Meaning::Text {
            self.keep_bracket(range.start);
        } else if self.is_plain() {
            self.plain_link(&link, range);
        } else if leads == Meaning::Label {
            self.without_target(&link, range);
        } else if link.kind == LinkType::Email {
            self.edits.replace(range.clone(), link.label);
        } else if !automatic && (link.titled || is_reference(link.kind)) {
            let end = self.link_text_end(&link, range);
            self.edits.replace(end..range.end, format!("]({url})"));
        }
    }

    /// What a link or an image at `range` is.
    pub(super) fn meaning(&self, kind: LinkType, url: &str, range: &Range<usize>) -> Meaning {
        if kind != LinkType::Inline {
            return Meaning::Link;
        }
        let before = self.slice(0..range.start);
        let after = self.slice(range.end..self.text.len());
        meaning(before, url, after)
    }

    /// The bracket at `at` begins no link. Without it one around it may: nobody
    /// means many of them.
    pub(super) fn keep_bracket(&mut self, at: usize) {
        let least = self
            .text
            .floor_char_boundary(at.saturating_sub(LONGEST_NEST));
        let before = self.slice(least..at);
        let count = |bracket: char| before.matches(bracket).count();
        let open = |open, close| count(open).saturating_sub(count(close));
        let around = open('[', ']') + open('(', ')');
        if !self.is_plain() && around < DEEPEST_NEST {
            let escape = self.mask.escape(at);
            self.edits.replace(at..at, escape);
        }
    }

    fn without_target(&mut self, link: &Link, range: &Range<usize>) {
        let end = self.link_text_end(link, range);
        self.edits.delete(range.start..range.start + 1);
        self.edits.delete(end..range.end);
    }

    fn plain_link(&mut self, link: &Link, range: &Range<usize>) {
        let label = link.label.trim();
        let bare = link.url.strip_prefix("mailto:").unwrap_or(&link.url);
        let same = label == bare
            || bare
                .split_once("://")
                .is_some_and(|(_, rest)| rest == label);
        if label.is_empty() && link.url.is_empty() {
            return;
        }
        if label.is_empty() || same {
            self.edits.take_from(link.mark);
            self.edits.replace(range.clone(), bare);
            return;
        }
        let leads_nowhere = bare.is_empty() || bare.starts_with('#') || is_file(bare);
        let tail = if leads_nowhere {
            String::new()
        } else {
            format!(" ({bare})")
        };
        let end = self.link_text_end(link, range);
        self.edits.delete(range.start..range.start + 1);
        self.edits.replace(end..range.end, tail);
    }

    /// Where the bracket behind the text of a link stands.
    fn link_text_end(&self, link: &Link, range: &Range<usize>) -> usize {
        let rest = self.slice(link.end..range.end);
        rest.find(']')
            .map_or(range.end, |bracket| link.end + bracket)
    }
}
