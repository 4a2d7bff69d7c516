//! Finding plugins and state when the command line does not say.

use std::path::PathBuf;

use prx_channel_host::plugin::{Manifest, scan};
use prx_channel_host::{ConfigFile, Error, ErrorKind, Result};

use super::args::Places;

/// Folder for state: `--state`, or the user's own.
pub(super) fn state_dir(given: Option<PathBuf>) -> Result<PathBuf> {
    let from = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    given
        .or_else(|| from("XDG_STATE_HOME").map(|dir| dir.join("prx-channel")))
        .or_else(|| from("HOME").map(|dir| dir.join(".local/state/prx-channel")))
        .ok_or_else(|| {
            Error::new(ErrorKind::Config, "no home directory to keep state in")
                .with_remedy("give one: --state DIR")
        })
}

/// Folder of plugin folders: `--plugins`, `./plugins`, or `plugins` beside the
/// folder of this program.
pub(super) fn plugins_dir(places: &Places) -> Result<PathBuf> {
    places.plugins.clone().map_or_else(default_plugins, Ok)
}

/// Where plugins are when nobody says.
pub(super) fn default_plugins() -> Result<PathBuf> {
    let beside = std::env::current_exe()
        .ok()
        .and_then(|exe| Some(exe.parent()?.parent()?.join("plugins")));
    [Some(PathBuf::from("plugins")), beside]
        .into_iter()
        .flatten()
        .find(|path| path.is_dir())
        .ok_or_else(|| {
            Error::new(ErrorKind::Config, "no plugin folder found")
                .with_remedy("give one: --plugins DIR")
        })
}

/// The plugins that serve configured channels, by channel name.
pub(super) fn configured(places: &Places, file: &ConfigFile) -> Result<Vec<(String, PathBuf)>> {
    let dir = plugins_dir(places)?;
    let mut found: Vec<(String, PathBuf)> = Vec::new();
    for (folder, manifest) in scan(&dir)? {
        let name = match manifest
            .as_ref()
            .map_err(|error| format!("{error:#}"))
            .and_then(channel_of)
        {
            Ok(name) => name,
            Err(why) => {
                tracing::warn!("plugin folder skipped: {why}");
                continue;
            }
        };
        if let Some((_, first)) = found.iter().find(|(other, _)| *other == name) {
            return Err(Error::new(
                ErrorKind::Plugin,
                format!(
                    "{} and {} both serve channel `{name}`",
                    first.display(),
                    folder.display()
                ),
            )
            .with_remedy("keep one of them"));
        }
        found.push((name, folder));
    }
    for name in file.names() {
        if !found.iter().any(|(other, _)| other == name) {
            tracing::warn!(
                "[channels_config.{name}]: no plugin in {} serves it",
                dir.display()
            );
        }
    }
    let available: Vec<String> = found.iter().map(|(name, _)| name.clone()).collect();
    found.retain(|(name, _)| file.names().any(|configured| configured == name));
    if found.is_empty() {
        return Err(nothing_to_run(file, &available, &dir));
    }
    Ok(found)
}

fn channel_of(manifest: &Manifest) -> Result<String, String> {
    manifest
        .channel_name()
        .map(str::to_owned)
        .map_err(|error| format!("{error:#}"))
}

fn nothing_to_run(file: &ConfigFile, available: &[String], dir: &std::path::Path) -> Error {
    let configured: Vec<&str> = file.names().collect();
    Error::new(
        ErrorKind::Config,
        format!(
            "nothing to run: configured channels are [{}], plugins in {} serve [{}]",
            configured.join(", "),
            dir.display(),
            available.join(", ")
        ),
    )
    .with_remedy("add a table [channels_config.NAME] for one of the plugins, or install its plugin")
}
