//! Bytes that stay outside the sandbox, by number: on disk, in files without a
//! name. They are written and read in pieces, so memory stays flat whatever
//! their size, and they vanish with the process however it ends.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::AsyncWriteExt;

use super::run::{Run, disk};
use super::sniff::{self, HEAD};
use crate::contract::{BlobSlice, Failure, FailureKind, HeldBlob};
use crate::error::{ErrorKind, Result as HostResult, caused};
use crate::limits;
use crate::private;

/// The blobs of one channel. Clones share them.
#[derive(Clone)]
pub(crate) struct Blobs {
    folder: PathBuf,
    held: Arc<Mutex<Held>>,
}

struct Held {
    last: u64,
    bytes: u64,
    blobs: BTreeMap<u64, Blob>,
}

/// Bytes that do not change any more.
#[derive(Clone)]
struct Blob {
    file: Arc<File>,
    size: u64,
}

/// A blob that is being written.
pub(crate) struct BlobWriter {
    file: tokio::fs::File,
    size: u64,
    most: u64,
    head: Vec<u8>,
}

impl Blobs {
    /// Blobs on the disk of `folder`; `None`: where temporary files are.
    pub(crate) fn new(folder: Option<&Path>) -> HostResult<Self> {
        if let Some(folder) = folder {
            private::create_dir(folder)?;
        }
        let mut first = [0; 8];
        getrandom::fill(&mut first).map_err(caused(ErrorKind::State, "randomness"))?;
        let held = Held {
            // Channels store numbers, and a number must not mean something else
            // to a later process: each begins somewhere.
            last: u64::from_le_bytes(first) >> 2,
            bytes: 0,
            blobs: BTreeMap::new(),
        };
        Ok(Self {
            folder: folder.map_or_else(std::env::temp_dir, Path::to_owned),
            held: Arc::new(Mutex::new(held)),
        })
    }

    /// Begins a blob of at most `most` bytes.
    pub(crate) async fn writer(&self, most: u64) -> Result<BlobWriter, Failure> {
        let folder = self.folder.clone();
        let file = tokio::task::spawn_blocking(move || tempfile::tempfile_in(folder)).await;
        let file = file.map_err(std::io::Error::other).flatten();
        let file = file.map_err(|cause| disk(&cause))?;
        Ok(BlobWriter {
            file: tokio::fs::File::from_std(file),
            size: 0,
            most: most.min(limits::BLOB_BYTES),
            head: Vec::with_capacity(HEAD),
        })
    }

    /// Keeps what was written and gives it a number.
    pub(crate) async fn keep(&self, mut writer: BlobWriter) -> Result<HeldBlob, Failure> {
        writer.file.flush().await.map_err(|cause| disk(&cause))?;
        let file = Arc::new(writer.file.into_std().await);
        let (size, mime) = (writer.size, sniff::mime(&writer.head).map(str::to_owned));
        let mut held = self.lock();
        if held.blobs.len() >= limits::BLOBS || held.bytes + size > limits::BLOBS_BYTES {
            let what = format!(
                "{} blobs with {} bytes are held already",
                held.blobs.len(),
                held.bytes
            );
            return Err(Failure::new(FailureKind::TooLarge, what)
                .with_remedy("drop blobs that are not needed any more"));
        }
        held.last += 1;
        held.bytes += size;
        let id = held.last;
        held.blobs.insert(id, Blob { file, size });
        Ok(HeldBlob { id, size, mime })
    }

    /// Forgets a blob. Whoever reads it goes on reading.
    pub(crate) fn drop_blob(&self, id: u64) {
        let mut held = self.lock();
        if let Some(blob) = held.blobs.remove(&id) {
            held.bytes -= blob.size;
            // The disk may take its time to give the room back.
            tokio::task::spawn_blocking(move || drop(blob));
        }
    }

