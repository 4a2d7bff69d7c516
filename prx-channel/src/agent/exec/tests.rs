//! The agent in a process, made of shell scripts.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::agent::stub::turn;

/// A shell agent that answers with the turn's number and its own line count.
const COUNTING: &str = r#"n=0; while read -r line; do
    turn=${line#*\"turn\":}; turn=${turn%%[,\}]*}; n=$((n+1))
    say() { echo "{\"type\":\"$1\",\"turn\":$turn,\"$2\":\"$3\"}"; }
    case "$line" in
        *die*) exit 3;;
        *fail*) say error message cannot;;
        *wait*) ;;
        *) echo "garbage"; say progress text searching; say delta text "$turn"
           say delta text "/$n"; say reply text "$turn/$n";;
    esac; done"#;

#[tokio::test]
async fn one_process_answers_many_turns() {
    let agent = Exec::new(COUNTING);
    assert_eq!(agent.answer(turn(1, "hi")).await.unwrap(), "1/1");
    assert_eq!(agent.answer(turn(2, "hi")).await.unwrap(), "2/2");
    assert_eq!(agent.answer(turn(3, "fail")).await.unwrap_err(), "cannot");
}

#[tokio::test]
async fn deltas_are_passed_on_and_progress_is_no_text() {
    let agent = Exec::new(COUNTING);
    let turn = turn(1, "hi");
    let deltas = turn.deltas.clone();
    agent.answer(turn).await.unwrap();
    assert_eq!(deltas.text(), "1/1");
}

#[tokio::test]
async fn a_dead_process_fails_its_turn_and_is_started_again() {
    let agent = Exec::new(COUNTING);
    let why = agent.answer(turn(1, "die")).await.unwrap_err();
    assert!(why.ends_with("before it answered: exit status: 3"), "{why}");
    assert_eq!(agent.answer(turn(2, "hi")).await.unwrap(), "2/1");
}

