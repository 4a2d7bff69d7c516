//! `GET /download`: attachments of users, for about two hours.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use serde_json::json;

use super::answer::{Origin, html_response, json_response};
use crate::rules::DownloadDefect;
use crate::rules::refusal::Refusal;
use crate::server::hub::Hub;
use crate::world::downloads::Download;

#[derive(Deserialize)]
pub(crate) struct File {
    #[serde(default)]
    fileid: String,
}

/// Bytes of a slow download between two pauses.
const DROP: usize = 1024;
const PAUSE: Duration = Duration::from_millis(20);

pub(crate) async fn serve(
    State(hub): State<Arc<Hub>>,
    origin: Origin,
    Query(File { fileid }): Query<File>,
) -> Result<Response, Refusal> {
    origin.check_script()?;
    let (found, defect) = hub.with(|world| (world.fetch(&fileid), world.config.rules.downloads));
    let Some(download) = found else {
        let expired = json!({"retcode": -5_503_007, "retmsg": "download url has expired",
                             "retryflag": 0});
        return Ok(json_response(StatusCode::BAD_REQUEST, &expired));
    };
    Ok(match defect {
        DownloadDefect::None => whole(download),
        DownloadDefect::WrongType => whole(download.typed("text/html")),
        DownloadDefect::Page => html_response(StatusCode::OK),
        DownloadDefect::Slow => slow(&download),
        DownloadDefect::Truncated => truncated(&download),
    })
}

fn whole(download: Download) -> Response {
    ([(CONTENT_TYPE, download.content_type)], download.bytes).into_response()
}

/// A head that promises everything, and this body.
fn with_body(download: &Download, body: Body) -> Response {
    let head = [
        (CONTENT_TYPE, download.content_type.clone()),
        (CONTENT_LENGTH, download.bytes.len().to_string()),
    ];
    (head, body).into_response()
}

fn slow(download: &Download) -> Response {
    let drops = download.bytes.chunks(DROP);
    let drops: Vec<_> = drops.map(|drop| download.bytes.slice_ref(drop)).collect();
    let drops = stream::iter(drops).then(|drop| async move {
        tokio::time::sleep(PAUSE).await;
        Ok::<_, std::io::Error>(drop)
    });
    with_body(download, Body::from_stream(drops))
}

fn truncated(download: &Download) -> Response {
    let half = download.bytes.slice(..download.bytes.len() / 2);
    let broken = std::io::Error::other("scripted truncation");
    let body = Body::from_stream(stream::iter([Ok(half), Err(broken)]));
    with_body(download, body)
}
