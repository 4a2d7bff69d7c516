//! Uploads in parts: prepared, put, finished one by one, and put together.
//! See [QQ Docs/富媒体消息](https://bot.q.qq.com/wiki/develop/api-v2/autogen/api/v2_users_user_openid_upload_prepare.post.html).

use axum::body::Bytes;
use md5::{Digest, Md5};
use serde_json::{Value, json};
use sha1::Sha1;

use crate::journal::media::{MediaKind, SentMedia, hex};
use crate::rules::refusal::Refusal;
use crate::rules::scene::Scene;
use crate::world::World;
use crate::world::body::text;
use crate::world::chats::Peer;

/// `md5_10m` covers so many bytes, which are not ten MiB.
const HEAD: usize = 10_002_432;

/// A number, also as a string.
pub(crate) fn is_number_of(value: &Value) -> Option<u64> {
    let written = || value.as_str().and_then(|text| text.parse().ok());
    value.as_u64().or_else(written)
}

/// What `upload_prepare` announces.
#[derive(Debug)]
pub(crate) struct Prepared {
    kind: MediaKind,
    name: String,
    size: u64,
    md5: String,
    sha1: String,
    head_md5: String,
}

impl Prepared {
    /// Reads the body.
    pub(crate) fn parse(raw: &Value) -> Result<Self, Refusal> {
        let hex_of = |name: &str, length: usize| {
            let text = text(raw, name)?.ok_or(Refusal::BAD_BODY)?;
            let is_hex = text.len() == length && text.bytes().all(|it| it.is_ascii_hexdigit());
            is_hex
                .then(|| text.to_ascii_lowercase())
                .ok_or(Refusal::BAD_BODY)
        };
        let size = raw.get("file_size").and_then(is_number_of);
        Ok(Self {
            kind: MediaKind::read(raw)?,
            name: text(raw, "/file_name")?.ok_or(Refusal::BAD_BODY)?,
            size: size.filter(|size| *size > 0).ok_or(Refusal::BAD_BODY)?,
            md5: hex_of("/md5", 32)?,
            sha1: hex_of("/sha1", 40)?,
            head_md5: hex_of("/md5_10m", 32)?,
        })
    }
}

/// One part.
#[derive(Debug, Default)]
struct Part {
    bytes: Option<Bytes>,
    is_finished: bool,
}

/// An upload in parts.
#[derive(Debug)]
pub(super) struct Chunked {
    app_id: String,
    scene: Scene,
    plan: Prepared,
    block: u64,
    base: u64,
    /// Proves that an address came from here.
    sign: String,
    parts: Vec<Part>,
    /// The file is here already and no part is asked for.
    is_known: bool,
}

impl Chunked {
    /// Bytes of the part at this place in the list.
    fn size_of(&self, place: usize) -> u64 {
        let before = self.block * place as u64;
        self.block.min(self.plan.size.saturating_sub(before))
    }

    /// The part with this index.
    fn place_of(&self, index: u64) -> Option<usize> {
        let place = usize::try_from(index.checked_sub(self.base)?).ok()?;
        (place < self.parts.len()).then_some(place)
    }

    /// The whole file, if it is what was announced.
    fn whole(&self) -> Result<Vec<u8>, Refusal> {
        let parts = self.parts.iter().filter(|part| part.is_finished);
        let parts: Vec<&Bytes> = parts.filter_map(|part| part.bytes.as_ref()).collect();
        if parts.len() < self.parts.len() {
            return Err(Refusal::UPLOAD_RETRY);
        }
        let bytes: Vec<u8> = parts.into_iter().flatten().copied().collect();
        let head = bytes.get(..HEAD).unwrap_or(&bytes);
        let fits = hex(&Md5::digest(&bytes)) == self.plan.md5
            && hex(&Sha1::digest(&bytes)) == self.plan.sha1
            && hex(&Md5::digest(head)) == self.plan.head_md5;
        fits.then_some(bytes).ok_or(Refusal::UPLOAD_HASH)
    }
}

impl World {
    /// Plans an upload; returns the answer, with an address for each part.
    pub(crate) fn prepare_upload(&mut self, peer: &Peer, plan: Prepared) -> Result<Value, Refusal> {
        let rules = self.config.rules.clone();
        if plan.size > rules.media_hard_bytes {
            return Err(Refusal::FILE_TOO_LARGE);
        }
        self.check_volume(&peer.app_id, plan.size)?;
        let is_known = rules.instant_transfer && self.uploads.known.find(&plan.sha1).is_some();
        let block = rules.upload_block_bytes.max(1);
        let count = if is_known {
            0
        } else {
            plan.size.div_ceil(block)
        };
        let (id, sign) = (format!("upload_{}", self.ids.trace()), self.ids.trace());
        self.journal.hide(&sign);
        let chunked = Chunked {
            app_id: peer.app_id.clone(),
            scene: peer.scene,
            plan,
            block,
            base: rules.part_index_base,
            sign,
            parts: (0..count).map(|_| Part::default()).collect(),
            is_known,
        };
        let answer = self.plan_of(&id, &chunked);
        self.uploads.chunked.add(&id, chunked);
        Ok(answer)
    }

