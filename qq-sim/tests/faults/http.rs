//! What goes wrong with HTTP, and what the journal tells about it.

use std::time::{Duration, Instant};

use crate::support::{GROUP, LONG, MEMBER, USER, http, start, text};
use qq_sim::{Endpoint, Entry, Fault, Record};
use serde_json::{Value, json};

const fn unanswered(entry: &Entry) -> bool {
    matches!(entry.record, Record::Http { status: None, .. })
}

#[tokio::test]
async fn a_body_can_be_late_or_drip() {
    let (sim, client) = start().await;
    let expected = client.call("GET /gateway", &Value::Null).await.json();
    let slow = [
        Fault::DelayHttpBody {
            endpoint: Some(Endpoint::Gateway),
            ms: 60,
        },
        Fault::DripHttp {
            endpoint: Some(Endpoint::Gateway),
            ms: 1,
        },
    ];
    for (fault, at_least) in slow.into_iter().zip([60, 40]) {
        sim.fault(fault);
        let started = Instant::now();
        let reply = client.call("GET /gateway", &Value::Null).await;
        assert_eq!((reply.status, reply.json()), (200, expected.clone()));
        assert!(started.elapsed() >= Duration::from_millis(at_least));
    }
}

#[tokio::test]
async fn a_connection_can_be_reset_before_or_after_the_message_is_accepted() {
    let (sim, client) = start().await;
    let id = sim.user(USER).says("hi");
    let line = format!("POST /v2/users/{USER}/messages");
    for (carried_out, seq) in [(false, 1), (true, 2)] {
        sim.fault(Fault::ResetHttp {
            endpoint: Some(Endpoint::UserMessage),
            carried_out,
        });
        let mark = sim.mark();
        let broken = client.try_call(&line, &text("x", &id, seq)).await;
        assert_eq!(broken.unwrap_err(), "no answer");
        sim.wait_after(mark, unanswered, LONG).await.unwrap();
        assert_eq!(sim.sent_texts().len(), usize::from(carried_out));
    }
    assert_eq!(client.send_user(text("y", &id, 1)).await.status, 200);
    assert_eq!(client.send_user(text("x", &id, 2)).await.code(), 40_054_005);
    assert_eq!(sim.sent_texts(), ["x", "y"]);
}

#[tokio::test]
async fn an_empty_answer_is_a_success_that_never_happened() {
    let (sim, client) = start().await;
    let id = sim.user(USER).says("hi");
    sim.fault(Fault::EmptyHttp { endpoint: None });
    let reply = client.send_user(text("x", &id, 1)).await;
    assert_eq!((reply.status, reply.text.as_str()), (200, ""));
    assert!(sim.sent_texts().is_empty());
}

#[tokio::test]
async fn a_client_that_leaves_before_the_answer_is_in_the_journal() {
    let (sim, client) = start().await;
    sim.fault(Fault::NextHttpDelay {
        endpoint: None,
        ms: 600_000,
    });
    let fired = |entry: &Entry| matches!(entry.record, Record::FaultFired { .. });
    tokio::select! {
        _ = client.call("GET /gateway", &Value::Null) => panic!("it was answered"),
        seen = sim.wait_for(fired, LONG) => assert!(seen.is_ok()),
    }
    sim.wait_for(unanswered, LONG).await.unwrap();
}

#[tokio::test]
async fn a_refused_upgrade_is_in_the_journal() {
    let (sim, client) = start().await;
    sim.fault(Fault::RefuseUpgrade(503));
    for status in [503, 426] {
        let refused = http(&client.base, "GET /websocket/", "", "").await.unwrap();
        assert_eq!(refused.status, status);
        let noted = |entry: &Entry| matches!(&entry.record, Record::Http { status: Some(seen), .. } if *seen == status);
        sim.wait_for(noted, LONG).await.unwrap();
    }
}

#[tokio::test]
async fn the_journal_tells_who_was_sent_what() {
    let (sim, client) = start().await;
    let user = sim.user(USER).says("hi");
    let group = sim.group(GROUP).member(MEMBER).mentions_bot("hi");
    client.send_user(text("one", &user, 1)).await;
    client.send_group(text("two", &group, 1)).await;
    client.send_user(text("three", &user, 2)).await;
    client.send_user(text("refused", &user, 2)).await;
    let typing = json!({"msg_type": 6, "msg_id": user, "msg_seq": 9,
                        "input_notify": {"input_type": 1, "input_second": 5}});
    assert_eq!(client.send_user(typing).await.status, 200);
    assert_eq!(sim.wait_delivered(USER, 2, LONG).await.unwrap().len(), 2);
    let too_many = sim.wait_delivered(GROUP, 2, Duration::ZERO).await;
    assert!(too_many.is_err());
    let texts = |openid: &str| {
        let messages = sim.delivered(openid).into_iter();
        messages.map(|sent| sent.text.unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(texts(USER), ["one", "three"]);
    assert_eq!(texts(GROUP), ["two"]);
    assert_eq!(sim.sent_texts(), ["one", "two", "three"]);
}

#[tokio::test]
async fn sockets_in_use_at_one_time_are_counted() {
    let (sim, client) = start().await;
    assert_eq!(sim.max_live_sockets(), 0);
    let (socket, session) = client.ready().await;
    socket.leave().await;
    // A resume takes a session over, it does not double it.
    for _ in 0..3 {
        let mut socket = client.dial().await;
        socket.send(client.resume(&session, 1)).await;
        while socket.frame().await["t"] != "RESUMED" {}
    }
    assert_eq!(sim.max_live_sockets(), 1);
    let _doubled = (client.ready().await, client.ready().await);
    assert!(sim.max_live_sockets() >= 2);
    assert_eq!(sim.max_live_sockets_of("nobody"), 0);
}
