//! A certificate nobody should trust, made when the simulator starts.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair, SanType, date_time_ymd};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::rules::config::Tls;

/// The server's side of TLS, and the certificate for clients that want to trust it.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) acceptor: TlsAcceptor,
    pub(crate) certificate: Vec<u8>,
}

impl Identity {
    pub(crate) fn new(tls: Tls, host: IpAddr) -> io::Result<Self> {
        let (certificate, key) = sign(tls, host).map_err(io::Error::other)?;
        // A provider by name: no test depends on which one the process installed.
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone().into()], key)
            .map_err(io::Error::other)?;
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            certificate,
        })
    }
}

/// The certificate in DER, and its key.
fn sign(tls: Tls, host: IpAddr) -> Result<(Vec<u8>, PrivateKeyDer<'static>), rcgen::Error> {
    let mut params = CertificateParams::default();
    params.subject_alt_names = if tls == Tls::OtherHost {
        vec![SanType::DnsName("elsewhere.invalid".try_into()?)]
    } else {
        vec![
            SanType::IpAddress(host),
            SanType::DnsName("localhost".try_into()?),
        ]
    };
    if tls == Tls::Expired {
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
    }
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap_or_else(|_| unreachable!());
    Ok((certificate.der().to_vec(), key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_one_of_every_kind() {
        let host = IpAddr::from([127, 0, 0, 1]);
        for tls in [Tls::SelfSigned, Tls::OtherHost, Tls::Expired] {
            assert!(!Identity::new(tls, host).unwrap().certificate.is_empty());
        }
    }
}
