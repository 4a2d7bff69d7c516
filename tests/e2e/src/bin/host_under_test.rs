//! The `prx-channel` command, built where the tests can find it.

use std::process::ExitCode;

fn main() -> ExitCode {
    prx_channel::cli::main()
}
