//! Plans of faults: the same for a seed, never fatal, and complete.

use std::collections::BTreeSet;

use crate::support::{Client, Said, USER};
use qq_sim::{Effect, Fault, FaultPlan, PlannedFault, Sim, SimConfig};
use serde_json::{Value, json};

fn steps(plan: FaultPlan, count: usize) -> Vec<PlannedFault> {
    plan.take(count).collect()
}

/// The name under which a fault is serialised.
fn name(fault: &Fault) -> String {
    match json!(fault) {
        Value::String(name) => name,
        Value::Object(fields) => fields.into_iter().next().unwrap().0,
        other => panic!("{other}"),
    }
}

#[test]
fn the_seed_alone_decides() {
    for seed in [0, 1, u64::MAX] {
        assert_eq!(
            steps(FaultPlan::seeded(seed), 500),
            steps(FaultPlan::seeded(seed), 500)
        );
    }
    assert_ne!(
        steps(FaultPlan::seeded(1), 50),
        steps(FaultPlan::seeded(2), 50)
    );
}

/// On every machine; a new kind of fault changes this, and what seeds in old reports mean.
#[test]
fn a_seed_keeps_its_meaning() {
    let begin: Vec<_> = steps(FaultPlan::seeded(42), 4)
        .iter()
        .map(|step| (step.after_messages, name(&step.fault)))
        .collect();
    let begin: Vec<_> = begin.iter().map(|(n, name)| (*n, name.as_str())).collect();
    assert_eq!(
        begin,
        [
            (4, "broken_text"),
            (7, "swap_next_dispatches"),
            (7, "reset_http"),
            (4, "next_http_delay")
        ]
    );
}

#[test]
fn nothing_in_it_is_fatal_and_nothing_costly_in_a_lossless_one() {
    for seed in 0..200 {
        for step in steps(FaultPlan::seeded(seed), 100) {
            assert_ne!(step.fault.effect(), Effect::Fatal, "{step:?}");
            assert!((1..=FaultPlan::MAX_GAP).contains(&step.after_messages));
        }
        for step in steps(FaultPlan::seeded(seed).lossless(), 100) {
            assert_eq!(step.fault.effect(), Effect::Recoverable, "{step:?}");
        }
    }
}

#[test]
fn a_round_has_every_kind() {
    let complaint = serde_json::from_str::<Fault>(r#""?""#).unwrap_err();
    let complaint = complaint.to_string();
    let all: BTreeSet<String> = complaint
        .split('`')
        .skip(3)
        .step_by(2)
        .map(str::to_owned)
        .collect();
    for seed in 0..20 {
        let plan = FaultPlan::seeded(seed);
        let round = plan.round();
        let met = |steps: &[PlannedFault]| -> BTreeSet<String> {
            let faults = steps.iter().flat_map(|step| match &step.fault {
                Fault::Repeat { fault, .. } => vec![name(&step.fault), name(fault)],
                fault => vec![name(fault)],
            });
            faults.collect()
        };
        let steps = steps(plan, 2 * round);
        assert_eq!(met(&steps[..round]), all);
        assert_eq!(met(&steps[round..]), all);
        let slow = ["silence", "no_hello", "hang_http", "skip_next_ack"];
        let quick = met(&self::steps(FaultPlan::seeded(seed).quick(), 3 * round));
        assert!(slow.iter().all(|slow| !quick.contains(*slow)));
    }
}

#[tokio::test]
async fn a_client_that_always_comes_back_gets_every_message_of_a_lossless_plan() {
    for seed in 0..3 {
        live_through(FaultPlan::seeded(seed).lossless().quick()).await;
    }
}

async fn live_through(plan: FaultPlan) {
    let sim = Sim::start(SimConfig::default()).await.unwrap();
    sim.rules(|rules| rules.gateway_rate = false);
    let client = Client::new(&sim).await;
    let (mut socket, session) = client.ready().await;
    let (mut said, mut seen, mut seq) = (0_usize, BTreeSet::new(), 1);
    let round = plan.round();
    for step in plan.take(2 * round) {
        for _ in 0..step.after_messages {
            sim.user(USER).says(&said.to_string());
            said += 1;
        }
        sim.fault(step.fault);
        sim.user(USER).says(&said.to_string());
        said += 1;
        while seen.len() < said {
            match socket.next().await {
                Said::Frame(frame) if frame["op"] == 0 => {
                    seq = frame["s"].as_u64().unwrap().max(seq);
                    if let Some(text) = frame["d"]["content"].as_str() {
                        seen.insert(text.to_owned());
                    }
                }
                // Op 9 `true`, as an answer to Resume or out of the blue, and op 7.
                Said::Frame(_) | Said::Text(_) => {}
                Said::Closed(_) => socket = client.comes_back(&session, seq).await,
            }
        }
    }
    assert_eq!(seen.len(), said);
    assert_eq!(sim.max_live_sockets(), 1);
}
