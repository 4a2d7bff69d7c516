//! A channel plugin behind a trait of the shape PRX's channels have.
//!
//! `docs/prx-integration.md` explains the mapping. To see it run, start the
//! simulator as the README's tour shows, then
//!
//! ```sh
//! cargo run -p prx-channel-host --example prx_channel -- tour.toml target/plugins/qq --allow-loopback
//! ```

use std::path::PathBuf;
use std::time::Duration;

use prx_channel_host::contract::{
    ChatKind, DraftText, Failure, Feature, MessageRef, OutboundMessage, Reaction, Receipt,
};
use prx_channel_host::media;
use prx_channel_host::{
    ChannelCommands, ChannelHandle, ChannelHost, ConfigFile, Delivered, HostOptions,
};
use tokio::sync::{Mutex, mpsc};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Something to say.
struct SendMessage {
    content: String,
    recipient: String,
    thread_ts: Option<String>,
}

/// Something that was said. The last two fields are ours.
#[allow(dead_code, reason = "PRX reads what this demonstration does not")]
struct ChannelMessage {
    id: String,
    sender: String,
    reply_target: String,
    content: String,
    timestamp: u64,
    is_group: bool,
    mentioned: bool,
    thread_ts: Option<String>,
    interruption_key: Option<String>,
    number: u64,
}

/// The shape of PRX's trait; PRX writes it with `async_trait`.
#[allow(dead_code, reason = "PRX calls what this demonstration does not")]
trait Channel {
    fn name(&self) -> &str;
    async fn send(&self, message: SendMessage) -> Result<()>;
    async fn listen(&self, tx: mpsc::Sender<ChannelMessage>) -> Result<()>;
    async fn health_check(&self) -> bool;
    fn liveness_expectation(&self) -> Option<Duration>;
    async fn start_typing(&self, recipient: &str) -> Result<()>;
    async fn stop_typing(&self, recipient: &str) -> Result<()>;
    fn supports_draft_updates(&self) -> bool;
    async fn send_draft(&self, message: SendMessage) -> Result<Option<String>>;
    async fn update_draft(&self, draft: &str, text: &str) -> Result<()>;
    async fn finalize_draft(&self, draft: &str, text: &str) -> Result<()>;
    async fn cancel_draft(&self, draft: &str) -> Result<()>;
    fn can_react(&self) -> bool;
    async fn react(&self, recipient: &str, message: &str, emoji: &str) -> Result<()>;
    async fn delete_message(&self, recipient: &str, message: &str) -> Result<()>;
}

/// The adapter.
struct WasmChannel {
    handle: ChannelHandle,
    commands: ChannelCommands,
    inbox: Mutex<mpsc::Receiver<Delivered>>,
}

impl WasmChannel {
    fn new(mut handle: ChannelHandle) -> Result<Self> {
        let inbox = handle.take_messages().ok_or("somebody else listens")?;
        Ok(Self {
            commands: handle.commands(),
            inbox: Mutex::new(inbox),
            handle,
        })
    }

    /// `send` makes attachments of the markers in the text. Nothing says which
    /// message this answers: it takes the newest of the recipient.
    fn outbound(message: SendMessage) -> OutboundMessage {
        OutboundMessage {
            thread: message.thread_ts,
            ..OutboundMessage::text(message.recipient, message.content)
        }
    }
}

impl Channel for WasmChannel {
    fn name(&self) -> &str {
        self.handle.name()
    }

    async fn send(&self, message: SendMessage) -> Result<()> {
        done(self.commands.send(Self::outbound(message)).await)
    }

    /// PRX's supervisor waits longer after each error. The connection is mended
    /// inside, so there is one only when the channel has given up.
    async fn listen(&self, tx: mpsc::Sender<ChannelMessage>) -> Result<()> {
        let mut inbox = self.inbox.lock().await;
        let mut status = self.handle.status();
        loop {
            tokio::select! {
                message = inbox.recv() => match message {
                    Some(message) => tx.send(inbound(message)).await?,
                    None => return Ok(()),
                },
                gave_up = status.wait_for(|report| report.fatal) => {
                    return Err(gave_up?.detail.clone().into());
                }
            }
        }
    }

