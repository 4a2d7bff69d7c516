//! The `openai` agent through the real component: a model's server on loopback
//! on one side, the simulator on the other.

#[path = "../../../../prx-channel/tests/completions/mod.rs"]
mod completions;

use std::sync::Arc;

use completions::{Asked, Completions, Script, Step};
use e2e::{Rig, RigOptions, SOON};
use prx_channel::agent::{OpenAi, OpenAiOptions};
use prx_channel_host::Crossing;
use prx_channel_host::contract::{Event, Request, TurnOutcome};
use qq_sim::Scene;
use tokio::sync::Notify;

const KEY: &str = "planted-key-51c9";
const APOLOGY: &str = "⚠️ Something went wrong. Please try again later.";

async fn rig(server: &Completions, config: &str) -> Rig {
    let mut options = OpenAiOptions::new("tiny");
    options.base.clone_from(&server.base);
    options.key = Some(KEY.to_owned());
    let options = RigOptions {
        agent: Arc::new(OpenAi::new(options).unwrap()),
        config: config.to_owned(),
        ..RigOptions::default()
    };
    Rig::start_with(options).await.unwrap()
}

/// Text and receiver of the next reply.
async fn next(rig: &Rig) -> (String, String) {
    let reply = rig.sim.next_reply(SOON).await.unwrap();
    (reply.text.unwrap(), reply.peer)
}

/// Waits until the channel was told that a turn ended like this.
async fn ended(rig: &Rig, outcome: TurnOutcome) {
    let ends = |crossing: &Crossing| {
        matches!(crossing, Crossing::Event { envelope, .. }
            if matches!(&envelope.event, Event::Command(command)
                if matches!(&command.request, Request::TurnEnded(end) if end.outcome == outcome)))
    };
    let told = |seen: &[(_, Crossing)]| seen.iter().any(|(_, crossing)| ends(crossing));
    assert!(rig.crossings.wait(SOON, told).await);
}

fn never() -> Step {
    Step::Await(Arc::new(Notify::new()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_remembered_and_chats_are_apart() {
    let server = Completions::start(|asked| Script::stream(&["to ", &asked.last()])).await;
    let rig = rig(&server, "").await;
    rig.sim.user("USER1").says("one");
    assert_eq!(next(&rig).await.0, "to user: one");
    rig.sim.user("USER1").says("two");
    assert_eq!(next(&rig).await.0, "to user: two");
    let group = rig.sim.group("GROUP1");
    group.member("MEMBER1").mentions_bot("three");
    let reply = rig.sim.next_reply(SOON).await.unwrap();
    assert_eq!(reply.scene, Scene::Group);
    let asked = server.asked(3).await;
    assert_eq!(
        asked[1].messages(),
        ["user: one", "assistant: to user: one", "user: two"]
    );
    assert_eq!(asked[2].messages().len(), 1);
    assert!(
        asked[2].last().ends_with(": three"),
        "{:?}",
        asked[2].last()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_message_ends_the_request_and_gets_the_only_reply() {
    let server = Completions::start(|asked: &Asked| {
        if asked.last() == "user: first" {
            return Script::open_stream(&["never "]).then(never());
        }
        Script::stream(&["both"])
    })
    .await;
    let rig = rig(&server, "interrupt_on_new_message = true").await;
    rig.sim.user("USER1").says("first");
    server.asked(1).await;
    rig.sim.user("USER1").says("second");
    assert_eq!(next(&rig).await.0, "both");
    ended(&rig, TurnOutcome::Cancelled).await;
    ended(&rig, TurnOutcome::Answered).await;
    assert_eq!(
        server.asked(2).await[1].messages(),
        ["user: first\n\nsecond"]
    );
    assert_eq!(rig.sim.sent_messages().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_dies_in_the_middle_is_shown_as_far_as_it_came() {
    let server = Completions::start(|asked: &Asked| {
        if !asked.last().contains("and now") {
            return Script::open_stream(&["half an ans"]).then(Step::Die);
        }
        Script::stream(&["fine"])
    })
    .await;
    let rig = rig(&server, "").await;
    rig.sim.user("USER1").says("die");
    let broke = "⚠️ The answer broke off here. Please try again later.";
    assert_eq!(next(&rig).await.0, format!("half an ans\n\n{broke}"));
    ended(&rig, TurnOutcome::Answered).await;
    rig.sim.user("USER2").says("die 请再试一次");
    let broke = "⚠️ 回答在这里中断了，请稍后再试。";
    assert_eq!(next(&rig).await.0, format!("half an ans\n\n{broke}"));
    rig.sim.user("USER1").says("and now");
    assert_eq!(next(&rig).await.0, "fine");
}

#[tokio::test(flavor = "multi_thread")]
async fn users_read_no_reasoning_and_no_address() {
    let server = Completions::start(|asked: &Asked| {
        if asked.last().contains("refuse") {
            return Script::json(500, &serde_json::json!({}));
        }
        Script::stream(&["hm, hm</thi", "nk>`<think>` ", "is a tag"])
    })
    .await;
    let rig = rig(&server, "stream_mode = \"stream\"").await;
    rig.sim.user("USER1").says("hi");
    assert_eq!(next(&rig).await.0, "`<think>` is a tag");
    rig.sim.user("USER1").says("refuse");
    assert_eq!(next(&rig).await.0, APOLOGY);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_conversation_delays_no_other() {
    let go_on = Arc::new(Notify::new());
    let slow = Arc::clone(&go_on);
    let server = Completions::start(move |asked: &Asked| {
        if asked.last() == "user: slow" {
            return Script::open_stream(&[])
                .then(Step::Await(Arc::clone(&slow)))
                .then(Step::Send(completions::piece("at last").into_bytes()))
                .then(Step::Send(completions::END.as_bytes().to_vec()));
        }
        Script::stream(&["quick"])
    })
    .await;
    let rig = rig(&server, "").await;
    rig.sim.user("SLOW").says("slow");
    server.asked(1).await;
    for number in 0..5 {
        rig.sim.user(&format!("USER{number}")).says("hi");
        assert_eq!(
            next(&rig).await,
            ("quick".to_owned(), format!("USER{number}"))
        );
    }
    go_on.notify_one();
    assert_eq!(next(&rig).await, ("at last".to_owned(), "SLOW".to_owned()));
}
