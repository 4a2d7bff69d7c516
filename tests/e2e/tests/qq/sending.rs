//! Replies through the real component: every code, every scene, long texts,
//! closed windows.

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use e2e::{APP_ID, Rig, RigOptions, SECRET, SOON};
use prx_channel::agent::{Agent, Reply, Turn};
use prx_channel_host::contract::{
    Delivery, Failure, MessageRef, OutboundMessage, Receipt, TextFormat,
};
use qq_sim::{Bot, Fault, How, RefusalShape, ScriptedRefusal, SimConfig};
use tokio::sync::watch;

type Outcome = Result<Receipt, Failure>;

/// Hears everything, says nothing, and knows which chats it heard of.
#[derive(Clone)]
struct Mute(Arc<watch::Sender<BTreeSet<String>>>);

impl Agent for Mute {
    fn answer(&self, turn: Turn) -> Reply<'_> {
        self.0.send_modify(|heard| {
            heard.insert(turn.message.reply_target);
        });
        Box::pin(async { Ok(String::new()) })
    }
}

/// A rig whose agent says nothing, and what that agent has heard.
struct Quiet {
    rig: Rig,
    heard: watch::Receiver<BTreeSet<String>>,
}

impl Deref for Quiet {
    type Target = Rig;

    fn deref(&self) -> &Rig {
        &self.rig
    }
}

impl Quiet {
    async fn start(bot: Bot, config: &str) -> Self {
        let (sender, heard) = watch::channel(BTreeSet::new());
        let options = RigOptions {
            sim: SimConfig::with_bots([bot]),
            agent: Arc::new(Mute(Arc::new(sender))),
            config: config.to_owned(),
            ..RigOptions::default()
        };
        let rig = Rig::start_with(options).await.unwrap();
        Self { rig, heard }
    }

    /// Waits until the agent has heard of a chat: then its message can be
    /// answered.
    async fn hears(&self, target: &str) {
        let mut heard = self.heard.clone();
        let wanted = heard.wait_for(|heard| heard.contains(target));
        tokio::time::timeout(SOON, wanted).await.unwrap().unwrap();
    }
}

async fn rig(config: &str) -> Quiet {
    Quiet::start(bot(), config).await
}

fn bot() -> Bot {
    Bot::new(APP_ID, SECRET)
}

async fn send(quiet: &Quiet, target: &str, text: &str) -> Outcome {
    let message = OutboundMessage::text(target, text);
    quiet.commands().unwrap().send(message).await
}

/// A user writes, and can be answered.
async fn hear(quiet: &Quiet, user: &str) -> String {
    quiet.sim.user(user).says("hi");
    let target = format!("c2c:{APP_ID}:{user}");
    quiet.hears(&target).await;
    target
}

/// A line of the table in docs/sending.md: codes, and what the channel does.
fn documented() -> Vec<(Vec<i64>, String)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/sending.md");
    let document = std::fs::read_to_string(path).unwrap();
    let line = |line: &str| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let codes: Option<Vec<i64>> = cells.get(1)?.split(", ").map(|c| c.parse().ok()).collect();
        let source = *cells.get(5)?;
        let sends = ["guide", "send", "field"].contains(&source);
        sends.then_some((codes?, cells.get(3)?.to_string()))
    };
    document.lines().filter_map(line).collect()
}

/// What a refusal leads to, and the text it is tried with.
enum Expected {
    Sent,
    Audit,
    Kept,
    /// Not within the command's time.
    Later,
    Reported,
}

fn expected(action: &str) -> (Expected, String) {
    use Expected::{Audit, Kept, Later, Reported, Sent};
    let long = "word ".repeat(200);
    match action {
        a if a.starts_with("gets a new token") => (Sent, "hello".to_owned()),
        a if a.starts_with("tries again with") => (Sent, "hello".to_owned()),
        a if a.starts_with("leaves the endpoint alone") => (Later, "hello".to_owned()),
        a if a.starts_with("tries again later") => (Sent, "hello".to_owned()),
        a if a.starts_with("takes it for delivered") => (Sent, "hello".to_owned()),
        a if a.starts_with("answers another") => (Kept, "hello".to_owned()),
        a if a.starts_with("waits for the moderators") => (Audit, "hello".to_owned()),
        a if a.starts_with("sends it without markup") => (Sent, "**bold**".to_owned()),
        a if a.starts_with("sends it once more") => (Sent, "see example.com".to_owned()),
        a if a.starts_with("sends it in smaller") => (Sent, long),
        a if a.starts_with("keeps the text") => (Kept, "hello".to_owned()),
        _ => (Reported, "hello".to_owned()),
    }
}

