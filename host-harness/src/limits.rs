//! Every cap of the contract, each with the reason for its size.
//!
//! `wit/README.md` prints this table; a test holds the two together.

use std::time::Duration;

/// Linear memory of one instance when the manifest does not say.
pub const MEMORY_MB: u32 = 16;
/// Most a manifest may ask for.
pub const MEMORY_MB_MAX: u32 = 256;
/// Core instances of one component. One made with componentize-py 0.25 and
/// `--stub-wasi` has 38, with componentize-js 0.23 four; `wit/README.md` says what
/// they need. This and the next three are twice as much, or more.
pub const INSTANCES: usize = 80;
/// Linear memories of one component: one in Python, JavaScript and Rust.
pub const MEMORIES: usize = 2;
/// Tables of one component: two in Python and JavaScript.
pub const TABLES: usize = 8;
/// Elements of all tables of one component.
pub const TABLE_ELEMENTS: usize = 20_000;
/// Wall time of one call when the manifest does not say; a call takes
/// microseconds, so this is three orders of magnitude of slack.
pub const CALL_MS: u64 = 1_000;
/// Most a manifest may ask for. Longer, and a dead channel looks alive.
pub const CALL_MS_MAX: u64 = 30_000;
/// The epoch advances this often: the granularity of the time limit, and how
/// long a spinning guest holds a thread before it yields.
pub const EPOCH_TICK: Duration = Duration::from_millis(10);
/// Actions one event may answer with.
pub const ACTIONS_PER_EVENT: usize = 1_024;
/// Bytes of strings and lists in the actions of one event.
pub const ACTION_BYTES: usize = 4 * 1024 * 1024;
/// Sockets open or opening at once.
pub const SOCKETS: usize = 4;
/// HTTP requests in flight at once.
pub const REQUESTS: usize = 64;
/// Timers set at once.
pub const TIMERS: usize = 1_024;
/// A timer takes at least this long.
pub const TIMER_MIN: Duration = Duration::from_millis(1);
/// Blobs held at once.
pub const BLOBS: usize = 64;
/// Bytes of one blob: as much as the largest file of a chat platform. They are
/// on disk.
pub const BLOB_BYTES: u64 = 200 * 1024 * 1024;
/// Bytes of all blobs of a channel together.
pub const BLOBS_BYTES: u64 = 1024 * 1024 * 1024;
/// Bytes of blobs that go into one JSON body as base64. That body is in memory.
pub const INLINE_BYTES: u64 = 16 * 1024 * 1024;
/// Bytes of one state key.
pub const STATE_KEY_BYTES: usize = 256;
/// Bytes of one state value.
pub const STATE_VALUE_BYTES: usize = 1024 * 1024;
/// Bytes of keys and values together when the manifest does not say.
pub const STATE_BYTES: u64 = 10 * 1024 * 1024;
/// Most a manifest may ask for. It is held in memory three times at a start: by
/// the host, on its way into the sandbox, and by the channel.
pub const STATE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Log lines one event may write; the rest are counted and dropped.
pub const NOTES_PER_EVENT: usize = 32;
/// Bytes of one log line.
pub const NOTE_BYTES: usize = 4 * 1024;
/// Bytes of an HTTP response body that enters the sandbox.
pub const RESPONSE_BYTES: usize = 1024 * 1024;
/// Bytes of one websocket message that is given to the channel.
pub const FRAME_BYTES: usize = 1024 * 1024;
/// Bytes of one websocket message that is read and left out. What is longer is
/// not read: the socket closes.
pub const SKIPPED_FRAME_BYTES: usize = 8 * 1024 * 1024;
/// Bytes of the frames of one socket that wait for the channel. Beyond them the
/// socket is not read.
pub const FRAMES_BYTES: usize = 16 * 1024 * 1024;
/// Bytes of a value that is taken out of an answer. Every answer is searched for it.
pub const SEALED_BYTES: usize = 8 * 1024;
/// Frames waiting for the channel. When it is full the socket is not read.
pub const DATA_LANE: usize = 1_024;
/// Commands waiting for the channel. When it is full the caller waits.
pub const COMMAND_LANE: usize = 256;
/// Everything else that is asked of a channel: settings, replacements, its end.
/// When it is full the caller waits.
pub const CONTROL_LANE: usize = 16;
/// Messages waiting for the agent. When it is full, no frame is handled.
pub const DELIVERIES: usize = 4_096;
/// Fates of deferred messages waiting for whoever listens. More are counted.
pub const SETTLEMENTS: usize = 1_024;
/// Frames waiting to be written to one socket. A peer that does not read that
/// much is closed.
pub const WRITES: usize = 64;
/// Events handled before their state is committed together.
pub const BATCH: usize = 2_048;
/// Time spent on such a batch: what a burst may add to one event's latency.
pub const BATCH_TIME: Duration = Duration::from_millis(5);
/// Commands outstanding at once.
pub const COMMANDS: usize = 1_024;
/// Longest timeout of a request or a connection.
pub const NET_TIMEOUT: Duration = Duration::from_secs(300);

