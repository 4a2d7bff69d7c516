//! Identify and Resume: who may come in, and what they are told if not.

use serde_json::{Value, json};

use crate::clock::millis;
use crate::config::{Bot, Standing};
use crate::fault::{Fault, ResumeRefusal};
use crate::intents;
use crate::platform::World;
use crate::platform::deliver::{End, Step};
use crate::platform::rate::{DAY, SECOND};
use crate::platform::session::Session;
use crate::record::Record;

/// A refused handshake: op 9 first where the platform sends one, then the close
/// code that tells the real reason, as bot authors report.
#[derive(Debug, PartialEq)]
struct Denial {
    op9: Option<bool>,
    end: End,
}

impl Denial {
    /// Close without op 9.
    const fn close(code: u16, reason: &'static str) -> Self {
        Self {
            op9: None,
            end: End::Close(code, reason),
        }
    }

    /// Op 9 `false`, then close.
    const fn invalid(code: u16, reason: &'static str) -> Self {
        Self {
            op9: Some(false),
            end: End::Close(code, reason),
        }
    }

    fn steps(self) -> Vec<Step> {
        let told = self.op9.map(|d| Step::Send(json!({"op": 9, "d": d})));
        // Op 9 `true` invites another Resume on the same socket.
        let end = (self.op9 != Some(true)).then_some(Step::End(self.end));
        told.into_iter().chain(end).collect()
    }

    const fn code_and_reason(&self) -> (Option<u16>, &'static str) {
        match (self.op9, &self.end) {
            (Some(true), _) => (None, "may resume"),
            (_, End::Close(code, reason)) => (Some(*code), reason),
            (_, End::Drop | End::Silence) => (None, "dropped"),
        }
    }
}

const MALFORMED: Denial = Denial::close(4002, "invalid payload");

/// `d` of Identify. `properties` is ignored, as on the platform.
struct Identify {
    token: String,
    intents: u64,
    shard: Option<[u64; 2]>,
}

impl Identify {
    fn parse(d: &Value) -> Result<Self, Denial> {
        let token = d.get("token").and_then(Value::as_str).ok_or(MALFORMED)?;
        let intents = d.get("intents").and_then(Value::as_u64).ok_or(MALFORMED)?;
        let shard = match d.get("shard") {
            None | Some(Value::Null) => None,
            Some(shard) => Some(serde_json::from_value(shard.clone()).map_err(|_| MALFORMED)?),
        };
        if shard.is_some_and(|[id, count]: [u64; 2]| id >= count) {
            return Err(Denial::close(4010, "invalid shard"));
        }
        Ok(Self {
            token: token.to_owned(),
            intents,
            shard,
        })
    }
}

impl World {
    pub(crate) fn identify(&mut self, number: u64, d: &Value) -> Vec<Step> {
        match self.try_identify(number, d) {
            Ok(ready) => {
                self.go_live(number);
                vec![Step::Send(ready)]
            }
            Err(denial) => {
                let (code, reason) = denial.code_and_reason();
                let (code, reason) = (code.unwrap_or(1006), reason.to_owned());
                self.journal
                    .push(Some(number), Record::IdentifyRefused { code, reason });
                denial.steps()
            }
        }
    }

    fn try_identify(&mut self, number: u64, d: &Value) -> Result<Value, Denial> {
        if self
            .links
            .get(&number)
            .is_some_and(|link| link.session.is_some())
        {
            return Err(Denial::close(4005, "already authenticated"));
        }
        let wish = Identify::parse(d)?;
        let scripted = |fault: &Fault| matches!(fault, Fault::RefuseNextIdentify(_));
        if let Some(Fault::RefuseNextIdentify(code)) = self.take_fault(number, scripted) {
            return Err(Denial::invalid(code, "scripted"));
        }
        let bot = self.admit(&wish.token)?;
        self.spend_identify(&bot.app_id)?;
        let intents = granted(&bot, wish.intents)?;
        Ok(self.start_session(number, &bot, intents, wish.shard))
    }

    /// Checks address, token and standing.
    fn admit(&self, token: &str) -> Result<Bot, Denial> {
        if self.config.rules.source_ip_refused {
            return Err(Denial::invalid(4903, "create session error"));
        }
        let token = token.strip_prefix("QQBot ");
        let bot = token.and_then(|token| self.owner_of(token));
        let bot = bot.ok_or(Denial::close(4004, "authentication failed"))?;
        match bot.standing {
            Standing::SandboxOnly => Err(Denial::invalid(4914, "bot is off the shelf")),
            Standing::Banned | Standing::Deleted => Err(Denial::invalid(4915, "bot is banned")),
            Standing::Good => Ok(bot.clone()),
        }
    }

    /// The daily budget and `max_concurrency`. Neither refusal is documented; the
    /// codes are those of "create session error" and "sending too fast".
    fn spend_identify(&mut self, app_id: &str) -> Result<(), Denial> {
        let now = self.clock.now_ms();
        let rules = &self.config.rules;
        let window = self.identifies.entry(app_id.to_owned()).or_default();
        if window.used(now, DAY) >= rules.identify_budget as usize {
            return Err(Denial::invalid(4903, "session start limit"));
        }
        let recent = window.used(now, 5 * SECOND);
        if rules.enforce_concurrency && recent >= rules.max_concurrency as usize {
            return Err(Denial::close(4008, "sending too fast"));
        }
        window.note(now);
        Ok(())
    }

