//! An `exec` agent that streams, works and dies, through the real component.

use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::Arc;

use e2e::{APP_ID, Rig, RigOptions, SECRET, SOON, plugins, qq_table};
use prx_channel::agent::Exec;
use qq_sim::{Bot, Sim, SimConfig};
use tokio::process::Command;

/// Says what it does and what it has, then answers; `die` kills it at once,
/// `half` after half an answer.
const TALKATIVE: &str = r#"while read -r line; do
    turn=${line#*\"turn\":}; turn=${turn%%[,\}]*}
    say() { echo "{\"type\":\"$1\",\"turn\":$turn,\"$2\":\"$3\"}"; }
    case "$line" in
        *\"text\":\"die*) exit 3;;
        *\"text\":\"half*) say delta text "half an ans"; exit 3;;
        *) say progress text "searching"; say delta text "all "; say progress text "reading"
           say delta text "of it"; say reply text "all of it";;
    esac; done"#;

async fn rig() -> Rig {
    let options = RigOptions {
        agent: Arc::new(Exec::new(TALKATIVE)),
        ..RigOptions::default()
    };
    Rig::start_with(options).await.unwrap()
}

/// Says `text` and returns the next reply.
async fn reply(rig: &Rig, user: &str, text: &str) -> String {
    rig.sim.user(user).says(text);
    rig.sim.next_reply(SOON).await.unwrap().text.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_does_is_never_text() {
    let rig = rig().await;
    assert_eq!(reply(&rig, "USER1", "hello").await, "all of it");
    assert_eq!(reply(&rig, "USER1", "and again").await, "all of it");
    let texts = rig.sim.sent_texts();
    assert!(
        !texts.iter().any(|text| text.contains("searching")),
        "{texts:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn its_death_costs_one_apology_and_no_other_chat() {
    let rig = rig().await;
    assert!(
        reply(&rig, "USER1", "half")
            .await
            .starts_with("⚠️ Something")
    );
    assert_eq!(reply(&rig, "USER2", "hello").await, "all of it");
    assert!(
        reply(&rig, "USER1", "die 请稍等一下")
            .await
            .starts_with("⚠️ 出错了")
    );
    assert_eq!(reply(&rig, "USER1", "hello").await, "all of it");
}

/// `prx-channel run` with this agent.
fn command(sim: &Sim, dir: &Path, agent: &str) -> Command {
    let config = dir.join("config.toml");
    std::fs::write(&config, qq_table(sim, "")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_host-under-test"));
    command
        .args(["run", "--allow-loopback", "--agent", agent, "--config"])
        .arg(config)
        .arg("--state")
        .arg(dir.join("state"))
        .arg("--plugins")
        .arg(plugins())
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

async fn ended(output: impl Future<Output = std::io::Result<Output>>) -> (Option<i32>, String) {
    let output = tokio::time::timeout(SOON, output).await.unwrap().unwrap();
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), log)
}

async fn sim() -> Sim {
    Sim::start(SimConfig::with_bots([Bot::new(APP_ID, SECRET)]))
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_does_not_run_exits_2_before_anything_is_connected() {
    let (sim, dir) = (sim().await, tempfile::tempdir().unwrap());
    let script = dir.path().join("agent.sh");
    std::fs::write(&script, "").unwrap();
    for (agent, words) in [
        ("no-such-agent".to_owned(), "127"),
        ("sh /no/such/script.sh".to_owned(), "/no/such/script.sh"),
        (script.display().to_string(), "126"),
    ] {
        let output = command(&sim, dir.path(), &format!("exec:{agent}")).output();
        let (code, log) = ended(output).await;
        assert_eq!(code, Some(2), "{log}");
        for word in [&*agent, words, "→"] {
            assert!(log.contains(word), "{word}: {log}");
        }
        // This process ends, and starts nothing again.
        assert!(!log.contains("starts it"), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_writes_elsewhere_is_told_in_whole_records_without_ids() {
    const USER: &str = "E4F4AEA33253A2797FB897C50B81D7ED";
    let agent = r#"exec:while read -r line; do
        turn=${line#*\"turn\":}; turn=${turn%%[,\}]*}
        printf 'Traceback:\n\033[31m%s\n' "$line" >&2
        echo "loading"; echo '{"type":"reply","turn":99,"text":"stray"}'
        echo "{\"type\":\"reply\",\"turn\":$turn,\"text\":\"fine\"}"; done"#;
    let (sim, dir) = (sim().await, tempfile::tempdir().unwrap());
    let mut child = command(&sim, dir.path(), agent).spawn().unwrap();
    sim.wait_live(SOON).await.unwrap();
    sim.user(USER).says("hi");
    let reply = sim.next_reply(SOON).await.unwrap();
    assert_eq!(reply.text.as_deref(), Some("fine"));
    child.start_kill().unwrap();
    let (_killed, log) = ended(child.wait_with_output()).await;
    for words in [
        "agent: Traceback:\n",
        "\"sender\":\"[id]\"",
        "line 1 of the agent's standard output is ignored: it is not a JSON object",
        "one JSON object a line",
        "line 2 of the agent's standard output is ignored: its \"turn\" is not open",
    ] {
        assert!(log.contains(words), "{words}: {log}");
    }
    assert!(!log.contains(USER) && !log.contains('\u{1b}'), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_host_takes_its_agent_and_the_agents_helpers_along() {
    let (sim, dir) = (sim().await, tempfile::tempdir().unwrap());
    let pipe = dir.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let agent = format!(
        "exec:exec 7>'{}'; sleep 600 & exec sleep 600",
        pipe.display()
    );
    let mut child = command(&sim, dir.path(), &agent).spawn().unwrap();
    // Its end comes when nobody holds the other side any more.
    let (tell, told) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || tell.send(std::fs::read(pipe)));
    sim.wait_live(SOON).await.unwrap();
    child.kill().await.unwrap();
    let held = tokio::time::timeout(SOON, told).await.unwrap();
    assert_eq!(held.unwrap().unwrap(), b"");
}
