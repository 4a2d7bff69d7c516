//! What the channel itself says to people, in their language.

/// A thing to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Saying<'a> {
    /// The code was right.
    Bound,
    /// A code from somebody who needs none.
    Already,
    /// The code was wrong.
    Wrong,
    /// Too many codes were wrong.
    Locked {
        /// Seconds until another one is looked at.
        secs: u64,
    },
    /// A code, and none is open.
    Inactive {
        /// Whose it was.
        openid: &'a str,
    },
    /// The first words of the day to somebody who may not talk to the bot.
    Stranger {
        /// Who that is.
        openid: &'a str,
        /// A code would let them in.
        pairing: bool,
    },
}

/// A language, told by the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Chinese,
}

impl Language {
    /// Chinese if a CJK ideograph is in `text`.
    pub(super) fn of(text: &str) -> Self {
        let ideograph = |c| {
            matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
                | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
        };
        if text.contains(ideograph) {
            Self::Chinese
        } else {
            Self::English
        }
    }
}

impl Saying<'_> {
    /// The words.
    pub(super) fn text(self, language: Language) -> String {
        match language {
            Language::English => self.english(),
            Language::Chinese => self.chinese(),
        }
    }

    fn english(self) -> String {
        match self {
            Self::Bound => "✅ Welcome! From now on the bot listens to you here.".to_owned(),
            Self::Already => "ℹ️ The bot listens to you already; you need no code.".to_owned(),
            Self::Wrong => {
                "❌ This code is not valid. Check its six digits and send /bind CODE again."
                    .to_owned()
            }
            Self::Locked { secs } => {
                format!("⏳ Too many codes were wrong. Try again in {secs} seconds.")
            }
            Self::Inactive { openid } => format!(
                "ℹ️ Pairing is not active: no code works now. Ask the bot's operator for a new \
                 one, or to allow this id: {openid}"
            ),
            Self::Stranger {
                openid,
                pairing: false,
            } => format!(
                "🔐 Sorry, this bot only listens to people its operator has let in. Ask the \
                 operator to allow this id: {openid}"
            ),
            Self::Stranger {
                openid,
                pairing: true,
            } => format!(
                "🔐 Sorry, this bot only listens to people its operator has let in. If you have a \
                 code, send /bind CODE to the bot in a private chat. If not, ask the operator for \
                 one, or to allow this id: {openid}"
            ),
        }
    }

    fn chinese(self) -> String {
        match self {
            Self::Bound => "✅ 欢迎！绑定成功，现在起可以在这里和机器人对话。".to_owned(),
            Self::Already => "ℹ️ 你已经可以和机器人对话，不需要绑定码。".to_owned(),
            Self::Wrong => "❌ 绑定码无效。请核对六位数字，重新发送 /bind 绑定码。".to_owned(),
            Self::Locked { secs } => format!("⏳ 绑定码错误次数过多，请 {secs} 秒后再试。"),
            Self::Inactive { openid } => format!(
                "ℹ️ 当前没有可用的绑定码。请向机器人的管理员索取新的绑定码，或请管理员允许此 ID：{openid}"
            ),
            Self::Stranger {
                openid,
                pairing: false,
            } => format!(
                "🔐 抱歉，此机器人只与管理员允许的用户对话。请联系管理员允许此 ID：{openid}"
            ),
            Self::Stranger {
                openid,
                pairing: true,
            } => format!(
                "🔐 抱歉，此机器人只与管理员允许的用户对话。如果你有绑定码，请私聊机器人发送 /bind 绑定码；\
                 否则请向管理员索取绑定码，或请管理员允许此 ID：{openid}"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_tells_the_language() {
        for (text, language) in [
            ("/bind 123456", Language::English),
            ("/bind １２３４５６", Language::English),
            ("こ。！", Language::English),
            ("hello 你", Language::Chinese),
            ("\u{20000}", Language::Chinese),
            ("", Language::English),
        ] {
            assert_eq!(Language::of(text), language, "{text}");
        }
    }

    #[test]
    fn everything_has_words_in_both_languages() {
        let openid = "U1";
        for (saying, part) in [
            (Saying::Bound, "✅"),
            (Saying::Already, "ℹ️"),
            (Saying::Wrong, "/bind"),
            (Saying::Locked { secs: 299 }, "299"),
            (Saying::Inactive { openid }, "U1"),
            (
                Saying::Stranger {
                    openid,
                    pairing: false,
                },
                "U1",
            ),
            (
                Saying::Stranger {
                    openid,
                    pairing: true,
                },
                "/bind",
            ),
        ] {
            let english = saying.text(Language::English);
            let chinese = saying.text(Language::Chinese);
            for text in [&english, &chinese] {
                assert!(text.contains(part), "{text}");
            }
            assert_eq!(Language::of(&english), Language::English);
            assert_eq!(Language::of(&chinese), Language::Chinese);
        }
    }
}
