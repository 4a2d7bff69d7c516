//! A trace recorded in the sandbox gives identical actions natively.

use e2e::{Native, Rig, SOON};
use prx_channel_host::Crossing;
use prx_channel_host::contract::OutboundMessage;
use qq_channel::Channel;
use qq_sim::{Draft, Fault};

/// A conversation with a bit of everything in it.
async fn record() -> Vec<Crossing> {
    let rig = Rig::start().await.unwrap();
    rig.sim.user("USER1").says("hello");
    rig.sim.next_reply(SOON).await.unwrap();
    let picture = Draft::text("look 😀 <@!x> ")
        .picture("https://example.com/a.png", 120)
        .quoting("REFIDX_x==", "before");
    rig.sim
        .group("GROUP1")
        .member("M1")
        .sends(&picture.mentioning_bot());
    rig.sim.next_reply(SOON).await.unwrap();
    rig.sim.revoke_token();
    rig.sim.user("USER1").says("after a revoked token");
    rig.sim.next_reply(SOON).await.unwrap();
    rig.commands().unwrap().kill_instance().await;
    assert!(rig.sim.fault(Fault::GarbageFrame("{".to_owned())));
    assert!(rig.sim.fault(Fault::CloseWith(4009)));
    rig.sim.user("USER1").says("after a resume");
    rig.sim.next_reply(SOON).await.unwrap();
    let nowhere = rig
        .commands()
        .unwrap()
        .send(OutboundMessage::text("c2c:1:NOBODY", "hi"))
        .await;
    assert!(nowhere.is_err());
    rig.crossings
        .all()
        .into_iter()
        .map(|(_, crossing)| crossing)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_trace_gives_the_same_actions_outside_the_sandbox() {
    let trace = record().await;
    assert!(trace.len() > 20, "{}", trace.len());
    let mut native: Option<Channel> = None;
    let mut compared = 0;
    for (number, crossing) in trace.iter().enumerate() {
        let (actions, sandboxed) = match Native::of(crossing).unwrap() {
            Native::Start { context, actions } => {
                let (channel, started) = Channel::start(context).unwrap();
                native = Some(channel);
                (started, actions)
            }
            Native::Event { envelope, actions } => {
                (native.as_mut().unwrap().handle(*envelope), actions)
            }
            Native::Death { .. } => {
                native = None;
                continue;
            }
        };
        assert_eq!(actions, sandboxed, "crossing {number}: {crossing:?}");
        compared += 1;
    }
    let deaths = trace
        .iter()
        .filter(|crossing| matches!(crossing, Crossing::Death { .. }))
        .count();
    assert_eq!((compared, deaths), (trace.len() - 1, 1));
    for crossing in trace {
        let line = String::from_utf8(crossing.to_line()).unwrap();
        assert_eq!(Crossing::of_line(&line).unwrap(), crossing);
    }
}
