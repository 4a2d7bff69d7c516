//! Files and folders for this user's eyes only.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use crate::error::{Error, ErrorKind, Result, caused};

/// Makes `dir` with mode 0700, or refuses one that others may write to.
pub(crate) fn create_dir(dir: &Path) -> Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(caused(
            ErrorKind::State,
            format!("{}: the folder cannot be made", dir.display()),
        ))?;
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

/// Opens a file for reading and writing, made on first use, for this user's
/// eyes only even if it was more open before.
pub(crate) fn open(path: &Path) -> io::Result<fs::File> {
    let file = fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .mode(0o600)
        .open(path)?;
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    Ok(file)
}

/// Writes a file with mode 0600, replacing what was there.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = |mut file: fs::File| {
        file.set_len(0)?;
        file.write_all(bytes)
    };
    open(path)
        .and_then(write)
        .map_err(caused(ErrorKind::State, path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_open_to_others_is_closed_to_them() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        fs::write(&path, "longer than what follows").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        write_file(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }

    #[test]
    fn a_folder_others_may_write_to_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let error = create_dir(dir.path()).unwrap_err().to_string();
        assert!(error.contains("chmod 700"), "{error}");
    }
}
