//! The components of this repository and how they become plugin folders.

use std::fs;
use std::path::{Path, PathBuf};

use crate::toolchain;

/// A package that compiles to a component.
#[derive(Clone, Copy, Debug)]
pub struct Guest {
    /// Cargo package.
    pub package: &'static str,
    /// Name of the plugin folder.
    pub plugin: &'static str,
    /// Where its `plugin.toml` lies.
    pub dir: &'static str,
    /// Part of what users get, or only of tests.
    pub shipped: bool,
}

/// All of them.
pub const GUESTS: &[Guest] = &[
    Guest {
        package: "qq-channel",
        plugin: "qq",
        dir: ".",
        shipped: true,
    },
    Guest {
        package: "echo-channel",
        plugin: "echo",
        dir: "examples/echo-channel",
        shipped: true,
    },
    Guest {
        package: "http-guest",
        plugin: "http-guest",
        dir: "tests/guests/http-guest",
        shipped: false,
    },
    Guest {
        package: "hostile-guest",
        plugin: "hostile",
        dir: "tests/guests/hostile",
        shipped: false,
    },
    Guest {
        package: "stranger-guest",
        plugin: "stranger",
        dir: "tests/guests/stranger",
        shipped: false,
    },
];

/// Profile of the components, and cargo's folder for it.
const PROFILE: &str = "component";

/// Builds every component and fills `target/plugins` (what users get) and
/// `target/test-plugins` (the rest). Returns the two folders.
///
/// # Errors
/// What failed and what to do about it.
pub fn build(root: &Path) -> Result<(PathBuf, PathBuf), String> {
    // A folder of its own: the outer cargo holds the lock of the usual one.
    let target_dir = root.join("target/guests");
    let packages: Vec<&str> = GUESTS.iter().map(|guest| guest.package).collect();
    let compiled = toolchain::build(root, &target_dir, PROFILE, &packages)?;
    let (plugins, test_plugins) = (
        root.join("target/plugins"),
        root.join("target/test-plugins"),
    );
    for guest in GUESTS {
        let folder = if guest.shipped {
            &plugins
        } else {
            &test_plugins
        };
        package(root, &compiled, guest, &folder.join(guest.plugin))?;
    }
    Ok((plugins, test_plugins))
}

/// Size of a built component in bytes.
///
/// # Errors
/// When it has not been built.
pub fn size(root: &Path, guest: &Guest) -> Result<u64, String> {
    let path = root
        .join("target/plugins")
        .join(guest.plugin)
        .join("plugin.wasm");
    fs::metadata(&path)
        .map(|meta| meta.len())
        .map_err(|cause| format!("{}: {cause}", path.display()))
}

fn package(root: &Path, compiled: &Path, guest: &Guest, folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|cause| format!("{}: {cause}", folder.display()))?;
    let wasm = compiled
        .join(guest.package.replace('-', "_"))
        .with_extension("wasm");
    place(&wasm, &folder.join("plugin.wasm"))?;
    place(
        &root.join(guest.dir).join("plugin.toml"),
        &folder.join("plugin.toml"),
    )
}

/// Copies under another name and renames: a host that looks meanwhile sees the
/// old file or the new one.
fn place(from: &Path, to: &Path) -> Result<(), String> {
    let part = to.with_extension("part");
    let failed = |cause: std::io::Error| format!("{} → {}: {cause}", from.display(), to.display());
    fs::copy(from, &part).map_err(failed)?;
    fs::rename(&part, to).map_err(failed)
}
