//! What Lync or Skype for Business Server says of its own topology, made into `zonewright.toml`.
//!
//! Two forms are read: the JSON of `Get-CsService -EdgeServer` and its neighbours ([`json`]), and the topology
//! XML of `Get-CsTopology -AsXml` or of the Topology Builder ([`xml`]). Neither tells everything: what a form
//! does not tell stays as it is in the configuration.

mod compare;
mod edit;
mod fresh;
mod json;
mod published;
mod tree;
mod words;
mod xml;

pub use compare::compare;
pub use edit::{Edited, NotEdited, edit};
pub use fresh::{Fresh, FreshZone, fresh};
pub use published::{Published, PublishedSrv, views};

use std::fmt;
use std::net::IpAddr;

/// The largest topology that is read, in octets.
pub const MOST_OCTETS: u64 = 64 << 20;

/// Whether a form says anything about a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Told<T> {
    /// It does not.
    #[default]
    Not,
    /// It says that there is none.
    Absent,
    /// It says what it is.
    Is(T),
}

impl<T> Told<T> {
    /// The value, where there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Not | Self::Absent => None,
        }
    }
}

/// A deployment as its servers know it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topology {
    /// SIP domains; none when the form does not list them.
    pub sip_domains: Option<Vec<SipDomain>>,
    /// Central sites.
    pub sites: Vec<Site>,
    /// Edge pools.
    pub pools: Vec<Pool>,
    /// Front End pools and Directors; none when the form does not list them.
    pub front_ends: Option<Vec<FrontEnd>>,
    /// What a person should know of the reading.
    pub notes: Vec<String>,
}

/// A SIP domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SipDomain {
    /// Lower case, without the final dot.
    pub name: String,
    /// Whether it is the default one.
    pub default: bool,
}

/// A central site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// As the administrators call it.
    pub name: String,
    /// Internal name of the Edge pool by which federation leaves it.
    pub federation_route: Told<String>,
    /// Internal name of the Edge pool by which XMPP leaves it.
    pub xmpp_route: Told<String>,
}

/// An Edge pool. Names are lower case, without the final dot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Internal name.
    pub fqdn: String,
    /// Name of its site.
    pub site: Option<String>,
    /// External name of the Access Edge.
    pub access: String,
    /// External name of web conferencing.
    pub webcon: Option<String>,
    /// External name of A/V.
    pub av: Option<String>,
    /// Port of clients.
    pub client_port: Option<u16>,
    /// Port of federation; absent when federation is not enabled for the pool.
    pub federation_port: Told<u16>,
    /// Port of XMPP; absent when there is no XMPP proxy.
    pub xmpp_port: Told<u16>,
    /// Front End pool or Director that it sends to.
    pub next_hop: Option<String>,
    /// Its machines; none when the form does not list them.
    pub servers: Option<Vec<Server>>,
}

/// An Edge server. Addresses are those of its names in DNS; empty when they are not told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// Its own internal name.
    pub fqdn: String,
    /// Of the Access Edge.
    pub access: Vec<IpAddr>,
    /// Of web conferencing.
    pub webcon: Vec<IpAddr>,
    /// Of A/V.
    pub av: Vec<IpAddr>,
    /// Of the internal interface.
    pub internal: Vec<IpAddr>,
}

/// A Front End pool or Director.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrontEnd {
    /// Its name.
    pub fqdn: String,
    /// Name of its site.
    pub site: Option<String>,
    /// Internal name of the Edge pool of its media.
    pub edge: Option<String>,
}

/// What is wrong with a topology.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportError {
    /// The file.
    pub file: String,
    /// The line (`12`) or the path in JSON (`$[0].PoolFqdn`); empty for the file as a whole.
    pub place: String,
    /// What was found, and what was expected.
    pub what: String,
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place.as_str() {
            "" => write!(f, "{}: {}", self.file, self.what),
            place if place.starts_with('$') => write!(f, "{}: {place}: {}", self.file, self.what),
            line => write!(f, "{}:{line}: {}", self.file, self.what),
        }
    }
}

impl std::error::Error for ImportError {}

/// Reads the octets of a file as JSON or XML, whichever it is; `file` is its name in errors.
///
/// A byte order mark is left out; with that of UTF-16 the text is decoded, as Windows PowerShell's `>` and
/// `Out-File` write it.
///
/// # Errors
/// All that is wrong with it.
pub fn read(file: &str, octets: &[u8]) -> Result<Topology, Vec<ImportError>> {
    let wrong = |place: String, what: String| vec![ImportError { file: file.to_owned(), place, what }];
    let whole = |what: String| wrong(String::new(), what);
    if octets.len() as u64 > MOST_OCTETS {
        return Err(whole(format!("it is larger than {} MiB", MOST_OCTETS >> 20)));
    }
    if octets.starts_with(b"PK\x03\x04") {
        return Err(whole(String::from(
            "this is a ZIP archive, expected JSON or XML: unpack what Export-CsConfiguration wrote, and give its DocItemSet.xml",
        )));
    }
    let text = text_of(octets).map_err(|(line, what)| wrong(line, what))?;
    match text.trim_start().chars().next() {
        Some('<') => xml::read(file, &text),
        Some('[' | '{') => json::read(file, &text),
        Some(_) => Err(wrong(
            String::from("1"),
            format!(
                "found {:?}, expected JSON (`[` or `{{`) or XML (`<`): pipe the cmdlet to ConvertTo-Json",
                text.trim_start().lines().next().unwrap_or_default().chars().take(40).collect::<String>()
            ),
        )),
        None => Err(whole(String::from("it is empty, expected JSON or XML"))),
    }
}

