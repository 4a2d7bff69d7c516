//! Replacing components of a running host: when asked, and when a plugin folder
//! changes.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc;
use tokio::task::block_in_place;

use super::control::{Answer, Wish};
use crate::config::ConfigFile;
use crate::error::Result;
use crate::handle::ChannelCommands;
use crate::host::ChannelHost;

/// How often plugin folders are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// A channel that can be replaced.
pub(super) struct Served {
    pub(super) name: String,
    pub(super) folder: PathBuf,
    pub(super) commands: ChannelCommands,
}

/// Replaces components until nobody can ask any more.
pub(super) async fn serve(
    host: ChannelHost,
    config: PathBuf,
    served: Vec<Served>,
    mut wishes: mpsc::Receiver<Wish>,
) {
    let mut seen: Vec<Look> =
        block_in_place(|| served.iter().map(|one| Look::new(&one.folder)).collect());
    let mut clock = tokio::time::interval(LOOK);
    clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            wish = wishes.recv() => {
                let Some(wish) = wish else { return };
                let Some(at) = served.iter().position(|one| one.name == wish.channel) else { continue };
                let (Some(one), Some(look)) = (served.get(at), seen.get_mut(at)) else { continue };
                *look = block_in_place(|| Look::new(&one.folder));
                let answer = match replace(&host, &config, one).await {
                    Ok((pause, version)) => Answer::Reloaded { pause_ms: pause.as_secs_f64() * 1000.0, version },
                    Err(error) => Answer::Refused { error: error.to_string() },
                };
                let _gone = wish.answer.send(answer);
            }
            _ = clock.tick() => {
                for (one, look) in served.iter().zip(&mut seen) {
                    if block_in_place(|| look.has_changed(&one.folder))
                        && let Err(error) = replace(&host, &config, one).await
                    {
                        tracing::error!(channel = %one.name, "the plugin folder changed; the old component goes on: {error}");
                    }
                }
            }
        }
    }
}

async fn replace(host: &ChannelHost, config: &Path, one: &Served) -> Result<(Duration, String)> {
    let file = block_in_place(|| ConfigFile::read(config))?;
    let pause = host.reload(&one.commands, &one.folder, &file).await?;
    let version = crate::plugin::read_manifest(&one.folder).map(|manifest| manifest.plugin.version);
    Ok((pause, version.unwrap_or_default()))
}

/// What a folder looked like: sizes and times of its two files.
#[derive(Clone, Debug, PartialEq)]
struct Shape(Vec<Option<(u64, SystemTime)>>);

impl Shape {
    fn of(folder: &Path) -> Self {
        let file = |name: &str| {
            let meta = std::fs::metadata(folder.join(name)).ok()?;
            Some((meta.len(), meta.modified().ok()?))
        };
        Self(vec![file("plugin.toml"), file("plugin.wasm")])
    }
}

/// Tells a finished change from one that is still being written: it has to look
/// the same twice.
struct Look {
    loaded: Shape,
    last: Shape,
}

impl Look {
    fn new(folder: &Path) -> Self {
        let shape = Shape::of(folder);
        Self {
            loaded: shape.clone(),
            last: shape,
        }
    }

    fn has_changed(&mut self, folder: &Path) -> bool {
        let now = Shape::of(folder);
        let settled = now == self.last;
        self.last = now.clone();
        if !settled || now == self.loaded || now.0.contains(&None) {
            return false;
        }
        self.loaded = now;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_counts_once_it_is_finished_and_whole() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        write("plugin.toml", "a");
        write("plugin.wasm", "a");
        let mut look = Look::new(dir.path());
        assert!(!look.has_changed(dir.path()));
        write("plugin.wasm", "half");
        assert!(!look.has_changed(dir.path()), "may still be written");
        write("plugin.wasm", "whole thing");
        assert!(!look.has_changed(dir.path()), "was still written");
        assert!(look.has_changed(dir.path()));
        assert!(!look.has_changed(dir.path()), "counts once");
        std::fs::remove_file(dir.path().join("plugin.wasm")).unwrap();
        assert!(!look.has_changed(dir.path()));
        assert!(!look.has_changed(dir.path()), "half a plugin is none");
    }
}
