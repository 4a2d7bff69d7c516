//! The command `qq-sim` as a process: signals, pipes, exit codes.

use std::process::Output;

use crate::support::LONG;
use crate::support::command::{address, command, control, start};
use serde_json::json;
use tokio::process::Command;
use tokio::time::timeout;

#[tokio::test]
async fn ends_with_zero_on_sigterm() {
    let (child, _) = start(&[]).await;
    let pid = child.id().unwrap().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .await
            .unwrap()
            .success()
    );
    let output = timeout(LONG, child.wait_with_output())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
}

#[tokio::test]
async fn a_full_pipe_on_standard_error_blocks_nothing() {
    // Not quiet, and nobody reads: 400 entries of more than 200 bytes overfill a pipe.
    let mut child = command().spawn().unwrap();
    let base = address(&mut child).await;
    for _ in 0..400 {
        control(&base, "POST /_sim/users/U/say", &json!({"text": "x"})).await;
    }
    let pid = child.id().unwrap().to_string();
    Command::new("kill")
        .args(["-TERM", &pid])
        .status()
        .await
        .unwrap();
    assert_eq!(
        timeout(LONG, child.wait()).await.unwrap().unwrap().code(),
        Some(0)
    );
}

async fn fails_with_two(flags: &[&str]) -> String {
    let running = command().args(flags).output();
    let Output {
        status,
        stdout,
        stderr,
    } = timeout(LONG, running).await.unwrap().unwrap();
    assert_eq!(status.code(), Some(2));
    assert!(stdout.is_empty());
    String::from_utf8(stderr).unwrap()
}

#[tokio::test]
async fn a_taken_port_a_foreign_address_and_a_bad_flag_are_errors() {
    let (_child, base) = start(&[]).await;
    let port = base.rsplit(':').next().unwrap();
    assert!(fails_with_two(&["--port", port]).await.contains(port));
    assert!(
        fails_with_two(&["--host", "0.0.0.0"])
            .await
            .contains("loopback")
    );
    assert!(
        fails_with_two(&["--no-such-flag"])
            .await
            .contains("--no-such-flag")
    );
}
