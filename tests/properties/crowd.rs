//! Many at once.

use qq_channel::contract::Request;

use crate::CONFIG;
use crate::connection::serve;
use crate::world::{READY, World, message};

/// Everybody writes, is written to, and watches an answer grow, all at once: the
/// `World` panics when more requests are made than the host allows.
#[test]
fn a_crowd_is_served_within_the_requests_the_host_allows() {
    let config = CONFIG.replace("\"intents\"", "\"stream_mode\":\"stream\",\"intents\"");
    let (mut world, _) = World::start(&config).unwrap();
    for _ in 0..3 {
        serve(&mut world);
    }
    world.frame(READY);
    for user in 0..200 {
        let frame = format!(
            r#"{{"op":0,"s":{},"t":"C2C_MESSAGE_CREATE","d":{{"id":"M{user}","author":{{"user_openid":"OPENID_{user}"}},"content":"hi"}}}}"#,
            user + 2
        );
        world.frame(&frame);
        let peer = format!("c2c:102:OPENID_{user}");
        let request = match user % 2 {
            0 => Request::Send(message(&peer, "answer")),
            _ => Request::DraftBegin(message(&peer, "an answer that grows")),
        };
        world.ask(2 * user + 1, request);
        world.ask(2 * user + 2, Request::Typing(peer));
    }
    world.wait(2_000);
    let busy = world.requests.len();
    assert!(busy > 30, "{busy}");
    // As one ends, the next begins.
    for _ in 0..200 {
        serve(&mut world);
        world.wait(500);
    }
    let open: Vec<_> = world.commands.iter().collect();
    assert!(open.is_empty(), "{open:?}");
}
