//! Buttons, quotes and notices: the whole way through the real component.

use std::sync::{Arc, Mutex};

use e2e::{Rig, RigOptions, SOON};
use prx_channel::agent::{Agent, Reply, Turn};
use prx_channel_host::contract::InboundMessage;
use qq_sim::{Draft, Entry, Record};

const INTENTS: &str = "intents = [\"group_and_c2c\", \"interaction\"]\nsystem_notes = true";

/// Keeps what it gets, and repeats the text of it.
#[derive(Clone, Default)]
struct Keeping(Arc<Mutex<Vec<InboundMessage>>>);

impl Agent for Keeping {
    fn answer(&self, turn: Turn) -> Reply<'_> {
        self.0.lock().unwrap().push(turn.message.clone());
        Box::pin(async move { Ok(turn.message.text) })
    }
}

async fn rig() -> (Rig, Keeping) {
    let agent = Keeping::default();
    let options = RigOptions {
        config: INTENTS.to_owned(),
        agent: Arc::new(agent.clone()),
        ..RigOptions::default()
    };
    (Rig::start_with(options).await.unwrap(), agent)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_is_acknowledged_once_and_answered_by_its_event() {
    let (rig, agent) = rig().await;
    let id = rig.sim.user("USER1").clicks("allow", "confirm:once");
    let reply = rig.sim.next_reply(SOON).await.unwrap();
    assert_eq!(reply.text.as_deref(), Some("confirm:once"));
    assert_eq!(reply.event_id, Some(format!("INTERACTION_CREATE:{id}")));
    let acknowledged = |entry: &Entry| {
        matches!(
            &entry.record,
            Record::Acknowledged {
                code: 0,
                result: 0,
                ..
            }
        )
    };
    rig.sim.wait_for(acknowledged, SOON).await.unwrap();
    let all = rig.sim.journal();
    let presses = all
        .iter()
        .filter(|entry| matches!(entry.record, Record::Acknowledged { .. }));
    assert_eq!(presses.count(), 1);
    let heard = agent.0.lock().unwrap();
    let button = heard[0].button.as_ref().unwrap();
    assert_eq!((&*button.id, &*button.data), ("allow", "confirm:once"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_quotes_the_bot_brings_its_words_along() {
    let (mut rig, agent) = rig().await;
    let group = rig.sim.group("GROUP1");
    group.member("MEMBER1").mentions_bot("tea or coffee?");
    let reply = rig.sim.next_reply(SOON).await.unwrap();
    // The index outlives the process.
    rig.restart_host().await.unwrap();
    let index = reply.ref_idx;
    let quote = Draft::text("yes").with("message_type", 103.into()).with(
        "msg_elements",
        serde_json::json!([{"msg_idx": index, "content": ""}]),
    );
    group.member("MEMBER2").sends_full(&quote);
    rig.sim.next_reply(SOON).await.unwrap();
    let heard = agent.0.lock().unwrap();
    let last = heard.last().unwrap();
    assert_eq!(last.quote.as_ref().unwrap().text, "tea or coffee?");
    assert!(last.mentioned);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_friend_is_told_and_can_be_welcomed() {
    let (rig, agent) = rig().await;
    rig.sim.user("USER1").befriends_bot();
    let reply = rig.sim.next_reply(SOON).await.unwrap();
    assert!(reply.event_id.is_some(), "{reply:?}");
    let heard = agent.0.lock().unwrap();
    assert_eq!(heard[0].notice.as_deref(), Some("friend-added"));
    assert!(!heard[0].mentioned);
}
