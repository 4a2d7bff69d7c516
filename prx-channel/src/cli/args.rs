//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::agents::AgentArgs;

/// Runs PRX channel plugins, each in its own sandbox.
#[derive(Debug, Parser)]
#[command(name = "prx-channel", version, arg_required_else_help = true)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) task: Task,
}

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// Run every configured channel that has a plugin, until a signal or until every
    /// one has given up.
    Run(Box<Run>),
    /// Check one channel's set-up step by step.
    Doctor(Doctor),
    /// Replace a running channel's component by what its plugin folder holds now.
    Reload(Reload),
    /// Show the code with which somebody can let themselves in to a running
    /// channel.
    Pair(Pair),
    /// See and change who may talk to a running channel.
    Users {
        #[command(subcommand)]
        task: Users,
    },
    /// Run a trace recorded with `run --trace` through a component and show
    /// where its actions differ.
    Replay(Replay),
    /// Show the plugins and which of them are configured.
    List(List),
    /// Show what one plugin folder holds.
    Inspect {
        /// The plugin folder.
        dir: PathBuf,
    },
}

/// Where things are.
#[derive(Args, Clone, Debug)]
pub(super) struct Places {
    /// PRX configuration file with a [channels_config] table.
    #[arg(long, value_name = "FILE")]
    pub(super) config: PathBuf,
    /// Folder of plugin folders [default: ./plugins, or plugins beside this program's folder].
    #[arg(long, value_name = "DIR")]
    pub(super) plugins: Option<PathBuf>,
    /// Let channels reach this machine, in the clear too: for simulators.
    #[arg(long)]
    pub(super) allow_loopback: bool,
}

#[derive(Args, Debug)]
pub(super) struct Run {
    #[command(flatten)]
    pub(super) places: Places,
    /// Where channels keep their state [default: the user's state directory].
    #[arg(long, value_name = "DIR")]
    pub(super) state: Option<PathBuf>,
    /// Who answers: `echo`, `exec:CMD` for a process that speaks JSON lines, or
    /// `openai` for a model behind the chat completions interface.
    #[arg(long, default_value = "echo", value_parser = agent)]
    pub(super) agent: AgentChoice,
    #[command(flatten)]
    pub(super) agents: AgentArgs,
    /// Print every message, reply and status change on stdout.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(super) events: Option<EventFormat>,
    /// Record everything that crosses the sandbox, one JSON object a line.
    /// Holds users' messages; no secret.
    #[arg(long, value_name = "FILE")]
    pub(super) trace: Option<PathBuf>,
    #[command(flatten)]
    pub(super) media: MediaArgs,
}

/// Files between users and the agent.
#[derive(Args, Debug)]
pub(super) struct MediaArgs {
    /// Let replies name files below this folder, as in [IMAGE:/DIR/a.png]; may be
    /// given several times.
    #[arg(long = "media-root", value_name = "DIR")]
    pub(super) roots: Vec<PathBuf>,
    /// Fetch the files users send into this folder and tell the agent their paths.
    #[arg(long = "media", value_name = "DIR")]
    pub(super) folder: Option<PathBuf>,
    /// Megabytes the files of users may take; the oldest make room.
    #[arg(long = "media-quota-mb", value_name = "MB", default_value_t = 1024)]
    pub(super) quota_mb: u64,
    /// Days a file of a user is kept.
    #[arg(long = "media-days", value_name = "DAYS", default_value_t = 7)]
    pub(super) days: u64,
}

#[derive(Args, Debug)]
pub(super) struct Doctor {
    /// The channel, as in [channels_config.NAME].
    pub(super) name: String,
    #[command(flatten)]
    pub(super) places: Places,
}

#[derive(Args, Debug)]
pub(super) struct Reload {
    /// The channel, as in [channels_config.NAME].
    pub(super) name: String,
    /// State folder of the process that runs it [default: the user's state directory].
    #[arg(long, value_name = "DIR")]
    pub(super) state: Option<PathBuf>,
}

/// Which running channel.
#[derive(Args, Debug)]
pub(super) struct Running {
    /// The channel, as in [channels_config.NAME] [default: the only one that runs].
    pub(super) name: Option<String>,
    /// State folder of the process that runs it [default: the user's state directory].
    #[arg(long, value_name = "DIR")]
    pub(super) state: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(super) struct Pair {
    #[command(flatten)]
    pub(super) channel: Running,
    /// Make a fresh code; the one before is void.
    #[arg(long)]
    pub(super) new: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Users {
    /// Show who may talk to the channel, and who was turned away lately.
    List {
        #[command(flatten)]
        channel: Running,
    },
    /// Let a user in.
    Allow {
        /// The user's openid; `list` shows those of who was turned away.
        openid: String,
        #[command(flatten)]
        channel: Running,
    },
    /// Do not let a user in any more.
    Revoke {
        /// The user's openid.
        openid: String,
        #[command(flatten)]
        channel: Running,
    },
}

#[derive(Args, Debug)]
pub(super) struct Replay {
    /// The trace.
    pub(super) trace: PathBuf,
    /// The plugin folder [default: `qq` in the usual folder of plugins].
    #[arg(long, value_name = "DIR")]
    pub(super) plugin: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(super) struct List {
    #[command(flatten)]
    pub(super) places: Places,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum EventFormat {
    /// One JSON object a line.
    Json,
}

#[derive(Clone, Debug)]
pub(super) enum AgentChoice {
    Echo,
    Exec(String),
    OpenAi,
}

fn agent(text: &str) -> Result<AgentChoice, String> {
    match text.split_once(':') {
        None if text == "echo" => Ok(AgentChoice::Echo),
        None if text == "openai" => Ok(AgentChoice::OpenAi),
        Some(("exec", command)) if !command.trim().is_empty() => {
            Ok(AgentChoice::Exec(command.to_owned()))
        }
        _ => Err("write `echo`, `openai`, or `exec:` followed by a command".to_owned()),
    }
}
