//! Faults below the frames: stalls, resets, half-open sockets, late frames.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use crate::support::{LONG, Said, USER, start};
use qq_sim::{Entry, Fault, Record, Side, Stall};
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::time::timeout;

fn closed(entry: &Entry) -> bool {
    matches!(entry.record, Record::SocketClosed { .. })
}

#[tokio::test]
async fn tcp_ends_in_order_or_in_a_reset() {
    let (sim, client) = start().await;
    let (mut socket, session) = client.ready().await;
    sim.fault(Fault::DropSocket);
    assert_eq!(socket.tcp().read(&mut [0; 8]).await.unwrap(), 0);

    let mut socket = client.dial().await;
    socket.send(client.resume(&session, 1)).await;
    assert_eq!(socket.frame().await["t"], "RESUMED");
    // What nobody has read yet must not turn an end in order into a reset either.
    sim.fault(Fault::ResetSocket);
    let end = socket.tcp().read(&mut [0; 8]).await;
    assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset);

    let mut socket = client.dial().await;
    socket.send(client.resume(&session, 2)).await;
    assert_eq!(socket.frame().await["t"], "RESUMED");
}

/// Reads raw bytes until the simulator has sent half a frame: its head promises more.
async fn half(socket: &mut crate::support::Socket) -> (usize, usize) {
    let mut bytes = vec![0; 4096];
    let count = timeout(LONG, socket.tcp().read(&mut bytes))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(bytes[..2], [0x81, 126], "text, two bytes of length");
    let promised = usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
    (count, 4 + promised)
}

#[tokio::test]
async fn half_a_frame_and_then_nothing() {
    let (sim, client) = start().await;
    let (mut socket, session) = client.ready().await;
    sim.fault(Fault::StallNextDispatch(Stall::Forever));
    sim.user(USER).says("cut in two");
    let (sent, promised) = half(&mut socket).await;
    assert_eq!(sent, promised / 2);
    // The session is free, and the event comes again whole.
    let mut second = client.dial().await;
    second.send(client.resume(&session, 1)).await;
    assert_eq!(second.frame().await["d"]["content"], "cut in two");
    socket.send(json!({"op": 1, "d": 1})).await;
    drop(socket);
    let swallowed = |entry: &Entry| matches!(entry.record, Record::Swallowed { bytes: 1.. });
    sim.wait_for(swallowed, LONG).await.unwrap();
}

#[tokio::test]
async fn half_a_frame_and_the_end() {
    let (sim, client) = start().await;
    let (mut socket, session) = client.ready().await;
    sim.fault(Fault::StallNextDispatch(Stall::CutAfterMs(20)));
    sim.user(USER).says("cut off");
    half(&mut socket).await;
    assert_eq!(socket.tcp().read(&mut [0; 8]).await.unwrap(), 0);
    let out = |entry: &Entry| matches!(&entry.record, Record::FrameOut { s: Some(2), .. });
    assert!(!sim.journal().iter().any(out));
    let mut socket = client.dial().await;
    socket.send(client.resume(&session, 1)).await;
    assert_eq!(socket.frame().await["d"]["content"], "cut off");
}

#[tokio::test]
async fn half_a_frame_and_the_rest_later() {
    let (sim, client) = start().await;
    let (mut socket, _) = client.ready().await;
    sim.fault(Fault::StallNextDispatch(Stall::ReleaseAfterMs(60)));
    sim.fault(Fault::NoHello);
    sim.clear_faults();
    assert!(sim.pending_faults().is_empty());
    sim.fault(Fault::StallNextDispatch(Stall::ReleaseAfterMs(60)));
    let started = Instant::now();
    sim.user(USER).says("slow");
    sim.user(USER).says("next");
    assert_eq!(socket.frame().await["d"]["content"], "slow");
    assert!(started.elapsed() >= Duration::from_millis(60));
    assert_eq!(socket.frame().await["d"]["content"], "next");
    socket.send(json!({"op": 1, "d": 3})).await;
    assert_eq!(socket.frame().await["op"], 11);
    assert_eq!(sim.live_sockets(), 1);
    // Once: the first of the two was forgotten.
    sim.user(USER).says("whole");
    assert_eq!(socket.frame().await["d"]["content"], "whole");
}

#[tokio::test]
async fn a_stalled_socket_is_not_in_use() {
    let (sim, client) = start().await;
    let (mut stalled, _) = client.ready().await;
    sim.fault(Fault::StallNextDispatch(Stall::CutAfterMs(600_000)));
    sim.user(USER).says("never whole");
    half(&mut stalled).await;
    drop(stalled);
    client.ready().await;
    assert_eq!((sim.live_sockets(), sim.max_live_sockets()), (1, 1));
}