    fn plan_of(&self, id: &str, chunked: &Chunked) -> Value {
        let number = |number: u64| match self.config.rules.numbers_as_strings {
            true => Value::from(number.to_string()),
            false => Value::from(number),
        };
        let (base_url, sign) = (&self.base_url, &chunked.sign);
        let parts = (0..chunked.parts.len()).map(|place| {
            let index = chunked.base + place as u64;
            let url = format!(
                "{base_url}/_cos/{id}/{index}?partNumber={}&sign={sign}",
                place + 1
            );
            json!({"index": index, "presigned_url": url,
                   "block_size": number(chunked.size_of(place))})
        });
        json!({"upload_id": id, "block_size": number(chunked.block),
               "parts": parts.collect::<Vec<_>>(),
               "upload_config": {"concurrency": 1, "retry_timeout": 300, "retry_delay": 1}})
    }

    /// Takes the bytes of a part; `false` if the address is not one of ours.
    pub(crate) fn put_part(&mut self, id: &str, index: u64, sign: &str, bytes: Bytes) -> bool {
        let chunked = self.uploads.chunked.find_mut(id);
        let Some(chunked) = chunked.filter(|chunked| chunked.sign == sign) else {
            return false;
        };
        let place = chunked.place_of(index);
        let Some(part) = place.and_then(|place| chunked.parts.get_mut(place)) else {
            return false;
        };
        *part = Part {
            bytes: Some(bytes),
            is_finished: false,
        };
        true
    }

    /// Finishes a part that was put, if it is what the caller thinks it is.
    pub(crate) fn finish_part(&mut self, peer: &Peer, raw: &Value) -> Result<(), Refusal> {
        let number = |name: &str| raw.get(name).and_then(is_number_of);
        let chunked = self.own_upload(peer, &text(raw, "/upload_id")?.unwrap_or_default())?;
        let place = number("part_index").and_then(|index| chunked.place_of(index));
        let place = place.ok_or(Refusal::BAD_BODY)?;
        let expected = chunked.size_of(place);
        let part = chunked.parts.get_mut(place).ok_or(Refusal::BAD_BODY)?;
        // The store behind the addresses may not have told the platform yet.
        let bytes = part.bytes.as_ref().ok_or(Refusal::UPLOAD_RETRY)?;
        let size = bytes.len() as u64;
        let md5 = text(raw, "/md5")?.unwrap_or_default().to_ascii_lowercase();
        let fits = size == expected
            && number("block_size") == Some(size)
            && hex(&Md5::digest(bytes)) == md5;
        if !fits {
            return Err(Refusal::UPLOAD_HASH);
        }
        part.is_finished = true;
        Ok(())
    }

    /// Puts an upload together: the file, by the kind that was announced.
    pub(crate) fn complete_upload(
        &mut self,
        peer: &Peer,
        id: &str,
        kind: MediaKind,
        name: Option<String>,
    ) -> Result<(SentMedia, Vec<u8>), Refusal> {
        let chunked = self.own_upload(peer, id)?;
        if chunked.plan.kind != kind {
            return Err(Refusal::BAD_BODY);
        }
        let (sha1, is_known) = (chunked.plan.sha1.clone(), chunked.is_known);
        let name = name.unwrap_or_else(|| chunked.plan.name.clone());
        if let Some(known) = self.uploads.known.find(&sha1).filter(|_| is_known) {
            let name = Some(name);
            return Ok((
                SentMedia {
                    name,
                    ..known.clone()
                },
                Vec::new(),
            ));
        }
        let bytes = self.own_upload(peer, id)?.whole()?;
        let media = self.judge_file(kind, &bytes, Some(name))?;
        self.uploads.known.add(&sha1, media.clone());
        // Two hundred megabytes are not kept for nothing.
        self.uploads.chunked.forget(id);
        Ok((media, bytes))
    }

    fn own_upload(&mut self, peer: &Peer, id: &str) -> Result<&mut Chunked, Refusal> {
        let chunked = self.uploads.chunked.find_mut(id);
        let chunked = chunked.filter(|chunked| chunked.app_id == peer.app_id);
        match chunked {
            Some(chunked) if chunked.scene == peer.scene => Ok(chunked),
            Some(_) => Err(Refusal::FILE_ELSEWHERE),
            None => Err(Refusal::UPLOAD_UNKNOWN),
        }
    }
}
