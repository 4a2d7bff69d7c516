//! `cargo xtask chaos --seed N --messages M`: a long run under random faults.
#![allow(clippy::print_stdout, reason = "a report is printed")]

use std::process::ExitCode;

use e2e::chaos::{Plan, run};

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
    match run(plan).await {
        Ok(outcome) => {
            println!(
                "{} faults, {} host kills, {} reloads; {} messages given again; at most {} socket",
                outcome.faults,
                outcome.kills,
                outcome.reloads,
                outcome.given_again,
                outcome.most_sockets
            );
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

fn plan(mut arguments: impl Iterator<Item = String>) -> Result<Plan, String> {
    let mut plan = Plan {
        seed: 1,
        messages: 5_000,
        kill_every: 250,
        reload_every: 170,
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
