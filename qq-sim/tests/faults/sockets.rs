//! Scripted faults, on sockets and on HTTP.

use std::time::{Duration, Instant};

use crate::support::{LONG, Said, Socket, USER, http, start};
use qq_sim::{Endpoint, Fault, HttpAnswer, Record};
use serde_json::{Value, json};

#[tokio::test]
async fn a_close_comes_between_the_events_around_it() {
    let (sim, client) = start().await;
    let (mut socket, session) = client.ready().await;
    sim.user(USER).says("before");
    sim.fault(Fault::Reconnect);
    sim.fault(Fault::CloseWith(4009));
    sim.user(USER).says("after");
    assert_eq!(socket.frame().await["d"]["content"], "before");
    assert_eq!(socket.frame().await, json!({"op": 7}));
    assert_eq!(socket.next().await, Said::Closed(Some(4009)));
    let mut socket = client.dial().await;
    socket.send(client.resume(&session, 2)).await;
    assert_eq!(socket.frame().await["d"]["content"], "after");
}

#[tokio::test]
async fn a_final_close_code_ends_the_session() {
    let (sim, client) = start().await;
    for fault in [Fault::CloseWith(4902), Fault::InvalidSession(false)] {
        let (mut socket, session) = client.ready().await;
        sim.fault(fault);
        assert!(matches!(socket.refusal().await, (_, Some(4902 | 4006))));
        let mut socket = client.dial().await;
        socket.send(client.resume(&session, 1)).await;
        assert_eq!(socket.refusal().await, (Some(json!(false)), Some(4006)));
    }
}

#[tokio::test]
async fn a_fault_for_a_live_socket_waits_for_one() {
    let (sim, client) = start().await;
    sim.fault(Fault::ServerHeartbeat);
    sim.fault(Fault::GarbageFrame("{not json".into()));
    assert_eq!(sim.pending_faults().len(), 2);
    let (mut socket, _) = client.ready().await;
    assert_eq!(socket.frame().await["op"], 1);
    assert_eq!(socket.next().await, Said::Text("{not json".into()));
}

#[tokio::test]
async fn silence_leaves_a_half_open_socket_and_a_session_to_resume() {
    let (sim, client) = start().await;
    let (mut socket, session) = client.ready().await;
    sim.fault(Fault::Silence);
    let silent = |entry: &qq_sim::Entry| {
        matches!(
            entry.record,
            Record::FaultFired {
                fault: Fault::Silence
            }
        )
    };
    sim.wait_for(silent, LONG).await.unwrap();
    sim.user(USER).says("unheard");
    socket.send(json!({"op": 1, "d": 1})).await;

    let mut second = client.dial().await;
    second.send(client.resume(&session, 1)).await;
    assert_eq!(second.frame().await["d"]["content"], "unheard");
    drop(socket);
    let closed = |entry: &qq_sim::Entry| matches!(entry.record, Record::SocketClosed { .. });
    assert_eq!(
        sim.wait_for(closed, LONG).await.unwrap().connection,
        Some(2)
    );
}

#[tokio::test]
async fn dispatches_can_be_doubled_lost_and_swapped() {
    let (sim, client) = start().await;
    let (mut socket, _) = client.ready().await;
    let mut numbers = Vec::new();
    sim.fault(Fault::DuplicateNextDispatch);
    sim.user(USER).says("2");
    for _ in 0..2 {
        numbers.push(socket.frame().await["s"].clone());
    }
    sim.fault(Fault::LoseNextDispatch);
    sim.fault(Fault::SwapNextDispatches);
    (3..=5).for_each(|_| drop(sim.user(USER).says("x")));
    for _ in 0..2 {
        numbers.push(socket.frame().await["s"].clone());
    }
    assert_eq!(numbers, [2, 2, 5, 4]);
}

