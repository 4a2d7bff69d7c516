//! A compiler for `wasm32-wasip2`: rustup's target if it can be had, Debian's
//! sources of the standard library if not.

use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "wasm32-wasip2";

/// Compiles `packages` and returns the folder with the components.
pub(crate) fn build(
    root: &Path,
    target_dir: &Path,
    profile: &str,
    packages: &[&str],
) -> Result<PathBuf, String> {
    let mut cargo = match compiler()? {
        Compiler::Rustup => Command::new(env("CARGO", "cargo")),
        Compiler::Debian(debian) => debian.cargo()?,
    };
    cargo.current_dir(root).args(["build", "--quiet"]);
    // Debian's compiler is older than the native side asks for, and new enough
    // for the guests.
    cargo.args([
        "--ignore-rust-version",
        "--target",
        TARGET,
        "--profile",
        profile,
    ]);
    cargo.arg("--target-dir").arg(target_dir);
    for package in packages {
        cargo.args(["--package", package]);
    }
    run(&mut cargo, "building the components")?;
    Ok(target_dir.join(TARGET).join(profile))
}

enum Compiler {
    Rustup,
    Debian(Debian),
}

fn compiler() -> Result<Compiler, String> {
    if has_target() {
        return Ok(Compiler::Rustup);
    }
    eprintln!("the Rust target {TARGET} is not installed; adding it with rustup");
    let added = Command::new("rustup")
        .args(["target", "add", TARGET])
        .status();
    if added.is_ok_and(|status| status.success()) && has_target() {
        return Ok(Compiler::Rustup);
    }
    let debian = Debian::find().map_err(|missing| {
        format!(
            "the Rust target {TARGET} is missing and rustup could not add it.\n\
             → with a network: rustup target add {TARGET}\n\
             → on Debian 12 without rustup's servers:\n\
             \x20  apt-get install rustc-web rust-web-src cargo-web wasi-libc\n\
             \x20  and run this command again (still missing: {missing})"
        )
    })?;
    eprintln!("rustup cannot add it; building the standard library from Debian's sources instead");
    Ok(Compiler::Debian(debian))
}

fn has_target() -> bool {
    let libdir = output(Command::new(env("RUSTC", "rustc")).args([
        "--print",
        "target-libdir",
        "--target",
        TARGET,
    ]));
    libdir.is_some_and(|dir| Path::new(&dir).is_dir())
}

/// Debian's compiler and sources, and the component linker of the usual
/// toolchain.
struct Debian {
    libc: PathBuf,
    linker: PathBuf,
}

impl Debian {
    fn find() -> Result<Self, String> {
        for tool in ["/usr/bin/rustc", "/usr/bin/cargo"] {
            if !Path::new(tool).is_file() {
                return Err(format!("{tool} of rustc-web and cargo-web"));
            }
        }
        let files = output(Command::new("dpkg").args(["-L", "wasi-libc"])).unwrap_or_default();
        let libc = files
            .lines()
            .map(Path::new)
            .find(|path| path.ends_with("libc.a"));
        let libc = libc
            .and_then(Path::parent)
            .ok_or("libc.a of wasi-libc")?
            .to_owned();
        let sysroot = output(Command::new(env("RUSTC", "rustc")).args(["--print", "sysroot"]))
            .ok_or("rustc")?;
        let host = output(Command::new(env("RUSTC", "rustc")).arg("-vV")).unwrap_or_default();
        let host = host
            .lines()
            .find_map(|line| line.strip_prefix("host: "))
            .ok_or("a host triple")?;
        let linker = Path::new(&sysroot)
            .join("lib/rustlib")
            .join(host)
            .join("bin");
        if !linker.join("wasm-component-ld").is_file() {
            return Err("wasm-component-ld of the Rust toolchain".to_owned());
        }
        Ok(Self { libc, linker })
    }

    fn cargo(&self) -> Result<Command, String> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut folders = vec![self.linker.clone(), self.linker.join("gcc-ld")];
        folders.extend(std::env::split_paths(&path));
        let path = std::env::join_paths(folders).map_err(|cause| cause.to_string())?;
        let mut cargo = Command::new("/usr/bin/cargo");
        cargo.arg("-Zbuild-std=std,panic_abort");
        cargo
            .env("PATH", path)
            .env("RUSTC", "/usr/bin/rustc")
            .env("RUSTC_BOOTSTRAP", "1");
        cargo.env("CARGO_TARGET_WASM32_WASIP2_LINKER", "wasm-component-ld");
        cargo.env("RUSTFLAGS", format!("-L native={}", self.libc.display()));
        Ok(cargo)
    }
}

fn run(command: &mut Command, what: &str) -> Result<(), String> {
    // Settings of an outer cargo would build something else, or lint instead.
    for name in [
        "CARGO_ENCODED_RUSTFLAGS",
        "RUSTC_WORKSPACE_WRAPPER",
        "CARGO_BUILD_TARGET",
        "CARGO_TARGET_DIR",
    ] {
        command.env_remove(name);
    }
    let status = command
        .status()
        .map_err(|cause| format!("{what}: {cause}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{what} failed"))
    }
}

fn output(command: &mut Command) -> Option<String> {
    let output = command
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn env(name: &str, default: &str) -> String {
    std::env::var(name).unwrap_or_else(|_unset| default.to_owned())
}
