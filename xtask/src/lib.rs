//! Building the wasm side of the repository: components, and the plugin folders
//! they live in. Used by the `xtask` command and by the build script of
//! `tests/e2e`.

pub mod guests;
pub mod toolchain;
