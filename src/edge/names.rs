//! Names: what a host name is, which name stands for which pool, and what SRV records must name.

use super::{AddressKind, Declared, Deployment, EdgePool, PoolId, Service};
use super::{FederationPolicy, TargetMatch, XmppPolicy};
use crate::text::Span;
use std::net::IpAddr;

/// Lower case and without the final dot.
pub(super) fn folded(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// Reads a host name, RFC 1123 2.1: letters, digits and hyphens, labels of 1 to 63 octets, at most
/// 253 octets without the final dot. The result is lower case and has no final dot.
///
/// # Errors
/// What is wrong with it, to be put after the name: ``is an address, not a name``.
pub fn host_name(text: &str) -> Result<String, String> {
    if text.parse::<IpAddr>().is_ok() {
        return Err(String::from("is an address, not a name"));
    }
    let name = domain_name(text)?;
    for label in name.split('.') {
        if let Some(bad) = label.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '-') {
            return Err(format!("is no host name: `{bad}` is not a letter, digit or hyphen"));
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Err(format!("is no host name: label `{label}` has a hyphen at its edge"));
        }
    }
    if name == "." {
        return Err(String::from("is the root, not a host name"));
    }
    Ok(name)
}

/// Reads a domain name of printable ASCII without escapes, as a zone may have it: labels of 1 to 63
/// octets, at most 253 octets. The result is lower case without final dot; the root stays `.`.
///
/// # Errors
/// What is wrong with it, to be put after the name: `has an empty label`.
pub fn domain_name(text: &str) -> Result<String, String> {
    if text == "." {
        return Ok(String::from(text));
    }
    if text.is_empty() {
        return Err(String::from("is empty"));
    }
    if let Some(bad) = text.chars().find(|c| !c.is_ascii_graphic()) {
        return Err(format!("has the character {bad:?}; write ASCII (`xn--...` for others)"));
    }
    let name = folded(text);
    if name.split('.').any(str::is_empty) {
        return Err(String::from("has an empty label"));
    }
    if let Some(long) = name.split('.').find(|label| label.len() > 63) {
        return Err(format!("has a label of {} octets, 63 are allowed", long.len()));
    }
    if name.len() > 253 {
        return Err(format!("has {} octets, 253 are allowed", name.len()));
    }
    Ok(name)
}

