//! A recorded trace through a component: does it still do the same?

mod difference;

use std::io::BufRead;

use crate::contract::Action;
use crate::error::{Error, ErrorKind, Result, caused};
use crate::host::ChannelHost;
use crate::plugin::Plugin;
use crate::sandbox::Instance;
use crate::trace::Crossing;
pub use difference::Difference;

/// What a replay came to.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Replayed {
    /// Calls made.
    pub calls: usize,
    /// The first difference of every call that had one.
    pub differences: Vec<Difference>,
}

/// Runs a trace, as `--trace` records it, through a plugin.
///
/// # Errors
/// When the trace cannot be read, or the component dies where it did not.
pub async fn replay(host: &ChannelHost, plugin: &Plugin, trace: impl BufRead) -> Result<Replayed> {
    let mut replayed = Replayed::default();
    let mut instance: Option<Instance> = None;
    for (number, line) in trace.lines().enumerate() {
        let line = line.map_err(caused(ErrorKind::Config, "trace"))?;
        let crossing = Crossing::of_line(&line).map_err(|why| {
            Error::new(
                ErrorKind::Config,
                format!("line {} of the trace: {why}", number + 1),
            )
        })?;
        let (recorded, actions) = match crossing {
            Crossing::Death { .. } => {
                instance = None;
                continue;
            }
            Crossing::Start { context, actions } => {
                let mut fresh = host.probe(plugin).await.map_err(died(number))?;
                let started = fresh.start(&context).await.map_err(died(number))?;
                instance = Some(fresh);
                (actions, started.unwrap_or_default())
            }
            Crossing::Event { envelope, actions } => {
                let instance = instance.as_mut().ok_or_else(|| {
                    Error::new(
                        ErrorKind::Config,
                        format!("line {}: an event before any start", number + 1),
                    )
                })?;
                (
                    actions,
                    instance.handle(&envelope).await.map_err(died(number))?,
                )
            }
        };
        replayed.calls += 1;
        replayed
            .differences
            .extend(compare(number + 1, recorded, actions));
    }
    Ok(replayed)
}

fn died(number: usize) -> impl FnOnce(crate::sandbox::CallError) -> Error {
    move |death| caused(ErrorKind::Plugin, format_args!("line {}", number + 1))(death)
}

fn compare(line: usize, recorded: Vec<Action>, replayed: Vec<Action>) -> Option<Difference> {
    let longest = recorded.len().max(replayed.len());
    (0..longest).find_map(|index| {
        let (recorded, replayed) = (recorded.get(index), replayed.get(index));
        (recorded != replayed).then(|| Difference {
            line,
            index,
            recorded: recorded.cloned(),
            replayed: replayed.cloned(),
        })
    })
}
