//! Real bytes in a draft: the platform puts them behind an address of its own.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::people::draft::Draft;
use crate::people::events::EventFactory;
use crate::world::World;

/// Fields of an attachment that hold base64 and become an address, with the content type
/// that is served when the attachment does not say.
const FIELDS: [(&str, &str, &str); 2] = [
    ("bytes", "url", "application/octet-stream"),
    ("wav_bytes", "voice_wav_url", "audio/wav"),
];

impl Draft {
    /// Adds a picture that can be fetched.
    ///
    /// ```
    /// # use qq_sim::{Draft, Sim, SimConfig};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let sim = Sim::start(SimConfig::default()).await?;
    /// sim.user("U").sends(&Draft::text("look").picture_bytes("cat.png", b"\x89PNG\r\n\x1a\n"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn picture_bytes(self, name: &str, bytes: &[u8]) -> Self {
        self.attachment(json!({"content_type": "image/png", "filename": name,
            "width": 640, "height": 480, "bytes": STANDARD.encode(bytes)}))
    }

    /// Adds a video that can be fetched.
    #[must_use]
    pub fn video_bytes(self, name: &str, bytes: &[u8]) -> Self {
        self.attachment(json!({"content_type": "video/mp4", "filename": name,
            "bytes": STANDARD.encode(bytes)}))
    }

    /// Adds a file that can be fetched.
    #[must_use]
    pub fn file_bytes(self, name: &str, bytes: &[u8]) -> Self {
        self.attachment(json!({"content_type": "file", "filename": name,
            "bytes": STANDARD.encode(bytes)}))
    }

    /// Adds a voice message that can be fetched as SILK and as WAV, with the platform's
    /// transcript.
    #[must_use]
    pub fn voice_bytes(self, silk: &[u8], wav: &[u8], transcript: &str) -> Self {
        self.attachment(json!({"content_type": "voice", "filename": "voice.amr",
            "asr_refer_text": transcript,
            "bytes": STANDARD.encode(silk), "wav_bytes": STANDARD.encode(wav)}))
    }

    /// What is wrong with the bytes, if anything.
    pub(crate) fn complaint(&self) -> Option<String> {
        let broken = |attachment: &Value| {
            FIELDS.iter().find_map(|(field, ..)| {
                let text = attachment.get(field)?.as_str();
                let is_good = text.is_some_and(|text| STANDARD.decode(text).is_ok());
                (!is_good).then(|| format!("`{field}` of an attachment must be base64"))
            })
        };
        self.attachments().iter().find_map(broken)
    }
}

impl EventFactory<'_> {
    /// The attachments of a draft, with addresses in place of bytes.
    pub(crate) fn served(&mut self, draft: &Draft) -> Vec<Value> {
        let mut attachments = draft.attachments().to_vec();
        for attachment in &mut attachments {
            if let Value::Object(fields) = attachment {
                serve(self.0, fields);
            }
        }
        attachments
    }
}

fn serve(world: &mut World, fields: &mut Map<String, Value>) {
    for (field, address, fallback) in FIELDS {
        let Some(Value::String(text)) = fields.remove(field) else {
            continue;
        };
        // Checked by `complaint` where it comes from outside.
        let bytes = STANDARD.decode(text).unwrap_or_default();
        let said = fields.get("content_type").and_then(Value::as_str);
        let is_mime = |kind: &&str| kind.contains('/') && field == "bytes";
        let content_type = said.filter(is_mime).unwrap_or(fallback).to_owned();
        if field == "bytes" && !fields.contains_key("size") {
            fields.insert("size".into(), bytes.len().into());
        }
        let url = world.offer(bytes, &content_type);
        fields.insert(address.into(), url.into());
    }
}
