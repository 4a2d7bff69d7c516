//! `prx-channel replay`.

use std::fs::File;
use std::io::BufReader;
use std::process::ExitCode;

use prx_channel_host::replay::replay as run_trace;
use prx_channel_host::{ChannelHost, ErrorKind, HostOptions, Result, caused};

use super::args::Replay;
use super::{out, places};

/// Differences shown before the rest is only counted.
const SHOWN: usize = 10;

pub(super) async fn replay(args: Replay) -> Result<ExitCode> {
    let trace = File::open(&args.trace).map_err(caused(ErrorKind::Config, args.trace.display()))?;
    let folder = match args.plugin {
        Some(folder) => folder,
        None => places::default_plugins()?.join("qq"),
    };
    let host = ChannelHost::new(HostOptions::default())?;
    let plugin = host.plugin(&folder).await?;
    let replayed = run_trace(&host, &plugin, BufReader::new(trace)).await?;
    for difference in replayed.differences.iter().take(SHOWN) {
        out::line(format_args!("{difference}"));
    }
    out::line(format_args!(
        "{} calls, {} differ",
        replayed.calls,
        replayed.differences.len()
    ));
    Ok(ExitCode::from(u8::from(!replayed.differences.is_empty())))
}
