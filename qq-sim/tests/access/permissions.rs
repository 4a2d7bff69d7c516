//! Who may send to whom: foreign ids, removed bots, proactive messages, events.

use std::time::Duration;

use crate::support::{APP, Client, GROUP, LONG, MEMBER, USER, start, start_with, text};
use qq_sim::{Bot, How, SimConfig};
use serde_json::{Value, json};

#[tokio::test]
async fn an_id_of_another_chat_or_bot_is_foreign() {
    let bots = [Bot::new(APP, "SECRET"), Bot::new("2", "s")];
    let (sim, client) = start_with(SimConfig::with_bots(bots)).await;
    let other = Client::of(&sim.base_url(), "2", "s").await;
    let id = sim.user(USER).says("hi");
    assert_eq!(
        client.send_group(text("a", &id, 1)).await.code(),
        40_034_024
    );
    assert_eq!(
        client
            .send_user(text("a", "ROBOT1.0_made-up", 1))
            .await
            .code(),
        40_034_024
    );
    assert_eq!(other.send_user(text("a", &id, 1)).await.code(), 40_034_024);
    let own = sim.user_of("2", USER).unwrap().says("hi");
    assert_eq!(other.send_user(text("a", &own, 1)).await.code(), 0);
}

#[tokio::test]
async fn proactive_messages_need_someone_who_knows_and_allows_the_bot() {
    let (sim, client) = start().await;
    let proactive = json!({"msg_type": 2, "markdown": {"content": "reminder"}});
    assert_eq!(client.send_user(proactive.clone()).await.code(), 40_054_004);
    assert_eq!(
        client.send_group(proactive.clone()).await.code(),
        40_034_101
    );
    sim.user(USER).says("hi");
    assert_eq!(client.send_user(proactive.clone()).await.code(), 40_034_105);
    sim.user(USER).allows_proactive();
    assert_eq!(client.send_user(proactive.clone()).await.code(), 0);
    assert_eq!(sim.next_reply(LONG).await.unwrap().how, How::Proactive);
    sim.user(USER).refuses_proactive();
    assert_eq!(client.send_user(proactive).await.code(), 40_054_013);
}

#[tokio::test]
async fn a_bot_that_was_removed_cannot_answer_any_more() {
    let (sim, client) = start().await;
    let from_user = sim.user(USER).says("hi");
    let from_group = sim.group(GROUP).member(MEMBER).mentions_bot("hi");
    sim.user(USER).unfriends_bot();
    sim.group(GROUP).removes_bot(MEMBER);
    assert_eq!(
        client.send_user(text("a", &from_user, 1)).await.code(),
        40_054_004
    );
    assert_eq!(
        client.send_group(text("a", &from_group, 1)).await.code(),
        40_034_101
    );
}

#[tokio::test]
async fn proactive_quotas_are_counted_per_bot_and_chat() {
    let (sim, client) =
        start_with(SimConfig::with_bots([Bot::new(APP, "SECRET").proactive()])).await;
    sim.user(USER).says("hi");
    let message = json!({"msg_type": 0, "content": "x"});
    for _ in 0..5 {
        assert_eq!(client.send_user(message.clone()).await.code(), 0);
    }
    sim.rules(|rules| rules.proactive_quota = false);
    for _ in 0..15 {
        assert_eq!(client.send_user(message.clone()).await.code(), 0);
    }
    sim.rules(|rules| rules.proactive_quota = true);
    sim.advance(Duration::from_secs(2));
    assert_eq!(client.send_user(message.clone()).await.code(), 40_034_100);
    sim.advance(Duration::from_secs(60));
    assert_eq!(client.send_user(message).await.code(), 0);
}

#[tokio::test]
async fn some_events_can_be_answered_and_some_cannot() {
    let (sim, client) = start().await;
    let (mut socket, _) = client.ready().await;
    let answer = |id: &Value| json!({"msg_type": 0, "content": "welcome", "event_id": id});
    sim.group(GROUP).adds_bot(MEMBER);
    let added = socket.frame().await["id"].clone();
    assert_eq!(client.send_group(answer(&added)).await.code(), 0);
    assert_eq!(client.send_user(answer(&added)).await.code(), 40_034_025);
    sim.user(USER).refuses_proactive();
    let refused = socket.frame().await["id"].clone();
    assert_eq!(client.send_user(answer(&refused)).await.code(), 40_034_027);
    sim.advance(Duration::from_secs(301));
    assert_eq!(client.send_group(answer(&added)).await.code(), 40_034_026);
}

#[tokio::test]
async fn one_wake_up_per_period() {
    let (sim, client) = start().await;
    let wakeup = json!({"msg_type": 0, "content": "long time no see", "is_wakeup": true});
    sim.user(USER).says("hi");
    assert_eq!(client.send_user(wakeup.clone()).await.code(), 0);
    assert_eq!(client.send_user(wakeup.clone()).await.code(), 40_034_122);
    sim.advance(Duration::from_secs(26 * 3600));
    let client = Client::new(&sim).await;
    assert_eq!(client.send_user(wakeup.clone()).await.code(), 0);
    sim.group(GROUP).adds_bot(MEMBER);
    assert_eq!(client.send_group(wakeup).await.code(), 40_034_123);
}
