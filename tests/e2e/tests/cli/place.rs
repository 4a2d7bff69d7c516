//! A folder to run the command in, and what it prints.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use e2e::{SECRET, SOON, plugins};
use tempfile::TempDir;
use tokio::process::Command;

/// The command under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_host-under-test");

/// `prx-channel`, without what this environment would tell it.
pub(crate) fn prx_channel() -> Command {
    undisturbed(Command::new(PROGRAM))
}

fn undisturbed(mut command: Command) -> Command {
    for name in [
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "OPENAI_MODEL",
        "RUST_LOG",
    ] {
        command.env_remove(name);
    }
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// A folder with the configuration, the state and what else a test puts there.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes the configuration.
    pub(crate) fn configure(&self, text: &str) {
        std::fs::write(self.path("config.toml"), text).unwrap();
    }

    /// A task that reads this configuration.
    pub(crate) fn command(&self, task: &[&str], config: &str) -> Command {
        self.command_by(Command::new(PROGRAM), task, config)
    }

    fn command_by(&self, program: Command, task: &[&str], config: &str) -> Command {
        self.configure(config);
        let mut command = undisturbed(program);
        command
            .args(task)
            .arg("--config")
            .arg(self.path("config.toml"));
        if task[0] == "run" {
            command.arg("--state").arg(self.path("state"));
        }
        command
    }

    /// `prx-channel run` with the plugins of a folder.
    pub(crate) fn serve(&self, config: &str, plugins: &Path) -> Command {
        self.serve_by(Command::new(PROGRAM), config, plugins)
    }

    /// The same, as `program` starts it.
    pub(crate) fn serve_by(&self, program: Command, config: &str, plugins: &Path) -> Command {
        let mut command = self.command_by(program, &["run", "--allow-loopback"], config);
        command.arg("--plugins").arg(plugins);
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    /// Runs to the end with the shipped plugins.
    pub(crate) async fn run(&self, task: &[&str], config: &str) -> Output {
        let mut command = self.command(task, config);
        command.arg("--plugins").arg(plugins());
        finished(&mut command).await
    }

    /// A plugin folder of its own, with a copy of this plugin in it.
    pub(crate) fn copy_of(&self, plugin: &Path) -> PathBuf {
        let folder = self.path("plugins").join(plugin.file_name().unwrap());
        std::fs::create_dir_all(&folder).unwrap();
        for file in ["plugin.toml", "plugin.wasm"] {
            std::fs::copy(plugin.join(file), folder.join(file)).unwrap();
        }
        folder
    }
}

/// Runs it to its end.
pub(crate) async fn finished(command: &mut Command) -> Output {
    let output = tokio::time::timeout(SOON * 2, command.output()).await;
    output.expect("it does not end").unwrap()
}

/// All that was printed.
pub(crate) fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert!(!said.contains(SECRET), "the secret was printed: {said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}
