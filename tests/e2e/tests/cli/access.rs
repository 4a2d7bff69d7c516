//! Who may talk to the bot, as the operator meets it: pairing, and the commands
//! `pair` and `users`.

use std::path::Path;
use std::process::Stdio;

use e2e::{answer, plugins, qq_table, sim};
use qq_sim::Sim;

use crate::place::{Place, finished, prx_channel, said};
use crate::running::Running;

/// Openids as QQ makes them; no log may hold one.
const ANNA: &str = "A11CE0000000000000000000000000A1";
const BORIS: &str = "B0B0000000000000000000000000B0B0";

/// The running command and the folder it runs in.
struct Served {
    place: Place,
    running: Running,
}

impl Served {
    async fn start(sim: &Sim, more: &str) -> Self {
        Self::start_in(Place::new(), sim, more).await
    }

    async fn start_in(place: Place, sim: &Sim, more: &str) -> Self {
        let mut command = place.serve(&qq_table(sim, more), &plugins());
        command.args(["--events", "json"]).stdout(Stdio::piped());
        let mut running = Running::start(&mut command);
        running.is_ready().await;
        Self { place, running }
    }

    /// Asks the running process: exit code and all that was printed.
    async fn ask(&self, task: &[&str]) -> (i32, String) {
        ask(task, &self.place.path("state")).await
    }

    /// Ends it in order: its folder and its log.
    async fn end(self) -> (Place, String) {
        self.running.signal("INT");
        let (code, log) = self.running.end().await;
        assert_eq!(code, Some(0), "{log}");
        for openid in [ANNA, BORIS] {
            assert!(!log.contains(openid), "{log}");
        }
        (self.place, log)
    }
}

async fn ask(task: &[&str], state: &Path) -> (i32, String) {
    let output = finished(prx_channel().args(task).arg("--state").arg(state)).await;
    (output.status.code().unwrap(), said(&output))
}

/// The six digits in what `pair` printed.
fn code_in(printed: &str) -> String {
    let line = printed.lines().find(|line| line.starts_with("code "));
    let code = line.and_then(|line| line.split_whitespace().nth(1));
    let code = code.expect(printed).to_owned();
    assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()));
    code
}

#[tokio::test(flavor = "multi_thread")]
async fn pairing_from_nothing() {
    let sim = sim().await;
    let more = "allowed_users = []";
    let running = Served::start(&sim, more).await;
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

    let (place, log) = running.end().await;
    assert!(log.contains(&format!("/bind {first}")), "{log}");
    assert!(!log.contains(&second), "the operator's code is in the log");
    // Both are still known to the next process, which has no code to offer.
    let running = Served::start_in(place, &sim, more).await;
    assert_eq!(answer(&sim, ANNA, "anna again").await, "anna again");
    assert_eq!(answer(&sim, BORIS, "boris again").await, "boris again");
    let (_place, log) = running.end().await;
    assert!(!log.contains("nobody is bound"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_lists_lets_in_and_turns_out() {
    let sim = sim().await;
    let more = &format!("allowed_users = [\"{ANNA}\"]");
    let running = Served::start(&sim, more).await;
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
    let more = &format!("allowed_users = [\"{ANNA}\"]");
    let running = Served::start(&sim, more).await;
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
    let state = running.place.path("state");
    std::fs::write(state.join("another.sock"), "").unwrap();
    let (code, printed) = running.ask(&["users", "list"]).await;
    assert_eq!(code, 2, "{printed}");
    assert!(printed.contains("another and qq"), "{printed}");
    running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_running_process_the_commands_say_so() {
    let place = Place::new();
    for task in [
        &["pair"][..],
        &["pair", "qq", "--new"],
        &["users", "list"],
        &["users", "allow", ANNA],
        &["users", "revoke", ANNA, "qq"],
    ] {
        for state in [place.path(""), place.path("none")] {
            let (code, printed) = ask(task, &state).await;
            assert_eq!(code, 2, "{task:?}: {printed}");
            assert!(printed.contains("here"), "{task:?}: {printed}");
            assert!(printed.contains("prx-channel run"), "{task:?}: {printed}");
        }
    }
}
