//! A disk that fails or dawdles on request, for tests of what a channel does
//! then.

use std::fmt::Debug;
use std::io;
use std::sync::Arc;

use redb::StorageBackend;
use redb::backends::FileBackend;

/// Decides what happens to a state file's disk. Called before the disk is, from
/// a thread that may block.
pub trait DiskFaults: Debug + Send + Sync {
    /// Before bytes are written or the file grows.
    ///
    /// # Errors
    /// What the disk is to fail with.
    fn write(&self) -> io::Result<()>;

    /// Before what was written is made durable.
    ///
    /// # Errors
    /// What the disk is to fail with.
    fn sync(&self) -> io::Result<()>;
}

#[derive(Debug)]
pub(super) struct FaultyDisk {
    pub(super) file: FileBackend,
    pub(super) faults: Arc<dyn DiskFaults>,
}

impl StorageBackend for FaultyDisk {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.faults.write()?;
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.faults.sync()?;
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.faults.write()?;
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }
}
