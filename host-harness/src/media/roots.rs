//! The folders files may come from.

use std::io;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use crate::error::{ErrorKind, Result, caused};

/// Folders below which an agent may name files. A path is looked up inside the
/// open folder, so neither `..` nor a link leads out of it.
#[derive(Debug, Default)]
pub struct Roots(Vec<Root>);

#[derive(Debug)]
struct Root {
    /// As the operator wrote it, and as it really is.
    names: [PathBuf; 2],
    dir: Dir,
}

impl Roots {
    /// Opens the folders.
    ///
    /// # Errors
    /// When one cannot be opened.
    pub fn open(folders: &[PathBuf]) -> Result<Self> {
        let open = |folder: &PathBuf| {
            let failed = |cause| caused(ErrorKind::Config, folder.display())(cause);
            Ok(Root {
                names: [folder.clone(), folder.canonicalize().map_err(failed)?],
                dir: Dir::open_ambient_dir(folder, ambient_authority()).map_err(failed)?,
            })
        };
        folders.iter().map(open).collect::<Result<_>>().map(Self)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Opens a file below one of them; a relative path is tried below each.
    pub(super) fn file(&self, path: &Path) -> std::result::Result<std::fs::File, &'static str> {
        if self.is_empty() {
            return Err("the host has no --media-root");
        }
        let mut reason = "not below a --media-root";
        for root in &self.0 {
            let inside = if path.is_absolute() {
                root.names
                    .iter()
                    .find_map(|name| path.strip_prefix(name).ok())
            } else {
                Some(path)
            };
            match inside.map(|inside| open(&root.dir, inside)) {
                Some(Ok(file)) => return file.ok_or("not a file"),
                Some(Err(cause)) => reason = why(&cause),
                None => {}
            }
        }
        Err(reason)
    }
}

fn why(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::NotFound => "no such file",
        io::ErrorKind::PermissionDenied => "not below a --media-root, or not readable",
        _ => "not readable",
    }
}

/// Absent if there is something else. Looking first keeps it from waiting for ever
/// at the end of a pipe.
fn open(dir: &Dir, path: &Path) -> io::Result<Option<std::fs::File>> {
    if !dir.metadata(path)?.is_file() {
        return Ok(None);
    }
    dir.open(path).map(|file| Some(file.into_std()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::os::unix::fs::symlink;
    use std::process::Command;

    use super::*;

    #[test]
    fn nothing_outside_is_opened_under_any_name() {
        let place = tempfile::tempdir().unwrap();
        let (root, outside) = (place.path().join("root"), place.path().join("secret"));
        std::fs::create_dir_all(root.join("sub")).unwrap();
        std::fs::write(&outside, "secret").unwrap();
        std::fs::write(root.join("sub/a.txt"), "a").unwrap();
        symlink(&outside, root.join("absolute")).unwrap();
        symlink("../secret", root.join("relative")).unwrap();
        symlink("sub/a.txt", root.join("inside")).unwrap();
        symlink(&root, place.path().join("alias")).unwrap();
        let made = Command::new("mkfifo").arg(root.join("pipe")).status();
        assert!(made.unwrap().success());
        let roots = Roots::open(std::slice::from_ref(&root)).unwrap();
        for (path, expected) in [
            (root.join("sub/a.txt"), Ok(())),
            (root.join("inside"), Ok(())),
            (PathBuf::from("sub/a.txt"), Ok(())),
            (root.join("sub/../sub/a.txt"), Ok(())),
            (
                root.join("absolute"),
                Err("not below a --media-root, or not readable"),
            ),
            (
                root.join("relative"),
                Err("not below a --media-root, or not readable"),
            ),
            (
                root.join("../secret"),
                Err("not below a --media-root, or not readable"),
            ),
            (
                PathBuf::from("../secret"),
                Err("not below a --media-root, or not readable"),
            ),
            (outside, Err("not below a --media-root")),
            (
                PathBuf::from("/etc/passwd"),
                Err("not below a --media-root"),
            ),
            (
                place.path().join("alias/sub/a.txt"),
                Err("not below a --media-root"),
            ),
            (root.join("missing"), Err("no such file")),
            (root.join("sub"), Err("not a file")),
            // Nobody writes to it: opening it would never end.
            (root.join("pipe"), Err("not a file")),
        ] {
            let got = roots.file(&path).map(drop);
            assert_eq!(got, expected, "{}", path.display());
        }
        let none = Roots::default().file(&root.join("sub/a.txt")).map(drop);
        assert_eq!(none, Err("the host has no --media-root"));
    }
}
