//! Microsoft 365 as the home of SIP domains: the hosts that their records lead to.

use super::lies_in;

/// The domains of hosts of Microsoft 365.
pub const M365_DOMAINS: [&str; 3] = ["lync.com", "partner.lync.cn", "teams.microsoft.com"];

/// Whether an absolute name is a host of Microsoft 365, for which Microsoft prescribes the records.
pub fn is_m365(name: &str) -> bool {
    M365_DOMAINS.into_iter().any(|domain| lies_in(name, domain))
}

/// A cloud of Microsoft 365. The names are those of Microsoft's page of external DNS records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Cloud {
    /// The one that most tenants are in.
    #[default]
    Worldwide,
    /// The one that 21Vianet runs in China.
    TwentyOneVianet,
}

impl Cloud {
    /// The word of the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Worldwide => "worldwide",
            Self::TwentyOneVianet => "21vianet",
        }
    }

    fn host(self, first: &str) -> String {
        let domain = match self {
            Self::Worldwide => "online.lync.com",
            Self::TwentyOneVianet => "online.partner.lync.cn",
        };
        format!("{first}.{domain}")
    }

    /// Target of `_sipfederationtls._tcp`, absolute, no final dot.
    pub fn federation(self) -> String {
        self.host("sipfed")
    }

    /// Target of `_sip._tls` and of the alias `sip`, absolute, no final dot.
    pub fn sign_in(self) -> String {
        self.host("sipdir")
    }

    /// Target of the alias `lyncdiscover`, absolute, no final dot.
    pub fn discover(self) -> String {
        self.host("webdir")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microsoft_365_goes_by_labels() {
        assert!(is_m365("sipdir.online.lync.com"));
        assert!(is_m365("sipfed.online.partner.lync.cn"));
        assert!(!is_m365("sip.evillync.com"));
    }
}
