//! Headings, code, rules, footnotes, HTML between blocks.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Tag};

use super::open::Heading;
use super::walk::Walk;
use crate::text::markup::{Fence, line_end, line_start};

impl Walk<'_> {
    /// Every block passes here first: one inside an item is indented.
    pub(super) fn begin_block(&mut self, tag: &Tag<'_>, range: &Range<usize>) {
        match tag {
            Tag::Paragraph | Tag::Heading { .. } => self.indent_block(range, false),
            Tag::CodeBlock(CodeBlockKind::Fenced(_)) | Tag::BlockQuote(_) | Tag::Table(_) => {
                self.indent_block(range, true);
            }
            _ => {}
        }
    }

    pub(super) fn open_heading(&mut self, level: HeadingLevel, range: &Range<usize>) {
        let bold = !self.is_plain() && level > HeadingLevel::H2;
        if bold && self.foreign == 0 && self.levels.is_empty() {
            self.set_apart(range);
        }
        self.heading = Some(Heading {
            content: None,
            bold,
        });
    }

    /// A bold line between lines of text would be one paragraph with them.
    fn set_apart(&mut self, range: &Range<usize>) {
        let start = line_start(self.text, range.start);
        let before = self.slice(line_start(self.text, start.saturating_sub(1))..start);
        if !before.trim().is_empty() {
            self.edits.replace(start..start, "\n");
        }
        let end = line_end(self.text, range.start);
        let after = self.slice(end..line_end(self.text, end));
        if !after.trim().is_empty() && !after.trim_start().starts_with('#') {
            self.edits.replace(end..end, "\n");
        }
    }

    /// Remembers where the text of a heading begins and ends.
    pub(super) fn note_content(&mut self, event: &Event<'_>, range: &Range<usize>) {
        let Some(heading) = &mut self.heading else {
            return;
        };
        // The box of a task stands before the heading that begins with it.
        if matches!(event, Event::End(_) | Event::TaskListMarker(_)) || range.is_empty() {
            return;
        }
        // A backslash before the first character belongs to it.
        let escape = range.start.wrapping_sub(1);
        let escaped = self.text.as_bytes().get(escape) == Some(&b'\\');
        let start = if escaped { escape } else { range.start };
        let content = heading.content.get_or_insert(start..range.end);
        content.end = content.end.max(range.end);
    }

    pub(super) fn close_heading(&mut self, level: HeadingLevel, range: &Range<usize>) {
        let Some(heading) = self.heading.take() else {
            return;
        };
        let end = range.start + self.slice(range.clone()).trim_end().len();
        let Some(content) = heading.content.filter(|content| content.start < end) else {
            self.edits.delete(range.start..end);
            return;
        };
        let content = content.start..content.end.min(end);
        let underlined = content.start == range.start;
        let sign = match (self.is_plain(), level) {
            (true, _) => "",
            (false, HeadingLevel::H1) => "# ",
            (false, HeadingLevel::H2) => "## ",
            (false, _) => self.bold_sign(&content),
        };
        if underlined || self.is_plain() || heading.bold {
            self.edits.replace(range.start..content.start, sign);
        }
        let closing = if heading.bold { sign } else { "" };
        // `# C# #` would lose one `#` after the other.
        let hashes = self.slice(content.clone()).ends_with('#') && closing.is_empty();
        if !hashes || underlined || self.is_plain() {
            self.edits.replace(content.end..end, closing);
        }
    }

    /// A heading with stars of its own would not become bold.
    fn bold_sign(&self, content: &Range<usize>) -> &'static str {
        let text = self.slice(content.clone());
        let strong = text.replace("**", "");
        if strong.contains('*') || text.ends_with('\\') {
            ""
        } else {
            "**"
        }
    }

    pub(super) fn open_code(&mut self, kind: &CodeBlockKind<'_>, range: &Range<usize>) {
        self.in_code = true;
        let fenced = matches!(kind, CodeBlockKind::Fenced(_));
        if !self.is_plain() || !fenced {
            return;
        }
        let Some(fence) = Fence::read(self.text, range) else {
            return;
        };
        let start = line_start(self.text, range.start);
        let alone = self
            .slice(start..range.start)
            .trim_matches([' ', '>'])
            .is_empty();
        let start = if alone { start } else { range.start };
        self.edits.delete(start..fence.inside.start);
        if fence.is_closed {
            let end = line_end(self.text, fence.inside.end);
            self.edits.delete(fence.inside.end..end);
        }
    }

    pub(super) fn html_block(&mut self, range: Range<usize>) {
        let block = self.slice(range.clone());
        let plain = self.is_plain();
        let mapped = self.html.map(self.text, range.clone(), plain);
        if mapped == block {
            return;
        }
        let mapped = without_gaps(block, &mapped);
        if mapped.is_empty() {
            self.delete_block(range);
        } else {
            self.edits.replace(range, mapped);
        }
    }

    /// Deletes a block of which nothing shows, with the blank line beside it.
    fn delete_block(&mut self, range: Range<usize>) {
        let before = self.slice(0..range.start);
        let after = self.slice(range.end..self.text.len());
        let apart = before.is_empty() || before.ends_with("\n\n");
        let is_last = after.trim().is_empty();
        let outermost = self.foreign == 0 && self.levels.is_empty();
        let start = if outermost && apart && is_last {
            before.trim_end().len()
        } else {
            range.start
        };
        let gap = after.len() - after.trim_start_matches('\n').len();
        let end = if outermost && apart {
            range.end + gap
        } else {
            range.end
        };
        self.edits.delete(start..end);
    }

    pub(super) fn rule(&mut self, range: Range<usize>) {
        self.indent_block(&range, false);
        let end = range.start + self.slice(range.clone()).trim_end().len();
        let rule = if self.is_plain() { "———" } else { "***" };
        if self.slice(range.start..end) != rule {
            self.edits.replace(range.start..end, rule);
        }
    }

    /// `[^1]: note` becomes `[1] note`.
    pub(super) fn open_footnote(&mut self, name: &str, range: &Range<usize>) {
        self.foreign += 1;
        if let Some(colon) = self.slice(range.clone()).find("]:") {
            let label = range.start..range.start + colon + 2;
            self.edits.replace(label, format!("[{name}]"));
        }
    }
}

/// Lines of which nothing is left, as of tags that only group, go with them.
fn without_gaps(block: &str, mapped: &str) -> String {
    // Some are meant.
    if block.contains("<hr") || block.contains("\n\n") {
        return mapped.to_owned();
    }
    let lines = mapped
        .split_inclusive('\n')
        .filter(|line| !line.trim().is_empty());
    let mut lines: String = lines.collect();
    if !block.ends_with('\n') {
        lines.truncate(lines.trim_end().len());
    }
    lines
}
