//! One law of stopping: told to stop, the process finishes in order if it can,
//! and ends in any case. And nothing it prints can hold it up.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use e2e::{APP_ID, SECRET, SOON, plugins, qq_table, test_plugins};
use qq_sim::{Bot, Entry, Record, Sim, SimConfig};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};

const CIRCLE: &str = "[channels_config.hostile]\nstart = \"circle\"\n";
const SPINS: &str = "[channels_config.hostile]\ndrain = \"spin\"\n";

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// `prx-channel run`, as `program` starts it.
    fn run_by(&self, program: Command, config: &str, plugins: &Path) -> Command {
        std::fs::write(self.path("config.toml"), config).unwrap();
        let mut command = program;
        command
            .args(["run", "--allow-loopback", "--config"])
            .arg(self.path("config.toml"))
            .arg("--state")
            .arg(self.path("state"))
            .arg("--plugins")
            .arg(plugins)
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    fn run(&self, config: &str, plugins: &Path) -> Command {
        // Whoever runs the tests may have been started by `nohup`.
        let mut program = Command::new("env");
        program.args([
            "--default-signal=HUP",
            env!("CARGO_BIN_EXE_host-under-test"),
        ]);
        self.run_by(program, config, plugins)
    }

    /// A hostile plugin that may spin for half a minute.
    fn patient_plugin(&self) -> PathBuf {
        let folder = self.path("plugins/hostile");
        std::fs::create_dir_all(&folder).unwrap();
        let from = test_plugins().join("hostile");
        std::fs::copy(from.join("plugin.wasm"), folder.join("plugin.wasm")).unwrap();
        let manifest = std::fs::read_to_string(from.join("plugin.toml")).unwrap();
        let patient = manifest.replace("time_ms = 200", "time_ms = 30000");
        assert_ne!(patient, manifest);
        std::fs::write(folder.join("plugin.toml"), patient).unwrap();
        self.path("plugins")
    }
}

