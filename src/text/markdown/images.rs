//! Images: for QQ with their sizes, in plain text as words.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, TagEnd};

use super::destination::{Meaning, is_reference, is_web, target};
use super::open::Image;
use super::picture::{plain_image, sized};
use super::walk::Walk;

impl Walk<'_> {
    pub(super) fn open_image(
        &mut self,
        kind: LinkType,
        url: &str,
        title: &str,
        range: &Range<usize>,
    ) {
        if is_reference(kind) {
            self.references.insert(url.to_owned());
        }
        self.image = Some(Image {
            kind,
            url: url.to_owned(),
            foreign: is_reference(kind) || !title.is_empty(),
            label: String::new(),
            inside: range.start + 2..range.start + 2,
            depth: 0,
        });
    }

    pub(super) fn step_in_image(&mut self, event: &Event<'_>, range: &Range<usize>) {
        let Some(image) = &mut self.image else {
            return;
        };
        if !matches!(event, Event::End(TagEnd::Image)) {
            image.inside.end = image.inside.end.max(range.end);
        }
        match event {
            Event::Text(text) | Event::Code(text) => image.label.push_str(text),
            Event::SoftBreak | Event::HardBreak => image.label.push(' '),
            Event::Start(_) => image.depth += 1,
            Event::End(TagEnd::Image) if image.depth == 0 => self.close_image(range.clone()),
            Event::End(_) => image.depth -= 1,
            _ => {}
        }
    }

    /// The text of an image as it was written: the parser saw other emphasis, and
    /// not everything.
    fn image_label(&self, image: &Image) -> String {
        let source = self.slice(image.inside.clone());
        match (source.contains(['[', '\n', '`', '&']), self.is_plain()) {
            (true, _) => image.label.clone(),
            (false, true) => (self.map)(source, self.target),
            (false, false) => source.to_owned(),
        }
    }

    fn close_image(&mut self, range: Range<usize>) {
        let Some(image) = self.image.take() else {
            return;
        };
        self.inline_end = range.end;
        if let Some(heading) = &mut self.heading {
            let content = heading.content.get_or_insert_with(|| range.clone());
            content.end = content.end.max(range.end);
        }
        // `vec![x](y)` calls what a macro made. A file stays none to be shown.
        let leads = self.meaning(image.kind, &image.url, &range);
        if leads == Meaning::Text && is_called(self.slice(0..range.start)) {
            self.keep_bracket(range.start + 1);
            return;
        }
        let label = self.image_label(&image);
        let label = label.trim();
        self.label(label, range.end);
        if self.is_plain() || !is_web(&image.url) {
            self.edits.replace(range, plain_image(label, &image.url));
        } else if image.foreign || sized(label).is_some() {
            let label = sized(label).unwrap_or_else(|| label.to_owned());
            let label = label.replace(['[', ']'], "");
            self.edits
                .replace(range, format!("![{label}]({})", target(&image.url)));
        }
    }
}

/// Whether a name stands in front.
fn is_called(before: &str) -> bool {
    before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
}
