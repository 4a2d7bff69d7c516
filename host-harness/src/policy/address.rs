//! Addresses that are nobody's business: this machine, its networks, metadata
//! services, and every disguise of theirs.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why `address` may not be dialled, or `None` if it may.
pub(crate) fn refuse_address(address: IpAddr, allow_loopback: bool) -> Option<&'static str> {
    match unmask(address) {
        IpAddr::V4(v4) if v4.is_loopback() => loopback(allow_loopback),
        IpAddr::V6(v6) if v6.is_loopback() => loopback(allow_loopback),
        IpAddr::V4(v4) => refuse_v4(v4),
        IpAddr::V6(v6) => refuse_v6(v6),
    }
}

fn loopback(allowed: bool) -> Option<&'static str> {
    (!allowed).then_some("a loopback address")
}

/// The IPv4 address inside a mapped, translated or tunnelled IPv6 one.
fn unmask(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else {
        return address;
    };
    let [a, b, .., y, z] = v6.segments();
    let low = Ipv4Addr::from((u32::from(y) << 16) | u32::from(z));
    let inner = match (a, b) {
        // ::ffff:0:0/96 and the deprecated ::/96, but not :: and ::1.
        (0, 0) if v6.to_ipv4_mapped().is_some() => Some(low),
        (0, 0) if v6.to_ipv4().is_some() && u32::from(low) > 1 => Some(low),
        // NAT64, 64:ff9b::/96 and 64:ff9b:1::/48.
        (0x64, 0xff9b) => Some(low),
        // 6to4 carries the address in bits 16 to 48.
        (0x2002, high) => {
            let [_, _, c, ..] = v6.segments();
            Some(Ipv4Addr::from((u32::from(high) << 16) | u32::from(c)))
        }
        _ => None,
    };
    inner.map_or(address, IpAddr::V4)
}

fn refuse_v4(v4: Ipv4Addr) -> Option<&'static str> {
    let [a, b, c, _] = v4.octets();
    match (a, b) {
        (0, _) => Some("an unspecified address"),
        (10, _) | (172, 16..=31) | (192, 168) => Some("a private address"),
        (100, 64..=127) => Some("a carrier-private address"),
        (169, 254) => Some("a link-local or metadata address"),
        (192, 0) if c == 0 || c == 2 => Some("a reserved address"),
        (198, 18 | 19) => Some("a benchmarking address"),
        (198, 51) if c == 100 => Some("a documentation address"),
        (203, 0) if c == 113 => Some("a documentation address"),
        (224..=239, _) => Some("a multicast address"),
        (240..=255, _) => Some("a reserved address"),
        _ => None,
    }
}

fn refuse_v6(v6: Ipv6Addr) -> Option<&'static str> {
    let [a, b, ..] = v6.segments();
    match a {
        _ if v6.is_unspecified() => Some("an unspecified address"),
        0xfc00..=0xfdff => Some("a private address"),
        0xfe80..=0xfebf => Some("a link-local address"),
        0xfec0..=0xfeff => Some("a site-local address"),
        0xff00..=0xffff => Some("a multicast address"),
        0x2001 if b == 0 => Some("a tunnelled address"),
        0x2001 if b == 0xdb8 => Some("a documentation address"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn refused(address: &str) -> bool {
        refuse_address(address.parse().unwrap(), false).is_some()
    }

    #[test]
    fn public_addresses_pass() {
        for address in [
            "1.1.1.1",
            "119.29.29.29",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700::1",
        ] {
            assert!(!refused(address), "{address}");
        }
    }

    #[test]
    fn inner_addresses_are_refused_in_every_disguise() {
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "169.254.169.254",
            "127.0.0.1",
            "127.8.8.8",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fd00:ec2::254",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:127.0.0.1",
            "::10.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b:1::7f00:1",
            "2002:a00:1::",
            "2002:7f00:1::",
        ] {
            assert!(refused(address), "{address}");
        }
    }

    #[test]
    fn loopback_opens_with_its_switch_and_nothing_else_does() {
        for address in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(
                refuse_address(address.parse().unwrap(), true),
                None,
                "{address}"
            );
        }
        for address in ["10.0.0.1", "169.254.169.254", "fe80::1"] {
            assert!(
                refuse_address(address.parse().unwrap(), true).is_some(),
                "{address}"
            );
        }
    }
}
