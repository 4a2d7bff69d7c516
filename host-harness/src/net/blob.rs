//! Bytes that stay outside the sandbox, by number.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use md5::Digest;

use crate::contract::{BlobSlice, DigestAlgorithm, Failure, FailureKind};
use crate::limits;

/// The blobs of one channel. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Blobs {
    held: Arc<Mutex<Held>>,
}

#[derive(Default)]
struct Held {
    last: u64,
    blobs: BTreeMap<u64, Bytes>,
}

impl Blobs {
    /// Keeps `bytes` and gives them a number.
    pub(crate) fn keep(&self, bytes: Bytes) -> Result<u64, Failure> {
        let mut held = self.lock();
        if held.blobs.len() >= limits::BLOBS {
            return Err(Failure::new(
                FailureKind::TooLarge,
                format!("{} blobs are held already", limits::BLOBS),
            )
            .with_remedy("drop blobs that are not needed any more"));
        }
        held.last += 1;
        let id = held.last;
        held.blobs.insert(id, bytes);
        Ok(id)
    }

    /// Forgets a blob.
    pub(crate) fn drop_blob(&self, id: u64) {
        self.lock().blobs.remove(&id);
    }

    /// A run of a blob's bytes; no copy.
    pub(crate) fn slice(&self, slice: &BlobSlice) -> Result<Bytes, Failure> {
        let outside = || {
            Failure::new(
                FailureKind::Invalid,
                format!("blob {} has no such bytes", slice.blob),
            )
        };
        let blob = self
            .lock()
            .blobs
            .get(&slice.blob)
            .cloned()
            .ok_or_else(outside)?;
        let size = blob.len() as u64;
        let end = slice
            .length
            .map_or(Some(size), |length| slice.offset.checked_add(length));
        match end {
            Some(end) if slice.offset <= end && end <= size => {
                // Both fit `usize`: they are at most the length of a `Bytes`.
                Ok(blob.slice(slice.offset as usize..end as usize))
            }
            _ => Err(outside()),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Digests of `bytes`, lower-case hex, in the order asked for.
pub(crate) fn digest(bytes: &[u8], algorithms: &[DigestAlgorithm]) -> Vec<String> {
    let one = |algorithm: &DigestAlgorithm| match algorithm {
        DigestAlgorithm::Md5 => hex(&md5::Md5::digest(bytes)),
        DigestAlgorithm::Sha1 => hex(&sha1::Sha1::digest(bytes)),
        DigestAlgorithm::Sha256 => hex(&sha2::Sha256::digest(bytes)),
    };
    algorithms.iter().map(one).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_slice_is_what_it_says_or_an_error() {
        let blobs = Blobs::default();
        let id = blobs.keep(Bytes::from_static(b"hello world")).unwrap();
        let slice = |offset, length| {
            blobs.slice(&BlobSlice {
                blob: id,
                offset,
                length,
            })
        };
        assert_eq!(slice(0, None).unwrap(), "hello world");
        assert_eq!(slice(6, Some(5)).unwrap(), "world");
        assert_eq!(slice(11, None).unwrap(), "");
        assert!(slice(12, None).is_err());
        assert!(slice(6, Some(6)).is_err());
        assert!(slice(1, Some(u64::MAX)).is_err());
        blobs.drop_blob(id);
        assert!(slice(0, None).is_err());
    }

    #[test]
    fn digests_are_the_standard_ones() {
        let all = [
            DigestAlgorithm::Md5,
            DigestAlgorithm::Sha1,
            DigestAlgorithm::Sha256,
        ];
        assert_eq!(
            digest(b"abc", &all),
            [
                "900150983cd24fb0d6963f7d28e17f72",
                "a9993e364706816aba3e25717850c26c9cd0d89d",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ]
        );
    }

    #[test]
    fn blobs_are_bounded() {
        let blobs = Blobs::default();
        for _ in 0..limits::BLOBS {
            blobs.keep(Bytes::new()).unwrap();
        }
        assert_eq!(
            blobs.keep(Bytes::new()).unwrap_err().kind,
            FailureKind::TooLarge
        );
    }
}
