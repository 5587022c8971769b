// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Where a peer is.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use tonic::codegen::http::Uri;

use crate::error::NodeError;

/// Host and port of a peer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PeerAddress {
    text: String,
}

impl PeerAddress {
    /// As a URI that can be connected to.
    pub(crate) fn uri(&self) -> Result<Uri, NodeError> {
        Uri::from_str(&format!("http://{}", self.text))
            .ok()
            .ok_or_else(|| NodeError::BadAddress { text: self.text.clone() })
    }

    /// Whether it is on this machine, by its number. A name may be anywhere.
    pub(crate) fn is_loopback(&self) -> bool {
        self.text.parse::<SocketAddr>().is_ok_and(|address| address.ip().is_loopback())
    }
}

impl FromStr for PeerAddress {
    type Err = NodeError;

    fn from_str(text: &str) -> Result<Self, NodeError> {
        let bad = || NodeError::BadAddress { text: text.to_owned() };
        let plain = text.strip_prefix("http://").unwrap_or(text);
        let plain = plain.strip_suffix('/').unwrap_or(plain);
        let uri = Uri::from_str(&format!("http://{plain}")).ok().ok_or_else(bad)?;
        let is_whole = uri.path() == "/"
            && uri.query().is_none()
            && uri.port_u16().is_some()
            && uri.host().is_some_and(|host| !host.is_empty())
            && uri.authority().is_some_and(|authority| authority.as_str() == plain)
            && !plain.contains('@');
        if is_whole { Ok(Self { text: plain.to_owned() }) } else { Err(bad()) }
    }
}

impl From<SocketAddr> for PeerAddress {
    fn from(address: SocketAddr) -> Self {
        Self { text: address.to_string() }
    }
}

impl fmt::Display for PeerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_and_port_are_needed_and_enough() {
        for (text, expected) in [
            ("127.0.0.1:4711", "127.0.0.1:4711"),
            ("http://node.example.org:80/", "node.example.org:80"),
            ("[::1]:9", "[::1]:9"),
        ] {
            assert_eq!(text.parse::<PeerAddress>().unwrap().to_string(), expected);
        }
        for text in ["", "host", ":1", "https://a:1", "a:1/x", "u@a:1", "a:1?q", "a b:1", "a:99999"]
        {
            assert!(text.parse::<PeerAddress>().is_err(), "{text:?}");
        }
    }
}
