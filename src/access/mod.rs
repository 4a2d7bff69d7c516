//! Who may talk to the bot: the configured users, and those who were let in
//! since, by a code or by the operator.
//!
//! What others write stays here. The channel answers it in its own words, and the
//! agent never learns of it. No openid goes into a note: the operator asks for
//! them, and the answer goes to them alone.

mod admission;
mod bound;
mod code;
mod guesses;
mod operator;
mod pace;
mod strangers;
mod table;
mod words;

pub(crate) use admission::Admission;

use crate::config::{Allowed, Config};
use crate::contract::{InboundMessage, Level};
use crate::host::Host;
use crate::inbound::{Marks, Seen};
use crate::state::{self, State};
use admission::is_private;
use bound::{Bound, By};
use code::{Attempt, Codes, Standing};
use guesses::Guesses;
use pace::Pace;
use strangers::Strangers;
use words::{Language, Saying};

/// QQ's openids have 32 characters, and those of guilds are shorter. A longer
/// one would not fit into a key of the stored state.
const LONGEST_OPENID: usize = 128;

/// Who may talk to the bot.
#[derive(Debug)]
pub(crate) struct Access {
    bound: Bound,
    codes: Codes,
    guesses: Guesses,
    strangers: Strangers,
    /// Messages that were not for the agent. A ring of their own, so that
    /// strangers cannot make the channel forget what it delivered.
    kept: Seen,
    pace: Pace,
}

impl Access {
    /// Takes over what an earlier instance stored. In pairing mode the log gets
    /// the code while nobody is bound.
    pub(crate) fn load(config: &Config, entropy: &[u8], state: &State, host: &mut Host) -> Self {
        let mut access = Self {
            bound: Bound::load(state),
            codes: Codes::load(entropy, state),
            guesses: Guesses::load(state),
            strangers: Strangers::load(state),
            kept: Seen::under(state::HANDLED, state),
            pace: Pace::default(),
        };
        access.reconfigure(config, host);
        access
    }

    /// Another list of configured users.
    pub(crate) fn reconfigure(&mut self, config: &Config, host: &mut Host) {
        self.tend_code(config, host);
        if config.allowed.is_pairing() && self.bound.is_empty(&config.app_id) {
            self.announce(host);
        }
    }

    /// In pairing mode there is a code while nobody is bound, and after that only
    /// if the operator asks for one. Whether one was made.
    fn tend_code(&mut self, config: &Config, host: &mut Host) -> bool {
        let alone = self.bound.is_empty(&config.app_id);
        let standing = self.codes.standing();
        let was_logged = matches!(standing, Standing::Open { logged: true, .. });
        if !config.allowed.is_pairing() || (was_logged && !alone) {
            self.codes.clear(host);
        } else if alone && standing == Standing::None {
            self.codes.make(true, host);
            return true;
        }
        false
    }

    fn announce(&self, host: &mut Host) {
        let text = match self.codes.standing() {
            Standing::Open {
                digits,
                logged: true,
            } => format!(
                "pairing is active and nobody is bound: to be let in, send `/bind {digits}` to \
                 the bot in a private chat. Whoever does so first is let in"
            ),
            Standing::Open { logged: false, .. } => {
                "pairing is active and nobody is bound: `prx-channel pair` shows the code"
                    .to_owned()
            }
            Standing::None | Standing::Withdrawn => {
                "pairing is active and nobody is bound, and there is no code any more: \
                 `prx-channel pair --new` makes one"
                    .to_owned()
            }
        };
        host.note(Level::Warn, text);
    }

    /// Whether this message was kept from the agent before.
    pub(crate) fn kept(&self, marks: Marks) -> bool {
        self.kept.contains(marks)
    }

    /// What becomes of a message.
    pub(crate) fn decide(&self, config: &Config, message: &InboundMessage) -> Admission {
        let may_talk = self.may_talk(config, &message.sender);
        // A code is not for the agent, even from somebody who needs none.
        if may_talk && config.allowed.is_pairing() && attempt(message).is_some_and(Attempt::is_code)
        {
            return Admission::Kept;
        }
        admission::decide(config, may_talk, message)
    }

