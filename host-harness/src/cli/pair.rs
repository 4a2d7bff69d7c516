//! `prx-channel pair`: the code with which somebody can let themselves in.

use std::process::ExitCode;

use super::args::Pair;
use super::users;
use crate::contract::AccessRequest;
use crate::error::Result;

pub(super) async fn pair(args: Pair) -> Result<ExitCode> {
    users::ask(args.channel, AccessRequest::Code(args.new)).await
}
