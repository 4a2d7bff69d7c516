//! Does with each action what the host does, and checks what the host checks.

use qq_channel::contract::{
    Action, Complete, Delivery, DigestBlob, OpenSocket, Put, SendHttp, SendText, SetTimer, Settle,
};

use super::World;

/// Part of every user id in the tests; must not show up in a text for operators.
const PLANTED_OPENID: &str = "OPENID";
/// Part of every secret in the tests; must not show up anywhere.
const PLANTED_SECRET: &str = "hunter2";

impl World {
    pub(super) fn apply(&mut self, actions: &[Action]) {
        // More ends the instance.
        assert!(actions.len() <= 1_024, "{} actions at once", actions.len());
        for action in actions {
            self.check_texts(action);
            self.carry_out(action);
        }
    }

    fn carry_out(&mut self, action: &Action) {
        match action {
            Action::OpenSocket(open) => self.open_socket(open),
            Action::CloseSocket(close) => self.close_socket(close.id),
            Action::SendText(text) => self.send_text(text),
            Action::Deliver(message) => self.numbers.delivered(message, self.wall_ms),
            Action::SendHttp(http) => self.send_http(http),
            Action::CancelHttp(id) => self.cancel_http(*id),
            Action::DigestBlob(ask) => self.digest(ask),
            Action::DropBlob(blob) => self.drop_blob(*blob),
            Action::SetTimer(timer) => self.set_timer(timer),
            Action::CancelTimer(id) => {
                assert!(self.timers.remove(id).is_some(), "no such timer: {id}");
            }
            Action::Put(put) => self.put(put),
            Action::Remove(key) => drop(self.state.remove(key)),
            Action::Complete(complete) => self.complete(complete),
            Action::Settle(settle) => self.settle(settle),
            Action::GiveUp(_) => self.stopped = true,
            _ => {}
        }
    }

    fn open_socket(&mut self, open: &OpenSocket) {
        let sockets = &self.sockets;
        assert!(sockets.is_empty(), "a second socket: {sockets:?}");
        self.sockets.push(open.id);
        self.greeted = None;
    }

    fn close_socket(&mut self, id: u64) {
        assert!(self.sockets.contains(&id), "closed twice: {id}");
        self.sockets.retain(|open| *open != id);
        self.old_socket = Some(id);
    }

    fn send_text(&mut self, text: &SendText) {
        assert!(self.sockets.contains(&text.id), "not open: {}", text.id);
        if text.text.starts_with(r#"{"op":2,"#) {
            self.identifies.push(self.mono_ms);
        }
        if !text.text.starts_with(r#"{"op":1,"#) {
            self.greeted = Some(text.id);
        }
    }

    fn send_http(&mut self, http: &SendHttp) {
        self.numbers.sent(http, self.wall_ms);
        let timeout_ms = self.mono_ms + u64::from(http.timeout_ms);
        self.timeouts.insert(http.id, timeout_ms);
        let before = self.requests.insert(http.id, http.clone());
        assert!(before.is_none(), "id in use");
        // The host ends an instance that asks for more.
        assert!(self.requests.len() <= 64, "too many requests at once");
    }

    fn cancel_http(&mut self, id: u64) {
        assert!(self.requests.remove(&id).is_some(), "no such request: {id}");
        self.called_off.push(id);
    }

    fn digest(&mut self, ask: &DigestBlob) {
        let in_use = self.digests.iter().any(|other| other.id == ask.id);
        assert!(!in_use, "id in use");
        self.digests.push(ask.clone());
    }

    fn drop_blob(&mut self, blob: u64) {
        let known = self.held.remove(&blob) || self.lost.remove(&blob);
        assert!(known, "dropped twice: blob {blob}");
    }

    fn set_timer(&mut self, timer: &SetTimer) {
        assert!(timer.after_ms > 0, "a timer that is due at once: {timer:?}");
        self.timers.insert(timer.id, self.mono_ms + timer.after_ms);
    }

    fn put(&mut self, put: &Put) {
        assert!(put.key.len() <= 256, "a long key: {}", put.key);
        self.state.insert(put.key.clone(), put.value.clone());
    }

    fn complete(&mut self, complete: &Complete) {
        let is_open = self.commands.remove(&complete.command);
        assert!(is_open, "completed twice: {complete:?}");
        let how = complete.outcome.as_ref().map(|receipt| receipt.how);
        if how == Ok(Delivery::Deferred) {
            self.deferred.insert(complete.command);
        }
    }

    fn settle(&mut self, settle: &Settle) {
        let is_owed = self.deferred.remove(&settle.command);
        assert!(
            is_owed,
            "settled without being deferred, or twice: {settle:?}"
        );
        let how = settle.outcome.as_ref().map(|receipt| receipt.how);
        assert_ne!(how, Ok(Delivery::Deferred), "{settle:?}");
    }

    /// No text for operators names a user, and nothing holds a secret.
    fn check_texts(&self, action: &Action) {
        let all = format!("{action:?}");
        assert!(!all.contains(PLANTED_SECRET), "a secret: {all}");
        let texts = match action {
            Action::Note(note) => format!("{note:?}"),
            Action::Status(status) => format!("{status:?}"),
            Action::Check(check) if self.naming.contains(&check.command) => return,
            Action::Check(check) => format!("{check:?}"),
            Action::Count(count) => format!("{count:?}"),
            Action::GiveUp(text) => text.clone(),
            _ => return,
        };
        assert!(!texts.contains(PLANTED_OPENID), "a user id: {texts}");
    }
}
