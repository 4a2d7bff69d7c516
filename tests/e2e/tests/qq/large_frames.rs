//! Frames that are too large, or no text at all: what is behind them arrives.

use e2e::{Rig, SOON};
use qq_sim::{Entry, Fault, Record};

const MIB: usize = 1024 * 1024;

async fn answered(rig: &Rig, text: &str) {
    rig.sim.user("USER2").says(text);
    let reply = rig.sim.next_reply(SOON).await.unwrap();
    assert_eq!(reply.text.as_deref(), Some(text));
}

fn count(rig: &Rig, wanted: fn(&Record) -> bool) -> usize {
    let journal = rig.sim.journal();
    journal.iter().filter(|entry| wanted(&entry.record)).count()
}

fn resumes(rig: &Rig) -> usize {
    count(rig, |record| matches!(record, Record::Resumed { .. }))
}

fn identifies(rig: &Rig) -> usize {
    count(rig, |record| matches!(record, Record::Identified { .. }))
}

fn counter(rig: &Rig, name: &str) -> u64 {
    rig.channel().unwrap().counters().get(name)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_larger_than_the_contract_costs_itself_only() {
    let rig = Rig::start().await.unwrap();
    // What fits exactly is given.
    let fits = u32::try_from(MIB).unwrap();
    rig.sim.fault(Fault::OversizedFrame { bytes: fits });
    answered(&rig, "fits").await;
    assert_eq!(counter(&rig, "frames_skipped"), 0);
    rig.sim.user("USER1").says(&"x".repeat(MIB + MIB / 10));
    answered(&rig, "behind").await;
    assert_eq!(counter(&rig, "frames_skipped"), 1);
    assert_eq!((identifies(&rig), resumes(&rig)), (1, 0));
    // The number of the event left out is covered by the one behind it.
    rig.sim.fault(Fault::DropSocket);
    answered(&rig, "resumed").await;
    assert_eq!(counter(&rig, "frames_skipped"), 1);
    assert_eq!((identifies(&rig), resumes(&rig)), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_left_out_at_the_very_end_comes_again_and_harms_nothing() {
    let rig = Rig::start().await.unwrap();
    rig.sim.user("USER1").says(&"x".repeat(7 * MIB));
    rig.sim.fault(Fault::DropSocket);
    answered(&rig, "behind").await;
    assert_eq!((identifies(&rig), resumes(&rig)), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_the_host_does_not_read_is_left_behind_after_one_resume() {
    let rig = Rig::start().await.unwrap();
    let mark = rig.sim.mark();
    rig.sim.user("USER1").says(&"x".repeat(9 * MIB));
    let anew = |entry: &Entry| matches!(entry.record, Record::Identified { .. });
    rig.sim.wait_after(mark, anew, SOON).await.unwrap();
    rig.wait_ready().await.unwrap();
    answered(&rig, "behind").await;
    assert_eq!((identifies(&rig), resumes(&rig)), (2, 1));
    assert_eq!(counter(&rig, "frames_unreadable"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_is_no_text_costs_a_resume() {
    let rig = Rig::start().await.unwrap();
    answered(&rig, "before").await;
    let mark = rig.sim.mark();
    rig.sim.fault(Fault::BrokenText);
    let back = |entry: &Entry| matches!(entry.record, Record::Resumed { .. });
    rig.sim.wait_after(mark, back, SOON).await.unwrap();
    answered(&rig, "behind").await;
    assert_eq!((identifies(&rig), resumes(&rig)), (1, 1));
    assert_eq!(counter(&rig, "frames_unreadable"), 1);
}
