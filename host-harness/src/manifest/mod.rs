//! `plugin.toml`: PRX's manifest and our tables beside it.
//!
//! PRX's own tables may hold keys we do not know. Ours may not: a typo in a
//! rule that allows or binds something must not pass for silence.

mod check;
mod tables;

use std::fs;
use std::path::Path;

pub use tables::{
    Capability, ChannelTable, Identity, Integrity, Manifest, NetRule, Network, Resources,
    SealScope, SecretRule, SecretScope,
};

use crate::error::{ErrorKind, Result, caused};

impl Manifest {
    /// Reads the manifest of the plugin folder `dir`.
    ///
    /// # Errors
    /// When there is none, and as [`Self::parse`].
    pub fn read(dir: &Path) -> Result<Self> {
        let path = dir.join("plugin.toml");
        let text = fs::read_to_string(&path).map_err(|cause| {
            caused(ErrorKind::Plugin, path.display())(cause)
                .with_remedy("name the folder of a plugin: it holds plugin.toml and the component")
        })?;
        Self::parse(&text).map_err(|error| error.with_prefix(format_args!("{}: ", dir.display())))
    }

    /// Reads a manifest's text and checks what can be checked without the component.
    ///
    /// # Errors
    /// A message that names the key and what to write.
    pub fn parse(text: &str) -> Result<Self> {
        let manifest: Self =
            toml::from_str(text).map_err(caused(ErrorKind::Plugin, "plugin.toml"))?;
        check::check(&manifest)?;
        Ok(manifest)
    }
}

#[cfg(test)]
mod tests;
