//! Everything that can go wrong, at random and again from the same seed: faults
//! of every kind, host kills, component reloads. What must hold in the end:
//! every message reached the agent, every reply was accepted, each once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use prx_channel::agent::{Agent, Reply, Turn};
use prx_channel_host::contract::ChannelState;
use qq_sim::{Bot, Endpoint, Fault, FaultPlan, HttpAnswer, Record, SimConfig};
use serde_json::json;

use crate::rig::SetUp;
use crate::watch::Crossings;
use crate::{APP_ID, Rig, RigOptions, SECRET, plugins, qq_config};

/// Users who write.
const USERS: usize = 20;
/// Messages said and not yet answered; more waits.
const OUTSTANDING: usize = 40;
/// Nothing was answered for this long: something is stuck.
const STUCK: Duration = Duration::from_secs(60);
/// How long a pause is watched before the operator steps in.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// How a run is made.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Decides every fault, kill and reload.
    pub seed: u64,
    /// Messages to be said.
    pub messages: usize,
    /// Messages between two host kills.
    pub kill_every: usize,
    /// Messages between two reloads.
    pub reload_every: usize,
    /// Messages between two changes of the weather.
    pub weather_every: usize,
}

/// What goes on for a while, or comes in numbers; each in its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weather {
    /// Requests that are never answered.
    Hung,
    /// Requests refused as too many, with a time to wait.
    RateLimit,
    /// Every request for a message fails, some as the connection does.
    Outage,
    /// Events larger than the contract takes.
    Oversized,
    /// Every commit takes long.
    SlowDisk,
    /// For a moment no commit is taken.
    FullDisk,
}

const WEATHER: [Weather; 6] = [
    Weather::Hung,
    Weather::RateLimit,
    Weather::Outage,
    Weather::Oversized,
    Weather::SlowDisk,
    Weather::FullDisk,
];

/// What happened.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Faults put into the platform.
    pub faults: usize,
    /// Host kills survived.
    pub kills: usize,
    /// Reloads done.
    pub reloads: usize,
    /// Most sockets in use at one time.
    pub most_sockets: usize,
    /// How often there was which weather.
    pub weather: BTreeMap<Weather, usize>,
    /// Messages the agent was given again, after a kill.
    pub given_again: usize,
    /// What must not be: one line each.
    pub wrong: Vec<String>,
}

/// Echoes, and remembers what it was given.
#[derive(Default)]
struct Witness {
    given: Mutex<BTreeMap<String, (usize, usize)>>,
}

impl Agent for Witness {
    fn answer(&self, turn: Turn) -> Reply<'_> {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let (first, again) = given.entry(turn.message.text.clone()).or_default();
        *(if turn.again { again } else { first }) += 1;
        Box::pin(async move { Ok(turn.message.text) })
    }
}

/// Runs a plan to its end; `crossings` keeps everything for a replay.
///
/// # Errors
/// When the run gets stuck or the host cannot be started again.
pub async fn run(plan: Plan, crossings: &Crossings) -> SetUp<Outcome> {
    let witness = Arc::new(Witness::default());
    let mut sim =
        SimConfig::with_bots([Bot::new(APP_ID, SECRET)]).heartbeat(Duration::from_secs(2));
    sim.journal_buffer = plan.messages * 40 + 10_000;
    sim.replay_buffer = plan.messages + 1_000;
    let options = RigOptions {
        sim,
        agent: witness.clone(),
        crossings: crossings.clone(),
        ..RigOptions::default()
    };
    let mut rig = Rig::start_with(options).await?;
    let mut outcome = Outcome::default();
    let mut faults = FaultPlan::seeded(plan.seed).lossless().quick();
    let mut next_fault = faults.next();
    let mut quiet = 0;
    for number in 0..plan.messages {
        if let Some(step) = next_fault.take_if(|step| quiet >= step.after_messages) {
            rig.sim.fault(step.fault);
            outcome.faults += 1;
            quiet = 0;
            next_fault = faults.next();
        }
        quiet += 1;
        if number % plan.weather_every == plan.weather_every - 1 {
            change_weather(&rig, number / plan.weather_every, &mut outcome);
        }
        rig.sim.user(&user(number)).says(&text(number));
        if number % plan.reload_every == plan.reload_every - 1 {
            reload(&rig, &mut outcome).await?;
        }
        if number % plan.kill_every == plan.kill_every - 1 {
            // A host does not start on a full disk.
            rig.disk.set_full(false);
            // The faults that met no request so far may all meet the first ones: how
            // long it pauses then is judged by `until_answered`.
            rig.relaunch().await?;
            outcome.kills += 1;
        }
        until_answered(&rig, (number + 1).saturating_sub(OUTSTANDING), &mut outcome).await?;
    }
    rig.sim.clear_faults();
    clear_sky(&rig);
    until_answered(&rig, plan.messages, &mut outcome).await?;
    check(&rig, &witness, plan, &mut outcome);
    Ok(outcome)
}

