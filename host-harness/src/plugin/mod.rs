//! Plugin folders: `plugin.toml`, the component beside it, and what the two
//! promise each other.

mod folder;

pub use folder::{Plugin, scan};

pub use crate::manifest::Manifest;
