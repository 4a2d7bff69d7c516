//! A user writes, the agent answers: the whole way through the real component.

use std::sync::Arc;
use std::time::Duration;

use e2e::{APP_ID, Rig, RigOptions, SECRET, SOON};
use prx_channel::agent::{Agent, Reply, Turn};
use prx_channel_host::contract::{Delivery, OutboundMessage};
use qq_sim::{Bot, Draft, Record, Scene, SimConfig};

#[tokio::test(flavor = "multi_thread")]
async fn a_private_message_is_answered_in_its_window() {
    let rig = Rig::start().await.unwrap();
    let id = rig.sim.user("USER1").says("hello");
    let reply = rig.sim.next_reply(SOON).await.unwrap();
    assert_eq!(reply.text.as_deref(), Some("hello"));
    assert_eq!((reply.scene, reply.peer.as_str()), (Scene::C2c, "USER1"));
    assert_eq!((reply.msg_id, reply.msg_seq), (Some(id), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mention_in_a_group_is_answered_in_the_group() {
    let rig = Rig::start().await.unwrap();
    let id = rig
        .sim
        .group("GROUP1")
        .member("MEMBER1")
        .mentions_bot("what time is it");
    let reply = rig.sim.next_reply(SOON).await.unwrap();
    assert_eq!(reply.text.as_deref(), Some("what time is it"));
    assert_eq!((reply.scene, reply.peer.as_str()), (Scene::Group, "GROUP1"));
    assert_eq!(reply.msg_id, Some(id));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_answers_to_one_message_count_up() {
    let rig = Rig::start().await.unwrap();
    rig.sim.user("USER1").says("one");
    let first = rig.sim.next_reply(SOON).await.unwrap();
    let target = format!("c2c:{APP_ID}:USER1");
    let receipt = rig
        .commands()
        .unwrap()
        .send(OutboundMessage::text(target, "two"))
        .await
        .unwrap();
    assert_eq!(receipt.how, Delivery::Passive);
    let second = rig.sim.next_reply(SOON).await.unwrap();
    assert_eq!((first.msg_seq, second.msg_seq), (1, 2));
    assert_eq!(first.msg_id, second.msg_id);
    assert_eq!(receipt.message_ids, [second.id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_message_twice_is_one_turn() {
    let rig = Rig::start().await.unwrap();
    assert!(rig.sim.fault(qq_sim::Fault::DuplicateNextDispatch));
    rig.sim.user("USER1").says("once");
    rig.sim.user("USER1").says("after");
    let replies = [
        rig.sim.next_reply(SOON).await.unwrap(),
        rig.sim.next_reply(SOON).await.unwrap(),
    ];
    let texts: Vec<_> = replies
        .iter()
        .map(|reply| reply.text.as_deref().unwrap())
        .collect();
    assert_eq!(texts, ["once", "after"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn heartbeats_carry_the_last_sequence() {
    let sim =
        SimConfig::with_bots([Bot::new(APP_ID, SECRET)]).heartbeat(Duration::from_millis(300));
    let rig = Rig::start_with(RigOptions {
        sim,
        ..RigOptions::default()
    })
    .await
    .unwrap();
    rig.sim.user("USER1").says("hello");
    rig.sim.next_reply(SOON).await.unwrap();
    // READY was 1, the message 2.
    let beat = |entry: &qq_sim::Entry| matches!(&entry.record, Record::FrameIn { op: Some(1), frame } if frame["d"] == 2);
    rig.sim.wait_for(beat, SOON).await.unwrap();
    assert_eq!(rig.sim.live_sockets(), 1);
}

/// Answers everybody but one.
struct SlowForOne;

impl Agent for SlowForOne {
    fn answer(&self, turn: Turn) -> Reply<'_> {
        Box::pin(async move {
            if turn.message.text == "slow" {
                std::future::pending::<()>().await;
            }
            Ok(turn.message.text)
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_slow_chat_delays_no_other() {
    let options = RigOptions {
        agent: Arc::new(SlowForOne),
        ..RigOptions::default()
    };
    let rig = Rig::start_with(options).await.unwrap();
    rig.sim.user("SLOW").says("slow");
    for number in 0..20 {
        let user = format!("USER{number}");
        rig.sim.user(&user).says(&user);
        let reply = rig.sim.next_reply(SOON).await.unwrap();
        assert_eq!(reply.peer, user);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_is_answered_once_each_and_in_order_per_chat() {
    let rig = Rig::start().await.unwrap();
    for round in 0..4 {
        for user in 0..25 {
            rig.sim.user(&format!("U{user}")).says(&format!("{round}"));
        }
    }
    let mut seen: std::collections::BTreeMap<String, Vec<String>> = Default::default();
    for _ in 0..100 {
        let reply = rig.sim.next_reply(SOON).await.unwrap();
        seen.entry(reply.peer)
            .or_default()
            .push(reply.text.unwrap());
    }
    assert_eq!(seen.len(), 25);
    for texts in seen.values() {
        assert_eq!(texts, &["0", "1", "2", "3"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_frames_harm_nobody() {
    let rig = Rig::start().await.unwrap();
    for garbage in [
        "",
        "not json",
        "[]",
        "null",
        "{\"op\":99,\"d\":null}",
        "{\"op\":0,\"t\":null,\"s\":\"x\"}",
        "{\"op\":0,\"t\":\"C2C_MESSAGE_CREATE\",\"d\":null}",
    ] {
        assert!(
            rig.sim
                .fault(qq_sim::Fault::GarbageFrame(garbage.to_owned()))
        );
    }
    rig.sim
        .inject("NEVER_HEARD_OF_IT", serde_json::json!({"x": null}));
    rig.sim.inject(
        "C2C_MESSAGE_CREATE",
        serde_json::json!({"id": null, "author": null, "attachments": null}),
    );
    let odd = Draft::text("still here")
        .with("mentions", serde_json::Value::Null)
        .with("attachments", serde_json::Value::Null);
    rig.sim.user("USER1").sends(&odd);
    assert_eq!(
        rig.sim.next_reply(SOON).await.unwrap().text.as_deref(),
        Some("still here")
    );
    assert_eq!(rig.channel().unwrap().counters().get("instance_deaths"), 0);
    assert_eq!(rig.sim.live_sockets(), 1);
}
