//! Documented events and answers, each with everything it may hold, and the
//! fields without which it cannot be answered.

/// Frames; `@n@` is a number that no other has.
pub const EVENTS: &[(&str, &[&str])] = &[
    (
        r#"{"id":"C2C_MESSAGE_CREATE:e@n@","op":0,"s":2,"t":"C2C_MESSAGE_CREATE","d":{"id":"ROBOT1.0_@n@",
        "author":{"id":"OPENID_A","user_openid":"OPENID_A","union_openid":"","username":"Ming","bot":false},
        "content":"look <faceType=3,faceId=\"14\">","message_type":103,"timestamp":"2026-07-21T10:00:00+08:00",
        "message_scene":{"source":"default","ext":["ref_msg_idx=REFIDX_a==","msg_idx=REFIDX_@n@=="]},
        "attachments":[{"content_type":"image/jpeg","filename":"p.jpg","url":"https://q/p","width":1920,"height":1080,"size":256000}],
        "msg_elements":[{"msg_idx":"REFIDX_a==","message_type":0,"content":"quoted","author":{"user_openid":"OPENID_B"},
        "attachments":[{"content_type":"file","filename":"a.pdf","url":"//q/a"}],"msg_elements":[{"content":"older"}]}]}}"#,
        &["/op", "/t", "/d", "/d/id", "/d/author"],
    ),
    (
        r#"{"id":"C2C_MESSAGE_CREATE:e@n@","op":0,"s":2,"t":"C2C_MESSAGE_CREATE","d":{"id":"ROBOT1.0_@n@",
        "author":{"id":"OPENID_A","user_openid":"OPENID_A"},"content":"","timestamp":1784570523,
        "attachments":[{"content_type":"voice","filename":"x.amr","size":3412,"url":"https://q/silk",
        "voice_wav_url":"https://q/wav","asr_refer_text":"yes"}]}}"#,
        // Nothing else was said.
        &[
            "/op",
            "/t",
            "/d",
            "/d/id",
            "/d/author",
            "/d/attachments",
            "/d/attachments/0",
        ],
    ),
    (
        r#"{"id":"GROUP_AT_MESSAGE_CREATE:e@n@","op":0,"s":2,"t":"GROUP_AT_MESSAGE_CREATE","d":{"id":"ROBOT1.0_@n@",
        "author":{"id":"OPENID_M","member_openid":"OPENID_M","member_role":"member","username":"Ming","bot":false},
        "content":" /weather <@OPENID_B> ","group_openid":"OPENID_G","group_id":"OPENID_G","message_type":0,
        "mentions":[{"id":"OPENID_B","member_openid":"OPENID_B","username":"Hua","bot":false,"is_you":false,"scope":"single"}],
        "attachments":[],"timestamp":"2026-07-21T10:00:00+08:00"}}"#,
        &["/op", "/t", "/d", "/d/id", "/d/author"],
    ),
    (
        r#"{"id":"GROUP_MESSAGE_CREATE:e@n@","op":0,"s":2,"t":"GROUP_MESSAGE_CREATE","d":{"id":"ROBOT1.0_@n@",
        "author":{"id":"OPENID_M","member_openid":"OPENID_M"},"content":"<@OPENID_BOT> see","group_openid":"OPENID_G",
        "group_id":"OPENID_G","message_type":102,
        "mentions":[{"id":"OPENID_BOT","member_openid":"OPENID_BOT","bot":true,"is_you":true,"scope":"single"},null],
        "msg_elements":[{"author":{"username":"Ming"},"content":"tea?","message_type":0},
        {"ark_data":{"prompt":"[分享] x","ark_type":"tuwen","ark_name":"图文","fields":{"title":"Rust","desc":"new","jump_url":"https://x.test/a"}}}]}}"#,
        &["/op", "/t", "/d", "/d/id", "/d/author"],
    ),
    (
        r#"{"id":"AT_MESSAGE_CREATE:e@n@","op":0,"s":2,"t":"AT_MESSAGE_CREATE","d":{"id":"08@n@","channel_id":"100","guild_id":"18",
        "content":"<@!6> 1 &lt; 2 <emoji:4>","timestamp":"2021-05-20T15:14:58+08:00","seq":101,"seq_in_channel":"101",
        "author":{"id":"OPENID_M","username":"abc","avatar":"http://x/0","bot":false},
        "member":{"nick":"Abc","roles":["1"],"joined_at":"2021-04-12T16:34:42+08:00"},
        "mentions":[{"id":"6","username":"bot","bot":true}],
        "attachments":[{"content_type":"image/png","filename":"a.png","height":10,"width":10,"size":99,"id":"1","url":"gchat.qpic.cn/x"}],
        "message_reference":{"message_id":"08aa"}}}"#,
        &[
            "/op",
            "/t",
            "/d",
            "/d/id",
            "/d/author",
            "/d/author/id",
            "/d/guild_id",
            "/d/channel_id",
        ],
    ),
    (
        r#"{"id":"DIRECT_MESSAGE_CREATE:e@n@","op":0,"s":2,"t":"DIRECT_MESSAGE_CREATE","d":{"id":"08@n@","channel_id":"7",
        "guild_id":"55","src_guild_id":"18","direct_message":true,"content":"hi","author":{"id":"OPENID_M","username":"abc"}}}"#,
        &[
            "/op",
            "/t",
            "/d",
            "/d/id",
            "/d/author",
            "/d/author/id",
            "/d/guild_id",
            "/d/content",
        ],
    ),
    (
        r#"{"id":"INTERACTION_CREATE:1b@n@","op":0,"s":2,"t":"INTERACTION_CREATE","d":{"id":"1b@n@","application_id":"19",
        "version":1,"type":11,"scene":"c2c","chat_type":2,"timestamp":"2026-07-20T21:53:54+08:00","user_openid":"OPENID_A",
        "data":{"type":11,"resolved":{"button_data":"confirm","button_id":"allow"}}}}"#,
        &["/op", "/t", "/d", "/d/user_openid"],
    ),
    (
        r#"{"id":"INTERACTION_CREATE:1b@n@","op":0,"s":2,"t":"INTERACTION_CREATE","d":{"id":"1b@n@","type":11,"scene":"group",
        "chat_type":1,"group_openid":"OPENID_G","group_id":"OPENID_G","group_member_openid":"OPENID_M",
        "data":{"type":11,"resolved":{"button_data":"go"}}}}"#,
        &["/op", "/t", "/d", "/d/group_member_openid"],
    ),
    (
        r#"{"id":"FRIEND_ADD:e@n@","op":0,"s":2,"t":"FRIEND_ADD","d":{"openid":"OPENID_A","user_openid":"OPENID_A",
        "timestamp":1784570523,"scene":1001,"scene_param":"flyer","short_code":"","author":{"union_openid":""}}}"#,
        &["/op", "/t", "/d"],
    ),
    (
        r#"{"id":"GROUP_ADD_ROBOT:e@n@","op":0,"s":2,"t":"GROUP_ADD_ROBOT","d":{"group_openid":"OPENID_G","group_id":"OPENID_G",
        "op_member_openid":"OPENID_M","timestamp":1784570534}}"#,
        &["/op", "/t", "/d"],
    ),
    (
        r#"{"id":"MESSAGE_REACTION_ADD:e@n@","op":0,"s":2,"t":"MESSAGE_REACTION_ADD","d":{"user_id":"OPENID_M","guild_id":"18",
        "channel_id":"100","target":{"id":"08","type":0},"emoji":{"id":"277","type":1}}}"#,
        &["/op", "/t", "/d", "/d/guild_id", "/d/channel_id"],
    ),
];

/// What the platform answers on the way to the first message, and to it.
pub const ANSWERS: &[(&str, &[&str])] = &[
    (
        r#"{"expires_in":"7200","access_token":"sealed"}"#,
        &["/expires_in"],
    ),
    (
        r#"{"url":"wss://g/","shards":1,"session_start_limit":{"total":1000,"remaining":999,"reset_after":14400000,"max_concurrency":1}}"#,
        &["/url"],
    ),
    (
        r#"{"op":0,"s":1,"t":"READY","d":{"version":1,"session_id":"S","user":{"id":"6","username":"Bot","bot":true},"shard":[0,0]}}"#,
        &["/op", "/t"],
    ),
    (
        r#"{"id":"R1","timestamp":"2026-07-21T10:00:01+08:00","ext_info":{"ref_idx":"REFIDX_r=="},"trace_id":"t"}"#,
        // Nothing else proves that anything was sent.
        &["/id"],
    ),
];
