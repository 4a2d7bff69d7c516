//! A channel's state on disk: one `redb` file an instance, every commit durable
//! before anything it stands for happens.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use redb::backends::{FileBackend, InMemoryBackend};
use redb::{
    Database, DatabaseError, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition,
    TableError, Value, WriteTransaction,
};

use crate::contract::InboundMessage;
use crate::error::Result;
use crate::form;
use crate::private;
use disk::Disk;
pub(crate) use fault::Fault;
pub use faulty::DiskFaults;
use faulty::FaultyDisk;

mod disk;
mod fault;
mod faulty;
#[cfg(test)]
mod tests;
mod version;

/// What the channel put: key to bytes.
const STATE: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("state");
/// Messages on their way to the agent, by number, in the form of `form`.
const UNANSWERED: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("unanswered");
/// What nobody could handle, for a report: events that killed two instances, as
/// lines of a trace, and messages that cannot be read any more. By number.
const SET_ASIDE: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("set-aside");
/// Oldest entries beyond this many go.
const SET_ASIDE_KEPT: u64 = 64;

/// What becomes durable together.
#[derive(Debug, Default)]
pub(crate) struct Commit {
    pub(crate) changes: Changes,
    /// Messages for the agent, by number, in the form of `form`.
    pub(crate) arrived: Vec<(u64, Vec<u8>)>,
    /// Numbers of messages that need not be given again.
    pub(crate) answered: Vec<u64>,
    /// What nobody could handle.
    pub(crate) set_aside: Vec<Vec<u8>>,
}

/// Changes of one commit: a value, or `None` to remove.
pub(crate) type Changes = HashMap<String, Option<Vec<u8>>>;

/// A channel's state in memory.
pub(crate) type State = HashMap<String, Vec<u8>>;

/// State of one channel instance. Cheap to clone. Every method blocks for as
/// long as the disk takes.
#[derive(Clone)]
pub(crate) struct Store {
    disk: Arc<Disk>,
}

impl Store {
    /// Opens `<dir>/<instance>.redb`, making it on first use. `faults` may stand
    /// before its disk.
    pub(crate) fn open(
        dir: &Path,
        instance: &str,
        faults: Option<Arc<dyn DiskFaults>>,
    ) -> Result<Self> {
        private::create_dir(dir)?;
        let path = dir.join(format!("{instance}.redb"));
        if let Some(loss) = emptied(&path) {
            tracing::warn!("{loss}");
        }
        let name = path.display().to_string();
        Self::new(name, move |builder| {
            let file = FileBackend::new(private::open(&path)?)?;
            match faults.clone() {
                None => builder.create_with_backend(file),
                Some(faults) => builder.create_with_backend(FaultyDisk { file, faults }),
            }
        })
    }

    /// State that lives as long as the process: for `doctor` and tests.
    pub(crate) fn in_memory() -> Result<Self> {
        Self::new("state in memory".to_owned(), |builder| {
            builder.create_with_backend(InMemoryBackend::new())
        })
    }

    fn new(
        name: String,
        open: impl Fn(&redb::Builder) -> Result<Database, DatabaseError> + Send + Sync + 'static,
    ) -> Result<Self> {
        let disk = Arc::new(Disk::new(name, open));
        version::check(&disk)?;
        Ok(Self { disk })
    }

    /// Everything that is stored.
    pub(crate) fn load(&self) -> Result<State> {
        let state = self.disk.with(|db| {
            let read = db.begin_read()?;
            rows(&read, STATE, |key, value| (key.to_owned(), value.to_vec()))
        });
        Ok(state?.into_iter().collect())
    }

    /// Messages that were accepted and not answered, oldest first. What cannot
    /// be read any more is set aside, and said once.
    pub(crate) fn unanswered(&self) -> Result<Vec<(u64, InboundMessage)>> {
        let stored = self.disk.with(|db| {
            let read = db.begin_read()?;
            rows(&read, UNANSWERED, |number, json| (number, json.to_vec()))
        })?;
        let mut messages = Vec::with_capacity(stored.len());
        let mut unreadable = Commit::default();
        for (number, json) in stored {
            match form::read_message(&json) {
                Some(message) => messages.push((number, message)),
                None => {
                    unreadable.answered.push(number);
                    unreadable.set_aside.push(json);
                }
            }
        }
        if !unreadable.answered.is_empty() {
            let count = unreadable.answered.len();
            tracing::error!(
                count,
                "unanswered messages cannot be read any more; they were set aside in the state file"
            );
            self.commit(&unreadable)?;
        }
        Ok(messages)
    }

    /// Makes a commit durable, all of it or nothing; on return it survives a
    /// power cut. After a fault that passes, the same commit can be tried again.
    pub(crate) fn commit(&self, commit: &Commit) -> Result<(), Fault> {
        self.disk.with(|db| {
            let write = db.begin_write()?;
            commit.write(&write)?;
            write.commit()?;
            Ok(())
        })
    }
}

impl Commit {
    fn write(&self, write: &WriteTransaction) -> Result<(), redb::Error> {
        let mut table = write.open_table(STATE)?;
        // In order, so that neighbours share the pages they touch.
        let mut sorted: Vec<_> = self.changes.iter().collect();
        sorted.sort_unstable_by_key(|(key, _)| *key);
        for (key, value) in sorted {
            match value {
                Some(value) => drop(table.insert(key.as_str(), value.as_slice())?),
                None => drop(table.remove(key.as_str())?),
            }
        }
        let mut table = write.open_table(UNANSWERED)?;
        for (number, json) in &self.arrived {
            table.insert(number, json.as_slice())?;
        }
        for number in &self.answered {
            table.remove(number)?;
        }
        self.put_aside(write)
    }

    fn put_aside(&self, write: &WriteTransaction) -> Result<(), redb::Error> {
        if self.set_aside.is_empty() {
            return Ok(());
        }
        let mut table = write.open_table(SET_ASIDE)?;
        for json in &self.set_aside {
            let next = table.last()?.map_or(0, |(number, _)| number.value() + 1);
            table.insert(next, json.as_slice())?;
            table.retain(|number, _| number + SET_ASIDE_KEPT > next)?;
        }
        Ok(())
    }
}

/// What is to be said of a state file that is there and holds nothing.
fn emptied(path: &Path) -> Option<String> {
    let meta = std::fs::metadata(path).ok()?;
    (meta.is_file() && meta.len() == 0).then(|| {
        format!(
            "{} is there and empty: what the channel remembered is lost, its session, who was let in and what waited to be sent; it starts as new → if it had been in use, stop this program and put back a copy of the file",
            path.display()
        )
    })
}

/// All rows of a table, which may not be there yet.
fn rows<K: redb::Key + 'static, V: Value + 'static, T>(
    read: &ReadTransaction,
    table: TableDefinition<'_, K, V>,
    own: impl for<'a> Fn(K::SelfType<'a>, V::SelfType<'a>) -> T,
) -> Result<Vec<T>, redb::Error> {
    let table = match read.open_table(table) {
        Ok(table) => table,
        Err(TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
        Err(cause) => return Err(cause.into()),
    };
    let mut all = Vec::new();
    for entry in table.iter()? {
        let (key, value) = entry?;
        all.push(own(key.value(), value.value()));
    }
    Ok(all)
}