fn refuse(rig: &Quiet, peer: &str, code: i64, shape: RefusalShape) {
    let refusal = ScriptedRefusal {
        peer: Some(peer.to_owned()),
        shape,
        ..ScriptedRefusal::code(code)
    };
    rig.sim.fault(Fault::RefuseNext(refusal));
}

/// One code, with a user of its own.
async fn drive(rig: &Quiet, code: i64, action: &str) {
    let user = format!("USER{code}");
    let unasked = action.starts_with("keeps the text");
    let target = match unasked {
        true => format!("c2c:{APP_ID}:{user}"),
        false => hear(rig, &user).await,
    };
    let shapes = [
        RefusalShape::Both,
        RefusalShape::CodeOnly,
        RefusalShape::ErrCodeOnly,
    ];
    let shape = shapes[usize::try_from(code).unwrap() % shapes.len()];
    refuse(rig, &user, code, shape);
    let (expected, text) = expected(action);
    let message = OutboundMessage::text(&target, &text);
    let within = match expected {
        Expected::Later => Duration::from_secs(2),
        _ => SOON,
    };
    let outcome = rig.commands().unwrap().send_within(message, within).await;
    let how = outcome.as_ref().map(|receipt| receipt.how);
    match expected {
        Expected::Sent => assert_eq!(how, Ok(Delivery::Passive), "{code}: {outcome:?}"),
        Expected::Audit => assert_eq!(how, Ok(Delivery::PendingAudit), "{code}"),
        Expected::Kept | Expected::Later => {
            assert_eq!(how, Ok(Delivery::Deferred), "{code}: {outcome:?}");
        }
        Expected::Reported => {
            let failure = outcome.expect_err(&code.to_string());
            assert_eq!(failure.code, Some(code), "{failure:?}");
            assert!(failure.trace_id.is_some(), "{failure:?}");
            assert!(failure.remedy.is_some(), "{failure:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_code_does_what_is_documented() {
    let rig = rig("").await;
    let all = documented();
    let codes: usize = all.iter().map(|(codes, _)| codes.len()).sum();
    assert!(codes > 150, "the table is gone: {codes}");
    // One at a time where a refusal is remembered for the scene.
    let concerns_all = |action: &str| {
        ["sends it without markup", "leaves the endpoint alone"]
            .iter()
            .any(|words| action.starts_with(words))
    };
    let (alone, rest): (Vec<_>, Vec<_>) = all.iter().partition(|(_, action)| concerns_all(action));
    let drives = rest
        .iter()
        .flat_map(|(codes, action)| codes.iter().map(|code| drive(&rig, *code, action)));
    futures_util::future::join_all(drives).await;
    for (codes, action) in alone {
        for code in codes {
            let rig = self::rig("").await;
            drive(&rig, *code, action).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_no_errors_are_never_taken_for_success() {
    let rig = rig("").await;
    for (status, shape, carried_out) in [
        (200, RefusalShape::Both, false),
        (500, RefusalShape::ErrCodeOnly, false),
        (502, RefusalShape::Html, true),
        (504, RefusalShape::Empty, true),
        (200, RefusalShape::Empty, true),
    ] {
        let user = format!("U{status}{carried_out}");
        let target = hear(&rig, &user).await;
        let refusal = ScriptedRefusal {
            peer: Some(user.clone()),
            status,
            shape,
            carried_out,
            ..ScriptedRefusal::code(50_055_001)
        };
        rig.sim.fault(Fault::RefuseNext(refusal));
        let outcome = send(&rig, &target, "hello").await.unwrap();
        let expected = match carried_out {
            true => Delivery::Duplicate,
            false => Delivery::Passive,
        };
        assert_eq!(outcome.how, expected, "{status} {shape:?}");
        assert_eq!(rig.sim.delivered(&user).len(), 1, "{status} {shape:?}");
    }
}

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
