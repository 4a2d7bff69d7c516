//! A channel's state on disk: one `redb` file an instance, every commit durable
//! before anything it stands for happens.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use redb::backends::{FileBackend, InMemoryBackend};
use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, TableDefinition};

use crate::contract::InboundMessage;
use crate::error::{Error, ErrorKind, Result, caused};
use crate::private;

/// What the channel put: key to bytes.
const STATE: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("state");
/// Events that killed two instances: number to JSON, for a report.
const SET_ASIDE: TableDefinition<'_, u64, &str> = TableDefinition::new("set-aside");
/// Oldest entries beyond this many go.
const SET_ASIDE_KEPT: u64 = 64;
/// Pages redb keeps in memory. The actor holds the state anyway; reads happen
/// once, at the start.
const CACHE_BYTES: usize = 128 * 1024;

/// Messages on their way to the agent, by number, as JSON.
const UNANSWERED: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("unanswered");

/// What becomes durable together.
#[derive(Debug, Default)]
pub(crate) struct Commit {
    pub(crate) changes: Changes,
    /// Messages for the agent, by number, as JSON.
    pub(crate) arrived: Vec<(u64, Vec<u8>)>,
    /// Numbers of messages that need not be given again.
    pub(crate) answered: Vec<u64>,
}

/// Changes of one commit: a value, or `None` to remove.
pub(crate) type Changes = HashMap<String, Option<Vec<u8>>>;

/// A channel's state in memory.
pub(crate) type State = HashMap<String, Vec<u8>>;

/// State of one channel instance. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Store {
    db: Arc<Database>,
}

impl Store {
    /// Opens `<dir>/<instance>.redb`, making it on first use.
    pub(crate) fn open(dir: &Path, instance: &str) -> Result<Self> {
        private::create_dir(dir)?;
        let path = dir.join(format!("{instance}.redb"));
        let file = private::open_file(&path)?;
        let db = FileBackend::new(file)
            .and_then(|backend| builder().create_with_backend(backend))
            .map_err(|cause| refused(&path, cause))?;
        Ok(Self { db: Arc::new(db) })
    }

    /// State that lives as long as the process: for `doctor` and tests.
    pub(crate) fn in_memory() -> Result<Self> {
        let db = builder()
            .create_with_backend(InMemoryBackend::new())
            .map_err(caused(ErrorKind::State, "state in memory"))?;
        Ok(Self { db: Arc::new(db) })
    }

    /// Everything that is stored.
    pub(crate) fn load(&self) -> Result<State> {
        self.try_load()
            .map_err(caused(ErrorKind::State, "reading the state"))
    }

    fn try_load(&self) -> Result<State, redb::Error> {
        let read = self.db.begin_read()?;
        let table = match read.open_table(STATE) {
            Ok(table) => table,
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(State::new()),
            Err(cause) => return Err(cause.into()),
        };
        let mut state = State::new();
        for entry in table.iter()? {
            let (key, value) = entry?;
            state.insert(key.value().to_owned(), value.value().to_vec());
        }
        Ok(state)
    }

    /// Messages that were accepted and not answered, oldest first.
    pub(crate) fn unanswered(&self) -> Result<Vec<(u64, InboundMessage)>> {
        self.try_unanswered()
            .map_err(caused(ErrorKind::State, "reading the unanswered messages"))
    }

    fn try_unanswered(&self) -> Result<Vec<(u64, InboundMessage)>, redb::Error> {
        let read = self.db.begin_read()?;
        let table = match read.open_table(UNANSWERED) {
            Ok(table) => table,
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
            Err(cause) => return Err(cause.into()),
        };
        let mut messages = Vec::new();
        for entry in table.iter()? {
            let (number, json) = entry?;
            match serde_json::from_slice(json.value()) {
                Ok(message) => messages.push((number.value(), message)),
                Err(cause) => {
                    tracing::error!(%cause, "an unanswered message cannot be read any more")
                }
            }
        }
        Ok(messages)
    }

    /// Makes a commit durable, all of it or nothing; on return it survives a
    /// power cut. Blocks for as long as the disk takes.
    pub(crate) fn commit(&self, commit: &Commit) -> Result<()> {
        self.try_commit(commit).map_err(|cause| {
            Error::new(
                ErrorKind::State,
                format!("the state cannot be written: {cause}"),
            )
            .with_remedy("free some disk space and start again; nothing was half written")
        })
    }

