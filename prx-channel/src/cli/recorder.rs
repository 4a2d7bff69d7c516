//! `--trace`: what crosses the sandbox, into a file.

use std::fs::{File, Permissions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use prx_channel_host::{Crossing, ErrorKind, Result, TraceSink, caused};

/// Writes crossings to `path`, a file readable by this user alone, or a pipe.
pub(super) fn recorder(path: &Path) -> Result<TraceSink> {
    let file = emptied(path).map_err(|cause| {
        let what = format!("--trace {}", path.display());
        caused(ErrorKind::Config, what)(cause)
            .with_remedy("name a file that you may write, in a folder that is there")
    })?;
    let file = Mutex::new(file);
    Ok(Arc::new(move |crossing: &Crossing| {
        let line = crossing.to_line();
        // A slow disk holds up the channel it records, and no other.
        tokio::task::block_in_place(|| {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(cause) = file.write_all(&line) {
                tracing::warn!(%cause, "the trace is incomplete");
            }
        });
    }))
}

fn emptied(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    let is_pipe = std::fs::metadata(path).is_ok_and(|meta| !meta.is_file());
    if is_pipe {
        return options.append(true).open(path);
    }
    let file = options.append(true).create(true).mode(0o600).open(path)?;
    // It may have been there, and more open.
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.set_len(0)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_that_cannot_be_written_is_told_as_its_option() {
        let dir = tempfile::tempdir().unwrap();
        for path in [dir.path().to_owned(), dir.path().join("no/trace")] {
            let error = recorder(&path).map(drop).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            let start = format!("--trace {}: ", path.display());
            assert!(format!("{error:#}").starts_with(&start), "{error:#}");
            assert!(error.remedy().is_some(), "{error:#}");
        }
    }
}
