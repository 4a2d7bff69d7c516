//! What `{:?}` shows of a host and its channels: which one it is. Never what is
//! inside, which may be a secret or a message.

use std::fmt::{Debug, Formatter, Result};

use crate::config::{ChannelConfig, ConfigFile};
use crate::handle::{ChannelCommands, ChannelHandle};
use crate::host::{ChannelHost, HostOptions};
use crate::media::Fetcher;
use crate::plugin::Plugin;

impl Debug for HostOptions {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("HostOptions")
            .field("state_dir", &self.state_dir)
            .field("allow_loopback", &self.allow_loopback)
            .field("trace", &self.trace.is_some())
            .finish_non_exhaustive()
    }
}

impl Debug for ChannelHost {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_tuple("ChannelHost").field(&self.options).finish()
    }
}

impl Debug for Plugin {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("Plugin")
            .field("dir", &self.dir())
            .field("version", &self.manifest().plugin.version)
            .finish_non_exhaustive()
    }
}

impl Debug for ConfigFile {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("ConfigFile")
            .field("channels", &self.names().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl Debug for ChannelConfig {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("ChannelConfig").finish_non_exhaustive()
    }
}

impl Debug for ChannelHandle {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("ChannelHandle")
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}

impl Debug for ChannelCommands {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("ChannelCommands")
            .field("channel", &self.descriptor().name)
            .finish_non_exhaustive()
    }
}

impl Debug for Fetcher {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("Fetcher").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use crate::config::ConfigFile;

    #[test]
    fn a_secret_in_the_configuration_is_not_shown() {
        let file = ConfigFile::parse("[channels_config.x]\ntoken = \"planted\"\n").unwrap();
        assert_eq!(format!("{file:?}"), "ConfigFile { channels: [\"x\"], .. }");
    }
}
