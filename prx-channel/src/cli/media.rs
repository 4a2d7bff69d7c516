//! `--media` and `--media-root`.

use std::sync::Arc;
use std::time::Duration;

use prx_channel_host::media::{Inbox, Markers, Roots, fetching};
use prx_channel_host::{ChannelHandle, Delivered, Error, ErrorKind, Result};
use tokio::sync::mpsc;

use super::args::MediaArgs;

/// How files pass between users and the agent.
pub(super) struct Media {
    markers: Arc<Markers>,
    inbox: Option<Inbox>,
}

impl Media {
    pub(super) fn new(args: &MediaArgs) -> Result<Self> {
        let known = "name a folder that you own, or one that can be made";
        let inbox = args.folder.as_deref().map(Inbox::open).transpose();
        let mut inbox = inbox.map_err(about("--media", known))?;
        if let Some(inbox) = &mut inbox {
            inbox.quota_bytes = args.quota_mb.saturating_mul(1024 * 1024);
            inbox.keep = Duration::from_secs(args.days.saturating_mul(86_400));
        }
        let known = "name a folder that is there and that you may read";
        let roots = Roots::open(&args.roots).map_err(about("--media-root", known))?;
        Ok(Self {
            markers: Arc::new(Markers::new(roots)),
            inbox,
        })
    }

    pub(super) fn markers(&self) -> Arc<Markers> {
        Arc::clone(&self.markers)
    }

    /// The messages as the agent gets them.
    pub(super) fn incoming(
        &self,
        handle: &ChannelHandle,
        messages: mpsc::Receiver<Delivered>,
    ) -> mpsc::Receiver<Delivered> {
        match &self.inbox {
            Some(inbox) => fetching(inbox.clone(), handle.fetcher(), messages),
            None => messages,
        }
    }
}

/// What is wrong with a folder is wrong with the option that names it.
fn about(option: &str, remedy: &str) -> impl FnOnce(Error) -> Error {
    move |error| {
        let error = error.with_kind(ErrorKind::Config).or_remedy(remedy);
        error.with_prefix(format_args!("{option} "))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use super::*;

    #[test]
    fn a_bad_folder_is_told_as_the_option_that_names_it() {
        let dir = tempfile::tempdir().unwrap();
        let (file, open) = (dir.path().join("file"), dir.path().join("open"));
        fs::write(&file, "").unwrap();
        fs::create_dir(&open).unwrap();
        fs::set_permissions(&open, Permissions::from_mode(0o777)).unwrap();
        let args = |folder: Option<&Path>, roots: &[&Path]| MediaArgs {
            roots: roots.iter().map(|root| (*root).to_owned()).collect(),
            folder: folder.map(Path::to_owned),
            quota_mb: 1,
            days: 1,
        };
        for (args, option, remedy) in [
            (args(Some(&file.join("x")), &[]), "--media", "name a folder"),
            (args(Some(&file), &[]), "--media", "name a folder"),
            (args(Some(&open), &[]), "--media", "chmod 700"),
            (
                args(None, &[&dir.path().join("no")]),
                "--media-root",
                "name a folder",
            ),
            (args(None, &[&file]), "--media-root", "name a folder"),
        ] {
            let error = Media::new(&args).map(drop).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            let start = format!("{option} {}", dir.path().display());
            assert!(error.to_string().starts_with(&start), "{error}");
            assert!(error.remedy().unwrap().starts_with(remedy), "{error}");
        }
    }
}
