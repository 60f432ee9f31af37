//! The services that this program knows: which protocol label goes with them, which port is usual,
//! and which further names are no mistakes.

use crate::edge::{M365_DOMAINS, lies_in};
use std::sync::OnceLock;

/// Who uses a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Profile {
    /// Lync and Skype for Business.
    Lync,
    /// SIP as RFC 3263 has it.
    Sip,
    /// XMPP.
    Xmpp,
    /// Matrix.
    Matrix,
    /// Cisco Expressway and H.323.
    Cisco,
    /// Time and media relays.
    Other,
}

/// A service and a protocol label that go together.
#[derive(Debug)]
pub(super) struct Pair {
    /// The service label.
    pub(super) service: &'static str,
    /// The protocol label.
    pub(super) proto: &'static str,
    /// The usual port; none where no port is usual.
    pub(super) port: Option<u16>,
    /// Who uses it.
    pub(super) profile: Profile,
}

impl Pair {
    /// Both labels.
    pub(super) fn labels(&self) -> String {
        format!("{}.{}", self.service, self.proto)
    }

    /// Whether it is obsolete, for clients inside only, or not to stand without another.
    pub(super) fn is_special(&self) -> bool {
        matches!(
            self.service,
            "_jabber" | "_xmpps-server" | "_xmpps-client" | "_sipinternaltls" | "_sipinternal"
        )
    }
}

const fn pair(service: &'static str, proto: &'static str, port: u16, profile: Profile) -> Pair {
    let port = if port == 0 { None } else { Some(port) };
    Pair { service, proto, port, profile }
}

/// Every pair; of one service the usual protocol comes first. RFC 3263, 6120, 7118, XEP-0368, RFC 5928,
/// RFC 8489, Microsoft's and Cisco's deployment guides.
pub(super) static PAIRS: &[Pair] = &[
    pair("_sip", "_tls", 443, Profile::Lync),
    pair("_sip", "_tcp", 5060, Profile::Sip),
    pair("_sip", "_udp", 5060, Profile::Sip),
    pair("_sip", "_sctp", 5060, Profile::Sip),
    pair("_sip", "_ws", 0, Profile::Sip),
    pair("_sips", "_tcp", 5061, Profile::Sip),
    pair("_sips", "_sctp", 5061, Profile::Sip),
    pair("_sips", "_ws", 0, Profile::Sip),
    pair("_sips", "_wss", 0, Profile::Sip),
    pair("_sipfederationtls", "_tcp", 5061, Profile::Lync),
    pair("_sipinternaltls", "_tcp", 5061, Profile::Lync),
    pair("_sipinternal", "_tcp", 5060, Profile::Lync),
    pair("_xmpp-server", "_tcp", 5269, Profile::Xmpp),
    pair("_xmpp-client", "_tcp", 5222, Profile::Xmpp),
    pair("_xmpps-server", "_tcp", 0, Profile::Xmpp),
    pair("_xmpps-client", "_tcp", 0, Profile::Xmpp),
    pair("_jabber", "_tcp", 5269, Profile::Xmpp),
    pair("_collab-edge", "_tls", 8443, Profile::Cisco),
    pair("_cisco-uds", "_tcp", 8443, Profile::Cisco),
    pair("_h323cs", "_tcp", 1720, Profile::Cisco),
    pair("_h323ls", "_udp", 1719, Profile::Cisco),
    pair("_matrix-fed", "_tcp", 8448, Profile::Matrix),
    pair("_matrix", "_tcp", 8448, Profile::Matrix),
    pair("_ntp", "_udp", 123, Profile::Other),
    pair("_stun", "_udp", 3478, Profile::Other),
    pair("_stun", "_tcp", 3478, Profile::Other),
    pair("_stuns", "_tcp", 5349, Profile::Other),
    pair("_stuns", "_udp", 5349, Profile::Other),
    pair("_turn", "_udp", 3478, Profile::Other),
    pair("_turn", "_tcp", 3478, Profile::Other),
    pair("_turns", "_tcp", 5349, Profile::Other),
    pair("_turns", "_udp", 5349, Profile::Other),
];

/// The pair of two labels.
pub(super) fn known_pair(service: &str, proto: &str) -> Option<&'static Pair> {
    PAIRS.iter().find(|pair| pair.service == service && pair.proto == proto)
}

