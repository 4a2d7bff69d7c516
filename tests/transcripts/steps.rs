//! What can stand behind `>`: time that passes, crowds, deaths; the rest are events
//! and commands.

use qq_channel::contract::Action;

use crate::events::{event, request};
use crate::world::{HEARTBEAT_ACK, World};
use crate::{commands, shown};

/// What the channel does when this happens.
pub fn play(world: &mut World, verb: &str, rest: &str) -> Result<Vec<Action>, String> {
    let event = match verb {
        "wait" => return Ok(world.wait(duration(rest)?)),
        "beat" => return beat(world, duration(rest)?),
        "greeted" => return Ok(world.greet()),
        "hold" | "flow" => {
            world.frames_waiting = verb == "hold";
            return Ok(Vec::new());
        }
        "crowd" => return crowd(world, rest),
        "trap" => return Ok(world.restart(false)),
        "restart" => return Ok(world.restart(true)),
        "again" => {
            let (verb, rest) = rest.split_once(' ').unwrap_or((rest, ""));
            let event = event(world, verb, rest)?;
            return Ok(world.tell(event, true));
        }
        _ => match commands::command(verb, rest).or_else(|| shown::command(verb, rest)) {
            Some(command) => {
                let (id, request) = command?;
                return Ok(world.ask(id, request));
            }
            None => event(world, verb, rest)?,
        },
    };
    Ok(world.tell(event, false))
}

/// Lets time pass on a live connection; the platform acknowledges heartbeats and
/// renews tokens. Ends early when another socket is opened.
fn beat(world: &mut World, ms: u64) -> Result<Vec<Action>, String> {
    let mut actions = Vec::new();
    let until = world.mono_ms + ms;
    let opens = |action: &Action| matches!(action, Action::OpenSocket(_));
    while world.mono_ms < until && !actions.iter().any(opens) {
        let mut done = world.wait((until - world.mono_ms).min(5_000));
        let all = done.len();
        done.retain(
            |action| !matches!(action, Action::SendText(text) if text.text.contains(r#""op":1,"#)),
        );
        if done.len() < all && !world.sockets.is_empty() {
            done.extend(play(world, "frame", HEARTBEAT_ACK)?);
        }
        if request(world, "token").is_ok() {
            done.retain(
                |action| !matches!(action, Action::SendHttp(http) if http.method == "POST"),
            );
            done.extend(play(world, "token", "7200")?);
        }
        actions.extend(done);
    }
    Ok(actions)
}

/// Strangers who write all at once, one message each.
fn crowd(world: &mut World, rest: &str) -> Result<Vec<Action>, String> {
    let (size, words) = rest.split_once(' ').ok_or("how many, and what?")?;
    let mut actions = Vec::new();
    for n in 0..size.parse::<u32>().map_err(|_| "how many?")? {
        let said = format!("OPENID_{n} CROWD{n}_{} {words}", world.seq);
        actions.extend(play(world, "says", &said)?);
    }
    let strangers = world
        .state
        .keys()
        .filter(|key| key.starts_with("stranger/"));
    assert!(strangers.count() <= 512, "strangers without end");
    assert!(world.requests.len() <= 64, "the host allows no more");
    Ok(actions)
}

fn duration(text: &str) -> Result<u64, String> {
    let units = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];
    let unit = units
        .iter()
        .find_map(|(unit, ms)| Some((text.strip_suffix(unit)?.parse::<u64>().ok()?, ms)));
    unit.map(|(n, ms)| n * ms)
        .ok_or_else(|| format!("no duration: {text:?}"))
}
