//! `cargo xtask chaos --seed N --messages M`: a long run under random faults.
#![allow(clippy::print_stdout, reason = "a report is printed")]

use std::process::ExitCode;

use e2e::chaos::{Plan, run};
use e2e::watch::Crossings;

#[tokio::main]
async fn main() -> ExitCode {
    let plan = match plan(std::env::args().skip(1)) {
        Ok(plan) => plan,
        Err(why) => {
            eprintln!("chaos: {why}; usage: chaos [--seed N] [--messages M]");
            return ExitCode::from(2);
        }
    };
    println!("seed {}, {} messages", plan.seed, plan.messages);
    let crossings = Crossings::default();
    let outcome = run(plan, &crossings).await;
    let failed = outcome
        .as_ref()
        .map_or(true, |outcome| !outcome.wrong.is_empty());
    if failed && let Err(why) = record(plan.seed, &crossings) {
        eprintln!("chaos: the trace was not written: {why}");
    }
    match outcome {
        Ok(outcome) => {
            println!(
                "{} faults, {} host kills, {} reloads; {} messages given again; at most {} socket",
                outcome.faults,
                outcome.kills,
                outcome.reloads,
                outcome.given_again,
                outcome.most_sockets
            );
            for (weather, count) in &outcome.weather {
                println!("{weather:?}: {count} times");
            }
            for line in &outcome.wrong {
                println!("wrong: {line}");
            }
            println!(
                "{}",
                if outcome.wrong.is_empty() {
                    "every message once, every reply once"
                } else {
                    "FAILED"
                }
            );
            ExitCode::from(u8::from(!outcome.wrong.is_empty()))
        }
        Err(why) => {
            eprintln!("chaos: seed {}: {why}", plan.seed);
            ExitCode::FAILURE
        }
    }
}

/// The trace of a failed run, for `prx-channel replay`.
fn record(seed: u64, crossings: &Crossings) -> std::io::Result<()> {
    let path = std::env::temp_dir().join(format!("chaos-{seed}.trace"));
    let mut lines = Vec::new();
    for (_, crossing) in crossings.all() {
        lines.extend(crossing.to_line());
    }
    std::fs::write(&path, lines)?;
    eprintln!(
        "chaos: everything that crossed the sandbox is in {}",
        path.display()
    );
    Ok(())
}

fn plan(mut arguments: impl Iterator<Item = String>) -> Result<Plan, String> {
    let mut plan = Plan {
        seed: 1,
        messages: 5_000,
        kill_every: 250,
        reload_every: 170,
        weather_every: 90,
    };
    while let Some(name) = arguments.next() {
        let value = arguments.next().and_then(|value| value.parse::<u64>().ok());
        let value = value.ok_or_else(|| format!("{name} needs a number"))?;
        match name.as_str() {
            "--seed" => plan.seed = value,
            "--messages" => {
                plan.messages = usize::try_from(value).map_err(|_big| "too many messages")?
            }
            other => return Err(format!("unknown option {other}")),
        }
    }
    Ok(plan)
}
