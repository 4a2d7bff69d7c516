//! Replies through the real component: every scene, long texts, closed windows.

use std::time::Duration;

use e2e::{APP_ID, Rig, RigOptions, SECRET, SOON};
use prx_channel_host::contract::{Delivery, MessageRef, OutboundMessage, TextFormat};
use qq_sim::{Bot, How, SimConfig};

use crate::quiet::{Quiet, bot, hear, rig, send};

#[tokio::test(flavor = "multi_thread")]
async fn a_long_reply_arrives_whole_and_in_order() {
    let rig = rig("").await;
    let target = hear(&rig, "USER1").await;
    let text: String = (0..900).map(|n| format!("word{n} ")).collect();
    let outcome = send(&rig, &target, &text).await.unwrap();
    assert_eq!(outcome.how, Delivery::Passive);
    let sent = rig.sim.delivered("USER1");
    let ids: Vec<_> = sent.iter().map(|message| message.id.clone()).collect();
    assert_eq!(outcome.message_ids, ids);
    assert!(sent.len() > 1);
    let all: Vec<_> = sent.iter().filter_map(|m| m.text.as_deref()).collect();
    let words = all.join(" ");
    assert!(words.split_whitespace().eq(text.split_whitespace()));
    for text in all {
        assert!(text.encode_utf16().count() <= 2_048);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_back_survives_the_host_and_comes_with_the_next_message() {
    let mut rig = rig("").await;
    let target = hear(&rig, "USER1").await;
    let text: String = (0..3_000).map(|n| format!("word{n} ")).collect();
    let outcome = send(&rig, &target, &text).await.unwrap();
    assert_eq!(outcome.how, Delivery::Deferred);
    let shown = rig.sim.delivered("USER1");
    assert_eq!(shown.len(), 4);
    let last = shown.last().unwrap().text.clone().unwrap();
    assert!(last.contains("more characters"), "{last}");
    rig.rig.restart_host().await.unwrap();
    rig.sim.user("USER1").says("go on");
    // Three of four: the last reply is the agent's.
    let enough = rig.sim.wait_delivered("USER1", 4 + 3, SOON).await;
    enough.unwrap();
    let target = format!("c2c:{APP_ID}:USER1");
    let answer = send(&rig, &target, "the answer").await.unwrap();
    assert_eq!(answer.how, Delivery::Passive);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_reply_after_five_minutes_goes_out_unasked_or_with_the_next_message() {
    for (proactive, expected) in [(true, Delivery::Proactive), (false, Delivery::Deferred)] {
        let mut bot = bot();
        bot.proactive = proactive;
        let rig = Quiet::start(bot, "").await;
        rig.sim.group("G1").member("M1").mentions_bot("think");
        let target = format!("group:{APP_ID}:G1");
        rig.hears(&target).await;
        rig.sim.advance(Duration::from_secs(301));
        let outcome = send(&rig, &target, "42").await.unwrap();
        assert_eq!(outcome.how, expected);
        if !proactive {
            rig.sim.group("G1").member("M1").mentions_bot("well?");
            let reply = rig.sim.next_reply(SOON).await.unwrap();
            assert_eq!(
                (reply.text.as_deref(), reply.how),
                (Some("42"), How::Passive)
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scene_is_answered_where_it_wrote() {
    let sim = SimConfig::with_bots([Bot::new(APP_ID, SECRET)]);
    let options = RigOptions {
        sim,
        config: "intents = [\"group_and_c2c\", \"guild_messages\", \"direct_messages\"]".to_owned(),
        ..RigOptions::default()
    };
    let rig = Rig::start_with(options).await.unwrap();
    rig.sim.user("USER1").says("a **b** c");
    let reply = rig.sim.next_reply(SOON).await.unwrap();
    assert_eq!((reply.peer.as_str(), reply.msg_type), ("USER1", 2));
    rig.sim.group("G1").member("M1").mentions_bot("in a group");
    let reply = rig.sim.next_reply(SOON).await.unwrap();
    assert_eq!(
        (reply.peer.as_str(), reply.text.as_deref()),
        ("G1", Some("in a group"))
    );
    let channel = rig.sim.channel("18700000000001", "100010");
    channel.member("1234").mentions_bot("1 < 2 & 3");
    let reply = rig.sim.next_reply(SOON).await.unwrap();
    assert_eq!(reply.peer, "100010");
    assert_eq!(reply.text.as_deref(), Some("1 &lt; 2 &amp; 3"));
    rig.sim
        .guild_dm("5512000000000001")
        .user("1234")
        .says("psst");
    let reply = rig.sim.next_reply(SOON).await.unwrap();
    assert_eq!(
        (reply.peer.as_str(), reply.text.as_deref()),
        ("5512000000000001", Some("psst"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_of_a_guild_is_written_to_first_where_that_is_allowed() {
    let intents = "intents = [\"guild_messages\", \"direct_messages\"]";
    let rig = Quiet::start(bot().proactive(), intents).await;
    let channel = rig.sim.channel("18700000000001", "100010");
    channel.member("1234").mentions_bot("hello");
    let target = format!("dm:{APP_ID}:1234@18700000000001");
    let outcome = send(&rig, &target, "psst").await.unwrap();
    assert_eq!(outcome.how, Delivery::Proactive);
    let stranger = format!("dm:{APP_ID}:9999@18700000000001");
    let failure = send(&rig, &stranger, "psst").await.unwrap_err();
    assert!(failure.code.is_some(), "{failure:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_is_no_failure_and_its_refusal_is_told() {
    const AUDITS: u32 = 1 << 27;
    let granted = bot().granted(AUDITS | 1 << 25);
    let rig = Quiet::start(granted, "intents = [\"group_and_c2c\", 134217728]").await;
    let target = hear(&rig, "USER1").await;
    let held = serde_json::json!({"audit_next_message": {"peer": "USER1", "status": 202}});
    rig.sim.fault(serde_json::from_value(held).unwrap());
    let outcome = send(&rig, &target, "hello").await.unwrap();
    assert_eq!(outcome.how, Delivery::PendingAudit);
    let audits = rig.sim.pending_audits();
    assert!(rig.sim.reject_audit(&audits[0].audit_id));
    let told = rig.sim.next_reply(SOON).await.unwrap();
    assert!(told.text.unwrap().contains("moderation refused"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_taken_back_and_replaced() {
    let rig = rig("").await;
    let target = hear(&rig, "USER1").await;
    let sent = send(&rig, &target, "wrong").await.unwrap();
    let commands = rig.commands().unwrap();
    let message = MessageRef {
        recipient: target.clone(),
        message_id: sent.message_ids[0].clone(),
    };
    let receipt = commands.recall(message.clone()).await.unwrap();
    assert_eq!(receipt.how, Delivery::Nothing);
    let again = commands.recall(message).await.unwrap_err();
    assert!(again.code.is_some() && again.remedy.is_some(), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_text_stays_as_it_was_written() {
    let rig = rig("").await;
    let target = hear(&rig, "USER1").await;
    let message = OutboundMessage {
        format: TextFormat::Plain,
        ..OutboundMessage::text(target, "**not bold** <b>")
    };
    rig.commands().unwrap().send(message).await.unwrap();
    let reply = rig.sim.next_reply(SOON).await.unwrap();
    assert_eq!(reply.text.as_deref(), Some("**not bold** <b>"));
    assert_eq!(reply.msg_type, 0);
}
