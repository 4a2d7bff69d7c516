//! Token endpoint, gateway discovery, authentication, the form of answers.

use std::time::Duration;

use crate::support::{APP, Client, Socket, USER, fetch_token, http, start};
use qq_sim::{Bot, Sim, SimConfig, Standing};
use serde_json::{Value, json};

#[tokio::test]
async fn gives_the_same_token_until_the_last_minute_and_then_both_work() {
    let sim = Sim::start(SimConfig::default()).await.unwrap();
    let base = sim.base_url();
    let first = fetch_token(&base, APP, "SECRET").await.json();
    assert_eq!(first["expires_in"], "7200");
    sim.advance(Duration::from_secs(5000));
    let again = fetch_token(&base, APP, "SECRET").await.json();
    assert_eq!(again["access_token"], first["access_token"]);
    let left: u64 = again["expires_in"].as_str().unwrap().parse().unwrap();
    assert!((2190..=2200).contains(&left), "{left}");

    sim.advance(Duration::from_secs(2150));
    let second = Client::new(&sim).await;
    assert_ne!(first["access_token"], second.token);
    let first = Client {
        token: first["access_token"].as_str().unwrap().into(),
        ..Client::new(&sim).await
    };
    assert_eq!(first.call("GET /gateway", &Value::Null).await.status, 200);
    assert_eq!(second.call("GET /gateway", &Value::Null).await.status, 200);
    sim.advance(Duration::from_secs(60));
    let late = first.call("GET /gateway", &Value::Null).await;
    assert_eq!((late.status, late.code()), (401, 11244));
    assert_eq!(second.call("GET /gateway", &Value::Null).await.status, 200);
    assert_eq!(sim.token_fetches(), 4);
}

#[tokio::test]
async fn token_failures_come_with_status_200() {
    let bots = [
        Bot::new("1", "s"),
        Bot::new("2", "s").standing(Standing::Banned),
        Bot::new("3", "s").standing(Standing::Deleted),
    ];
    let sim = Sim::start(SimConfig::with_bots(bots)).await.unwrap();
    for (app, secret, code) in [
        ("1", "wrong", 100_016),
        ("9", "s", 100_007),
        ("2", "s", 100_007),
        ("3", "s", 10_004),
    ] {
        let reply = fetch_token(&sim.base_url(), app, secret).await;
        assert_eq!((reply.status, reply.code()), (200, code), "{app}");
        assert!(reply.json().get("access_token").is_none());
    }
    sim.rules(|rules| rules.token_requests_per_minute = Some(0));
    assert_eq!(fetch_token(&sim.base_url(), "1", "s").await.code(), 100_001);
}

#[tokio::test]
async fn an_expired_or_revoked_token_is_11244_and_a_fetch_helps() {
    let (sim, mut client) = start().await;
    for lose in [Sim::expire_token, Sim::revoke_token] {
        lose(&sim);
        let refused = client.call("GET /gateway", &Value::Null).await;
        assert_eq!((refused.status, refused.code()), (401, 11244));
        client = Client::new(&sim).await;
        assert_eq!(client.call("GET /gateway", &Value::Null).await.status, 200);
    }
}

#[tokio::test]
async fn every_wrong_authorization_has_its_code() {
    let sim = Sim::start(SimConfig::default()).await.unwrap();
    let token = Client::new(&sim).await.token;
    let cases = [
        (String::new(), 401, 11241),
        (format!("authorization: Bot {APP}.{token}\r\n"), 401, 11245),
        (format!("authorization: Bearer {token}\r\n"), 401, 11243),
        ("authorization: QQBot other\r\n".into(), 401, 11244),
        (
            format!("authorization: QQBot {token}\r\nx-union-appid: 7\r\n"),
            500,
            11255,
        ),
        (
            format!("authorization: QQBot {token}\r\nx-union-appid: {APP}\r\n"),
            200,
            0,
        ),
    ];
    for (headers, status, code) in cases {
        let reply = http(&sim.base_url(), "GET /gateway", &headers, "")
            .await
            .unwrap();
        assert_eq!((reply.status, reply.code()), (status, code), "{headers}");
    }
}