/// Whether `name` is `domain` or lies below it, label by label. Both lower case without final dot.
pub fn lies_in(name: &str, domain: &str) -> bool {
    if domain == "." {
        return true;
    }
    name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

impl Deployment {
    /// The name that an SRV record of `service` in `sip_domain` names for `pool`, whether or not
    /// the service is on in that domain and in that pool; none when the pool has no fitting name.
    pub fn target(&self, pool: PoolId, service: Service, sip_domain: &str) -> Option<String> {
        let sip_domain = folded(sip_domain);
        let policy = self.policy();
        if service == Service::Xmpp && policy.xmpp == XmppPolicy::SwingA {
            return Some(self.shared_xmpp_name(&sip_domain));
        }
        if service == Service::Federation && policy.federation == FederationPolicy::GeoDns {
            return self.geo_target(pool, &sip_domain);
        }
        let pool = self.pool(pool);
        match service {
            Service::Xmpp => prestaged_target(pool, &sip_domain),
            Service::RemoteAccess | Service::Federation | Service::Other(_) => {
                let alias = pool.alias(&sip_domain).and_then(|alias| alias.access.as_ref());
                let fits = |name: &&Declared<String>| {
                    policy.target_match != TargetMatch::Strict || lies_in(&name.value, &sip_domain)
                };
                alias.or(Some(&pool.access).filter(fits)).map(|name| name.value.clone())
            }
        }
    }

    fn geo_target(&self, pool: PoolId, sip_domain: &str) -> Option<String> {
        let shared = || self.geo_names().iter().filter(|geo| geo.pools.contains(&pool));
        let inside = shared().find(|geo| lies_in(&geo.name.value, sip_domain));
        let any = || shared().next().filter(|_| self.policy().target_match != TargetMatch::Strict);
        inside.or_else(any).map(|geo| geo.name.value.clone())
    }

    /// The name whose addresses move under `swing-a`: `xmpp.<sip domain>`.
    pub fn shared_xmpp_name(&self, sip_domain: &str) -> String {
        format!("xmpp.{}", folded(sip_domain))
    }

    /// Every external name that the pool must have in DNS, the addresses it must have there, and
    /// where it is declared. XMPP names lead to the Access Edge. A name stands once.
    pub fn names(&self, pool: PoolId) -> Vec<(String, AddressKind, Span)> {
        let pool = self.pool(pool);
        let xmpp = self.policy().xmpp == XmppPolicy::Prestaged && pool.services.contains(&Service::Xmpp);
        let own = [
            (Some(&pool.access), AddressKind::Access),
            (pool.webcon.as_ref(), AddressKind::Webcon),
            (pool.av.as_ref(), AddressKind::Av),
            (pool.xmpp.as_ref().filter(|_| xmpp), AddressKind::Access),
        ];
        let aliases = pool.aliases.iter().flat_map(|alias| {
            [
                (alias.access.as_ref(), AddressKind::Access),
                (alias.webcon.as_ref(), AddressKind::Webcon),
                (alias.av.as_ref(), AddressKind::Av),
                (alias.xmpp.as_ref().filter(|_| xmpp), AddressKind::Access),
            ]
        });
        let mut names: Vec<(String, AddressKind, Span)> = Vec::new();
        for (name, kind) in own.into_iter().chain(aliases) {
            let Some(name) = name else { continue };
            if !names.iter().any(|(known, ..)| *known == name.value) {
                names.push((name.value.clone(), kind, name.span));
            }
        }
        names
    }

    /// The pool that an external name stands for, whatever its case, with or without the final dot;
    /// none for a name that pools share, and none for internal names: no SRV record may name those.
    pub fn pool_of_name(&self, name: &str) -> Option<PoolId> {
        self.by_name.get(&folded(name)).copied()
    }

    /// The pools behind a declared shared federation name; empty for every other name.
    pub fn shared_name(&self, name: &str) -> Vec<PoolId> {
        let name = folded(name);
        let geo = self.geo_names().iter().find(|geo| geo.name.value == name);
        geo.map(|geo| geo.pools.clone()).unwrap_or_default()
    }
}

/// Under `prestaged` every pool has an XMPP name of its own, inside the SIP domain where it has one.
fn prestaged_target(pool: &EdgePool, sip_domain: &str) -> Option<String> {
    let alias = pool.alias(sip_domain);
    let own = pool.xmpp.as_ref();
    alias
        .and_then(|alias| alias.xmpp.as_ref())
        .or(own.filter(|name| lies_in(&name.value, sip_domain)))
        .or(alias.and_then(|alias| alias.access.as_ref()))
        .or(own)
        .map(|name| name.value.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names_are_folded_and_checked() {
        assert_eq!(host_name("Sip1.Contoso.COM."), Ok(String::from("sip1.contoso.com")));
        for (bad, why) in [
            ("", "is empty"),
            (".", "is the root"),
            ("a..b", "has an empty label"),
            (".a", "has an empty label"),
            ("a_b.c", "`_` is not"),
            ("-a.c", "hyphen at its edge"),
            ("a-.c", "hyphen at its edge"),
            ("192.0.2.1", "is an address"),
            ("2001:db8::1", "is an address"),
            ("b\u{fc}ro.c", "write ASCII"),
        ] {
            let error = host_name(bad).unwrap_err();
            assert!(error.contains(why), "{bad}: {error}");
        }
        assert!(host_name(&format!("{}.c", "a".repeat(63))).is_ok());
        assert!(host_name(&format!("{}.c", "a".repeat(64))).unwrap_err().contains("64 octets"));
        let long = vec!["a".repeat(62); 4].join(".");
        assert!(host_name(&format!("{long}.c")).is_ok());
        assert!(host_name(&format!("{long}.cd")).unwrap_err().contains("254 octets"));
    }

    #[test]
    fn zone_names_may_have_more_characters() {
        assert_eq!(domain_name("0/25.2.0.192.IN-ADDR.ARPA."), Ok(String::from("0/25.2.0.192.in-addr.arpa")));
        assert_eq!(domain_name("_msdcs.contoso.com"), Ok(String::from("_msdcs.contoso.com")));
        assert_eq!(domain_name("."), Ok(String::from(".")));
        assert!(domain_name("a b").is_err());
    }

    #[test]
    fn lying_in_a_domain_goes_by_labels() {
        assert!(lies_in("contoso.com", "contoso.com"));
        assert!(lies_in("a.contoso.com", "contoso.com"));
        assert!(!lies_in("evilcontoso.com", "contoso.com"));
        assert!(!lies_in("com", "contoso.com"));
        assert!(lies_in("com", "."));
    }
}
