//! The command `qq-sim`; everything is in the library.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    qq_sim::run().await
}
