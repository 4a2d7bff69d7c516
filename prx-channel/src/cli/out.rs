//! What a command prints. `prx-channel doctor qq | head -1` is not an error: when
//! nobody reads any more, the command ends, and says nothing about it.

use std::fmt::Display;
use std::io::{ErrorKind, Write};
use std::process::exit;

/// What a shell reports of a program that SIGPIPE ends: 128 and the signal.
const CLOSED: i32 = 128 + 13;

/// Prints one line on standard output.
pub(super) fn line(text: impl Display) {
    let written = writeln!(std::io::stdout().lock(), "{text}");
    match written.map_err(|cause| (cause.kind(), cause)) {
        Ok(()) => {}
        Err((ErrorKind::BrokenPipe, _)) => exit(CLOSED),
        Err((_, cause)) => {
            let _nor_here = writeln!(std::io::stderr(), "prx-channel: standard output: {cause}");
            exit(1)
        }
    }
}

/// A channel must not steer the operator's terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_a_channel_says_cannot_steer_the_terminal() {
        assert_eq!(super::printable("a\u{1b}[2Jb\r\nc"), "a[2Jbc");
        assert_eq!(super::printable("\"绑定\""), "\"绑定\"");
    }
}
