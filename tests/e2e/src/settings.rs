//! Folders, credentials and configuration of the rig.

use std::path::PathBuf;

use prx_channel_host::{ConfigFile, Result};
use qq_sim::Sim;

/// AppID of the simulated bot.
pub const APP_ID: &str = "102012345";
/// Its secret; tests look for it where it must not be.
pub const SECRET: &str = "planted-app-secret-7f3a";

/// The shipped plugins.
pub fn plugins() -> PathBuf {
    PathBuf::from(env!("PLUGINS"))
}

/// The plugins of the tests.
pub fn test_plugins() -> PathBuf {
    PathBuf::from(env!("TEST_PLUGINS"))
}

/// `[channels_config.qq]` for a simulator, with more lines if wanted.
pub fn qq_table(sim: &Sim, more: &str) -> String {
    let base = sim.base_url();
    let everybody = if more.contains("allowed_users") {
        ""
    } else {
        "allowed_users = [\"*\"]\n"
    };
    let intents = if more.contains("intents") {
        ""
    } else {
        "intents = [\"group_and_c2c\"]\n"
    };
    format!(
        "[channels_config.qq]\napp_id = \"{APP_ID}\"\napp_secret = \"{SECRET}\"\n\
         {intents}{everybody}\
         api_base = \"{base}\"\nauth_base = \"{base}\"\n{more}\n"
    )
}

/// The same, parsed.
///
/// # Errors
/// When `more` is no TOML.
pub fn qq_config(sim: &Sim, more: &str) -> Result<ConfigFile> {
    ConfigFile::parse(&qq_table(sim, more))
}
