//! The name servers whose reading of a file is told apart.

use std::fmt;

/// A name server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Server {
    /// BIND 9.
    Bind,
    /// Knot DNS.
    Knot,
    /// NSD.
    Nsd,
}

impl Server {
    /// All servers, in the order of every list.
    pub const ALL: [Self; 3] = [Self::Bind, Self::Knot, Self::Nsd];

    /// The word of the command line and the configuration.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bind => "bind",
            Self::Knot => "knot",
            Self::Nsd => "nsd",
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bind => "BIND",
            Self::Knot => "Knot",
            Self::Nsd => "NSD",
        })
    }
}

/// The servers that a zone is meant for, as someone said; nobody may have said anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Targets(Vec<Server>);

impl Targets {
    /// These servers; none stands for nobody having said.
    pub fn new(servers: impl IntoIterator<Item = Server>) -> Self {
        let mut servers: Vec<_> = servers.into_iter().collect();
        servers.sort_unstable();
        servers.dedup();
        Self(servers)
    }

    /// The servers that were named.
    pub fn named(&self) -> &[Server] {
        &self.0
    }

    /// Whether one of these servers was named.
    pub fn names(&self, servers: &[Server]) -> bool {
        self.0.iter().any(|server| servers.contains(server))
    }

    /// Whether one of these servers may read the zone: it was named, or none was.
    pub fn concern(&self, servers: &[Server]) -> bool {
        self.0.is_empty() || self.names(servers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_named_concerns_all() {
        let nobody = Targets::default();
        assert!(nobody.concern(&[Server::Knot]) && !nobody.names(&[Server::Knot]));
        let two = Targets::new([Server::Nsd, Server::Bind, Server::Nsd]);
        assert_eq!(two.named(), [Server::Bind, Server::Nsd]);
        assert!(two.concern(&[Server::Knot, Server::Nsd]) && !two.concern(&[Server::Knot]));
    }
}
