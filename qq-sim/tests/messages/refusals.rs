//! Refusals on request, states of chats, frequency limits.

use crate::support::{
    APP, CHANNEL, DM, GROUP, GUILD, GUILD_USER, GUILDS, LONG, MEMBER, USER, start, text,
};
use qq_sim::{Condition, Endpoint, Entry, Fault, Record, RefusalShape, ScriptedRefusal};
use serde_json::{Value, json};

#[tokio::test]
async fn any_code_in_any_body() {
    let (sim, client) = start().await;
    let id = sim.user(USER).says("hi");
    let refusal = || ScriptedRefusal::code(850_026).err_code(40_034_001);
    let cases = [
        (refusal(), 400, Some(850_026), Some(40_034_001)),
        (
            refusal().shape(RefusalShape::CodeOnly),
            400,
            Some(850_026),
            None,
        ),
        (
            refusal().shape(RefusalShape::ErrCodeOnly),
            400,
            None,
            Some(40_034_001),
        ),
        (refusal().status(200), 200, Some(850_026), Some(40_034_001)),
        (refusal().status(500), 500, Some(850_026), Some(40_034_001)),
        (
            refusal().status(502).shape(RefusalShape::Html),
            502,
            None,
            None,
        ),
        (
            refusal().status(504).shape(RefusalShape::Empty),
            504,
            None,
            None,
        ),
    ];
    for (refusal, status, code, err_code) in cases {
        sim.fault(Fault::RefuseNext(refusal.clone()));
        let answer = client.send_user(text("x", &id, 1)).await;
        let body = answer.json();
        assert_eq!(answer.status, status, "{refusal:?}");
        assert_eq!(
            (body["code"].as_i64(), body["err_code"].as_i64()),
            (code, err_code),
            "{refusal:?}"
        );
        assert_eq!(answer.text.is_empty(), refusal.shape == RefusalShape::Empty);
    }
    assert!(sim.sent_texts().is_empty());
    let refused = |entry: &Entry| {
        matches!(
            entry.record,
            Record::MessageRefused {
                code: 40_034_001,
                ..
            }
        )
    };
    sim.wait_for(refused, LONG).await.unwrap();
    assert_eq!(client.send_user(text("x", &id, 1)).await.code(), 0);
}

#[tokio::test]
async fn a_refusal_waits_for_its_chat_and_may_be_a_lie() {
    let (sim, client) = start().await;
    let user = sim.user(USER).says("hi");
    let group = sim.group(GROUP).member(MEMBER).mentions_bot("hi");
    sim.fault(Fault::RefuseNext(
        ScriptedRefusal::code(50_055_001).to(GROUP).carried_out(),
    ));
    sim.fault(Fault::RefuseNext(
        ScriptedRefusal::code(100_016)
            .at(Endpoint::Token)
            .status(200),
    ));
    sim.fault(Fault::RefuseNext(
        ScriptedRefusal::code(1).status(429).retry_after(7).to(USER),
    ));
    let answer = client.send_user(text("x", &user, 1)).await;
    assert_eq!(
        (answer.status, answer.headers["retry-after"].as_str()),
        (429, "7")
    );
    assert_eq!(client.send_user(text("x", &user, 1)).await.code(), 0);
    assert_eq!(
        client.send_group(text("y", &group, 1)).await.code(),
        50_055_001
    );
    assert_eq!(
        client.send_group(text("y", &group, 1)).await.code(),
        40_054_005
    );
    assert_eq!(sim.sent_texts(), ["x", "y"]);
    let token = crate::support::fetch_token(&sim.base_url(), APP, "SECRET").await;
    assert_eq!((token.status, token.code()), (200, 100_016));
    assert!(sim.pending_faults().is_empty());
}

#[tokio::test]
async fn states_of_a_chat_refuse_until_they_are_lifted() {
    let (sim, client) = start().await;
    let _socket = client.ready_for(GUILDS).await;
    sim.rules(|rules| rules.guild_rate = false);
    let user = sim.user(USER).says("hi");
    let group = sim.group(GROUP).member(MEMBER).mentions_bot("hi");
    let channel = sim
        .channel(GUILD, CHANNEL)
        .member(GUILD_USER)
        .mentions_bot("hi");
    let dm = sim.guild_dm(DM).user(GUILD_USER).says("hi");
    let codes = async || {
        [
            client.send_user(text("x", &user, 1)).await.code(),
            client.send_group(text("x", &group, 1)).await.code(),
            client
                .send_channel(json!({"content": "x", "msg_id": channel}))
                .await
                .code(),
            client
                .send_dm(json!({"content": "x", "msg_id": dm}))
                .await
                .code(),
        ]
    };
    let cases = [
        (
            Condition::Kicked,
            [40_054_004, 40_034_101, 1_100_301, 304_034],
        ),
        (
            Condition::Muted,
            [40_054_002, 40_054_002, 1_100_102, 304_031],
        ),
        (Condition::Offline, [40_054_016; 4]),
        (
            Condition::Moderated,
            [40_034_006, 40_034_006, 304_025, 304_025],
        ),
    ];
    let set = |condition, on| {
        sim.user(USER).set(condition, on);
        sim.group(GROUP).set(condition, on);
        sim.channel(GUILD, CHANNEL).set(condition, on);
        sim.guild_dm(DM).set(condition, on);
    };
    for (condition, expected) in cases {
        set(condition, true);
        assert_eq!(codes().await, expected, "{condition:?}");
        set(condition, false);
    }
    // These two do not concern a plain reply.
    set(Condition::NoMarkdown, true);
    set(Condition::NoPush, true);
    assert_eq!(codes().await, [0; 4]);
}

