//! Rows of the stored state that are kept in memory as well.
//!
//! A plain list: it is short, looked at seldom, and far less code in the
//! component than a map for each kind of row.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::host::Host;
use crate::state::{self, State};
use crate::wire;

/// Rows by name, each stored under a key of its own.
#[derive(Debug)]
pub(super) struct Table<T> {
    prefix: &'static str,
    /// Changed last comes last.
    rows: Vec<(String, T)>,
}

impl<T: Copy + Serialize + DeserializeOwned> Table<T> {
    /// The stored rows, by `age`; what cannot be read is left out.
    pub(super) fn load(prefix: &'static str, state: &State, age: impl Fn(&T) -> u64) -> Self {
        let mut rows: Vec<(String, T)> = Vec::new();
        for (name, value) in state.under(prefix) {
            if let Some(row) = wire::read(value) {
                let later = |(_, other): &(String, T)| age(other) > age(&row);
                let at = rows.iter().position(later).unwrap_or(rows.len());
                rows.insert(at, (name.to_owned(), row));
            }
        }
        Self { prefix, rows }
    }

    /// The row of this name.
    pub(super) fn get(&self, name: &str) -> Option<T> {
        self.iter()
            .find(|(other, _)| *other == name)
            .map(|row| row.1)
    }

    /// All rows; those changed last come last.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, T)> {
        self.rows.iter().map(|(name, row)| (name.as_str(), *row))
    }

    /// The rows, to correct what is in memory.
    pub(super) fn rows_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.rows.iter_mut().map(|(_, row)| row)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Stores a row.
    pub(super) fn put(&mut self, name: &str, row: T, host: &mut Host) {
        self.take(name);
        host.put(self.key(name), state::encode(&row));
        self.rows.push((name.to_owned(), row));
    }

    /// Forgets a row. Whether there was one.
    pub(super) fn remove(&mut self, name: &str, host: &mut Host) -> bool {
        let known = self.take(name);
        if known {
            host.remove(self.key(name));
        }
        known
    }

    fn take(&mut self, name: &str) -> bool {
        let at = self.rows.iter().position(|(other, _)| other == name);
        at.map(|at| self.rows.remove(at)).is_some()
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}
