//! The `prx-channel` command.
//!
//! Exit codes: 0 done, 1 a channel gave up or a check failed, 2 the command
//! line, the configuration or a plugin is wrong, 3 it did not finish in time
//! after it was told to stop. Above 128, as shells do: 129, 130 or 143 for a
//! second signal, 141 when nobody reads what it prints.

mod agents;
mod args;
mod control;
mod doctor;
mod inspect;
mod media;
mod out;
mod pair;
mod pen;
mod places;
mod printer;
mod recorder;
mod reload;
mod replay;
mod run;
mod start;
mod stop;
mod users;

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use prx_channel_host::{Error, ErrorKind};
use tracing_subscriber::EnvFilter;

use args::{Cli, Task};
use pen::Pen;

/// How long what is left in the runtime may take to end: agents' processes are
/// told, and what waits for a slow peer or disk is left behind.
const LEFT_OVER: Duration = Duration::from_millis(200);

/// Parses the command line and does what it says.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let dropped = |lines: u64| format!("{lines} lines of the log were dropped: nobody read them\n");
    match Pen::new(std::io::stderr(), dropped) {
        Ok(log) => {
            let code = work(cli, log.clone());
            log.finish(stop::LAST_LINES);
            code
        }
        Err(_no_thread) => ExitCode::from(1),
    }
}

fn work(cli: Cli, mut log: Pen) -> ExitCode {
    start_log(&log);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let done = runtime
        .map_err(prx_channel_host::caused(ErrorKind::Fatal, "no runtime"))
        .and_then(|runtime| {
            let done = runtime.block_on(carry_out(cli.task, log.clone()));
            runtime.shutdown_timeout(LEFT_OVER);
            done
        });
    done.unwrap_or_else(|error| {
        let _always = writeln!(log, "prx-channel: {error:#}");
        ExitCode::from(code_of(&error))
    })
}

async fn carry_out(task: Task, log: Pen) -> prx_channel_host::Result<ExitCode> {
    match task {
        Task::Run(run) => run::run(*run, log).await,
        Task::Doctor(doctor) => doctor::doctor(doctor).await,
        Task::Reload(reload) => control::reload(reload).await,
        Task::Pair(args) => pair::pair(args).await,
        Task::Users { task } => users::users(task).await,
        Task::Replay(replay) => replay::replay(replay).await,
        Task::List(list) => inspect::list(&list).await,
        Task::Inspect { dir } => inspect::inspect(&dir).await,
    }
}

fn code_of(error: &Error) -> u8 {
    match error.kind() {
        ErrorKind::Config | ErrorKind::Plugin => 2,
        _ => 1,
    }
}

/// Everything but events goes to stderr; `RUST_LOG` says how much.
fn start_log(log: &Pen) {
    let log = log.clone();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_unset| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(move || log.clone())
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .init();
}
