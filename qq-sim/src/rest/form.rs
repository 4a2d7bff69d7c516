//! Guild messages come as JSON or as a form with a picture in it.
//! See [QQ Docs/发送消息](https://bot.q.qq.com/wiki/develop/api-v2/server-inter/channel/message/send.html).

use std::sync::Arc;

use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use serde_json::{Map, Value};

use super::answer::{JsonBody, header};
use crate::journal::media::{MediaKind, SentMedia};
use crate::server::hub::Hub;

/// Parts whose text is JSON.
const OBJECTS: [&str; 5] = ["ark", "embed", "keyboard", "markdown", "message_reference"];

/// The fields of a guild message, and the picture of a form.
pub(crate) struct GuildForm {
    /// `null` if it could not be read.
    pub(crate) fields: Value,
    pub(crate) file: Option<SentMedia>,
}

impl FromRequest<Arc<Hub>> for GuildForm {
    type Rejection = Response;

    async fn from_request(request: Request, state: &Arc<Hub>) -> Result<Self, Response> {
        let kind = header(request.headers(), CONTENT_TYPE.as_str()).unwrap_or_default();
        if !kind.starts_with("multipart/form-data") {
            let JsonBody(fields) = JsonBody::from_request(request, state).await?;
            return Ok(Self { fields, file: None });
        }
        let unreadable = Self {
            fields: Value::Null,
            file: None,
        };
        let Ok(mut form) = Multipart::from_request(request, state).await else {
            return Ok(unreadable);
        };
        Ok(read(&mut form).await.unwrap_or(unreadable))
    }
}

/// `None` if the form is broken.
async fn read(form: &mut Multipart) -> Option<GuildForm> {
    let (mut fields, mut file) = (Map::new(), None);
    while let Some(part) = form.next_field().await.ok()? {
        let name = part.name()?.to_owned();
        if name == "file_image" {
            // Without a file name a form carries a text, not a file.
            let file_name = part.file_name()?.to_owned();
            let bytes = part.bytes().await.ok()?;
            file = Some(SentMedia::new(MediaKind::Image, &bytes, Some(file_name)));
            continue;
        }
        let text = part.text().await.ok()?;
        fields.insert(name.clone(), value_of(&name, text)?);
    }
    Some(GuildForm {
        fields: Value::Object(fields),
        file,
    })
}

/// Objects are JSON; the official example wraps them once more in their own name.
fn value_of(name: &str, text: String) -> Option<Value> {
    if !OBJECTS.contains(&name) {
        return Some(Value::from(text));
    }
    let mut value: Value = serde_json::from_str(&text).ok()?;
    let inner = value.get_mut(name).map(Value::take);
    Some(inner.unwrap_or(value))
}
