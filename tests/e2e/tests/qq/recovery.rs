//! An instance or the whole host dies; nothing is lost, nothing is answered twice.

use std::time::Duration;

use e2e::{APP_ID, Rig, RigOptions, SECRET, SOON};
use prx_channel_host::Crossing;
use qq_sim::{Bot, Entry, Fault, Record, SimConfig};

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_instance_is_replaced_over_the_same_socket() {
    let sim =
        SimConfig::with_bots([Bot::new(APP_ID, SECRET)]).heartbeat(Duration::from_millis(500));
    let rig = Rig::start_with(RigOptions {
        sim,
        ..RigOptions::default()
    })
    .await
    .unwrap();
    rig.echoes("USER1", "before").await;
    let connection = rig
        .sim
        .journal()
        .iter()
        .rev()
        .find_map(|entry| entry.connection);
    for round in 0..3 {
        rig.commands().unwrap().kill_instance().await;
        rig.echoes("USER1", &format!("after {round}")).await;
    }
    let mark = rig.sim.mark();
    let beat = |entry: &Entry| matches!(entry.record, Record::FrameIn { op: Some(1), .. });
    let entry = rig.sim.wait_after(mark, beat, SOON).await.unwrap();
    assert!(entry.connection.is_some() && connection.is_some());
    assert_eq!(rig.identifies(), 1);
    assert_eq!(rig.resumes(), 0);
    assert_eq!(
        rig.count(|record| matches!(record, Record::SocketClosed { .. })),
        0
    );
    assert_eq!(rig.channel().unwrap().counters().get("instance_deaths"), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_in_flight_survives_the_instance_that_sent_it() {
    let rig = Rig::start().await.unwrap();
    rig.sim.fault(Fault::NextHttpDelay {
        endpoint: Some(qq_sim::Endpoint::UserMessage),
        ms: 400,
    });
    rig.sim.user("USER1").says("hello");
    // The request is on the wire once the component has asked for it.
    let asked = rig
        .crossings
        .wait(SOON, |seen| {
            seen.iter().any(|(_, crossing)| sends_message(crossing))
        })
        .await;
    assert!(asked);
    rig.commands().unwrap().kill_instance().await;
    let reply = rig.sim.next_reply(SOON).await.unwrap();
    assert_eq!((reply.text.as_deref(), reply.msg_seq), (Some("hello"), 1));
    // The answer reached the agent's loop as the receipt of that very send.
    let receipt = || {
        let happened = rig.happened.lock().unwrap();
        happened.iter().any(|what| {
            matches!(what, prx_channel::agent::Happened::Reply { outcome: Ok(receipt), .. } if receipt.message_ids == [reply.id.clone()])
        })
    };
    let told = rig.crossings.wait(SOON, |_| receipt()).await;
    assert!(told || receipt());
    assert_eq!(
        rig.count(|record| matches!(record, Record::MessageAccepted(_))),
        1
    );
}

fn sends_message(crossing: &Crossing) -> bool {
    let (Crossing::Event { actions, .. } | Crossing::Start { actions, .. }) = crossing else {
        return false;
    };
    actions.iter().any(|action| {
        matches!(action, prx_channel_host::contract::Action::SendHttp(send) if send.url.ends_with("/messages"))
    })
}

/// Answers nothing the first time it is asked, then echoes.
#[derive(Default)]
struct Forgetful {
    asked: std::sync::atomic::AtomicUsize,
    given: std::sync::Mutex<Vec<(String, bool)>>,
}

impl prx_channel::agent::Agent for Forgetful {
    fn answer(&self, turn: prx_channel::agent::Turn) -> prx_channel::agent::Reply<'_> {
        self.given
            .lock()
            .unwrap()
            .push((turn.message.text.clone(), turn.again));
        let first = self.asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0;
        Box::pin(async move {
            if first {
                std::future::pending::<()>().await;
            }
            Ok(turn.message.text)
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_the_dead_host_had_not_answered_is_given_again_once() {
    let agent = std::sync::Arc::new(Forgetful::default());
    let options = RigOptions {
        agent: agent.clone(),
        ..RigOptions::default()
    };
    let mut rig = Rig::start_with(options).await.unwrap();
    rig.sim.user("USER1").says("hello");
    let delivered = |seen: &[(std::time::Instant, Crossing)]| {
        seen.iter().any(|(_, crossing)| {
            matches!(crossing, Crossing::Event { actions, .. }
                if actions.iter().any(|action| matches!(action, prx_channel_host::contract::Action::Deliver(_))))
        })
    };
    assert!(rig.crossings.wait(SOON, delivered).await);
    // Killed while the agent thinks.
    let asked = async {
        while agent.given.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(SOON, asked).await.unwrap();
    rig.kill_host().await.unwrap();
    let reply = rig.sim.next_reply(SOON).await.unwrap();
    assert_eq!((reply.text.as_deref(), reply.msg_seq), (Some("hello"), 1));
    rig.echoes("USER2", "next").await;
    // The turn's end comes after the receipt, and the receipt after its commit.
    assert!(
        rig.crossings
            .wait(SOON, |seen| seen
                .iter()
                .filter(|(_, crossing)| ends_turn(crossing))
                .count()
                == 2)
            .await
    );
    // Answered messages are not given a third time.
    rig.kill_host().await.unwrap();
    rig.echoes("USER3", "last").await;
    let given = agent.given.lock().unwrap().clone();
    let expected = [
        ("hello", false),
        ("hello", true),
        ("next", false),
        ("last", false),
    ];
    assert_eq!(
        given,
        expected.map(|(text, again)| (text.to_owned(), again))
    );
}

fn ends_turn(crossing: &Crossing) -> bool {
    use prx_channel_host::contract::{Event, Request};
    matches!(crossing, Crossing::Event { envelope, .. }
        if matches!(&envelope.event, Event::Command(command) if matches!(command.request, Request::TurnEnded(_))))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_whose_receipt_died_with_the_host_is_shown_once() {
    use prx_channel::agent::Happened;
    use prx_channel_host::contract::Delivery;
    let mut rig = Rig::start().await.unwrap();
    rig.sim.fault(Fault::LoseHttpAnswer {
        endpoint: Some(qq_sim::Endpoint::UserMessage),
    });
    rig.sim.user("USER1").says("hello");
    let reply = rig.sim.next_reply(SOON).await.unwrap();
    assert_eq!((reply.text.as_deref(), reply.msg_seq), (Some("hello"), 1));
    // The platform has it, the host was never told, and dies.
    rig.kill_host().await.unwrap();
    let again = |entry: &Entry| {
        matches!(
            entry.record,
            Record::MessageRefused {
                code: 40_054_005,
                ..
            }
        )
    };
    rig.sim.wait_for(again, SOON).await.unwrap();
    rig.echoes("USER1", "next").await;
    assert_eq!(
        rig.count(|record| matches!(record, Record::MessageAccepted(_))),
        2
    );
    let happened = rig.happened.lock().unwrap().clone();
    let duplicate = |what: &Happened| matches!(what, Happened::Reply { outcome: Ok(receipt), .. } if receipt.how == Delivery::Duplicate);
    assert!(happened.iter().any(duplicate), "{happened:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_resumes_the_session() {
    let mut rig = Rig::start().await.unwrap();
    rig.echoes("USER1", "before").await;
    rig.restart_host().await.unwrap();
    let resumed = |entry: &Entry| matches!(entry.record, Record::Resumed { .. });
    rig.sim.wait_for(resumed, SOON).await.unwrap();
    rig.echoes("USER1", "after").await;
    assert_eq!(rig.identifies(), 1);
}
