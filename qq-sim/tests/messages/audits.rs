//! Messages that wait for an audit.

use crate::support::{
    APP, C2C, CHANNEL, Client, GUILD, GUILD_USER, GUILDS, LONG, USER, start_with, text,
};
use qq_sim::{Bot, Endpoint, Fault, HeldForAudit, Sim, SimConfig, intents};
use serde_json::json;

async fn start() -> (Sim, Client) {
    let bot = Bot::new(APP, "SECRET").granted(intents::USUAL | intents::MESSAGE_AUDIT);
    let (sim, client) = start_with(SimConfig::with_bots([bot])).await;
    (sim, client)
}

#[tokio::test]
async fn an_audited_message_is_shown_once_it_has_passed() {
    let (sim, client) = start().await;
    let (mut socket, _) = client.ready_for(C2C | intents::MESSAGE_AUDIT).await;
    let id = sim.user(USER).says("hi");
    socket.frame().await;
    for (status, code) in [(202, 304_024), (201, 304_024), (200, 304_024)] {
        let held = HeldForAudit {
            status,
            ..HeldForAudit::default()
        };
        sim.fault(Fault::AuditNextMessage(held));
        let answer = client.send_user(text("x", &id, status.into())).await;
        assert_eq!((answer.status, answer.code()), (status, code));
        let audit = &sim.pending_audits()[0];
        let told = &answer.json()["data"]["message_audit"]["audit_id"];
        assert_eq!(*told, audit.audit_id.as_str());
        assert!(sim.sent_texts().is_empty());
        assert!(sim.reject_audit(&audit.audit_id) && !sim.pass_audit(&audit.audit_id));
        let event = socket.frame().await;
        assert_eq!(event["t"], "MESSAGE_AUDIT_REJECT");
        assert!(event["d"].get("message_id").is_none());
    }
    sim.fault(Fault::AuditNextMessage(HeldForAudit::default()));
    client.send_user(text("y", &id, 9)).await;
    let audit = sim.pending_audits().remove(0);
    let line = format!("POST /_sim/audits/{}", audit.audit_id);
    assert_eq!(client.call(&line, &json!({"pass": true})).await.status, 200);
    assert_eq!(client.call(&line, &json!({"pass": true})).await.status, 400);
    let event = socket.frame().await;
    assert_eq!(event["t"], "MESSAGE_AUDIT_PASS");
    assert_eq!(
        (&event["d"]["message_id"], &event["d"]["user_openid"]),
        (&json!(audit.message.id), &json!(USER))
    );
    assert_eq!(
        sim.next_reply(LONG).await.unwrap().text.as_deref(),
        Some("y")
    );
}

#[tokio::test]
async fn a_push_to_a_channel_is_audited_under_its_own_code() {
    let (sim, client) = start().await;
    let _socket = client.ready_for(GUILDS).await;
    sim.channel(GUILD, CHANNEL)
        .member(GUILD_USER)
        .mentions_bot("hi");
    sim.fault(Fault::AuditNextMessage(HeldForAudit {
        endpoint: Some(Endpoint::ChannelMessage),
        ..HeldForAudit::default()
    }));
    let answer = client.send_channel(json!({"content": "news"})).await;
    assert_eq!((answer.status, answer.code()), (202, 304_023));
    assert_eq!(sim.pending_audits()[0].message.peer, CHANNEL);
}