#[tokio::test]
async fn a_process_that_answers_once_and_goes_is_started_for_each_message() {
    let once = r#"read -r line; turn=${line#*\"turn\":}; turn=${turn%%[,\}]*}
        echo "{\"type\":\"reply\",\"turn\":$turn,\"text\":\"$turn\"}""#;
    let agent = Exec::new(once);
    for id in 1..=6 {
        assert_eq!(agent.answer(turn(id, "hi")).await.unwrap(), id.to_string());
        let gone = async {
            while agent
                .state
                .lock()
                .await
                .process
                .as_ref()
                .unwrap()
                .is_alive()
            {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(20), gone).await.unwrap();
    }
}

#[tokio::test]
async fn a_process_that_keeps_dying_is_left_alone_for_a_while() {
    let agent = Exec::new("exit 1");
    {
        let mut state = agent.state.lock().await;
        for _ in 0..8 {
            state.pauses.died(false, Duration::ZERO, Instant::now());
        }
    }
    let why = agent.answer(turn(1, "hi")).await.unwrap_err();
    assert!(why.contains("keeps dying"), "{why}");
    assert!(agent.state.lock().await.process.is_none());
}

#[tokio::test]
async fn a_dropped_turn_is_cancelled_in_the_process() {
    let agent = Exec::new(COUNTING);
    {
        let mut waiting = agent.answer(turn(7, "wait"));
        // Polled once, which writes its line, then dropped.
        tokio::select! {
            biased;
            answer = &mut waiting => panic!("answered: {answer:?}"),
            () = std::future::ready(()) => {}
        }
    }
    // The cancel line counts too: it reached the process.
    let answer = agent.answer(turn(8, "hi")).await.unwrap();
    assert_eq!(answer, "8/3");
}

#[tokio::test]
async fn a_turn_of_which_nothing_is_heard_fails_and_is_cancelled() {
    let agent = Exec::new(COUNTING).fails_when_quiet_for(Duration::ZERO);
    let why = agent.answer(turn(7, "wait")).await.unwrap_err();
    assert!(why.contains("nothing was heard"), "{why}");
    let agent = Exec {
        quiet: QUIET,
        ..agent
    };
    assert_eq!(agent.answer(turn(8, "hi")).await.unwrap(), "8/3");
}

#[tokio::test]
async fn an_agent_that_writes_before_it_reads_is_no_deadlock() {
    // More in either direction than a pipe holds.
    let agent = Exec::new(
        r#"read -r line; head -c 300000 /dev/zero | tr '\0' x; echo
           read -r line; echo '{"type":"reply","turn":2,"text":"both"}'"#,
    );
    let long = "y".repeat(300_000);
    let first = turn(1, &long);
    let second = turn(2, &long);
    let (_died, answer) = tokio::join!(agent.answer(first), agent.answer(second));
    assert_eq!(answer.unwrap(), "both");
}

#[tokio::test]
async fn a_command_that_does_not_run_is_told_at_the_start() {
    for (command, words) in [
        (
            "no-such-agent --flag",
            &["exit status: 127", "no-such-agent:", "PATH"][..],
        ),
        (
            "sh /no/such/script.sh",
            &["exit status", "/no/such/script.sh: No such file"],
        ),
        ("/dev/null", &["exit status: 126", "executable"]),
        (
            "echo broken 'in two' >&2; exit 3",
            &["exit status: 3", "broken in two"],
        ),
        ("true", &["exit status: 0", "does not run"]),
    ] {
        let error = Exec::new(command).check().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        let said = error.to_string();
        assert!(said.contains(command) && error.remedy().is_some(), "{said}");
        for word in words {
            assert!(said.contains(word), "{word}: {said}");
        }
    }
}

#[tokio::test]
async fn a_checked_process_answers_the_first_message() {
    let agent = Exec::new(COUNTING);
    agent.check().await.unwrap();
    assert_eq!(agent.answer(turn(1, "hi")).await.unwrap(), "1/1");
}

/// What an agent says that answers every message with this.
async fn answers(lines: &str) -> Result<String, String> {
    let script = format!("read -r line; printf '{lines}'; read -r line");
    Exec::new(script).answer(turn(1, "hi")).await
}

#[tokio::test]
async fn odd_output_costs_itself() {
    let reply = r#"{"type":"reply","turn":1,"text":"ok"}\n"#;
    for odd in [
        "garbage\\n",
        "\\377\\376\\n",
        "\\n",
        r#"{"type":"reply","turn":99,"text":"no"}\n"#,
        r#"{"type":"new","turn":1}\n"#,
    ] {
        assert_eq!(
            answers(&format!("{odd}{reply}")).await.unwrap(),
            "ok",
            "{odd}"
        );
    }
    let half = r#"{"type":"reply","turn":1,"text":"ok\\ud83d"}\n"#;
    assert_eq!(answers(half).await.unwrap(), "ok\u{FFFD}");
    let cut = reply.trim_end_matches("\\n");
    assert_eq!(answers(&format!("{cut}\\r\\n")).await.unwrap(), "ok");
}

#[tokio::test]
async fn a_reply_without_its_text_fails_at_once() {
    let why = answers(r#"noise\n{"type":"reply","turn":1,"content":"ok"}\n"#);
    let why = why.await.unwrap_err();
    assert!(
        why.starts_with("line 2") && why.contains("\"text\""),
        "{why}"
    );
}

#[tokio::test]
async fn a_line_that_is_too_long_costs_no_other_turn() {
    let agent = Exec::new(
        r#"read -r line; head -c 5000000 /dev/zero | tr '\0' x; echo
           echo '{"type":"reply","turn":1,"text":"ok"}'; read -r line"#,
    );
    assert_eq!(agent.answer(turn(1, "hi")).await.unwrap(), "ok");
}

#[tokio::test]
async fn an_agent_that_reads_nothing_is_given_up_on() {
    let agent = Exec::new("exec sleep 600").fails_when_quiet_for(Duration::from_millis(50));
    let long = "y".repeat(300_000);
    let turns: Vec<_> = (0..70).map(|id| agent.answer(turn(id, &long))).collect();
    for answer in futures_util::future::join_all(turns).await {
        let why = answer.unwrap_err();
        let said = why.contains("does not read") || why.contains("nothing was heard");
        assert!(said, "{why}");
    }
}

/// An agent whose helper would outlive it. Both hold a pipe open; its end tells
/// that they are gone.
async fn with_helper(then: &str) -> (Exec, tokio::net::unix::pipe::Receiver, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    let pipe = tokio::net::unix::pipe::OpenOptions::new()
        .open_receiver(&path)
        .unwrap();
    let agent = Exec::new(format!(
        "exec 7>'{}'; sleep 600 & echo up >&7; read -r line; {then}",
        path.display()
    ));
    (agent, pipe, dir)
}

/// Waits until nobody holds the other end.
async fn all_gone(mut pipe: tokio::net::unix::pipe::Receiver) {
    use tokio::io::AsyncReadExt;
    let mut all = String::new();
    let end = timeout(Duration::from_secs(20), pipe.read_to_string(&mut all));
    end.await.unwrap().unwrap();
    assert_eq!(all, "up\n");
}

#[tokio::test]
async fn what_the_agent_started_ends_with_it() {
    let (agent, pipe, _dir) = with_helper("exit 3").await;
    let why = agent.answer(turn(1, "hi")).await.unwrap_err();
    assert!(why.contains("exit status: 3"), "{why}");
    all_gone(pipe).await;
}

#[tokio::test]
async fn what_the_agent_started_ends_with_its_host() {
    let (agent, pipe, _dir) = with_helper("exec sleep 600").await;
    let turn = turn(1, "hi");
    tokio::select! {
        biased;
        answer = agent.answer(turn) => panic!("answered: {answer:?}"),
        ready = pipe.readable() => ready.unwrap(),
    }
    drop(agent);
    all_gone(pipe).await;
}
