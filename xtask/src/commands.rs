//! `build`, `demo` and `bench`.

use std::path::{Path, PathBuf};
use std::process::Command;

use xtask::guests;

/// Components, plugin folders and the host.
pub(crate) fn build(release: bool) -> Result<(), String> {
    let root = root();
    let (plugins, _) = guests::build(&root)?;
    for guest in guests::GUESTS.iter().filter(|guest| guest.shipped) {
        let size = guests::size(&root, guest)?;
        eprintln!(
            "{:5} KiB  {}",
            size / 1024,
            plugins.join(guest.plugin).display()
        );
    }
    let host = binary("prx-channel", release)?;
    eprintln!("host       {}", host.display());
    Ok(())
}

/// The demonstration, passed on to its binary.
pub(crate) fn demo(options: &[&str]) -> Result<(), String> {
    execute(&binary("demo", false)?, options)
}

/// The benchmark, in the release profile.
pub(crate) fn bench(options: &[&str]) -> Result<(), String> {
    execute(&binary("bench", true)?, options)
}

/// The chaos run.
pub(crate) fn chaos(options: &[&str]) -> Result<(), String> {
    execute(&binary("chaos", false)?, options)
}

/// The soak run.
pub(crate) fn soak(options: &[&str]) -> Result<(), String> {
    execute(&binary("soak", false)?, options)
}

/// Builds the native side and returns the path of one program of it. Always the
/// whole workspace: a single package would be built with other features of the
/// shared dependencies, and wasmtime twice.
fn binary(name: &str, release: bool) -> Result<PathBuf, String> {
    let profile: &[&str] = if release { &["--release"] } else { &[] };
    cargo(&[&["build", "--workspace", "--bins"], profile].concat())?;
    let folder = if release { "release" } else { "debug" };
    Ok(root().join("target").join(folder).join(name))
}

fn execute(program: &Path, options: &[&str]) -> Result<(), String> {
    let status = Command::new(program)
        .args(options)
        .status()
        .map_err(|cause| format!("{}: {cause}", program.display()))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("{} failed", program.display()))
}

/// Runs cargo in the repository and fails with it.
pub(crate) fn cargo(arguments: &[&str]) -> Result<(), String> {
    cargo_with(arguments, &[])
}

/// The same with environment variables set.
pub(crate) fn cargo_with(arguments: &[&str], variables: &[(&str, &str)]) -> Result<(), String> {
    let program = std::env::var("CARGO").unwrap_or_else(|_unset| "cargo".to_owned());
    let status = Command::new(program)
        .current_dir(root())
        .args(arguments)
        .envs(variables.iter().copied())
        .status()
        .map_err(|cause| format!("cargo: {cause}"))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("`cargo {}` failed", arguments.join(" ")))
}

/// The repository: where this package's folder lies.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}