#[tokio::test]
async fn silence_swallows_frames_and_pings() {
    let (sim, client) = start().await;
    let (mut socket, _) = client.ready().await;
    sim.fault(Fault::Silence);
    let fired = |entry: &Entry| matches!(entry.record, Record::FaultFired { .. });
    let mark = sim.wait_for(fired, LONG).await.unwrap().n;
    assert_eq!(sim.live_sockets(), 0);
    socket.ping().await;
    socket.send(json!({"op": 1, "d": 1})).await;
    drop(socket);
    let end = sim.wait_after(mark, closed, LONG).await.unwrap();
    let after: Vec<_> = sim.journal().into_iter().filter(|e| e.n > mark).collect();
    assert!(
        matches!(after[0].record, Record::Swallowed { bytes: 20.. }),
        "{after:?}"
    );
    assert_eq!((after.len(), after[1].n), (2, end.n));
}

#[tokio::test]
async fn a_ping_is_answered_and_written_down() {
    let (sim, client) = start().await;
    let (mut socket, _) = client.ready().await;
    socket.ping().await;
    let ping = |entry: &Entry| matches!(entry.record, Record::Ping);
    sim.wait_for(ping, LONG).await.unwrap();
    let mut pong = [0; 3];
    socket.tcp().read_exact(&mut pong).await.unwrap();
    assert_eq!(pong, [0x8a, 1, b'?']);
}

#[tokio::test]
async fn late_frames_stay_in_order() {
    let (sim, client) = start().await;
    let (mut socket, _) = client.ready().await;
    sim.fault(Fault::DelayFrames { ms: 80 });
    let started = Instant::now();
    (0..50).for_each(|n| drop(sim.user(USER).says(&n.to_string())));
    sim.fault(Fault::CloseWith(4009));
    for n in 0..50 {
        assert_eq!(socket.frame().await["d"]["content"], n.to_string());
        assert!(started.elapsed() >= Duration::from_millis(80));
    }
    assert_eq!(socket.next().await, Said::Closed(Some(4009)));
    // Late, not slow: fifty delays one after the other would be four seconds.
    assert!(started.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn the_rule_makes_every_frame_late() {
    let (sim, client) = start().await;
    sim.rules(|rules| rules.frame_delay_ms = 40);
    let started = Instant::now();
    let (mut socket, _) = client.ready().await;
    assert!(started.elapsed() >= Duration::from_millis(80));
    sim.rules(|rules| rules.frame_delay_ms = 0);
    socket.send(json!({"op": 1, "d": 1})).await;
    assert_eq!(socket.frame().await["op"], 11);
}

#[tokio::test]
async fn a_dispatch_that_nothing_overtakes_arrives_all_the_same() {
    let (sim, client) = start().await;
    let (mut socket, session) = client.ready().await;
    sim.fault(Fault::SwapNextDispatches);
    sim.user(USER).says("alone");
    assert_eq!(socket.frame().await["d"]["content"], "alone");
    sim.fault(Fault::SwapNextDispatches);
    sim.user(USER).says("before the end");
    sim.fault(Fault::CloseWith(4009));
    assert_eq!(socket.frame().await["d"]["content"], "before the end");
    assert_eq!(socket.next().await, Said::Closed(Some(4009)));
    let mut socket = client.dial().await;
    socket.send(client.resume(&session, 3)).await;
    assert_eq!(socket.frame().await["t"], "RESUMED");
}

#[tokio::test]
async fn reconnect_is_followed_by_a_close_unless_the_client_is_faster() {
    let (sim, client) = start().await;
    let (mut socket, session) = client.ready().await;
    let pair = |ms| Fault::ReconnectThenClose { code: 4009, ms };
    sim.fault(pair(60));
    sim.user(USER).says("in between");
    assert_eq!(socket.frame().await, json!({"op": 7}));
    assert_eq!(socket.frame().await["d"]["content"], "in between");
    assert_eq!(socket.next().await, Said::Closed(Some(4009)));

    let mut socket = client.dial().await;
    socket.send(client.resume(&session, 2)).await;
    assert_eq!(socket.frame().await["t"], "RESUMED");
    sim.fault(pair(600_000));
    assert_eq!(socket.frame().await, json!({"op": 7}));
    let mark = sim.mark();
    socket.leave().await;
    let end = sim.wait_after(mark, closed, LONG).await.unwrap().record;
    assert!(matches!(
        end,
        Record::SocketClosed {
            by: Side::Client,
            ..
        }
    ));
}
