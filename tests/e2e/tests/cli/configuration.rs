//! What is wrong with the configuration or a plugin folder exits 2, in words.

use std::path::PathBuf;

use e2e::{APP_ID, SECRET, plugins, test_plugins};

use crate::place::{Place, finished, said};

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_configuration_exits_2_and_says_what_to_write() {
    let good = format!("[channels_config.qq]\napp_id = \"{APP_ID}\"\napp_secret = \"{SECRET}\"\n");
    let cases: &[(&str, String, &[&str])] = &[
        (
            "typo",
            format!("{good}alowed_users = []\n"),
            &["alowed_users", "allowed_users"],
        ),
        (
            "type",
            good.replace(&format!("\"{APP_ID}\""), APP_ID),
            &["app_id", "quotes"],
        ),
        (
            "no secret",
            good.replace("app_secret", "# "),
            &["app_secret"],
        ),
        (
            "env",
            good.replace(SECRET, "env:NO_SUCH_VARIABLE"),
            &["NO_SUCH_VARIABLE"],
        ),
        (
            "intent",
            format!("{good}intents = [\"guild_mesages\"]\n"),
            &["intents[0]", "guild_messages"],
        ),
        (
            "stream",
            format!("{good}stream_mode = \"fast\"\n"),
            &["stream_mode", "typing"],
        ),
        (
            "base",
            format!("{good}api_base = \"ftp://x\"\n"),
            &["api_base"],
        ),
        (
            "syntax",
            format!("{good}[channels_config.qq\n"),
            &["line 4"],
        ),
        (
            "no channel",
            "[other]\n".to_owned(),
            &["nothing to run", "qq"],
        ),
        (
            "other channel",
            "[channels_config.telegram]\nx = 1\n".to_owned(),
            &["telegram"],
        ),
    ];
    for (name, config, words) in cases {
        let output = Place::new().run(&["run"], config).await;
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{name}: {said}");
        for word in *words {
            assert!(
                said.contains(word),
                "{name}: `{word}` is missing in: {said}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_problem_is_named_at_once() {
    let config = "[channels_config.qq]\napp_id = 1\nsandbx = true\nmention_only = \"yes\"\n";
    let output = Place::new().run(&["run"], config).await;
    let said = said(&output);
    for field in ["app_id", "app_secret", "sandbx", "mention_only"] {
        assert!(said.contains(field), "{field}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_folder_that_is_none_exits_2() {
    let place = Place::new();
    let empty = place.path("empty");
    std::fs::create_dir(&empty).unwrap();
    let half = place.path("half/qq");
    std::fs::create_dir_all(&half).unwrap();
    std::fs::copy(plugins().join("qq/plugin.toml"), half.join("plugin.toml")).unwrap();
    let config = format!(
        "[channels_config.qq]\napp_id = \"{APP_ID}\"\napp_secret = \"{SECRET}\"\n[channels_config.stranger]\n"
    );
    for (folder, word) in [
        (PathBuf::from("/no/such/folder"), "/no/such/folder"),
        (empty, "nothing to run"),
        (half.parent().unwrap().to_owned(), "no component at"),
        (test_plugins(), "does not export `prx:channel/channel`"),
    ] {
        let mut command = place.command(&["run"], &config);
        let output = finished(command.arg("--plugins").arg(&folder)).await;
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(word), "`{word}` is missing in: {said}");
    }
}
