//! Resume: who may have an old session back, and what they are told if not.

use serde_json::Value;

use super::denial::{Denial, MALFORMED};
use crate::faults::{Fault, ResumeRefusal};
use crate::journal::record::Record;
use crate::rules::config::Bot;
use crate::world::World;
use crate::world::deliver::{End, Step};

impl World {
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
        if let Some(denial) = self.scripted_resume(number) {
            self.forget_refused(session_id, &denial);
            return Err(denial);
        }
        self.drop_old_sessions();
        self.check_session(&bot, session_id, seq)?;
        self.attach(number, bot.app_id, session_id, seq);
        Ok(())
    }

    fn check_session(&self, bot: &Bot, session_id: &str, seq: u64) -> Result<(), Denial> {
        let session = self.sessions.get(session_id);
        let session = session
            .filter(|one| one.app_id == bot.app_id)
            .ok_or(Denial::invalid(4006, "invalid session id"))?;
        if session.can_replay(seq) {
            Ok(())
        } else {
            Err(Denial::close(4007, "seq error"))
        }
    }

    fn attach(&mut self, number: u64, app_id: String, session_id: &str, seq: u64) {
        let seen_again = self.scripted_replay(number);
        let Some(session) = self.sessions.get_mut(session_id) else {
            return;
        };
        session.attached = Some(number);
        let from = session.rewound(seq, seen_again);
        let replayed = session.count_after(from);
        if let Some(link) = self.links.get_mut(&number) {
            link.session = Some(session_id.to_owned());
            link.sent = from;
            link.resuming = true;
        }
        let session_id = session_id.to_owned();
        self.journal.push(
            Some(number),
            Record::Resumed {
                app_id,
                session_id,
                seq,
                replayed,
            },
        );
    }

    /// How many dispatches the client gets that it has already.
    fn scripted_replay(&mut self, number: u64) -> u32 {
        let scripted = |fault: &Fault| matches!(fault, Fault::ReplayOnNextResume(_));
        match self.take_fault(number, scripted) {
            Some(Fault::ReplayOnNextResume(count)) => count,
            _ => 0,
        }
    }

    fn scripted_resume(&mut self, number: u64) -> Option<Denial> {
        let scripted = |fault: &Fault| {
            matches!(
                fault,
                Fault::RefuseNextResume(_) | Fault::RefuseNextHandshake(_)
            )
        };
        Some(match self.take_fault(number, scripted)? {
            Fault::RefuseNextResume(ResumeRefusal::InvalidSession(true)) => Denial {
                op9: Some(true),
                end: End::Drop,
            },
            Fault::RefuseNextResume(ResumeRefusal::InvalidSession(false)) => {
                Denial::invalid(4006, "invalid session id")
            }
            Fault::RefuseNextResume(ResumeRefusal::Close(code)) => {
                Denial::close(code, "reset by resume")
            }
            Fault::RefuseNextHandshake(Some(code)) => Denial::invalid(code, "scripted"),
            Fault::RefuseNextHandshake(None) => Denial::INVALID_AND_GONE,
            _ => Denial::END_OF_FILE,
        })
    }

    /// Every scripted refusal but op 9 `true` and a bare drop ends the session.
    fn forget_refused(&mut self, session_id: &str, denial: &Denial) {
        let is_final = denial.op9 == Some(false) || matches!(denial.end, End::Close(..));
        let session = self.sessions.get(session_id);
        if is_final && session.is_some_and(|one| one.attached.is_none()) {
            self.sessions.remove(session_id);
        }
    }
}
