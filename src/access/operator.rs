//! What the operator asks and changes while the channel runs.

use super::bound::{By, Since};
use super::code::Standing;
use super::strangers::Stranger;
use super::{Access, LONGEST_OPENID};
use crate::config::{Allowed, Config};
use crate::contract::{AccessRequest, ChatKind, CheckOutcome, Failure, FailureKind, Id, Receipt};
use crate::host::Host;
use crate::utc;

/// Findings of one kind in an answer: a list of actions has a cap.
const MOST_SHOWN: usize = 200;

/// One line of the answer: what it is, and about whom.
struct Line(&'static str, String);

impl Access {
    /// Answers the operator.
    pub(crate) fn ask(
        &mut self,
        command: Id,
        request: AccessRequest,
        config: &Config,
        host: &mut Host,
    ) {
        let answer = match request {
            AccessRequest::Show => Ok(self.show(config)),
            AccessRequest::Allow(openid) => self.allow(&openid, config, host),
            AccessRequest::Revoke(openid) => self.revoke(&openid, config, host),
            AccessRequest::Code(fresh) => self.code(fresh, config, host),
        };
        let outcome = answer.map(|lines| {
            for Line(step, detail) in lines {
                host.check(command, step, CheckOutcome::Passed, detail, None);
            }
            Receipt::nothing()
        });
        host.complete(command, outcome);
    }

    fn show(&self, config: &Config) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut list = |step, mut details: Vec<String>| {
            let more = details.len().saturating_sub(MOST_SHOWN);
            details.truncate(MOST_SHOWN);
            details.extend((more > 0).then(|| format!("and {more} more")));
            lines.extend(details.into_iter().map(|detail| Line(step, detail)));
        };
        list("configured", configured(config));
        list("bound", self.bound_lines(config));
        list("turned-away", self.stranger_lines());
        lines
    }

    fn bound_lines(&self, config: &Config) -> Vec<String> {
        let line = |(openid, since): (&str, Since)| {
            let by = match since.by {
                By::Code => "a code",
                By::Operator => "the operator",
            };
            format!("{openid}  since {}, by {by}", utc::format(since.wall_ms))
        };
        self.bound.of(&config.app_id).map(line).collect()
    }

    fn stranger_lines(&self) -> Vec<String> {
        let line = |(openid, stranger): (&str, Stranger)| {
            let place = match stranger.chat {
                ChatKind::Dm => "private chat",
                ChatKind::Group => "group",
                ChatKind::GuildChannel => "guild channel",
                ChatKind::GuildDm => "guild direct message",
            };
            let (last, messages) = (utc::format(stranger.last_ms), stranger.messages);
            format!("{openid}  {last}, {place}, messages: {messages}")
        };
        self.strangers.latest().map(line).collect()
    }

    fn allow(
        &mut self,
        openid: &str,
        config: &Config,
        host: &mut Host,
    ) -> Result<Vec<Line>, Failure> {
        check_openid(openid)?;
        if self.may_talk(config, openid) {
            return Ok(vec![Line("allowed", format!("{openid}  was so already"))]);
        }
        if self.bound.is_full() {
            let failure = Failure::new(FailureKind::Rejected, "too many users are bound");
            return Err(failure.remedy(
                "Write them into allowed_users of the configuration file, reload, and revoke \
                 them here.",
            ));
        }
        self.let_in(config, openid, By::Operator, host);
        Ok(vec![Line("allowed", openid.to_owned())])
    }

    fn revoke(
        &mut self,
        openid: &str,
        config: &Config,
        host: &mut Host,
    ) -> Result<Vec<Line>, Failure> {
        check_openid(openid)?;
        if self.bound.remove(&config.app_id, openid, host) {
            if self.tend_code(config, host) {
                self.announce(host);
            }
            let mut lines = vec![Line("revoked", openid.to_owned())];
            if self.may_talk(config, openid) {
                lines.push(Line("configured", format!("{openid}  still is")));
            }
            return Ok(lines);
        }
        let (what, remedy) = match &config.allowed {
            Allowed::Everyone => (
                "everyone may talk to the bot",
                "Replace \"*\" in allowed_users of the configuration file, and reload.",
            ),
            Allowed::Listed(users) if users.contains(openid) => (
                "this user is configured, not bound",
                "Take them out of allowed_users in the configuration file, and reload.",
            ),
            Allowed::Listed(_) => (
                "this user is not bound",
                "`prx-channel users list` shows who is.",
            ),
        };
        Err(Failure::new(FailureKind::Invalid, what).remedy(remedy))
    }

    fn code(
        &mut self,
        fresh: bool,
        config: &Config,
        host: &mut Host,
    ) -> Result<Vec<Line>, Failure> {
        let unavailable =
            |what: &str, remedy: &str| Failure::new(FailureKind::Unavailable, what).remedy(remedy);
        if !config.allowed.is_pairing() {
            return Err(unavailable(
                "pairing is not active: allowed_users says who may talk to the bot",
                "Use `prx-channel users allow`, or empty allowed_users and reload.",
            ));
        }
        if fresh {
            self.codes.make(false, host);
        }
        match self.codes.standing() {
            Standing::Open { digits, .. } => Ok(vec![
                Line("code", digits.to_owned()),
                Line(
                    "next",
                    format!(
                        "send `/bind {digits}` to the bot in a private chat; it works once, for \
                         whoever is first"
                    ),
                ),
            ]),
            Standing::None => Err(unavailable(
                "no code is open: somebody is bound",
                "To bind another user, make a fresh code with --new.",
            )),
            Standing::Withdrawn => Err(unavailable(
                "the code was withdrawn after too many wrong tries",
                "Make a fresh one with --new.",
            )),
        }
    }
}

fn configured(config: &Config) -> Vec<String> {
    match &config.allowed {
        Allowed::Everyone => vec!["everyone (\"*\")".to_owned()],
        Allowed::Listed(users) => users.iter().cloned().collect(),
    }
}

fn check_openid(openid: &str) -> Result<(), Failure> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !openid.is_empty() && openid.len() <= LONGEST_OPENID && openid.chars().all(plain) {
        return Ok(());
    }
    let failure = Failure::new(FailureKind::Invalid, "this is not an openid");
    Err(failure.remedy(
        "An openid is a run of letters and digits. `prx-channel users list` shows those who were \
         turned away; \"*\" belongs into allowed_users of the configuration file.",
    ))
}
