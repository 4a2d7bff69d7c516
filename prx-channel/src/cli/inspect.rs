//! `prx-channel list` and `prx-channel inspect`.

use std::path::Path;
use std::process::ExitCode;

use prx_channel_host::manifest::NetRule;
use prx_channel_host::plugin::scan;
use prx_channel_host::{ChannelHost, ConfigFile, HostOptions, Result};

use super::args::List;
use super::{out, places};

pub(super) async fn list(args: &List) -> Result<ExitCode> {
    let file = ConfigFile::read(&args.places.config)?;
    let dir = places::plugins_dir(&args.places)?;
    for (folder, manifest) in scan(&dir)? {
        match manifest.and_then(|manifest| Ok((manifest.channel_name()?.to_owned(), manifest))) {
            Ok((name, manifest)) => {
                let configured = file.names().any(|configured| configured == name);
                let state = if configured {
                    "configured"
                } else {
                    "not configured"
                };
                out::line(format_args!(
                    "{name:<12} {:<10} {state:<15} {}",
                    manifest.plugin.version,
                    folder.display()
                ));
            }
            Err(error) => out::line(format_args!(
                "{:<12} {:<10} {:<15} {error:#}",
                "?", "?", "broken"
            )),
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn inspect(dir: &Path) -> Result<ExitCode> {
    let host = ChannelHost::new(HostOptions::default())?;
    let plugin = host.plugin(dir).await?;
    let descriptor = host.describe(&plugin).await?;
    let manifest = plugin.manifest();
    out::line(format_args!(
        "channel    {} {} (contract {})",
        descriptor.name, descriptor.version, descriptor.contract
    ));
    out::line(format_args!(
        "component  {} KiB",
        plugin.component_size() / 1024
    ));
    let features = descriptor.features.iter().map(|feature| feature.name());
    let features: Vec<&str> = features.collect();
    out::line(format_args!("features   {}", features.join(", ")));
    out::line(format_args!(
        "memory     {} MiB",
        manifest.resources.max_memory_mb
    ));
    out::line(format_args!(
        "call time  {} ms",
        manifest.resources.max_execution_time_ms
    ));
    out::line(format_args!(
        "wasi:http  {}",
        if manifest.channel.wasi_http {
            "granted"
        } else {
            "no"
        }
    ));
    for rule in &manifest.network.allow {
        out::line(format_args!("may reach  {}", way(rule)));
    }
    for (name, rule) in &manifest.secrets {
        let places: Vec<&str> = rule
            .allow
            .iter()
            .flat_map(|scope| &scope.places)
            .map(String::as_str)
            .collect();
        out::line(format_args!("secret     {name} → {}", places.join(", ")));
    }
    Ok(ExitCode::SUCCESS)
}

/// Where a rule lets the plugin go. What it does not restrict is left out.
fn way(rule: &NetRule) -> String {
    let mut ends = rule.hosts.clone();
    ends.extend(rule.config.iter().map(|key| format!("what `{key}` names")));
    let ports: Vec<String> = rule.ports.iter().map(u16::to_string).collect();
    let mut way = ends.join(", ");
    for (what, only) in [
        ("by", &rule.schemes),
        ("ports", &ports),
        ("with", &rule.methods),
        ("below", &rule.paths),
    ] {
        if !only.is_empty() {
            way.push_str(&format!("; {what} {}", only.join(", ")));
        }
    }
    way
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_told_in_words() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let rule = NetRule {
            hosts: words(&["a.example", "*.b.example"]),
            config: words(&["api_base"]),
            schemes: words(&["https", "wss"]),
            ports: vec![8443],
            methods: words(&["GET", "POST"]),
            paths: words(&["/v2"]),
        };
        assert_eq!(
            way(&rule),
            "a.example, *.b.example, what `api_base` names; by https, wss; ports 8443; with GET, POST; below /v2"
        );
        let rule = NetRule {
            config: words(&["api_base"]),
            ..NetRule::default()
        };
        assert_eq!(way(&rule), "what `api_base` names");
    }
}
