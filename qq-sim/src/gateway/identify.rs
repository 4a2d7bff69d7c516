//! Identify: who may come in, and what they are told if not.

use serde_json::{Value, json};

use super::denial::{Denial, MALFORMED};
use crate::faults::Fault;
use crate::journal::record::Record;
use crate::rules::IntentRefusal;
use crate::rules::config::{Bot, Standing};
use crate::rules::intents;
use crate::world::World;
use crate::world::clock::millis;
use crate::world::deliver::Step;
use crate::world::rate::SECOND;
use crate::world::session::Session;

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
        // It costs whatever comes of it: a loop of refusals uses up a day's budget.
        let spent = self.spend_identify(&wish.token);
        if let Some(denial) = self.scripted_identify(number) {
            return Err(denial);
        }
        let bot = self.admit(&wish.token)?;
        spent?;
        let intents = granted(&bot, wish.intents, self.config.rules.intent_refusal)?;
        Ok(self.start_session(number, &bot, intents, wish.shard))
    }

    fn scripted_identify(&mut self, number: u64) -> Option<Denial> {
        let scripted = |fault: &Fault| {
            matches!(
                fault,
                Fault::RefuseNextIdentify(_)
                    | Fault::DropNextIdentify
                    | Fault::RefuseNextHandshake(_)
            )
        };
        Some(match self.take_fault(number, scripted)? {
            Fault::RefuseNextIdentify(code) | Fault::RefuseNextHandshake(Some(code)) => {
                Denial::invalid(code, "scripted")
            }
            Fault::RefuseNextHandshake(None) => Denial::INVALID_AND_GONE,
            _ => Denial::END_OF_FILE,
        })
    }

    /// Checks address, token and standing.
    pub(super) fn admit(&self, token: &str) -> Result<Bot, Denial> {
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
    fn spend_identify(&mut self, token: &str) -> Result<(), Denial> {
        let (now, span) = (self.clock.now_ms(), self.identify_span_ms());
        let token = token.strip_prefix("QQBot ");
        let Some(owner) = token.and_then(|token| self.owner_of(token)) else {
            return Ok(());
        };
        let app_id = owner.app_id.clone();
        let rules = &self.config.rules;
        let window = self.identifies.entry(app_id).or_default();
        if window.used(now, span) >= rules.identify_budget as usize {
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

    /// Time without a heartbeat before close 4009; none if it is never checked.
    pub(crate) fn heartbeat_patience(&self) -> Option<std::time::Duration> {
        let missed = self.config.missed_heartbeats;
        let patience = millis(self.config.heartbeat) * u64::from(missed);
        (missed > 0).then_some(std::time::Duration::from_millis(patience))
    }
}

/// One bit without permission refuses the whole Identify, as bot authors report.
fn granted(bot: &Bot, wish: u64, refusal: IntentRefusal) -> Result<u32, Denial> {
    let intents = u32::try_from(wish).unwrap_or(0);
    let (code, reason) = if intents == 0 || intents & !intents::ALL != 0 {
        (4013, "invalid intents")
    } else if intents & !bot.intents != 0 {
        (4014, "disallowed intents")
    } else {
        return Ok(intents);
    };
    Err(match refusal {
        IntentRefusal::Op9ThenClose => Denial::invalid(code, reason),
        IntentRefusal::CloseOnly => Denial::close(code, reason),
        IntentRefusal::CreateSessionError => Denial::invalid(4903, "create session error"),
        IntentRefusal::EndOfFile => Denial::END_OF_FILE,
    })
}
