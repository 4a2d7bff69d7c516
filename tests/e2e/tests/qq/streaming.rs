//! What shows while an answer is made, through the real component: typing,
//! messages that grow, reactions.

use std::sync::Arc;

use e2e::{APP_ID, Rig, RigOptions, SOON};
use prx_channel::agent::{Agent, Reply, Turn};
use prx_channel_host::contract::{Delivery, DraftText, OutboundMessage};
use qq_sim::{Endpoint, Entry, Fault, Record};
use tokio::sync::Notify;

/// Says one half, and the other when it is told to.
#[derive(Default)]
struct Talker(Arc<Notify>);

impl Agent for Talker {
    fn answer(&self, turn: Turn) -> Reply<'_> {
        Box::pin(async move {
            turn.deltas.push("Thinking about it");
            self.0.notified().await;
            Ok("Thinking about it. **Done.**".to_owned())
        })
    }
}

/// Says more when it is told to, and never comes to an end.
#[derive(Default)]
struct Endless(Arc<Notify>);

impl Agent for Endless {
    fn answer(&self, turn: Turn) -> Reply<'_> {
        Box::pin(async move {
            turn.deltas.push("Thinking about it");
            self.0.notified().await;
            turn.deltas.push(" and more");
            std::future::pending().await
        })
    }
}

/// A rig with an agent that waits for the second half.
async fn rig(config: &str) -> (Rig, Arc<Notify>) {
    let agent = Talker::default();
    let go = Arc::clone(&agent.0);
    (rig_with(agent, config).await, go)
}

async fn rig_with(agent: impl Agent, config: &str) -> Rig {
    let options = RigOptions {
        agent: Arc::new(agent),
        config: config.to_owned(),
        ..RigOptions::default()
    };
    Rig::start_with(options).await.unwrap()
}

/// Waits until a frame with this text was accepted.
async fn grown(rig: &Rig, wanted: &str, last: bool) {
    let fits = |entry: &Entry| match &entry.record {
        Record::StreamFrame {
            is_last,
            text: Some(text),
            code: 0,
            ..
        } => text == wanted && *is_last == last,
        _ => false,
    };
    rig.sim.wait_for(fits, SOON).await.unwrap();
}

/// Every stream is finished, and no two frames were under way at once.
fn check_streams(rig: &Rig) {
    assert!(
        rig.sim.open_streams().is_empty(),
        "{:?}",
        rig.sim.open_streams()
    );
    let overlaps = |entry: &Entry| matches!(entry.record, Record::FramesOverlap { .. });
    assert!(!rig.sim.journal().iter().any(overlaps));
}

