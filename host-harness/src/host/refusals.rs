//! What a host does not start, and why.

use crate::contract::{Problem, Severity};
use crate::error::{Error, ErrorKind, Result, caused};
use crate::limits;
use crate::plugin::Plugin;
use crate::sandbox::CallError;

/// It names a file, so it may not name another folder.
pub(super) fn instance_name(name: &str) -> Result<String> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if (1..=64).contains(&name.len()) && name.bytes().all(good) && !name.starts_with('.') {
        return Ok(name.to_owned());
    }
    Err(Error::new(
        ErrorKind::Config,
        format!("`{name}` cannot name a channel instance"),
    )
    .with_remedy("use letters, digits, `-`, `_` and `.`"))
}

/// A plugin that died before it was a channel.
pub(super) fn died(plugin: &Plugin, death: CallError) -> Error {
    let defect = "this is a defect of the plugin; report it to its author with this message";
    let remedy = match &death {
        CallError::OverLimit(over) => over.remedy(),
        CallError::OverTime(_) => format!(
            "set `max_execution_time_ms` under [resources] in plugin.toml to more, up to {}, or: {defect}",
            limits::CALL_MS_MAX
        ),
        CallError::Trap(_) => defect.to_owned(),
    };
    caused(ErrorKind::Plugin, plugin.dir().display())(death).with_remedy(remedy)
}

/// Refuses a configuration with errors; its warnings go to the log.
pub(super) fn errors(name: &str, problems: &[Problem]) -> Result<()> {
    for problem in problems
        .iter()
        .filter(|problem| problem.severity == Severity::Warning)
    {
        tracing::warn!(
            channel = name,
            "{}: {} — {}",
            problem.field,
            problem.message,
            problem.remedy
        );
    }
    let errors: Vec<String> = problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .map(|problem| {
            format!(
                "  {}: {}\n    → {}",
                problem.field, problem.message, problem.remedy
            )
        })
        .collect();
    if errors.is_empty() {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Config,
        format!(
            "[channels_config.{name}] has {} problem(s):\n{}",
            errors.len(),
            errors.join("\n")
        ),
    ))
}
