//! `prx-channel pair`: the code with which somebody can let themselves in.

use std::process::ExitCode;

use prx_channel_host::Result;
use prx_channel_host::contract::AccessRequest;

use super::args::Pair;
use super::users;

pub(super) async fn pair(args: Pair) -> Result<ExitCode> {
    users::ask(args.channel, AccessRequest::Code(args.new)).await
}
