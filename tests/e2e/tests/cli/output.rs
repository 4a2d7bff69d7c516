//! Nothing that is printed can hold the process up, and a reader that goes away
//! ends a command quietly.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use e2e::{SOON, plugins, qq_table, sim};

use crate::place::{Place, prx_channel};
use crate::running::{Running, is_served};

#[tokio::test(flavor = "multi_thread")]
async fn output_that_nobody_reads_holds_up_no_user() {
    let (place, sim) = (Place::new(), sim().await);
    let mut command = place.serve(&qq_table(&sim, ""), &plugins());
    // As a terminal on hold: not one byte more fits.
    let (_reader, mut full) = std::io::pipe().unwrap();
    full.write_all(&[b'x'; 65_536]).unwrap();
    command
        .args(["--events", "json"])
        .env("TOKIO_WORKER_THREADS", "1")
        .stdout(full.try_clone().unwrap())
        .stderr(full);
    let running = Running::start(&mut command);
    is_served(&sim).await;
    running.signal("TERM");
    assert_eq!(running.code().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn output_whose_reader_went_away_holds_up_no_user() {
    let (place, sim) = (Place::new(), sim().await);
    let mut command = place.serve(&qq_table(&sim, ""), &plugins());
    let (_, closed) = std::io::pipe().unwrap();
    command
        .args(["--events", "json"])
        .stdout(closed.try_clone().unwrap())
        .stderr(closed);
    let running = Running::start(&mut command);
    is_served(&sim).await;
    running.signal("TERM");
    assert_eq!(running.code().await, Some(0));
}

/// Runs a command whose output nobody reads: its exit code, and its complaints.
async fn unread(place: &Place, task: &[&str], config: &str) -> (Option<i32>, String) {
    place.configure(config);
    let (_, closed) = std::io::pipe().unwrap();
    let mut command = prx_channel();
    command.args(task).current_dir(place.path(""));
    command.stdout(closed).stderr(Stdio::piped());
    let output = command.spawn().unwrap().wait_with_output();
    let output = tokio::time::timeout(SOON * 2, output)
        .await
        .unwrap()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), said)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_pipe_ends_every_command_quietly() {
    let (place, sim) = (Place::new(), sim().await);
    let (plugins, echo) = (plugins(), plugins().join("echo"));
    let (plugins, echo) = (plugins.to_str().unwrap(), echo.to_str().unwrap());
    let table = qq_table(&sim, "");
    std::fs::write(place.path("trace"), "").unwrap();
    let tasks: [(&[&str], i32); 7] = [
        (&["--help"], 0),
        (&["run", "--help"], 0),
        (&["--version"], 0),
        (
            &["list", "--config", "config.toml", "--plugins", plugins],
            141,
        ),
        (&["inspect", echo], 141),
        (&["replay", "trace", "--plugin", echo], 141),
        (
            &[
                "doctor",
                "qq",
                "--allow-loopback",
                "--config",
                "config.toml",
                "--plugins",
                plugins,
            ],
            141,
        ),
    ];
    for (task, code) in tasks {
        let (ended, said) = unread(&place, task, &table).await;
        assert_eq!(ended, Some(code), "{task:?}: {said}");
        assert!(!said.contains("panicked"), "{task:?}: {said}");
        assert!(!said.contains("standard output"), "{task:?}: {said}");
    }
    // Nor does an error need a reader.
    let (_, closed) = std::io::pipe().unwrap();
    let mut command = place.serve("[other]\n", Path::new(plugins));
    let running = Running::start(command.stderr(closed));
    assert_eq!(running.code().await, Some(2));
}
