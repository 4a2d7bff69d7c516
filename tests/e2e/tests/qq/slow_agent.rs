//! An agent that takes nothing: the inbox fills up, the socket is not read, and
//! the connection lives on.

use std::time::Duration;

use e2e::watch::status;
use e2e::{APP_ID, Rig, RigOptions, SECRET, SOON, plugins, qq_config};
use prx_channel_host::ChannelHandle;
use prx_channel_host::contract::ChannelState;
use qq_sim::{Bot, Entry, Fault, Record, SimConfig};

/// More than the agent's queue and the data lane hold together, 4,096 and 1,024:
/// the rest and all acknowledgements stay in the socket. Few enough that they
/// fit there: a platform that cannot write does not read heartbeats either.
const MESSAGES: usize = 5_200;
/// As many as the host gives out without an answer, and a few that stay in its
/// data lane.
const UNANSWERED: usize = 8_192;
const BEYOND: usize = 20;
/// Said at once.
const BURST: usize = 512;

fn dispatched(entry: &Entry) -> bool {
    matches!(entry.record, Record::FrameOut { op: 0, .. })
}

/// Waits for this many more heartbeats.
async fn beats(rig: &Rig, count: usize) {
    let beat = |entry: &Entry| matches!(entry.record, Record::FrameIn { op: Some(1), .. });
    let mut mark = rig.sim.mark();
    for _ in 0..count {
        mark = rig.sim.wait_after(mark, beat, SOON).await.unwrap().n;
    }
}

/// A platform that can say so much, and a channel that is ready.
async fn ready(messages: usize) -> (Rig, ChannelHandle) {
    let mut sim =
        SimConfig::with_bots([Bot::new(APP_ID, SECRET)]).heartbeat(Duration::from_secs(1));
    sim.replay_buffer = messages * 2;
    sim.journal_buffer = messages * 2;
    let options = RigOptions {
        sim,
        ..RigOptions::default()
    };
    let rig = Rig::without_channel(options).await.unwrap();
    let plugin = rig.host.plugin(&plugins().join("qq")).await.unwrap();
    let config = qq_config(&rig.sim, "").unwrap();
    let channel = rig.host.start(plugin, &config).await.unwrap();
    let ready = |report: &prx_channel_host::StatusReport| report.state == ChannelState::Ready;
    status(channel.status(), SOON, ready).await.unwrap();
    (rig, channel)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_answers_nothing_is_given_so_many_and_no_more() {
    let (rig, mut channel) = ready(UNANSWERED + BEYOND).await;
    let (mut messages, commands) = (channel.take_messages().unwrap(), channel.commands());
    let mut numbers = Vec::new();
    for _ in 0..UNANSWERED / BURST {
        for _ in 0..BURST {
            rig.sim.user("USER1").says("hello");
        }
        for _ in 0..BURST {
            let given = tokio::time::timeout(SOON, messages.recv()).await;
            numbers.push(given.unwrap().unwrap().number);
        }
    }
    for _ in 0..BEYOND {
        let mark = rig.sim.mark();
        rig.sim.user("USER1").says("hello");
        rig.sim.wait_after(mark, dispatched, SOON).await.unwrap();
    }
    beats(&rig, 2).await;
    assert!(messages.try_recv().is_err());
    // One is answered, and one comes.
    commands.answered(numbers.remove(0));
    let given = tokio::time::timeout(SOON, messages.recv()).await;
    numbers.push(given.unwrap().unwrap().number);
    beats(&rig, 2).await;
    assert!(messages.try_recv().is_err());
    for number in numbers {
        commands.answered(number);
    }
    for _ in 1..BEYOND {
        let given = tokio::time::timeout(SOON, messages.recv()).await;
        commands.answered(given.unwrap().unwrap().number);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_takes_nothing_costs_neither_the_connection_nor_a_message() {
    let (rig, mut channel) = ready(MESSAGES).await;
    let said: Vec<String> = (0..MESSAGES).map(|n| format!("message {n}")).collect();
    for text in &said {
        let mark = rig.sim.mark();
        rig.sim.user("USER1").says(text);
        // One after the other: a platform with much to write reads nothing.
        rig.sim.wait_after(mark, dispatched, SOON).await.unwrap();
    }
    // Unacknowledged for two intervals is what a dead connection looks like.
    beats(&rig, 5).await;
    let (mut messages, commands) = (channel.take_messages().unwrap(), channel.commands());
    let mut given = Vec::new();
    for _ in 0..MESSAGES {
        let message = tokio::time::timeout(SOON, messages.recv()).await;
        let delivered = message.unwrap().unwrap();
        commands.answered(delivered.number);
        given.push(delivered.message.text);
    }
    assert_eq!(given, said);
    beats(&rig, 3).await;
    let disturbed = |entry: &Entry| {
        matches!(
            entry.record,
            Record::SocketClosed { .. } | Record::Resumed { .. }
        )
    };
    assert!(!rig.sim.journal().iter().any(disturbed));
    assert!(messages.try_recv().is_err());
    // What is silent while no frame waits is dead, as ever.
    assert!(rig.sim.fault(Fault::Silence));
    let resumed = |entry: &Entry| matches!(entry.record, Record::Resumed { .. });
    rig.sim.wait_for(resumed, SOON).await.unwrap();
}
