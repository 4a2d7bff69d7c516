//! Manifests that are read, and those that are refused.
#![allow(clippy::unwrap_used, reason = "tests")]
use super::*;

const QQ: &str = include_str!("../../../plugin.toml");

#[test]
fn the_qq_manifest_is_read_whole() {
    let manifest = Manifest::parse(QQ).unwrap();
    assert_eq!(manifest.channel_name().unwrap(), "qq");
    assert_eq!(manifest.network.allow.len(), 5);
    assert_eq!(
        manifest.secrets["app_secret"].from_config.as_deref(),
        Some("app_secret")
    );
    assert!(!manifest.secrets["access_token"].sealed_from.is_empty());
}

#[test]
fn a_typo_in_our_tables_is_refused() {
    for (from, to) in [
        ("hosts = [\"bots.qq.com\"]", "host = [\"bots.qq.com\"]"),
        ("from_config", "from_cfg"),
        ("contract = 2", "contract = 2\nwasi_htp = true"),
    ] {
        let error = Manifest::parse(&QQ.replacen(from, to, 1)).unwrap_err();
        assert!(error.what().contains("unknown field"), "{error}");
    }
}

#[test]
fn another_contract_is_refused_with_both_numbers() {
    let error = Manifest::parse(&QQ.replace("contract = 2", "contract = 7")).unwrap_err();
    assert!(
        error.to_string().contains("contract 7, this host speaks 2"),
        "{error}"
    );
}

#[test]
fn a_component_outside_the_folder_is_refused() {
    let text = QQ.replace("wasm = \"plugin.wasm\"", "wasm = \"../other.wasm\"");
    assert!(Manifest::parse(&text).is_err());
}

#[test]
fn a_star_covers_no_top_level_domain_and_no_secret() {
    let rule = "hosts = [\"bots.qq.com\"]";
    for (host, good) in [
        ("*.qq.com", true),
        ("*.com", false),
        ("*", false),
        ("a.*.com", false),
    ] {
        let text = QQ.replacen(rule, &format!("hosts = [\"{host}\"]"), 1);
        assert_eq!(Manifest::parse(&text).is_ok(), good, "{host}");
    }
    let secret = "hosts = [\"api.bot.qq.com\", \"bots.qq.com\"]";
    let text = QQ.replacen(secret, "hosts = [\"*.qq.com\"]", 1);
    assert!(Manifest::parse(&text).is_err());
}

#[test]
fn prx_keys_we_do_not_know_are_left_alone() {
    let text = QQ.replace("[resources]", "[resources]\nmax_threads = 3");
    Manifest::parse(&text).unwrap();
}
