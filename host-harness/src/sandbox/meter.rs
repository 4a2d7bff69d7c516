//! How much an instance may take, and which bound it ran into.
//!
//! wasmtime counts instances, memories and tables itself and says so in words
//! only; bytes and elements are counted here, all memories and tables together.

use std::fmt;

use wasmtime::ResourceLimiter;

use crate::limits;

const MIB: usize = 1024 * 1024;

/// A bound of the sandbox that a component ran into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Over {
    what: &'static str,
    needed: usize,
    limit: usize,
}

const MEMORY: &str = "MiB of memory";
const ELEMENTS: &str = "table elements";

impl Over {
    /// What ended a call or an instantiation, if it was a bound.
    pub(super) fn of(cause: &wasmtime::Error) -> Option<Self> {
        let counted = || Self::counted(&cause.root_cause().to_string());
        cause.downcast_ref().cloned().or_else(counted)
    }

    /// From wasmtime's words; a test holds on to them.
    fn counted(words: &str) -> Option<Self> {
        let rest = words.strip_prefix("resource limit exceeded: ")?;
        let (what, needed) = rest.split_once(" count too high at ")?;
        let (what, limit) = match what {
            "instance" => ("core instances", limits::INSTANCES),
            "memory" => ("memories", limits::MEMORIES),
            "table" => ("tables", limits::TABLES),
            _ => return None,
        };
        let needed = needed.parse().ok()?;
        Some(Self {
            what,
            needed,
            limit,
        })
    }

    /// What to do about it.
    pub(crate) fn remedy(&self) -> String {
        match self.what {
            MEMORY => format!(
                "set `max_memory_mb` under [resources] in plugin.toml to more than {}, up to {}",
                self.limit,
                limits::MEMORY_MB_MAX
            ),
            _ => "build it into fewer modules; wit/README.md lists the limits".to_owned(),
        }
    }
}

impl fmt::Display for Over {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            what,
            needed,
            limit,
        } = self;
        write!(
            f,
            "it needs at least {needed} {what}: over this host's limit, which is {limit}"
        )?;
        match self.what {
            MEMORY => write!(f, " MiB (`max_memory_mb` in plugin.toml)"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Over {}

/// Counts what one instance holds.
#[derive(Debug)]
pub(super) struct Meter {
    memory_mb: usize,
    bytes: usize,
    elements: usize,
}

impl Meter {
    pub(super) const fn new(memory_mb: u32) -> Self {
        Self {
            memory_mb: memory_mb as usize,
            bytes: 0,
            elements: 0,
        }
    }
}

/// `held` with one part of it grown, or the sum that is too much.
const fn grown(held: usize, current: usize, desired: usize, most: usize) -> Result<usize, usize> {
    let sum = held.saturating_add(desired.saturating_sub(current));
    if sum > most { Err(sum) } else { Ok(sum) }
}

/// A refusal ends the call: a guest that is merely told that there is no more
/// memory ends as well, in words of its own that name no limit.
impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let most = self.memory_mb.saturating_mul(MIB);
        self.bytes = grown(self.bytes, current, desired, most).map_err(|sum| Over {
            what: MEMORY,
            needed: sum.div_ceil(MIB),
            limit: self.memory_mb,
        })?;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let most = limits::TABLE_ELEMENTS;
        self.elements = grown(self.elements, current, desired, most).map_err(|sum| Over {
            what: ELEMENTS,
            needed: sum,
            limit: most,
        })?;
        Ok(true)
    }

    fn instances(&self) -> usize {
        limits::INSTANCES
    }

    fn memories(&self) -> usize {
        limits::MEMORIES
    }

    fn tables(&self) -> usize {
        limits::TABLES
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use wasmtime::component::{Component, Linker};
    use wasmtime::{Engine, Store};

    use super::*;

    /// Instantiates a component made of `modules`, each as often as it says, under
    /// 2 MiB; returns what it ran into.
    fn over(modules: &[(&str, usize)]) -> Option<String> {
        let mut wat = String::new();
        for (n, (fields, times)) in modules.iter().enumerate() {
            wat.push_str(&format!("(core module $m{n} {fields})\n"));
            wat.push_str(&format!("(core instance (instantiate $m{n}))\n").repeat(*times));
        }
        let engine = Engine::default();
        let bytes = wat::parse_str(format!("(component {wat})")).unwrap();
        let component = Component::from_binary(&engine, &bytes).unwrap();
        let mut store = Store::new(&engine, Meter::new(2));
        store.limiter(|meter| meter);
        let linker = Linker::new(&engine);
        let made = linker.instantiate(&mut store, &component);
        made.err()
            .map(|cause| Over::of(&cause).unwrap().to_string())
    }

    #[test]
    fn what_is_over_a_limit_is_named_with_the_limit() {
        let memory = "it needs at least 3 MiB of memory: over this host's limit, which is 2 MiB (`max_memory_mb` in plugin.toml)";
        let counted = |what: &str, limit: usize| {
            format!(
                "it needs at least {} {what}: over this host's limit, which is {limit}",
                limit + 1
            )
        };
        let elements = format!("(table {} funcref)", limits::TABLE_ELEMENTS / 2);
        let tables = "(table 1 funcref)".repeat(limits::TABLES);
        for (modules, expected) in [
            (vec![("(memory 32)", 1)], None),
            (vec![("(memory 33)", 1)], Some(memory.to_owned())),
            // All memories together.
            (vec![("(memory 20)", 2)], Some(memory.to_owned())),
            // While it runs.
            (
                vec![(
                    "(memory 1) (func $f (drop (memory.grow (i32.const 40)))) (start $f)",
                    1,
                )],
                Some(memory.to_owned()),
            ),
            (vec![("", limits::INSTANCES)], None),
            (
                vec![("", limits::INSTANCES + 1)],
                Some(counted("core instances", limits::INSTANCES)),
            ),
            (vec![("(memory 1)", limits::MEMORIES)], None),
            (
                vec![("(memory 1)", limits::MEMORIES + 1)],
                Some(counted("memories", limits::MEMORIES)),
            ),
            (vec![(&tables, 1)], None),
            (
                vec![(&tables, 1), ("(table 1 funcref)", 1)],
                Some(counted("tables", limits::TABLES)),
            ),
            (vec![(&elements, 2)], None),
            (
                vec![(&elements, 2), ("(table 1 funcref)", 1)],
                Some(counted("table elements", limits::TABLE_ELEMENTS)),
            ),
        ] {
            assert_eq!(over(&modules), expected, "{modules:?}");
        }
    }

    #[test]
    fn another_end_is_no_limit() {
        assert_eq!(
            Over::of(&wasmtime::Trap::UnreachableCodeReached.into()),
            None
        );
        for words in ["", "resource limit exceeded: x count too high at 9"] {
            assert_eq!(Over::counted(words), None, "{words}");
        }
    }
}
