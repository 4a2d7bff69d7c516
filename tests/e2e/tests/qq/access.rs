//! Who may talk to the bot: what outlives the instance and the process, and what
//! the agent never sees.

use e2e::{Rig, RigOptions, SOON, answer, plugins, qq_config};
use prx_channel_host::contract::{AccessRequest, FailureKind};
use prx_channel_host::{ChannelCommands, ChannelHost, ConfigFile, HostOptions};
use tokio::sync::mpsc;

/// Openids as QQ makes them.
const ANNA: &str = "A11CE0000000000000000000000000A1";
const BORIS: &str = "B0B0000000000000000000000000B0B0";

async fn paired_rig() -> Rig {
    Rig::start_with(RigOptions {
        config: "allowed_users = []".to_owned(),
        ..RigOptions::default()
    })
    .await
    .unwrap()
}

/// Asks, and returns the findings as `step detail`.
async fn found(commands: &ChannelCommands, request: AccessRequest) -> Vec<String> {
    let (checks, mut findings) = mpsc::unbounded_channel();
    commands.access(request, checks).await.unwrap();
    let mut found = Vec::new();
    while let Some(check) = findings.recv().await {
        found.push(format!("{} {}", check.step, check.detail));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_let_in_stays_so_whatever_dies() {
    let mut rig = paired_rig().await;
    let code = found(&rig.commands().unwrap(), AccessRequest::Code(false)).await;
    let code = code[0].strip_prefix("code ").unwrap().to_owned();
    rig.commands().unwrap().kill_instance().await;
    // The fresh instance knows the same code.
    assert!(
        answer(&rig.sim, ANNA, &format!("/bind {code}"))
            .await
            .contains("✅")
    );
    rig.commands().unwrap().kill_instance().await;
    assert_eq!(answer(&rig.sim, ANNA, "after a trap").await, "after a trap");
    let config = qq_config(&rig.sim, "allowed_users = []").unwrap();
    let folder = plugins().join("qq");
    rig.host
        .reload(&rig.commands().unwrap(), &folder, &config)
        .await
        .unwrap();
    assert_eq!(answer(&rig.sim, ANNA, "reloaded").await, "reloaded");
    rig.kill_host().await.unwrap();
    assert_eq!(answer(&rig.sim, ANNA, "killed").await, "killed");
    let revoke = AccessRequest::Revoke(ANNA.to_owned());
    found(&rig.commands().unwrap(), revoke).await;
    rig.kill_host().await.unwrap();
    assert!(answer(&rig.sim, ANNA, "revoked").await.contains("🔐"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agent_never_sees_who_may_not_talk() {
    let rig = paired_rig().await;
    for text in ["hello", "/bind 1", "/bind 000000"] {
        rig.sim.user(ANNA).says(text);
        rig.sim.next_reply(SOON).await.unwrap();
    }
    let group = rig.sim.group("GROUP");
    group.member(BORIS).mentions_bot("hi");
    let refusal = rig.sim.next_reply(SOON).await.unwrap().text.unwrap();
    assert!(
        refusal.contains(BORIS) && !refusal.contains(ANNA),
        "{refusal}"
    );
    let crossed = || format!("{:?}", rig.crossings.all());
    assert!(!crossed().contains("Action::Deliver"));
    // It would show: here is a message that is delivered.
    found(
        &rig.commands().unwrap(),
        AccessRequest::Allow(ANNA.to_owned()),
    )
    .await;
    assert_eq!(answer(&rig.sim, ANNA, "let in").await, "let in");
    assert!(crossed().contains("Action::Deliver"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_keeps_no_such_list_says_so() {
    let host = ChannelHost::new(HostOptions::default()).unwrap();
    let config = ConfigFile::parse("[channels_config.echo]\n").unwrap();
    let plugin = host.plugin(&plugins().join("echo")).await.unwrap();
    let channel = host.start(plugin, &config).await.unwrap();
    let (checks, mut findings) = mpsc::unbounded_channel();
    let refused = channel.commands().access(AccessRequest::Show, checks).await;
    assert_eq!(refused.unwrap_err().kind, FailureKind::Unsupported);
    assert!(findings.recv().await.is_none());
}
