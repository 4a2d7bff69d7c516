//! Who may talk to the bot, as the operator and the users meet it: pairing, the
//! commands `pair` and `users`, and what outlives the instance and the process.

use std::path::PathBuf;
use std::process::{Output, Stdio};

use e2e::{APP_ID, Rig, RigOptions, SECRET, SOON, plugins, qq_config, qq_table};
use prx_channel_host::contract::{AccessRequest, FailureKind};
use prx_channel_host::{ChannelCommands, ChannelHost, ConfigFile, HostOptions};
use qq_sim::{Bot, Sim, SimConfig};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;

/// Openids as QQ makes them; no log may hold one.
const ANNA: &str = "A11CE0000000000000000000000000A1";
const BORIS: &str = "B0B0000000000000000000000000B0B0";

/// `prx-channel run` in a folder of its own.
struct Running {
    dir: TempDir,
    child: Child,
    events: tokio::io::Lines<BufReader<tokio::process::ChildStdout>>,
}

fn prx_channel() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_host-under-test"));
    command
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

impl Running {
    async fn start(table: &str, plugins: PathBuf) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), table, plugins).await
    }

    async fn start_in(dir: TempDir, table: &str, plugins: PathBuf) -> Self {
        let config = dir.path().join("config.toml");
        std::fs::write(&config, table).unwrap();
        let mut child = prx_channel()
            .args(["run", "--allow-loopback", "--events", "json", "--config"])
            .arg(config)
            .arg("--plugins")
            .arg(plugins)
            .arg("--state")
            .arg(dir.path().join("state"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let events = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut running = Self { dir, child, events };
        running.ready().await;
        running
    }

    async fn ready(&mut self) {
        let search = async {
            loop {
                let line = self.events.next_line().await.unwrap();
                let event: Value = serde_json::from_str(&line.expect("it ended")).unwrap();
                if event["state"] == "ready" {
                    return;
                }
            }
        };
        tokio::time::timeout(SOON, search).await.expect("not ready");
    }

    /// Asks the running process: exit code and all that was printed.
    async fn ask(&self, task: &[&str]) -> (i32, String) {
        ask(task, &self.dir.path().join("state")).await
    }

    /// Ends it in order: its folder and its log.
    async fn end(mut self) -> (TempDir, String) {
        let pid = self.child.id().unwrap().to_string();
        let kill = Command::new("kill").args(["-INT", &pid]).status().await;
        assert!(kill.unwrap().success());
        let mut log = String::new();
        let mut stderr = self.child.stderr.take().unwrap();
        let rest = stderr.read_to_string(&mut log);
        tokio::time::timeout(SOON, rest).await.unwrap().unwrap();
        self.child.wait().await.unwrap();
        for openid in [ANNA, BORIS] {
            assert!(!log.contains(openid), "{log}");
        }
        (self.dir, log)
    }
}

async fn ask(task: &[&str], state: &std::path::Path) -> (i32, String) {
    let output = prx_channel()
        .args(task)
        .arg("--state")
        .arg(state)
        .output()
        .await
        .unwrap();
    (output.status.code().unwrap(), printed(&output))
}

fn printed(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

/// The six digits in what `pair` printed.
fn code_in(printed: &str) -> String {
    let line = printed.lines().find(|line| line.starts_with("code "));
    let code = line.and_then(|line| line.split_whitespace().nth(1));
    let code = code.expect(printed).to_owned();
    assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()));
    code
}

async fn sim() -> Sim {
    let config = SimConfig::with_bots([Bot::new(APP_ID, SECRET)]);
    Sim::start(config).await.unwrap()
}

