//! The process group of an agent, and how all of it ends.
//!
//! A second shell, the keeper, leads the group and waits for the end of its
//! input, which this process holds. Whatever ends this process, be it a kill,
//! closes that input, and the keeper ends the group: first by asking, then by
//! force. A group whose leader lives cannot be taken for another one.

use std::io;
use std::process::Stdio;

use tokio::process::{Child, ChildStdin, Command};

/// Asks the group to end, and ends it 2 s later.
const KEEPER: &str = "trap '' HUP INT TERM; read -r _; kill -TERM 0; sleep 2; kill -KILL 0";

/// A group that lives until this is dropped.
pub(super) struct Group {
    id: i32,
    _rope: ChildStdin,
    /// Reaped by the runtime when it ends.
    _keeper: Child,
}

impl Group {
    /// Starts an empty group.
    pub(super) fn start() -> io::Result<Self> {
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let id = keeper.id().and_then(|id| i32::try_from(id).ok());
        match (id, keeper.stdin.take()) {
            (Some(id), Some(rope)) => Ok(Self {
                id,
                _rope: rope,
                _keeper: keeper,
            }),
            _ => Err(io::Error::other("the keeper of its process group is gone")),
        }
    }

    /// Its number.
    pub(super) fn id(&self) -> i32 {
        self.id
    }
}
