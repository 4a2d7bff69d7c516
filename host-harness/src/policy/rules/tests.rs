//! Where a channel may go, and where not.
#![allow(clippy::unwrap_used, reason = "tests")]
use super::*;

fn policy(base: Option<&str>, allow_loopback: bool) -> NetworkPolicy {
    let rules = vec![
        NetRule {
            schemes: vec!["https".into(), "wss".into()],
            hosts: vec!["api.example.com".into()],
            methods: vec!["GET".into(), "POST".into()],
            paths: vec!["/v2".into(), "/websocket".into()],
            ..NetRule::default()
        },
        NetRule {
            config: vec!["api_base".into()],
            ..NetRule::default()
        },
    ];
    let bases = base.map(|url| ("api_base".to_owned(), Url::parse(url).unwrap()));
    NetworkPolicy::new(&rules, &bases.into_iter().collect(), allow_loopback)
}

#[test]
fn what_a_rule_names_is_allowed() {
    let policy = policy(None, false);
    for url in [
        "https://api.example.com/v2/x",
        "https://API.example.com:443/v2",
        "https://api.example.com/v2/../v2/x",
    ] {
        policy.check_http(url, "GET").unwrap();
    }
    policy
        .check_socket("wss://api.example.com/websocket/")
        .unwrap();
}

#[test]
fn everything_else_is_denied() {
    let policy = policy(None, false);
    for url in [
        "https://api.example.com.evil.com/v2",
        "https://api.example.com@evil.com/v2",
        "https://user:pw@api.example.com/v2",
        "https://api.example.com:8443/v2",
        "https://api.example.com/v20",
        "https://api.example.com/v2/../admin",
        "https://api.example.com/",
        "http://api.example.com/v2",
        "file:///etc/passwd",
        "https://169.254.169.254/v2",
        "https://[::ffff:127.0.0.1]/v2",
        "https://2130706433/v2",
        "not a url",
    ] {
        let failure = policy.check_http(url, "GET").unwrap_err();
        assert_eq!(failure.kind, FailureKind::Denied, "{url}");
    }
    assert!(
        policy
            .check_http("https://api.example.com/v2", "DELETE")
            .is_err()
    );
    assert!(
        policy
            .check_socket("https://api.example.com/websocket")
            .is_err()
    );
}

#[test]
fn a_star_stands_for_labels_in_front_and_nothing_else() {
    let rule = NetRule {
        schemes: vec!["https".into()],
        hosts: vec!["*.example.com".into()],
        ..NetRule::default()
    };
    let policy = NetworkPolicy::new(&[rule], &BTreeMap::new(), false);
    for (url, allowed) in [
        ("https://a.example.com/", true),
        ("https://b.a.EXAMPLE.com/", true),
        ("https://example.com/", false),
        ("https://.example.com/", false),
        ("https://aexample.com/", false),
        ("https://a.example.com.evil.com/", false),
        ("https://example.com.evil.com/", false),
    ] {
        assert_eq!(policy.check_http(url, "GET").is_ok(), allowed, "{url}");
    }
}

#[test]
fn a_configured_base_brings_its_origin_and_its_websocket() {
    let policy = policy(Some("http://127.0.0.1:4000/x"), true);
    policy
        .check_http("http://127.0.0.1:4000/anything", "PUT")
        .unwrap();
    policy
        .check_socket("ws://127.0.0.1:4000/websocket")
        .unwrap();
    assert!(policy.check_http("http://127.0.0.1:4001/", "GET").is_err());
    assert!(policy.check_http("https://127.0.0.1:4000/", "GET").is_err());
}

#[test]
fn loopback_needs_its_switch() {
    let failure = policy(Some("http://127.0.0.1:4000"), false)
        .check_http("http://127.0.0.1:4000/", "GET")
        .unwrap_err();
    assert!(failure.remedy.unwrap().contains("--allow-loopback"));
}
