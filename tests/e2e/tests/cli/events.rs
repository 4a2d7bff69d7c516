//! `prx-channel run`: its events, and what ends it.

use e2e::{SECRET, SOON, plugins, qq_table, sim};
use qq_sim::{Entry, Fault, Record, Side};
use serde_json::Value;

use crate::place::{Place, said};
use crate::running::Running;

#[tokio::test(flavor = "multi_thread")]
async fn events_tell_the_whole_story_and_an_interrupt_exits_0() {
    let (place, sim) = (Place::new(), sim().await);
    let mut running = Running::ready(&place, &sim, &[]).await;
    let id = sim.user("USER1").says("hello");
    let message = running.next("message", |_| true).await;
    assert_eq!(message["message"]["id"], Value::String(id));
    assert_eq!(message["message"]["chat"], "dm");
    assert_eq!(message["message"]["text"], "hello");
    let reply = running.next("reply", |_| true).await;
    assert_eq!(reply["receipt"]["how"], "passive");
    assert_eq!(reply["text"], "hello");
    assert_eq!(running.interrupt().await, Some(0));
    let closed = |entry: &Entry| {
        matches!(
            entry.record,
            Record::SocketClosed {
                by: Side::Client,
                ..
            }
        )
    };
    sim.wait_for(closed, SOON).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_reply_is_an_event_with_its_code() {
    let (place, sim) = (Place::new(), sim().await);
    let mut running = Running::ready(&place, &sim, &[]).await;
    sim.fault(Fault::NextHttp(qq_sim::HttpAnswer {
        endpoint: Some(qq_sim::Endpoint::UserMessage),
        status: 400,
        body: serde_json::json!({"code": 40034006, "err_code": 40034006, "message": "内容违规"}),
        headers: Default::default(),
    }));
    sim.user("USER1").says("hello");
    let reply = running.next("reply", |_| true).await;
    assert_eq!(reply["failure"]["code"], 40034006);
    assert!(reply["failure"]["trace_id"].is_string(), "{reply}");
    assert!(reply["failure"]["remedy"].is_string(), "{reply}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exec_agent_answers_over_json_lines() {
    let (place, sim) = (Place::new(), sim().await);
    let agent = r#"exec:while read -r line; do t=${line#*\"turn\":}; t=${t%%[,\}]*}; echo "{\"type\":\"reply\",\"turn\":$t,\"text\":\"turn $t\"}"; done"#;
    let _running = Running::ready(&place, &sim, &["--agent", agent]).await;
    sim.user("USER1").says("hello");
    assert_eq!(
        sim.next_reply(SOON).await.unwrap().text.as_deref(),
        Some("turn 1")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_state_is_for_one_process() {
    let (place, sim) = (Place::new(), sim().await);
    let _running = Running::ready(&place, &sim, &[]).await;
    let output = place
        .run(&["run", "--allow-loopback"], &qq_table(&sim, ""))
        .await;
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("runs in another process") && said.contains("--state"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_fatal_and_exits_1() {
    let sim = sim().await;
    let config = qq_table(&sim, "").replace(SECRET, "something-else");
    let output = Place::new()
        .run(&["run", "--allow-loopback"], &config)
        .await;
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("100016") && said.contains("app_secret"),
        "{said}"
    );
    assert_eq!(sim.token_fetches(), 0, "no token was ever granted");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_channels_run_side_by_side() {
    let (place, sim) = (Place::new(), sim().await);
    let config = format!(
        "{}\n[channels_config.echo]\ninterval_ms = 50\n",
        qq_table(&sim, "")
    );
    let mut running = Running::telling(&mut place.serve(&config, &plugins()));
    running
        .next("status", |event| {
            event["channel"] == "qq" && event["state"] == "ready"
        })
        .await;
    sim.user("USER1").says("hello");
    running
        .next("reply", |event| event["channel"] == "qq")
        .await;
    running
        .next("reply", |event| event["channel"] == "echo")
        .await;
    assert_eq!(running.interrupt().await, Some(0));
}
