//! Generated from `wit/`, and nothing else.

wit_bindgen::generate!({
    path: "wit",
    world: "channel-plugin",
    generate_all,
});
