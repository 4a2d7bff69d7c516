//! The command line. Standard output carries one line, the address; the journal goes
//! to standard error as JSON lines.

use std::io::{self, Write};
use std::net::IpAddr;
use std::process::ExitCode;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

use crate::rules::Rules;
use crate::rules::config::{Bot, SimConfig, Tls};
use crate::rules::intents;
use crate::sim::Sim;

/// Bad flags and a taken port; clap uses the same number.
const EXIT_USAGE: u8 = 2;
/// Journal lines that may wait for a slow reader of standard error.
const LINES_AHEAD: usize = 1024;

/// A strict QQ Bot platform on loopback.
#[derive(Debug, Parser)]
#[command(name = "qq-sim", version)]
struct Flags {
    /// Loopback address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// Port, 0 for any free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// AppID of the bot.
    #[arg(long, default_value = "102012345")]
    app_id: String,
    /// AppSecret of the bot.
    #[arg(long, default_value = "SECRET")]
    app_secret: String,
    /// Another bot, with the same grants; may be repeated.
    #[arg(long = "bot", value_name = "APP_ID:SECRET", value_parser = app_id_and_secret)]
    bots: Vec<(String, String)>,
    /// Granted intents as a decimal mask.
    #[arg(long, default_value_t = intents::USUAL)]
    intents: u32,
    /// Heartbeat interval in milliseconds.
    #[arg(long, default_value_t = 41_250, value_parser = clap::value_parser!(u64).range(1..))]
    heartbeat_ms: u64,
    /// Life of a token in seconds.
    #[arg(long, default_value_t = 7200, value_parser = clap::value_parser!(u64).range(1..=7200))]
    token_life_secs: u64,
    /// Grant proactive messages in every chat.
    #[arg(long)]
    proactive: bool,
    /// Forgive budgets, windows, duplicates and permissions.
    #[arg(long)]
    lenient: bool,
    /// Serve HTTPS and WSS with a certificate signed by itself.
    #[arg(long)]
    tls_self_signed: bool,
    /// Do not write the journal to standard error.
    #[arg(long)]
    quiet: bool,
}

impl Flags {
    fn config(&self) -> SimConfig {
        let first = (self.app_id.clone(), self.app_secret.clone());
        let bots = [first].into_iter().chain(self.bots.clone());
        let bots = bots.map(|(app_id, secret)| Bot {
            proactive: self.proactive,
            ..Bot::new(app_id, secret).granted(self.intents)
        });
        SimConfig {
            host: self.host,
            port: self.port,
            heartbeat: Duration::from_millis(self.heartbeat_ms),
            token_life: Duration::from_secs(self.token_life_secs),
            tls: self.tls_self_signed.then_some(Tls::SelfSigned),
            rules: if self.lenient {
                Rules::lenient()
            } else {
                Rules::default()
            },
            ..SimConfig::with_bots(bots)
        }
    }
}

fn app_id_and_secret(text: &str) -> Result<(String, String), String> {
    let pair = text
        .split_once(':')
        .filter(|(app_id, secret)| !app_id.is_empty() && !secret.is_empty());
    let (app_id, secret) = pair.ok_or("expected APP_ID:SECRET")?;
    Ok((app_id.to_owned(), secret.to_owned()))
}

/// Runs the command `qq-sim` until Ctrl-C or SIGTERM.
pub async fn run() -> ExitCode {
    let flags = Flags::parse();
    let sim = match Sim::start(flags.config()).await {
        Ok(sim) => sim,
        Err(error) => {
            eprintln!(
                "qq-sim: cannot listen on {}:{}: {error}",
                flags.host, flags.port
            );
            return ExitCode::from(EXIT_USAGE);
        }
    };
    match serve(&sim, flags.quiet).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("qq-sim: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(sim: &Sim, quiet: bool) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    announce(sim)?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        pressed = tokio::signal::ctrl_c() => pressed,
        () = follow(sim), if !quiet => Ok(()),
    }
}

fn announce(sim: &Sim) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "qq-sim listening on {}", sim.base_url())?;
    out.flush()
}

/// Writes every entry as one JSON line, as it comes.
async fn follow(sim: &Sim) {
    let lines = stderr_writer();
    let journal = &sim.hub().journal;
    let mut bell = journal.bell();
    let mut shown = 0;
    loop {
        bell.mark_unchanged();
        for entry in journal.after(shown) {
            shown = entry.n;
            let line = serde_json::to_string(&entry).unwrap_or_default();
            // Full: nobody reads. The line is lost here; the journal still has it.
            let _ = lines.try_send(line);
        }
        if bell.changed().await.is_err() {
            return;
        }
    }
}

/// A thread of its own: a pipe that nobody reads must not keep a signal from being
/// heard, nor a closed one end the simulator.
fn stderr_writer() -> SyncSender<String> {
    let (lines, written) = sync_channel::<String>(LINES_AHEAD);
    std::thread::spawn(move || {
        for line in written {
            if writeln!(io::stderr(), "{line}").is_err() {
                return;
            }
        }
    });
    lines
}
