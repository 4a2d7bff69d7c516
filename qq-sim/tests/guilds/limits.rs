//! Guild sends that are refused: windows, quotas, shapes, permissions.

use std::time::Duration;

use crate::support::{APP, CHANNEL, DM, GUILD, GUILD_USER, LONG, guild_reply, start_in_guilds};
use qq_sim::intents;
use serde_json::{Value, json};

#[tokio::test]
async fn replies_are_not_counted_but_their_time_is_short_and_their_rate_limited() {
    let (sim, client, _socket) = start_in_guilds().await;
    let member = sim.channel(GUILD, CHANNEL).member(GUILD_USER);
    let id = member.mentions_bot("hi");
    for _ in 0..5 {
        assert_eq!(client.send_channel(guild_reply("x", &id)).await.code(), 0);
    }
    sim.rules(|rules| rules.guild_rate = false);
    for _ in 0..5 {
        assert_eq!(client.send_channel(guild_reply("x", &id)).await.code(), 0);
    }
    sim.advance(Duration::from_secs(301));
    assert_eq!(
        client.send_channel(guild_reply("x", &id)).await.code(),
        304_027
    );
}

#[tokio::test]
async fn the_third_message_of_a_second_is_one_too_many_in_a_conversation() {
    let (sim, client, _socket) = start_in_guilds().await;
    let id = sim.guild_dm(DM).user(GUILD_USER).says("hi");
    // More than enough to have three in one second, however slow the machine is.
    let mut codes = Vec::new();
    while codes.len() < 100 && codes.last() != Some(&(429, 20_028)) {
        let answer = client.send_dm(guild_reply("x", &id)).await;
        codes.push((answer.status, answer.code()));
    }
    assert!(codes.len() >= 3, "{codes:?}");
    assert_eq!(codes.last(), Some(&(429, 20_028)));
    sim.advance(Duration::from_secs(1));
    assert_eq!(client.send_dm(guild_reply("3", &id)).await.code(), 0);
}

#[tokio::test]
async fn pushes_are_few() {
    let (sim, client, _socket) = start_in_guilds().await;
    let push = json!({"content": "news"});
    let to = async |channel: &str| {
        sim.advance(Duration::from_secs(1));
        client
            .call(&format!("POST /channels/{channel}/messages"), &push)
            .await
            .code()
    };
    assert_eq!(to("1").await, 10_003);
    for channel in ["1", "2", "3"] {
        sim.channel(GUILD, channel)
            .member(GUILD_USER)
            .mentions_bot("hi");
    }
    for code in [[0; 20].as_slice(), &[304_045]].concat() {
        assert_eq!(to("1").await, code);
    }
    assert_eq!(to("2").await, 0);
    assert_eq!(to("3").await, 304_047);
    sim.inject("GUILD_DELETE", json!({"id": GUILD}));
    assert_eq!(to("2").await, 1_100_301);
}

#[tokio::test]
async fn nothing_is_sent_without_a_socket() {
    let (sim, client, socket) = start_in_guilds().await;
    let id = sim
        .channel(GUILD, CHANNEL)
        .member(GUILD_USER)
        .mentions_bot("hi");
    let mark = sim.mark();
    socket.leave().await;
    let closed =
        |entry: &qq_sim::Entry| matches!(entry.record, qq_sim::Record::SocketClosed { .. });
    sim.wait_after(mark, closed, LONG).await.unwrap();
    assert_eq!(
        client.send_channel(guild_reply("x", &id)).await.code(),
        304_018
    );
    sim.rules(|rules| rules.guild_needs_gateway = false);
    assert_eq!(client.send_channel(guild_reply("x", &id)).await.code(), 0);
}

#[tokio::test]
async fn markdown_is_by_invitation() {
    let (sim, client, _socket) = start_in_guilds().await;
    sim.rules(|rules| rules.guild_rate = false);
    let member = sim.channel(GUILD, CHANNEL).member(GUILD_USER);
    let id = member.mentions_bot("hi");
    let markdown = json!({"markdown": {"content": "# hi"}, "msg_id": id});
    let template = json!({"markdown": {"custom_template_id": "1_2"}, "msg_id": id});
    let buttons = json!({"content": "x", "keyboard": {"id": "1"}, "msg_id": id});
    for (body, code) in [
        (&markdown, 50_056),
        (&template, 304_036),
        (&buttons, 304_037),
    ] {
        assert_eq!(client.send_channel(body.clone()).await.code(), code);
    }
    sim.change_bot(APP, |bot| bot.guild_markdown = true);
    assert_eq!(client.send_channel(markdown).await.code(), 0);
    let quoting = json!({"markdown": {"content": "# hi"}, "msg_id": id,
                         "message_reference": {"message_id": id}});
    let refused = client.send_channel(quoting).await;
    assert_eq!((refused.status, refused.code()), (500, 304_041));
}

#[tokio::test]
async fn shapes_quotes_and_urls_are_checked() {
    let (sim, client, _socket) = start_in_guilds().await;
    sim.rules(|rules| {
        rules.guild_rate = false;
        rules.url_domains = Some(vec!["qq.com".to_owned()]);
    });
    let here = sim.channel(GUILD, CHANNEL).member(GUILD_USER);
    let id = here.mentions_bot("hi");
    let elsewhere = sim
        .channel(GUILD, "100011")
        .member(GUILD_USER)
        .mentions_bot("hi");
    let quote = |id: &str| json!({"content": "x", "message_reference": {"message_id": id}});
    let cases = [
        (json!({"msg_id": id}), 400, 50_006),
        (json!({"content": 1}), 400, 50_035),
        (
            json!({"content": "a", "markdown": {"content": "b"}}),
            400,
            50_037,
        ),
        (guild_reply("see example.org", &id), 403, 304_003),
        (guild_reply(&"x".repeat(5001), &id), 400, 1_000_001),
        (quote(&elsewhere), 400, 50_038),
        (quote("08ff"), 400, 50_039),
        (guild_reply("x", "08ff"), 400, 304_026),
    ];
    for (body, status, code) in cases {
        let answer = client.send_channel(body.clone()).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{body}");
    }
    let forgiving = json!({"content": "x", "msg_id": id, "message_reference":
        {"message_id": "08ff", "ignore_get_message_error": true}});
    assert_eq!(client.send_channel(forgiving).await.code(), 0);
    let own = client
        .send_channel(guild_reply("see www.qq.com", &id))
        .await;
    let own = own.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(client.send_channel(quote(&own)).await.code(), 0);
}

#[tokio::test]
async fn recall_is_for_private_domain_bots() {
    let (sim, client, _socket) = start_in_guilds().await;
    let id = sim
        .channel(GUILD, CHANNEL)
        .member(GUILD_USER)
        .mentions_bot("hi");
    let own = client.send_channel(guild_reply("x", &id)).await;
    let own = own.json()["id"].as_str().unwrap().to_owned();
    let recall = async |id: &str, query: &str| {
        let line = format!("DELETE /channels/{CHANNEL}/messages/{id}{query}");
        client.call(&line, &Value::Null).await.code()
    };
    assert_eq!(recall(&own, "").await, 11_253);
    sim.change_bot(APP, |bot| bot.intents |= intents::GUILD_MESSAGES);
    assert_eq!(recall(&own, "?hidetip=maybe").await, 306_001);
    assert_eq!(recall(&id, "?hidetip=true").await, 306_004);
    assert_eq!(recall(&own, "?hidetip=true").await, 0);
    assert_eq!(recall(&own, "").await, 306_002);
    sim.change_bot(APP, |bot| bot.guild_admin = true);
    assert_eq!(recall(&id, "").await, 0);
}