    /// A run of a blob's bytes; nothing is read yet.
    pub(crate) fn run(&self, slice: &BlobSlice) -> Result<Run, Failure> {
        let outside = || {
            let what = format!("blob {} has no such bytes", slice.blob);
            Failure::new(FailureKind::Invalid, what)
        };
        let blob = self.lock().blobs.get(&slice.blob).cloned();
        let blob = blob.ok_or_else(outside)?;
        let end = slice
            .length
            .map_or(Some(blob.size), |length| slice.offset.checked_add(length));
        match end {
            Some(end) if slice.offset <= end && end <= blob.size => {
                Ok(Run::new(blob.file, slice.offset, end - slice.offset))
            }
            _ => Err(outside()),
        }
    }

    /// How many are held.
    #[cfg(test)]
    pub(crate) fn count(&self) -> usize {
        self.lock().blobs.len()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BlobWriter {
    /// Adds bytes; more than the blob may have is a failure.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.size += bytes.len() as u64;
        if self.size > self.most {
            let what = format!(
                "the body is longer than a blob may be ({} bytes)",
                self.most
            );
            return Err(Failure::new(FailureKind::TooLarge, what));
        }
        let room = HEAD - self.head.len();
        self.head
            .extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        self.file
            .write_all(bytes)
            .await
            .map_err(|cause| disk(&cause))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::contract::DigestAlgorithm;

    /// A blob of these bytes.
    pub(crate) async fn kept(blobs: &Blobs, bytes: &[u8]) -> HeldBlob {
        let mut writer = blobs.writer(u64::MAX).await.unwrap();
        writer.write(bytes).await.unwrap();
        blobs.keep(writer).await.unwrap()
    }

    fn slice(blob: u64, offset: u64, length: Option<u64>) -> BlobSlice {
        BlobSlice {
            blob,
            offset,
            length,
        }
    }

    #[tokio::test]
    async fn a_run_is_what_it_says_or_an_error() {
        let blobs = Blobs::new(None).unwrap();
        let id = kept(&blobs, b"hello world").await.id;
        let read = |offset, length| blobs.run(&slice(id, offset, length))?.read();
        assert_eq!(read(0, None).unwrap(), b"hello world");
        assert_eq!(read(6, Some(5)).unwrap(), b"world");
        assert_eq!(read(11, None).unwrap(), b"");
        assert!(read(12, None).is_err());
        assert!(read(6, Some(6)).is_err());
        assert!(read(1, Some(u64::MAX)).is_err());
        blobs.drop_blob(id);
        assert!(read(0, None).is_err());
    }

    #[tokio::test]
    async fn digests_are_the_standard_ones() {
        let blobs = Blobs::new(None).unwrap();
        let id = kept(&blobs, b"abc").await.id;
        use DigestAlgorithm::{Md5, Sha1, Sha256};
        let run = blobs.run(&slice(id, 0, None)).unwrap();
        assert_eq!(
            run.digest(&[Md5, Sha1, Sha256]).unwrap(),
            [
                "900150983cd24fb0d6963f7d28e17f72",
                "a9993e364706816aba3e25717850c26c9cd0d89d",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ]
        );
    }

    #[tokio::test]
    async fn blobs_are_bounded_in_number_and_size() {
        let blobs = Blobs::new(None).unwrap();
        let first = kept(&blobs, b"").await;
        for _ in 1..limits::BLOBS {
            kept(&blobs, b"").await;
        }
        let writer = blobs.writer(1).await.unwrap();
        let refused = blobs.keep(writer).await.unwrap_err();
        assert_eq!(refused.kind, FailureKind::TooLarge);
        blobs.drop_blob(first.id);
        kept(&blobs, b"").await;
        let mut writer = blobs.writer(3).await.unwrap();
        writer.write(b"abc").await.unwrap();
        let refused = writer.write(b"d").await.unwrap_err();
        assert_eq!(refused.kind, FailureKind::TooLarge);
    }

    #[tokio::test]
    async fn a_blob_leaves_no_name_behind_and_says_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::new(Some(folder.path())).unwrap();
        let png = kept(&blobs, b"\x89PNG\r\n\x1a\n").await;
        assert_eq!((png.mime.as_deref(), png.size), (Some("image/png"), 8));
        assert_eq!(kept(&blobs, b"words").await.mime, None);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
