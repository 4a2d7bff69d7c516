//! Cards as the platform's JSON.

use serde_json::{Map, Value, json};

use crate::contract::{
    Ark, ArkEntry, Button, ButtonAction, ButtonAudience, Embed, Keyboard, NamedValue,
};

/// QQ docs, server-inter/channel/message/send. There is no field for a
/// description; it becomes the first line.
pub(crate) fn embed(embed: &Embed) -> Value {
    let lines = embed.description.iter().chain(&embed.fields);
    let fields: Vec<Value> = lines.map(|line| json!({"name": line})).collect();
    let mut object = Map::new();
    object.insert("title".to_owned(), embed.title.as_str().into());
    let prompt = embed.prompt.as_ref().unwrap_or(&embed.title);
    object.insert("prompt".to_owned(), prompt.as_str().into());
    if let Some(url) = &embed.thumbnail_url {
        object.insert("thumbnail".to_owned(), json!({"url": url}));
    }
    object.insert("fields".to_owned(), fields.into());
    object.into()
}

/// QQ docs, server-inter/message/type/template.
pub(crate) fn ark(ark: &Ark) -> Value {
    let kv: Vec<Value> = ark.entries.iter().map(entry).collect();
    json!({"template_id": ark.template_id, "kv": kv})
}

fn entry(entry: &ArkEntry) -> Value {
    if let Some(value) = &entry.value {
        return json!({"key": entry.key, "value": value});
    }
    let pair = |value: &NamedValue| json!({"key": value.name, "value": value.value});
    let row = |row: &Vec<NamedValue>| {
        let pairs: Vec<Value> = row.iter().map(pair).collect();
        json!({"obj_kv": pairs})
    };
    let rows: Vec<Value> = entry.rows.iter().map(row).collect();
    json!({"key": entry.key, "obj": rows})
}

/// QQ docs, server-inter/message/trans/msg-btn.
pub(crate) fn keyboard(keyboard: &Keyboard) -> Value {
    let row = |row: &Vec<Button>| {
        let buttons: Vec<Value> = row.iter().map(button).collect();
        json!({"buttons": buttons})
    };
    let rows: Vec<Value> = keyboard.rows.iter().map(row).collect();
    json!({"content": {"rows": rows}})
}

fn button(button: &Button) -> Value {
    let action = match button.action {
        ButtonAction::OpenUrl => 0,
        ButtonAction::Callback => 1,
        ButtonAction::FillInput => 2,
    };
    let mut render = json!({"label": button.label, "style": u8::from(button.emphasised)});
    if let (Some(visited), Some(object)) = (&button.visited_label, render.as_object_mut()) {
        object.insert("visited_label".to_owned(), visited.as_str().into());
    }
    json!({"id": button.id, "render_data": render, "action": {
        "type": action,
        "permission": permission(button),
        "data": button.data,
        "unsupport_tips": "请升级 QQ / please update QQ",
    }})
}

/// An empty list would mean nobody.
fn permission(button: &Button) -> Value {
    match button.audience {
        ButtonAudience::ListedUsers => {
            json!({"type": 0, "specify_user_ids": button.audience_ids})
        }
        ButtonAudience::Admins => json!({"type": 1}),
        ButtonAudience::Everyone => json!({"type": 2}),
        ButtonAudience::ListedRoles => {
            json!({"type": 3, "specify_role_ids": button.audience_ids})
        }
    }
}