#[tokio::test]
async fn no_hello_no_ack_no_upgrade_no_identify() {
    let (sim, client) = start().await;
    sim.fault(Fault::NoHello);
    let mut socket = Socket::open(&client.base).await;
    socket.send(json!({"op": 1, "d": null})).await;
    assert_eq!(socket.frame().await["op"], 11);
    sim.fault(Fault::SkipNextAck);
    socket.send(json!({"op": 1, "d": null})).await;
    socket.send(json!({"op": 1, "d": null})).await;
    assert_eq!(socket.frame().await["op"], 11);
    sim.fault(Fault::RefuseNextIdentify(4903));
    socket.send(client.identify(crate::support::C2C)).await;
    assert_eq!(socket.refusal().await, (Some(json!(false)), Some(4903)));
    sim.fault(Fault::RefuseUpgrade(503));
    let headers = "upgrade: websocket\r\nsec-websocket-key: x\r\n";
    let refused = http(&client.base, "GET /websocket/", headers, "")
        .await
        .unwrap();
    assert_eq!(refused.status, 503);
}

#[tokio::test]
async fn a_canned_answer_hits_its_endpoint_only() {
    let (sim, client) = start().await;
    sim.fault(Fault::NextHttp(HttpAnswer {
        endpoint: Some(Endpoint::UserMessage),
        status: 429,
        body: json!({"code": 20028}),
        headers: [("retry-after".into(), "1".into())].into(),
    }));
    assert_eq!(client.call("GET /gateway", &Value::Null).await.status, 200);
    let reply = client.send_user(json!({})).await;
    assert_eq!((reply.status, reply.code()), (429, 20028));
    assert_eq!(
        (
            reply.headers["retry-after"].as_str(),
            reply.headers["content-type"].as_str()
        ),
        ("1", "application/json")
    );
    assert_eq!(client.send_user(json!({})).await.status, 400);
}

#[tokio::test]
async fn answers_can_be_html_cut_late_or_lost() {
    let (sim, client) = start().await;
    let id = sim.user(USER).says("hi");
    let body = json!({"msg_type": 0, "content": "a", "msg_id": id, "msg_seq": 1});
    sim.fault(Fault::HtmlBody {
        endpoint: None,
        status: 502,
    });
    let page = client.send_user(body.clone()).await;
    assert_eq!(
        (page.status, page.headers["content-type"].as_str()),
        (502, "text/html")
    );

    sim.fault(Fault::LoseHttpAnswer {
        endpoint: Some(Endpoint::UserMessage),
    });
    assert_eq!(client.send_user(body.clone()).await.status, 504);
    assert_eq!(client.send_user(body).await.code(), 40_054_005);
    assert_eq!(
        sim.next_reply(LONG).await.unwrap().text.as_deref(),
        Some("a")
    );

    sim.fault(Fault::TruncateHttp { endpoint: None });
    assert!(client.try_call("GET /gateway", &Value::Null).await.is_err());

    sim.fault(Fault::NextHttpDelay {
        endpoint: None,
        ms: 60,
    });
    let started = Instant::now();
    client.call("GET /gateway", &Value::Null).await;
    assert!(started.elapsed() >= Duration::from_millis(60));
}

#[tokio::test]
async fn a_hanging_request_is_in_the_journal_without_a_status() {
    let (sim, client) = start().await;
    sim.fault(Fault::HangHttp {
        endpoint: Some(Endpoint::Gateway),
    });
    let hung = |entry: &qq_sim::Entry| matches!(entry.record, Record::Http { status: None, .. });
    tokio::select! {
        _ = client.call("GET /gateway", &Value::Null) => panic!("it was answered"),
        seen = sim.wait_for(hung, LONG) => assert!(seen.is_ok()),
    }
}

#[tokio::test]
async fn reset_forgets_and_closes() {
    let (sim, client) = start().await;
    let (mut socket, _) = client.ready().await;
    sim.fault(Fault::NoHello);
    sim.reset();
    assert_eq!(socket.next().await, Said::Closed(Some(4902)));
    assert!(sim.pending_faults().is_empty());
    assert_eq!(
        client.call("GET /gateway", &Value::Null).await.code(),
        11244
    );
}
