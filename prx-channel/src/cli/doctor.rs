//! `prx-channel doctor`: the component examines itself against the platform,
//! with state of its own so that a running channel is not disturbed.

use std::process::ExitCode;

use prx_channel_host::contract::{Check, CheckOutcome, Severity};
use prx_channel_host::{ChannelHost, ConfigFile, Error, ErrorKind, HostOptions, Result};
use tokio::sync::mpsc;
use tokio::time::Duration;

use super::args::Doctor;
use super::out::{self, printable};
use super::places;

/// Longer than the slowest step: a gateway that never says hello.
const PATIENCE: Duration = Duration::from_secs(90);

pub(super) async fn doctor(args: Doctor) -> Result<ExitCode> {
    let file = ConfigFile::read(&args.places.config)?;
    let plugins = places::configured(&args.places, &file)?;
    let (_, dir) = plugins
        .iter()
        .find(|(name, _)| *name == args.name)
        .ok_or_else(|| {
            Error::new(
                ErrorKind::Config,
                format!("no configured plugin serves channel `{}`", args.name),
            )
            .with_remedy("`prx-channel list` shows what there is")
        })?;
    let host = ChannelHost::new(HostOptions {
        state_dir: None,
        allow_loopback: args.places.allow_loopback,
        trace: None,
        ..HostOptions::default()
    })?;
    let plugin = host.plugin(dir).await?;
    let (_, problems) = host.validate(&plugin, &file).await?;
    let mut wrong = false;
    for problem in &problems {
        let failed = problem.severity == Severity::Error;
        wrong |= failed;
        print(
            if failed { "✘" } else { "!" },
            "configuration",
            &format!("{}: {}", problem.field, problem.message),
            Some(&problem.remedy),
        );
    }
    if wrong {
        return Ok(ExitCode::from(2));
    }
    let (checks, mut findings) = mpsc::unbounded_channel();
    let (channel, answer) = host.examine(plugin, &file, checks, PATIENCE).await?;
    let asked = tokio::spawn(answer);
    while let Some(finding) = findings.recv().await {
        show(&finding);
    }
    let healthy = match asked.await {
        Ok(Ok(_)) => true,
        Ok(Err(failure)) => {
            print("✘", "result", &failure.message, failure.remedy.as_deref());
            false
        }
        Err(_panicked) => false,
    };
    channel.drain(Duration::from_secs(2)).await;
    Ok(ExitCode::from(u8::from(!healthy)))
}

fn show(finding: &Check) {
    let mark = match finding.outcome {
        CheckOutcome::Passed => "✔",
        CheckOutcome::Failed => "✘",
        CheckOutcome::Skipped => "-",
    };
    print(
        mark,
        &finding.step,
        &finding.detail,
        finding.remedy.as_deref(),
    );
}

fn print(mark: &str, step: &str, detail: &str, remedy: Option<&str>) {
    let (step, detail) = (printable(step), printable(detail));
    out::line(format_args!("{mark} {step:<14} {detail}"));
    if let Some(remedy) = remedy.map(printable) {
        out::line(format_args!("  {:<14} → {remedy}", ""));
    }
}
