//! Hello, Identify, heartbeats, Resume, and everything that closes a socket.

use std::time::Duration;

use crate::support::{C2C, Client, GROUP, LONG, MEMBER, Said, USER, start, start_with};
use qq_sim::{Bot, Fault, Record, ResumeRefusal, Side, Sim, SimConfig, Standing};
use serde_json::{Value, json};

#[tokio::test]
async fn identify_gives_ready_with_sequence_one() {
    let (_sim, client) = start().await;
    let mut socket = client.dial().await;
    socket.send(client.identify(C2C)).await;
    let ready = socket.frame().await;
    assert_eq!(
        (&ready["op"], &ready["s"], &ready["t"]),
        (&json!(0), &json!(1), &json!("READY"))
    );
    assert_eq!(ready["d"]["user"]["bot"], true);
    assert_eq!(ready["d"]["shard"], json!([0, 1]));
}

#[tokio::test]
async fn heartbeats_are_acknowledged_before_and_after_identify() {
    let (_sim, client) = start().await;
    let mut socket = client.dial().await;
    socket.send(json!({"op": 1, "d": null})).await;
    assert_eq!(socket.frame().await, json!({"op": 11}));
    socket.send(client.identify(C2C)).await;
    socket.frame().await;
    socket.send(json!({"op": 1, "d": 1})).await;
    assert_eq!(socket.frame().await, json!({"op": 11}));
}

#[tokio::test]
async fn two_intervals_without_a_heartbeat_close_the_socket() {
    let config = SimConfig::default().heartbeat(Duration::from_millis(50));
    let sim = Sim::start(config).await.unwrap();
    let (mut socket, _) = Client::new(&sim).await.ready().await;
    assert_eq!(socket.next().await, Said::Closed(Some(4009)));
}

#[tokio::test]
async fn dispatches_arrive_in_order_with_envelope_ids() {
    let (sim, client) = start().await;
    let (mut socket, _) = client.ready().await;
    let first = sim.user(USER).says("one");
    let second = sim.group(GROUP).member(MEMBER).mentions_bot("two");
    let one = socket.frame().await;
    let two = socket.frame().await;
    assert_eq!((&one["s"], &one["d"]["id"]), (&json!(2), &json!(first)));
    assert!(
        one["id"]
            .as_str()
            .unwrap()
            .starts_with("C2C_MESSAGE_CREATE:")
    );
    assert_eq!((&two["s"], &two["d"]["id"]), (&json!(3), &json!(second)));
    assert_eq!(two["t"], "GROUP_AT_MESSAGE_CREATE");
    assert_eq!(two["d"]["content"], " two ");
    assert!(two["d"]["timestamp"].as_str().unwrap().ends_with("+08:00"));
}

#[tokio::test]
async fn a_dropped_session_is_replayed_before_resumed() {
    let (sim, client) = start().await;
    let (mut socket, session) = client.ready().await;
    sim.user(USER).says("seen");
    assert_eq!(socket.frame().await["s"], 2);
    sim.fault(Fault::DropSocket);
    assert_eq!(socket.next().await, Said::Closed(None));
    sim.user(USER).says("missed 1");
    sim.user(USER).says("missed 2");

    let mut socket = client.dial().await;
    socket.send(client.resume(&session, 2)).await;
    assert_eq!(socket.frame().await["d"]["content"], "missed 1");
    assert_eq!(socket.frame().await["d"]["content"], "missed 2");
    let resumed = socket.frame().await;
    assert_eq!(resumed, json!({"op": 0, "s": 5, "t": "RESUMED", "d": ""}));
    sim.user(USER).says("live");
    assert_eq!(socket.frame().await["s"], 6);
}

#[tokio::test]
async fn a_resume_can_be_refused_in_every_way() {
    let (sim, client) = start().await;
    let (socket, session) = client.ready().await;
    socket.leave().await;
    let try_resume = async |session: &str, seq| {
        let mut socket = client.dial().await;
        socket.send(client.resume(session, seq)).await;
        socket.refusal().await
    };
    assert_eq!(
        try_resume("unknown", 1).await,
        (Some(json!(false)), Some(4006))
    );
    assert_eq!(try_resume(&session, 99).await, (None, Some(4007)));
    sim.fault(Fault::RefuseNextResume(ResumeRefusal::Drop));
    assert_eq!(try_resume(&session, 1).await, (None, None));
    sim.fault(Fault::RefuseNextResume(ResumeRefusal::Close(4902)));
    assert_eq!(try_resume(&session, 1).await, (None, Some(4902)));
    // That one was final.
    assert_eq!(
        try_resume(&session, 1).await,
        (Some(json!(false)), Some(4006))
    );
}

#[tokio::test]
async fn op_9_true_invites_another_resume() {
    let (sim, client) = start().await;
    let (socket, session) = client.ready().await;
    socket.leave().await;
    sim.fault(Fault::RefuseNextResume(ResumeRefusal::InvalidSession(true)));
    let mut socket = client.dial().await;
    socket.send(client.resume(&session, 1)).await;
    assert_eq!(socket.frame().await, json!({"op": 9, "d": true}));
    socket.send(client.resume(&session, 1)).await;
    assert_eq!(socket.frame().await["t"], "RESUMED");
}

