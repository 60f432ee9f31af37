//! Names that must be unique, and words that must name something declared.

use super::Check;
use crate::diagnostic::nearest;
use crate::edge::{Declared, FederationPolicy, Service, lies_in};
use crate::text::Span;

impl Check<'_> {
    /// Duplicates and dangling references.
    pub(super) fn references(&mut self) {
        let draft = self.draft;
        self.distinct("SIP domain", draft.sip_domains.iter().map(|d| (d.name.value.as_str(), d.name.span)));
        self.distinct("site", draft.sites.iter().map(|s| (s.name.value.as_str(), s.name.span)));
        self.distinct("Edge pool", draft.pools.iter().map(|p| (p.name.value.as_str(), p.name.span)));
        let front_end_pools = &draft.front_end_pools;
        self.distinct("Front End pool", front_end_pools.iter().map(|p| (p.fqdn.value.as_str(), p.fqdn.span)));
        self.one_default();
        self.further_services();
        self.routes();
        for pool in &draft.pools {
            if let Some(site) = &pool.site {
                self.site(site);
            }
            if let Some(next_hop) = pool.next_hop.as_ref().filter(|_| !front_end_pools.is_empty()) {
                self.front_end_pool(next_hop);
            }
        }
        for pool in front_end_pools {
            if let Some(site) = &pool.site {
                self.site(site);
            }
            if let Some(edge) = &pool.edge {
                self.pool(edge);
            }
            if let Some(backup) = &pool.backup {
                self.front_end_pool(backup);
                if backup.value == pool.fqdn.value {
                    let message = format!("Front End pool `{}` is its own backup", pool.fqdn.value);
                    let finding = self.finding(backup.span, message);
                    self.report(finding.related(pool.fqdn.span, "this Front End pool"));
                }
            }
        }
        self.geo_names();
    }

    fn further_services(&mut self) {
        let draft = self.draft;
        let services = || draft.services.iter().map(|draft| &draft.service);
        self.distinct("service", services().map(|service| (service.value.word(), service.span)));
        let mut first: Vec<&Declared<Service>> = Vec::new();
        for service in services() {
            let prefix = service.value.prefix();
            if let Some(known) = first.iter().find(|known| known.value.prefix() == prefix) {
                let message =
                    format!("service `{}` has the labels `{prefix}` of another", service.value.word());
                let label = format!("service `{}`", known.value.word());
                let finding = self.finding(service.span, message).related(known.span, label);
                self.report(finding);
            } else if let Some(known) = Service::LYNC.iter().find(|known| known.prefix() == prefix) {
                let message = format!("labels `{prefix}` are those of the service `{}`", known.word());
                let finding = self.finding(service.span, message);
                self.report(finding.help(format!("let the pools offer \"{}\" instead", known.word())));
            }
            first.push(service);
        }
        for service in &draft.services {
            let domains = draft.sip_domains.iter().map(|domain| domain.name.value.as_str());
            for name in service.sip_domains.iter().flatten() {
                self.known("[[sip_domain]] with the name", name, domains.clone().collect());
            }
            let offered = draft.pools.iter().any(|pool| pool.offered().contains(&service.service.value));
            if !offered && !draft.pools.is_empty() {
                let word = service.service.value.word();
                let finding =
                    self.finding(service.service.span, format!("no Edge pool offers service `{word}`"));
                self.report(finding.help(format!("add \"{word}\" to the `services` of the pools that do")));
            }
        }
    }

    fn one_default(&mut self) {
        let mut defaults = self.draft.sip_domains.iter().filter(|domain| domain.default);
        let Some(first) = defaults.next() else { return };
        for domain in defaults {
            let message = format!(
                "SIP domain `{}` is a second default, beside `{}`",
                domain.name.value, first.name.value
            );
            let finding = self.finding(domain.name.span, message);
            self.report(
                finding.related(first.name.span, "the first default").help("keep one `default = true`"),
            );
        }
    }

    fn routes(&mut self) {
        let draft = self.draft;
        for (key, service) in [("federation_route", Service::Federation), ("xmpp_route", Service::Xmpp)] {
            let mut first: Option<(&str, &Declared<String>)> = None;
            for site in &draft.sites {
                let route = match service {
                    Service::Xmpp => &site.xmpp_route,
                    _ => &site.federation_route,
                };
                let Some(route) = route else { continue };
                self.route_target(key, service, route);
                match first {
                    Some((name, known)) if !known.value.eq_ignore_ascii_case(&route.value) => {
                        let message = format!(
                            "{key} of site `{}` is `{}`, of site `{name}` it is `{}`",
                            site.name.value, route.value, known.value
                        );
                        let label = format!("{key} of site `{name}`");
                        let finding = self.finding(route.span, message).related(known.span, label);
                        self.report(finding.help("all sites need the same route"));
                    }
                    Some(_) => {}
                    None => first = Some((&site.name.value, route)),
                }
            }
        }
    }

    fn route_target(&mut self, key: &str, service: Service, route: &Declared<String>) {
        if !self.pool(route) {
            return;
        }
        let draft = self.draft;
        let pool = draft.pool_id(&route.value).and_then(|id| draft.pools.get(id.index()));
        let Some(pool) = pool.filter(|pool| !pool.offered().contains(&service)) else { return };
        let message =
            format!("{key} names pool `{}`, which does not offer {}", pool.name.value, service.word());
        let help = match service {
            Service::Xmpp => "declare the pool's `xmpp` name, or \"xmpp\" among its `services`",
            _ => "declare \"federation\" among its `services`, or name another pool",
        };
        let finding = self.finding(route.span, message).related(pool.name.span, "this pool");
        self.report(finding.help(help));
    }

    fn pool(&mut self, name: &Declared<String>) -> bool {
        let known = self.draft.pools.iter().map(|pool| pool.name.value.as_str());
        self.known("[[edge_pool]] with the id", name, known.collect())
    }

    fn site(&mut self, name: &Declared<String>) -> bool {
        let known = self.draft.sites.iter().map(|site| site.name.value.as_str());
        self.known("[[site]] with the id", name, known.collect())
    }

    fn front_end_pool(&mut self, name: &Declared<String>) -> bool {
        let known = self.draft.front_end_pools.iter().map(|pool| pool.fqdn.value.as_str());
        self.known("[[front_end_pool]] with the fqdn", name, known.collect())
    }

    fn known(&mut self, what: &str, name: &Declared<String>, known: Vec<&str>) -> bool {
        if known.iter().any(|known| known.eq_ignore_ascii_case(&name.value)) {
            return true;
        }
        let mut finding = self.finding(name.span, format!("no {what} `{}`", name.value));
        if let Some(near) = nearest(&name.value, known.iter().copied()) {
            finding = finding.help(format!("did you mean `{near}`?"));
        } else if !known.is_empty() {
            finding = finding.help(format!("declared: {}", known.join(", ")));
        }
        self.report(finding);
        false
    }

    fn geo_names(&mut self) {
        let draft = self.draft;
        let geo_dns = draft.policy.federation.is_some_and(|policy| policy.value == FederationPolicy::GeoDns);
        self.distinct("geo_name", draft.geo_names.iter().map(|geo| (geo.name.value.as_str(), geo.name.span)));
        for geo in &draft.geo_names {
            let name = &geo.name.value;
            if !geo_dns {
                let finding =
                    self.finding(geo.name.span, format!("geo_name `{name}` without policy `geo-dns`"));
                self.report(finding.help("write `federation = \"geo-dns\"` under [policy], or remove it"));
            }
            if !draft.sip_domains.iter().any(|domain| lies_in(name, &domain.name.value)) {
                let message = format!("geo_name `{name}` lies in no declared SIP domain");
                let finding = self.finding(geo.name.span, message);
                self.report(finding);
            }
            self.distinct("pool", geo.pools.iter().map(|pool| (pool.value.as_str(), pool.span)));
            if geo.pools.len() < 2 {
                let message =
                    format!("geo_name `{name}` has {} pool, 2 or more share a name", geo.pools.len());
                let finding = self.finding(geo.name.span, message);
                self.report(finding);
            }
            for pool in &geo.pools {
                self.route_target("geo_name", Service::Federation, pool);
            }
            self.geo_name_of_pool(name, geo.name.span);
        }
    }

    fn geo_name_of_pool(&mut self, name: &str, span: Span) {
        for pool in &self.draft.pools {
            if let Some((_, other, key)) = pool.all_names().into_iter().find(|(known, ..)| *known == name) {
                let message = format!("geo_name `{name}` is also a name of pool `{}` alone", pool.name.value);
                let finding = self.finding(span, message).related(other, format!("{key} of this pool"));
                self.report(finding.help("a shared name and a name of one pool cannot be the same"));
            }
        }
    }
}
