//! What chats and people are called, and what was said in them that the agent
//! did not get.
//!
//! QQ tells the names of guilds and channels in events about them, and tells the
//! titles of groups to allow-listed bots only.

mod earlier;
mod names;

pub(crate) use earlier::Earlier;
use names::Names;

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::courtesies::Titled;
use crate::host::Host;
use crate::inbound::{Notice, NoticeKind};
use crate::state::{self, State};
use crate::target::{ReplyTarget, Scene};
use crate::wire;

/// Guilds remembered; the one named first makes room.
const MOST_GUILDS: usize = 256;
/// Channels remembered.
const MOST_CHANNELS: usize = 1_024;
/// Guilds and channels whose title was asked for.
const MOST_ASKED: usize = 256;
/// Bytes of an id that is remembered: it becomes a key of the stored state.
const MOST_ID_BYTES: usize = 64;
/// Characters of a name that are remembered.
const MOST_NAME_CHARS: usize = 64;

/// What a guild or channel is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Title {
    name: String,
    /// The guild of a channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    guild: Option<String>,
    /// When it got this name, Unix milliseconds.
    since_wall_ms: u64,
}

/// What is known of chats and people.
#[derive(Debug, Default)]
pub(crate) struct Chats {
    guilds: BTreeMap<String, Title>,
    channels: BTreeMap<String, Title>,
    /// In memory only: people are named again and again.
    names: Names,
    /// What the platform was asked for; a refusal is not repeated.
    asked: VecDeque<String>,
}

impl Chats {
    /// The stored titles.
    pub(crate) fn load(state: &State) -> Self {
        let read = |prefix| {
            let stored = state.under(prefix);
            let title = |(id, value): (&str, _)| Some((id.to_owned(), wire::read(value)?));
            stored.filter_map(title).collect()
        };
        Self {
            guilds: read(state::GUILD),
            channels: read(state::CHANNEL),
            names: Names::default(),
            asked: VecDeque::new(),
        }
    }

    /// What a chat is called: "Guild / channel", or as much of it as is known.
    pub(crate) fn title(&self, scene: Scene, target: &str) -> Option<String> {
        if scene != Scene::Channel {
            return None;
        }
        let (guild, channel) = ReplyTarget::parse(target)?.channel()?;
        let (guild, channel) = (self.guilds.get(guild), self.channels.get(channel));
        match (guild, channel) {
            (Some(guild), Some(channel)) => Some(format!("{} / {}", guild.name, channel.name)),
            (Some(one), None) | (None, Some(one)) => Some(one.name.clone()),
            (None, None) => None,
        }
    }

    /// What the platform should be asked to title this chat: each guild and each
    /// channel once.
    pub(crate) fn unasked(&mut self, scene: Scene, target: &str) -> Vec<Titled> {
        let target = ReplyTarget::parse(target).filter(|_| scene == Scene::Channel);
        let Some((guild, channel)) = target.and_then(ReplyTarget::channel) else {
            return Vec::new();
        };
        let mut wanted = Vec::new();
        if !self.guilds.contains_key(guild) && self.ask(guild) {
            wanted.push(Titled::Guild(guild.to_owned()));
        }
        if !self.channels.contains_key(channel) && self.ask(channel) {
            let (guild, id) = (guild.to_owned(), channel.to_owned());
            wanted.push(Titled::Channel { guild, id });
        }
        wanted
    }

    /// Whether this is the first time.
    fn ask(&mut self, id: &str) -> bool {
        if id.len() > MOST_ID_BYTES || self.asked.iter().any(|asked| asked == id) {
            return false;
        }
        if self.asked.len() >= MOST_ASKED {
            self.asked.pop_front();
        }
        self.asked.push_back(id.to_owned());
        true
    }

    /// The question did not reach the platform, or the answer got lost.
    pub(crate) fn not_told(&mut self, of: &Titled) {
        let (Titled::Guild(id) | Titled::Channel { id, .. }) = of;
        self.asked.retain(|asked| asked != id);
    }

    /// The platform answered.
    pub(crate) fn titled(&mut self, of: &Titled, title: &str, host: &mut Host) {
        let title = Some(title);
        match of {
            Titled::Guild(id) => name(&mut self.guilds, GUILDS, id, None, title, host),
            Titled::Channel { guild, id } => {
                name(&mut self.channels, CHANNELS, id, Some(guild), title, host);
            }
        }
    }

    /// Somebody has this name.
    pub(crate) fn met(&mut self, id: &str, name: Option<&str>) {
        if let Some(name) = name {
            self.names.insert(id, name);
        }
    }

    /// The name of somebody.
    pub(crate) fn name(&self, id: &str) -> Option<&str> {
        self.names.get(id)
    }

    /// An event may say what something is called, or that it is gone.
    pub(crate) fn noticed(&mut self, notice: &Notice, host: &mut Host) {
        if let Some(who) = &notice.who {
            self.met(&who.id, who.name.as_deref());
        }
        let guild = notice.guild.as_deref().unwrap_or_default();
        let channel = notice.channel.as_deref().unwrap_or_default();
        let title = notice.title.as_deref();
        match notice.kind {
            NoticeKind::GuildJoined | NoticeKind::GuildUpdated => {
                name(&mut self.guilds, GUILDS, guild, None, title, host);
            }
            NoticeKind::GuildLeft => self.forget_guild(guild, host),
            NoticeKind::ChannelCreated | NoticeKind::ChannelUpdated => {
                let guild = Some(guild);
                name(&mut self.channels, CHANNELS, channel, guild, title, host);
            }
            NoticeKind::ChannelRemoved => forget(&mut self.channels, CHANNELS, channel, host),
            _ => {}
        }
    }

    /// A guild takes its channels with it.
    fn forget_guild(&mut self, guild: &str, host: &mut Host) {
        forget(&mut self.guilds, GUILDS, guild, host);
        let inside = |title: &Title| title.guild.as_deref() == Some(guild);
        for (id, _) in self.channels.extract_if(.., |_, title| inside(title)) {
            host.remove(format!("{}{id}", state::CHANNEL));
        }
    }
}

/// Where titles are stored, and how many.
type Shelf = (&'static str, usize);
const GUILDS: Shelf = (state::GUILD, MOST_GUILDS);
const CHANNELS: Shelf = (state::CHANNEL, MOST_CHANNELS);

fn name(
    titles: &mut BTreeMap<String, Title>,
    (prefix, most): Shelf,
    id: &str,
    guild: Option<&str>,
    title: Option<&str>,
    host: &mut Host,
) {
    let Some(title) = title.filter(|_| !id.is_empty() && id.len() <= MOST_ID_BYTES) else {
        return;
    };
    let title = Title {
        name: title.chars().take(MOST_NAME_CHARS).collect(),
        guild: guild.map(str::to_owned),
        since_wall_ms: host.now().wall_ms,
    };
    if titles.get(id).is_some_and(|known| known.name == title.name) {
        return;
    }
    if titles.len() >= most && !titles.contains_key(id) {
        let oldest = titles.iter().min_by_key(|(_, title)| title.since_wall_ms);
        if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
            forget(titles, (prefix, most), &oldest, host);
        }
    }
    host.put(format!("{prefix}{id}"), state::encode(&title));
    titles.insert(id.to_owned(), title);
}

fn forget(titles: &mut BTreeMap<String, Title>, (prefix, _): Shelf, id: &str, host: &mut Host) {
    if titles.remove(id).is_some() {
        host.remove(format!("{prefix}{id}"));
    }
}

#[cfg(test)]
mod tests;