/// The text of octets; or the line and what is wrong there.
fn text_of(octets: &[u8]) -> Result<String, (String, String)> {
    let unit: Option<fn([u8; 2]) -> u16> = match octets {
        [0xff, 0xfe, ..] => Some(u16::from_le_bytes),
        [0xfe, 0xff, ..] => Some(u16::from_be_bytes),
        _ => None,
    };
    let Some(unit) = unit else {
        let octets = octets.strip_prefix(b"\xef\xbb\xbf").unwrap_or(octets);
        return String::from_utf8(octets.to_owned()).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            let line = octets.iter().take(at).filter(|octet| **octet == b'\n').count() + 1;
            let found = octets.get(at).copied().unwrap_or_default();
            (
                line.to_string(),
                format!("byte 0x{found:02x} is not UTF-8: write the file with `-Encoding utf8`"),
            )
        });
    };
    let body = octets.get(2..).unwrap_or_default();
    if !body.len().is_multiple_of(2) {
        return Err((String::new(), String::from("UTF-16 with half a character at its end: it is cut off")));
    }
    let units: Vec<u16> = body.chunks_exact(2).filter_map(|pair| Some(unit(pair.try_into().ok()?))).collect();
    // A file that two commands appended to may hold a second mark.
    let decode = |units: &[u16]| String::from_utf16(units).map(|text| text.replace('\u{feff}', ""));
    decode(&units).map_err(|_| (String::new(), String::from("it begins as UTF-16 but is not: it is damaged")))
}

impl<T> Told<T> {
    /// The later word, where there is one.
    fn learn(&mut self, later: Self) {
        if !matches!(later, Self::Not) {
            *self = later;
        }
    }
}

impl Pool {
    /// Takes over what a later word on the same pool tells.
    fn learn(&mut self, later: Self) {
        self.access = later.access;
        for (known, later) in [
            (&mut self.site, later.site),
            (&mut self.webcon, later.webcon),
            (&mut self.av, later.av),
            (&mut self.next_hop, later.next_hop),
        ] {
            *known = later.or(known.take());
        }
        self.client_port = later.client_port.or(self.client_port);
        self.federation_port.learn(later.federation_port);
        self.xmpp_port.learn(later.xmpp_port);
        let Some(mut servers) = later.servers else { return };
        for server in &mut servers {
            let known = self.servers.iter().flatten().find(|known| known.fqdn == server.fqdn);
            let Some(known) = known else { continue };
            for (later, known) in [
                (&mut server.access, &known.access),
                (&mut server.webcon, &known.webcon),
                (&mut server.av, &known.av),
                (&mut server.internal, &known.internal),
            ] {
                if later.is_empty() {
                    later.clone_from(known);
                }
            }
        }
        self.servers = Some(servers);
    }
}

impl Topology {
    /// Joins what two files tell; the later one wins where both tell the same thing.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        if other.sip_domains.is_some() {
            self.sip_domains = other.sip_domains;
        }
        for site in other.sites {
            match self.sites.iter_mut().find(|known| known.name.eq_ignore_ascii_case(&site.name)) {
                None => self.sites.push(site),
                Some(known) => {
                    known.federation_route.learn(site.federation_route);
                    known.xmpp_route.learn(site.xmpp_route);
                }
            }
        }
        for pool in other.pools {
            match self.pools.iter_mut().find(|known| known.fqdn == pool.fqdn) {
                None => self.pools.push(pool),
                Some(known) => known.learn(pool),
            }
        }
        if let Some(new) = other.front_ends {
            let known = self.front_ends.get_or_insert_default();
            known.retain(|known| new.iter().all(|new| new.fqdn != known.fqdn));
            known.extend(new);
        }
        self.notes.extend(other.notes);
        self
    }

    /// The Edge pool of an internal name.
    pub fn pool(&self, fqdn: &str) -> Option<&Pool> {
        self.pools.iter().find(|pool| pool.fqdn == fqdn)
    }

    /// The Edge pool by which federation leaves: that of the routes, or the only pool for which federation is
    /// enabled.
    pub fn federation_route(&self) -> Option<&str> {
        self.route(|site| &site.federation_route, |pool| &pool.federation_port)
    }

    /// The same for XMPP.
    pub fn xmpp_route(&self) -> Option<&str> {
        self.route(|site| &site.xmpp_route, |pool| &pool.xmpp_port)
    }

    fn route(&self, of: fn(&Site) -> &Told<String>, port: fn(&Pool) -> &Told<u16>) -> Option<&str> {
        let told = self.sites.iter().find_map(|site| of(site).value());
        if let Some(told) = told {
            return Some(told);
        }
        let mut enabled = self.pools.iter().filter(|pool| port(pool).value().is_some());
        let only = enabled.next().filter(|_| enabled.next().is_none())?;
        Some(&only.fqdn)
    }
}

#[cfg(test)]
mod tests;
