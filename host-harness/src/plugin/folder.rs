//! From a folder on disk to a plugin that can be instantiated.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind, Result, caused};
use crate::manifest::Manifest;
use crate::net::hex;
use crate::sandbox::{LoadSpec, Loaded, Sandbox};

/// A plugin folder, read, checked and compiled; see
/// [`ChannelHost::plugin`](crate::ChannelHost::plugin).
#[derive(Clone)]
pub struct Plugin {
    manifest: Manifest,
    dir: PathBuf,
    size: usize,
    pub(crate) loaded: Loaded,
}

impl Plugin {
    pub(crate) fn load(dir: &Path, sandbox: &Sandbox) -> Result<Self> {
        let manifest = Manifest::read(dir)?;
        let bytes = read_component(dir, &manifest)?;
        check_integrity(dir, &manifest, &bytes)?;
        let spec = LoadSpec {
            wasi_http: manifest.channel.wasi_http,
        };
        let loaded = sandbox
            .load(&bytes, spec)
            .map_err(|error| error.with_prefix(format_args!("{}: ", dir.display())))?;
        Ok(Self {
            manifest,
            dir: dir.to_owned(),
            size: bytes.len(),
            loaded,
        })
    }

    /// Its manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Its folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Bytes of the component.
    pub fn component_size(&self) -> usize {
        self.size
    }
}

/// The plugin folders under `dir`, in name order: every folder that holds a
/// `plugin.toml`, with the name of the channel it serves.
///
/// # Errors
/// When `dir` cannot be read. A folder with a bad manifest is reported in its
/// place and does not hide the others.
pub fn scan(dir: &Path) -> Result<Vec<(PathBuf, Result<Manifest>)>> {
    let entries = fs::read_dir(dir).map_err(|cause| {
        let what = format!("plugin directory {}", dir.display());
        caused(ErrorKind::Config, what)(cause)
            .with_remedy("give the folder that holds the plugin folders: --plugins DIR")
    })?;
    let mut folders: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("plugin.toml").is_file())
        .collect();
    folders.sort();
    Ok(folders
        .into_iter()
        .map(|path| {
            let manifest = Manifest::read(&path);
            (path, manifest)
        })
        .collect())
}

fn read_component(dir: &Path, manifest: &Manifest) -> Result<Vec<u8>> {
    let path = dir.join(&manifest.plugin.wasm);
    fs::read(&path).map_err(|cause| {
        let what = format!("no component at {}", path.display());
        caused(ErrorKind::Plugin, what)(cause).with_remedy(
            "build it: `cargo xtask build` fills target/plugins; or correct `wasm` in plugin.toml",
        )
    })
}

fn check_integrity(dir: &Path, manifest: &Manifest, bytes: &[u8]) -> Result<()> {
    let Some(expected) = &manifest.integrity.sha256 else {
        return Ok(());
    };
    let actual = hex(&Sha256::digest(bytes));
    if actual.eq_ignore_ascii_case(expected) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Plugin,
        format!(
            "{}: the component's SHA-256 is {actual}, plugin.toml says {expected}",
            dir.display()
        ),
    )
    .with_remedy("install the plugin again; a half-copied or changed component is not run"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn folder(manifest: &str) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("plugin.toml"), manifest).unwrap();
        dir
    }

    const MANIFEST: &str = r#"
        [plugin]
        name = "x"
        version = "1"
        [[capabilities]]
        type = "channel"
        name = "x"
        [channel]
        contract = 2
    "#;

    fn load_error(dir: &Path) -> String {
        let sandbox = Sandbox::new(None).unwrap();
        match Plugin::load(dir, &sandbox) {
            Ok(_) => panic!("a broken plugin loaded"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_folder_without_a_component_says_where_it_looked() {
        let dir = folder(MANIFEST);
        let error = load_error(dir.path());
        assert!(
            error.contains("no component at") && error.contains("xtask build"),
            "{error}"
        );
    }

    #[test]
    fn bytes_that_are_no_component_say_what_to_build() {
        let dir = folder(MANIFEST);
        fs::write(dir.path().join("plugin.wasm"), b"\0asm\x01\0\0\0").unwrap();
        assert!(load_error(dir.path()).contains("wasm32-wasip2"));
    }

    #[test]
    fn a_component_that_exports_nothing_is_no_channel() {
        let dir = folder(MANIFEST);
        fs::write(dir.path().join("plugin.wasm"), b"\0asm\x0d\0\x01\0").unwrap();
        assert!(load_error(dir.path()).contains("does not export `prx:channel/channel`"));
    }

    #[test]
    fn a_changed_component_is_refused() {
        let dir = folder(&format!("{MANIFEST}\n[integrity]\nsha256 = \"00\""));
        fs::write(dir.path().join("plugin.wasm"), b"\0asm\x0d\0\x01\0").unwrap();
        assert!(load_error(dir.path()).contains("SHA-256"));
    }

    #[test]
    fn scanning_names_good_and_bad_folders() {
        let root = tempfile::tempdir().unwrap();
        for (name, text) in [("a", MANIFEST), ("b", "[plugin]")] {
            fs::create_dir(root.path().join(name)).unwrap();
            fs::write(root.path().join(name).join("plugin.toml"), text).unwrap();
        }
        fs::create_dir(root.path().join("not-a-plugin")).unwrap();
        let found = scan(root.path()).unwrap();
        assert_eq!(found.len(), 2);
        assert!(found[0].1.is_ok() && found[1].1.is_err());
    }
}
