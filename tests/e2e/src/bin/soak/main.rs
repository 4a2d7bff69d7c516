//! `cargo xtask soak --minutes N`: a long quiet run, and what it cost at the
//! start and at the end.
#![allow(clippy::print_stdout, reason = "a report is printed")]

use std::process::ExitCode;

use e2e::SetUp;
use e2e::soak::{Plan, Sample, platform, run};
use tokio::process::Command;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        [] => soak(10).await,
        ["--minutes", minutes] => match minutes.parse() {
            Ok(minutes) if minutes > 0 => soak(minutes).await,
            _ => return usage(),
        },
        // What the run starts beside itself.
        ["--platform", rounds, pace] => match rounds.parse() {
            Ok(rounds) => {
                let paced = *pace == "paced";
                platform(Plan { rounds, paced }).await
            }
            Err(_) => return usage(),
        },
        _ => return usage(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("soak: {why}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: soak [--minutes N]");
    ExitCode::from(2)
}

async fn soak(minutes: u64) -> SetUp<()> {
    let plan = Plan::minutes(minutes);
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--platform", &plan.rounds.to_string(), "paced"]);
    let samples = run(&mut command, |sample| println!("       {sample}")).await?;
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else {
        return Err("too short for two samples".into());
    };
    println!("start  {first}\nend    {last}");
    grown(first, last)
}

/// More handles or tasks at the end than at the start, beyond what comes and
/// goes, are a leak. Memory and latency are for a person to judge.
fn grown(first: &Sample, last: &Sample) -> SetUp<()> {
    const SLACK: usize = 16;
    if last.handles > first.handles + SLACK || last.tasks > first.tasks + SLACK {
        return Err("handles or tasks grew".into());
    }
    Ok(())
}
