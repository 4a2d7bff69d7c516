//! Starting channels side by side. One that cannot start holds up no other, and
//! is tried again where that may help: by the clock when the machine is the
//! reason, and when its files change where only the operator can mend it.

use std::path::{Path, PathBuf};

use prx_channel_host::{ChannelHandle, ChannelHost, ConfigFile, Error, ErrorKind, Result};
use tokio::sync::mpsc;
use tokio::task::block_in_place;
use tokio::time::Duration;

use super::reload::{self, LOOK, Look};

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What came of a channel's start.
pub(super) struct Came {
    pub(super) name: String,
    pub(super) folder: PathBuf,
    pub(super) outcome: Result<ChannelHandle, Stuck>,
}

/// A channel that did not start.
pub(super) struct Stuck {
    pub(super) error: Error,
    /// It is tried again by the clock.
    pub(super) again: bool,
}

/// Starts channels with a configuration file, and tells what comes of it.
#[derive(Clone)]
pub(super) struct Starter {
    pub(super) host: ChannelHost,
    pub(super) config: PathBuf,
    pub(super) came: mpsc::Sender<Came>,
}

impl Starter {
    /// Tries until the channel in `folder` runs or nobody wants to know.
    pub(super) async fn start(self, name: String, folder: PathBuf) {
        let mut pause = FIRST_PAUSE;
        let mut look = block_in_place(|| {
            let mut files = reload::files(&folder);
            files.push(self.config.clone());
            Look::new(files)
        });
        while let Err(error) = self.attempt(&name, &folder).await {
            let again = helps_itself(&error);
            if !self.tell(&name, &folder, Err(Stuck { error, again })).await {
                return;
            }
            if again {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            } else {
                while !look.has_changed().await {
                    tokio::time::sleep(LOOK).await;
                }
            }
        }
    }

    async fn attempt(&self, name: &str, folder: &Path) -> Result<()> {
        let file = block_in_place(|| ConfigFile::read(&self.config))?;
        let plugin = self.host.plugin(folder).await?;
        let handle = self.host.start(plugin, &file).await?;
        self.tell(name, folder, Ok(handle)).await;
        Ok(())
    }

    /// False: nobody wants to know.
    async fn tell(&self, name: &str, folder: &Path, outcome: Result<ChannelHandle, Stuck>) -> bool {
        let came = Came {
            name: name.to_owned(),
            folder: folder.to_owned(),
            outcome,
        };
        self.came.send(came).await.is_ok()
    }
}

/// Disks get room, other processes end. A wrong configuration and a plugin that
/// is none stay what they are until somebody changes them.
fn helps_itself(error: &Error) -> bool {
    !matches!(error.kind(), ErrorKind::Config | ErrorKind::Plugin)
}
