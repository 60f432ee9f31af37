//! What a pool must have, and what no two pools may have.

use super::Check;
use crate::edge::draft::PoolDraft;
use crate::edge::{AddressKind, Addresses, Alias, Declared, LoadBalancing, Server, lies_in};
use crate::text::Span;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// How many servers a pool may have.
const MOST_SERVERS: usize = 12;

impl Check<'_> {
    /// Every pool by itself, then names and addresses across pools.
    pub(super) fn pools(&mut self) {
        let draft = self.draft;
        for pool in &draft.pools {
            self.size(pool);
            if !pool.incomplete {
                self.external_addresses(pool);
            }
            self.one_set_per_name(pool);
            self.aliases(pool);
        }
        let servers = draft.pools.iter().flat_map(|pool| &pool.servers);
        self.distinct("server", servers.map(|server| (server.name.value.as_str(), server.name.span)));
        self.names_across_pools();
        self.addresses_across_servers();
    }

    fn size(&mut self, pool: &PoolDraft) {
        let name = &pool.name.value;
        let count = pool.servers.len();
        if count > MOST_SERVERS {
            let message = format!("pool `{name}` has {count} servers, {MOST_SERVERS} are allowed");
            let span = pool.servers.get(MOST_SERVERS).map_or(pool.name.span, |server| server.name.span);
            let finding = self.finding(span, message).labelled("one too many");
            self.report(finding.related(pool.name.span, "this pool"));
        }
        if count == 0 && !pool.incomplete && pool.load_balancing == LoadBalancing::Dns {
            let finding = self.finding(pool.name.span, format!("pool `{name}` has no server"));
            self.report(finding.help("add an [[edge_pool.server]] with its addresses for each of 1 to 12"));
        }
    }

    /// Each kind of name a pool has must lead to addresses.
    fn external_addresses(&mut self, pool: &PoolDraft) {
        let name = &pool.name.value;
        match (pool.load_balancing, &pool.vip) {
            (LoadBalancing::Hlb, None) => {
                let message = format!("pool `{name}` has a hardware load balancer but no vip");
                let finding = self.finding(pool.name.span, message);
                self.report(finding.help("add `vip = { access = \"ADDRESS\", ... }`"));
            }
            (LoadBalancing::Hlb, Some(vip)) => {
                for kind in lacking(pool, &vip.value) {
                    let message = format!("vip of pool `{name}` has no {} address", kind.word());
                    let finding = self.finding(vip.span, message);
                    self.report(finding.related(pool.name.span, "this pool"));
                }
            }
            (LoadBalancing::Dns, vip) => {
                if let Some(vip) = vip {
                    let message = format!("pool `{name}` has a vip but no hardware load balancer");
                    let finding = self.finding(vip.span, message);
                    self.report(finding.help("write `load_balancing = \"hlb\"`, or remove the vip"));
                }
                for server in &pool.servers {
                    for kind in lacking(pool, &server.external) {
                        let message = format!(
                            "server `{}` of pool `{name}` has no {} address",
                            server.name.value,
                            kind.word()
                        );
                        let finding = self.finding(server.name.span, message);
                        self.report(finding.help(format!("add `{} = \"ADDRESS\"`", kind.word())));
                    }
                }
            }
        }
    }

    /// A name that a pool uses for two kinds cannot lead to two different sets of addresses.
    fn one_set_per_name(&mut self, pool: &PoolDraft) {
        let access = pool.access.as_ref();
        for kind in [AddressKind::Webcon, AddressKind::Av] {
            let Some(name) = name_of(pool, kind) else { continue };
            if access.is_none_or(|access| access.value != name.value) {
                continue;
            }
            let sets = pool.servers.iter().map(|server| &server.external);
            let sets = sets.chain(pool.vip.iter().map(|vip| &vip.value));
            for set in sets {
                let own = set.of(kind);
                let (Some(at), true) = (own.first(), values(own) != values(&set.access)) else { continue };
                let message = format!(
                    "`{}` is both access and {} of pool `{}`, but their addresses differ",
                    name.value,
                    kind.word(),
                    pool.name.value
                );
                let finding = self.finding(at.span, message).related(name.span, "the same name as access");
                self.report(finding);
            }
        }
    }

    fn aliases(&mut self, pool: &PoolDraft) {
        let domains = &self.draft.sip_domains;
        for alias in &pool.aliases {
            let domain = &alias.sip_domain.value;
            if !domains.iter().any(|known| known.name.value == *domain) {
                let message =
                    format!("aliases of pool `{}` name `{domain}`, which is no SIP domain", pool.name.value);
                let mut finding = self.finding(alias.sip_domain.span, message);
                let known = domains.iter().map(|known| known.name.value.as_str());
                if let Some(near) = crate::diagnostic::nearest(domain, known) {
                    finding = finding.help(format!("did you mean `{near}`?"));
                }
                self.report(finding);
            }
            for name in alias_names(alias) {
                if !lies_in(&name.value, domain) {
                    let message = format!(
                        "alias `{}` of pool `{}` lies outside SIP domain `{domain}`",
                        name.value, pool.name.value
                    );
                    let finding = self.finding(name.span, message);
                    self.report(finding.related(alias.sip_domain.span, "declared for this SIP domain"));
                }
            }
        }
    }

    fn names_across_pools(&mut self) {
        let draft = self.draft;
        let mut first: BTreeMap<&str, (usize, Span, &str)> = BTreeMap::new();
        for (index, pool) in draft.pools.iter().enumerate() {
            for (name, span, key) in pool.all_names() {
                if draft.is_swinging(name) {
                    continue;
                }
                let &mut (owner, other, other_key) = first.entry(name).or_insert((index, span, key));
                let Some(owner) = draft.pools.get(owner).filter(|_| owner != index) else { continue };
                let message =
                    format!("`{name}` names pool `{}` and pool `{}`", pool.name.value, owner.name.value);
                let label = format!("{other_key} of pool `{}`", owner.name.value);
                let finding = self.finding(span, message).related(other, label);
                self.report(finding.help("give every pool names of its own"));
            }
        }
    }

    /// No two servers (or load balancers) share an address, in one pool or in two.
    fn addresses_across_servers(&mut self) {
        let draft = self.draft;
        let mut first: BTreeMap<IpAddr, (String, Span)> = BTreeMap::new();
        let mut clashes = Vec::new();
        let mut take = |holder: String, addresses: Vec<&Declared<IpAddr>>| {
            for address in addresses {
                let known = first.entry(address.value).or_insert_with(|| (holder.clone(), address.span));
                if known.0 != holder {
                    clashes.push((address.value, address.span, holder.clone(), known.clone()));
                }
            }
        };
        for pool in &draft.pools {
            let name = &pool.name.value;
            for server in &pool.servers {
                take(format!("server `{}` of pool `{name}`", server.name.value), all_addresses(server));
            }
            if let Some(vip) = &pool.vip {
                take(format!("vip of pool `{name}`"), external(&vip.value).collect());
            }
        }
        for (address, span, holder, (known, other)) in clashes {
            let message = format!("address {address} belongs to {holder} and to {known}");
            let finding = self.finding(span, message).related(other, format!("{known} has it"));
            self.report(finding.help("give every server addresses of its own"));
        }
    }
}

