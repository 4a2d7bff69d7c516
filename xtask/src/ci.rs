//! What CI runs, step by step; each can be run alone.

use std::time::Instant;

use crate::commands::{cargo, cargo_with, demo};

type Step = (&'static str, fn() -> Result<(), String>);

const STEPS: &[Step] = &[
    ("style", style),
    ("clippy", clippy),
    ("docs", docs),
    ("tests", tests),
    ("demo", run_demo),
];

/// Runs the steps named, or all.
pub(crate) fn run(names: &[&str]) -> Result<(), String> {
    if let Some(unknown) = names
        .iter()
        .find(|name| !STEPS.iter().any(|(step, _)| step == *name))
    {
        return Err(format!("no such step: {unknown}"));
    }
    for (name, step) in STEPS {
        if names.is_empty() || names.contains(name) {
            eprintln!("── {name}");
            let began = Instant::now();
            step()?;
            eprintln!("── {name}: {} s", began.elapsed().as_secs());
        }
    }
    Ok(())
}

fn style() -> Result<(), String> {
    cargo(&["fmt", "--all", "--check"])
}

/// The native side, and the guests for the target they are made for.
fn clippy() -> Result<(), String> {
    cargo(&[
        "clippy",
        "--quiet",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ])?;
    let mut guests = vec!["clippy", "--quiet", "--target", "wasm32-wasip2"];
    for guest in xtask::guests::GUESTS {
        guests.extend(["--package", guest.package]);
    }
    guests.extend(["--", "-D", "warnings"]);
    cargo(&guests)
}

fn docs() -> Result<(), String> {
    cargo_with(
        &["doc", "--quiet", "--workspace", "--no-deps"],
        &[("RUSTDOCFLAGS", "-D warnings")],
    )
}

fn tests() -> Result<(), String> {
    cargo(&["test", "--workspace"])
}

fn run_demo() -> Result<(), String> {
    demo(&[])
}