    fn try_commit(&self, commit: &Commit) -> Result<(), redb::Error> {
        let write = self.db.begin_write()?;
        {
            let mut table = write.open_table(STATE)?;
            // In order, so that neighbours share the pages they touch.
            let mut sorted: Vec<_> = commit.changes.iter().collect();
            sorted.sort_unstable_by_key(|(key, _)| *key);
            for (key, value) in sorted {
                match value {
                    Some(value) => drop(table.insert(key.as_str(), value.as_slice())?),
                    None => drop(table.remove(key.as_str())?),
                }
            }
            let mut table = write.open_table(UNANSWERED)?;
            for (number, json) in &commit.arrived {
                table.insert(number, json.as_slice())?;
            }
            for number in &commit.answered {
                table.remove(number)?;
            }
        }
        write.commit()?;
        Ok(())
    }

    /// Keeps an event nobody could handle, for a person to look at.
    pub(crate) fn set_aside(&self, event: &str) -> Result<()> {
        self.try_set_aside(event)
            .map_err(caused(ErrorKind::State, "setting an event aside"))
    }

    fn try_set_aside(&self, event: &str) -> Result<(), redb::Error> {
        let write = self.db.begin_write()?;
        {
            let mut table = write.open_table(SET_ASIDE)?;
            let next = table.last()?.map_or(0, |(number, _)| number.value() + 1);
            table.insert(next, event)?;
            table.retain(|number, _| number + SET_ASIDE_KEPT > next)?;
        }
        write.commit()?;
        Ok(())
    }
}

fn refused(path: &Path, cause: DatabaseError) -> Error {
    if matches!(cause, DatabaseError::DatabaseAlreadyOpen) {
        return Error::new(
            ErrorKind::State,
            format!(
                "{} is in use: this channel runs in another process",
                path.display()
            ),
        )
        .with_remedy("stop the other process, or give this one its own --state DIR");
    }
    Error::new(ErrorKind::State, format!("{}: {cause}", path.display()))
        .with_remedy("check that the folder is writable and the disk is not full")
}

fn builder() -> redb::Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn put(changes: &[(&str, Option<&[u8]>)]) -> Commit {
        let owned =
            |(key, value): &(&str, Option<&[u8]>)| ((*key).to_owned(), value.map(<[u8]>::to_vec));
        Commit {
            changes: changes.iter().map(owned).collect(),
            ..Commit::default()
        }
    }

    #[test]
    fn what_was_committed_is_there_after_reopening() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), "qq").unwrap();
        store
            .commit(&put(&[("a", Some(b"1")), ("b", Some(b"2"))]))
            .unwrap();
        store.commit(&put(&[("a", None)])).unwrap();
        drop(store);
        let state = Store::open(dir.path(), "qq").unwrap().load().unwrap();
        assert_eq!(state, [("b".to_owned(), b"2".to_vec())].into());
    }

    #[test]
    fn a_message_stays_until_it_is_answered() {
        let store = Store::in_memory().unwrap();
        let arrived = Commit {
            arrived: vec![(1, b"unreadable".to_vec())],
            ..Commit::default()
        };
        store.commit(&arrived).unwrap();
        assert!(
            store.unanswered().unwrap().is_empty(),
            "what cannot be read is reported, not given"
        );
        store
            .commit(&Commit {
                answered: vec![1, 99],
                ..Commit::default()
            })
            .unwrap();
    }

    #[test]
    fn a_second_process_is_told_so() {
        let dir = tempfile::tempdir().unwrap();
        let _first = Store::open(dir.path(), "qq").unwrap();
        let error = Store::open(dir.path(), "qq").err().unwrap();
        assert!(
            error.to_string().contains("runs in another process"),
            "{error}"
        );
    }

    #[test]
    fn set_aside_events_are_bounded() {
        let store = Store::in_memory().unwrap();
        for number in 0..SET_ASIDE_KEPT + 10 {
            store.set_aside(&number.to_string()).unwrap();
        }
        let read = store.db.begin_read().unwrap();
        let table = read.open_table(SET_ASIDE).unwrap();
        let kept: Vec<String> = table
            .iter()
            .unwrap()
            .map(|entry| entry.unwrap().1.value().to_owned())
            .collect();
        assert_eq!(kept.len() as u64, SET_ASIDE_KEPT);
        assert_eq!(kept.last().unwrap(), "73");
    }
}
