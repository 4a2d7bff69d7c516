//! The numbers this project promises, measured here: `cargo xtask bench`.
//!
//! Absolute times are those of this machine, today; the ratio to the native
//! core is what carries over.
#![allow(clippy::print_stdout, reason = "a benchmark prints")]

mod burst;
mod files;
mod lifecycle;
mod native;
mod platform;

use std::process::ExitCode;

/// One line of the result.
struct Figure {
    name: &'static str,
    value: f64,
    unit: &'static str,
    goal: Option<f64>,
}

impl Figure {
    fn new(
        name: &'static str,
        value: f64,
        unit: &'static str,
        goal: impl Into<Option<f64>>,
    ) -> Self {
        Self {
            name,
            value,
            unit,
            goal: goal.into(),
        }
    }

    fn print(&self) {
        let verdict = match self.goal {
            Some(goal) if self.value <= goal => format!("goal {goal} {}: met", self.unit),
            Some(goal) => format!("goal {goal} {}: MISSED", self.unit),
            None => String::new(),
        };
        println!(
            "{:<58} {:>10.3} {:<5} {verdict}",
            self.name, self.value, self.unit
        );
    }
}

type Measured = Result<Vec<Figure>, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExitCode {
    let frames = match std::env::args().nth(1).as_deref() {
        None => 100_000,
        Some("--quick") => 10_000,
        Some(files::PLATFORM) => {
            return match files::platform().await {
                Ok(()) => ExitCode::SUCCESS,
                Err(_) => ExitCode::FAILURE,
            };
        }
        Some(other) => {
            eprintln!("bench: unknown option {other}; there is --quick");
            return ExitCode::from(2);
        }
    };
    match measure(frames).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("bench: {why}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(frames: usize) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    for figure in lifecycle::sizes()? {
        figure.print();
    }
    for figure in lifecycle::load().await? {
        figure.print();
    }
    for figure in lifecycle::trap().await? {
        figure.print();
    }
    for figure in lifecycle::memory().await? {
        figure.print();
    }
    for figure in files::memory().await? {
        figure.print();
    }
    for figure in burst::burst(frames).await? {
        figure.print();
    }
    Ok(())
}
