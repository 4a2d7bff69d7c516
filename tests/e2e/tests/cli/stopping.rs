//! One law of stopping: told to stop, the process finishes in order if it can,
//! and ends in any case.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use e2e::{SOON, plugins, qq_table, sim, test_plugins};
use tokio::process::Command;

use crate::place::{PROGRAM, Place};
use crate::running::{Running, is_served};

const CIRCLE: &str = "[channels_config.hostile]\nstart = \"circle\"\n";
const SPINS: &str = "[channels_config.hostile]\ndrain = \"spin\"\n";

/// Whoever runs the tests may have been started by `nohup`.
fn command(place: &Place, config: &str, plugins: &Path) -> Command {
    let mut program = Command::new("env");
    program.args(["--default-signal=HUP", PROGRAM]);
    place.serve_by(program, config, plugins)
}

/// A hostile plugin that may spin for half a minute.
fn patient(place: &Place) -> PathBuf {
    let folder = place.copy_of(&test_plugins().join("hostile"));
    let manifest = std::fs::read_to_string(folder.join("plugin.toml")).unwrap();
    let patient = manifest.replace("time_ms = 200", "time_ms = 30000");
    assert_ne!(patient, manifest);
    std::fs::write(folder.join("plugin.toml"), patient).unwrap();
    place.path("plugins")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_in_a_circle_stops_in_order_over_each_signal() {
    for signal in ["TERM", "INT", "HUP"] {
        let place = Place::new();
        let mut running = Running::start(&mut command(&place, CIRCLE, &test_plugins()));
        running.logs("adopted 0").await;
        running.signal(signal);
        assert_eq!(running.code().await, Some(0), "{signal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_spins_at_the_end_is_cut_off() {
    let place = Place::new();
    let mut running = Running::start(&mut command(&place, SPINS, &patient(&place)));
    running.logs("adopted 0").await;
    running.signal("TERM");
    running.logs("cut off").await;
    assert_eq!(running.code().await, Some(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_it_at_once() {
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let place = Place::new();
        let mut running = Running::start(&mut command(&place, SPINS, &patient(&place)));
        running.logs("adopted 0").await;
        running.signal("TERM");
        running.logs("finishing").await;
        assert_eq!(running.insist(signal).await, Some(code));
    }
}

/// Fills a pipe that a channel writes into, so that it takes nothing more.
fn fill(mut pipe: File, path: &Path) -> [File; 2] {
    // The channel is there, and writes for ever.
    pipe.read_exact(&mut [0]).unwrap();
    let mut options = OpenOptions::new();
    // O_NONBLOCK of Linux.
    options.read(true).write(true).custom_flags(0o4000);
    let mut impatient = options.open(path).unwrap();
    while impatient.write_all(b"x").is_ok() {}
    [pipe, impatient]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_hangs_does_not_keep_the_process() {
    let place = Place::new();
    let trace = place.path("trace");
    let made = std::process::Command::new("mkfifo").arg(&trace).status();
    assert!(made.unwrap().success());
    let mut command = command(&place, CIRCLE, &test_plugins());
    // One thread for everything, and it hangs.
    command
        .arg("--trace")
        .arg(&trace)
        .env("TOKIO_WORKER_THREADS", "1");
    let pipe = OpenOptions::new()
        .read(true)
        .write(true)
        .open(&trace)
        .unwrap();
    let running = Running::start(&mut command);
    let (done, full) = tokio::sync::oneshot::channel();
    // A thread, as nothing may wait for it should the channel never write.
    std::thread::spawn(move || done.send(fill(pipe, &trace)));
    let full = tokio::time::timeout(SOON * 2, full).await;
    let _full = full.expect("the channel writes nothing").unwrap();
    running.signal("TERM");
    assert_eq!(running.code().await, Some(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nohup_started_outlives_its_terminal() {
    let (place, sim) = (Place::new(), sim().await);
    let mut program = Command::new("sh");
    program.args(["-c", "trap '' HUP; exec \"$@\"", "sh"]);
    program.arg(PROGRAM);
    let mut command = place.serve_by(program, &qq_table(&sim, ""), &plugins());
    let mut running = Running::start(&mut command);
    running.logs("started").await;
    running.signal("HUP");
    is_served(&sim).await;
    running.signal("TERM");
    assert_eq!(running.code().await, Some(0));
}
