//! A short soak; `cargo xtask soak` makes long ones.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use e2e::soak::run;
use tokio::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_grows_that_can_be_counted() {
    let mut platform = Command::new(env!("CARGO_BIN_EXE_soak"));
    platform.args(["--platform", "300", "quick"]);
    let samples = run(&mut platform, |_| ()).await.unwrap();
    assert_eq!(samples.len(), 3);
    let (first, last) = (samples.first().unwrap(), samples.last().unwrap());
    assert!(last.handles <= first.handles + 16, "{samples:#?}");
    assert!(last.tasks <= first.tasks + 16, "{samples:#?}");
}
