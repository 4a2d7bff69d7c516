//! Reading a run of a blob's bytes, a piece at a time.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{Stream, stream};
use md5::Digest;

use crate::contract::{DigestAlgorithm, Failure, FailureKind};

/// Bytes in memory at once.
const PIECE: usize = 64 * 1024;

/// Some bytes of a file that does not change.
#[derive(Clone)]
pub(crate) struct Run {
    file: Arc<File>,
    offset: u64,
    left: u64,
}

impl Run {
    pub(super) const fn new(file: Arc<File>, offset: u64, left: u64) -> Self {
        Self { file, offset, left }
    }

    /// How many bytes it has.
    pub(crate) const fn size(&self) -> u64 {
        self.left
    }

    /// The next piece; empty at the end.
    fn piece(&mut self) -> io::Result<Vec<u8>> {
        // At most `PIECE`, so it fits.
        let length = self.left.min(PIECE as u64) as usize;
        let mut piece = vec![0; length];
        self.file.read_exact_at(&mut piece, self.offset)?;
        self.offset += length as u64;
        self.left -= length as u64;
        Ok(piece)
    }

    /// All of it, in memory.
    pub(crate) fn read(mut self) -> Result<Vec<u8>, Failure> {
        let mut all = Vec::new();
        while self.left > 0 {
            all.extend(self.piece().map_err(|cause| disk(&cause))?);
        }
        Ok(all)
    }

    /// Its pieces, read away from the runtime's threads.
    pub(crate) fn stream(self) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        stream::try_unfold(self, |mut run| async move {
            if run.left == 0 {
                return Ok(None);
            }
            let read = move || run.piece().map(|piece| (Bytes::from(piece), run));
            let read = tokio::task::spawn_blocking(read).await;
            read.map_err(io::Error::other)?.map(Some)
        })
    }

    /// Digests, lower-case hex, in the order asked for. Blocks.
    pub(crate) fn digest(mut self, algorithms: &[DigestAlgorithm]) -> Result<Vec<String>, Failure> {
        let mut hashers: Vec<Hasher> = algorithms.iter().map(Hasher::new).collect();
        while self.left > 0 {
            let piece = self.piece().map_err(|cause| disk(&cause))?;
            hashers.iter_mut().for_each(|hasher| hasher.update(&piece));
        }
        Ok(hashers.into_iter().map(Hasher::finish).collect())
    }
}

enum Hasher {
    Md5(md5::Md5),
    Sha1(sha1::Sha1),
    Sha256(sha2::Sha256),
}

impl Hasher {
    fn new(algorithm: &DigestAlgorithm) -> Self {
        match algorithm {
            DigestAlgorithm::Md5 => Self::Md5(md5::Md5::new()),
            DigestAlgorithm::Sha1 => Self::Sha1(sha1::Sha1::new()),
            DigestAlgorithm::Sha256 => Self::Sha256(sha2::Sha256::new()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Md5(hasher) => hasher.update(bytes),
            Self::Sha1(hasher) => hasher.update(bytes),
            Self::Sha256(hasher) => hasher.update(bytes),
        }
    }

    fn finish(self) -> String {
        match self {
            Self::Md5(hasher) => hex(&hasher.finalize()),
            Self::Sha1(hasher) => hex(&hasher.finalize()),
            Self::Sha256(hasher) => hex(&hasher.finalize()),
        }
    }
}

/// The disk is full, or worse.
pub(super) fn disk(cause: &io::Error) -> Failure {
    let what = format!("the host cannot keep or read bytes on its disk: {cause}");
    Failure::new(FailureKind::Internal, what).with_remedy("look at the state folder's disk")
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
