//! Flags that say who answers.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use prx_channel_host::{Error, ErrorKind, Result, caused};
use tokio::time::Duration;

use super::args::AgentChoice;
use crate::agent::{Agent, Echo, Exec, OpenAi, OpenAiOptions};

/// Longest file with words for the model, bytes.
const SYSTEM: u64 = 1024 * 1024;
/// Where models are when nobody says. It takes nobody without a key.
const OPENAI: &str = "https://api.openai.com/v1";

#[derive(Args, Debug)]
pub(super) struct AgentArgs {
    /// A turn of an `exec` agent fails when nothing was heard of it for so long.
    #[arg(long, value_name = "SECS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..))]
    exec_quiet: u64,
    /// URL of the model's server, up to `/chat/completions`.
    #[arg(long, value_name = "URL", env = "OPENAI_BASE_URL", default_value = OPENAI)]
    openai_base: String,
    /// Name of the model.
    #[arg(long, value_name = "NAME", env = "OPENAI_MODEL")]
    openai_model: Option<String>,
    /// Environment variable that holds the key.
    #[arg(long, value_name = "VARIABLE", default_value = "OPENAI_API_KEY")]
    openai_key_env: String,
    /// What the model is told before every conversation.
    #[arg(long, value_name = "TEXT", conflicts_with = "openai_system_file")]
    openai_system: Option<String>,
    /// The same, from a file.
    #[arg(long, value_name = "FILE")]
    openai_system_file: Option<PathBuf>,
    /// Messages of a conversation the model is given.
    #[arg(long, value_name = "N", default_value_t = 40)]
    openai_history: usize,
    /// Characters of a conversation the model is given.
    #[arg(long, value_name = "N", default_value_t = 32_000)]
    openai_history_chars: usize,
    /// Conversations remembered; the one that was quiet for longest goes first.
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    openai_conversations: u32,
    /// Time for the connection to the model's server.
    #[arg(long, value_name = "SECS", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..))]
    openai_connect: u64,
    /// Time until its answer begins.
    #[arg(long, value_name = "SECS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..))]
    openai_first_byte: u64,
    /// Longest silence inside an answer.
    #[arg(long, value_name = "SECS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    openai_idle: u64,
    /// Time for a whole answer.
    #[arg(long, value_name = "SECS", default_value_t = 1800, value_parser = clap::value_parser!(u64).range(1..))]
    openai_answer: u64,
    /// Show users what the model thinks aloud, as a quote above its answer.
    #[arg(long)]
    openai_show_reasoning: bool,
}

impl AgentArgs {
    /// The agent that was chosen. One that is a process runs already.
    pub(super) async fn build(self, choice: AgentChoice) -> Result<Arc<dyn Agent>> {
        Ok(match choice {
            AgentChoice::Echo => Arc::new(Echo),
            AgentChoice::Exec(command) => {
                let quiet = Duration::from_secs(self.exec_quiet);
                let agent = Exec::new(command).fails_when_quiet_for(quiet);
                agent.check().await?;
                Arc::new(agent)
            }
            AgentChoice::OpenAi => Arc::new(OpenAi::new(self.openai()?)?),
        })
    }

    fn openai(self) -> Result<OpenAiOptions> {
        let key = self.key()?;
        let system = self.system()?;
        let model = self.openai_model.ok_or_else(|| {
            Error::new(ErrorKind::Config, "no model was named")
                .with_remedy("give one: --openai-model NAME, or set OPENAI_MODEL")
        })?;
        Ok(OpenAiOptions {
            base: self.openai_base,
            key,
            key_variable: self.openai_key_env,
            system,
            messages: self.openai_history,
            chars: self.openai_history_chars,
            conversations: usize::try_from(self.openai_conversations).unwrap_or(usize::MAX),
            connect_timeout: Duration::from_secs(self.openai_connect),
            first_byte_timeout: Duration::from_secs(self.openai_first_byte),
            idle_timeout: Duration::from_secs(self.openai_idle),
            answer_timeout: Duration::from_secs(self.openai_answer),
            show_reasoning: self.openai_show_reasoning,
            ..OpenAiOptions::new(model)
        })
    }

    /// Servers of one's own often want none.
    fn key(&self) -> Result<Option<String>> {
        let name = &self.openai_key_env;
        let key = std::env::var(name).unwrap_or_default();
        let key = key.trim();
        if key.is_empty() && self.openai_base == OPENAI {
            return Err(Error::new(
                ErrorKind::Config,
                format!("the model needs a key, and environment variable `{name}` is not set"),
            )
            .with_remedy(format!(
                "set {name} for this process, or name another with --openai-key-env"
            )));
        }
        Ok((!key.is_empty()).then(|| key.to_owned()))
    }

    fn system(&self) -> Result<Option<String>> {
        match &self.openai_system_file {
            Some(path) => system_file(path).map(Some),
            None => Ok(self.openai_system.clone()),
        }
    }
}

fn system_file(path: &Path) -> Result<String> {
    let mut text = String::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(SYSTEM + 1).read_to_string(&mut text))
        .and_then(|bytes| match bytes as u64 {
            ..=SYSTEM => Ok(text),
            _ => Err(std::io::Error::other(format!(
                "it is longer than {SYSTEM} bytes"
            ))),
        })
        .map_err(|cause| {
            let what = format!("--openai-system-file {}", path.display());
            caused(ErrorKind::Config, what)(cause).with_remedy("name a text file that can be read")
        })
}
