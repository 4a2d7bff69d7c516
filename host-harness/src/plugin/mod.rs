//! Plugin folders: `plugin.toml`, the component beside it, and what the two
//! promise each other.

mod folder;
pub mod manifest;

pub use folder::{Plugin, scan};
pub use manifest::Manifest;
pub(crate) use manifest::{NetRule, SealScope, SecretRule, SecretScope};
