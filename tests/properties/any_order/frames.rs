//! Frames of the gateway, right and wrong.

use proptest::prelude::*;

use crate::world::{HEARTBEAT_ACK, HELLO};

pub fn frame() -> impl Strategy<Value = String> {
    let message = (1_u64..6, any::<bool>(), 0_u64..60).prop_map(|(id, group, s)| {
        let (name, kind, peer) = if group {
            (
                "GROUP_MESSAGE_CREATE",
                "G",
                r#""author":{"member_openid":"OPENID_M"},"group_openid":"OPENID_G""#,
            )
        } else {
            (
                "C2C_MESSAGE_CREATE",
                "M",
                r#""author":{"user_openid":"OPENID_A"}"#,
            )
        };
        format!(
            r#"{{"op":0,"s":{s},"t":"{name}","d":{{"id":"{kind}{id}",{peer},"content":"hi"}}}}"#
        )
    });
    prop_oneof![
        4 => message,
        3 => happening(),
        2 => Just(HELLO.to_owned()),
        3 => (1_u64..9).prop_map(|s| format!(r#"{{"op":0,"s":{s},"t":"READY","d":{{"session_id":"S{s}"}}}}"#)),
        2 => (0_u64..60).prop_map(|s| format!(r#"{{"op":0,"s":{s},"t":"RESUMED","d":""}}"#)),
        2 => Just(HEARTBEAT_ACK.to_owned()),
        1 => Just(r#"{"op":1,"d":null}"#.to_owned()),
        1 => Just(r#"{"op":7}"#.to_owned()),
        1 => any::<bool>().prop_map(|d| format!(r#"{{"op":9,"d":{d}}}"#)),
        1 => "[ -~]{0,40}",
        1 => ("[0-9]{1,2}", "null|\"\"|\\{\\}|\\[\\]|-1|true|\"x\"").prop_map(|(op, d)| format!(
            r#"{{"op":{op},"s":{d},"t":{d},"d":{d}}}"#
        )),
    ]
}

/// Presses, quotes, cards and everything that is not a message, right and wrong.
fn happening() -> impl Strategy<Value = String> {
    let names = vec![
        "INTERACTION_CREATE",
        "INTERACTION_CREATE",
        "GROUP_MESSAGE_CREATE",
        "C2C_MESSAGE_CREATE",
        "MESSAGE_CREATE",
        "FRIEND_ADD",
        "C2C_MSG_REJECT",
        "GROUP_ADD_ROBOT",
        "GROUP_MEMBER_ADD",
        "GUILD_CREATE",
        "GUILD_DELETE",
        "CHANNEL_UPDATE",
        "GUILD_MEMBER_REMOVE",
        "MESSAGE_REACTION_ADD",
        "DIRECT_MESSAGE_DELETE",
        "ENTER_AIO",
    ];
    let fields = vec![
        r#""id":"I1""#,
        r#""id":"I2""#,
        r#""type":11"#,
        r#""type":13"#,
        r#""openid":"OPENID_A","user_openid":"OPENID_A""#,
        r#""group_openid":"OPENID_G","group_member_openid":"OPENID_M","op_member_openid":"OPENID_M""#,
        r#""guild_id":"18","channel_id":"100""#,
        r#""author":{"user_openid":"OPENID_A"},"content":"hi""#,
        r#""author":{"member_openid":"OPENID_M","username":"Hua"},"group_openid":"OPENID_G""#,
        r#""message_type":103,"msg_elements":[{"msg_idx":"REFIDX_1=="}]"#,
        r#""message_type":102,"msg_elements":[{"content":"a","msg_elements":[{}]}]"#,
        r#""message_scene":{"ext":["msg_idx=REFIDX_1==","ref_msg_idx=TMP_1"]}"#,
        r#""ark_data":{"fields":{"title":"t"}}"#,
        r#""data":{"type":12,"resolved":{"button_data":"x","user_id":"7"}}"#,
        r#""name":"n","op_user_id":"OPENID_9","user":{"id":"OPENID_8"}"#,
        r#""message":{"guild_id":"18","channel_id":"1"},"emoji":null,"target":3"#,
        r#""scene":"guild","chat_type":"1","data":[]"#,
    ];
    let fields = prop::collection::vec(prop::sample::select(fields), 0..6);
    let event = prop::option::of(0_u8..4);
    (prop::sample::select(names), fields, event, 0_u64..60).prop_map(|(name, fields, event, s)| {
        // Of a key that comes twice the last one counts.
        let mut body = serde_json::Map::new();
        for field in fields {
            let more: serde_json::Value = serde_json::from_str(&format!("{{{field}}}")).unwrap();
            body.extend(more.as_object().unwrap().clone());
        }
        let event = event.map_or_else(|| "null".to_owned(), |n| format!("\"{name}:{n}\""));
        let body = serde_json::Value::Object(body);
        format!(r#"{{"id":{event},"op":0,"s":{s},"t":"{name}","d":{body}}}"#)
    })
}
