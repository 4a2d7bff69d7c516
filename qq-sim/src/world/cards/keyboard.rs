//! Keyboards below a message.
//! See [QQ Docs/消息按钮](https://bot.q.qq.com/wiki/develop/api-v2/server-inter/message/trans/msg-btn.html).

use std::collections::HashSet;

use serde_json::Value;

use super::text_at;
use crate::rules::refusal::Refusal;
use crate::rules::scene::Scene;
use crate::world::body::has_foreign_url;

/// Rows, and buttons in a row.
const MAX_SIDE: usize = 5;
/// Characters of a label.
const MAX_LABEL: usize = 10;
/// Characters of the question and of its two answers.
const MAX_MODAL: usize = 40;
const MAX_ANSWER: usize = 4;

/// A button of a keyboard that was sent.
#[derive(Clone, Debug)]
pub(crate) struct Button {
    pub(crate) id: String,
    /// 0 link, 1 callback, 2 text for the input box.
    pub(crate) action: u64,
    pub(crate) data: String,
    /// 0 listed users, 1 admins, 2 everyone, 3 listed roles.
    pub(crate) permission: u64,
    pub(crate) users: Vec<String>,
    pub(crate) roles: Vec<String>,
    /// Buttons that grey out together.
    pub(crate) group: Option<String>,
}

/// Checks a keyboard: a template, or rows of buttons.
pub(crate) fn check_keyboard(keyboard: &Value, scene: Scene) -> Result<(), Refusal> {
    if keyboard.is_null() {
        return Ok(());
    }
    if !keyboard.is_object() {
        return Err(Refusal::KEYBOARD_PARSE);
    }
    let template = text_at(keyboard, "/id").is_some();
    let rows = match (keyboard.pointer("/content/rows"), template) {
        (None, true) => return Ok(()),
        (None, false) => return Err(Refusal::KEYBOARD_MISSING),
        (Some(_), true) => return Err(Refusal::KEYBOARD_PARSE),
        (Some(rows), false) => rows.as_array().ok_or(Refusal::KEYBOARD_PARSE)?,
    };
    if !(1..=MAX_SIDE).contains(&rows.len()) {
        return Err(Refusal::KEYBOARD_SIZE);
    }
    let mut ids = HashSet::new();
    for row in rows {
        let buttons = row.get("buttons").and_then(Value::as_array);
        let buttons = buttons.ok_or(Refusal::KEYBOARD_PARSE)?;
        if !(1..=MAX_SIDE).contains(&buttons.len()) {
            return Err(Refusal::KEYBOARD_SIZE);
        }
        for button in buttons {
            check_button(button, scene)?;
            if text_at(button, "/id").is_some_and(|id| !ids.insert(id)) {
                return Err(Refusal::KEYBOARD_CONTENT);
            }
        }
    }
    Ok(())
}

fn check_button(button: &Value, scene: Scene) -> Result<(), Refusal> {
    let label = text_at(button, "/render_data/label").ok_or(Refusal::KEYBOARD_CONTENT)?;
    if label.chars().count() > MAX_LABEL {
        return Err(Refusal::KEYBOARD_CONTENT);
    }
    // Two revisions of the page disagree about 2 to 4; all of them are seen.
    match button.pointer("/render_data/style").map(Value::as_u64) {
        None | Some(Some(0..=4)) => {}
        Some(_) => return Err(Refusal::KEYBOARD_STYLE),
    }
    let action = number(button, "/action/type").filter(|kind| *kind <= 2);
    let action = action.ok_or(Refusal::KEYBOARD_CONTENT)?;
    text_at(button, "/action/data").ok_or(Refusal::KEYBOARD_CONTENT)?;
    if action != 1 && text_at(button, "/group_id").is_some() {
        return Err(Refusal::KEYBOARD_CONTENT);
    }
    check_permission(button, scene)?;
    check_modal(button)
}

fn check_permission(button: &Value, scene: Scene) -> Result<(), Refusal> {
    let is_list = |name: &str| {
        let list = button.pointer(&format!("/action/permission/{name}"));
        list.is_none_or(|list| strings(list).is_some())
    };
    let is_guild = matches!(scene, Scene::Channel | Scene::Dm);
    let kind = number(button, "/action/permission/type");
    let is_known = match kind {
        Some(0..=2) => true,
        Some(3) => is_guild,
        _ => false,
    };
    let fits = is_known && is_list("specify_user_ids") && is_list("specify_role_ids");
    fits.then_some(()).ok_or(Refusal::KEYBOARD_CONTENT)
}

fn check_modal(button: &Value) -> Result<(), Refusal> {
    let Some(modal) = button.pointer("/action/modal").filter(|it| !it.is_null()) else {
        return Ok(());
    };
    let short = |name: &str, most: usize| {
        let text = modal.get(name).map_or(Some(""), Value::as_str);
        text.is_some_and(|text| text.chars().count() <= most)
    };
    let question = text_at(modal, "/content").ok_or(Refusal::KEYBOARD_CONTENT)?;
    let fits = short("content", MAX_MODAL)
        && short("confirm_text", MAX_ANSWER)
        && short("cancel_text", MAX_ANSWER)
        && !has_foreign_url(question, &[]);
    fits.then_some(()).ok_or(Refusal::KEYBOARD_CONTENT)
}

