//! The loop, its typing and its interruptions, on a clock that stands still.

mod drafts;
mod log;

use prx_channel_host::Delivered;
use prx_channel_host::contract::{Delivery, FailureKind, Feature, Receipt, Request, Settle};
use tokio::time::{Duration, Instant, sleep};

use super::stub::{Script, Scripted, Stage, delivered, failed, fine, receipt};

const APOLOGY: &str = "⚠️ Something went wrong. Please try again later.";

fn scoped(number: u64, text: &str) -> Delivered {
    let mut delivered = delivered(number, text);
    delivered.message.interruption_scope = Some("qq_t_u".to_owned());
    delivered
}

/// One message; what the channel was asked.
async fn alone(features: &[Feature], script: Script, text: &str) -> Vec<String> {
    let stage = Stage::new(features, script, Scripted);
    stage.says(delivered(1, text)).await;
    stage.ends().await
}

/// One message and, a second later, a newer one of its scope.
async fn interrupted(features: &[Feature], script: Script, text: &str) -> Vec<String> {
    let stage = Stage::new(features, script, Scripted);
    stage.says(scoped(1, text)).await;
    sleep(Duration::from_secs(1)).await;
    stage.says(scoped(2, "newer")).await;
    let (log, answered) = stage.closes().await;
    assert_eq!(answered, [1, 2]);
    log
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_hangs_does_not_outlive_its_channel() {
    let stage = Stage::new(&[], fine, Scripted);
    stage.says(delivered(1, "3600000 late")).await;
    sleep(Duration::from_secs(1)).await;
    let began = Instant::now();
    stage.dies().await;
    assert!(began.elapsed() < Duration::from_secs(1));
}

const TYPING: &[Feature] = &[Feature::Typing];

#[tokio::test(start_paused = true)]
async fn typing_shows_at_once_and_every_four_seconds_and_stops_once() {
    let log = alone(TYPING, fine, "9000 ok").await;
    let expected = [
        "0 typing",
        "4000 typing",
        "8000 typing",
        "9000 typing-stop",
        "9000 send ok",
        "9000 Answered m1",
    ];
    assert_eq!(log, expected);
}

#[tokio::test(start_paused = true)]
async fn typing_stops_when_the_agent_fails_or_panics() {
    for how in ["fail", "panic"] {
        let log = alone(TYPING, fine, &format!("1000 {how}")).await;
        let sorry = format!("1000 send {APOLOGY}");
        let expected = ["0 typing", "1000 typing-stop", &sorry, "1000 Failed m1"];
        assert_eq!(log, expected, "{how}");
    }
}

#[tokio::test(start_paused = true)]
async fn typing_stops_when_a_newer_message_interrupts() {
    let log = interrupted(TYPING, fine, "9000 older").await;
    let expected = [
        "0 typing",
        "1000 typing-stop",
        "1000 Cancelled m1",
        "1000 send newer",
        "1000 Answered m2",
    ];
    assert_eq!(log, expected);
}

#[tokio::test(start_paused = true)]
async fn a_chat_without_typing_is_asked_once_a_turn() {
    let unsupported: Script = |request| match request {
        Request::Typing(_) => (Duration::ZERO, failed(FailureKind::Unsupported)),
        other => fine(other),
    };
    let log = alone(TYPING, unsupported, "9000 ok").await;
    assert_eq!(log, ["0 typing", "9000 send ok", "9000 Answered m1"]);
    let log = alone(&[], fine, "9000 ok").await;
    assert_eq!(log, ["9000 send ok", "9000 Answered m1"]);
}

#[tokio::test(start_paused = true)]
async fn typing_goes_on_after_other_failures() {
    let limited: Script = |request| match request {
        Request::Typing(_) => (Duration::ZERO, failed(FailureKind::RateLimited)),
        other => fine(other),
    };
    let log = alone(TYPING, limited, "5000 ok").await;
    assert_eq!(log[..3], ["0 typing", "4000 typing", "5000 typing-stop"]);
}

#[tokio::test(start_paused = true)]
async fn a_reply_on_its_way_is_past_cancelling_and_awaited() {
    let slow: Script = |request| match request {
        Request::Send(_) => (Duration::from_secs(3), Ok(receipt())),
        other => fine(other),
    };
    let log = interrupted(&[], slow, "older").await;
    let expected = [
        "0 send older",
        "3000 Answered m1",
        "3000 send newer",
        "6000 Answered m2",
    ];
    assert_eq!(log, expected);
}

#[tokio::test(start_paused = true)]
async fn every_message_reaches_the_agent_even_if_a_newer_one_waits() {
    let stage = Stage::new(&[Feature::Draft], fine, Scripted);
    stage.says(scoped(1, "9000 one")).await;
    stage.says(scoped(2, "two")).await;
    stage.says(scoped(3, "three")).await;
    let (log, answered) = stage.closes().await;
    let expected = [
        "0 Cancelled m1",
        "0 Cancelled m2",
        "0 send three",
        "0 Answered m3",
    ];
    assert_eq!(
        (log, answered),
        (expected.map(String::from).to_vec(), vec![1, 2, 3])
    );
}

#[tokio::test(start_paused = true)]
async fn without_a_scope_a_sender_queues_and_others_do_not_wait() {
    let stage = Stage::new(&[], fine, Scripted);
    stage.says(delivered(1, "5000 one")).await;
    stage.says(delivered(2, "two")).await;
    let mut other = delivered(3, "three");
    other.message.sender = "v".to_owned();
    stage.says(other).await;
    let mut elsewhere = delivered(4, "four");
    elsewhere.message.reply_target = "t2".to_owned();
    stage.says(elsewhere).await;
    let sent: Vec<String> = stage.ends().await;
    let sent: Vec<&str> = sent
        .iter()
        .map(String::as_str)
        .filter(|line| line.contains("send"))
        .collect();
    assert_eq!(
        sent,
        [
            "0 send three",
            "0 send four",
            "5000 send one",
            "5000 send two"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn who_writes_too_much_is_told_once() {
    let stage = Stage::new(&[], fine, Scripted);
    for number in 0..300 {
        stage.says(delivered(number, "60000 你好")).await;
    }
    let mut other = delivered(999, "hi");
    other.message.sender = "v".to_owned();
    stage.says(other).await;
    let (log, answered) = stage.closes().await;
    let count = |what: &str| log.iter().filter(|line| line.contains(what)).count();
    assert_eq!(count("send ⚠️ 待处理的消息太多，请稍后再试。"), 1);
    assert_eq!((count("send 你好"), count("Failed")), (257, 43));
    assert_eq!(count("0 send hi"), 1);
    assert_eq!(answered.len(), 301);
}

#[tokio::test(start_paused = true)]
async fn an_apology_speaks_the_users_language() {
    let log = alone(&[], fine, "100 fail 请帮我看一下").await;
    assert_eq!(log[0], "100 send ⚠️ 出错了，请稍后再试。");
}

#[tokio::test(start_paused = true)]
async fn an_empty_answer_sends_nothing() {
    let log = alone(&[Feature::Draft], fine, "100").await;
    assert_eq!(log, ["100 Answered m1"]);
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_comes_later_is_reported_with_its_turn() {
    let late: Script = |request| match request {
        Request::Send(_) => (
            Duration::ZERO,
            Ok(Receipt {
                how: Delivery::Deferred,
                ..receipt()
            }),
        ),
        other => fine(other),
    };
    let stage = Stage::new(&[], late, Scripted);
    stage.says(delivered(1, "0 ok")).await;
    sleep(Duration::from_secs(1)).await;
    let settled = |message_id: &str| Settle {
        command: 1,
        recipient: delivered(1, "").message.reply_target,
        message_id: Some(message_id.to_owned()),
        outcome: failed(FailureKind::TimedOut),
    };
    for message_id in ["m1", "m1", "of an earlier process"] {
        stage.channel.settles(settled(message_id)).await;
    }
    let seen = std::sync::Arc::clone(&stage.settlements);
    stage.ends().await;
    let seen = seen.lock().unwrap();
    let turns: Vec<bool> = seen.iter().map(|(turn, _)| turn.is_some()).collect();
    assert_eq!(turns, [true, false, false]);
    assert!(seen.iter().all(|(_, outcome)| outcome.is_err()));
}
