//! A disk under a channel's state that can be slow or full.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Duration;

use prx_channel_host::DiskFaults;

/// Cheap to clone; clones are the same disk.
#[derive(Clone, Debug, Default)]
pub struct TestDisk(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    full: AtomicBool,
    sync_ms: AtomicU64,
}

impl TestDisk {
    /// Whether it takes anything.
    pub fn set_full(&self, full: bool) {
        self.0.full.store(full, SeqCst);
    }

    /// How many milliseconds it takes longer to make something durable.
    pub fn set_slow(&self, ms: u64) {
        self.0.sync_ms.store(ms, SeqCst);
    }

    /// What stands before the disk.
    pub fn faults(&self) -> Arc<dyn DiskFaults> {
        Arc::new(self.clone())
    }
}

impl DiskFaults for TestDisk {
    fn write(&self) -> io::Result<()> {
        if self.0.full.load(SeqCst) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        // The disk's own time, on a thread that may block.
        std::thread::sleep(Duration::from_millis(self.0.sync_ms.load(SeqCst)));
        self.write()
    }
}