/// The pairs of a service label.
pub(super) fn pairs_of(service: &str) -> impl Iterator<Item = &'static Pair> {
    PAIRS.iter().filter(move |pair| pair.service == service)
}

/// Names in wide use that have no port at IANA, or are not registered there; ordered.
static IN_USE: &[&str] = &[
    "adisk",
    "airplay",
    "autodiscover",
    "autotunnel",
    "caldav",
    "caldavs",
    "carddav",
    "carddavs",
    "ceph",
    "ceph-mon",
    "certificates",
    "cisco-phone-http",
    "cisco-phone-tftp",
    "cisco-uds",
    "client",
    "collab-edge",
    "companion-link",
    "consul",
    "crls",
    "device-info",
    "dns-llq",
    "dns-llq-tls",
    "dns-push-tls",
    "dns-query-tls",
    "dns-update",
    "dns-update-tls",
    "etcd-client",
    "etcd-client-ssl",
    "etcd-server",
    "etcd-server-ssl",
    "factorio",
    "gc",
    "googlecast",
    "grpclb",
    "h323be",
    "h323cs",
    "h323ls",
    "h323rs",
    "hap",
    "hkps",
    "im",
    "jabber",
    "jmap",
    "matrix",
    "matrix-fed",
    "matrix-identity",
    "matter",
    "matterc",
    "matterd",
    "minecraft",
    "mumble",
    "nats",
    "nfs-domainroot",
    "ocsp",
    "pdl-datastream",
    "pgpkey-http",
    "pgpkey-https",
    "pgpkey-mailto",
    "pgpkeys",
    "pgprevokations",
    "pkixrep",
    "pres",
    "puppet",
    "radiusdtls",
    "radiustls",
    "raop",
    "rust",
    "sieve",
    "sipfederationtls",
    "sipinternal",
    "sipinternaltls",
    "sleep-proxy",
    "spotify-connect",
    "stun",
    "stun-behavior",
    "stun-behaviors",
    "stuns",
    "submissions",
    "telnet",
    "ts3",
    "tsdns",
    "tunnel",
    "turn",
    "turns",
    "vlmcs",
    "x-puppet",
    "x-puppet-ca",
    "x-puppet-fileserver",
    "x-puppet-report",
    "xmpp-client",
    "xmpp-server",
    "xmppconnect",
    "xmpps-client",
    "xmpps-server",
    "ymsgr",
];

/// Names of the IANA registry that have a port, one a line, ordered.
static REGISTERED: &str = include_str!("iana-services.txt");

fn registered() -> &'static [&'static str] {
    static NAMES: OnceLock<Vec<&str>> = OnceLock::new();
    NAMES.get_or_init(|| REGISTERED.lines().collect())
}

/// Whether a service name (without its underscore, lower case) is one of ours, whatever its syntax.
pub(super) fn is_built_in(name: &str) -> bool {
    // Domain controllers and MIT Kerberos have several: `_kerberos-master`, `_kerberos-adm` ...
    name == "kerberos"
        || name.starts_with("kerberos-")
        || IN_USE.binary_search(&name).is_ok()
        || PAIRS.iter().any(|pair| &pair.service[1..] == name)
}

/// Whether a service name (without its underscore, lower case) is registered or in wide use.
pub(super) fn is_known(name: &str) -> bool {
    is_built_in(name) || registered().binary_search(&name).is_ok()
}

/// All names, for suggestions.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    IN_USE.iter().copied().chain(registered().iter().copied())
}

/// Whether hosts of Microsoft 365 may lie in a zone.
pub(super) fn touches_m365(apex: &str) -> bool {
    M365_DOMAINS.into_iter().any(|domain| apex == "." || lies_in(apex, domain) || lies_in(domain, apex))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_can_be_searched() {
        assert!(IN_USE.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(registered().windows(2).all(|pair| pair[0] < pair[1]));
        for name in ["imaps", "sip", "kerberos-master", "minecraft", "cisco-phone-http", "ldap"] {
            assert!(is_known(name), "{name}");
        }
        for name in ["mincraft", "sipfederation", "", "_sip"] {
            assert!(!is_known(name), "{name}");
        }
    }
}
