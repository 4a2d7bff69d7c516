//! Tables as lines: one for each cell that says something.

use std::ops::Range;

use super::open::Table;
use super::walk::Walk;
use crate::text::markup::{line_end, line_start};

/// A longer header is a sentence, and is not repeated in every row.
const LONGEST_HEADER: usize = 64;

impl Walk<'_> {
    pub(super) fn open_table(&mut self) {
        self.table = Some(Table {
            rows: Vec::new(),
            is_ragged: false,
            mark: self.edits.mark(),
        });
    }

    pub(super) fn open_row(&mut self) {
        if let Some(table) = &mut self.table {
            table.rows.push(Vec::new());
        }
    }

    pub(super) fn cell(&mut self, range: Range<usize>) {
        let row = self.table.as_mut().and_then(|table| table.rows.last_mut());
        if let Some(row) = row {
            row.push(range);
        }
    }

    /// The parser drops the cells behind those that have a header.
    pub(super) fn close_row(&mut self, range: &Range<usize>) {
        let row = self.table.as_ref().and_then(|table| table.rows.last());
        let start = row
            .and_then(|row| row.last())
            .map_or(range.start, |last| last.end);
        for cell in self.cells_behind(start) {
            let source = self.slice(cell.clone());
            // A cell holds no block.
            if !source.starts_with(|c: char| c.is_ascii_digit() || "-+#>=".contains(c)) {
                let mapped = (self.map)(source, self.target);
                self.edits.replace(cell.clone(), mapped);
            }
            self.cell(cell);
            if let Some(table) = &mut self.table {
                table.is_ragged = true;
            }
        }
    }

    /// The cells that stand in a line behind the end of one.
    fn cells_behind(&self, start: usize) -> Vec<Range<usize>> {
        let read = self.mask.slice(start..line_end(self.text, start));
        let mut cells = Vec::new();
        let mut from = read.find('|').map_or(read.len(), |pipe| pipe + 1);
        let ends = read.match_indices(['|', '\n']).map(|(end, _)| end);
        for end in ends.chain([read.len()]).filter(|end| *end > 0) {
            let escaped = read.as_bytes().get(end - 1) == Some(&b'\\');
            if end < from || escaped {
                continue;
            }
            let cell = read.get(from..end).unwrap_or_default();
            let trimmed = cell.trim();
            if !trimmed.is_empty() {
                let at = start + from + (cell.len() - cell.trim_start().len());
                cells.push(at..at + trimmed.len());
            }
            from = end + 1;
        }
        cells
    }

    pub(super) fn close_table(&mut self, range: &Range<usize>) {
        let Some(table) = self.table.take() else {
            return;
        };
        // Clients leave out what has no header.
        if self.keeps_tables() && !table.is_ragged {
            return;
        }
        let mut edits = self.edits.take_from(table.mark);
        edits.sort();
        let cell = |cell: &Range<usize>| {
            let cell = edits.apply(self.text, cell.clone());
            cell.trim().replace("\\|", "|")
        };
        let mut rows = table
            .rows
            .iter()
            .map(|row| row.iter().map(cell).collect::<Vec<_>>());
        let header = rows.next().unwrap_or_default();
        let rows: Vec<Vec<String>> = rows.map(|row| lines(&header, &row)).collect();
        let mut rows: Vec<String> = rows.join(&String::new());
        if rows.is_empty() {
            rows.push(header.join(" | "));
        }
        let end = range.start + self.slice(range.clone()).trim_end().len();
        let text = rows.join(&format!("\n{}", self.continuation(range.start)));
        self.edits.replace(range.start..end, text);
    }

    /// What lines have in front to belong to the same quote or item.
    fn continuation(&self, at: usize) -> String {
        if let Some(base) = self.base() {
            return " ".repeat(base);
        }
        let prefix = self.slice(line_start(self.text, at)..at);
        let only_quote = |c| if c == '>' { '>' } else { ' ' };
        prefix.chars().map(only_quote).collect()
    }
}

/// One row: `header: value` for each cell.
fn lines(header: &[String], row: &[String]) -> Vec<String> {
    let mut lines = Vec::new();
    for (column, value) in row.iter().enumerate() {
        let header = header.get(column).map_or("", String::as_str);
        match header.len() {
            _ if value.is_empty() => {}
            1..=LONGEST_HEADER => lines.push(format!("{header}: {value}")),
            _ => lines.push(value.clone()),
        }
    }
    lines
}