/// The buttons of a keyboard that was checked.
pub(crate) fn buttons_of(body: &Value) -> Vec<Button> {
    let rows = body.pointer("/keyboard/content/rows");
    let rows = rows.and_then(Value::as_array).into_iter().flatten();
    let buttons = rows.filter_map(|row| row.get("buttons").and_then(Value::as_array));
    buttons.flatten().map(read).collect()
}

fn read(button: &Value) -> Button {
    let text = |pointer: &str| text_at(button, pointer).unwrap_or_default().to_owned();
    let list = |pointer: &str| {
        button
            .pointer(pointer)
            .and_then(strings)
            .unwrap_or_default()
    };
    Button {
        id: text("/id"),
        action: number(button, "/action/type").unwrap_or(0),
        data: text("/action/data"),
        permission: number(button, "/action/permission/type").unwrap_or(0),
        users: list("/action/permission/specify_user_ids"),
        roles: list("/action/permission/specify_role_ids"),
        group: text_at(button, "/group_id").map(str::to_owned),
    }
}

fn number(value: &Value, pointer: &str) -> Option<u64> {
    value.pointer(pointer).and_then(Value::as_u64)
}

fn strings(list: &Value) -> Option<Vec<String>> {
    let items = list.as_array()?.iter();
    items.map(|item| item.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn button() -> Value {
        json!({"id": "ok", "render_data": {"label": "OK", "visited_label": "Done", "style": 1},
               "action": {"type": 1, "permission": {"type": 2}, "data": "ok:42"}})
    }

    fn with(pointer: &str, value: Value) -> Value {
        let mut button = button();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        button.pointer_mut(parent).unwrap()[name] = value;
        json!({"content": {"rows": [{"buttons": [button]}]}})
    }

    fn check(keyboard: &Value) -> Result<(), Refusal> {
        check_keyboard(keyboard, Scene::C2c)
    }

    #[test]
    fn each_field_of_a_button_has_its_limits() {
        let modal = |content: &str, yes: &str| json!({"content": content, "confirm_text": yes});
        let good = [
            with("/render_data/label", json!("十个字的按钮标签啊啊")),
            with("/action/type", json!(0)),
            with(
                "/action/permission",
                json!({"type": 0, "specify_user_ids": []}),
            ),
            with("/action/modal", modal("Sure?", "yes")),
            with("/group_id", json!("1")),
            json!({"id": "1_2"}),
            Value::Null,
        ];
        for keyboard in good {
            assert_eq!(check(&keyboard), Ok(()), "{keyboard}");
        }
        let bad = [
            (with("/render_data/label", json!("")), 304_040),
            (with("/render_data/label", json!("elevenchars")), 304_040),
            (with("/render_data/style", json!(9)), 305_007),
            (with("/action/type", json!(3)), 304_040),
            (with("/action/type", Value::Null), 304_040),
            (with("/action/data", json!("")), 304_040),
            (with("/action/permission", json!({})), 304_040),
            (with("/action/permission/type", json!(3)), 304_040),
            (with("/action/modal", modal("", "yes")), 304_040),
            (with("/action/modal", modal("see qq.com", "yes")), 304_040),
            (with("/action/modal", modal("Sure?", "certainly")), 304_040),
            (json!({}), 304_038),
            (json!("rows"), 304_039),
            (json!({"content": {"rows": [{}]}}), 304_039),
            (json!({"content": {"rows": []}}), 40_034_029),
            (json!({"content": {"rows": [{"buttons": []}]}}), 40_034_029),
            (
                json!({"content": {"rows": [{"buttons": [button(), button()]}]}}),
                304_040,
            ),
        ];
        for (keyboard, code) in bad {
            assert_eq!(check(&keyboard).unwrap_err().code, code, "{keyboard}");
        }
        let mut grouped = with("/group_id", json!("1"));
        grouped["content"]["rows"][0]["buttons"][0]["action"]["type"] = json!(2);
        assert_eq!(check(&grouped), Err(Refusal::KEYBOARD_CONTENT));
    }

    #[test]
    fn five_by_five_and_roles_in_guilds_only() {
        let many = |rows: usize, buttons: usize| {
            let row = |row: usize| {
                let cells = (0..buttons).map(|cell| {
                    let mut button = button();
                    button["id"] = json!(format!("{row}.{cell}"));
                    button
                });
                json!({"buttons": cells.collect::<Vec<_>>()})
            };
            json!({"content": {"rows": (0..rows).map(row).collect::<Vec<_>>()}})
        };
        assert_eq!(check(&many(5, 5)), Ok(()));
        assert_eq!(check(&many(6, 1)), Err(Refusal::KEYBOARD_SIZE));
        assert_eq!(check(&many(1, 6)), Err(Refusal::KEYBOARD_SIZE));
        let roles = with("/action/permission/type", json!(3));
        assert_eq!(check_keyboard(&roles, Scene::Channel), Ok(()));
    }
}