#[tokio::test]
async fn markdown_and_pushes_can_be_forbidden_in_one_chat() {
    let (sim, client) = start().await;
    let _socket = client.ready_for(GUILDS).await;
    sim.change_bot(APP, |bot| {
        bot.guild_markdown = true;
        bot.proactive = true;
    });
    sim.user(USER).says("hi");
    sim.channel(GUILD, CHANNEL)
        .member(GUILD_USER)
        .mentions_bot("hi");
    let markdown = json!({"msg_type": 2, "markdown": {"content": "# hi"}});
    sim.user(USER).set(Condition::NoMarkdown, true);
    assert_eq!(client.send_user(markdown.clone()).await.code(), 40_034_012);
    sim.user(USER).set(Condition::NoMarkdown, false);
    sim.user(USER).set(Condition::NoKeyboard, true);
    let buttons = json!({"msg_type": 0, "content": "x", "keyboard": {"id": "1_2"}});
    assert_eq!(client.send_user(buttons.clone()).await.code(), 304_037);
    assert_eq!(client.send_user(markdown.clone()).await.code(), 0);
    sim.user(USER).set(Condition::NoKeyboard, false);
    assert_eq!(client.send_user(buttons).await.code(), 0);
    sim.user(USER).set(Condition::NoPush, true);
    assert_eq!(client.send_user(markdown.clone()).await.code(), 40_054_013);
    let set = json!({"scene": "channel", "id": CHANNEL, "set": {"no_markdown": true}});
    assert_eq!(client.call("POST /_sim/conditions", &set).await.status, 200);
    assert_eq!(client.send_channel(markdown.clone()).await.code(), 50_056);
    let set = json!({"scene": "channel", "id": CHANNEL,
                     "set": {"no_markdown": false, "no_push": true}});
    assert_eq!(client.call("POST /_sim/conditions", &set).await.status, 200);
    assert_eq!(client.send_channel(markdown).await.code(), 304_046);
}

#[tokio::test]
async fn urls_are_found_bare_and_behind_links() {
    let (sim, client) = start().await;
    sim.rules(|rules| rules.url_domains = Some(vec!["qq.com".to_owned()]));
    let id = sim.user(USER).says("hi");
    let markdown = |text: &str| json!({"msg_type": 2, "markdown": {"content": text}, "msg_id": id});
    for refused in [
        "[click](https://evil.example/x)",
        "ask example.org.",
        "<http://a.io>",
    ] {
        let answer = client.send_user(markdown(refused)).await;
        assert_eq!(
            (answer.status, answer.code()),
            (400, 40_054_010),
            "{refused}"
        );
    }
    let fine = "[click](https://im.qq.com/x), version 1.25, 3.14";
    assert_eq!(client.send_user(markdown(fine)).await.code(), 0);
}

#[tokio::test]
async fn documented_frequencies_are_kept_on_request() {
    let (sim, client) = start().await;
    let id = sim.user(USER).says("hi");
    let mark = client.send_user(text("x", &id, 1)).await.json();
    let line = format!(
        "DELETE /v2/users/{USER}/messages/{}",
        mark["id"].as_str().unwrap().replace('!', "%21")
    );
    sim.rules(|rules| {
        rules.endpoint_rates = true;
        rules.retry_after_secs = Some(1);
    });
    // Ten a second: among a thousand in a row there is an eleventh.
    let mut answers = 0;
    let refused = loop {
        let answer = client.call(&line, &Value::Null).await;
        answers += 1;
        assert!(answers < 1_000, "never refused");
        if answer.status == 429 {
            break answer;
        }
    };
    assert!(answers > 10);
    assert_eq!(
        (refused.code(), refused.headers["retry-after"].as_str()),
        (1_100_100, "1")
    );
    sim.advance(std::time::Duration::from_secs(1));
    assert_eq!(client.call(&line, &Value::Null).await.code(), 40_061_002);
}
