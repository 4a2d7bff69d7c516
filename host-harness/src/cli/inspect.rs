//! `prx-channel list` and `prx-channel inspect`.

use std::path::Path;
use std::process::ExitCode;

use super::args::List;
use super::places;
use crate::config::ConfigFile;
use crate::error::Result;
use crate::host::{ChannelHost, HostOptions};
use crate::plugin::scan;

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
                println!(
                    "{name:<12} {:<10} {state:<15} {}",
                    manifest.plugin.version,
                    folder.display()
                );
            }
            Err(error) => println!("{:<12} {:<10} {:<15} {error}", "?", "?", "broken"),
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn inspect(dir: &Path) -> Result<ExitCode> {
    let host = ChannelHost::new(HostOptions::default())?;
    let plugin = host.plugin(dir)?;
    let descriptor = host.describe(&plugin).await?;
    let manifest = plugin.manifest();
    println!(
        "channel    {} {} (contract {})",
        descriptor.name, descriptor.version, descriptor.contract
    );
    println!("component  {} KiB", plugin.component_size() / 1024);
    println!("features   {:?}", descriptor.features);
    println!("memory     {} MiB", manifest.resources.max_memory_mb);
    println!("call time  {} ms", manifest.resources.max_execution_time_ms);
    println!(
        "wasi:http  {}",
        if manifest.channel.wasi_http {
            "granted"
        } else {
            "no"
        }
    );
    for rule in &manifest.network.allow {
        println!(
            "may reach  {:?} {:?} config {:?} {:?} {:?}",
            rule.schemes, rule.hosts, rule.config, rule.methods, rule.paths
        );
    }
    for (name, rule) in &manifest.secrets {
        let places: Vec<&str> = rule
            .allow
            .iter()
            .flat_map(|scope| &scope.places)
            .map(String::as_str)
            .collect();
        println!("secret     {name} → {}", places.join(", "));
    }
    Ok(ExitCode::SUCCESS)
}
