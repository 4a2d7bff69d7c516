//! Files of users: bytes behind an address that expires, and what goes wrong with them.

use std::time::Duration;

use crate::support::{
    C2C, CHANNEL, Client, DM, GROUP, GUILD, GUILD_USER, GUILDS, MEMBER, Reply, USER, http,
    start_for,
};
use qq_sim::{DownloadDefect, Draft, Endpoint, Fault};
use serde_json::{Value, json};

async fn get(client: &Client, url: &Value) -> Result<Reply, String> {
    let path = url
        .as_str()
        .unwrap()
        .strip_prefix(client.base.as_str())
        .unwrap();
    http(&client.base, &format!("GET {path}"), "", "").await
}

#[tokio::test]
async fn a_file_is_fetched_until_it_expires() {
    let (sim, client, mut socket) = start_for(C2C | GUILDS).await;
    sim.user(USER)
        .sends(&Draft::text("read").file_bytes("a.txt", b"some text"));
    let file = socket.frame().await["d"]["attachments"][0].clone();
    assert_eq!(
        (&file["size"], &file["filename"], &file["content_type"]),
        (&json!(9), &json!("a.txt"), &json!("file"))
    );
    assert!(file.get("bytes").is_none());
    let reply = get(&client, &file["url"]).await.unwrap();
    assert_eq!((reply.status, reply.text.as_str()), (200, "some text"));
    assert_eq!(reply.headers["content-type"], "application/octet-stream");
    sim.advance(Duration::from_secs(7_200));
    let reply = get(&client, &file["url"]).await.unwrap();
    assert_eq!(
        (reply.status, &reply.json()["retcode"]),
        (400, &json!(-5_503_007))
    );
}

#[tokio::test]
async fn a_voice_has_two_forms_and_a_transcript() {
    let (sim, client, mut socket) = start_for(C2C | GUILDS).await;
    let draft = Draft::text("").voice_bytes(b"#!SILK_V3", b"RIFF....WAVE", "turn on the light");
    sim.group(GROUP)
        .member(MEMBER)
        .sends(&draft.mentioning_bot());
    let voice = socket.frame().await["d"]["attachments"][0].clone();
    assert_eq!(voice["asr_refer_text"], "turn on the light");
    assert_eq!(get(&client, &voice["url"]).await.unwrap().text, "#!SILK_V3");
    let wav = get(&client, &voice["voice_wav_url"]).await.unwrap();
    assert_eq!(
        (wav.text.as_str(), wav.headers["content-type"].as_str()),
        ("RIFF....WAVE", "audio/wav")
    );
}

#[tokio::test]
async fn guilds_serve_files_too() {
    let (sim, client, mut socket) = start_for(C2C | GUILDS).await;
    let draft = || Draft::text("").picture_bytes("a.png", b"picture");
    sim.channel(GUILD, CHANNEL)
        .member(GUILD_USER)
        .sends(&draft().mentioning_bot());
    sim.guild_dm(DM).user(GUILD_USER).sends(&draft());
    for _ in 0..2 {
        let picture = socket.frame().await["d"]["attachments"][0].clone();
        let reply = get(&client, &picture["url"]).await.unwrap();
        assert_eq!(
            (reply.text.as_str(), reply.headers["content-type"].as_str()),
            ("picture", "image/png")
        );
    }
}

#[tokio::test]
async fn a_download_can_go_wrong() {
    let (sim, client, mut socket) = start_for(C2C | GUILDS).await;
    let text = "x".repeat(3_000);
    sim.user(USER)
        .sends(&Draft::text("").file_bytes("a.txt", text.as_bytes()));
    let url = socket.frame().await["d"]["attachments"][0]["url"].clone();
    let with = async |defect| {
        sim.rules(|rules| rules.downloads = defect);
        get(&client, &url).await
    };
    assert_eq!(with(DownloadDefect::Slow).await.unwrap().text, text);
    assert!(with(DownloadDefect::Truncated).await.is_err());
    let wrong = with(DownloadDefect::WrongType).await.unwrap();
    assert_eq!(
        (wrong.headers["content-type"].as_str(), wrong.text),
        ("text/html", text.clone())
    );
    let page = with(DownloadDefect::Page).await.unwrap();
    assert!(page.status == 200 && page.text.starts_with("<html>"));
    sim.fault(Fault::HtmlBody {
        endpoint: Some(Endpoint::Download),
        status: 502,
    });
    assert_eq!(with(DownloadDefect::None).await.unwrap().status, 502);
    assert_eq!(with(DownloadDefect::None).await.unwrap().text, text);
}

#[tokio::test]
async fn bytes_come_as_base64_from_outside() {
    let (_sim, client, mut socket) = start_for(C2C | GUILDS).await;
    let line = format!("POST /_sim/users/{USER}/say");
    let body =
        |bytes: &str| json!({"attachments": [{"content_type": "image/gif", "bytes": bytes}]});
    assert_eq!(client.call(&line, &body("R0lGODlh")).await.status, 200);
    let picture = socket.frame().await["d"]["attachments"][0].clone();
    let reply = get(&client, &picture["url"]).await.unwrap();
    assert_eq!(
        (reply.text.as_str(), reply.headers["content-type"].as_str()),
        ("GIF89a", "image/gif")
    );
    let refused = client.call(&line, &body("?")).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text.contains("base64"));
}
