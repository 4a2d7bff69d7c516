//! Compiled code on disk, so that a component starts in a millisecond.
//!
//! Machine code read back is run as it is, so it must be ours: the folder and
//! its files belong to this user alone, and every file carries an HMAC under a
//! key that lies beside it. A file that does not match is compiled again. Code
//! that was used longest ago makes room for new code.

use std::fs;
use std::hash::{Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use super::compile::compile;
use crate::error::{ErrorKind, Result, caused};
use crate::net::hex;
use crate::private;

const KEY_BYTES: usize = 32;
const MAC_BYTES: usize = 32;
/// Bytes of code kept. The QQ channel takes 5 MB a version, so a dozen versions
/// and plugins fit.
const KEPT_BYTES: u64 = 64 * 1024 * 1024;

pub(super) struct CodeCache {
    dir: PathBuf,
    key: Vec<u8>,
    /// What the engine's settings contribute to a file's name.
    engine: [u8; 32],
}

impl CodeCache {
    /// Opens the cache, making the folder and its key on first use.
    pub(super) fn open(dir: &Path, engine: &Engine) -> Result<Self> {
        private::create_dir(dir)?;
        let key = load_key(&dir.join("key"))?;
        let mut hasher = ShaHasher::default();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        Ok(Self {
            dir: dir.to_owned(),
            key,
            engine: hasher.0.finalize().into(),
        })
    }

    /// The component made of `bytes`, from the cache if it is there.
    pub(super) fn load(&self, engine: &Engine, bytes: &[u8]) -> Result<Component> {
        let path = self.path(bytes);
        if let Some(component) = self.read(engine, &path) {
            return Ok(component);
        }
        let component = compile(engine, bytes)?;
        match self.write(&component, &path) {
            Ok(()) => prune(&self.dir, &path, KEPT_BYTES),
            Err(error) => {
                tracing::warn!(error = %format_args!("{error:#}"), "compiled code could not be cached; the next start compiles again");
            }
        }
        Ok(component)
    }

    fn path(&self, bytes: &[u8]) -> PathBuf {
        let mut sha = Sha256::new();
        sha.update(self.engine);
        sha.update(bytes);
        self.dir.join(hex(&sha.finalize())).with_extension("cwasm")
    }

    fn read(&self, engine: &Engine, path: &Path) -> Option<Component> {
        let file = fs::read(path).ok()?;
        let (mac, code) = file.split_at_checked(MAC_BYTES)?;
        if self.mac(code).verify_slice(mac).is_err() {
            tracing::warn!(file = %path.display(), "cached code does not match its seal; compiling again");
            return None;
        }
        #[expect(
            unsafe_code,
            reason = "the seal proves that this host wrote these bytes"
        )]
        // SAFETY: the HMAC under a key only this user can read says that the
        // bytes came out of `Component::serialize` here, for this engine.
        let component = unsafe { Component::deserialize(engine, code) };
        // The file's time says when it was used last.
        let used = fs::File::options().append(true).open(path);
        let _as_it_was = used.and_then(|file| file.set_modified(SystemTime::now()));
        component.ok()
    }

    fn write(&self, component: &Component, path: &Path) -> Result<()> {
        let code = component
            .serialize()
            .map_err(caused(ErrorKind::State, "serialising code"))?;
        let seal = self.mac(&code).finalize().into_bytes();
        let mut file = tempfile::NamedTempFile::new_in(&self.dir)
            .map_err(caused(ErrorKind::State, "code cache"))?;
        file.write_all(&seal)
            .and_then(|()| file.write_all(&code))
            .map_err(caused(ErrorKind::State, "code cache"))?;
        // Renamed into place: a reader sees all of it or nothing.
        file.persist(path)
            .map_err(caused(ErrorKind::State, "code cache"))?;
        Ok(())
    }

    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    fn mac(&self, code: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("any length is a key");
        mac.update(code);
        mac
    }
}

