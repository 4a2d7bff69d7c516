//! An `exec` agent that streams, works and dies, through the real component.

use std::sync::Arc;

use e2e::{Rig, RigOptions, answer};
use prx_channel::agent::Exec;

/// Says what it does and what it has, then answers; `die` kills it at once,
/// `half` after half an answer.
const TALKATIVE: &str = r#"while read -r line; do
    turn=${line#*\"turn\":}; turn=${turn%%[,\}]*}
    say() { echo "{\"type\":\"$1\",\"turn\":$turn,\"$2\":\"$3\"}"; }
    case "$line" in
        *\"text\":\"die*) exit 3;;
        *\"text\":\"half*) say delta text "half an ans"; exit 3;;
        *) say progress text "searching"; say delta text "all "; say progress text "reading"
           say delta text "of it"; say reply text "all of it";;
    esac; done"#;

async fn rig() -> Rig {
    let options = RigOptions {
        agent: Arc::new(Exec::new(TALKATIVE)),
        ..RigOptions::default()
    };
    Rig::start_with(options).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_does_is_never_text() {
    let rig = rig().await;
    assert_eq!(answer(&rig.sim, "USER1", "hello").await, "all of it");
    assert_eq!(answer(&rig.sim, "USER1", "and again").await, "all of it");
    let texts = rig.sim.sent_texts();
    assert!(
        !texts.iter().any(|text| text.contains("searching")),
        "{texts:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn its_death_costs_one_apology_and_no_other_chat() {
    let rig = rig().await;
    assert!(
        answer(&rig.sim, "USER1", "half")
            .await
            .starts_with("⚠️ Something")
    );
    assert_eq!(answer(&rig.sim, "USER2", "hello").await, "all of it");
    assert!(
        answer(&rig.sim, "USER1", "die 请稍等一下")
            .await
            .starts_with("⚠️ 出错了")
    );
    assert_eq!(answer(&rig.sim, "USER1", "hello").await, "all of it");
}
