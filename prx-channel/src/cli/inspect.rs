//! `prx-channel list` and `prx-channel inspect`.

use std::path::Path;
use std::process::ExitCode;

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
    out::line(format_args!("features   {:?}", descriptor.features));
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
        out::line(format_args!(
            "may reach  {:?} {:?} config {:?} {:?} {:?}",
            rule.schemes, rule.hosts, rule.config, rule.methods, rule.paths
        ));
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
