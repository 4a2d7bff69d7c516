//! The command `qq-sim`, driven from outside.

use crate::support::command::{control, start};
use crate::support::{Client, LONG, Said, http};
use serde_json::{Value, json};
use tokio::time::timeout;

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
async fn plans_and_messages_can_be_read_from_outside() {
    let (_child, base) = start(&[]).await;
    let line = "GET /_sim/plan?seed=7&count=30&lossless=true&quick=true";
    let plan = control(&base, line, &Value::Null).await;
    assert_eq!(plan, control(&base, line, &Value::Null).await);
    let steps = plan["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 30);
    for step in steps {
        control(&base, "POST /_sim/fault", &step["fault"]).await;
    }
    control(&base, "DELETE /_sim/fault", &Value::Null).await;
    let state = control(&base, "GET /_sim/state", &Value::Null).await;
    assert_eq!(state["faults"], json!([]));

    let client = Client::of(&base, "102012345", "SECRET").await;
    let (mut socket, _) = client.ready().await;
    let draft = json!({"text": "hi", "both": true});
    let said = control(&base, "POST /_sim/groups/G1/members/M1/say", &draft).await;
    for t in ["GROUP_AT_MESSAGE_CREATE", "GROUP_MESSAGE_CREATE"] {
        let frame = socket.frame().await;
        assert_eq!((&frame["t"], &frame["d"]["id"]), (&json!(t), &said["id"]));
    }
    let body = json!({"msg_type": 0, "content": "hello", "msg_id": said["id"], "msg_seq": 1});
    client.call("POST /v2/groups/G1/messages", &body).await;
    let sent = async |line: &str| control(&base, line, &Value::Null).await["messages"].clone();
    assert_eq!(
        sent("GET /_sim/messages?openid=G1").await[0]["text"],
        "hello"
    );
    assert_eq!(sent("GET /_sim/messages").await[0]["peer"], "G1");
    assert_eq!(sent("GET /_sim/messages?openid=G2").await, json!([]));
    let state = control(&base, "GET /_sim/state", &Value::Null).await;
    assert_eq!(state["bots"][0]["max_live_sockets"], 1);
}

#[tokio::test]
async fn under_tls_the_address_says_so() {
    let (_child, base) = start(&["--tls-self-signed"]).await;
    assert!(base.starts_with("https://127.0.0.1:"), "{base}");
}
