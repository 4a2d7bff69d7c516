//! The requests of an upload.

use crate::compose::media::Source;
use crate::contract::{Body, JsonBlob, SendHttp};
use crate::requests::build;
use crate::uploads::desk::{Desk, Order};
use crate::uploads::upload::{FILES_TIMEOUT_MS, Step, Upload};
use crate::uploads::wire::{Files, Prepare};

impl Upload {
    /// The request of the step it is at.
    pub(crate) fn request(&self, desk: &mut Desk<'_>) -> Option<SendHttp> {
        let Order {
            kind, name, base, ..
        } = &self.order;
        if let (Step::Fetch, Source::Url(url)) = (&self.step, &self.order.source) {
            let timeout_ms = u32::try_from(FILES_TIMEOUT_MS).unwrap_or(u32::MAX);
            let mut http = desk.bare("GET", url.clone(), Body::Empty, timeout_ms);
            http.into_blob = true;
            return Some(http);
        }
        let mut files = Files::new(*kind, name);
        let (end, text) = match (&self.step, &self.order.source) {
            (Step::Prepare, _) => ("upload_prepare", self.prepare()?),
            (Step::Finish(upload_id), _) => {
                files.file_name = Some(name);
                files.upload_id = Some(upload_id);
                ("files", serde_json::to_string(&files).ok()?)
            }
            (_, Source::Url(url)) => {
                files.url = Some(url);
                ("files", serde_json::to_string(&files).ok()?)
            }
            (_, Source::Blob(_)) => ("files", serde_json::to_string(&files).ok()?),
        };
        let url = format!("{base}/{end}");
        let mut http = build::json("POST", url, text, FILES_TIMEOUT_MS, &mut desk.cx.host);
        if let (Step::AtOnce, Body::Json(json)) = (&self.step, &mut http.body) {
            json.blobs.push(JsonBlob {
                pointer: "/file_data".to_owned(),
                slice: Desk::slice(self.blob(), (0, None)),
            });
        }
        Some(http)
    }

    fn prepare(&self) -> Option<String> {
        let digests = self.digests.as_ref()?;
        let prepare = Prepare {
            file_type: self.order.kind.number(),
            file_size: digests.size.to_string(),
            file_name: &self.order.name,
            md5: &digests.md5,
            sha1: &digests.sha1,
            md5_10m: &digests.md5_10m,
        };
        serde_json::to_string(&prepare).ok()
    }
}