/// Says it, and returns what the bot answers next.
async fn answer(sim: &Sim, who: &str, text: &str) -> String {
    sim.user(who).says(text);
    sim.next_reply(SOON).await.unwrap().text.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn pairing_from_nothing() {
    let sim = sim().await;
    let table = qq_table(&sim, "allowed_users = []");
    let running = Running::start(&table, plugins()).await;
    let turned_away = answer(&sim, ANNA, "你好").await;
    assert!(
        turned_away.contains("/bind") && turned_away.contains(ANNA),
        "{turned_away}"
    );
    let (exit, printed) = running.ask(&["pair"]).await;
    assert_eq!(exit, 0, "{printed}");
    let first = code_in(&printed);
    assert!(printed.contains(&format!("/bind {first}")), "{printed}");

    let wrong = if first == "000000" {
        "000001"
    } else {
        "000000"
    };
    assert!(
        answer(&sim, ANNA, &format!("/bind {wrong}"))
            .await
            .contains("❌")
    );
    assert!(
        answer(&sim, ANNA, &format!("/bind {first}"))
            .await
            .contains("✅")
    );
    assert_eq!(answer(&sim, ANNA, "hello").await, "hello");
    // It works once.
    let late = answer(&sim, BORIS, &format!("/bind {first}")).await;
    assert!(late.contains("not active"), "{late}");
    let (exit, printed) = running.ask(&["pair", "qq"]).await;
    assert_eq!(exit, 1, "{printed}");
    assert!(printed.contains("--new"), "{printed}");
    let (exit, printed) = running.ask(&["pair", "qq", "--new"]).await;
    assert_eq!(exit, 0, "{printed}");
    let second = code_in(&printed);
    assert!(
        answer(&sim, BORIS, &format!("/bind {second}"))
            .await
            .contains("✅")
    );

    let (dir, log) = running.end().await;
    assert!(log.contains(&format!("/bind {first}")), "{log}");
    assert!(!log.contains(&second), "the operator's code is in the log");
    // Both are still known to the next process, which has no code to offer.
    let running = Running::start_in(dir, &table, plugins()).await;
    assert_eq!(answer(&sim, ANNA, "anna again").await, "anna again");
    assert_eq!(answer(&sim, BORIS, "boris again").await, "boris again");
    let (_dir, log) = running.end().await;
    assert!(!log.contains("nobody is bound"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_lists_lets_in_and_turns_out() {
    let sim = sim().await;
    let table = qq_table(&sim, &format!("allowed_users = [\"{ANNA}\"]"));
    let running = Running::start(&table, plugins()).await;
    let refusal = answer(&sim, BORIS, "hi").await;
    assert!(refusal.contains(BORIS), "{refusal}");
    let (exit, printed) = running.ask(&["users", "list"]).await;
    assert_eq!(exit, 0, "{printed}");
    let lines: Vec<_> = printed.lines().collect();
    assert_eq!(lines[0], format!("configured   {ANNA}"));
    assert!(
        lines[1].starts_with(&format!("turned-away  {BORIS}  20")),
        "{printed}"
    );

    let (exit, printed) = running.ask(&["users", "allow", BORIS]).await;
    assert_eq!((exit, printed), (0, format!("allowed      {BORIS}\n")));
    assert_eq!(answer(&sim, BORIS, "in").await, "in");
    let (_, printed) = running.ask(&["users", "list", "qq"]).await;
    assert!(
        printed.contains(&format!("bound        {BORIS}  since 20")),
        "{printed}"
    );
    let (exit, printed) = running.ask(&["users", "revoke", BORIS, "qq"]).await;
    assert_eq!((exit, printed), (0, format!("revoked      {BORIS}\n")));
    let refusal = answer(&sim, BORIS, "out?").await;
    assert!(refusal.contains("🔐"), "{refusal}");
    running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_says_what_to_do() {
    let sim = sim().await;
    let table = qq_table(&sim, &format!("allowed_users = [\"{ANNA}\"]"));
    let running = Running::start(&table, plugins()).await;
    for (task, exit, words) in [
        (&["users", "revoke", ANNA][..], 2, "configuration file"),
        (&["users", "revoke", BORIS], 2, "users list"),
        (&["users", "allow", "not an id"], 2, "not an openid"),
        (&["users", "allow", "*"], 2, "allowed_users"),
        (&["users", "allow", ""], 2, "not an openid"),
        (&["users", "allow"], 2, "<OPENID>"),
        (&["users", "frobnicate"], 2, "unrecognized"),
        (&["users", "list", "telegram"], 2, "does not run here"),
        (&["pair"], 1, "users allow"),
        (&["pair", "--new"], 1, "pairing is not active"),
        (&["pair", "telegram"], 2, "prx-channel run"),
    ] {
        let (code, printed) = running.ask(task).await;
        assert_eq!(code, exit, "{task:?}: {printed}");
        assert!(printed.contains(words), "{task:?}: {printed}");
    }
    let state = running.dir.path().join("state");
    std::fs::write(state.join("another.sock"), "").unwrap();
    let (code, printed) = running.ask(&["users", "list"]).await;
    assert_eq!(code, 2, "{printed}");
    assert!(printed.contains("another and qq"), "{printed}");
    running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_running_process_the_commands_say_so() {
    let place = tempfile::tempdir().unwrap();
    for task in [
        &["pair"][..],
        &["pair", "qq", "--new"],
        &["users", "list"],
        &["users", "allow", ANNA],
        &["users", "revoke", ANNA, "qq"],
    ] {
        for state in [place.path().to_owned(), place.path().join("none")] {
            let (code, printed) = ask(task, &state).await;
            assert_eq!(code, 2, "{task:?}: {printed}");
            assert!(printed.contains("here"), "{task:?}: {printed}");
            assert!(printed.contains("prx-channel run"), "{task:?}: {printed}");
        }
    }
}

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