#[tokio::test]
async fn gateway_names_the_socket_and_counts_identifies() {
    let (sim, client) = start().await;
    let gateway = client.call("GET /gateway", &Value::Null).await.json();
    assert_eq!(gateway, json!({"url": sim.gateway_url()}));
    let (_socket, _) = client.ready().await;
    let limit = &client.call("GET /gateway/bot", &Value::Null).await.json()["session_start_limit"];
    assert_eq!(
        (limit["total"].clone(), limit["remaining"].clone()),
        (json!(1000), json!(999))
    );
    assert!(limit["reset_after"].as_u64().unwrap() > 86_000_000);
}

#[tokio::test]
async fn gateway_allows_ten_calls_at_once_and_two_a_minute() {
    let (sim, client) = start().await;
    for _ in 0..10 {
        assert_eq!(client.call("GET /gateway", &Value::Null).await.status, 200);
    }
    let refused = client.call("GET /gateway", &Value::Null).await;
    assert_eq!((refused.status, refused.code()), (400, 100_017));
    sim.advance(Duration::from_secs(60));
    assert_eq!(client.call("GET /gateway", &Value::Null).await.status, 200);
    sim.rules(|rules| rules.gateway_rate = false);
    for _ in 0..20 {
        assert_eq!(client.call("GET /gateway", &Value::Null).await.status, 200);
    }
}

#[tokio::test]
async fn answers_have_the_exact_type_and_one_trace_id_in_two_places() {
    let (sim, client) = start().await;
    sim.user(USER).says("hi");
    let wrong = client.send_user(json!({"msg_type": 9})).await;
    let missing = client.call("GET /nowhere", &Value::Null).await;
    let method = client.call("PUT /gateway", &Value::Null).await;
    let good = client.call("GET /gateway", &Value::Null).await;
    assert_eq!(
        [wrong.status, missing.status, method.status, good.status],
        [400, 404, 405, 200]
    );
    for reply in [&wrong, &missing, &method, &good] {
        assert_eq!(reply.headers["content-type"], "application/json");
        assert_eq!(reply.headers["x-tps-trace-id"].len(), 32);
    }
    for reply in [&wrong, &missing, &method] {
        assert_eq!(reply.json()["trace_id"], reply.headers["x-tps-trace-id"]);
    }
}

#[tokio::test]
async fn a_refused_source_address_is_not_a_token_problem() {
    let (sim, client) = start().await;
    sim.rules(|rules| rules.source_ip_refused = true);
    let body = client.call("GET /gateway", &Value::Null).await;
    assert_eq!(body.status, 401);
    assert_eq!(
        (body.json()["code"].clone(), body.code()),
        (json!(11298), 40_023_002)
    );
    let mut socket = client.dial().await;
    socket.send(client.identify(crate::support::C2C)).await;
    assert_eq!(socket.refusal().await, (Some(json!(false)), Some(4903)));
}

#[tokio::test]
async fn the_journal_shows_no_secret_and_no_token() {
    let (sim, client) = start().await;
    let (mut socket, _) = client.ready().await;
    sim.user(USER).says("hi");
    socket.frame().await;
    let leak = json!({"msg_type": 0, "content": format!("{} SECRET", client.token)});
    client.send_user(leak).await;
    client
        .call(&format!("GET /x?{}", client.token), &Value::Null)
        .await;
    let journal = serde_json::to_string(&sim.journal()).unwrap();
    assert!(
        !journal.contains(&client.token) && !journal.contains("SECRET"),
        "{journal}"
    );
    assert!(journal.contains("<right token>") && journal.contains(r#""authorization":"right""#));
}

#[tokio::test]
async fn stops_when_dropped_and_listens_on_loopback_only() {
    let sim = Sim::start(SimConfig::default()).await.unwrap();
    let mut socket = Socket::open(&sim.base_url()).await;
    socket.frame().await;
    drop(sim);
    assert_eq!(socket.next().await, crate::support::Said::Closed(None));
    let open = SimConfig {
        host: "0.0.0.0".parse().unwrap(),
        ..SimConfig::default()
    };
    assert!(Sim::start(open).await.is_err());
}
