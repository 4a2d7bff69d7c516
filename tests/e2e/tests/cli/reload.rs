//! A running channel gets another component, from outside or when its folder
//! changes; its trace can be run again.

use std::path::Path;
use std::process::Output;

use e2e::{SOON, plugins, qq_table, sim};

use crate::place::{Place, finished, prx_channel, said};
use crate::running::Running;

async fn reload(state: &Path) -> Output {
    let mut reload = prx_channel();
    reload.args(["reload", "qq", "--state"]).arg(state);
    finished(&mut reload).await
}

async fn replay(trace: &Path) -> Output {
    let mut replay = prx_channel();
    replay.arg("replay").arg(trace);
    replay.arg("--plugin").arg(plugins().join("qq"));
    finished(&mut replay).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_channel_is_reloaded_from_outside_and_when_its_folder_changes() {
    let (place, sim) = (Place::new(), sim().await);
    let folder = place.copy_of(&plugins().join("qq"));
    let trace = place.path("trace");
    let mut command = place.serve(&qq_table(&sim, ""), folder.parent().unwrap());
    let mut running = Running::telling(command.arg("--trace").arg(&trace));
    running.is_ready().await;
    let output = reload(&place.path("state")).await;
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(
        said(&output).contains("qq 0.1.0: reloaded, paused"),
        "{}",
        said(&output)
    );
    sim.user("USER1").says("hello");
    running
        .next("reply", |event| event["text"] == "hello")
        .await;
    // Replaced in one step, as an installer would.
    let manifest = std::fs::read_to_string(folder.join("plugin.toml")).unwrap();
    let part = folder.join("part");
    std::fs::write(&part, manifest.replacen("0.1.0", "0.2.0", 1)).unwrap();
    std::fs::rename(&part, folder.join("plugin.toml")).unwrap();
    let starts = || {
        std::fs::read_to_string(&trace)
            .unwrap()
            .matches("\"start\":{")
            .count()
    };
    let mut look = tokio::time::interval(std::time::Duration::from_millis(50));
    let noticed = async {
        while starts() < 3 {
            look.tick().await;
        }
    };
    tokio::time::timeout(SOON, noticed)
        .await
        .expect("the change was not noticed");
    sim.user("USER1").says("again");
    running
        .next("reply", |event| event["text"] == "again")
        .await;
    assert_eq!(running.interrupt().await, Some(0));
    assert_eq!(
        sim.journal()
            .iter()
            .filter(|entry| matches!(entry.record, qq_sim::Record::SocketOpened))
            .count(),
        1
    );
    let output = replay(&trace).await;
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains(" 0 differ"), "{}", said(&output));
    // A trace that says something else is told apart.
    let changed = std::fs::read_to_string(&trace)
        .unwrap()
        .replace("token_granted", "token_stolen");
    std::fs::write(&trace, changed).unwrap();
    let output = replay(&trace).await;
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("token_stolen") && said(&output).contains("token_granted"));
}

#[tokio::test(flavor = "multi_thread")]
async fn reloading_what_does_not_run_says_so() {
    let place = Place::new();
    let output = reload(&place.path("")).await;
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(
        said(&output).contains("does not run here"),
        "{}",
        said(&output)
    );
}
