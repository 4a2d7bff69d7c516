//! Messages that grow, on a clock that stands still.

use std::sync::Arc;

use prx_channel_host::contract::{FailureKind, Feature, Request};
use tokio::time::Duration;

use super::super::stub::{Answer, Script, Scripted, Stage, delivered, failed, fine, receipt};
use super::{APOLOGY, alone, interrupted};

const DRAFT: &[Feature] = &[Feature::Draft];

#[tokio::test(start_paused = true)]
async fn a_draft_grows_by_whole_texts_and_is_finished() {
    let log = alone(DRAFT, fine, "+he 100 +l 100 +lo 800 +, 100 +you").await;
    let expected = [
        "0 begin he",
        "500 update hello",
        "1000 update hello,",
        "1100 finish hello,you",
        "1100 Answered m1",
    ];
    assert_eq!(log, expected);
}

#[tokio::test(start_paused = true)]
async fn one_draft_command_at_a_time_and_the_newest_text_wins() {
    let slow: Script = |request| match request {
        Request::DraftBegin(_) | Request::DraftUpdate(_) => (Duration::from_secs(2), Ok(receipt())),
        other => fine(other),
    };
    let log = alone(DRAFT, slow, "+a 900 +b 900 +c 900 +d 900 +e").await;
    let expected = [
        "0 begin a",
        "2500 update abc",
        "4500 finish abcde",
        "4500 Answered m1",
    ];
    assert_eq!(log, expected);
}

#[tokio::test(start_paused = true)]
async fn markers_are_media_where_the_channel_sends_any() {
    let media = &[Feature::Draft, Feature::MediaOut];
    for (features, text, expected) in [
        (&media[1..], "see[IMAGE:https://h/a]", &["0 send see+"][..]),
        (
            &media[..1],
            "see[IMAGE:https://h/a]",
            &["0 send see[IMAGE:https://h/a]"],
        ),
        (
            &media[..],
            "+see 600 +[IM 600 +AGE:https://h/a]",
            &["0 begin see", "1200 finish see", "1200 send +"],
        ),
        (&media[..], "+[IM 600 [IMAGE:https://h/a]", &["600 send +"]),
    ] {
        let log = alone(features, fine, text).await;
        assert_eq!(log[..log.len() - 1], *expected, "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn work_in_progress_is_no_text() {
    let log = alone(DRAFT, fine, "working 1000 working 1000 done").await;
    assert_eq!(log, ["2000 send done", "2000 Answered m1"]);
}

#[tokio::test(start_paused = true)]
async fn without_an_open_draft_the_text_is_a_message() {
    let unsupported: Script = |request| match request {
        Request::DraftBegin(_) => (Duration::ZERO, failed(FailureKind::Unsupported)),
        other => fine(other),
    };
    let nameless: Script = |request| match request {
        Request::DraftBegin(_) => {
            let mut receipt = receipt();
            receipt.message_ids.clear();
            (Duration::ZERO, Ok(receipt))
        }
        other => fine(other),
    };
    for script in [unsupported, nameless] {
        let log = alone(DRAFT, script, "+a 600 +b 600 +c").await;
        assert_eq!(log, ["0 begin a", "1200 send abc", "1200 Answered m1"]);
    }
    let log = alone(&[], fine, "+a 600 +b").await;
    assert_eq!(log, ["600 send ab", "600 Answered m1"]);
}

#[tokio::test(start_paused = true)]
async fn a_draft_that_cannot_be_finished_becomes_a_message() {
    let rejected: Script = |request| match request {
        Request::DraftFinish(_) => (Duration::ZERO, failed(FailureKind::Rejected)),
        other => fine(other),
    };
    let log = alone(DRAFT, rejected, "+a 600 ab").await;
    let expected = [
        "0 begin a",
        "600 finish ab",
        "600 cancel d1",
        "600 send ab",
        "600 Answered m1",
    ];
    assert_eq!(log, expected);
}

#[tokio::test(start_paused = true)]
async fn a_final_text_that_may_have_arrived_is_not_sent_again() {
    let unclear: Script = |request| match request {
        Request::DraftFinish(_) => (Duration::ZERO, failed(FailureKind::TimedOut)),
        other => fine(other),
    };
    let stage = Stage::new(DRAFT, unclear, Scripted);
    stage.says(delivered(1, "+a 600 ab")).await;
    let replies = Arc::clone(&stage.replies);
    let log = stage.ends().await;
    assert_eq!(log, ["0 begin a", "600 finish ab", "600 Failed m1"]);
    let replies: Vec<Answer> = replies.lock().unwrap().clone();
    assert!(matches!(&replies[..], [Err(failure)] if failure.kind == FailureKind::TimedOut));
}

#[tokio::test(start_paused = true)]
async fn a_draft_is_taken_back_when_the_turn_fails() {
    let log = alone(DRAFT, fine, "+half 600 fail").await;
    let sorry = format!("600 send {APOLOGY}");
    let expected = ["0 begin half", "600 cancel d1", &sorry, "600 Failed m1"];
    assert_eq!(log, expected);
}

#[tokio::test(start_paused = true)]
async fn a_draft_is_taken_back_when_a_newer_message_interrupts() {
    let log = interrupted(DRAFT, fine, "+half 9000 older").await;
    let expected = [
        "0 begin half",
        "1000 cancel d1",
        "1000 Cancelled m1",
        "1000 send newer",
        "1000 Answered m2",
    ];
    assert_eq!(log, expected);
}

#[tokio::test(start_paused = true)]
async fn a_draft_that_is_being_opened_is_taken_back_too() {
    let slow: Script = |request| match request {
        Request::DraftBegin(_) => (Duration::from_secs(2), Ok(receipt())),
        other => fine(other),
    };
    let log = interrupted(DRAFT, slow, "+half 9000 older").await;
    let expected = [
        "0 begin half",
        "2000 cancel d1",
        "2000 Cancelled m1",
        "2000 send newer",
        "2000 Answered m2",
    ];
    assert_eq!(log, expected);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_after_the_interruption_is_not_sent() {
    let slow: Script = |request| match request {
        Request::DraftBegin(_) => (Duration::from_secs(2), Ok(receipt())),
        other => fine(other),
    };
    // Answered at 500, while the draft is being opened; interrupted at 1000.
    let log = interrupted(DRAFT, slow, "+half 500 older").await;
    assert_eq!(log[1..3], ["2000 cancel d1", "2000 Cancelled m1"]);
    assert!(!log.iter().any(|line| line.contains("older")), "{log:?}");
}
