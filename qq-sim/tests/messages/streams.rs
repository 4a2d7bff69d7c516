//! Streamed replies: prefixes, indices, anchors, and what is left open.

use std::time::Duration;

use crate::support::{Client, GROUP, LONG, MEMBER, Reply, USER, start};
use qq_sim::{Endpoint, Entry, Fault, Record, ScriptedRefusal, Sim};
use serde_json::{Value, json};

/// A stream from the view of a client.
struct Writer<'a> {
    client: &'a Client,
    msg_id: String,
    id: Option<String>,
}

impl<'a> Writer<'a> {
    fn new(client: &'a Client, msg_id: &str) -> Self {
        let msg_id = msg_id.to_owned();
        Self {
            client,
            msg_id,
            id: None,
        }
    }

    fn frame(&self, index: u64, text: &str, state: u64) -> Value {
        let mut frame = json!({"input_mode": "replace", "input_state": state, "index": index,
            "content_type": "markdown", "content_raw": text, "msg_id": self.msg_id, "msg_seq": 7});
        if let Some(id) = &self.id {
            frame["stream_msg_id"] = id.as_str().into();
        }
        frame
    }

    async fn send(&mut self, frame: Value) -> Reply {
        let line = format!("POST /v2/users/{USER}/stream_messages");
        let reply = self.client.call(&line, &frame).await;
        if let Some(id) = reply.json()["id"].as_str() {
            self.id = Some(id.to_owned());
        }
        reply
    }

    async fn write(&mut self, index: u64, text: &str) -> Reply {
        self.send(self.frame(index, text, 1)).await
    }

    async fn end(&mut self, index: u64, text: &str) -> Reply {
        self.send(self.frame(index, text, 10)).await
    }
}

#[tokio::test]
async fn a_stream_grows_and_becomes_a_message() {
    let (sim, client) = start().await;
    let id = sim.user(USER).says("hi");
    let mut writer = Writer::new(&client, &id);
    let first = writer.write(0, "Think").await;
    assert_eq!(first.status, 200, "{}", first.text);
    assert_eq!(first.json()["remain_msg_len"], 3_995);
    let ref_idx = first.json()["ext_info"]["ref_idx"].clone();
    assert_eq!(
        writer.write(1, "Thinking").await.json()["ext_info"]["ref_idx"],
        ref_idx
    );
    let open = sim.open_streams();
    assert_eq!(
        (open.len(), open[0].text.as_str(), open[0].frames),
        (1, "Thinking", 2)
    );
    assert!(sim.sent_texts().is_empty());
    assert_eq!(writer.end(2, "Thinking. Done.").await.status, 200);
    assert!(sim.open_streams().is_empty());
    let seen = sim.next_reply(LONG).await.unwrap();
    assert_eq!(
        (
            seen.text.as_deref(),
            seen.frames,
            seen.msg_type,
            seen.msg_seq
        ),
        (Some("Thinking. Done."), 3, 2, 7)
    );
    assert_eq!(writer.end(3, "Thinking. Done. More.").await.code(), 50_001);
    let shown = client.call("GET /_sim/streams", &Value::Null).await.json();
    assert_eq!(shown["streams"][0]["is_open"], false);
}

#[tokio::test]
async fn deltas_are_put_together() {
    let (sim, client) = start().await;
    let mut writer = Writer::new(&client, &sim.user(USER).says("hi"));
    for (index, (delta, state)) in [("a", 1), ("b", 1), ("c", 10)].into_iter().enumerate() {
        let mut frame = writer.frame(index as u64, delta, state);
        frame.as_object_mut().unwrap().remove("input_mode");
        assert_eq!(writer.send(frame).await.status, 200);
    }
    assert_eq!(sim.sent_texts(), ["abc"]);
}

#[tokio::test]
async fn what_is_shown_cannot_be_changed() {
    let (sim, client) = start().await;
    let mut writer = Writer::new(&client, &sim.user(USER).says("hi"));
    writer.write(0, "one two").await;
    assert_eq!(writer.write(1, "one three").await.code(), 40_007);
    assert_eq!(writer.write(2, "one").await.code(), 40_007);
    assert_eq!(writer.end(3, "one two").await.status, 200);
    assert_eq!(sim.sent_texts(), ["one two"]);
}

#[tokio::test]
async fn indices_are_consecutive_and_never_used_twice() {
    let (sim, client) = start().await;
    let mut writer = Writer::new(&client, &sim.user(USER).says("hi"));
    assert_eq!(writer.write(1, "a").await.code(), 50_035);
    // The refused one counts as lost: either number is good now.
    assert_eq!(writer.write(0, "a").await.code(), 0);
    assert_eq!(writer.write(0, "a").await.code(), 50_035);
    assert_eq!(writer.write(5, "a").await.code(), 50_035);
    assert_eq!(writer.write(1, "a").await.code(), 0);
    let stream = &sim.open_streams()[0];
    assert_eq!((stream.frames, stream.text.as_str()), (2, "a"));
}

