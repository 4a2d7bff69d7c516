//! What the log says of a turn: which one it was, and nothing of the user.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use prx_channel_host::contract::{FailureKind, Feature};
use tokio::time::Duration;

use super::super::stub::{Script, failed};
use super::alone;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is written while this channel gets the text as the agent's answer.
async fn written(features: &[Feature], script: Script, text: &str) -> String {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .finish();
    // While there is one subscriber alone, a line that another test comes to first
    // is taken for one that nobody wants.
    let _another = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    let _guard = tracing::subscriber::set_default(subscriber);
    alone(features, script, text).await;
    let bytes = lines.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_line_says_which_turn_it_is_about_whoever_writes_it() {
    let broken: Script = |_| (Duration::ZERO, failed(FailureKind::Internal));
    let all = [Feature::Draft, Feature::MediaOut];
    let text = "+hello 9 [DOCUMENT:/srv/E4F4AEA33253/plan.pdf]";
    let log = written(&all, broken, text).await;
    for (words, more) in [
        ("no draft in this turn", ""),
        ("a file named in a reply is not sent", "file=\"*.pdf\""),
        ("reply not delivered", ""),
    ] {
        let line = log.lines().find(|line| line.contains(words));
        let line = line.unwrap_or_else(|| panic!("{words}: {log}"));
        assert!(line.contains(" turn{channel=qq turn="), "{line}");
        assert!(line.contains(more), "{line}");
    }
    assert!(!log.contains("plan") && !log.contains("E4F4"), "{log}");
}
