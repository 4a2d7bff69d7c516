//! Files and folders for this user's eyes only.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use crate::error::{Error, ErrorKind, Result, caused};

/// Makes `dir` with mode 0700, or refuses one that others may write to.
pub(crate) fn create_dir(dir: &Path) -> Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(caused(ErrorKind::State, dir.display()))?;
    let meta = fs::metadata(dir).map_err(caused(ErrorKind::State, dir.display()))?;
    if meta.permissions().mode() & 0o022 == 0 && meta.is_dir() {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::State,
        format!(
            "{} (owner {}) can be written to by others",
            dir.display(),
            meta.uid()
        ),
    )
    .with_remedy(format!("chmod 700 {}", dir.display())))
}

/// Writes a file with mode 0600, replacing what was there.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = fs::OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .map_err(caused(ErrorKind::State, path.display()))?;
    file.write_all(bytes)
        .map_err(caused(ErrorKind::State, path.display()))
}