/// The kinds of address that the pool has a name for, or needs, and the set has none of.
fn lacking(pool: &PoolDraft, set: &Addresses) -> Vec<AddressKind> {
    let needs = |kind: &AddressKind| match (kind, name_of(pool, *kind), &pool.access) {
        (AddressKind::Access, ..) => true,
        // One name for everything: the access addresses do.
        (_, Some(name), Some(access)) => name.value != access.value,
        (_, Some(_), None) => true,
        (_, None, _) => false,
    };
    AddressKind::ALL.into_iter().filter(|kind| needs(kind) && set.of(*kind).is_empty()).collect()
}

fn name_of(pool: &PoolDraft, kind: AddressKind) -> Option<&Declared<String>> {
    match kind {
        AddressKind::Access => pool.access.as_ref(),
        AddressKind::Webcon => pool.webcon.as_ref(),
        AddressKind::Av => pool.av.as_ref(),
    }
}

fn alias_names(alias: &Alias) -> impl Iterator<Item = &Declared<String>> {
    [&alias.access, &alias.webcon, &alias.av, &alias.xmpp].into_iter().flatten()
}

fn external(set: &Addresses) -> impl Iterator<Item = &Declared<IpAddr>> {
    AddressKind::ALL.into_iter().flat_map(|kind| set.of(kind))
}

fn all_addresses(server: &Server) -> Vec<&Declared<IpAddr>> {
    external(&server.external).chain(&server.internal).collect()
}

fn values(addresses: &[Declared<IpAddr>]) -> BTreeSet<IpAddr> {
    addresses.iter().map(|address| address.value).collect()
}