/// A user writes, and the agent's first half is shown.
async fn begin(rig: &Rig) {
    rig.sim.user("USER1").says("hi");
    grown(rig, "Thinking about it", false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_grows_before_the_user_and_is_finished() {
    let (rig, go) = rig("stream_mode = \"stream\"").await;
    begin(&rig).await;
    go.notify_one();
    let reply = rig.sim.next_reply(SOON).await.unwrap();
    assert_eq!(reply.text.as_deref(), Some("Thinking about it. **Done.**"));
    assert_eq!((reply.msg_type, reply.frames), (2, 2));
    check_streams(&rig);
    assert_eq!(rig.sim.delivered("USER1").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_costs_neither_the_text_nor_a_second_message() {
    let (rig, go) = rig("stream_mode = \"stream\"").await;
    begin(&rig).await;
    let endpoint = Some(Endpoint::Stream);
    rig.sim.fault(Fault::LoseHttpAnswer { endpoint });
    go.notify_one();
    // The end was accepted; it is said again, and the platform knows of no such
    // stream any more.
    let told = |entry: &Entry| matches!(entry.record, Record::StreamFrame { is_last: true, code, .. } if code != 0);
    rig.sim.wait_for(told, SOON).await.unwrap();
    let reply = rig.sim.next_reply(SOON).await.unwrap();
    assert_eq!(reply.text.as_deref(), Some("Thinking about it. **Done.**"));
    check_streams(&rig);
    assert_eq!(rig.sim.delivered("USER1").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_instance_goes_on_with_its_stream() {
    let (rig, go) = rig("stream_mode = \"stream\"").await;
    begin(&rig).await;
    rig.commands().unwrap().kill_instance().await;
    go.notify_one();
    grown(&rig, "Thinking about it. **Done.**", true).await;
    assert_eq!(rig.sim.streams().len(), 1);
    check_streams(&rig);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_goes_away_finishes_its_streams() {
    let (mut rig, _go) = rig("stream_mode = \"stream\"").await;
    begin(&rig).await;
    rig.restart_host().await.unwrap();
    grown(&rig, "Thinking about it", true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_host_finishes_its_streams_when_it_is_back() {
    let agent = Endless::default();
    let go = Arc::clone(&agent.0);
    let mut rig = rig_with(agent, "stream_mode = \"stream\"").await;
    begin(&rig).await;
    // With its second frame the channel shows that it knows its stream.
    go.notify_one();
    grown(&rig, "Thinking about it and more", false).await;
    rig.kill_host().await.unwrap();
    grown(&rig, "Thinking about it and more", true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_beside_a_stream_comes_behind_it() {
    let (rig, _go) =
        rig("stream_mode = \"stream\"\n[channels_config.qq.limits]\ntext_units = 100").await;
    begin(&rig).await;
    let target = format!("c2c:{APP_ID}:USER1");
    let commands = rig.commands().unwrap();
    // A draft beside that of the agent waits for its turn, and is sent whole.
    let long = "word ".repeat(30);
    let began = commands
        .draft_begin(OutboundMessage::text(&target, &long))
        .await
        .unwrap();
    let draft = began.message_ids.first().cloned().unwrap();
    let text = long.clone();
    let sent = commands
        .draft_finish(DraftText { draft, text })
        .await
        .unwrap();
    assert_eq!((sent.how, sent.message_ids.len()), (Delivery::Passive, 2));
    grown(&rig, "Thinking about it", true).await;
    let said: Vec<_> = rig
        .sim
        .delivered("USER1")
        .into_iter()
        .filter_map(|m| m.text)
        .collect();
    assert_eq!(
        said.iter()
            .map(|text| text.matches("word").count())
            .sum::<usize>(),
        30
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn typing_is_shown_until_the_answer() {
    let (rig, go) = rig("stream_mode = \"typing\"").await;
    rig.sim.user("USER1").says("hi");
    let typed = |entry: &Entry| matches!(&entry.record, Record::MessageAccepted(message) if message.msg_type == 6);
    rig.sim.wait_for(typed, SOON).await.unwrap();
    go.notify_one();
    let reply = rig.sim.next_reply(SOON).await.unwrap();
    assert_eq!(reply.text.as_deref(), Some("Thinking about it. **Done.**"));
    assert_eq!((reply.frames, reply.msg_seq), (0, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn receipt_is_confirmed_and_the_answer_replaces_it() {
    let (rig, go) = rig("intents = [\"guild_messages\"]\nack_reactions = true").await;
    let channel = rig.sim.channel("18700000000001", "100010");
    channel.member("1234").mentions_bot("hello");
    let reacted = |wanted: &'static str, number: &'static str| {
        move |entry: &Entry| match &entry.record {
            Record::Reaction {
                method,
                emoji: [kind, id],
                code: 0,
                ..
            } => method == wanted && kind == "2" && id == number,
            _ => false,
        }
    };
    rig.sim
        .wait_for(reacted("PUT", "128064"), SOON)
        .await
        .unwrap();
    go.notify_one();
    rig.sim
        .wait_for(reacted("PUT", "9989"), SOON)
        .await
        .unwrap();
    rig.sim
        .wait_for(reacted("DELETE", "128064"), SOON)
        .await
        .unwrap();
}
