//! `prx-channel users`: who may talk to a running channel.
//!
//! What comes back names users. It goes to the standard output of whoever asked,
//! and into no log.

use std::process::ExitCode;

use prx_channel_host::contract::{AccessRequest, Check, Failure, FailureKind};
use prx_channel_host::{Error, ErrorKind, Result};

use super::args::{Running, Users};
use super::control::{self, Answer, Ask};
use super::out::{self, printable};
use super::places;

pub(super) async fn users(task: Users) -> Result<ExitCode> {
    match task {
        Users::List { channel } => ask(channel, AccessRequest::Show).await,
        Users::Allow { openid, channel } => ask(channel, AccessRequest::Allow(openid)).await,
        Users::Revoke { openid, channel } => ask(channel, AccessRequest::Revoke(openid)).await,
    }
}

/// Asks the process that runs the channel, and shows what it says.
pub(super) async fn ask(running: Running, request: AccessRequest) -> Result<ExitCode> {
    let state = places::state_dir(running.state)?;
    let channel = match running.name {
        Some(name) => name,
        None => control::only_channel(&state)?,
    };
    match control::ask(&state, &channel, &Ask::Access { request }).await? {
        Answer::Found { found } => {
            show(&found);
            Ok(ExitCode::SUCCESS)
        }
        Answer::Failed { failed } => Err(refused(&channel, failed)),
        Answer::Refused { error } => Err(Error::new(ErrorKind::Fatal, error)),
        Answer::Reloaded { .. } => Err(control::other_question()),
    }
}

fn show(found: &[Check]) {
    if found.is_empty() {
        out::line(format_args!("nobody"));
    }
    for Check { step, detail, .. } in found {
        out::line(format_args!(
            "{:<12} {}",
            printable(step),
            printable(detail)
        ));
    }
}

fn refused(channel: &str, failure: Failure) -> Error {
    let kind = match failure.kind {
        FailureKind::Invalid => ErrorKind::Config,
        _ => ErrorKind::Fatal,
    };
    let error = Error::new(kind, format!("{channel}: {}", printable(&failure.message)));
    match failure.remedy {
        Some(remedy) => error.with_remedy(printable(&remedy)),
        None => error,
    }
}
