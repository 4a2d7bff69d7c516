//! Refused handshakes, intents, budgets, and what a resume brings.

use std::time::Duration;

use crate::support::{APP, C2C, Client, GROUP, LONG, MEMBER, Said, USER, start, start_with};
use qq_sim::{Bot, Draft, Entry, Fault, IntentRefusal, Record, Sim, SimConfig, intents};
use serde_json::{Value, json};

async fn answer_to(client: &Client, frame: Value) -> (Option<Value>, Option<u16>) {
    let mut socket = client.dial().await;
    socket.send(frame).await;
    socket.refusal().await
}

async fn left(client: &Client) -> Value {
    let answer = client.call("GET /gateway/bot", &Value::Null).await.json();
    answer["session_start_limit"].clone()
}

#[tokio::test]
async fn a_storm_refuses_identifies_and_resumes_and_is_over() {
    let (sim, client) = start().await;
    let (socket, session) = client.ready().await;
    socket.leave().await;
    let op9 = || Some(json!(false));
    assert!(sim.fault(Fault::op_9_storm(3, Some(4903))));
    assert_eq!(sim.pending_faults().len(), 3);
    let resume = client.resume(&session, 1);
    assert_eq!(answer_to(&client, resume).await, (op9(), Some(4903)));
    for _ in 0..2 {
        let identify = client.identify(C2C);
        assert_eq!(answer_to(&client, identify).await, (op9(), Some(4903)));
    }
    sim.fault(Fault::op_9_storm(1, None));
    assert_eq!(
        answer_to(&client, client.identify(C2C)).await,
        (op9(), None)
    );
    client.ready().await;
    let fired = |entry: &&Entry| matches!(entry.record, Record::FaultFired { .. });
    assert_eq!(sim.journal().iter().filter(fired).count(), 4);
}

#[tokio::test]
async fn identify_can_be_refused_so_many_times_or_end_without_a_word() {
    let (sim, client) = start().await;
    sim.fault(Fault::RefuseNextIdentify(4914).times(2));
    sim.fault(Fault::DropNextIdentify);
    for expected in [
        (Some(json!(false)), Some(4914)),
        (Some(json!(false)), Some(4914)),
        (None, None),
    ] {
        assert_eq!(answer_to(&client, client.identify(C2C)).await, expected);
    }
    client.ready().await;
    assert!(!sim.fault(Fault::NoHello.times(10_001)));
    assert!(sim.pending_faults().is_empty());
}

#[tokio::test]
async fn a_resume_can_bring_what_the_client_has_already() {
    let (sim, client) = start().await;
    let (mut socket, session) = client.ready().await;
    (2..=4).for_each(|n| drop(sim.user(USER).says(&n.to_string())));
    for _ in 2..=4 {
        socket.frame().await;
    }
    sim.fault(Fault::DropSocket);
    assert_eq!(socket.next().await, Said::Closed(None));
    sim.user(USER).says("5");
    sim.fault(Fault::ReplayOnNextResume(2));
    let mut socket = client.dial().await;
    socket.send(client.resume(&session, 4)).await;
    for s in 3..=5 {
        let frame = socket.frame().await;
        assert_eq!(
            (&frame["s"], &frame["d"]["content"]),
            (&json!(s), &json!(s.to_string()))
        );
    }
    assert_eq!(socket.frame().await["t"], "RESUMED");
    let resumed = |entry: &Entry| match entry.record {
        Record::Resumed { seq, replayed, .. } => (seq, replayed) == (4, 3),
        _ => false,
    };
    sim.wait_for(resumed, LONG).await.unwrap();
}

#[tokio::test]
async fn one_group_message_in_both_forms() {
    let (sim, client) = start().await;
    let (mut socket, _) = client.ready().await;
    let id = sim
        .group(GROUP)
        .member(MEMBER)
        .sends_both(&Draft::text("hi"));
    let (at, full) = (socket.frame().await, socket.frame().await);
    assert_eq!(
        [&at["t"], &full["t"]],
        ["GROUP_AT_MESSAGE_CREATE", "GROUP_MESSAGE_CREATE"]
    );
    assert_eq!([&at["d"]["id"], &full["d"]["id"]], [&id, &id]);
    assert_eq!(at["d"]["message_scene"], full["d"]["message_scene"]);
    assert_ne!(at["id"], full["id"]);
    // Both are one message: five answers in all.
    let answer = |n: u32| json!({"msg_type": 0, "content": "a", "msg_id": id, "msg_seq": n});
    for n in 1..=5 {
        assert_eq!(client.send_group(answer(n)).await.status, 200);
    }
    assert_eq!(client.send_group(answer(6)).await.code(), 40_034_128);
}

