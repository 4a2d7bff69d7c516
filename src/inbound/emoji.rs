//! Guild emoji: `<emoji:4>`, a number of the platform's own faces.
//!
//! Names from tencent-connect/bot-docs, openapi/emoji/model.

use super::tag::until_close;

/// Bytes of a number in a tag.
const LONGEST: usize = 16;

/// Number and name, by number.
#[rustfmt::skip]
const NAMES: [(u16, &str); 116] = [
    (4, "得意"), (5, "流泪"), (8, "睡"), (9, "大哭"), (10, "尴尬"), (12, "调皮"),
    (14, "微笑"), (16, "酷"), (21, "可爱"), (23, "傲慢"), (24, "饥饿"), (25, "困"), (26, "惊恐"),
    (27, "流汗"), (28, "憨笑"), (29, "悠闲"), (30, "奋斗"), (32, "疑问"), (33, "嘘"), (34, "晕"),
    (38, "敲打"), (39, "再见"), (41, "发抖"), (42, "爱情"), (43, "跳跳"), (49, "拥抱"), (53, "蛋糕"),
    (60, "咖啡"), (63, "玫瑰"), (66, "爱心"), (74, "太阳"), (75, "月亮"), (76, "赞"), (78, "握手"),
    (79, "胜利"), (85, "飞吻"), (89, "西瓜"), (96, "冷汗"), (97, "擦汗"), (98, "抠鼻"), (99, "鼓掌"),
    (100, "糗大了"), (101, "坏笑"), (102, "左哼哼"), (103, "右哼哼"), (104, "哈欠"), (106, "委屈"),
    (109, "左亲亲"), (111, "可怜"), (116, "示爱"), (118, "抱拳"), (120, "拳头"), (122, "爱你"),
    (123, "NO"), (124, "OK"), (125, "转圈"), (129, "挥手"), (144, "喝彩"), (147, "棒棒糖"),
    (171, "茶"), (173, "泪奔"), (174, "无奈"), (175, "卖萌"), (176, "小纠结"), (179, "doge"),
    (180, "惊喜"), (181, "骚扰"), (182, "笑哭"), (183, "我最美"), (201, "点赞"), (203, "托脸"),
    (212, "托腮"), (214, "啵啵"), (219, "蹭一蹭"), (222, "抱抱"), (227, "拍手"), (232, "佛系"),
    (240, "喷脸"), (243, "甩头"), (246, "加油抱抱"), (262, "脑阔疼"), (264, "捂脸"), (265, "辣眼睛"),
    (266, "哦哟"), (267, "头秃"), (268, "问号脸"), (269, "暗中观察"), (270, "emm"), (271, "吃瓜"),
    (272, "呵呵哒"), (273, "我酸了"), (277, "汪汪"), (278, "汗"), (281, "无眼笑"), (282, "敬礼"),
    (284, "面无表情"), (285, "摸鱼"), (287, "哦"), (289, "睁眼"), (290, "敲开心"), (293, "摸锦鲤"),
    (294, "期待"), (297, "拜谢"), (298, "元宝"), (299, "牛啊"), (305, "右亲亲"), (306, "牛气冲天"),
    (307, "喵喵"), (314, "仔细分析"), (315, "加油"), (318, "崇拜"), (319, "比心"), (320, "庆祝"),
    (322, "拒绝"), (324, "吃糖"), (326, "生气"),
];

/// Reads an emoji tag without its `<`: the words for it, and what follows.
pub(super) fn take(tag: &str) -> Option<(String, &str)> {
    let (number, after) = until_close(tag.strip_prefix("emoji:")?, LONGEST)?;
    let _: u32 = number.parse().ok()?;
    Some((words(number, false), after))
}

/// The words for a reaction: by number one of the platform's own, or, if
/// `unicode`, the character of that code point.
pub(super) fn words(id: &str, unicode: bool) -> String {
    let number: Option<u32> = id.parse().ok();
    let character = || number.and_then(char::from_u32).map(String::from);
    if unicode {
        return character().unwrap_or_else(|| id.to_owned());
    }
    let name = number.and_then(|n| u16::try_from(n).ok()).and_then(name);
    name.map_or_else(|| "[表情]".to_owned(), |name| format!("[表情: {name}]"))
}

/// The number of the face with this name.
pub(crate) fn number(name: &str) -> Option<u16> {
    let named = |(_, known): &&(u16, &str)| *known == name;
    NAMES.iter().find(named).map(|(number, _)| *number)
}

fn name(number: u16) -> Option<&'static str> {
    let index = NAMES.binary_search_by_key(&number, |(known, _)| *known);
    NAMES.get(index.ok()?).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order_and_found() {
        assert!(NAMES.is_sorted_by(|a, b| a.0 < b.0));
        for (number, known) in NAMES {
            assert_eq!(name(number), Some(known));
            assert_eq!(super::number(known), Some(number));
        }
        assert_eq!(name(3), None);
    }
}
