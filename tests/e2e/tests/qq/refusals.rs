//! What the platform refuses for good reason: the operator is told, and nothing
//! is hammered.

use std::time::Duration;

use e2e::watch::status;
use e2e::{APP_ID, Rig, RigOptions, SECRET, SOON, plugins, qq_config};
use prx_channel_host::contract::{ChannelState, CheckOutcome};
use prx_channel_host::{ConfigFile, StatusReport};
use qq_sim::{Bot, Entry, Fault, Record, SimConfig};
use tokio::sync::mpsc;

/// Waits until the status says all of this.
async fn says(rig: &Rig, state: ChannelState, words: &[&str]) {
    let wanted = |report: &StatusReport| {
        report.state == state && words.iter().all(|word| report.detail.contains(word))
    };
    status(rig.status().unwrap(), SOON, wanted).await.unwrap();
}

fn blocked(entry: &Entry) -> bool {
    matches!(&entry.record, Record::Http { path, status: Some(401), .. } if path.starts_with("/gateway"))
}

fn token_requests(rig: &Rig) -> usize {
    let requested = |entry: &&Entry| matches!(entry.record, Record::TokenRequested { .. });
    rig.sim.journal().iter().filter(requested).count()
}

async fn reload(rig: &Rig) {
    let config = qq_config(&rig.sim, "").unwrap();
    let commands = rig.commands().unwrap();
    rig.host
        .reload(&commands, &plugins().join("qq"), &config)
        .await
        .unwrap();
}

const REMEDY: &str = "Add the public IP address of this machine to the IP allow list";

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_outside_the_allow_list_is_told_so_and_the_token_left_alone() {
    let mut rig = Rig::without_channel(RigOptions::default()).await.unwrap();
    rig.sim.rules(|rules| rules.source_ip_refused = true);
    rig.launch().await.unwrap();
    says(&rig, ChannelState::Connecting, &["allow list", REMEDY]).await;
    // An operator who does not wait a minute: asked again, and no new token.
    let mark = rig.sim.mark();
    reload(&rig).await;
    rig.sim.wait_after(mark, blocked, SOON).await.unwrap();
    assert_eq!(token_requests(&rig), 1);
    rig.sim.rules(|rules| rules.source_ip_refused = false);
    reload(&rig).await;
    rig.wait_ready().await.unwrap();
    assert_eq!(token_requests(&rig), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_refused_for_the_allow_list_degrades_the_channel_until_one_gets_through() {
    let rig = Rig::start().await.unwrap();
    rig.sim.rules(|rules| rules.source_ip_refused = true);
    rig.sim.user("USER1").says("refused");
    says(&rig, ChannelState::Degraded, &["allow list", REMEDY]).await;
    assert_eq!(token_requests(&rig), 1);
    rig.sim.rules(|rules| rules.source_ip_refused = false);
    rig.sim.user("USER1").says("let through");
    let reply = rig.sim.next_reply(SOON).await.unwrap();
    assert_eq!(reply.text.as_deref(), Some("let through"));
    rig.wait_ready().await.unwrap();
    assert_eq!(token_requests(&rig), 1);
}

fn masks(entries: &[Entry]) -> Vec<u32> {
    let mask = |entry: &Entry| match entry.record {
        Record::Identified { intents, .. } => Some(intents),
        _ => None,
    };
    entries.iter().filter_map(mask).collect()
}

fn refused(entries: &[Entry]) -> usize {
    let refused = |entry: &&Entry| matches!(entry.record, Record::IdentifyRefused { .. });
    entries.iter().filter(refused).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_intent_is_found_named_and_remembered() {
    let granted = qq_sim::intents::GROUP_AND_C2C_EVENT | qq_sim::intents::GUILDS;
    let mut bot = Bot::new(APP_ID, SECRET);
    bot.intents = granted;
    let options = RigOptions {
        sim: SimConfig::with_bots([bot]),
        config: "intents = [\"group_and_c2c\", \"guilds\", \"interaction\"]".to_owned(),
        ..RigOptions::default()
    };
    let mut rig = Rig::without_channel(options).await.unwrap();
    rig.launch().await.unwrap();
    let ready = |report: &StatusReport| report.state == ChannelState::Ready;
    let patience = Duration::from_secs(60);
    let report = status(rig.status().unwrap(), patience, ready)
        .await
        .unwrap();
    assert!(
        report.detail.contains("not permitted: interaction"),
        "{report:?}"
    );
    assert!(
        report.detail.contains("Request these permissions"),
        "{report:?}"
    );
    let negotiation = rig.sim.journal();
    assert_eq!(masks(&negotiation).last(), Some(&granted));
    let spent = masks(&negotiation).len() + refused(&negotiation);
    assert!(spent <= 4, "{spent} identifies");
    // Another process needs another session: it asks for no more than it gets.
    rig.restart_host().await.unwrap();
    let mark = rig.sim.mark();
    assert!(rig.sim.fault(Fault::CloseWith(4006)));
    let identified = |entry: &Entry| matches!(entry.record, Record::Identified { .. });
    rig.sim.wait_after(mark, identified, SOON).await.unwrap();
    let later: Vec<Entry> = rig.sim.journal();
    let later: Vec<Entry> = later.into_iter().filter(|entry| entry.n > mark).collect();
    assert_eq!((masks(&later), refused(&later)), (vec![granted], 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_examination_never_comes_too_late_for_a_channel_that_gives_up() {
    let rig = Rig::without_channel(RigOptions::default()).await.unwrap();
    let table = e2e::qq_table(&rig.sim, "").replace(SECRET, "something-else");
    let config = ConfigFile::parse(&table).unwrap();
    let plugin = rig.host.plugin(&plugins().join("qq")).await.unwrap();
    let (checks, mut findings) = mpsc::unbounded_channel();
    let examined = rig.host.examine(plugin, &config, checks, SOON).await;
    let (channel, answer) = examined.unwrap();
    // It has given up before anybody listens.
    let stopped = |report: &StatusReport| report.fatal;
    status(channel.status(), SOON, stopped).await.unwrap();
    answer.await.unwrap_err();
    let mut failed = Vec::new();
    while let Some(check) = findings.recv().await {
        if check.outcome == CheckOutcome::Failed {
            failed.push((check.step, check.remedy.is_some()));
        }
    }
    assert_eq!(failed, [("token".to_owned(), true)]);
}
