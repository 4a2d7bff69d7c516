//! The end of an instance, or of the whole host, and what comes after it.

use qq_channel::Channel;
use qq_channel::contract::{Action, Context, Live, LiveKind, StateEntry};

use super::World;

impl World {
    /// The instance dies; a fresh one takes over what is stored and open. With
    /// `process`, everything open dies with it.
    pub fn restart(&mut self, process: bool) -> Vec<Action> {
        if process {
            self.lose_what_is_open();
        }
        self.lives = self.lives % 200 + 1;
        self.answer_for_the_dead();
        let live = |kind| move |id: &u64| Live { kind, id: *id };
        let adopted = (self.sockets.iter().map(live(LiveKind::Socket)))
            .chain(self.requests.keys().map(live(LiveKind::Request)))
            .chain(self.timers.keys().map(live(LiveKind::Timer)))
            .chain(self.commands.iter().map(live(LiveKind::Command)))
            .collect();
        let entry = |(key, value): (&String, &Vec<u8>)| StateEntry {
            key: key.clone(),
            value: value.clone(),
        };
        let context = Context {
            instance: "test".to_owned(),
            config: self.config.clone(),
            wall_ms: self.wall_ms,
            mono_ms: self.mono_ms,
            entropy: (self.lives..self.lives + 32).collect(),
            secrets: self.secrets.iter().cloned().collect(),
            state: self.state.iter().map(entry).collect(),
            adopted,
        };
        let (channel, actions) = Channel::start(context).expect("it started before");
        self.channel = channel;
        self.seq = 0;
        self.stopped = false;
        self.apply(&actions);
        let mut actions = actions;
        actions.extend(self.tell_called_off());
        actions
    }

    /// The host answers commands of a dead instance, except where a stored answer is
    /// awaited.
    fn answer_for_the_dead(&mut self) {
        let awaited = |id: &u64| {
            let finishes = format!(r#""command":{id},"#);
            let drafts = self
                .state
                .iter()
                .filter(|(key, _)| key.starts_with("draft/"));
            let mut drafts = drafts.map(|(_, value)| String::from_utf8_lossy(value));
            self.state.contains_key(&format!("send/{id}"))
                || drafts.any(|draft| draft.contains(&finishes))
        };
        self.commands.retain(awaited);
    }

    fn lose_what_is_open(&mut self) {
        self.numbers.crashed();
        self.old_socket = self.sockets.pop();
        self.sockets.clear();
        self.requests.clear();
        self.digests.clear();
        self.lost.append(&mut self.held);
        self.timers.clear();
        self.commands.clear();
    }
}
