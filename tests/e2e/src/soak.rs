//! A quiet, long run: does anything grow? The platform and its users are a
//! process of their own, so what is measured here is the host alone.

use std::collections::VecDeque;
use std::fmt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use prx_channel::agent::{self, Echo, Report};
use prx_channel_host::{ChannelHandle, ChannelHost, ConfigFile, HostOptions};
use qq_sim::{Bot, Fault, Sim, SimConfig};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::rig::SetUp;
use crate::{APP_ID, SECRET, SOON, plugins, qq_table};

/// Users who write in turns.
const USERS: usize = 400;
/// Of these, so many at once.
const AT_ONCE: usize = 8;
/// Between two such rounds.
const PAUSE: Duration = Duration::from_millis(250);
/// Rounds between two losses of the connection.
const LOSS_EVERY: usize = 400;
/// Rounds whose latencies make one measurement.
const MEASURED: usize = 100;

/// How long to run.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Rounds of messages; four a second.
    pub rounds: usize,
    /// Whether to pause between rounds.
    pub paced: bool,
}

impl Plan {
    /// A run of so many minutes.
    pub fn minutes(minutes: u64) -> Self {
        let rounds = Duration::from_secs(minutes * 60).as_millis() / PAUSE.as_millis();
        Self {
            rounds: usize::try_from(rounds).unwrap_or(usize::MAX),
            paced: true,
        }
    }
}

/// What the host holds at one moment.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// Bytes of memory in use (resident set).
    pub memory: u64,
    /// Open file descriptors.
    pub handles: usize,
    /// Tasks of the runtime that are alive.
    pub tasks: usize,
    /// Bytes of the state file.
    pub state: u64,
    /// From a user's message to its reply, over the last rounds: median and the
    /// slowest of a hundred, microseconds.
    pub latency_us: (u64, u64),
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mib = |bytes: u64| bytes as f64 / 1024.0 / 1024.0;
        let ms = |us: u64| us as f64 / 1_000.0;
        write!(
            f,
            "memory {:7.1} MiB   handles {:4}   tasks {:4}   state {:6.2} MiB   latency {:6.1} ms, p99 {:6.1} ms",
            mib(self.memory),
            self.handles,
            self.tasks,
            mib(self.state),
            ms(self.latency_us.0),
            ms(self.latency_us.1)
        )
    }
}

/// Runs a host against the platform that `platform` starts, and shows `seen`
/// each sample as it comes. Returns the samples.
///
/// # Errors
/// When something does not start, or a reply does not come.
pub async fn run(platform: &mut Command, mut seen: impl FnMut(&Sample)) -> SetUp<Vec<Sample>> {
    let state = tempfile::tempdir()?;
    let host = ChannelHost::new(HostOptions {
        state_dir: Some(state.path().to_owned()),
        allow_loopback: true,
        ..HostOptions::default()
    })?;
    let (_platform, mut lines) = start(platform)?;
    let table = lines
        .next_line()
        .await?
        .ok_or("the platform did not start")?;
    let config = ConfigFile::parse(&table.replace('\t', "\n"))?;
    let plugin = host.plugin(&plugins().join("qq")).await?;
    let channel = echoing(host.start(plugin, &config).await?)?;
    let mut samples = Vec::new();
    while let Some(line) = lines.next_line().await? {
        let mut sample = sample(state.path())?;
        sample.latency_us = latencies(&line).ok_or(line)?;
        seen(&sample);
        samples.push(sample);
    }
    channel.drain(Duration::from_secs(5)).await;
    Ok(samples)
}

fn start(platform: &mut Command) -> SetUp<(Child, Lines<BufReader<ChildStdout>>)> {
    let mut child = platform.stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
    let output = child.stdout.take().ok_or("no output")?;
    Ok((child, BufReader::new(output).lines()))
}

fn echoing(mut channel: ChannelHandle) -> SetUp<ChannelHandle> {
    let messages = channel.take_messages().ok_or("its messages are taken")?;
    let commands = channel.commands();
    let nothing: Report = std::sync::Arc::new(|_, _| ());
    let agent = std::sync::Arc::new(Echo);
    tokio::spawn(async move { agent::run("qq", messages, commands, agent, nothing).await });
    Ok(channel)
}

fn sample(state: &std::path::Path) -> SetUp<Sample> {
    let statm = std::fs::read_to_string("/proc/self/statm")?;
    let pages: u64 = statm.split(' ').nth(1).ok_or("no statm")?.parse()?;
    Ok(Sample {
        memory: pages * 4096,
        handles: std::fs::read_dir("/proc/self/fd")?.count(),
        tasks: tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks(),
        state: std::fs::metadata(state.join("qq.redb"))?.len(),
        latency_us: (0, 0),
    })
}

fn latencies(line: &str) -> Option<(u64, u64)> {
    let (median, slowest) = line.split_once(' ')?;
    Some((median.parse().ok()?, slowest.parse().ok()?))
}

/// The other process: a platform and its users. Its first line of output is the
/// channel's configuration, with tabs for line breaks; each later one the
/// latencies of the rounds before.
///
/// # Errors
/// When it does not start, or a reply does not come.
#[expect(clippy::print_stdout, reason = "the host reads it")]
pub async fn platform(plan: Plan) -> SetUp<()> {
    let mut config = SimConfig::with_bots([Bot::new(APP_ID, SECRET)]);
    config.journal_buffer = 20_000;
    let sim = Sim::start(config).await?;
    println!("{}", qq_table(&sim, "").replace('\n', "\t"));
    sim.wait_live(SOON).await?;
    let mut last = VecDeque::new();
    for round in 1..=plan.rounds {
        converse(&sim, round, &mut last).await?;
        if round % LOSS_EVERY == 0 {
            sim.fault(Fault::DropSocket);
        }
        if round % MEASURED == 0 {
            let mut sorted: Vec<u64> = last.drain(..).collect();
            sorted.sort_unstable();
            let at = |share: usize| sorted.get(sorted.len() * share / 100).unwrap_or(&0);
            println!("{} {}", at(50), at(99));
        }
        if plan.paced {
            tokio::time::sleep(PAUSE).await;
        }
    }
    Ok(())
}

/// Some users write at once, and each is answered.
async fn converse(sim: &Sim, round: usize, took_us: &mut VecDeque<u64>) -> SetUp<()> {
    let began = Instant::now();
    for number in 0..AT_ONCE {
        let user = (round * AT_ONCE + number) % USERS;
        sim.user(&format!("USER{user:03}"))
            .says(&format!("round {round}, message {number}"));
    }
    for _ in 0..AT_ONCE {
        sim.next_reply(SOON).await?;
        took_us.push_back(u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX));
    }
    Ok(())
}
