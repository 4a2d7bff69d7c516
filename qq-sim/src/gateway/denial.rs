//! How a handshake is refused.

use serde_json::json;

use crate::world::deliver::{End, Step};

/// A refused handshake: op 9 first where the platform sends one, then the close
/// code that tells the real reason, as bot authors report.
#[derive(Debug, PartialEq)]
pub(super) struct Denial {
    pub(super) op9: Option<bool>,
    pub(super) end: End,
}

impl Denial {
    /// Close without op 9.
    pub(super) const fn close(code: u16, reason: &'static str) -> Self {
        Self {
            op9: None,
            end: End::Close(code, reason),
        }
    }

    /// TCP ends without a word.
    pub(super) const END_OF_FILE: Self = Self {
        op9: None,
        end: End::Drop,
    };

    /// Op 9 `false`, and then TCP ends.
    pub(super) const INVALID_AND_GONE: Self = Self {
        op9: Some(false),
        end: End::Drop,
    };

    /// Op 9 `false`, then close.
    pub(super) const fn invalid(code: u16, reason: &'static str) -> Self {
        Self {
            op9: Some(false),
            end: End::Close(code, reason),
        }
    }

    pub(super) fn steps(self) -> Vec<Step> {
        let told = self.op9.map(|d| Step::Send(json!({"op": 9, "d": d})));
        // Op 9 `true` invites another Resume on the same socket.
        let end = (self.op9 != Some(true)).then_some(Step::End(self.end));
        told.into_iter().chain(end).collect()
    }

    pub(super) const fn code_and_reason(&self) -> (Option<u16>, &'static str) {
        match (self.op9, &self.end) {
            (Some(true), _) => (None, "may resume"),
            (_, End::Close(code, reason)) => (Some(*code), reason),
            (_, End::Drop | End::Reset | End::Silence) => (None, "dropped"),
        }
    }
}

pub(super) const MALFORMED: Denial = Denial::close(4002, "invalid payload");