#[tokio::test]
async fn a_bit_without_permission_is_refused_in_four_ways() {
    let (sim, client) = start().await;
    let op9 = || Some(json!(false));
    let cases = [
        (IntentRefusal::Op9ThenClose, (op9(), Some(4014))),
        (IntentRefusal::CloseOnly, (None, Some(4014))),
        (IntentRefusal::CreateSessionError, (op9(), Some(4903))),
        (IntentRefusal::EndOfFile, (None, None)),
    ];
    for (how, expected) in cases {
        sim.rules(|rules| rules.intent_refusal = how);
        let wish = client.identify(C2C | intents::MESSAGE_AUDIT);
        assert_eq!(answer_to(&client, wish).await, expected, "{how:?}");
    }
}

#[tokio::test]
async fn a_grant_can_be_given_and_taken_while_connected() {
    let (sim, client) = start().await;
    let wish = C2C | intents::INTERACTION;
    let mut socket = client.dial().await;
    socket.send(client.identify(wish)).await;
    socket.frame().await;
    sim.change_bot(APP, |bot| bot.intents = C2C);
    sim.user(USER).clicks("ok", "unseen");
    sim.user(USER).says("seen");
    assert_eq!(socket.frame().await["d"]["content"], "seen");
    let refused = answer_to(&client, client.identify(wish)).await;
    assert_eq!(refused, (Some(json!(false)), Some(4014)));
    sim.change_bot(APP, |bot| bot.intents = wish);
    sim.user(USER).clicks("ok", "seen again");
    assert_eq!(socket.frame().await["t"], "INTERACTION_CREATE");
}

#[tokio::test]
async fn all_guild_messages_are_for_private_domain_bots() {
    let bots = [Bot::new(APP, "SECRET"), Bot::new("2", "s").private_domain()];
    let sim = Sim::start(SimConfig::with_bots(bots)).await.unwrap();
    let public = Client::new(&sim).await;
    let private = Client::of(&sim.base_url(), "2", "s").await;
    let all = intents::GUILD_MESSAGES;
    let refused = answer_to(&public, public.identify(all)).await;
    assert_eq!(refused, (Some(json!(false)), Some(4014)));
    let mut socket = private.dial().await;
    socket.send(private.identify(all)).await;
    assert_eq!(socket.frame().await["t"], "READY");

    sim.change_bot(APP, |bot| bot.intents |= intents::PRIVATE);
    let mut socket = public.dial().await;
    socket.send(public.identify(all)).await;
    assert_eq!(socket.frame().await["t"], "READY");
    sim.inject("AT_MESSAGE_CREATE", json!({"id": "bit 30"}));
    sim.inject("MESSAGE_CREATE", json!({"id": "bit 9"}));
    assert_eq!(socket.frame().await["d"]["id"], "bit 9");
}

#[tokio::test]
async fn every_identify_costs_even_a_refused_one() {
    let config = SimConfig::default().rules(|rules| {
        rules.identify_budget = 4;
        rules.identify_reset_secs = 600;
    });
    let (sim, client) = start_with(config).await;
    let limit = left(&client).await;
    assert_eq!(
        (&limit["total"], &limit["remaining"]),
        (&json!(4), &json!(4))
    );
    assert_eq!(limit["reset_after"], 600_000);
    client.ready().await;
    answer_to(&client, client.identify(1 << 27)).await;
    sim.fault(Fault::RefuseNextIdentify(4903));
    answer_to(&client, client.identify(C2C)).await;
    sim.rules(|rules| rules.source_ip_refused = true);
    answer_to(&client, client.identify(C2C)).await;
    sim.rules(|rules| rules.source_ip_refused = false);
    assert_eq!(left(&client).await["remaining"], 0);
    let refused = answer_to(&client, client.identify(C2C)).await;
    assert_eq!(refused, (Some(json!(false)), Some(4903)));
    sim.advance(Duration::from_secs(600));
    assert_eq!(left(&client).await["remaining"], 4);
    client.ready().await;
}

#[tokio::test]
async fn a_resume_costs_no_identify() {
    let (_sim, client) = start().await;
    let (socket, session) = client.ready().await;
    socket.leave().await;
    let mut socket = client.dial().await;
    socket.send(client.resume(&session, 1)).await;
    assert_eq!(socket.frame().await["t"], "RESUMED");
    assert_eq!(left(&client).await["remaining"], 999);
}