    fn start_session(
        &mut self,
        number: u64,
        bot: &Bot,
        intents: u32,
        shard: Option<[u64; 2]>,
    ) -> Value {
        self.drop_old_sessions();
        let session_id = self.ids.uuid();
        let counted = shard.unwrap_or([0, 1]);
        let session = Session::new(bot.app_id.clone(), intents, counted, number);
        self.sessions.insert(session_id.clone(), session);
        if let Some(link) = self.links.get_mut(&number) {
            link.session = Some(session_id.clone());
            link.sent = 1;
        }
        let app_id = bot.app_id.clone();
        self.journal.push(
            Some(number),
            Record::Identified {
                app_id,
                session_id: session_id.clone(),
                intents,
                shard: counted,
            },
        );
        json!({"op": 0, "s": 1, "t": "READY", "d": {
            "version": 1,
            "session_id": session_id,
            "user": {"id": bot.guild_user_id(), "username": bot.name, "bot": true},
            "shard": shard.unwrap_or([0, 0]),
        }})
    }

    pub(crate) fn resume(&mut self, number: u64, d: &Value) -> Vec<Step> {
        let session_id = d
            .get("session_id")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let Err(denial) = self.try_resume(number, session_id, d) else {
            return Vec::new();
        };
        let (code, reason) = denial.code_and_reason();
        let (session_id, reason) = (session_id.to_owned(), reason.to_owned());
        self.journal.push(
            Some(number),
            Record::ResumeRefused {
                session_id,
                code,
                reason,
            },
        );
        denial.steps()
    }

    /// On success the socket's next steps are the replay and RESUMED.
    fn try_resume(&mut self, number: u64, session_id: &str, d: &Value) -> Result<(), Denial> {
        if self
            .links
            .get(&number)
            .is_some_and(|link| link.session.is_some())
        {
            return Err(Denial::close(4005, "already authenticated"));
        }
        let token = d.get("token").and_then(Value::as_str).ok_or(MALFORMED)?;
        let seq = d.get("seq").and_then(Value::as_u64).ok_or(MALFORMED)?;
        let bot = self.admit(token)?;
        let scripted = |fault: &Fault| matches!(fault, Fault::RefuseNextResume(_));
        if let Some(Fault::RefuseNextResume(how)) = self.take_fault(number, scripted) {
            return Err(self.scripted_refusal(session_id, how));
        }
        self.attach(number, &bot, session_id, seq)
    }

    fn attach(&mut self, number: u64, bot: &Bot, session_id: &str, seq: u64) -> Result<(), Denial> {
        self.drop_old_sessions();
        let unknown = Denial::invalid(4006, "invalid session id");
        let session = self.sessions.get_mut(session_id);
        let session = session
            .filter(|one| one.app_id == bot.app_id)
            .ok_or(unknown)?;
        if !session.can_replay(seq) {
            return Err(Denial::close(4007, "seq error"));
        }
        session.attached = Some(number);
        let replayed = session.count_after(seq);
        if let Some(link) = self.links.get_mut(&number) {
            link.session = Some(session_id.to_owned());
            link.sent = seq;
            link.resuming = true;
        }
        let (app_id, session_id) = (bot.app_id.clone(), session_id.to_owned());
        self.journal.push(
            Some(number),
            Record::Resumed {
                app_id,
                session_id,
                seq,
                replayed,
            },
        );
        Ok(())
    }

    /// Every scripted refusal but op 9 `true` and a bare drop ends the session.
    fn scripted_refusal(&mut self, session_id: &str, how: ResumeRefusal) -> Denial {
        let denial = match how {
            ResumeRefusal::InvalidSession(true) => Denial {
                op9: Some(true),
                end: End::Drop,
            },
            ResumeRefusal::InvalidSession(false) => Denial::invalid(4006, "invalid session id"),
            ResumeRefusal::Close(code) => Denial::close(code, "reset by resume"),
            ResumeRefusal::Drop => Denial {
                op9: None,
                end: End::Drop,
            },
        };
        let is_final = denial.op9 == Some(false) || matches!(denial.end, End::Close(..));
        if is_final
            && self
                .sessions
                .get(session_id)
                .is_some_and(|one| one.attached.is_none())
        {
            self.sessions.remove(session_id);
        }
        denial
    }

    /// Time without a heartbeat before close 4009; none if it is never checked.
    pub(crate) fn heartbeat_patience(&self) -> Option<std::time::Duration> {
        let missed = self.config.missed_heartbeats;
        let patience = millis(self.config.heartbeat) * u64::from(missed);
        (missed > 0).then_some(std::time::Duration::from_millis(patience))
    }
}

/// One bit without permission refuses the whole Identify, as bot authors report.
fn granted(bot: &Bot, wish: u64) -> Result<u32, Denial> {
    let intents = u32::try_from(wish).unwrap_or(0);
    if intents == 0 || intents & !intents::ALL != 0 {
        return Err(Denial::invalid(4013, "invalid intents"));
    }
    if intents & !bot.intents != 0 {
        return Err(Denial::invalid(4014, "disallowed intents"));
    }
    Ok(intents)
}
