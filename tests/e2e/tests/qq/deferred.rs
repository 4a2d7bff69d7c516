//! Replies that take longer than their command, through the real component and
//! the real host.

use std::time::Duration;

use e2e::{APP_ID, Rig, RigOptions, SECRET, SOON};
use prx_channel_host::contract::{Delivery, FailureKind, InboundMessage, OutboundMessage, Settle};
use prx_channel_host::{ChannelHandle, Delivered};
use qq_sim::{Bot, Endpoint, Fault, HttpAnswer, SimConfig};
use tokio::sync::mpsc;

const MESSAGES: Option<Endpoint> = Some(Endpoint::UserMessage);

/// A channel whose messages and settlements the test reads itself.
struct Watched {
    rig: Rig,
    messages: mpsc::Receiver<Delivered>,
    settled: mpsc::Receiver<Settle>,
}

impl Watched {
    async fn start() -> Self {
        let sim = SimConfig::with_bots([Bot::new(APP_ID, SECRET)]);
        let options = RigOptions {
            sim,
            config: "intents = [\"group_and_c2c\", \"guild_messages\"]".to_owned(),
            ..RigOptions::default()
        };
        let mut rig = Rig::without_channel(options).await.unwrap();
        let channel = rig.start_channel().await.unwrap();
        Self::watch(&mut rig, channel).await.with(rig)
    }

    async fn watch(rig: &mut Rig, mut channel: ChannelHandle) -> Halves {
        let halves = Halves {
            messages: channel.take_messages().unwrap(),
            settled: channel.commands().take_settled().unwrap(),
        };
        rig.adopt(channel);
        rig.wait_ready().await.unwrap();
        halves
    }

    async fn hears(&mut self) -> InboundMessage {
        let delivered = tokio::time::timeout(SOON, self.messages.recv()).await;
        delivered.unwrap().unwrap().message
    }

    async fn settled(&mut self) -> Settle {
        let settled = tokio::time::timeout(SOON, self.settled.recv()).await;
        settled.unwrap().unwrap()
    }
}

struct Halves {
    messages: mpsc::Receiver<Delivered>,
    settled: mpsc::Receiver<Settle>,
}

impl Halves {
    fn with(self, rig: Rig) -> Watched {
        Watched {
            rig,
            messages: self.messages,
            settled: self.settled,
        }
    }
}

fn answer(asked: &InboundMessage, text: &str) -> OutboundMessage {
    OutboundMessage {
        reply_to: Some(asked.id.clone()),
        ..OutboundMessage::text(asked.reply_target.clone(), text)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_platform_defers_a_command_and_its_fate_is_told_later() {
    let mut this = Watched::start().await;
    this.rig.sim.user("USER1").says("hello");
    let asked = this.hears().await;
    let (endpoint, ms) = (MESSAGES, 1_500);
    this.rig.sim.fault(Fault::NextHttpDelay { endpoint, ms });
    let commands = this.rig.commands().unwrap();
    let within = Duration::from_secs(1);
    let receipt = commands.send_within(answer(&asked, "hi"), within).await;
    assert_eq!(receipt.unwrap().how, Delivery::Deferred);
    let settled = this.settled().await;
    assert_eq!(settled.message_id, Some(asked.id));
    assert_eq!(settled.recipient, asked.reply_target);
    assert_eq!(settled.outcome.unwrap().how, Delivery::Passive);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_hands_what_waits_to_the_next_process() {
    let mut this = Watched::start().await;
    this.rig.sim.user("USER1").says("hello");
    let asked = this.hears().await;
    // The platform is down until this process has gone.
    for _ in 0..4 {
        let down = HttpAnswer {
            endpoint: MESSAGES,
            status: 502,
            body: serde_json::json!("bad gateway"),
            headers: Default::default(),
        };
        this.rig.sim.fault(Fault::NextHttp(down));
    }
    let commands = this.rig.commands().unwrap();
    let reply = answer(&asked, "hi");
    let sent = tokio::spawn(async move { commands.send(reply).await });
    let refused = |rig: &Rig| rig.sim.pending_faults().len() < 4;
    let rig = &this.rig;
    assert!(rig.crossings.wait(SOON, |_| refused(rig)).await);
    let Watched { mut rig, .. } = this;
    rig.restart_host().await.unwrap();
    let receipt = sent.await.unwrap().unwrap();
    assert_eq!(receipt.how, Delivery::Deferred);
    let reply = rig.sim.next_reply(SOON).await.unwrap();
    assert_eq!((reply.text.as_deref(), reply.msg_seq), (Some("hi"), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_broke_on_the_way_is_said_so() {
    let mut this = Watched::start().await;
    let channel = this.rig.sim.channel("18700000000001", "100010");
    channel.member("1234").mentions_bot("hello");
    let asked = this.hears().await;
    let endpoint = Some(Endpoint::ChannelMessage);
    this.rig.sim.fault(Fault::ResetHttp {
        endpoint,
        carried_out: true,
    });
    let commands = this.rig.commands().unwrap();
    let failure = commands.send(answer(&asked, "hi")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unreachable);
    let words = "broke after the message was sent; the message may have been delivered";
    assert!(failure.message.contains(words), "{failure:?}");
}
