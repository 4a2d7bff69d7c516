//! What users are told when it goes wrong: one short sentence in their
//! language. The cause is for the operator and stands in the log.

/// The agent failed over a message with this text.
pub(super) fn failed(asked: &str) -> &'static str {
    if is_chinese(asked) {
        "⚠️ 出错了，请稍后再试。"
    } else {
        "⚠️ Something went wrong. Please try again later."
    }
}

/// Too much is waiting for an answer already.
pub(super) fn busy(asked: &str) -> &'static str {
    if is_chinese(asked) {
        "⚠️ 待处理的消息太多，请稍后再试。"
    } else {
        "⚠️ Too many messages are waiting. Please try again later."
    }
}

/// The answer above is not all of it: there was no more room.
pub(super) fn cut(asked: &str) -> &'static str {
    if is_chinese(asked) {
        "⚠️ 回答太长，在这里被截断了。"
    } else {
        "⚠️ The answer was too long and is cut off here."
    }
}

/// The answer, or a part of it, was held back.
pub(super) fn filtered(asked: &str) -> &'static str {
    if is_chinese(asked) {
        "⚠️ 回答被内容过滤拦截，可能不完整。"
    } else {
        "⚠️ A content filter held back the answer or a part of it."
    }
}

/// The answer above stopped in the middle.
pub(super) fn broke(asked: &str) -> &'static str {
    if is_chinese(asked) {
        "⚠️ 回答在这里中断了，请稍后再试。"
    } else {
        "⚠️ The answer broke off here. Please try again later."
    }
}

/// Mainly Chinese: more Han characters than words of other scripts. Letters are
/// no measure: `看一下 README` would be English.
fn is_chinese(text: &str) -> bool {
    let (mut han, mut words, mut in_word) = (0, 0, false);
    for c in text.chars() {
        let other = c.is_alphabetic() && !is_han(c);
        han += usize::from(is_han(c));
        words += usize::from(other && !in_word);
        in_word = other;
    }
    han > words
}

/// Unified ideographs, their extensions, and the zero.
fn is_han(c: char) -> bool {
    matches!(c, '〇' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{20000}'..='\u{323AF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_language_decides() {
        for (text, chinese) in [
            ("你好", true),
            ("帮我看一下 README.md", true),
            ("hello 你好吗", true),
            ("what does 好 mean", false),
            ("これは何ですか", false),
            ("hello", false),
            ("[IMAGE]", false),
            ("123 ？！", false),
            ("", false),
        ] {
            assert_eq!(is_chinese(text), chinese, "{text}");
        }
    }
}