struct Running {
    child: Child,
    log: Option<Lines<BufReader<ChildStderr>>>,
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let log = child.stderr.take().map(|log| BufReader::new(log).lines());
        Self { child, log }
    }

    /// Reads the log up to a line with these words.
    async fn logs(&mut self, words: &str) {
        let log = self.log.as_mut().unwrap();
        let found = async {
            while let Some(line) = log.next_line().await.unwrap() {
                assert!(!line.contains("panicked"), "{line}");
                if line.contains(words) {
                    return;
                }
            }
            panic!("it ended without: {words}");
        };
        let late = tokio::time::timeout(SOON * 2, found).await;
        late.unwrap_or_else(|_| panic!("not in the log: {words}"));
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().unwrap().to_string();
        let mut kill = std::process::Command::new("kill");
        let sent = kill.args([&format!("-{name}"), &pid]).status().unwrap();
        assert!(sent.success());
    }

    /// Sends the signal until it ends: the first may come too soon to be another.
    async fn insist(mut self, name: &str) -> Option<i32> {
        let mut clock = tokio::time::interval(Duration::from_millis(100));
        let insist = async {
            loop {
                tokio::select! {
                    ended = self.child.wait() => return ended.unwrap().code(),
                    _ = clock.tick() => {}
                }
                if let Some(pid) = self.child.id() {
                    let mut kill = std::process::Command::new("kill");
                    // It may have ended meanwhile.
                    let _sent = kill.args([&format!("-{name}"), &pid.to_string()]).status();
                }
            }
        };
        let ended = tokio::time::timeout(SOON, insist).await;
        ended.expect("it does not end")
    }

    async fn code(mut self) -> Option<i32> {
        // It is read to the end, so that the process cannot wait for us.
        let log = async {
            if let Some(log) = &mut self.log {
                while let Some(line) = log.next_line().await.unwrap() {
                    assert!(!line.contains("panicked"), "{line}");
                }
            }
        };
        let ended = async { tokio::join!(self.child.wait(), log).0 };
        let ended = tokio::time::timeout(SOON, ended).await;
        ended.expect("it does not end").unwrap().code()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_in_a_circle_stops_in_order_over_each_signal() {
    for signal in ["TERM", "INT", "HUP"] {
        let place = Place::new();
        let mut running = Running::start(&mut place.run(CIRCLE, &test_plugins()));
        running.logs("adopted 0").await;
        running.signal(signal);
        assert_eq!(running.code().await, Some(0), "{signal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_spins_at_the_end_is_cut_off() {
    let place = Place::new();
    let mut running = Running::start(&mut place.run(SPINS, &place.patient_plugin()));
    running.logs("adopted 0").await;
    running.signal("TERM");
    running.logs("cut off").await;
    assert_eq!(running.code().await, Some(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_it_at_once() {
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let place = Place::new();
        let mut running = Running::start(&mut place.run(SPINS, &place.patient_plugin()));
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
    let mut command = place.run(CIRCLE, &test_plugins());
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

async fn sim() -> Sim {
    let bot = Bot::new(APP_ID, SECRET);
    Sim::start(SimConfig::with_bots([bot])).await.unwrap()
}

async fn is_served(sim: &Sim) {
    let there = |entry: &Entry| matches!(entry.record, Record::Identified { .. });
    sim.wait_for(there, SOON).await.unwrap();
    for text in ["one", "two"] {
        sim.user("USER1").says(text);
        let reply = sim.next_reply(SOON).await.unwrap();
        assert_eq!(reply.text.as_deref(), Some(text));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn output_that_nobody_reads_holds_up_no_user() {
    let (place, sim) = (Place::new(), sim().await);
    let mut command = place.run(&qq_table(&sim, ""), &plugins());
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
    let mut command = place.run(&qq_table(&sim, ""), &plugins());
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

#[tokio::test(flavor = "multi_thread")]
async fn what_nohup_started_outlives_its_terminal() {
    let (place, sim) = (Place::new(), sim().await);
    let mut program = Command::new("sh");
    program.args(["-c", "trap '' HUP; exec \"$@\"", "sh"]);
    program.arg(env!("CARGO_BIN_EXE_host-under-test"));
    let mut command = place.run_by(program, &qq_table(&sim, ""), &plugins());
    let mut running = Running::start(&mut command);
    running.logs("started").await;
    running.signal("HUP");
    is_served(&sim).await;
    running.signal("TERM");
    assert_eq!(running.code().await, Some(0));
}

/// Runs a command whose output nobody reads: its exit code, and its complaints.
async fn unread(place: &Place, task: &[&str], config: &str) -> (Option<i32>, String) {
    std::fs::write(place.path("config.toml"), config).unwrap();
    let (_, closed) = std::io::pipe().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_host-under-test"));
    command
        .args(task)
        .current_dir(place.0.path())
        .stdout(closed);
    command
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
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
    let mut command = place.run("[other]\n", Path::new(plugins));
    let running = Running::start(command.stderr(closed));
    assert_eq!(running.code().await, Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_cannot_start_stops_no_other_and_is_tried_again() {
    let (place, sim) = (Place::new(), sim().await);
    let (qq, echo) = (
        qq_table(&sim, ""),
        "\n[channels_config.echo]\ninterval_ms = 20\n",
    );
    let wrong = qq.replace(&format!("\"{APP_ID}\""), "7");
    assert_ne!(wrong, qq);
    let mut command = place.run(&format!("{wrong}{echo}"), &plugins());
    let mut running = Running::start(&mut command);
    running.logs("the others run").await;
    running.logs("tick").await;
    std::fs::write(place.path("config.toml"), format!("{qq}{echo}")).unwrap();
    is_served(&sim).await;
    running.signal("TERM");
    assert_eq!(running.code().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_whose_state_is_in_use_starts_when_it_is_free() {
    let place = Place::new();
    let echo = "[channels_config.echo]\ninterval_ms = 20\n";
    let mut first = Running::start(&mut place.run(echo, &plugins()));
    first.logs("tick").await;
    // Echo and hostile from one folder.
    let both = place.patient_plugin();
    std::fs::create_dir_all(both.join("echo")).unwrap();
    for file in ["plugin.toml", "plugin.wasm"] {
        std::fs::copy(
            plugins().join("echo").join(file),
            both.join("echo").join(file),
        )
        .unwrap();
    }
    let config = format!("{echo}[channels_config.hostile]\n");
    let mut second = Running::start(&mut place.run(&config, &both));
    second.logs("runs in another process").await;
    first.signal("TERM");
    assert_eq!(first.code().await, Some(0));
    second.logs("tick").await;
    second.signal("TERM");
    assert_eq!(second.code().await, Some(0));
}
