//! Titles come and go with events.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::contract::{Action, StateEntry};
use crate::host::tests::host;

fn notice(kind: NoticeKind, guild: &str, channel: &str, title: Option<&str>) -> Notice {
    Notice {
        kind,
        target: String::new(),
        scene: Scene::Channel,
        who: None,
        guild: Some(guild.to_owned()),
        channel: Some(channel.to_owned()),
        title: title.map(str::to_owned),
        detail: None,
        timestamp_ms: 0,
    }
}

fn title(chats: &Chats) -> Option<String> {
    chats.title(Scene::Channel, "channel:102:18/100")
}

#[test]
fn a_title_has_as_much_as_is_known_and_goes_with_its_guild() {
    use NoticeKind::{ChannelCreated, ChannelRemoved, GuildJoined, GuildLeft, GuildUpdated};
    let (mut host, mut chats) = (host(), Chats::default());
    for (kind, name, expected) in [
        (GuildLeft, None, None),
        (GuildJoined, Some("Rust"), Some("Rust")),
        (ChannelCreated, Some("help"), Some("Rust / help")),
        (GuildUpdated, Some("Rust!"), Some("Rust! / help")),
        (GuildUpdated, None, Some("Rust! / help")),
        (ChannelRemoved, None, Some("Rust!")),
        (ChannelCreated, Some("help"), Some("Rust! / help")),
        (GuildLeft, Some("Rust!"), None),
    ] {
        chats.noticed(&notice(kind, "18", "100", name), &mut host);
        assert_eq!(title(&chats).as_deref(), expected, "{kind:?}");
    }
    assert_eq!(chats.title(Scene::Group, "group:102:G"), None);
}

#[test]
fn titles_outlive_a_restart_and_cost_a_write_only_when_they_change() {
    let (mut host, mut chats) = (host(), Chats::default());
    for _ in 0..3 {
        let made = notice(NoticeKind::ChannelCreated, "18", "100", Some("help"));
        chats.noticed(&made, &mut host);
    }
    let puts = host.take_actions().into_iter().filter_map(|a| match a {
        Action::Put(put) => Some(put),
        _ => None,
    });
    let entry = |put: crate::contract::Put| StateEntry {
        key: put.key,
        value: put.value,
    };
    let entries: Vec<_> = puts.map(entry).collect();
    assert_eq!(entries.len(), 1);
    let again = Chats::load(&State::new(entries).unwrap());
    assert_eq!(title(&again).as_deref(), Some("help"));
}

#[test]
fn ids_and_names_are_bounded() {
    let (mut host, mut chats) = (host(), Chats::default());
    let long = "9".repeat(300);
    for n in 0..=MOST_GUILDS {
        host.set_now(1_000_000 + n as u64, 1_000);
        let joined = notice(NoticeKind::GuildJoined, &n.to_string(), "", Some(&long));
        chats.noticed(&joined, &mut host);
    }
    chats.noticed(
        &notice(NoticeKind::GuildJoined, &long, "", Some("x")),
        &mut host,
    );
    assert_eq!(chats.guilds.len(), MOST_GUILDS);
    assert!(!chats.guilds.contains_key("0"));
    let longest = chats.guilds.values().map(|t| t.name.len()).max();
    assert_eq!(longest, Some(MOST_NAME_CHARS));
    let keys = host.take_actions().into_iter().filter_map(|a| match a {
        Action::Put(put) => Some(put.key.len()),
        _ => None,
    });
    assert!(keys.max() < Some(256));
}
