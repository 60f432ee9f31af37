//! The services that Edge pools offer: those of Lync and Skype for Business, and further ones that a
//! configuration declares.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// A service that clients and partners find through SRV records and an Edge pool offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Sign-in of the company's own users from outside: `_sip._tls`.
    RemoteAccess,
    /// SIP federation with partners: `_sipfederationtls._tcp`.
    Federation,
    /// XMPP federation, RFC 6120 3.2.1: `_xmpp-server._tcp`.
    Xmpp,
    /// A service of a `[[service]]` table. Every pool that offers it has a record, distinct priorities
    /// tell the order, and callers try the next record when a pool does not answer (RFC 2782).
    Other(&'static Profile),
}

/// What a `[[service]]` table says, or a built-in profile.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Profile {
    /// The word of configuration, command line and JSON: `xmpp-client`.
    word: String,
    /// What stands before the SIP domain in the SRV owner: `_xmpp-client._tcp`.
    prefix: String,
    /// The port of a pool that declares none.
    port: u16,
    /// How a person calls it.
    title: String,
}

/// Services in wide use: word, labels of the owner, port, title. RFC 6120 and XEP-0368, RFC 3263,
/// Cisco Expressway, the Matrix server-server API, RFC 5928, RFC 8489.
const PROFILES: [(&str, &str, u16, &str); 13] = [
    ("xmpp-client", "_xmpp-client._tcp", 5222, "XMPP clients"),
    ("xmpps-client", "_xmpps-client._tcp", 5223, "XMPP clients over direct TLS"),
    ("xmpps-server", "_xmpps-server._tcp", 5270, "XMPP federation over direct TLS"),
    ("sips", "_sips._tcp", 5061, "SIP over TLS"),
    ("sip-tcp", "_sip._tcp", 5060, "SIP over TCP"),
    ("sip-udp", "_sip._udp", 5060, "SIP over UDP"),
    ("expressway", "_collab-edge._tls", 8443, "Cisco Expressway"),
    ("h323-call", "_h323cs._tcp", 1720, "H.323 calls"),
    ("h323-ras", "_h323ls._udp", 1719, "H.323 location"),
    ("matrix", "_matrix-fed._tcp", 8448, "Matrix federation"),
    ("matrix-legacy", "_matrix._tcp", 8448, "Matrix federation, old name"),
    ("turn", "_turn._udp", 3478, "TURN"),
    ("stun", "_stun._udp", 3478, "STUN"),
];

impl Profile {
    /// The one that is built in under a word.
    pub fn built_in(word: &str) -> Option<Self> {
        let (word, prefix, port, title) = PROFILES.into_iter().find(|(known, ..)| *known == word)?;
        Some(Self { word: word.to_owned(), prefix: prefix.to_owned(), port, title: title.to_owned() })
    }

    /// The words of those that are built in.
    pub fn words() -> impl Iterator<Item = &'static str> {
        PROFILES.into_iter().map(|(word, ..)| word)
    }

    /// One that is declared; `labels` are those before the SIP domain: `_chat._tcp`.
    ///
    /// # Errors
    /// What is wrong with the labels, to be put after them: `is not ...`.
    pub fn new(word: &str, labels: &str, port: u16, title: Option<&str>) -> Result<Self, String> {
        let labels = labels.to_ascii_lowercase();
        let is_label = |label: &str| {
            label.len() > 1
                && label.len() <= 63
                && label.starts_with('_')
                && label[1..].bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
        };
        match labels.split('.').collect::<Vec<_>>()[..] {
            [service, proto] if is_label(service) && is_label(proto) => {}
            _ => return Err(String::from("is not a service and a protocol label, such as `_chat._tcp`")),
        }
        let title = title.unwrap_or(word).to_owned();
        Ok(Self { word: word.to_owned(), prefix: labels, port, title })
    }

    /// What stands before the SIP domain in the SRV owner: `_xmpp-client._tcp`.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The port of a pool that declares none.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How a person calls it: `XMPP clients`.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Kept once for the process, so that a [`Service`] stays as small as a number: a run knows few
    /// services, and has them to its end.
    pub fn kept(self) -> &'static Self {
        static KEPT: Mutex<BTreeSet<&'static Profile>> = Mutex::new(BTreeSet::new());
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.get(&self) {
            return known;
        }
        let new: &'static Self = Box::leak(Box::new(self));
        kept.insert(new);
        new
    }
}

impl Service {
    /// Those of Lync and Skype for Business, which every deployment has, in the order of every table
    /// and plan.
    pub const LYNC: [Self; 3] = [Self::RemoteAccess, Self::Federation, Self::Xmpp];

    /// What stands before the SIP domain in the SRV owner: `_sip._tls`.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::RemoteAccess => "_sip._tls",
            Self::Federation => "_sipfederationtls._tcp",
            Self::Xmpp => "_xmpp-server._tcp",
            Self::Other(profile) => &profile.prefix,
        }
    }

    /// The service label of the SRV owner, RFC 2782: `_sip`.
    pub fn label(self) -> &'static str {
        self.prefix().split('.').next().unwrap_or_default()
    }

    /// Whether callers speak UDP with it: its owner says `_udp`.
    pub fn is_udp(self) -> bool {
        self.prefix().ends_with("._udp")
    }

    /// The port of a pool that declares none.
    pub fn default_port(self) -> u16 {
        match self {
            Self::RemoteAccess => 443,
            Self::Federation => 5061,
            Self::Xmpp => 5269,
            Self::Other(profile) => profile.port,
        }
    }

    /// The word of configuration, command line and JSON: `remote-access`.
    pub fn word(self) -> &'static str {
        match self {
            Self::RemoteAccess => "remote-access",
            Self::Federation => "federation",
            Self::Xmpp => "xmpp",
            Self::Other(profile) => &profile.word,
        }
    }

    /// How a person calls it: `Remote access`.
    pub fn title(self) -> &'static str {
        match self {
            Self::RemoteAccess => "Remote access",
            Self::Federation => "Federation",
            Self::Xmpp => "XMPP",
            Self::Other(profile) => &profile.title,
        }
    }

    /// The same within a sentence: `remote access`.
    pub fn in_text(self) -> &'static str {
        match self {
            Self::RemoteAccess => "remote access",
            Self::Federation => "federation",
            Self::Xmpp | Self::Other(_) => self.title(),
        }
    }

    /// Owner of the SRV records of this service in a SIP domain, without the final dot.
    pub fn owner(&self, sip_domain: &str) -> String {
        format!("{}.{sip_domain}", self.prefix())
    }
}
