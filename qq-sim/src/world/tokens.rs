//! Access tokens of one bot.
//! See [QQ Docs/接口调用与鉴权](https://bot.q.qq.com/wiki/develop/api-v2/dev-prepare/access-token.html).

/// In the last minute of a token a request gives a new one, and both work.
const ROTATION_MS: u64 = 60_000;

#[derive(Clone, Debug)]
struct Token {
    value: String,
    expires_at_ms: u64,
}

/// The current token of a bot, and the one before while it still works.
#[derive(Debug, Default)]
pub(crate) struct TokenBook {
    current: Option<Token>,
    previous: Option<Token>,
    pub(crate) fetches: u64,
}

/// What a token request was given.
pub(crate) struct Issued {
    pub(crate) value: String,
    pub(crate) expires_in_secs: u64,
    pub(crate) fresh: bool,
}

impl TokenBook {
    /// The current token with what is left of its life, or a new one when less
    /// than a minute is left.
    pub(crate) fn issue(
        &mut self,
        now_ms: u64,
        life_ms: u64,
        mint: impl FnOnce() -> String,
    ) -> Issued {
        self.fetches += 1;
        let valid = self.current.take_if(|token| token.expires_at_ms > now_ms);
        // A life of a minute or less would otherwise rotate on every request.
        let rotation = ROTATION_MS.min(life_ms / 2);
        match valid {
            Some(token) if token.expires_at_ms - now_ms > rotation => self.keep(token, now_ms),
            expiring => {
                self.previous = expiring;
                self.replace(mint(), now_ms, life_ms)
            }
        }
    }

    fn keep(&mut self, token: Token, now_ms: u64) -> Issued {
        let issued = Issued {
            value: token.value.clone(),
            expires_in_secs: (token.expires_at_ms - now_ms).div_ceil(1000),
            fresh: false,
        };
        self.current = Some(token);
        issued
    }

    fn replace(&mut self, value: String, now_ms: u64, life_ms: u64) -> Issued {
        self.current = Some(Token {
            value: value.clone(),
            expires_at_ms: now_ms + life_ms,
        });
        Issued {
            value,
            expires_in_secs: life_ms.div_ceil(1000),
            fresh: true,
        }
    }

    /// Whether this value opens doors now.
    pub(crate) fn accepts(&self, value: &str, now_ms: u64) -> bool {
        [&self.current, &self.previous]
            .into_iter()
            .flatten()
            .any(|token| token.value == value && token.expires_at_ms > now_ms)
    }

    /// Leaves the current token `left_ms` of life.
    pub(crate) fn shorten(&mut self, now_ms: u64, left_ms: u64) {
        if let Some(token) = &mut self.current {
            token.expires_at_ms = token.expires_at_ms.min(now_ms + left_ms);
        }
    }

    /// Forgets every token: the next call with one is 11244.
    pub(crate) fn revoke(&mut self) {
        self.current = None;
        self.previous = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFE: u64 = 7_200_000;

    #[test]
    fn same_token_with_a_shrinking_rest() {
        let mut book = TokenBook::default();
        assert_eq!(book.issue(0, LIFE, || "a".into()).expires_in_secs, 7200);
        let again = book.issue(5_000_000, LIFE, || "b".into());
        assert_eq!((again.value.as_str(), again.expires_in_secs), ("a", 2200));
    }

    #[test]
    fn both_tokens_work_in_the_last_minute() {
        let mut book = TokenBook::default();
        book.issue(0, LIFE, || "a".into());
        let late = LIFE - 60_000;
        assert_eq!(book.issue(late, LIFE, || "b".into()).value, "b");
        assert!(book.accepts("a", late) && book.accepts("b", late));
        assert!(!book.accepts("a", LIFE) && book.accepts("b", LIFE));
    }

    #[test]
    fn a_revoked_token_is_refused() {
        let mut book = TokenBook::default();
        book.issue(0, LIFE, || "a".into());
        book.revoke();
        assert!(!book.accepts("a", 1));
        assert!(book.issue(1, LIFE, || "b".into()).fresh);
    }
}
