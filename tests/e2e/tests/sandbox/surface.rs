//! What the built components import and export, decoded from their bytes.

use e2e::{plugins, test_plugins};
use prx_channel_host::{ALLOWED_IMPORTS, ChannelHost, HostOptions};
use wasmtime::Engine;
use wasmtime::component::Component;

fn names(plugin: &std::path::Path) -> (Vec<String>, Vec<String>) {
    let engine = Engine::default();
    let bytes = std::fs::read(plugin.join("plugin.wasm")).unwrap();
    let component = Component::from_binary(&engine, &bytes).unwrap();
    let ty = component.component_type();
    let imports = ty
        .imports(&engine)
        .map(|(name, _)| name.to_owned())
        .collect();
    let exports = ty
        .exports(&engine)
        .map(|(name, _)| name.to_owned())
        .collect();
    (imports, exports)
}

fn interface(name: &str) -> &str {
    name.split('@').next().unwrap()
}

#[test]
fn the_shipped_components_import_only_what_std_brings() {
    for plugin in ["qq", "echo"] {
        let (imports, exports) = names(&plugins().join(plugin));
        for import in &imports {
            assert!(
                ALLOWED_IMPORTS.contains(&interface(import)),
                "{plugin} imports {import}"
            );
            assert!(!import.starts_with("prx:host"), "{plugin} imports {import}");
        }
        assert_eq!(exports, ["prx:channel/channel@0.2.0"], "{plugin}");
    }
}

#[test]
fn the_qq_component_cannot_even_ask_for_the_network() {
    let (imports, _) = names(&plugins().join("qq"));
    for import in &imports {
        assert!(
            !import.contains("http") && !import.contains("sockets"),
            "{import}"
        );
    }
}

#[tokio::test]
async fn a_component_that_is_no_channel_is_refused_by_name() {
    let host = ChannelHost::new(HostOptions::default()).unwrap();
    let error = host
        .plugin(&test_plugins().join("stranger"))
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains("does not export `prx:channel/channel`"),
        "{error}"
    );
    assert!(error.contains("examples/echo-channel"), "{error}");
}

#[tokio::test]
async fn an_import_outside_the_list_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let from = test_plugins().join("http-guest");
    std::fs::copy(from.join("plugin.wasm"), folder.path().join("plugin.wasm")).unwrap();
    let manifest = std::fs::read_to_string(from.join("plugin.toml")).unwrap();
    let without = manifest.replace("wasi_http = true\n", "");
    assert_ne!(manifest, without);
    std::fs::write(folder.path().join("plugin.toml"), without).unwrap();
    let host = ChannelHost::new(HostOptions::default()).unwrap();
    let error = host.plugin(folder.path()).await.err().unwrap().to_string();
    assert!(
        error.contains("imports `wasi:http/") && error.contains("wasi_http = true"),
        "{error}"
    );
}

#[tokio::test]
async fn each_plugin_says_who_it_is() {
    let host = ChannelHost::new(HostOptions::default()).unwrap();
    for (folder, name) in [
        (plugins(), "qq"),
        (plugins(), "echo"),
        (test_plugins(), "hostile"),
    ] {
        let plugin = host.plugin(&folder.join(name)).await.unwrap();
        assert_eq!(host.describe(&plugin).await.unwrap().name, name);
    }
}
