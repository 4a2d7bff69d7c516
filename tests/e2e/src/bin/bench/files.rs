//! What a large file costs the host in memory. The platform runs in a process of
//! its own, or its copy of the file would count.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use e2e::{APP_ID, SECRET, SOON, plugins};
use prx_channel_host::contract::OutboundMessage;
use prx_channel_host::{ChannelHost, ConfigFile, HostOptions};
use qq_sim::{Bot, Sim, SimConfig};

use crate::{Figure, Measured};

/// Asks this program to be the platform.
pub(crate) const PLATFORM: &str = "--platform";

const MIB: usize = 1024 * 1024;
const SIZE: usize = 20 * MIB;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// The other process: a platform until its standard input ends.
pub(crate) async fn platform() -> std::io::Result<()> {
    let sim = Sim::start(SimConfig::with_bots([Bot::new(APP_ID, SECRET)])).await?;
    println!("{}", sim.base_url());
    let ended = tokio::task::spawn_blocking(|| std::io::stdin().read(&mut [0; 1]));
    ended.await.map_err(std::io::Error::other)?.map(drop)
}

/// Peak of resident memory while a file passes, above what was resident before.
pub(crate) async fn memory() -> Measured {
    let (mut child, base) = start_platform()?;
    let grown = send(&base).await;
    child.kill()?;
    child.wait()?;
    let grown = grown? as f64 / MIB as f64;
    let share = grown * 100.0 * MIB as f64 / SIZE as f64;
    Ok(vec![
        Figure::new("memory while a file of 20 MiB passes", grown, "MiB", 5.0),
        Figure::new("the same, of the file's size", share, "%", None),
    ])
}

fn start_platform() -> Outcome<(Child, String)> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg(PLATFORM)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut base = String::new();
    let stdout = child.stdout.take().ok_or("no output")?;
    BufReader::new(stdout).read_line(&mut base)?;
    Ok((child, base.trim().to_owned()))
}

async fn send(base: &str) -> Outcome<u64> {
    let folder = tempfile::tempdir()?;
    let host = ChannelHost::new(HostOptions {
        state_dir: Some(folder.path().join("state")),
        allow_loopback: true,
        trace: None,
        ..HostOptions::default()
    })?;
    let config = ConfigFile::parse(&format!(
        "[channels_config.qq]\napp_id = \"{APP_ID}\"\napp_secret = \"{SECRET}\"\nallowed_users = [\"*\"]\n\
         intents = [\"group_and_c2c\"]\napi_base = \"{base}\"\nauth_base = \"{base}\"\n"
    ))?;
    let plugin = host.plugin(&plugins().join("qq")).await?;
    let mut channel = host.start(plugin, &config).await?;
    let mut messages = channel.take_messages().ok_or("no messages")?;
    let mut status = channel.status();
    let ready = status.wait_for(|report| report.detail.starts_with("connected"));
    drop(tokio::time::timeout(SOON, ready).await??);
    say(base)?;
    let heard = tokio::time::timeout(SOON, messages.recv()).await?;
    let target = heard.ok_or("nothing heard")?.message.reply_target;
    let mut grown = 0;
    // The first one warms up.
    for (name, size) in [("small.bin", 6 * MIB), ("large.bin", SIZE)] {
        let path = folder.path().join(name);
        std::fs::write(&path, noise(size))?;
        let before = status_line("VmRSS:")?;
        // Forgets the peak so far (proc(5)).
        std::fs::write("/proc/self/clear_refs", "5")?;
        let commands = channel.commands();
        let file = commands.attach(&path).await.map_err(|f| f.message)?;
        let message = OutboundMessage {
            attachments: vec![file],
            ..OutboundMessage::text(target.clone(), "")
        };
        commands.send(message).await.map_err(|f| f.message)?;
        grown = status_line("VmHWM:")?.saturating_sub(before);
    }
    Ok(grown)
}

/// Bytes that no zero page and no cache of the platform stands for.
fn noise(size: usize) -> Vec<u8> {
    let mut state = size as u32 | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    };
    (0..size).map(|_| next()).collect()
}

/// A user says something.
fn say(base: &str) -> Outcome<()> {
    let address = base.trim_start_matches("http://");
    let body = r#"{"text":"hi"}"#;
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "POST /_sim/users/USER1/say HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    match answer.starts_with("HTTP/1.1 200") {
        true => Ok(()),
        false => Err(answer.into()),
    }
}

/// Bytes of one line of this process's status.
fn status_line(name: &str) -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.and_then(|line| line.split_whitespace().next());
    Ok(kib.ok_or("not Linux")?.parse::<u64>()? * 1024)
}