/// The caps as `wit/README.md` prints them: name, value, meaning.
pub fn table() -> Vec<(&'static str, String, &'static str)> {
    let mib = |bytes: u64| format!("{} MiB", bytes / 1024 / 1024);
    vec![
        (
            "memory",
            format!("{MEMORY_MB} MiB (manifest, up to {MEMORY_MB_MAX})"),
            "linear memory of one instance",
        ),
        (
            "instances",
            INSTANCES.to_string(),
            "core instances of one component",
        ),
        (
            "memories",
            MEMORIES.to_string(),
            "linear memories of one component",
        ),
        ("tables", TABLES.to_string(), "of one component"),
        (
            "table elements",
            TABLE_ELEMENTS.to_string(),
            "of all its tables together",
        ),
        (
            "call time",
            format!("{CALL_MS} ms (manifest, up to {CALL_MS_MAX})"),
            "wall time of one call",
        ),
        ("actions", ACTIONS_PER_EVENT.to_string(), "per event"),
        ("action bytes", mib(ACTION_BYTES as u64), "per event"),
        ("sockets", SOCKETS.to_string(), "open or opening"),
        ("requests", REQUESTS.to_string(), "in flight"),
        ("timers", TIMERS.to_string(), "set"),
        (
            "shortest timer",
            format!("{} ms", TIMER_MIN.as_millis()),
            "a shorter one takes as long",
        ),
        ("commands", COMMANDS.to_string(), "outstanding"),
        ("blobs", BLOBS.to_string(), "held"),
        ("blob bytes", mib(BLOB_BYTES), "of one blob"),
        ("all blobs", mib(BLOBS_BYTES), "held, together"),
        (
            "inline bytes",
            mib(INLINE_BYTES),
            "of blobs in one JSON body",
        ),
        ("state key", format!("{STATE_KEY_BYTES} B"), "of one key"),
        ("state value", mib(STATE_VALUE_BYTES as u64), "of one value"),
        (
            "state",
            format!(
                "{} MiB (manifest, up to {})",
                STATE_BYTES / 1024 / 1024,
                STATE_BYTES_MAX / 1024 / 1024
            ),
            "of keys and values together",
        ),
        (
            "notes",
            NOTES_PER_EVENT.to_string(),
            "per event; the rest are dropped and counted",
        ),
        (
            "note bytes",
            format!("{} KiB", NOTE_BYTES / 1024),
            "of one line; longer is cut",
        ),
        (
            "response body",
            mib(RESPONSE_BYTES as u64),
            "that enters the sandbox; longer is cut",
        ),
        (
            "sealed value",
            format!("{} KiB", SEALED_BYTES / 1024),
            "taken out of an answer; an answer with a longer one is withheld",
        ),
        (
            "frame",
            mib(FRAME_BYTES as u64),
            "one websocket message; longer is left out, and told",
        ),
        (
            "skipped frame",
            mib(SKIPPED_FRAME_BYTES as u64),
            "one websocket message; longer closes the socket",
        ),
        (
            "frames",
            mib(FRAMES_BYTES as u64),
            "of one socket, waiting; then it is not read",
        ),
        (
            "timeout",
            format!("{} s", NET_TIMEOUT.as_secs()),
            "of a request or a connection",
        ),
    ]
}
