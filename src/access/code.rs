//! The one-time code with which somebody lets themselves in.
//!
//! It is not a secret of the platform's, but whoever has it first is let in. So it lives
//! until it is used, replaced, or has survived too many wrong tries, and it is
//! written to the log only while nobody could get in otherwise.

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::host::Host;
use crate::random::Random;
use crate::state::{self, State};

const DIGITS: usize = 6;
const LARGEST: u64 = 999_999;

/// A code that was guessed at this often, by whomever, is withdrawn: with any
/// number of accounts, one guesser in ten thousand is lucky.
const MOST_WRONG: u32 = 100;

/// What somebody wrote after `/bind`; absent: not six digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Attempt(Option<[u8; DIGITS]>);

impl Attempt {
    /// Reads `/bind CODE`, as people type it: with spaces in between, and in the
    /// full-width forms of a Chinese keyboard.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text: String = text.chars().map(half_width).collect();
        let (command, rest) = text.trim().split_at_checked("/bind".len())?;
        let separates = |c: char| c.is_whitespace() || matches!(c, ':' | '-');
        let begins = |c: char| separates(c) || c.is_ascii_digit();
        if !command.eq_ignore_ascii_case("/bind") || !rest.starts_with(begins) {
            return None;
        }
        let typed: String = rest.chars().filter(|c| !separates(*c)).collect();
        let digits = <[u8; DIGITS]>::try_from(typed.as_bytes()).ok();
        let digits = digits.filter(|digits| digits.iter().all(u8::is_ascii_digit));
        (!typed.is_empty()).then_some(Self(digits))
    }

    /// Whether it could be a code at all.
    pub(super) const fn is_code(self) -> bool {
        self.0.is_some()
    }
}

/// U+FF01 to U+FF5E are ASCII's printable characters, full-width.
fn half_width(c: char) -> char {
    match u32::from(c) {
        wide @ 0xff01..=0xff5e => char::from_u32(wide - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// A code, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Code {
    digits: String,
    /// Wrong tries since it was made.
    wrong: u32,
    /// Made by the channel itself, and written to the log.
    logged: bool,
}

/// What can be said about the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing<'a> {
    /// There is none.
    None,
    /// It lets one person in.
    Open {
        /// The code.
        digits: &'a str,
        /// Whether it may be written to the log.
        logged: bool,
    },
    /// Too many tries were wrong. It lets nobody in.
    Withdrawn,
}

/// The code there is, and the way to the next.
#[derive(Debug)]
pub(super) struct Codes {
    random: Random,
    current: Option<Code>,
}

impl Codes {
    /// The stored code, and fresh ones from `entropy`.
    pub(super) fn load(entropy: &[u8], state: &State) -> Self {
        Self {
            random: Random::for_codes(entropy),
            current: state.json(state::CODE),
        }
    }

    /// What can be said about the code.
    pub(super) fn standing(&self) -> Standing<'_> {
        match &self.current {
            None => Standing::None,
            Some(code) if code.wrong >= MOST_WRONG => Standing::Withdrawn,
            Some(code) => Standing::Open {
                digits: &code.digits,
                logged: code.logged,
            },
        }
    }

    /// Makes a code; the one before is void.
    pub(super) fn make(&mut self, logged: bool, host: &mut Host) {
        let code = Code {
            digits: format!("{:06}", self.random.up_to(LARGEST)),
            wrong: 0,
            logged,
        };
        save(&code, host);
        self.current = Some(code);
    }

    /// Whether the code is open and this is it. How long that takes tells
    /// nothing about the digits.
    pub(super) fn is(&self, attempt: Attempt) -> bool {
        let (Standing::Open { digits, .. }, Some(tried)) = (self.standing(), attempt.0) else {
            return false;
        };
        digits.as_bytes().ct_eq(&tried).into()
    }

    /// Counts a wrong try. Whether it was the one too many.
    pub(super) fn wrong(&mut self, host: &mut Host) -> bool {
        let Some(code) = &mut self.current else {
            return false;
        };
        code.wrong = code.wrong.saturating_add(1);
        save(code, host);
        code.wrong == MOST_WRONG
    }

    /// The code is void.
    pub(super) fn clear(&mut self, host: &mut Host) {
        if self.current.take().is_some() {
            host.remove(state::CODE);
        }
    }
}

fn save(code: &Code, host: &mut Host) {
    host.put(state::CODE, state::encode(code));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::tests::host;

    fn codes() -> Codes {
        Codes::load(&[7; 32], &State::default())
    }

    fn digits(codes: &Codes) -> String {
        match codes.standing() {
            Standing::Open { digits, .. } => digits.to_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn reads_a_code_as_people_type_it() {
        for text in [
            "/bind 012345",
            " /bind 012345\n",
            "/BIND 012 345",
            "/bind012345",
            "/bind: 012-345",
            "／ｂｉｎｄ\u{3000}０１２３４５",
            "/bind\u{a0}0 1 2 3 4 5",
        ] {
            assert_eq!(
                Attempt::read(text),
                Some(Attempt(Some(*b"012345"))),
                "{text}"
            );
        }
        for text in [
            "/bind 01234",
            "/bind 0123456",
            "/bind 01234x",
            "/bind ٠١٢٣٤٥",
            "/bind <012345>",
            "/bind 0123\u{200b}45",
        ] {
            assert_eq!(Attempt::read(text), Some(Attempt(None)), "{text}");
        }
        for text in [
            "",
            "/bind",
            "/bind  ",
            "/bin",
            "/bindings 1",
            "bind 012345",
            "say /bind 012345",
            "绑定",
        ] {
            assert_eq!(Attempt::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_code_is_itself_and_nothing_else() {
        let (mut host, mut codes) = (host(), codes());
        let attempt = |text: &str| Attempt::read(&format!("/bind {text}")).unwrap_or(Attempt(None));
        assert!(!codes.is(attempt("000000")), "there is none");
        codes.make(true, &mut host);
        let right = digits(&codes);
        assert!(codes.is(attempt(&right)));
        for place in 0..DIGITS {
            let wrong: String = (right.chars().enumerate())
                .map(|(at, c)| match (at == place, c) {
                    (true, '9') => '0',
                    (true, _) => '9',
                    (false, _) => c,
                })
                .collect();
            assert!(!codes.is(attempt(&wrong)), "{wrong} for {right}");
        }
        assert!(!codes.is(Attempt(None)));
        codes.make(false, &mut host);
        assert_ne!(digits(&codes), right);
        assert!(!codes.is(attempt(&right)), "it was replaced");
    }

    #[test]
    fn a_code_is_withdrawn_after_a_hundred_wrong_tries() {
        let (mut host, mut codes) = (host(), codes());
        codes.make(true, &mut host);
        let right = Attempt::read(&format!("/bind {}", digits(&codes)));
        for _ in 1..MOST_WRONG {
            assert!(!codes.wrong(&mut host));
        }
        assert!(right.is_some_and(|right| codes.is(right)));
        assert!(codes.wrong(&mut host));
        assert!(!codes.wrong(&mut host), "said once");
        assert_eq!(codes.standing(), Standing::Withdrawn);
        assert!(right.is_some_and(|right| !codes.is(right)));
    }

    #[test]
    fn codes_cover_their_range_and_keep_leading_zeros() {
        let (mut host, mut codes) = (host(), codes());
        let mut first = std::collections::BTreeSet::new();
        for _ in 0..200 {
            codes.make(true, &mut host);
            let digits = digits(&codes);
            assert_eq!(digits.len(), DIGITS);
            first.extend(digits.chars().next());
        }
        assert_eq!(first.len(), 10, "{first:?}");
    }
}
