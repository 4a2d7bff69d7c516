//! Builds the components, so that no test runs against yesterday's.

use std::path::Path;

fn main() -> Result<(), String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here
        .ancestors()
        .nth(2)
        .ok_or("the workspace lies two folders up")?;
    for watched in [
        "src",
        "wit",
        "plugin.toml",
        "examples",
        "tests/guests",
        "xtask/src",
        "Cargo.toml",
        "Cargo.lock",
    ] {
        println!("cargo:rerun-if-changed={}", root.join(watched).display());
    }
    let (plugins, test_plugins) = xtask::guests::build(root)?;
    println!("cargo:rustc-env=PLUGINS={}", plugins.display());
    println!("cargo:rustc-env=TEST_PLUGINS={}", test_plugins.display());
    Ok(())
}
