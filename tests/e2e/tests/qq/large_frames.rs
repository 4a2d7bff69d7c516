//! Frames that are too large, or no text at all: what is behind them arrives.

use e2e::{Rig, SOON};
use qq_sim::{Entry, Fault, Record};

const MIB: usize = 1024 * 1024;

fn counter(rig: &Rig, name: &str) -> u64 {
    rig.channel().unwrap().counters().get(name)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_larger_than_the_contract_costs_itself_only() {
    let rig = Rig::start().await.unwrap();
    // What fits exactly is given.
    let fits = u32::try_from(MIB).unwrap();
    rig.sim.fault(Fault::OversizedFrame { bytes: fits });
    rig.echoes("USER2", "fits").await;
    assert_eq!(counter(&rig, "frames_skipped"), 0);
    rig.sim.user("USER1").says(&"x".repeat(MIB + MIB / 10));
    rig.echoes("USER2", "behind").await;
    assert_eq!(counter(&rig, "frames_skipped"), 1);
    assert_eq!((rig.identifies(), rig.resumes()), (1, 0));
    // The number of the event left out is covered by the one behind it.
    rig.sim.fault(Fault::DropSocket);
    rig.echoes("USER2", "resumed").await;
    assert_eq!(counter(&rig, "frames_skipped"), 1);
    assert_eq!((rig.identifies(), rig.resumes()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_left_out_at_the_very_end_comes_again_and_harms_nothing() {
    let rig = Rig::start().await.unwrap();
    rig.sim.user("USER1").says(&"x".repeat(7 * MIB));
    rig.sim.fault(Fault::DropSocket);
    rig.echoes("USER2", "behind").await;
    assert_eq!((rig.identifies(), rig.resumes()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_the_host_does_not_read_is_left_behind_after_one_resume() {
    let rig = Rig::start().await.unwrap();
    let mark = rig.sim.mark();
    rig.sim.user("USER1").says(&"x".repeat(9 * MIB));
    let anew = |entry: &Entry| matches!(entry.record, Record::Identified { .. });
    rig.sim.wait_after(mark, anew, SOON).await.unwrap();
    rig.wait_ready().await.unwrap();
    rig.echoes("USER2", "behind").await;
    assert_eq!((rig.identifies(), rig.resumes()), (2, 1));
    assert_eq!(counter(&rig, "frames_unreadable"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_is_no_text_costs_a_resume() {
    let rig = Rig::start().await.unwrap();
    rig.echoes("USER2", "before").await;
    let mark = rig.sim.mark();
    rig.sim.fault(Fault::BrokenText);
    let back = |entry: &Entry| matches!(entry.record, Record::Resumed { .. });
    rig.sim.wait_after(mark, back, SOON).await.unwrap();
    rig.echoes("USER2", "behind").await;
    assert_eq!((rig.identifies(), rig.resumes()), (1, 1));
    assert_eq!(counter(&rig, "frames_unreadable"), 1);
}
