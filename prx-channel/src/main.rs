//! `prx-channel`: runs PRX channel plugins.

use std::process::ExitCode;

fn main() -> ExitCode {
    prx_channel::cli::main()
}