/// Removes the code that was used longest ago, until the rest fits. `fresh` stays
/// whatever its size.
fn prune(dir: &Path, fresh: &Path, most: u64) {
    let mut files: Vec<(SystemTime, u64, PathBuf)> = fs::read_dir(dir)
        .into_iter()
        .flatten()
        .filter_map(|entry| code_file(&entry.ok()?))
        .collect();
    files.sort_unstable_by(|one, other| other.cmp(one));
    let mut kept = 0;
    for (_, size, path) in files {
        kept += size;
        if kept <= most || path == fresh {
            continue;
        }
        match fs::remove_file(&path) {
            Ok(()) => kept -= size,
            Err(cause) => {
                tracing::warn!(%cause, file = %path.display(), "old compiled code stays");
            }
        }
    }
}

/// When a file of code was used last, its size and its path. What a host that
/// died left half written counts as one.
fn code_file(entry: &fs::DirEntry) -> Option<(SystemTime, u64, PathBuf)> {
    let path = entry.path();
    let name = entry.file_name();
    let is_code = path.extension().is_some_and(|it| it == "cwasm");
    if !is_code && !name.to_string_lossy().starts_with(".tmp") {
        return None;
    }
    let meta = entry.metadata().ok()?;
    Some((meta.modified().ok()?, meta.len(), path))
}

fn load_key(path: &Path) -> Result<Vec<u8>> {
    if let Ok(key) = fs::read(path)
        && key.len() == KEY_BYTES
    {
        return Ok(key);
    }
    let mut key = vec![0; KEY_BYTES];
    getrandom::fill(&mut key).map_err(caused(ErrorKind::State, "random key"))?;
    private::write_file(path, &key)?;
    Ok(key)
}

/// `std::hash::Hash` into SHA-256, for a name that is the same in every
/// process.
#[derive(Default)]
struct ShaHasher(Sha256);

impl Hasher for ShaHasher {
    fn finish(&self) -> u64 {
        // Never asked for: the digest is taken instead.
        0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn component() -> Vec<u8> {
        // An empty component: magic, version 13, layer 1.
        vec![0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]
    }

    #[test]
    fn code_is_kept_and_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let engine = Engine::default();
        let cache = CodeCache::open(dir.path(), &engine).unwrap();
        cache.load(&engine, &component()).unwrap();
        assert!(cache.read(&engine, &cache.path(&component())).is_some());
        let again = CodeCache::open(dir.path(), &engine).unwrap();
        assert!(again.read(&engine, &again.path(&component())).is_some());
    }

    #[test]
    fn the_code_used_longest_ago_makes_room() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, age: u64| {
            let path = dir.path().join(name);
            fs::write(&path, [0; 100]).unwrap();
            let file = fs::File::options().append(true).open(&path).unwrap();
            let used = SystemTime::now() - std::time::Duration::from_secs(age);
            file.set_modified(used).unwrap();
            path
        };
        let old = [
            write("a.cwasm", 50),
            write(".tmpHalf", 40),
            write("b.cwasm", 30),
        ];
        let young = [write("c.cwasm", 20), write("key", 99)];
        let fresh = write("d.cwasm", 10);
        prune(dir.path(), &fresh, 200);
        assert!(old.iter().all(|path| !path.exists()));
        assert!(young.iter().chain([&fresh]).all(|path| path.exists()));
        prune(dir.path(), &fresh, 10);
        assert!(fresh.exists() && !young[0].exists());
    }

    #[test]
    fn a_file_somebody_changed_is_not_run() {
        let dir = tempfile::tempdir().unwrap();
        let engine = Engine::default();
        let cache = CodeCache::open(dir.path(), &engine).unwrap();
        cache.load(&engine, &component()).unwrap();
        let path = cache.path(&component());
        let mut bytes = fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&path, bytes).unwrap();
        assert!(cache.read(&engine, &path).is_none());
        cache.load(&engine, &component()).unwrap();
        assert!(
            cache.read(&engine, &path).is_some(),
            "compiled and written again"
        );
    }
}
