//! What can be wrong with a state file, told apart by what a person has to do.

use std::io;

use crate::error::{Error, ErrorKind};

/// A state file could not be read or written.
#[derive(Debug)]
pub(crate) struct Fault {
    /// What happened and what to do.
    pub(crate) error: Error,
    /// Trying again will not help: the file itself has to be seen to.
    pub(crate) lasting: bool,
}

/// What goes with the file, and how to go on without it.
const LOST: &str = "with it goes what the channel remembered: its session, who was let in, what can still be answered, and messages not yet answered";

impl Fault {
    /// `name` is the path of the file.
    pub(super) fn new(name: &str, cause: redb::Error) -> Self {
        match cause {
            redb::Error::DatabaseAlreadyOpen => Self::lasting(
                format!("{name} is in use: this channel runs in another process"),
                "stop the other process, or give this one its own --state DIR".to_owned(),
            ),
            redb::Error::Io(cause) => Self::io(name, &cause),
            redb::Error::Corrupted(_) | redb::Error::RepairAborted => Self::damaged(name, &cause),
            redb::Error::UpgradeRequired(_) | redb::Error::LockProtocolMismatch => {
                Self::foreign(name, &cause.to_string())
            }
            cause => Self::passing(format!("{name}: {cause}")),
        }
    }

    fn io(name: &str, cause: &io::Error) -> Self {
        match cause.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => Self::damaged(name, cause),
            io::ErrorKind::PermissionDenied => Self::lasting(
                format!("{name} cannot be opened: {cause}"),
                "run as the user who owns the file, or give it to this one (chown)".to_owned(),
            ),
            _ => Self::passing(format!("{name} cannot be written: {cause}")),
        }
    }

    /// Its bytes are not what was written.
    fn damaged(name: &str, cause: &dyn std::fmt::Display) -> Self {
        Self::lasting(
            format!("{name} is damaged: {cause}"),
            format!(
                "restore it from a backup, or move it away and start again (mv {name} {name}.damaged); {LOST}"
            ),
        )
    }

    /// Another version wrote it, or another program.
    pub(super) fn foreign(name: &str, what: &str) -> Self {
        Self::lasting(
            format!("{name} was written by another version: {what}"),
            format!(
                "run the version that wrote it, or move it away and start again (mv {name} {name}.old); {LOST}"
            ),
        )
    }

    /// The task that wrote it is gone, and its batch with it.
    pub(crate) fn lost(why: &dyn std::fmt::Display) -> Self {
        Self::lasting(
            format!("the state was not written: {why}"),
            "start again: what was not answered is given again".to_owned(),
        )
    }

    fn lasting(message: String, remedy: String) -> Self {
        Self {
            error: Error::new(ErrorKind::State, message).with_remedy(remedy),
            lasting: true,
        }
    }

    /// A disk that is full, quotas, a network file system that is away.
    fn passing(message: String) -> Self {
        Self {
            error: Error::new(ErrorKind::State, message)
                .with_remedy("make room on that disk, or mend it; nothing was half written"),
            lasting: false,
        }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        fault.error
    }
}
