//! One law of stopping. A signal asks for it: everything has [`DRAIN`] to finish,
//! and at [`GONE`] the process ends, whatever a component, an agent or a disk
//! does. A second signal ends it at once.
//!
//! A thread of its own sees to it, with a runtime of its own: threads that are
//! stuck in the other one do not hold it up.

use std::process::exit;
use std::time::Duration;

use prx_channel_host::{ErrorKind, Result, caused};
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout_at};

use super::pen::Pen;

/// How long channels may take to finish.
pub(super) const DRAIN: Duration = Duration::from_secs(5);
/// When the process is ended: six seconds after it was asked, with the time that
/// the last lines of the log may take.
const GONE: Duration = Duration::from_millis(5_800);
/// A signal that follows the first so soon is the first: `timeout`, terminals and
/// supervisors tell a process and its group, or tell it in two ways.
const ECHO: Duration = Duration::from_millis(300);
/// How long lines that were printed may take to get out.
pub(super) const LAST_LINES: Duration = Duration::from_millis(200);
/// The exit code of a process that did not finish in time.
pub(super) const CUT_OFF: u8 = 3;

/// Knows when the process is to stop, and sees to it that it does.
#[derive(Clone)]
pub(super) struct Stop {
    asked: watch::Receiver<bool>,
    begin: mpsc::UnboundedSender<()>,
}

impl Stop {
    /// Listens for signals from here on. `pens`: whose lines are to get out.
    pub(super) fn listen(pens: Vec<Pen>) -> Result<Self> {
        let failed = || caused(ErrorKind::Fatal, "listening for signals");
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(failed())?;
        let mut signals = Signals::new(&runtime).map_err(failed())?;
        let (tell, asked) = watch::channel(false);
        let (begin, begun) = mpsc::unbounded_channel();
        let work = move || {
            let next = async || signals.next().await;
            let code = runtime.block_on(law(next, begun, tell));
            for pen in pens {
                pen.finish(LAST_LINES / 2);
            }
            exit(code)
        };
        std::thread::Builder::new()
            .name("stop".to_owned())
            .spawn(work)
            .map_err(failed())?;
        Ok(Self { asked, begin })
    }

    /// Waits until a signal asks for the end.
    pub(super) async fn asked(&self) {
        let mut asked = self.asked.clone();
        // The thread lives as long as the process.
        if asked.wait_for(|asked| *asked).await.is_err() {
            std::future::pending().await
        }
    }

    /// The process stops for a reason of its own, under the same law.
    pub(super) fn begin(&self) {
        let _asked_already = self.begin.send(());
    }
}

/// Ends with the code to exit with.
async fn law(
    mut signal: impl AsyncFnMut() -> (i32, &'static str),
    mut begun: mpsc::UnboundedReceiver<()>,
    tell: watch::Sender<bool>,
) -> i32 {
    let may_echo = tokio::select! {
        (_, name) = signal() => {
            tracing::info!("{name}: finishing; a second signal ends it at once");
            true
        }
        Some(()) = begun.recv() => false,
    };
    tell.send_replace(true);
    let second = async {
        let echo = Instant::now() + ECHO;
        // One that was caught in time is let go.
        while may_echo && timeout_at(echo, signal()).await.is_ok() {}
        signal().await
    };
    tokio::select! {
        (number, name) = second => {
            tracing::warn!("{name} again: ended at once; what was not answered is given again");
            128 + number
        }
        () = tokio::time::sleep(GONE) => {
            tracing::error!("not finished after six seconds: ended; what was not answered is given again");
            CUT_OFF.into()
        }
    }
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Option<Signal>,
}

impl Signals {
    fn new(runtime: &Runtime) -> std::io::Result<Self> {
        let _here = runtime.enter();
        let stays = ignored(SignalKind::hangup().as_raw_value());
        let hang_up = (!stays).then(|| signal(SignalKind::hangup())).transpose()?;
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up,
        })
    }

    /// The next signal: its number and a word for it.
    async fn next(&mut self) -> (i32, &'static str) {
        let hang_up = async {
            match &mut self.hang_up {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => (SignalKind::interrupt().as_raw_value(), "interrupted"),
            _ = self.terminate.recv() => (SignalKind::terminate().as_raw_value(), "terminated"),
            _ = hang_up => (SignalKind::hangup().as_raw_value(), "the terminal was closed"),
        }
    }
}

/// Was the process started with this signal ignored, as `nohup` does? Then it
/// stays so.
fn ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The exit code when signals come after so many milliseconds, and whether it
    /// had begun to stop by itself.
    async fn code(has_begun: bool, after: &'static [u64]) -> i32 {
        let (send, mut sent) = mpsc::unbounded_channel();
        let start = Instant::now();
        tokio::spawn(async move {
            for ms in after {
                tokio::time::sleep_until(start + Duration::from_millis(*ms)).await;
                send.send((15, "terminated")).unwrap();
            }
            send.closed().await;
        });
        let signal = async || sent.recv().await.unwrap();
        let (begin, begun) = mpsc::unbounded_channel();
        if has_begun {
            begin.send(()).unwrap();
        }
        law(signal, begun, watch::Sender::new(false)).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_signal_that_comes_twice_at_once_is_one() {
        assert_eq!(code(false, &[1]).await, i32::from(CUT_OFF));
        assert_eq!(code(false, &[1, 1, 2, 250]).await, i32::from(CUT_OFF));
        assert_eq!(code(false, &[1, 2, 400]).await, 143);
        assert_eq!(code(false, &[1, 350]).await, 143);
        // Nothing came before it that it could repeat.
        assert_eq!(code(true, &[1]).await, 143);
    }
}