    async fn health_check(&self) -> bool {
        self.commands.health().await.is_ok()
    }

    fn liveness_expectation(&self) -> Option<Duration> {
        let bound = self.commands.descriptor().liveness_ms;
        (bound > 0).then(|| Duration::from_millis(bound))
    }

    async fn start_typing(&self, recipient: &str) -> Result<()> {
        done(self.commands.typing(recipient).await)
    }

    async fn stop_typing(&self, recipient: &str) -> Result<()> {
        done(self.commands.typing_stop(recipient).await)
    }

    fn supports_draft_updates(&self) -> bool {
        self.commands.supports(Feature::Draft)
    }

    async fn send_draft(&self, message: SendMessage) -> Result<Option<String>> {
        let receipt = self.commands.draft_begin(Self::outbound(message)).await;
        Ok(receipt.map_err(words)?.message_ids.into_iter().next())
    }

    async fn update_draft(&self, draft: &str, text: &str) -> Result<()> {
        done(self.commands.draft_update(draft_text(draft, text)).await)
    }

    async fn finalize_draft(&self, draft: &str, text: &str) -> Result<()> {
        done(self.commands.draft_finish(draft_text(draft, text)).await)
    }

    async fn cancel_draft(&self, draft: &str) -> Result<()> {
        done(self.commands.draft_cancel(draft).await)
    }

    fn can_react(&self) -> bool {
        self.commands.supports(Feature::React)
    }

    async fn react(&self, recipient: &str, message: &str, emoji: &str) -> Result<()> {
        let reaction = Reaction {
            recipient: recipient.to_owned(),
            message_id: message.to_owned(),
            emoji: emoji.to_owned(),
            add: true,
        };
        done(self.commands.react(reaction).await)
    }

    async fn delete_message(&self, recipient: &str, message: &str) -> Result<()> {
        let message = MessageRef {
            recipient: recipient.to_owned(),
            message_id: message.to_owned(),
        };
        done(self.commands.recall(message).await)
    }
}

fn inbound(delivered: Delivered) -> ChannelMessage {
    let message = delivered.message;
    ChannelMessage {
        content: media::render(&message),
        timestamp: message.timestamp_ms / 1_000,
        is_group: matches!(message.chat, ChatKind::Group | ChatKind::GuildChannel),
        mentioned: message.mentioned,
        id: message.id,
        sender: message.sender,
        reply_target: message.reply_target,
        thread_ts: message.thread,
        interruption_key: message.interruption_scope,
        number: delivered.number,
    }
}

fn draft_text(draft: &str, text: &str) -> DraftText {
    DraftText {
        draft: draft.to_owned(),
        text: text.to_owned(),
    }
}

fn done(answer: std::result::Result<Receipt, Failure>) -> Result<()> {
    Ok(answer.map(drop).map_err(words)?)
}

/// What happened, and what to do.
fn words(failure: Failure) -> String {
    match failure.remedy {
        Some(remedy) => format!("{} → {remedy}", failure.message),
        None => failure.message,
    }
}

/// Echoes, so that there is something to see.
async fn answer(channel: &WasmChannel, mut messages: mpsc::Receiver<ChannelMessage>) {
    while let Some(message) = messages.recv().await {
        let reply = SendMessage {
            content: format!("you said: {}", message.content),
            recipient: message.reply_target,
            thread_ts: message.thread_ts,
        };
        println!("{}: {:?}", message.id, channel.send(reply).await);
        channel.commands.answered(message.number);
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let usage = "usage: prx_channel CONFIG PLUGIN-FOLDER [--allow-loopback]";
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let (config, plugin) = (args.next().ok_or(usage)?, args.next().ok_or(usage)?);
    let host = ChannelHost::new(HostOptions {
        allow_loopback: args.next().is_some(),
        ..HostOptions::default()
    })?;
    let file = ConfigFile::read(&config)?;
    let channel = WasmChannel::new(host.start(host.plugin(&plugin).await?, &file).await?)?;
    println!("{} listens", channel.name());
    let (tx, messages) = mpsc::channel(100);
    let ((), listened) = tokio::join!(answer(&channel, messages), channel.listen(tx));
    listened
}
