//! `--agent openai`: its options, its key, and the proxy of the environment.

#[path = "../../../../prx-channel/tests/completions/mod.rs"]
mod completions;

use std::process::Stdio;

use completions::{Asked, Completions, Script};
use e2e::{SOON, plugins, qq_table, sim};
use qq_sim::Sim;
use tokio::process::Command;

use crate::place::{Place, finished};

const KEY: &str = "planted-key-51c9";
const APOLOGY: &str = "⚠️ Something went wrong. Please try again later.";

/// `prx-channel run --agent openai` with these flags.
fn command(sim: &Sim, place: &Place, flags: &[&str]) -> Command {
    let mut command = place.serve(&qq_table(sim, ""), &plugins());
    command.args(["--agent", "openai"]).args(flags);
    command.stdout(Stdio::piped());
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_exits_2_and_is_named() {
    let (sim, place) = (sim().await, Place::new());
    let model = ["--openai-model", "tiny"];
    for (flags, words) in [
        (&model[..], &["OPENAI_API_KEY", "--openai-key-env"][..]),
        (
            &["--openai-key-env", "OTHER_KEY", "--openai-model", "m"],
            &["OTHER_KEY"],
        ),
        (
            &["--openai-base", "http://127.0.0.1:1/v1"],
            &["--openai-model", "OPENAI_MODEL"],
        ),
        (
            &["--openai-base", "ftp://h", "--openai-model", "m"],
            &["http or https"],
        ),
        (
            &[
                "--openai-base",
                "http://h",
                "--openai-model",
                "m",
                "--openai-system-file",
                "/no/file",
            ],
            &["--openai-system-file /no/file", "→"],
        ),
        (&["--openai-idle", "0"], &["--openai-idle"]),
    ] {
        let output = finished(&mut command(&sim, &place, flags)).await;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{flags:?}: {said}");
        for word in words {
            assert!(said.contains(word), "{word}: {said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_takes_the_key_from_its_variable_and_never_prints_it() {
    use tokio::io::AsyncReadExt;
    let (sim, place) = (sim().await, Place::new());
    let server = Completions::start(|asked: &Asked| {
        if asked.last().contains("refuse") {
            let said = format!("bad key {KEY}");
            let error = serde_json::json!({ "error": { "message": said } });
            return Script::json(401, &error);
        }
        Script::stream(&["hello"])
    })
    .await;
    let prompt = place.path("prompt.txt");
    std::fs::write(&prompt, "Be brief.").unwrap();
    let flags = [
        "--openai-key-env",
        "MY_KEY",
        "--openai-system-file",
        prompt.to_str().unwrap(),
        "--events",
        "json",
    ];
    let mut child = command(&sim, &place, &flags)
        .env("MY_KEY", KEY)
        .env("OPENAI_BASE_URL", &server.base)
        .env("OPENAI_MODEL", "tiny")
        .env("RUST_LOG", "trace")
        .spawn()
        .unwrap();
    sim.wait_live(SOON).await.unwrap();
    sim.user("USER1").says("hi");
    let reply = sim.next_reply(SOON).await.unwrap();
    assert_eq!(reply.text.as_deref(), Some("hello"));
    sim.user("USER1").says("refuse");
    let reply = sim.next_reply(SOON).await.unwrap();
    assert_eq!(reply.text.as_deref(), Some(APOLOGY));
    let asked = server.asked(2).await;
    assert_eq!(asked[0].messages(), ["system: Be brief.", "user: hi"]);
    assert_eq!(asked[0].headers["authorization"], format!("Bearer {KEY}"));
    child.start_kill().unwrap();
    let (mut out, mut log) = (String::new(), String::new());
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let read = tokio::join!(
        stdout.read_to_string(&mut out),
        stderr.read_to_string(&mut log)
    );
    assert!(read.0.is_ok() && read.1.is_ok());
    assert!(log.contains("bad key [key]"), "{log}");
    assert!(!log.contains(KEY) && !out.contains(KEY));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environments_proxy_is_used_for_other_machines() {
    let (sim, place) = (sim().await, Place::new());
    let proxy = Completions::start(|_asked| Script::stream(&["by proxy"])).await;
    let flags = [
        "--openai-base",
        "http://model.test/v1",
        "--openai-model",
        "tiny",
    ];
    let _child = command(&sim, &place, &flags)
        .env("http_proxy", proxy.base.trim_end_matches("/v1"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    sim.wait_live(SOON).await.unwrap();
    sim.user("USER1").says("hi");
    let reply = sim.next_reply(SOON).await.unwrap();
    assert_eq!(reply.text.as_deref(), Some("by proxy"));
    let uri = &proxy.asked(1).await[0].uri;
    assert_eq!(uri, "http://model.test/v1/chat/completions");
}
