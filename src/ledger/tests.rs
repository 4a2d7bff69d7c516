//! Tests of the ledger: what they share.

mod answers;
mod capacity;
mod unasked;

use std::collections::BTreeMap;

use super::*;
use crate::contract::{Action, StateEntry};
use crate::host::tests::host;

const USER: &str = "c2c:102:A";
const GROUP: &str = "group:102:G";
const CHANNEL: &str = "channel:102:18/100";

fn received(ledger: &mut Ledger, target: &str, id: &str, host: &mut Host) {
    let scene = scene_of(target).unwrap();
    ledger.received(target, scene, Anchor::message(id), |_, _| false, host);
}

/// The same, and the agent gets it.
fn delivered(ledger: &mut Ledger, target: &str, id: &str, host: &mut Host) {
    received(ledger, target, id, host);
    ledger.awaits(target, id);
}

fn ended(ledger: &mut Ledger, target: &str, id: &str, host: &mut Host) {
    ledger.turn_ended(target, id, |_, _| false, host);
}

/// An id as long as the platform's are.
fn long_id(n: usize) -> String {
    format!("ROBOT1.0_{n:0>120}!")
}

/// What the host stores, and the bytes of each change.
#[derive(Default)]
struct Disk {
    rows: BTreeMap<String, Vec<u8>>,
    most_changed: usize,
    most_actions: usize,
}

impl Disk {
    fn take(&mut self, host: &mut Host) {
        let actions = host.take_actions();
        self.most_actions = self.most_actions.max(actions.len());
        let mut changed = 0;
        for action in actions {
            match action {
                Action::Put(put) => {
                    changed += put.key.len() + put.value.len();
                    self.rows.insert(put.key, put.value);
                }
                Action::Remove(key) => {
                    self.rows.remove(&key);
                }
                _ => {}
            }
        }
        self.most_changed = self.most_changed.max(changed);
    }

    fn bytes(&self) -> usize {
        let row = |(key, value): (&String, &Vec<u8>)| key.len() + value.len();
        self.rows.iter().map(row).sum()
    }

    fn load(&self) -> Ledger {
        let entry = |(key, value): (&String, &Vec<u8>)| StateEntry {
            key: key.clone(),
            value: value.clone(),
        };
        let entries: Vec<_> = self.rows.iter().map(entry).collect();
        Ledger::load(&State::new(entries).unwrap(), Limits::default())
    }
}

/// Takes a reply and shows it as `id#seq`.
fn take(
    ledger: &mut Ledger,
    target: &str,
    reply_to: Option<&str>,
    host: &mut Host,
) -> Option<String> {
    let anchor = ledger.take(target, reply_to, host)?.anchor;
    let seq = anchor
        .msg_seq
        .map_or_else(|| "-".to_owned(), |seq| seq.to_string());
    Some(format!("{}#{seq}", anchor.msg_id))
}
