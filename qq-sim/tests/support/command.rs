//! The command `qq-sim`, started as a process, and its control endpoints.

use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::{LONG, http};

pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qq-sim"));
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Starts it and reads the address.
pub async fn start(flags: &[&str]) -> (Child, String) {
    let mut child = command().arg("--quiet").args(flags).spawn().unwrap();
    let base = address(&mut child).await;
    (child, base)
}

/// The address, from its only line.
pub async fn address(child: &mut Child) -> String {
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let read = timeout(LONG, out.read_line(&mut line)).await;
    read.unwrap().unwrap();
    let base = line.trim_end().strip_prefix("qq-sim listening on ");
    base.unwrap().to_owned()
}

pub async fn control(base: &str, line: &str, body: &Value) -> Value {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let reply = http(base, line, "content-type: application/json\r\n", &body)
        .await
        .unwrap();
    assert_eq!(reply.status, 200, "{line}: {}", reply.text);
    reply.json()
}
