//! The platform breaks the connection or takes the token back; nothing is lost.

use std::time::Duration;

use e2e::{APP_ID, Rig, RigOptions, SECRET, SOON};
use qq_sim::{Bot, Entry, Fault, Record, SimConfig};

fn resumed(entry: &Entry) -> bool {
    matches!(entry.record, Record::Resumed { .. })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_connection_is_resumed_and_what_was_missed_arrives() {
    let rig = Rig::start().await.unwrap();
    rig.echoes("USER1", "before").await;
    assert!(rig.sim.fault(Fault::DropSocket));
    rig.sim.user("USER1").says("missed");
    assert_eq!(
        rig.sim.next_reply(SOON).await.unwrap().text.as_deref(),
        Some("missed")
    );
    rig.sim.wait_for(resumed, SOON).await.unwrap();
    assert_eq!(rig.identifies(), 1);
    assert_eq!(rig.sim.live_sockets(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_half_hourly_reconnect_is_one_resume() {
    let rig = Rig::start().await.unwrap();
    assert!(rig.sim.fault(Fault::Reconnect));
    assert!(rig.sim.fault(Fault::CloseWith(4009)));
    rig.sim.wait_for(resumed, SOON).await.unwrap();
    rig.echoes("USER1", "after").await;
    assert_eq!(rig.identifies(), 1);
    assert_eq!(rig.resumes(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_connection_is_noticed_and_resumed() {
    let sim =
        SimConfig::with_bots([Bot::new(APP_ID, SECRET)]).heartbeat(Duration::from_millis(400));
    let rig = Rig::start_with(RigOptions {
        sim,
        ..RigOptions::default()
    })
    .await
    .unwrap();
    assert!(rig.sim.fault(Fault::Silence));
    rig.sim.wait_for(resumed, SOON).await.unwrap();
    rig.echoes("USER1", "after").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_the_platform_forgot_is_identified_anew() {
    let rig = Rig::start().await.unwrap();
    assert!(rig.sim.fault(Fault::CloseWith(4006)));
    rig.sim
        .wait_after(
            rig.sim.mark(),
            |entry| matches!(entry.record, Record::Identified { .. }),
            SOON,
        )
        .await
        .unwrap();
    rig.echoes("USER1", "after").await;
    assert_eq!(rig.identifies(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_never_says_hello_is_given_up_on_and_tried_again() {
    let rig = Rig::without_channel(RigOptions::default()).await.unwrap();
    assert!(rig.sim.fault(Fault::NoHello));
    let mut rig = rig;
    rig.launch().await.unwrap();
    let closed = |entry: &Entry| matches!(entry.record, Record::SocketClosed { .. });
    rig.sim
        .wait_for(closed, Duration::from_secs(40))
        .await
        .unwrap();
    rig.wait_ready().await.unwrap();
    rig.echoes("USER1", "hello").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_costs_one_refresh_and_no_reply() {
    let rig = Rig::start().await.unwrap();
    rig.echoes("USER1", "before").await;
    let fetches = rig.sim.token_fetches();
    rig.sim.revoke_token();
    rig.echoes("USER1", "after").await;
    assert_eq!(rig.sim.token_fetches(), fetches + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_renewed_before_it_expires() {
    let mut sim = SimConfig::with_bots([Bot::new(APP_ID, SECRET)]);
    // Renewal is due 45 s before the end: six seconds from now.
    sim.token_life = Duration::from_secs(51);
    let rig = Rig::start_with(RigOptions {
        sim,
        ..RigOptions::default()
    })
    .await
    .unwrap();
    let fresh = |entry: &Entry| matches!(entry.record, Record::TokenRequested { fresh: true, .. });
    let first = rig.sim.wait_for(fresh, SOON).await.unwrap();
    // On the platform's side it is old enough by then to be replaced.
    rig.sim.shorten_token(Duration::from_secs(20));
    rig.sim.wait_after(first.n, fresh, SOON).await.unwrap();
    rig.echoes("USER1", "after").await;
    // Nothing was refused on the way.
    let refused = rig.count(|record| {
        matches!(
            record,
            Record::Http {
                status: Some(401),
                ..
            }
        )
    });
    assert_eq!(refused, 0);
}