/// Ends what there was, and begins the next.
fn change_weather(rig: &Rig, turn: usize, outcome: &mut Outcome) {
    clear_sky(rig);
    let Some(&weather) = WEATHER.get(turn % WEATHER.len()) else {
        return;
    };
    *outcome.weather.entry(weather).or_default() += 1;
    let messages = Some(Endpoint::UserMessage);
    match weather {
        Weather::Hung => drop(
            rig.sim
                .fault(Fault::HangHttp { endpoint: messages }.times(3)),
        ),
        Weather::RateLimit => drop(rig.sim.fault(too_many().times(2))),
        Weather::Outage => {
            let down = Fault::HtmlBody {
                endpoint: messages,
                status: 502,
            };
            rig.sim.fault(down.times(40));
            let gone = Fault::ResetHttp {
                endpoint: messages,
                carried_out: false,
            };
            rig.sim.fault(gone.times(10));
        }
        Weather::Oversized => {
            let padding = "x".repeat(1_200_000);
            rig.sim
                .inject("UNKNOWN_EVENT", json!({ "padding": padding }));
        }
        Weather::SlowDisk => rig.disk.set_slow(100),
        Weather::FullDisk => rig.disk.set_full(true),
    }
}

fn clear_sky(rig: &Rig) {
    rig.disk.set_slow(0);
    rig.disk.set_full(false);
}

fn too_many() -> Fault {
    Fault::NextHttp(HttpAnswer {
        endpoint: Some(Endpoint::UserMessage),
        status: 429,
        body: json!({"message": "too many requests", "code": 100_001}),
        headers: BTreeMap::from([("retry-after".to_owned(), "1".to_owned())]),
    })
}

fn user(number: usize) -> String {
    format!("USER{:02}", number % USERS)
}

fn text(number: usize) -> String {
    format!("message {number}")
}

/// Waits until so many replies have been accepted. A channel that pauses after a
/// loss, as it must, is given a fresh component, which tries at once: an operator
/// in a hurry. One that is connected and silent is left alone, and found out.
async fn until_answered(rig: &Rig, wanted: usize, outcome: &mut Outcome) -> SetUp<()> {
    let more = |entry: &qq_sim::Entry| matches!(entry.record, Record::MessageAccepted(_));
    let mut quiet_since = Instant::now();
    loop {
        let mark = rig.sim.mark();
        let accepted = rig.sim.sent_messages().len();
        if accepted >= wanted {
            return Ok(());
        }
        if rig.sim.wait_after(mark, more, PATIENCE).await.is_ok() {
            quiet_since = Instant::now();
            continue;
        }
        let status = rig.status()?.borrow().clone();
        if quiet_since.elapsed() > STUCK {
            let story = history(rig);
            return Err(
                format!("stuck at {accepted} of {wanted} replies, {status:?}\n{story}").into(),
            );
        }
        clear_sky(rig);
        if status.state != ChannelState::Ready {
            reload(rig, outcome).await?;
        }
    }
}

async fn reload(rig: &Rig, outcome: &mut Outcome) -> SetUp<()> {
    let config = qq_config(&rig.sim, "")?;
    let folder = plugins().join("qq");
    rig.host.reload(&rig.commands()?, &folder, &config).await?;
    outcome.reloads += 1;
    Ok(())
}

/// The sessions' last ups and downs, for a run that got stuck.
fn history(rig: &Rig) -> String {
    let telling = |record: &Record| {
        !matches!(
            record,
            Record::FrameIn { op: Some(1), .. }
                | Record::FrameOut { op: 11, .. }
                | Record::Http { .. }
                | Record::MessageAccepted(_)
        )
    };
    let journal = rig.sim.journal();
    let told = journal.iter().filter(|entry| telling(&entry.record));
    let mut lines: Vec<String> = told.map(|entry| format!("{entry:?}\n")).collect();
    lines.split_off(lines.len().saturating_sub(60)).concat()
}

fn check(rig: &Rig, witness: &Witness, plan: Plan, outcome: &mut Outcome) {
    let mut accepted: BTreeMap<String, usize> = BTreeMap::new();
    for reply in rig.sim.sent_texts() {
        *accepted.entry(reply).or_default() += 1;
    }
    let given = witness.given.lock().unwrap_or_else(PoisonError::into_inner);
    for number in 0..plan.messages {
        let text = text(number);
        let replies = accepted.remove(&text).unwrap_or_default();
        let (first, again) = given.get(&text).copied().unwrap_or_default();
        if replies != 1 {
            outcome
                .wrong
                .push(format!("`{text}`: {replies} replies accepted"));
        }
        // Given again only because a host died before it was answered; if it
        // died even before it was handed over, the second time is the first.
        if first > 1 || first + again == 0 || again > outcome.kills {
            outcome.wrong.push(format!(
                "`{text}`: given to the agent {first} times, {again} times again"
            ));
        }
        outcome.given_again += again;
    }
    outcome.wrong.extend(
        accepted
            .into_keys()
            .map(|text| format!("`{text}`: nobody said that")),
    );
    outcome.most_sockets = rig.sim.max_live_sockets();
    if outcome.most_sockets > 1 {
        outcome.wrong.push(format!(
            "{} sockets in use at one time",
            outcome.most_sockets
        ));
    }
}
