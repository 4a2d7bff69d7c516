//! `prx-channel replay`.

use std::fs::File;
use std::io::BufReader;
use std::process::ExitCode;

use prx_channel_host::replay::replay as run_trace;
use prx_channel_host::{ChannelHost, Error, ErrorKind, HostOptions, Result, caused};

use super::args::Replay;
use super::{out, places};

/// Differences shown before the rest is only counted.
const SHOWN: usize = 10;

/// What is wrong with the file is wrong with what the command was given.
fn about(trace: &str) -> impl FnOnce(Error) -> Error {
    move |error| {
        let error = error.with_prefix(format_args!("{trace}: "));
        match error.kind() {
            ErrorKind::Config => error.or_remedy("name a file that `run --trace FILE` recorded"),
            _ => error,
        }
    }
}

pub(super) async fn replay(args: Replay) -> Result<ExitCode> {
    let name = args.trace.display().to_string();
    let trace = File::open(&args.trace)
        .map_err(|cause| about(&name)(caused(ErrorKind::Config, "not opened")(cause)))?;
    let folder = match args.plugin {
        Some(folder) => folder,
        None => places::default_plugins()
            .map_err(|error| error.with_remedy("name the plugin's: --plugin DIR"))?
            .join("qq"),
    };
    let host = ChannelHost::new(HostOptions::default())?;
    let plugin = host.plugin(&folder).await?;
    let replayed = run_trace(&host, &plugin, BufReader::new(trace))
        .await
        .map_err(about(&name))?;
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
