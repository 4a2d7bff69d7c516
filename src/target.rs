//! Reply targets: where a message goes, as one string.

use std::fmt;

/// A scene with an endpoint of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scene {
    /// One to one in QQ.
    C2c,
    /// A QQ group.
    Group,
}

impl Scene {
    /// How reply targets spell it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::C2c => "c2c",
            Self::Group => "group",
        }
    }
}

/// `c2c:<app_id>:<openid>` or `group:<app_id>:<group_openid>`.
///
/// The account is part of it: an openid means nothing on another account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ReplyTarget<'a> {
    /// Which endpoint.
    pub(crate) scene: Scene,
    /// Whose openid it is.
    pub(crate) app_id: &'a str,
    /// The peer.
    pub(crate) openid: &'a str,
}

impl<'a> ReplyTarget<'a> {
    /// Reads what [`fmt::Display`] wrote.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(3, ':');
        let scene = match parts.next()? {
            "c2c" => Scene::C2c,
            "group" => Scene::Group,
            _ => return None,
        };
        let (app_id, openid) = (parts.next()?, parts.next()?);
        (!app_id.is_empty() && !openid.is_empty()).then_some(Self {
            scene,
            app_id,
            openid,
        })
    }
}

impl fmt::Display for ReplyTarget<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.scene.name(), self.app_id, self.openid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes_and_nothing_else() {
        for text in ["c2c:1:A", "group:102:B:C"] {
            assert_eq!(
                ReplyTarget::parse(text).map(|t| t.to_string()).as_deref(),
                Some(text)
            );
        }
        for text in [
            "",
            "c2c",
            "c2c:1",
            "c2c:1:",
            "c2c::A",
            "guild:1:A",
            "telegram:1:2",
        ] {
            assert_eq!(ReplyTarget::parse(text), None, "{text}");
        }
    }
}
