//! What can be checked of a manifest without the component.

use super::tables::{Manifest, Network, Resources, SecretRule};
use crate::contract;
use crate::error::{Error, ErrorKind, Result};
use crate::limits;

/// Says what is wrong, and what to write.
pub(super) fn check(manifest: &Manifest) -> Result<()> {
    manifest.channel_name()?;
    check_contract(manifest)?;
    check_resources(&manifest.resources)?;
    check_network(&manifest.network)?;
    manifest.secrets.values().try_for_each(check_secret)?;
    let wasm = &manifest.plugin.wasm;
    if wasm.contains("..") || wasm.starts_with('/') {
        return Err(Error::new(
            ErrorKind::Plugin,
            "plugin.toml: `wasm` must be a file of the folder",
        ));
    }
    Ok(())
}

fn check_contract(manifest: &Manifest) -> Result<()> {
    let (built_for, ours) = (manifest.channel.contract, contract::VERSION);
    if built_for == ours {
        return Ok(());
    }
    let name = &manifest.plugin.name;
    let what =
        format!("plugin `{name}` is built for contract {built_for}, this host speaks {ours}");
    Err(Error::new(ErrorKind::Plugin, what)
        .with_remedy("install a version of the plugin built for this host"))
}

fn check_resources(resources: &Resources) -> Result<()> {
    in_range(
        "max_memory_mb",
        resources.max_memory_mb.into(),
        limits::MEMORY_MB_MAX.into(),
    )?;
    in_range(
        "max_execution_time_ms",
        resources.max_execution_time_ms,
        limits::CALL_MS_MAX,
    )?;
    in_range(
        "max_kv_storage_mb",
        resources.max_kv_storage_mb,
        limits::STATE_BYTES_MAX / 1024 / 1024,
    )
}

fn check_network(network: &Network) -> Result<()> {
    let mut hosts = network.allow.iter().flat_map(|rule| &rule.hosts);
    hosts.try_for_each(|host| check_host(host, true))
}

fn check_secret(secret: &SecretRule) -> Result<()> {
    let to = secret.allow.iter().map(|scope| &scope.hosts);
    let from = secret.sealed_from.iter().map(|scope| &scope.hosts);
    for host in to.chain(from).flatten() {
        check_host(host, false)?;
    }
    for scope in &secret.sealed_from {
        check_pointer(&scope.pointer)?;
        scope
            .shows
            .iter()
            .try_for_each(|shown| check_pointer(shown))?;
    }
    Ok(())
}

/// A star may stand for the labels in front of two others: nobody owns a whole
/// top-level domain, and no secret goes to names nobody knows.
fn check_host(host: &str, may_have_star: bool) -> Result<()> {
    let exact = !host.contains('*');
    let below = host.strip_prefix("*.").filter(|_| may_have_star);
    if exact || below.is_some_and(|below| !below.contains('*') && below.contains('.')) {
        return Ok(());
    }
    let what = format!("plugin.toml: `{host}` is not a host name");
    let remedy = if may_have_star {
        "write the name in full, or *.NAME.TLD for every host below it"
    } else {
        "write the name in full: a secret goes to named hosts only"
    };
    Err(Error::new(ErrorKind::Plugin, what).with_remedy(remedy))
}

fn check_pointer(pointer: &str) -> Result<()> {
    if pointer.starts_with('/') {
        return Ok(());
    }
    let what = format!("plugin.toml: `{pointer}` under sealed_from is not a JSON pointer");
    Err(Error::new(ErrorKind::Plugin, what).with_remedy("write /MEMBER or /MEMBER/MEMBER"))
}

fn in_range(key: &str, value: u64, max: u64) -> Result<()> {
    if (1..=max).contains(&value) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Plugin,
        format!("plugin.toml: resources.{key} = {value} is out of range"),
    )
    .with_remedy(format!("write 1 to {max}")))
}
