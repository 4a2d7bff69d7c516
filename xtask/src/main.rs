//! `cargo xtask`: one command for each thing one does here.

mod ci;
mod commands;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask COMMAND

  build [--release]   components, plugin folders under target/plugins, and the host
  demo [--serve]      a real conversation through the real component, on a simulator
  test                everything CI runs: style, clippy, docs, tests, demo
  chaos [--seed N] [--messages M]
                      random faults, host kills and reloads; nothing may be lost
  soak [--minutes N]  a long quiet run: memory, handles, tasks and latency at both ends
  bench [--quick]     the numbers this project promises, measured here
  ci [STEP…]          the steps of `test`, or only those named:
                      style clippy docs tests demo
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["build"] => commands::build(false),
        ["build", "--release"] => commands::build(true),
        ["demo", options @ ..] => commands::demo(options),
        ["test"] => ci::run(&[]),
        ["bench", options @ ..] => commands::bench(options),
        ["chaos", options @ ..] => commands::chaos(options),
        ["soak", options @ ..] => commands::soak(options),
        ["ci", steps @ ..] => ci::run(steps),
        [] | ["help" | "--help" | "-h"] => {
            eprint!("{HELP}");
            Ok(())
        }
        other => Err(format!("no such command: {}\n\n{HELP}", other.join(" "))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}
