//! Replacing components of a running host: when asked, and when a plugin folder
//! changes.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use prx_channel_host::plugin::Manifest;
use prx_channel_host::{ChannelCommands, ChannelHost, ConfigFile, Result};
use tokio::sync::mpsc;
use tokio::task::block_in_place;

use super::control::{Answer, Wish};

/// How often plugin folders are looked at.
pub(super) const LOOK: Duration = Duration::from_secs(1);

/// A channel that can be replaced.
pub(super) struct Served {
    pub(super) name: String,
    pub(super) folder: PathBuf,
    pub(super) commands: ChannelCommands,
}

/// Replaces components until nobody can ask any more. Channels are added as they
/// start.
pub(super) async fn serve(
    host: ChannelHost,
    config: PathBuf,
    mut started: mpsc::Receiver<Served>,
    mut wishes: mpsc::Receiver<Wish>,
) {
    let mut all: Vec<(Served, Look)> = Vec::new();
    let mut clock = tokio::time::interval(LOOK);
    clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            Some(one) = started.recv() => {
                let look = block_in_place(|| Look::new(files(&one.folder)));
                all.push((one, look));
            }
            wish = wishes.recv() => {
                let Some(wish) = wish else { return };
                let Some((one, look)) = all.iter_mut().find(|(one, _)| one.name == wish.channel) else { continue };
                *look = block_in_place(|| Look::new(files(&one.folder)));
                let answer = match replace(&host, &config, one).await {
                    Ok((pause, version)) => Answer::Reloaded { pause_ms: pause.as_secs_f64() * 1000.0, version },
                    Err(error) => Answer::Refused { error: format!("{error:#}") },
                };
                let _gone = wish.answer.send(answer);
            }
            _ = clock.tick() => {
                for (one, look) in &mut all {
                    if look.has_changed().await
                        && let Err(error) = replace(&host, &config, one).await
                    {
                        tracing::error!(channel = %one.name, "the plugin folder changed; the old component goes on: {error:#}");
                    }
                }
            }
        }
    }
}

async fn replace(host: &ChannelHost, config: &Path, one: &Served) -> Result<(Duration, String)> {
    let file = block_in_place(|| ConfigFile::read(config))?;
    let pause = host.reload(&one.commands, &one.folder, &file).await?;
    let manifest = block_in_place(|| Manifest::read(&one.folder));
    let version = manifest.map(|manifest| manifest.plugin.version);
    Ok((pause, version.unwrap_or_default()))
}

/// The files of a plugin: its manifest, and the component that names.
pub(super) fn files(folder: &Path) -> Vec<PathBuf> {
    let wasm = Manifest::read(folder).map_or_else(
        |_broken| "plugin.wasm".to_owned(),
        |manifest| manifest.plugin.wasm,
    );
    vec![folder.join("plugin.toml"), folder.join(wasm)]
}

/// What files looked like: sizes and times.
#[derive(Clone, Debug, PartialEq)]
struct Shape(Vec<Option<(u64, SystemTime)>>);

impl Shape {
    fn of(files: &[PathBuf]) -> Self {
        let shape = |file: &PathBuf| {
            let meta = std::fs::metadata(file).ok()?;
            Some((meta.len(), meta.modified().ok()?))
        };
        Self(files.iter().map(shape).collect())
    }
}

/// Tells a finished change from one that is still being written: it has to look
/// the same twice.
pub(super) struct Look {
    files: Vec<PathBuf>,
    loaded: Shape,
    last: Shape,
}

impl Look {
    pub(super) fn new(files: Vec<PathBuf>) -> Self {
        let shape = Shape::of(&files);
        Self {
            files,
            loaded: shape.clone(),
            last: shape,
        }
    }

    /// Looks again, away from the runtime's threads: the disk may take its time.
    pub(super) async fn has_changed(&mut self) -> bool {
        let files = self.files.clone();
        match tokio::task::spawn_blocking(move || Shape::of(&files)).await {
            Ok(now) => self.is_new(now),
            Err(_stopping) => false,
        }
    }

    fn is_new(&mut self, now: Shape) -> bool {
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

    #[tokio::test]
    async fn a_change_counts_once_it_is_finished_and_whole() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        write("plugin.toml", "a");
        write("plugin.wasm", "a");
        let mut look = Look::new(files(dir.path()));
        assert!(!look.has_changed().await);
        write("plugin.wasm", "half");
        assert!(!look.has_changed().await, "may still be written");
        write("plugin.wasm", "whole thing");
        assert!(!look.has_changed().await, "was still written");
        assert!(look.has_changed().await);
        assert!(!look.has_changed().await, "counts once");
        std::fs::remove_file(dir.path().join("plugin.wasm")).unwrap();
        assert!(!look.has_changed().await);
        assert!(!look.has_changed().await, "half a plugin is none");
    }
}
