//! The same core without sandbox, host and disk: what the rest is measured by.

use std::time::Instant;

use e2e::Native;
use e2e::watch::Crossings;
use qq_channel::Channel;
use qq_channel::contract::{Action, Envelope, Event, SocketText};

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Microseconds a frame.
pub(crate) fn per_frame(
    set_up: &Crossings,
    frames: &[String],
    warm_up: usize,
) -> Result<f64, Failed> {
    let (mut channel, socket, last) = connected(set_up)?;
    let mut delivered = 0;
    let mut began = Instant::now();
    for (number, frame) in frames.iter().enumerate() {
        if number == warm_up {
            began = Instant::now();
        }
        let envelope = Envelope {
            seq: last.seq + number as u64,
            wall_ms: last.wall_ms + number as u64 / 100,
            mono_ms: last.mono_ms + number as u64 / 100,
            redelivered: false,
            frames_waiting: false,
            event: Event::SocketText(SocketText {
                id: socket,
                text: frame.clone(),
            }),
        };
        let actions = channel.handle(envelope);
        delivered += actions
            .iter()
            .filter(|action| matches!(action, Action::Deliver(_)))
            .count();
    }
    let spent = began.elapsed();
    if delivered != frames.len() {
        return Err(format!(
            "{delivered} of {} messages delivered natively",
            frames.len()
        )
        .into());
    }
    Ok(spent.as_secs_f64() * 1e6 / (frames.len() - warm_up) as f64)
}

/// A native channel, told what the sandboxed one was until it was READY.
fn connected(set_up: &Crossings) -> Result<(Channel, u64, Envelope), Failed> {
    let mut channel = None;
    let mut socket = 0;
    let mut last = None;
    for (_, crossing) in set_up.all() {
        match Native::of(&crossing)? {
            Native::Start { context, .. } => channel = Some(Channel::start(context)?.0),
            Native::Event { envelope, .. } => {
                if let Event::SocketOpened(opened) = &envelope.event {
                    socket = opened.id;
                }
                channel
                    .as_mut()
                    .ok_or("an event before the start")?
                    .handle((*envelope).clone());
                last = Some(*envelope);
            }
            Native::Death { cause } => return Err(cause.into()),
        }
    }
    Ok((
        channel.ok_or("never started")?,
        socket,
        last.ok_or("no event")?,
    ))
}
