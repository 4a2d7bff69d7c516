//! The acts of the demonstration. Each fails if what it shows did not happen.

use std::time::Instant;

use e2e::{APP_ID, Rig, SOON, SetUp};
use prx_channel_host::Crossing;
use prx_channel_host::contract::{Event, OutboundMessage, Request};
use qq_sim::{Record, SentMessage};

use crate::show::{Printed, crossings, heading, line};

/// Starts platform, host and agent and waits for READY.
pub(crate) async fn connect() -> SetUp<Rig> {
    heading("1. The channel connects");
    let began = Instant::now();
    let rig = Rig::start().await?;
    line(&format!("platform   {} (simulated)", rig.sim.base_url()));
    line(&format!("status     {}", rig.status()?.borrow().detail));
    line(&format!(
        "ready in   {} ms, compiling the component included",
        began.elapsed().as_millis()
    ));
    crossings(&rig, Printed::All);
    Ok(rig)
}

/// A C2C message and its answer.
pub(crate) async fn private_message(rig: &Rig) -> SetUp<()> {
    heading("2. A user writes in private");
    let before = rig.crossings.all().len();
    let text = "你好, can you hear me?";
    line(&format!("Ming  › {text}"));
    let id = rig.sim.user("MING").says(text);
    answered(rig, 1, &id, text, "Ming").await?;
    crossings(rig, Printed::From(before));
    Ok(())
}

/// A mention in a group and its answer.
pub(crate) async fn group_message(rig: &Rig) -> SetUp<()> {
    heading("3. Somebody mentions the bot in a group");
    let before = rig.crossings.all().len();
    let text = "what do you say to this?";
    line(&format!("Hua   › @bot {text}   (group TEA)"));
    let id = rig.sim.group("TEA").member("HUA").mentions_bot(text);
    answered(rig, 2, &id, text, "TEA").await?;
    crossings(rig, Printed::From(before));
    Ok(())
}

/// The instance is killed; the session goes on over the same socket.
pub(crate) async fn death(rig: &Rig) -> SetUp<()> {
    heading("4. The component dies, and nobody outside can tell");
    let before = rig.crossings.all().len();
    rig.commands()?.kill_instance().await;
    let text = "are you still there?";
    line(&format!("Ming  › {text}"));
    let id = rig.sim.user("MING").says(text);
    answered(rig, 3, &id, text, "Ming").await?;
    crossings(rig, Printed::From(before));
    let gap = gap(rig).ok_or("the death was not seen")?;
    line(&format!(
        "death to fresh instance with its state: {:.2} ms",
        gap.as_secs_f64() * 1000.0
    ));
    Ok(())
}

/// An answer too long for one message, in Markdown. Returns its parts.
pub(crate) async fn long_answer(rig: &Rig) -> SetUp<usize> {
    heading("5. A long answer goes out in parts, as far as the window takes them");
    let section = |n: u32| {
        let code = format!("let answer_{n} = {n} * {n};\n").repeat(12);
        format!("### Step {n}\n\nSome **words** about step {n}.\n\n```rust\n{code}```\n\n")
    };
    let text: String = (1..=20).map(section).collect();
    let ming = format!("c2c:{APP_ID}:MING");
    let receipt = rig
        .commands()?
        .send(OutboundMessage::text(ming, text.clone()))
        .await
        .map_err(|failure| failure.message)?;
    for _ in &receipt.message_ids {
        let part = rig.sim.next_reply(SOON).await?;
        let shown = part.text.unwrap_or_default();
        let first = shown.lines().find(|line| !line.is_empty());
        let last = shown.lines().last().unwrap_or_default();
        line(&format!(
            "bot   › {} … {last}   ({} characters)",
            first.unwrap_or_default(),
            shown.chars().count()
        ));
    }
    line(&format!("receipt    {:?}", receipt.how));
    if receipt.message_ids.len() < 2 {
        return Err("the answer should have gone out in parts".into());
    }
    Ok(receipt.message_ids.len())
}

/// What the platform saw of all this; `parts` of the long answer are among it.
pub(crate) fn summary(rig: &Rig, parts: usize) -> SetUp<()> {
    heading("What the platform saw");
    let journal = rig.sim.journal();
    let count =
        |wanted: fn(&Record) -> bool| journal.iter().filter(|entry| wanted(&entry.record)).count();
    let sockets = count(|record| matches!(record, Record::SocketOpened));
    let identifies = count(|record| matches!(record, Record::Identified { .. }));
    let resumes = count(|record| matches!(record, Record::Resumed { .. }));
    let replies = count(|record| matches!(record, Record::MessageAccepted(_)));
    line(&format!(
        "{sockets} socket, {identifies} identify, {resumes} resumes, {replies} replies accepted"
    ));
    let deaths = rig.channel()?.counters().get("instance_deaths");
    if (sockets, identifies, resumes, replies, deaths) != (1, 1, 0, 3 + parts, 1) {
        return Err(
            "the platform should have seen one socket, one identify and every reply".into(),
        );
    }
    Ok(())
}

async fn answered(rig: &Rig, turn: usize, id: &str, text: &str, who: &str) -> SetUp<SentMessage> {
    let reply = rig.sim.next_reply(SOON).await?;
    line(&format!(
        "bot   › {}   (to {who}, msg_seq {})",
        reply.text.as_deref().unwrap_or_default(),
        reply.msg_seq
    ));
    if reply.msg_id.as_deref() != Some(id) || reply.text.as_deref() != Some(text) {
        return Err(format!("not the answer to {id}: {reply:?}").into());
    }
    // The channel learns that the turn is over after the platform has the reply.
    let turn_over = |seen: &[(Instant, Crossing)]| {
        seen.iter()
            .filter(|(_, crossing)| ends_turn(crossing))
            .count()
            >= turn
    };
    if !rig.crossings.wait(SOON, turn_over).await {
        return Err("the turn did not end".into());
    }
    Ok(reply)
}

fn ends_turn(crossing: &Crossing) -> bool {
    matches!(crossing, Crossing::Event { envelope, .. }
        if matches!(&envelope.event, Event::Command(command) if matches!(command.request, Request::TurnEnded(_))))
}

/// From the newest death to the start that followed it.
fn gap(rig: &Rig) -> Option<std::time::Duration> {
    let all = rig.crossings.all();
    let death = all
        .iter()
        .rposition(|(_, crossing)| matches!(crossing, Crossing::Death { .. }))?;
    let (died, _) = all.get(death)?;
    let (born, _) = all
        .iter()
        .skip(death)
        .find(|(_, crossing)| matches!(crossing, Crossing::Start { .. }))?;
    Some(born.duration_since(*died))
}
