//! The numbers of SRV records, kept while the zone is read: what most rules about services ask of
//! most records is told from them, at a fraction of what it costs to read a record again.

use super::Zone;
use super::table::{Addresses, Host, Owner, SrvFields};
use crate::zonefile::name::parent;
use crate::zonefile::rtype::Rtype;

impl Zone {
    /// The fields of the SRV records that a name owns.
    pub fn srv_fields<'z>(&'z self, owner: &Owner<'z>) -> impl Iterator<Item = SrvFields> + use<'z> {
        self.table.services(owner)
    }

    /// The addresses of a host that leads nowhere but to its own address records: it owns some, and no
    /// zone cut or DNAME stands above it.
    pub fn plain_addresses(&self, host: Host) -> Option<Addresses> {
        if host.addresses.is_some() && !self.types.has(Rtype::DNAME) {
            return host.addresses;
        }
        let (key, types) = (self.key_of(host.name), self.types_of(host.name));
        let is_plain = types.has_address()
            && (key.is_empty() || !types.has(Rtype::NS))
            && parent(key).is_none_or(|above| self.cut_above(above).is_none())
            && self.dname_above(key).is_none();
        if is_plain { Addresses::of(self.records(host.name)) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::SrvTarget;
    use super::*;
    use crate::text::{Source, Sources};
    use crate::zone::build;
    use crate::zonefile::include::NoIncludes;
    use crate::zonefile::name::Name;
    use crate::zonefile::parse::Options;
    use std::sync::Arc;

    /// The longest TTL of the addresses that each target of `_sip._tls` plainly leads to.
    fn targets(records: &str) -> Vec<Option<u32>> {
        let sources = Arc::new(Sources::default());
        let text = format!("$TTL 300\n@ SOA ns1 hostmaster 1 2h 30m 2w 1h\n@ NS ns1\n{records}\n");
        let file = sources.add(Source::text("zone", &*text));
        let options = Options::new(Name::absolute(b"example.com").unwrap());
        let (zone, _) = build(&sources, &NoIncludes, file, &options);
        let of_services = |owner: &Owner<'_>| owner.key() == b"_sip._tls";
        let owner = zone.owners_of(0).find(of_services).unwrap();
        let targets = zone.srv_fields(&owner).map(|srv| match srv.target {
            SrvTarget::InZone(Some(host)) => zone.plain_addresses(host).map(|addresses| addresses.longest),
            _ => None,
        });
        targets.collect()
    }

    #[test]
    fn a_host_is_plain_unless_something_stands_above_it() {
        let zone = |more: &str| {
            format!(
                "_sip._tls SRV 1 0 443 edge1\n SRV 2 0 443 edge2.site\n SRV 3 0 443 @\n SRV 4 0 443 none\n\
                 edge1 60 A 192.0.2.1\nedge1 900 AAAA 2001:db8::1\nedge1 7200 TXT x\n\
                 edge2.site A 192.0.2.2\n@ A 192.0.2.3\n{more}"
            )
        };
        assert_eq!(targets(&zone("")), [Some(900), Some(300), Some(300), None]);
        assert_eq!(targets(&zone("site NS ns1")), [Some(900), None, Some(300), None]);
        assert_eq!(targets(&zone("other NS ns1")), [Some(900), Some(300), Some(300), None]);
        assert_eq!(targets(&zone("edge1 NS ns1")), [None, Some(300), Some(300), None]);
        assert_eq!(targets(&zone("site DNAME x.example.net.")), [Some(900), None, Some(300), None]);
        assert_eq!(targets(&zone("@ DNAME x.example.net.")), [None, None, Some(300), None]);
        // Records that stand elsewhere count as well.
        assert_eq!(targets(&zone("edge2.site 1800 A 192.0.2.9")), [Some(900), Some(1800), Some(300), None]);
        assert_eq!(
            targets(&zone("_sip._tls SRV 5 0 443 edge1")),
            [Some(900), Some(300), Some(300), None, Some(900)]
        );
    }
}
