//! Which version of the stored form a file has, and how an earlier one becomes
//! this one.

use redb::{Database, ReadTransaction, ReadableDatabase, TableDefinition, WriteTransaction};

use super::disk::Disk;
use super::fault::Fault;
use super::rows;

/// Version of the form of everything that is stored.
const VERSION: u64 = 1;
/// What the file is: `format` to its version.
pub(super) const ABOUT: TableDefinition<'_, &str, u64> = TableDefinition::new("about");

/// Marks a fresh file, brings an earlier one to this version, and refuses any
/// other.
pub(super) fn check(disk: &Disk) -> Result<(), Fault> {
    let found = disk.with(|db| version(&db.begin_read()?))?;
    if found == Some(VERSION) || disk.with(|db| mark(db, found))? {
        return Ok(());
    }
    let found = found.unwrap_or_default();
    let what = format!("its state has version {found}, this program reads {VERSION}");
    Err(Fault::foreign(disk.name(), &what))
}

/// The version of the file; absent in a fresh one. A file with state and without
/// a mark is older than marks: version 0.
fn version(read: &ReadTransaction) -> Result<Option<u64>, redb::Error> {
    if read.list_tables()?.next().is_none() {
        return Ok(None);
    }
    let marks = rows(read, ABOUT, |_, version| version)?;
    Ok(Some(marks.first().copied().unwrap_or(0)))
}

/// Makes the file one of this version, all of it or nothing; whether it could.
fn mark(db: &Database, found: Option<u64>) -> Result<bool, redb::Error> {
    let entries = db.begin_write()?;
    if let Some(from) = found
        && !migrate(from, &entries)?
    {
        entries.abort()?;
        return Ok(false);
    }
    entries.open_table(ABOUT)?.insert("format", VERSION)?;
    entries.commit()?;
    Ok(true)
}

/// Rewrites the entries of version `from` in the form of this one. False: nobody
/// knows how. Whoever raises [`VERSION`] adds the step from the version before
/// here, and none has been raised yet.
#[expect(
    clippy::unnecessary_wraps,
    reason = "a migration reads and writes tables"
)]
fn migrate(_from: u64, _entries: &WriteTransaction) -> Result<bool, redb::Error> {
    Ok(false)
}
