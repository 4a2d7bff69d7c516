//! `--agent exec:…`: a command that does not run, what it writes, and its end.

use std::process::Output;

use e2e::{SOON, plugins, qq_table, sim};
use qq_sim::Sim;
use tokio::process::Command;

use crate::place::Place;

/// `prx-channel run` with this agent.
fn command(sim: &Sim, place: &Place, agent: &str) -> Command {
    let mut command = place.serve(&qq_table(sim, ""), &plugins());
    command.args(["--agent", agent]);
    command
}

async fn ended(output: impl Future<Output = std::io::Result<Output>>) -> (Option<i32>, String) {
    let output = tokio::time::timeout(SOON, output).await.unwrap().unwrap();
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), log)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_does_not_run_exits_2_before_anything_is_connected() {
    let (sim, place) = (sim().await, Place::new());
    let script = place.path("agent.sh");
    std::fs::write(&script, "").unwrap();
    for (agent, words) in [
        ("no-such-agent".to_owned(), "127"),
        ("sh /no/such/script.sh".to_owned(), "/no/such/script.sh"),
        (script.display().to_string(), "126"),
    ] {
        let output = command(&sim, &place, &format!("exec:{agent}")).output();
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
    let (sim, place) = (sim().await, Place::new());
    let mut child = command(&sim, &place, agent).spawn().unwrap();
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
    let (sim, place) = (sim().await, Place::new());
    let pipe = place.path("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let agent = format!(
        "exec:exec 7>'{}'; sleep 600 & exec sleep 600",
        pipe.display()
    );
    let mut child = command(&sim, &place, &agent).spawn().unwrap();
    // Its end comes when nobody holds the other side any more.
    let (tell, told) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || tell.send(std::fs::read(pipe)));
    sim.wait_live(SOON).await.unwrap();
    child.kill().await.unwrap();
    let held = tokio::time::timeout(SOON, told).await.unwrap();
    assert_eq!(held.unwrap().unwrap(), b"");
}
