//! Lines on their way out. A thread of their own writes them: whoever reads them
//! slowly or not at all (a terminal on hold, a full pipe) stops no channel.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Bytes that may wait. Beyond it lines are dropped, and their number is said.
const BYTES: usize = 8 * 1024 * 1024;

/// Writes whole lines to one place, in order. Clones share it.
#[derive(Clone)]
pub(super) struct Pen(Arc<Desk>);

struct Desk {
    lines: Mutex<Lines>,
    changed: Condvar,
    /// The line that says how many are missing.
    missing: fn(u64) -> String,
}

#[derive(Default)]
struct Lines {
    waiting: VecDeque<Vec<u8>>,
    bytes: usize,
    dropped: u64,
    /// One is on its way.
    writing: bool,
}

impl Pen {
    /// A pen that writes to `out`.
    pub(super) fn new(
        mut out: impl Write + Send + 'static,
        missing: fn(u64) -> String,
    ) -> io::Result<Self> {
        let desk = Arc::new(Desk {
            lines: Mutex::default(),
            changed: Condvar::new(),
            missing,
        });
        let pen = Self(Arc::clone(&desk));
        let work = move || {
            loop {
                let line = desk.next();
                // A reader that went away is not a reason to stop serving users.
                let _closed = out.write_all(&line).and_then(|()| out.flush());
            }
        };
        let named = std::thread::Builder::new().name("pen".to_owned());
        named.spawn(work).map(|_thread| pen)
    }

    /// Waits until everything is written, `within` at most.
    pub(super) fn finish(&self, within: Duration) {
        let lines = self.0.lines();
        let busy = |lines: &mut Lines| lines.writing || !lines.waiting.is_empty();
        let _late = self.0.changed.wait_timeout_while(lines, within, busy);
    }
}

impl Write for Pen {
    /// Takes one or more whole lines.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut lines = self.0.lines();
        if lines.bytes + line.len() > BYTES {
            lines.dropped += 1;
            return Ok(line.len());
        }
        if lines.dropped > 0 {
            let missing = (self.0.missing)(std::mem::take(&mut lines.dropped));
            lines.push(missing.into_bytes());
        }
        lines.push(line.to_vec());
        self.0.changed.notify_all();
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Desk {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next line; the one before it is written.
    fn next(&self) -> Vec<u8> {
        let mut lines = self.lines();
        lines.writing = false;
        loop {
            if let Some(line) = lines.waiting.pop_front() {
                lines.bytes -= line.len();
                lines.writing = true;
                return line;
            }
            self.changed.notify_all();
            lines = self
                .changed
                .wait(lines)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Lines {
    fn push(&mut self, line: Vec<u8>) {
        self.bytes += line.len();
        self.waiting.push_back(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    fn missing(lines: u64) -> String {
        format!("{lines} missing\n")
    }

    #[test]
    fn lines_come_out_whole_and_in_order() {
        let (mut reader, writer) = io::pipe().unwrap();
        let mut pen = Pen::new(writer, missing).unwrap();
        for line in ["one\n", "two\n"] {
            pen.write_all(line.as_bytes()).unwrap();
        }
        pen.finish(LONG);
        let mut read = [0; 8];
        io::Read::read_exact(&mut reader, &mut read).unwrap();
        assert_eq!(&read, b"one\ntwo\n");
    }

    #[test]
    fn nobody_waits_for_a_reader_that_does_not_read() {
        let (reader, writer) = io::pipe().unwrap();
        let mut pen = Pen::new(writer, missing).unwrap();
        let line = [vec![b'x'; BYTES / 64], vec![b'\n']].concat();
        for _ in 0..200 {
            pen.write_all(&line).unwrap();
        }
        // Now somebody reads, and learns what is missing.
        let (mut told, mut whole) = (0, 0);
        let mut lines = io::BufRead::lines(io::BufReader::new(reader));
        while told + whole < 200 {
            let read = lines.next().unwrap().unwrap();
            match read.strip_suffix(" missing") {
                Some(count) => told += count.parse::<u64>().unwrap(),
                None => whole += u64::from(read != "more"),
            }
            pen.write_all(b"more\n").unwrap();
        }
        assert!(told > 100, "{told}");
    }

    #[test]
    fn a_reader_that_went_away_costs_nothing() {
        let (reader, writer) = io::pipe().unwrap();
        let mut pen = Pen::new(writer, missing).unwrap();
        drop(reader);
        pen.write_all(b"one\n").unwrap();
        pen.finish(LONG);
        pen.write_all(b"two\n").unwrap();
        pen.finish(LONG);
        assert!(pen.0.lines().waiting.is_empty());
    }
}