    fn may_talk(&self, config: &Config, openid: &str) -> bool {
        match &config.allowed {
            Allowed::Everyone => true,
            Allowed::Listed(users) => {
                users.contains(openid) || self.bound.contains(&config.app_id, openid)
            }
        }
    }

    /// What to say to the sender of a message the agent does not get, if
    /// anything.
    pub(crate) fn answer(
        &mut self,
        config: &Config,
        message: &InboundMessage,
        marks: Marks,
        host: &mut Host,
    ) -> Option<String> {
        self.kept.insert(marks, host);
        if message.sender.len() > LONGEST_OPENID {
            host.count("messages_turned_away");
            return None;
        }
        let saying = match attempt(message) {
            Some(attempt) => self.try_code(config, message, attempt, host),
            None => self.turn_away(config, message, host),
        };
        saying.map(|saying| saying.text(Language::of(&message.text)))
    }

    fn try_code<'m>(
        &mut self,
        config: &Config,
        message: &'m InboundMessage,
        attempt: Attempt,
        host: &mut Host,
    ) -> Option<Saying<'m>> {
        let openid = message.sender.as_str();
        let saying = if self.may_talk(config, openid) {
            Saying::Already
        } else if self.lets_in(openid, attempt, host) {
            self.bind(config, openid, host);
            // It happens once a code, whatever else the channel has said lately.
            return Some(Saying::Bound);
        } else {
            host.count("binds_refused");
            let saying = self.refuse_code(openid, host);
            let tell = || matches!(saying, Saying::Inactive { .. });
            self.strangers.turn_away(message, tell, host);
            saying
        };
        self.pace.take(host.now().mono_ms).then_some(saying)
    }

    fn lets_in(&mut self, openid: &str, attempt: Attempt, host: &mut Host) -> bool {
        self.guesses.locked_secs(openid, host).is_none() && self.codes.is(attempt)
    }

    fn refuse_code<'m>(&mut self, openid: &'m str, host: &mut Host) -> Saying<'m> {
        if !matches!(self.codes.standing(), Standing::Open { .. }) {
            return Saying::Inactive { openid };
        }
        if let Some(secs) = self.guesses.locked_secs(openid, host) {
            return Saying::Locked { secs };
        }
        if self.codes.wrong(host) {
            host.note(
                Level::Warn,
                "the pairing code was withdrawn after too many wrong tries: somebody guesses. \
                 `prx-channel pair --new` makes another one",
            );
        }
        match self.guesses.wrong(openid, host) {
            Some(secs) => Saying::Locked { secs },
            None => Saying::Wrong,
        }
    }

    fn bind(&mut self, config: &Config, openid: &str, host: &mut Host) {
        self.codes.clear(host);
        self.guesses.forget(openid, host);
        self.let_in(config, openid, By::Code, host);
        host.count("binds_accepted");
        host.note(
            Level::Info,
            "a user was bound with the pairing code, which is used up. `prx-channel users list` \
             shows who; `prx-channel pair --new` makes a code for another one",
        );
    }

    fn let_in(&mut self, config: &Config, openid: &str, by: By, host: &mut Host) {
        self.bound.insert(&config.app_id, openid, by, host);
        self.strangers.forget(openid, host);
        self.tend_code(config, host);
    }

    fn turn_away<'m>(
        &mut self,
        config: &Config,
        message: &'m InboundMessage,
        host: &mut Host,
    ) -> Option<Saying<'m>> {
        host.count("messages_turned_away");
        host.note_seldom(
            "turned_away",
            Level::Info,
            "a message was turned away: its sender is not among the allowed users. `prx-channel \
             users list` shows who it was, `prx-channel users allow` lets them in",
        );
        let now_ms = host.now().mono_ms;
        let pace = &mut self.pace;
        let tell = self
            .strangers
            .turn_away(message, || pace.take(now_ms), host);
        tell.then_some(Saying::Stranger {
            openid: &message.sender,
            pairing: config.allowed.is_pairing(),
        })
    }
}

/// The code in a message that only the two see.
fn attempt(message: &InboundMessage) -> Option<Attempt> {
    is_private(message.chat)
        .then(|| Attempt::read(&message.text))
        .flatten()
}
