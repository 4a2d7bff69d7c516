//! Which of the things that wait is given next. They take turns, so that none of
//! them keeps another one waiting; what was asked has every second turn.

#[derive(Clone, Copy)]
pub(super) enum Source {
    /// Commands, settings, the end.
    Asked,
    Timers,
    /// Actions that could not happen.
    Refused,
    Completions,
    Frames,
}

const ROUND: [Source; 8] = [
    Source::Asked,
    Source::Timers,
    Source::Asked,
    Source::Refused,
    Source::Asked,
    Source::Completions,
    Source::Asked,
    Source::Frames,
];

/// Whose turn it is.
#[derive(Default)]
pub(super) struct Turns(usize);

impl Turns {
    /// The sources of one round, each as its turn comes. Whoever stops early goes
    /// on there the next time.
    pub(super) fn round(&mut self) -> impl Iterator<Item = Source> {
        ROUND.iter().filter_map(|_| {
            let source = ROUND.get(self.0).copied();
            self.0 = (self.0 + 1) % ROUND.len();
            source
        })
    }
}