#[tokio::test]
async fn a_session_is_gone_after_its_life_or_its_buffer() {
    let (sim, client) = start_with(SimConfig {
        replay_buffer: 2,
        ..SimConfig::default()
    })
    .await;
    let (socket, session) = client.ready().await;
    socket.leave().await;
    let closed = |entry: &qq_sim::Entry| matches!(entry.record, Record::SocketClosed { .. });
    sim.wait_for(closed, LONG).await.unwrap();
    (0..3).for_each(|_| drop(sim.user(USER).says("x")));
    let mut socket = client.dial().await;
    socket.send(client.resume(&session, 1)).await;
    assert_eq!(socket.refusal().await, (None, Some(4007)));
    sim.advance(Duration::from_secs(301));
    let mut socket = client.dial().await;
    socket.send(client.resume(&session, 4)).await;
    assert_eq!(socket.refusal().await, (Some(json!(false)), Some(4006)));
}

#[tokio::test]
async fn identify_is_refused_with_the_reason_in_the_close_code() {
    let bots = [
        Bot::new("102012345", "SECRET"),
        Bot::new("2", "s").standing(Standing::SandboxOnly),
    ];
    let (sim, client) = start_with(SimConfig::with_bots(bots)).await;
    let shelved = Client::of(&sim.base_url(), "2", "s").await;
    let op9 = Some(json!(false));
    let cases: [(Value, Option<Value>, u16); 8] = [
        (client.identify(C2C | 1 << 27), op9.clone(), 4014),
        (client.identify(1 << 5), op9.clone(), 4013),
        (shelved.identify(C2C), op9, 4914),
        (
            json!({"op": 2, "d": {"token": "QQBot no", "intents": 1}}),
            None,
            4004,
        ),
        (json!({"op": 2, "d": {"intents": 1}}), None, 4002),
        (
            json!({"op": 2, "d": {"token": "QQBot no", "intents": 1, "shard": [1, 1]}}),
            None,
            4010,
        ),
        (json!({"op": 10}), None, 4003),
        (json!({"op": 99}), None, 4001),
    ];
    for (frame, first, code) in cases {
        let mut socket = client.dial().await;
        socket.send(frame.clone()).await;
        assert_eq!(socket.refusal().await, (first, Some(code)), "{frame}");
    }
    let mut socket = client.dial().await;
    socket.send_text("not json").await;
    assert_eq!(socket.refusal().await, (None, Some(4002)));
    let (mut socket, _) = client.ready().await;
    socket.send(client.identify(C2C)).await;
    assert_eq!(socket.refusal().await, (None, Some(4005)));
}

#[tokio::test]
async fn a_banned_bot_is_told_4915() {
    let (sim, client) = start().await;
    sim.change_bot("102012345", |bot| bot.standing = Standing::Banned);
    let mut socket = client.dial().await;
    socket.send(client.identify(C2C)).await;
    assert_eq!(socket.refusal().await, (Some(json!(false)), Some(4915)));
}

#[tokio::test]
async fn budget_concurrency_and_pace_can_be_limited() {
    let config = SimConfig::default().rules(|rules| {
        rules.identify_budget = 2;
        rules.enforce_concurrency = true;
        rules.frames_per_minute = Some(3);
    });
    let (sim, client) = start_with(config).await;
    let (mut socket, _) = client.ready().await;
    for _ in 0..2 {
        socket.send(json!({"op": 1, "d": 1})).await;
        socket.frame().await;
    }
    socket.send(json!({"op": 1, "d": 1})).await;
    assert_eq!(socket.refusal().await, (None, Some(4008)));
    let mut socket = client.dial().await;
    socket.send(client.identify(C2C)).await;
    assert_eq!(socket.refusal().await, (None, Some(4008)));
    sim.advance(Duration::from_secs(5));
    client.ready().await;
    sim.advance(Duration::from_secs(5));
    let mut socket = client.dial().await;
    socket.send(client.identify(C2C)).await;
    assert_eq!(socket.refusal().await, (Some(json!(false)), Some(4903)));
}

#[tokio::test]
async fn events_without_their_intent_do_not_arrive() {
    let (sim, client) = start().await;
    let (mut socket, _) = client.ready().await;
    sim.user(USER).clicks("ok", "ok:42");
    sim.inject("GUILD_CREATE", json!({"id": "1"}));
    sim.inject("BRAND_NEW", json!({"x": null}));
    assert_eq!(socket.frame().await["t"], "BRAND_NEW");
}

#[tokio::test]
async fn a_second_resume_takes_the_session_over() {
    let (_sim, client) = start().await;
    let (mut old, session) = client.ready().await;
    let mut new = client.dial().await;
    new.send(client.resume(&session, 1)).await;
    assert_eq!(new.frame().await["t"], "RESUMED");
    assert_eq!(old.refusal().await, (None, Some(4902)));
}

#[tokio::test]
async fn the_journal_tells_who_closed() {
    let (sim, client) = start().await;
    let (socket, _) = client.ready().await;
    socket.leave().await;
    let entry = sim
        .wait_for(
            |entry| {
                matches!(
                    entry.record,
                    Record::SocketClosed {
                        by: Side::Client,
                        ..
                    }
                )
            },
            LONG,
        )
        .await
        .unwrap();
    assert_eq!(entry.connection, Some(2));
}
