//! What kills an instance costs the channel nothing; what keeps killing it stops
//! the channel with the reason.

use e2e::{SOON, say, watch};
use prx_channel_host::contract::{ChannelState, FailureKind};

use crate::start::start;

/// Dies over the event once; the fresh instance gets it again and answers.
async fn dies_once_over(text: &str) {
    let channel = start("").await;
    assert_eq!(
        say(&channel, text).await.unwrap().message_ids,
        ["redelivered"],
        "{text}"
    );
    assert_eq!(channel.counters().get("instance_deaths"), 1, "{text}");
    assert_eq!(
        say(&channel, "hello").await.unwrap().message_ids,
        ["ok"],
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trap_loses_nothing() {
    dies_once_over("trap").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_loop_is_stopped_by_its_time_limit() {
    dies_once_over("spin").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_beyond_the_limit_is_refused() {
    dies_once_over("grow").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_actions_are_refused_whole() {
    dies_once_over("flood").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn state_beyond_the_limit_is_refused_whole() {
    dies_once_over("hoard").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_kills_twice_is_set_aside() {
    let channel = start("").await;
    let failure = say(&channel, "poison").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Internal);
    assert!(failure.remedy.is_some());
    assert_eq!(channel.counters().get("events_set_aside"), 1);
    assert_eq!(say(&channel, "hello").await.unwrap().message_ids, ["ok"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_keeps_dying_gives_up_with_its_reason() {
    let channel = start("start = \"trap\"").await;
    let report = watch::status(channel.status(), SOON, |report| report.fatal)
        .await
        .unwrap();
    assert_eq!(report.state, ChannelState::Stopped);
    assert!(
        report.detail.contains("asked to trap in start"),
        "{}",
        report.detail
    );
    let failure = say(&channel, "hello").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unavailable);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_refuses_to_start_is_not_tried_again() {
    let channel = start("start = \"refuse\"").await;
    let report = watch::status(channel.status(), SOON, |report| report.fatal)
        .await
        .unwrap();
    assert_eq!(report.detail, "asked to refuse");
    assert_eq!(channel.counters().get("instance_deaths"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_put_before_a_trap_is_there_after_it() {
    let channel = start("").await;
    say(&channel, "remember k").await.unwrap();
    say(&channel, "trap").await.unwrap();
    let report = channel.status().borrow().clone();
    // Adopted: the command it died over, which is about to be given again.
    assert_eq!(report.detail, "adopted 1, state 1");
}