#[tokio::test]
async fn a_frame_that_was_lost_has_used_its_index() {
    let (sim, client) = start().await;
    let mut writer = Writer::new(&client, &sim.user(USER).says("hi"));
    writer.write(0, "a").await;
    sim.fault(Fault::RefuseNext(
        ScriptedRefusal::code(50_002)
            .status(429)
            .at(Endpoint::Stream),
    ));
    assert_eq!(writer.write(1, "ab").await.code(), 50_002);
    assert_eq!(writer.write(2, "abc").await.code(), 0);
    sim.fault(Fault::HtmlBody {
        endpoint: Some(Endpoint::Stream),
        status: 502,
    });
    assert_eq!(writer.write(3, "abcd").await.status, 502);
    assert_eq!(writer.write(4, "abcde").await.code(), 0);
    // This one arrived, though the client cannot know it.
    sim.fault(Fault::LoseHttpAnswer {
        endpoint: Some(Endpoint::Stream),
    });
    assert_eq!(writer.write(5, "abcdef").await.status, 504);
    assert_eq!(writer.write(5, "abcdef").await.code(), 50_035);
    assert_eq!(writer.end(6, "abcdefg").await.code(), 0);
    assert_eq!(sim.sent_texts(), ["abcdefg"]);
    let refused = |entry: &Entry| matches!(entry.record, Record::StreamFrame { code: 50_002, .. });
    sim.wait_for(refused, LONG).await.unwrap();
}

#[tokio::test]
async fn a_stream_needs_a_fresh_anchor_of_this_user() {
    let (sim, client) = start().await;
    let id = sim.user(USER).says("hi");
    let from_group = sim.group(GROUP).member(MEMBER).mentions_bot("hi");
    let mut writer = Writer::new(&client, &id);
    let mut bare = writer.frame(0, "a", 1);
    bare.as_object_mut().unwrap().remove("msg_id");
    let refused = writer.send(bare).await;
    assert_eq!((refused.status, refused.code()), (500, 50_001));
    assert_eq!(
        Writer::new(&client, &from_group).write(0, "a").await.code(),
        40_034_024
    );
    assert_eq!(writer.write(0, " ").await.code(), 50_006);
    sim.advance(Duration::from_secs(301));
    assert_eq!(writer.write(0, "a").await.code(), 40_034_005);
    let mut late = writer.frame(0, "a", 1);
    late["is_wakeup"] = true.into();
    assert_eq!(writer.send(late).await.code(), 0);
    let text = json!({"msg_type": 0, "content": "x", "msg_id": id, "msg_seq": 7});
    assert_eq!(client.send_user(text).await.code(), 40_054_005);
    let id = sim.user(USER).says("bye");
    sim.user(USER).unfriends_bot();
    assert_eq!(
        Writer::new(&client, &id).write(0, "a").await.code(),
        40_054_004
    );
}

#[tokio::test]
async fn the_frames_of_a_stream_agree_and_fit() {
    let (sim, client) = start().await;
    sim.rules(|rules| rules.stream_chars = 5);
    let mut writer = Writer::new(&client, &sim.user(USER).says("hi"));
    assert_eq!(writer.write(0, "abc").await.json()["remain_msg_len"], 2);
    for (field, value) in [
        ("msg_seq", json!(8)),
        ("content_type", json!("text")),
        ("content_type", json!("html")),
        ("input_state", json!(2)),
        ("input_mode", json!("insert")),
        ("index", Value::Null),
    ] {
        let mut frame = writer.frame(1, "abcd", 1);
        frame[field] = value;
        assert_eq!(writer.send(frame).await.code(), 50_035, "{field}");
    }
    assert_eq!(writer.write(1, "abcdef").await.code(), 40_054_007);
    assert_eq!(writer.end(1, "abcde").await.json()["remain_msg_len"], 0);
}

#[tokio::test]
async fn streams_are_for_users_and_need_markdown_for_markdown() {
    let (sim, client) = start().await;
    let id = sim.group(GROUP).member(MEMBER).mentions_bot("hi");
    let frame = Writer::new(&client, &id).frame(0, "a", 1);
    let line = format!("POST /v2/groups/{GROUP}/stream_messages");
    assert_eq!(client.call(&line, &frame).await.status, 404);
    sim.change_bot(crate::support::APP, |bot| bot.markdown = false);
    let mut writer = Writer::new(&client, &sim.user(USER).says("hi"));
    assert_eq!(writer.write(0, "a").await.code(), 40_034_012);
    let mut plain = writer.frame(0, "a", 1);
    plain["content_type"] = "text".into();
    assert_eq!(writer.send(plain).await.code(), 0);
}

#[tokio::test]
async fn two_frames_at_a_time_are_noticed() {
    let (sim, client) = start().await;
    let id = sim.user(USER).says("hi");
    let frame = Writer::new(&client, &id).frame(0, "a", 1);
    let line = format!("POST /v2/users/{USER}/stream_messages");
    let overlap = |entry: &Entry| matches!(entry.record, Record::FramesOverlap { .. });
    client.call(&line, &frame).await;
    assert!(!sim.journal().iter().any(overlap));
    sim.fault(Fault::HangHttp {
        endpoint: Some(Endpoint::Stream),
    });
    let fired = |entry: &Entry| matches!(entry.record, Record::FaultFired { .. });
    let second = async {
        sim.wait_for(fired, LONG).await.unwrap();
        client.call(&line, &frame).await
    };
    tokio::select! {
        _ = client.call(&line, &frame) => panic!("it was answered"),
        _ = second => {}
    }
    assert!(sim.journal().iter().any(overlap));
}

#[tokio::test]
async fn streams_are_free_unless_the_rule_says_otherwise() {
    let (sim, client) = start().await;
    let count = async |sim: &Sim| {
        let id = sim.user(USER).says("hi");
        let mut codes = Vec::new();
        for seq in 1..=5 {
            let mut writer = Writer::new(&client, &id);
            let mut frame = writer.frame(0, "a", 10);
            frame["msg_seq"] = seq.into();
            codes.push(writer.send(frame).await.code());
        }
        codes
    };
    assert_eq!(count(&sim).await, [0; 5]);
    sim.rules(|rules| rules.stream_counts = true);
    assert_eq!(count(&sim).await, [0, 0, 0, 0, 40_034_128]);
}
