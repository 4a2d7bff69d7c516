//! A real conversation through the real component: a simulated QQ platform, the
//! host, the sandboxed channel and an echo agent, in one process.
//!
//! `--serve` keeps everything running, to be talked to from outside.
#![allow(clippy::print_stdout, reason = "a demonstration prints")]

mod show;
mod steps;

use std::process::ExitCode;

use e2e::{Rig, SetUp};

#[tokio::main]
async fn main() -> ExitCode {
    let serve = match std::env::args().nth(1).as_deref() {
        None => false,
        Some("--serve") => true,
        Some(other) => {
            eprintln!("demo: unknown option {other}; there is --serve");
            return ExitCode::from(2);
        }
    };
    match run(serve).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("\ndemo: failed: {why}");
            ExitCode::FAILURE
        }
    }
}

async fn run(serve: bool) -> SetUp<()> {
    let rig = steps::connect().await?;
    steps::private_message(&rig).await?;
    steps::group_message(&rig).await?;
    steps::death(&rig).await?;
    let parts = steps::long_answer(&rig).await?;
    steps::summary(&rig, parts)?;
    if serve {
        keep_serving(&rig).await?;
    }
    Ok(())
}

async fn keep_serving(rig: &Rig) -> SetUp<()> {
    let base = rig.sim.base_url();
    println!("\nStill running. Speak as a user, read what happened, break something:");
    println!("  curl -d '{{\"text\":\"hello\"}}' {base}/_sim/users/MING/say");
    println!("  curl '{base}/_sim/journal'");
    println!("  curl -d '{{\"close_with\":4009}}' {base}/_sim/fault");
    println!("Ctrl-C ends it.");
    tokio::signal::ctrl_c().await?;
    Ok(())
}
