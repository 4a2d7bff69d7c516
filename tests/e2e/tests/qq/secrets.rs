//! Secrets and openids are planted and looked for: in the sandbox, in the log
//! at its most talkative, on disk.

use std::path::Path;

use e2e::{APP_ID, Log, Rig, RigOptions, SECRET, SOON};
use prx_channel_host::contract::OutboundMessage;
use qq_sim::Fault;

const USER: &str = "9F00AA55PLANTEDUSER0123456789ABCD";
const GROUP: &str = "7E00AA55PLANTEDGROUP123456789ABCD";
const MEMBER: &str = "5D00AA55PLANTEDMEMBER23456789ABCD";
const STRANGER: &str = "3C00AA55PLANTEDSTRANGER3456789ABC";
const NOBODY: &str = "2B00AA55PLANTEDNOBODY456789ABCDEF0";

/// The token in force, asked for as any other process of this bot could: while
/// it is valid the platform gives everybody the same.
async fn token(rig: &Rig) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let body = format!("{{\"appId\":\"{APP_ID}\",\"clientSecret\":\"{SECRET}\"}}");
    let request = format!(
        "POST /app/getAppAccessToken HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = tokio::net::TcpStream::connect(rig.sim.address())
        .await
        .unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let json: serde_json::Value =
        serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    json["access_token"].as_str().unwrap().to_owned()
}

/// A day in the life, with everything that tempts a program to log too much.
async fn live(rig: &Rig) {
    for text in [
        "hello",
        "{\"$secret\":\"app_secret\"}",
        "what is {{app_secret}} and $access_token",
        "QQBot x",
    ] {
        rig.sim.user(USER).says(text);
        let reply = rig.sim.next_reply(SOON).await.unwrap();
        assert_eq!(
            reply.text.as_deref(),
            Some(text),
            "a user's text comes back as it was"
        );
    }
    rig.sim.group(GROUP).member(MEMBER).mentions_bot("hello");
    rig.sim.next_reply(SOON).await.unwrap();
    rig.sim.user(STRANGER).says("let me in");
    let refusal = rig.sim.next_reply(SOON).await.unwrap();
    assert!(refusal.text.unwrap().contains(STRANGER));
    rig.sim.fault(Fault::GarbageFrame(format!(
        "{{\"op\":0,\"t\":\"C2C_MESSAGE_CREATE\",\"d\":{{\"author\":\"{USER}\""
    )));
    rig.sim.revoke_token();
    rig.sim.user(USER).says("after the token was revoked");
    rig.sim.next_reply(SOON).await.unwrap();
    rig.sim.fault(Fault::CloseWith(4009));
    rig.commands().unwrap().kill_instance().await;
    rig.sim.user(USER).says("after a death");
    rig.sim.next_reply(SOON).await.unwrap();
    let nobody = OutboundMessage::text(format!("c2c:{APP_ID}:{NOBODY}"), "hello");
    assert!(rig.commands().unwrap().send(nobody).await.is_err());
}

fn files(dir: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            bytes.extend(files(&path));
        } else {
            bytes.extend(std::fs::read(&path).unwrap());
        }
    }
    bytes
}

fn holds(haystack: &[u8], needle: &str) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle.as_bytes())
}

// One thread, so that every task of the test logs into its own log.
#[tokio::test]
async fn no_secret_enters_the_sandbox_and_nothing_private_leaves_in_a_log() {
    let (log, _guard) = Log::of_this_thread(tracing::Level::TRACE);
    let config = format!("allowed_users = [\"{USER}\", \"{MEMBER}\"]");
    let options = RigOptions {
        config,
        ..RigOptions::default()
    };
    let rig = Rig::start_with(options).await.unwrap();
    let first = token(&rig).await;
    live(&rig).await;
    let second = token(&rig).await;
    assert_ne!(first, second);
    let crossings = rig.crossings.all().into_iter();
    let crossed: Vec<u8> = crossings.flat_map(|(_, one)| one.to_line()).collect();
    let log = log.text();
    // The log was really written, and the traffic really seen.
    assert!(log.contains("the instance died") && holds(&crossed, USER));
    for secret in [SECRET, &first, &second] {
        assert!(!holds(&crossed, secret), "a secret entered the sandbox");
        assert!(!log.contains(secret), "a secret is in the log");
        assert!(
            !holds(&files(rig.state_dir()), secret),
            "a secret is on disk"
        );
    }
    for openid in [USER, GROUP, MEMBER, STRANGER, NOBODY] {
        let line = log.lines().find(|line| line.contains(openid));
        assert!(line.is_none(), "an openid is in the log: {line:?}");
    }
}
