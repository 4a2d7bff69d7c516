//! The command `qq-sim`, started as a process and driven from outside.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic here is a failed test"
)]

mod support;

use std::process::{Output, Stdio};

use serde_json::{Value, json};
use support::{Client, LONG, Said, http};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qq-sim"));
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Starts it and reads the address from its only line.
async fn start(flags: &[&str]) -> (Child, String) {
    let mut child = command().arg("--quiet").args(flags).spawn().unwrap();
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    timeout(LONG, out.read_line(&mut line))
        .await
        .unwrap()
        .unwrap();
    let base = line
        .trim_end()
        .strip_prefix("qq-sim listening on ")
        .unwrap();
    (child, base.to_owned())
}

async fn control(base: &str, line: &str, body: &Value) -> Value {
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

/// The first journal entry of this kind, by long polls.
async fn seen(base: &str, kind: &str) -> Value {
    let mut after = 0;
    loop {
        let line = format!("GET /_sim/journal?after={after}&wait_ms=5000");
        let page = timeout(LONG, control(base, &line, &Value::Null))
            .await
            .unwrap();
        let entries = page["entries"].as_array().unwrap().clone();
        if let Some(entry) = entries.into_iter().find(|entry| entry["kind"] == kind) {
            return entry;
        }
        after = page["next"].as_u64().unwrap();
    }
}

#[tokio::test]
async fn a_conversation_driven_from_outside() {
    let flags = [
        "--port",
        "0",
        "--app-id",
        "7",
        "--app-secret",
        "hush",
        "--heartbeat-ms",
        "1000",
    ];
    let (_child, base) = start(&flags).await;
    let client = Client::of(&base, "7", "hush").await;
    let (mut socket, _) = client.ready().await;
    let said = control(&base, "POST /_sim/users/U1/say", &json!({"text": "hi"})).await;
    assert_eq!(socket.frame().await["d"]["id"], said["id"]);
    let body = json!({"msg_type": 0, "content": "hello", "msg_id": said["id"], "msg_seq": 1});
    assert_eq!(
        client
            .call("POST /v2/users/U1/messages", &body)
            .await
            .status,
        200
    );
    let entry = seen(&base, "message_accepted").await;
    assert_eq!(
        (&entry["text"], &entry["scene"], &entry["how"]),
        (&json!("hello"), &json!("c2c"), &json!("passive"))
    );

    let line = "POST /_sim/groups/G1/members/M1/say";
    control(&base, line, &json!({"text": "you", "mention": true})).await;
    assert_eq!(socket.frame().await["t"], "GROUP_AT_MESSAGE_CREATE");
    control(
        &base,
        "POST /_sim/inject",
        &json!({"t": "FRIEND_ADD", "d": {"openid": "U2"}}),
    )
    .await;
    assert_eq!(socket.frame().await["t"], "FRIEND_ADD");
    let state = control(&base, "GET /_sim/state", &Value::Null).await;
    assert_eq!(state["sockets"][0]["live"], true);
    control(&base, "POST /_sim/fault", &json!({"close_with": 4009})).await;
    assert_eq!(socket.next().await, Said::Closed(Some(4009)));
    control(&base, "POST /_sim/advance", &json!({"secs": 7200})).await;
    assert_eq!(
        client.call("GET /gateway", &Value::Null).await.code(),
        11244
    );
    control(&base, "POST /_sim/reset", &Value::Null).await;
    let page = control(&base, "GET /_sim/journal?after=0&wait_ms=0", &Value::Null).await;
    assert_eq!(page["entries"][0]["kind"], "reset");
}

#[tokio::test]
async fn rules_and_bots_change_while_running() {
    let (_child, base) = start(&["--bot", "8:also"]).await;
    let client = Client::of(&base, "8", "also").await;
    let (mut socket, _) = client.ready().await;
    let rules = control(
        &base,
        "POST /_sim/rules",
        &json!({"source_ip_refused": true}),
    )
    .await;
    assert_eq!(
        (&rules["source_ip_refused"], &rules["reply_budget"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(
        client.call("GET /users/@me", &Value::Null).await.code(),
        40_023_002
    );
    control(
        &base,
        "POST /_sim/rules",
        &json!({"source_ip_refused": false}),
    )
    .await;
    assert_eq!(
        client.call("GET /users/@me", &Value::Null).await.json()["bot"],
        true
    );
    let said = json!({"app_id": "8", "text": "hi", "quote": {"ref_idx": "REFIDX_a=="}});
    control(&base, "POST /_sim/users/U/say", &said).await;
    assert_eq!(socket.frame().await["d"]["message_type"], 103);
    control(&base, "POST /_sim/bots/8", &json!({"standing": "banned"})).await;
    assert_eq!(
        client.call("GET /users/@me", &Value::Null).await.code(),
        11265
    );
}

#[tokio::test]
async fn a_click_is_acknowledged_once() {
    let (_child, base) = start(&["--app-id", "7", "--bot", "8:also"]).await;
    let client = Client::of(&base, "7", "SECRET").await;
    let other = Client::of(&base, "8", "also").await;
    let mut socket = client.dial().await;
    socket.send(client.identify(1 << 26)).await;
    socket.frame().await;
    let click = json!({"button_id": "ok", "data": "ok:42"});
    let line = "POST /_sim/groups/G/members/M/click";
    let id = control(&base, line, &click).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let event = socket.frame().await;
    assert_eq!(event["id"], format!("INTERACTION_CREATE:{id}"));
    assert_eq!(event["d"]["data"]["resolved"]["button_data"], "ok:42");
    let line = format!("PUT /interactions/{id}");
    assert_eq!(other.call(&line, &json!({"code": 0})).await.code(), 630_003);
    assert_eq!(
        client.call(&line, &json!({"code": 9})).await.code(),
        630_001
    );
    assert_eq!(client.call(&line, &json!({"code": 0})).await.status, 200);
    assert_eq!(
        client.call(&line, &json!({"code": 0})).await.code(),
        630_001
    );
    assert_eq!(seen(&base, "acknowledged").await["result"], 0);
}

#[tokio::test]
async fn a_bad_control_request_says_what_is_wrong() {
    let (_child, base) = start(&[]).await;
    let reply = http(&base, "POST /_sim/fault", "", r#""drop_everything""#)
        .await
        .unwrap();
    assert_eq!(reply.status, 400);
    assert!(
        reply.json()["error"]
            .as_str()
            .unwrap()
            .contains("drop_socket"),
        "{}",
        reply.text
    );
}

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
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    timeout(LONG, out.read_line(&mut line))
        .await
        .unwrap()
        .unwrap();
    let base = line
        .trim_end()
        .strip_prefix("qq-sim listening on ")
        .unwrap();
    for _ in 0..400 {
        control(base, "POST /_sim/users/U/say", &json!({"text": "x"})).await;
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
