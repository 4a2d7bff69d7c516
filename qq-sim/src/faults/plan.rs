//! A plan of faults for a long run: drawn by lot, the same again for the same seed.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Effect, Endpoint, Fault, HeldForAudit, HttpAnswer, ResumeRefusal, ScriptedRefusal, Stall,
};

/// One step of a [`FaultPlan`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlannedFault {
    /// Messages to let pass since the step before.
    pub after_messages: u32,
    /// What to schedule then.
    pub fault: Fault,
}

/// An endless sequence of faults, none of them fatal, decided by a seed alone.
///
/// Every kind of fault comes once in each round, in an order and with numbers drawn anew:
/// whoever takes [`FaultPlan::round`] steps has met them all. The plan schedules nothing;
/// its reader does, so a failed run is repeated by its seed.
///
/// ```
/// use qq_sim::FaultPlan;
/// let steps: Vec<_> = FaultPlan::seeded(7).take(100).collect();
/// let again: Vec<_> = FaultPlan::seeded(7).take(100).collect();
/// assert_eq!(steps, again);
/// // for step in steps { …say `step.after_messages` things…; sim.fault(step.fault); }
/// ```
#[derive(Clone, Debug)]
pub struct FaultPlan {
    dice: Dice,
    round: Vec<Fault>,
    lossless: bool,
    quick: bool,
}

impl FaultPlan {
    /// Messages between two faults, at most.
    pub const MAX_GAP: u32 = 8;

    /// The plan of this seed.
    #[must_use]
    pub const fn seeded(seed: u64) -> Self {
        Self {
            dice: Dice(seed),
            round: Vec::new(),
            lossless: false,
            quick: false,
        }
    }

    /// Only faults that cost nothing but time ([`Effect::Recoverable`]): a test may
    /// then expect every message to be answered.
    #[must_use]
    pub const fn lossless(mut self) -> Self {
        self.lossless = true;
        self
    }

    /// Without the faults that a client only notices by a timeout of its own, or answers
    /// with a pause of a minute.
    #[must_use]
    pub const fn quick(mut self) -> Self {
        self.quick = true;
        self
    }

    /// Steps in a round.
    #[must_use]
    pub fn round(&self) -> usize {
        self.clone().deal().len()
    }

    /// Draws a round, in order of the catalogue.
    fn deal(&mut self) -> Vec<Fault> {
        let mut faults = quick_faults(&mut self.dice);
        if !self.quick {
            faults.extend(slow_faults(&mut self.dice));
        }
        faults.retain(|fault| match fault.effect() {
            Effect::Recoverable => true,
            Effect::Lossy => !self.lossless,
            Effect::Fatal => false,
        });
        faults
    }
}

impl Iterator for FaultPlan {
    type Item = PlannedFault;

    fn next(&mut self) -> Option<PlannedFault> {
        if self.round.is_empty() {
            self.round = self.deal();
        }
        let place = self.dice.below(self.round.len());
        let fault = self.round.swap_remove(place);
        Some(PlannedFault {
            after_messages: 1 + self.dice.number(Self::MAX_GAP - 1),
            fault,
        })
    }
}

/// What a client notices at once.
fn quick_faults(dice: &mut Dice) -> Vec<Fault> {
    let ms = |dice: &mut Dice| u64::from(dice.number(100));
    let resume = [
        ResumeRefusal::InvalidSession(false),
        ResumeRefusal::Close(4006),
        ResumeRefusal::Close(4007),
        ResumeRefusal::Close(4902),
    ];
    let mut faults = vec![
        Fault::DropSocket,
        Fault::ResetSocket,
        Fault::CloseWith(dice.pick(&[1000, 1001, 4009])),
        Fault::CloseWith(dice.pick(&[4000, 4006, 4007, 4900, 4902, 4913])),
        Fault::DelayFrames { ms: ms(dice) },
        Fault::Reconnect,
        Fault::ReconnectThenClose {
            code: 4009,
            ms: ms(dice),
        },
        Fault::InvalidSession(true),
        Fault::InvalidSession(false),
        Fault::ServerHeartbeat,
        Fault::GarbageFrame(
            dice.pick(&["{not json", "[]", "{}", "\u{0}", "{\"op\":99}"])
                .to_owned(),
        ),
        Fault::RefuseUpgrade(dice.pick(&[500, 502, 503])),
        Fault::RefuseNextIdentify(dice.pick(&[4009, 4903])),
        Fault::DropNextIdentify,
        Fault::RefuseNextResume(dice.pick(&resume)),
        Fault::RefuseNextResume(
            dice.pick(&[ResumeRefusal::InvalidSession(true), ResumeRefusal::Drop]),
        ),
        // Five refusals in a row are where a client may slow down for minutes.
        Fault::op_9_storm(1 + dice.number(2), dice.pick(&[Some(4903), None])),
        Fault::ReplayOnNextResume(1 + dice.number(5)),
        Fault::DuplicateNextDispatch,
        Fault::LoseNextDispatch,
        Fault::SwapNextDispatches,
        Fault::StallNextDispatch(Stall::ReleaseAfterMs(ms(dice))),
        Fault::StallNextDispatch(Stall::CutAfterMs(ms(dice))),
    ];
    faults.extend(http_faults(dice));
    faults
}

