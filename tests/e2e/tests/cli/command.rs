//! The `prx-channel` command as an operator meets it: exit codes, messages,
//! events.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Output, Stdio};

use e2e::{APP_ID, SECRET, SOON, plugins, qq_table, test_plugins};
use qq_sim::{Bot, Fault, Sim, SimConfig};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

struct Place {
    dir: TempDir,
}

impl Place {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    fn config(&self, text: &str) -> PathBuf {
        let path = self.dir.path().join("config.toml");
        std::fs::File::create(&path)
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        path
    }

    fn command(&self, task: &[&str], config: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_host-under-test"));
        command.args(task).arg("--config").arg(self.config(config));
        if task[0] == "run" {
            command.arg("--state").arg(self.dir.path().join("state"));
        }
        command
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Runs to the end with the shipped plugins.
    async fn run(&self, task: &[&str], config: &str) -> Output {
        let mut command = self.command(task, config);
        command.arg("--plugins").arg(plugins());
        tokio::time::timeout(SOON * 2, command.output())
            .await
            .unwrap()
            .unwrap()
    }
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert!(!said.contains(SECRET), "the secret was printed: {said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

async fn sim() -> Sim {
    Sim::start(SimConfig::with_bots([Bot::new(APP_ID, SECRET)]))
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_configuration_exits_2_and_says_what_to_write() {
    let good = format!("[channels_config.qq]\napp_id = \"{APP_ID}\"\napp_secret = \"{SECRET}\"\n");
    let cases: &[(&str, String, &[&str])] = &[
        (
            "typo",
            format!("{good}alowed_users = []\n"),
            &["alowed_users", "allowed_users"],
        ),
        (
            "type",
            good.replace(&format!("\"{APP_ID}\""), APP_ID),
            &["app_id", "quotes"],
        ),
        (
            "no secret",
            good.replace("app_secret", "# "),
            &["app_secret"],
        ),
        (
            "env",
            good.replace(SECRET, "env:NO_SUCH_VARIABLE"),
            &["NO_SUCH_VARIABLE"],
        ),
        (
            "intent",
            format!("{good}intents = [\"guild_mesages\"]\n"),
            &["intents[0]", "guild_messages"],
        ),
        (
            "stream",
            format!("{good}stream_mode = \"fast\"\n"),
            &["stream_mode", "typing"],
        ),
        (
            "base",
            format!("{good}api_base = \"ftp://x\"\n"),
            &["api_base"],
        ),
        (
            "syntax",
            format!("{good}[channels_config.qq\n"),
            &["line 4"],
        ),
        (
            "no channel",
            "[other]\n".to_owned(),
            &["nothing to run", "qq"],
        ),
        (
            "other channel",
            "[channels_config.telegram]\nx = 1\n".to_owned(),
            &["telegram"],
        ),
    ];
    for (name, config, words) in cases {
        let output = Place::new().run(&["run"], config).await;
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{name}: {said}");
        for word in *words {
            assert!(
                said.contains(word),
                "{name}: `{word}` is missing in: {said}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_problem_is_named_at_once() {
    let config = "[channels_config.qq]\napp_id = 1\nsandbx = true\nmention_only = \"yes\"\n";
    let output = Place::new().run(&["run"], config).await;
    let said = said(&output);
    for field in ["app_id", "app_secret", "sandbx", "mention_only"] {
        assert!(said.contains(field), "{field}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_folder_that_is_none_exits_2() {
    let place = Place::new();
    let empty = place.dir.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let half = place.dir.path().join("half/qq");
    std::fs::create_dir_all(&half).unwrap();
    std::fs::copy(plugins().join("qq/plugin.toml"), half.join("plugin.toml")).unwrap();
    let config = format!(
        "[channels_config.qq]\napp_id = \"{APP_ID}\"\napp_secret = \"{SECRET}\"\n[channels_config.stranger]\n"
    );
    for (folder, word) in [
        (PathBuf::from("/no/such/folder"), "/no/such/folder"),
        (empty, "nothing to run"),
        (half.parent().unwrap().to_owned(), "no component at"),
        (test_plugins(), "does not export `prx:channel/channel`"),
    ] {
        let mut command = place.command(&["run"], &config);
        let output = command
            .arg("--plugins")
            .arg(&folder)
            .output()
            .await
            .unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(word), "`{word}` is missing in: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn loopback_is_refused_without_its_switch() {
    let sim = sim().await;
    let output = Place::new()
        .run(&["doctor", "qq"], &qq_table(&sim, ""))
        .await;
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("--allow-loopback"), "{said}");
    assert!(sim.journal().is_empty(), "nothing was dialled");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_a_healthy_bot_healthy() {
    let sim = sim().await;
    let output = Place::new()
        .run(&["doctor", "qq", "--allow-loopback"], &qq_table(&sim, ""))
        .await;
    let said = said(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    for step in ["configuration", "token", "gateway", "identify"] {
        assert!(said.contains(&format!("✔ {step}")), "{step}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_names_the_step_that_fails_and_its_remedy() {
    let sim = sim().await;
    let table = qq_table(&sim, "");
    let base = sim.base_url();
    let cases = [
        (
            "wrong secret",
            table.replace(SECRET, "something-else"),
            "✘ token",
            "secret",
        ),
        (
            "wrong app id",
            table.replace(APP_ID, "999"),
            "✘ token",
            "appid",
        ),
        (
            "dead host",
            table.replace(&base, "http://127.0.0.1:9"),
            "✘ token",
            "connect",
        ),
        (
            "dead api",
            table.replace(
                &format!("api_base = \"{base}\""),
                "api_base = \"http://127.0.0.1:9\"",
            ),
            "✘ gateway",
            "connect",
        ),
    ];
    for (name, config, step, word) in cases {
        let output = Place::new()
            .run(&["doctor", "qq", "--allow-loopback"], &config)
            .await;
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{name}: {said}");
        assert!(said.contains(step), "{name}: {said}");
        assert!(said.to_lowercase().contains(word), "{name}: {said}");
        assert!(said.contains('→'), "{name} has no remedy: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_says_which_gateway_refusal_it_met() {
    let sim = sim().await;
    sim.fault(Fault::RefuseNextIdentify(4914));
    let output = Place::new()
        .run(&["doctor", "qq", "--allow-loopback"], &qq_table(&sim, ""))
        .await;
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("✘ identify") && said.contains("sandbox"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_fatal_and_exits_1() {
    let sim = sim().await;
    let config = qq_table(&sim, "").replace(SECRET, "something-else");
    let output = Place::new()
        .run(&["run", "--allow-loopback"], &config)
        .await;
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("100016") && said.contains("app_secret"),
        "{said}"
    );
    assert_eq!(sim.token_fetches(), 0, "no token was ever granted");
}

struct Running {
    child: Child,
    events: tokio::io::Lines<BufReader<tokio::process::ChildStdout>>,
}

impl Running {
    fn start(place: &Place, sim: &Sim, more: &[&str]) -> Self {
        let mut command = place.command(
            &["run", "--allow-loopback", "--events", "json"],
            &qq_table(sim, ""),
        );
        command.arg("--plugins").arg(plugins()).args(more);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let events = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, events }
    }

    /// The next event of a kind; every line on the way must be an event.
    async fn next(&mut self, kind: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let search = async {
            loop {
                let line = self
                    .events
                    .next_line()
                    .await
                    .unwrap()
                    .expect("the process ended");
                let event: Value = serde_json::from_str(&line).expect("a line is a JSON object");
                if event["event"] == kind && wanted(&event) {
                    return event;
                }
            }
        };
        tokio::time::timeout(SOON, search)
            .await
            .unwrap_or_else(|_| panic!("no {kind} event came"))
    }

    async fn interrupt(mut self) -> Option<i32> {
        let pid = self.child.id().unwrap();
        let sent = std::process::Command::new("kill")
            .args(["-INT", &pid.to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
        tokio::time::timeout(SOON, self.child.wait())
            .await
            .unwrap()
            .unwrap()
            .code()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_tell_the_whole_story_and_an_interrupt_exits_0() {
    let (place, sim) = (Place::new(), sim().await);
    let mut running = Running::start(&place, &sim, &[]);
    running
        .next("status", |event| event["state"] == "ready")
        .await;
    let id = sim.user("USER1").says("hello");
    let message = running.next("message", |_| true).await;
    assert_eq!(message["message"]["id"], Value::String(id));
    assert_eq!(message["message"]["chat"], "dm");
    assert_eq!(message["message"]["text"], "hello");
    let reply = running.next("reply", |_| true).await;
    assert_eq!(reply["receipt"]["how"], "passive");
    assert_eq!(reply["text"], "hello");
    assert_eq!(running.interrupt().await, Some(0));
    let closed = |entry: &qq_sim::Entry| {
        matches!(
            entry.record,
            qq_sim::Record::SocketClosed {
                by: qq_sim::Side::Client,
                ..
            }
        )
    };
    sim.wait_for(closed, SOON).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_reply_is_an_event_with_its_code() {
    let (place, sim) = (Place::new(), sim().await);
    let mut running = Running::start(&place, &sim, &[]);
    running
        .next("status", |event| event["state"] == "ready")
        .await;
    sim.fault(Fault::NextHttp(qq_sim::HttpAnswer {
        endpoint: Some(qq_sim::Endpoint::UserMessage),
        status: 400,
        body: serde_json::json!({"code": 40034006, "err_code": 40034006, "message": "内容违规"}),
        headers: Default::default(),
    }));
    sim.user("USER1").says("hello");
    let reply = running.next("reply", |_| true).await;
    assert_eq!(reply["failure"]["code"], 40034006);
    assert!(reply["failure"]["trace_id"].is_string(), "{reply}");
    assert!(reply["failure"]["remedy"].is_string(), "{reply}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exec_agent_answers_over_json_lines() {
    let (place, sim) = (Place::new(), sim().await);
    let agent = r#"exec:while read -r line; do t=${line#*\"turn\":}; t=${t%%[,\}]*}; echo "{\"type\":\"reply\",\"turn\":$t,\"text\":\"turn $t\"}"; done"#;
    let mut running = Running::start(&place, &sim, &["--agent", agent]);
    running
        .next("status", |event| event["state"] == "ready")
        .await;
    sim.user("USER1").says("hello");
    assert_eq!(
        sim.next_reply(SOON).await.unwrap().text.as_deref(),
        Some("turn 1")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_state_is_for_one_process() {
    let (place, sim) = (Place::new(), sim().await);
    let mut running = Running::start(&place, &sim, &[]);
    running
        .next("status", |event| event["state"] == "ready")
        .await;
    let output = place
        .run(&["run", "--allow-loopback"], &qq_table(&sim, ""))
        .await;
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("runs in another process") && said.contains("--state"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_channels_run_side_by_side() {
    let (place, sim) = (Place::new(), sim().await);
    let config = format!(
        "{}\n[channels_config.echo]\ninterval_ms = 50\n",
        qq_table(&sim, "")
    );
    let mut command = place.command(&["run", "--allow-loopback", "--events", "json"], &config);
    command
        .arg("--plugins")
        .arg(plugins())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let events = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut running = Running { child, events };
    running
        .next("status", |event| {
            event["channel"] == "qq" && event["state"] == "ready"
        })
        .await;
    sim.user("USER1").says("hello");
    running
        .next("reply", |event| event["channel"] == "qq")
        .await;
    running
        .next("reply", |event| event["channel"] == "echo")
        .await;
    assert_eq!(running.interrupt().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_channel_is_reloaded_from_outside_and_when_its_folder_changes() {
    let (place, sim) = (Place::new(), sim().await);
    let folder = place.dir.path().join("plugins/qq");
    std::fs::create_dir_all(&folder).unwrap();
    for file in ["plugin.toml", "plugin.wasm"] {
        std::fs::copy(plugins().join("qq").join(file), folder.join(file)).unwrap();
    }
    let trace = place.dir.path().join("trace");
    let mut command = place.command(
        &["run", "--allow-loopback", "--events", "json"],
        &qq_table(&sim, ""),
    );
    command
        .arg("--plugins")
        .arg(folder.parent().unwrap())
        .arg("--trace")
        .arg(&trace);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let events = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut running = Running { child, events };
    running
        .next("status", |event| event["state"] == "ready")
        .await;
    let mut reload = Command::new(env!("CARGO_BIN_EXE_host-under-test"));
    reload
        .args(["reload", "qq", "--state"])
        .arg(place.dir.path().join("state"));
    let output = reload.output().await.unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(
        said(&output).contains("qq 0.1.0: reloaded, paused"),
        "{}",
        said(&output)
    );
    sim.user("USER1").says("hello");
    running
        .next("reply", |event| event["text"] == "hello")
        .await;
    // Replaced in one step, as an installer would.
    let manifest = std::fs::read_to_string(folder.join("plugin.toml")).unwrap();
    let part = folder.join("part");
    std::fs::write(&part, manifest.replacen("0.1.0", "0.2.0", 1)).unwrap();
    std::fs::rename(&part, folder.join("plugin.toml")).unwrap();
    let starts = || {
        std::fs::read_to_string(&trace)
            .unwrap()
            .matches("\"start\":{")
            .count()
    };
    let mut look = tokio::time::interval(std::time::Duration::from_millis(50));
    let noticed = async {
        while starts() < 3 {
            look.tick().await;
        }
    };
    tokio::time::timeout(SOON, noticed)
        .await
        .expect("the change was not noticed");
    sim.user("USER1").says("again");
    running
        .next("reply", |event| event["text"] == "again")
        .await;
    assert_eq!(running.interrupt().await, Some(0));
    assert_eq!(
        sim.journal()
            .iter()
            .filter(|entry| matches!(entry.record, qq_sim::Record::SocketOpened))
            .count(),
        1
    );
    let mut replay = Command::new(env!("CARGO_BIN_EXE_host-under-test"));
    replay
        .arg("replay")
        .arg(&trace)
        .arg("--plugin")
        .arg(plugins().join("qq"));
    let output = replay.output().await.unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains(" 0 differ"), "{}", said(&output));
    // A trace that says something else is told apart.
    let changed = std::fs::read_to_string(&trace)
        .unwrap()
        .replace("token_granted", "token_stolen");
    std::fs::write(&trace, changed).unwrap();
    let mut replay = Command::new(env!("CARGO_BIN_EXE_host-under-test"));
    replay
        .arg("replay")
        .arg(&trace)
        .arg("--plugin")
        .arg(plugins().join("qq"));
    let output = replay.output().await.unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("token_stolen") && said(&output).contains("token_granted"));
}

#[tokio::test(flavor = "multi_thread")]
async fn reloading_what_does_not_run_says_so() {
    let place = Place::new();
    let mut reload = Command::new(env!("CARGO_BIN_EXE_host-under-test"));
    let output = reload
        .args(["reload", "qq", "--state"])
        .arg(place.dir.path())
        .output()
        .await
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(
        said(&output).contains("does not run here"),
        "{}",
        said(&output)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_nobody_vouches_for_is_refused_and_named() {
    for tls in [qq_sim::Tls::SelfSigned, qq_sim::Tls::Expired] {
        let config = SimConfig::with_bots([Bot::new(APP_ID, SECRET)]).tls(tls);
        let sim = Sim::start(config).await.unwrap();
        assert!(sim.base_url().starts_with("https://"));
        let output = Place::new()
            .run(&["doctor", "qq", "--allow-loopback"], &qq_table(&sim, ""))
            .await;
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("✘ token") && said.contains("TLS"), "{said}");
        assert!(said.contains("certificate"), "{said}");
        assert_eq!(sim.token_fetches(), 0);
    }
}
