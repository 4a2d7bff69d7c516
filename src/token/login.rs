//! The request for a token, and what is remembered of its answer.

use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::contract::{Body, Id, JsonBody, SecretPlace, SecretUse, SendHttp};

/// Name the host keeps the token under.
pub(crate) const SECRET: &str = "access_token";

/// Peers use 10 s on this call.
const TIMEOUT_MS: u32 = 10_000;

/// Where to log in, and as whom.
#[derive(Clone, Debug)]
pub(super) struct Login {
    app_id: String,
    secret_name: String,
    /// As configured. A token serves wherever the platform is reached.
    auth_base: String,
    /// Where to ask.
    asked_base: String,
}

/// Stored: what a later instance needs to know.
#[derive(Serialize, Deserialize)]
pub(super) struct Record {
    app_id: String,
    auth: String,
    pub(super) expires_wall_ms: u64,
}

impl Login {
    pub(super) fn of(config: &Config) -> Self {
        Self {
            app_id: config.app_id.clone(),
            secret_name: config.secret_name.clone(),
            auth_base: config.bases.auth.clone(),
            asked_base: config.bases.auth.clone(),
        }
    }

    pub(super) fn rebase(&mut self, base: &str) {
        base.clone_into(&mut self.asked_base);
    }

    pub(super) fn url(&self) -> String {
        format!("{}/app/getAppAccessToken", self.asked_base)
    }

    pub(super) fn record(&self, expires_wall_ms: u64) -> Record {
        Record {
            app_id: self.app_id.clone(),
            auth: self.auth_base.clone(),
            expires_wall_ms,
        }
    }

    pub(super) fn owns(&self, record: &Record) -> bool {
        record.app_id == self.app_id && record.auth == self.auth_base
    }

    pub(super) fn request(&self, id: Id) -> SendHttp {
        let text = serde_json::json!({ "appId": self.app_id }).to_string();
        SendHttp {
            id,
            method: "POST".to_owned(),
            url: self.url(),
            headers: Vec::new(),
            body: Body::Json(JsonBody {
                text,
                blobs: Vec::new(),
            }),
            timeout_ms: TIMEOUT_MS,
            secrets: vec![SecretUse {
                secret: self.secret_name.clone(),
                place: SecretPlace::Json("/clientSecret".to_owned()),
                prefix: String::new(),
            }],
            into_blob: false,
        }
    }
}

/// How a REST request shows the token: `Authorization: QQBot <token>`.
pub(crate) fn authorization() -> SecretUse {
    SecretUse {
        secret: SECRET.to_owned(),
        place: SecretPlace::Header("Authorization".to_owned()),
        prefix: "QQBot ".to_owned(),
    }
}