fn http_faults(dice: &mut Dice) -> Vec<Fault> {
    let stale = refusal(
        401,
        &json!({"message": "token not exist or expire", "code": 11_244}),
    );
    let busy = refusal(
        dice.pick(&[500, 502, 503]),
        &json!({"message": "busy", "code": 0}),
    );
    let mut any = || dice.pick(&[Endpoint::Token, Endpoint::Gateway, Endpoint::UserMessage]);
    let [delayed, body, drip, cut, lost, page] = [(); 6].map(|()| Some(any()));
    vec![
        stale,
        busy,
        Fault::NextHttpDelay {
            endpoint: delayed,
            ms: u64::from(dice.number(200)),
        },
        Fault::DelayHttpBody {
            endpoint: body,
            ms: u64::from(dice.number(200)),
        },
        Fault::DripHttp {
            endpoint: drip,
            ms: 1 + u64::from(dice.number(2)),
        },
        Fault::TruncateHttp { endpoint: cut },
        Fault::ResetHttp {
            endpoint: lost,
            carried_out: dice.pick(&[true, false]),
        },
        Fault::LoseHttpAnswer {
            endpoint: Some(Endpoint::UserMessage),
        },
        Fault::EmptyHttp {
            endpoint: Some(dice.pick(&[Endpoint::Token, Endpoint::Gateway])),
        },
        Fault::HtmlBody {
            endpoint: page,
            status: dice.pick(&[502, 503, 504]),
        },
    ]
}

/// A message that is refused; the endpoint does not see it.
fn refusal(status: u16, body: &Value) -> Fault {
    Fault::NextHttp(HttpAnswer {
        endpoint: Some(Endpoint::UserMessage),
        status,
        body: body.clone(),
        headers: BTreeMap::new(),
    })
}

/// What a client notices by its own clock only, or waits a minute after, and what costs
/// it a message whatever it does.
fn slow_faults(dice: &mut Dice) -> Vec<Fault> {
    vec![
        Fault::Silence,
        Fault::CloseWith(4008),
        refusal(
            429,
            &json!({"message": "too many requests", "code": 1_100_100}),
        ),
        Fault::NoHello,
        Fault::StallNextDispatch(Stall::Forever),
        Fault::SkipNextAck,
        Fault::HangHttp {
            endpoint: Some(dice.pick(&[Endpoint::Token, Endpoint::Gateway, Endpoint::UserMessage])),
        },
        // Nothing is drawn for these, so that plans without them keep their seeds.
        Fault::RefuseNext(ScriptedRefusal::code(40_034_006)),
        Fault::AuditNextMessage(HeldForAudit::default()),
        Fault::OversizedFrame { bytes: 1_200_000 },
        Fault::BrokenText,
    ]
}

/// `SplitMix64`: a few lines instead of a dependency, and the same on every machine.
#[derive(Clone, Debug)]
struct Dice(u64);

impl Dice {
    const fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to `limit`, which is included.
    fn number(&mut self, limit: u32) -> u32 {
        u32::try_from(self.roll() % (u64::from(limit) + 1)).unwrap_or(limit)
    }

    /// A place in a list of this length, which is not empty.
    fn below(&mut self, length: usize) -> usize {
        usize::try_from(self.roll() % (length.max(1) as u64)).unwrap_or_default()
    }

    #[expect(clippy::indexing_slicing, reason = "below(N) is below N")]
    fn pick<T: Copy, const N: usize>(&mut self, choices: &[T; N]) -> T {
        const { assert!(N > 0, "nothing to choose from") };
        choices[self.below(N)]
    }
}
