//! TLS as a client: the system's own certificate store decides.

use std::sync::Arc;

use rustls_platform_verifier::BuilderVerifierExt;

use crate::error::{ErrorKind, Result, caused};

/// Settings for HTTP and websocket connections alike.
pub(super) fn config() -> Result<Arc<rustls::ClientConfig>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map_err(caused(ErrorKind::Config, "TLS settings"))?
        .with_no_client_auth();
    Ok(Arc::new(config))
}
