//! The database file of one channel: opened, checked, and opened again after a
//! fault.
//!
//! After an I/O error redb refuses everything until the file is opened anew
//! (`StorageError::PreviousIo`). So a fault closes it here, and the next use
//! opens it: a disk that has room again is written to again.

use std::sync::{Mutex, PoisonError};

use redb::{Builder, Database, DatabaseError};

use super::fault::Fault;

/// Pages redb keeps in memory. The actor holds the state anyway; reads happen
/// once, at the start.
const CACHE_BYTES: usize = 128 * 1024;

/// Opens the bytes under the database.
type Open = dyn Fn(&Builder) -> Result<Database, DatabaseError> + Send + Sync;

pub(super) struct Disk {
    /// What to call it in messages: its path.
    name: String,
    open: Box<Open>,
    /// `None` before the first use and after a fault.
    db: Mutex<Option<Database>>,
}

impl Disk {
    pub(super) fn new(
        name: String,
        open: impl Fn(&Builder) -> Result<Database, DatabaseError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            open: Box::new(open),
            db: Mutex::new(None),
        }
    }

    /// Does something with the database. Blocks for as long as the disk takes.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&Database) -> Result<T, redb::Error>,
    ) -> Result<T, Fault> {
        // A panic leaves nothing behind: the database is out while it is used.
        let mut place = self.db.lock().unwrap_or_else(PoisonError::into_inner);
        let db = match place.take() {
            Some(db) => db,
            None => self
                .opened()
                .map_err(|cause| Fault::new(&self.name, cause.into()))?,
        };
        let done = work(&db).map_err(|cause| Fault::new(&self.name, cause))?;
        *place = Some(db);
        Ok(done)
    }

    /// A file that was damaged from outside must be told apart here: redb trusts
    /// its pages afterwards, and panics over those that cannot be.
    fn opened(&self) -> Result<Database, DatabaseError> {
        let mut builder = Database::builder();
        builder
            .set_cache_size(CACHE_BYTES)
            .set_check_integrity_on_open(true);
        (self.open)(&builder)
    }

    /// What to call it in messages.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}
