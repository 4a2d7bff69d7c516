//! The `prx-channel` command.
//!
//! Exit codes: 0 done, 1 a channel gave up or a check failed, 2 the command
//! line, the configuration or a plugin is wrong.

mod agents;
mod args;
mod control;
mod doctor;
mod inspect;
mod media;
mod pair;
mod places;
mod reload;
mod replay;
mod run;
mod users;

use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use crate::error::{Error, ErrorKind};
use args::{Cli, Task};

/// Parses the command line and does what it says.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    start_log();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(cause) => {
            eprintln!("prx-channel: no runtime: {cause}");
            return ExitCode::from(1);
        }
    };
    let done = runtime.block_on(async {
        match cli.task {
            Task::Run(run) => run::run(*run).await,
            Task::Doctor(doctor) => doctor::doctor(doctor).await,
            Task::Reload(reload) => control::reload(reload).await,
            Task::Pair(args) => pair::pair(args).await,
            Task::Users { task } => users::users(task).await,
            Task::Replay(replay) => replay::replay(replay).await,
            Task::List(list) => inspect::list(&list).await,
            Task::Inspect { dir } => inspect::inspect(&dir).await,
        }
    });
    // A task that waits for a slow peer does not hold up the exit.
    runtime.shutdown_background();
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("prx-channel: {error}");
            ExitCode::from(code_of(&error))
        }
    }
}

fn code_of(error: &Error) -> u8 {
    match error.kind() {
        ErrorKind::Config | ErrorKind::Plugin => 2,
        ErrorKind::Sandbox | ErrorKind::State | ErrorKind::Fatal => 1,
    }
}

/// Everything but events goes to stderr; `RUST_LOG` says how much.
fn start_log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_unset| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .init();
}
