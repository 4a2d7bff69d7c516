//! `prx-channel doctor`: it names the step that fails, and what to do.

use e2e::{APP_ID, SECRET, qq_table, sim};
use qq_sim::{Bot, Fault, Sim, SimConfig};

use crate::place::{Place, said};

#[tokio::test(flavor = "multi_thread")]
async fn loopback_is_refused_without_its_switch() {
    let sim = sim().await;
    let output = Place::new()
        .run(&["doctor", "qq"], &qq_table(&sim, ""))
        .await;
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("--allow-loopback"), "{said}");
    assert!(sim.journal().is_empty(), "nothing was dialled");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_a_healthy_bot_healthy() {
    let sim = sim().await;
    let output = Place::new()
        .run(&["doctor", "qq", "--allow-loopback"], &qq_table(&sim, ""))
        .await;
    let said = said(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    for step in ["configuration", "token", "gateway", "identify"] {
        assert!(said.contains(&format!("✔ {step}")), "{step}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_names_the_step_that_fails_and_its_remedy() {
    let sim = sim().await;
    let table = qq_table(&sim, "");
    let base = sim.base_url();
    let cases = [
        (
            "wrong secret",
            table.replace(SECRET, "something-else"),
            "✘ token",
            "secret",
        ),
        (
            "wrong app id",
            table.replace(APP_ID, "999"),
            "✘ token",
            "appid",
        ),
        (
            "dead host",
            table.replace(&base, "http://127.0.0.1:9"),
            "✘ token",
            "connect",
        ),
        (
            "dead api",
            table.replace(
                &format!("api_base = \"{base}\""),
                "api_base = \"http://127.0.0.1:9\"",
            ),
            "✘ gateway",
            "connect",
        ),
    ];
    for (name, config, step, word) in cases {
        let output = Place::new()
            .run(&["doctor", "qq", "--allow-loopback"], &config)
            .await;
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{name}: {said}");
        assert!(said.contains(step), "{name}: {said}");
        assert!(said.to_lowercase().contains(word), "{name}: {said}");
        assert!(said.contains('→'), "{name} has no remedy: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_says_which_gateway_refusal_it_met() {
    let sim = sim().await;
    sim.fault(Fault::RefuseNextIdentify(4914));
    let output = Place::new()
        .run(&["doctor", "qq", "--allow-loopback"], &qq_table(&sim, ""))
        .await;
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("✘ identify") && said.contains("sandbox"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_nobody_vouches_for_is_refused_and_named() {
    for tls in [qq_sim::Tls::SelfSigned, qq_sim::Tls::Expired] {
        let config = SimConfig::with_bots([Bot::new(APP_ID, SECRET)]).tls(tls);
        let sim = Sim::start(config).await.unwrap();
        assert!(sim.base_url().starts_with("https://"));
        let output = Place::new()
            .run(&["doctor", "qq", "--allow-loopback"], &qq_table(&sim, ""))
            .await;
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("✘ token") && said.contains("TLS"), "{said}");
        assert!(said.contains("certificate"), "{said}");
        assert_eq!(sim.token_fetches(), 0);
    }
}
