//! Which event of the parser is whose.

use std::ops::Range;

use pulldown_cmark::{Event, Tag, TagEnd};

use super::walk::Walk;

impl Walk<'_> {
    pub(super) fn step(&mut self, event: Event<'_>, range: Range<usize>) {
        if self.image.is_some() {
            self.step_in_image(&event, &range);
            return;
        }
        self.note_content(&event, &range);
        let end = range.end;
        match event {
            Event::Start(tag) => {
                self.open(tag, range);
                return;
            }
            Event::End(tag) => {
                self.close(tag, &range);
                return;
            }
            Event::Text(content) => self.words(&content, range),
            Event::Code(content) => self.code(&content, range),
            Event::InlineHtml(_) => self.inline_html(range),
            Event::FootnoteReference(name) => self.edits.replace(range, format!("[{name}]")),
            Event::SoftBreak | Event::HardBreak => self.line_break(range),
            Event::Rule => self.rule(range),
            Event::TaskListMarker(done) => self.task(done, range),
            _ => {}
        }
        self.inline_end = end;
    }

    fn open(&mut self, tag: Tag<'_>, range: Range<usize>) {
        if !is_inline(&tag.to_end()) {
            self.finish_marks();
        }
        self.begin_block(&tag, &range);
        match tag {
            Tag::Heading { level, .. } => self.open_heading(level, &range),
            Tag::CodeBlock(kind) => self.open_code(&kind, &range),
            Tag::HtmlBlock => self.html_block(range),
            Tag::BlockQuote(_) => self.foreign += 1,
            Tag::FootnoteDefinition(name) => self.open_footnote(&name, &range),
            Tag::List(_) => self.open_list(&range),
            Tag::Item => self.open_item(&range),
            Tag::Table(_) => self.open_table(),
            Tag::TableHead | Tag::TableRow => self.open_row(),
            Tag::TableCell => self.cell(range),
            Tag::Emphasis => self.open_emphasis(&range, 1),
            Tag::Strong | Tag::Strikethrough => self.open_emphasis(&range, 2),
            Tag::Link {
                link_type,
                dest_url,
                title,
                ..
            } => self.open_link(link_type, &dest_url, &title, &range),
            Tag::Image {
                link_type,
                dest_url,
                title,
                ..
            } => self.open_image(link_type, &dest_url, &title, &range),
            _ => {}
        }
    }

    fn close(&mut self, tag: TagEnd, range: &Range<usize>) {
        if !is_inline(&tag) {
            self.finish_marks();
        }
        match tag {
            TagEnd::Heading(level) => self.close_heading(level, range),
            TagEnd::Paragraph if self.levels.is_empty() => self.paragraph_end = Some(range.end),
            TagEnd::CodeBlock => self.in_code = false,
            TagEnd::BlockQuote(_) | TagEnd::FootnoteDefinition => {
                self.foreign = self.foreign.saturating_sub(1);
            }
            TagEnd::Item => {
                self.levels.pop();
            }
            TagEnd::TableRow => self.close_row(range),
            TagEnd::Table => self.close_table(range),
            TagEnd::Emphasis => self.close_emphasis(range, 1),
            TagEnd::Strong | TagEnd::Strikethrough => self.close_emphasis(range, 2),
            TagEnd::Link => self.close_link(range),
            _ => {}
        }
    }
}

/// Whether it stands in the middle of text.
const fn is_inline(tag: &TagEnd) -> bool {
    matches!(
        tag,
        TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image
    )
}
