//! The invariants of a deployment, and the making of a [`Deployment`] from a [`Draft`] that keeps
//! them.
//!
//! Every check goes over the whole draft, so that one run tells everything.

mod pools;
mod references;
mod services;

use super::draft::{Draft, PolicyDraft, ServiceDraft};
use super::{
    Declared, Deployment, EdgePool, FederationPolicy, FrontEndPool, GeoName, Policy, PoolId, Service,
};
use super::{SipDomain, Site, SiteId, XmppPolicy};
use crate::diagnostic::{Finding, RuleName};
use crate::text::Span;
use std::collections::BTreeMap;

impl Draft {
    /// Makes a deployment, or says in `findings` (under the name `rule`) all that keeps it from
    /// being one. It is `None` without a finding only when a part is absent whose absence was
    /// reported before.
    pub fn resolve(self, rule: RuleName, findings: &mut Vec<Finding>) -> Option<Deployment> {
        let mut check = Check { rule, draft: &self, findings: Vec::new() };
        check.references();
        check.pools();
        check.policy();
        let deployment = self.build();
        if let Some(deployment) = &deployment {
            check.services(deployment);
        }
        let sound = check.findings.is_empty();
        findings.extend(check.findings);
        deployment.filter(|_| sound)
    }

    fn site_id(&self, name: &str) -> Option<SiteId> {
        self.sites.iter().position(|site| site.name.value.eq_ignore_ascii_case(name)).map(SiteId)
    }

    fn pool_id(&self, name: &str) -> Option<PoolId> {
        self.pools.iter().position(|pool| pool.name.value.eq_ignore_ascii_case(name)).map(PoolId)
    }

    /// Whether the name is the one that all pools share under `swing-a`.
    fn is_swinging(&self, name: &str) -> bool {
        let swings = self.policy.xmpp.is_some_and(|policy| policy.value == XmppPolicy::SwingA);
        let sip_domain = name.strip_prefix("xmpp.").filter(|_| swings);
        sip_domain.is_some_and(|domain| self.sip_domains.iter().any(|known| known.name.value == domain))
    }

    /// A SIP domain with the further services that it wants too.
    fn with_services(&self, domain: &SipDomain) -> SipDomain {
        let wants = |draft: &&ServiceDraft| {
            let named =
                |names: &Vec<Declared<String>>| names.iter().any(|name| name.value == domain.name.value);
            draft.sip_domains.as_ref().is_none_or(named)
        };
        let mut domain = domain.clone();
        domain.services.extend(self.services.iter().filter(wants).map(|draft| draft.service.value));
        domain
    }

    fn build(&self) -> Option<Deployment> {
        let route = |name: &Option<Declared<String>>| -> Option<Declared<PoolId>> {
            let name = name.as_ref()?;
            Some(Declared::new(self.pool_id(&name.value)?, name.span))
        };
        let sites = self.sites.iter().map(|site| Site {
            name: site.name.clone(),
            federation_route: route(&site.federation_route),
            xmpp_route: route(&site.xmpp_route),
        });
        let pools = self.pools.iter().enumerate().map(|(index, pool)| {
            Some(EdgePool {
                id: PoolId(index),
                name: pool.name.clone(),
                site: self.site_id(&pool.site.as_ref()?.value)?,
                internal_fqdn: pool.internal_fqdn.clone(),
                access: pool.access.clone()?,
                webcon: pool.webcon.clone(),
                av: pool.av.clone(),
                xmpp: pool.xmpp.clone(),
                load_balancing: pool.load_balancing,
                vip: pool.vip.clone().map(|vip| vip.value).unwrap_or_default(),
                next_hop: pool.next_hop.clone(),
                services: pool.offered().into_iter().collect(),
                ports: pool.ports.clone(),
                priorities: pool.priorities.clone(),
                aliases: pool.aliases.clone(),
                servers: pool.servers.clone(),
            })
        });
        let front_end_pools = self.front_end_pools.iter().map(|pool| FrontEndPool {
            fqdn: pool.fqdn.clone(),
            site: pool.site.as_ref().and_then(|site| self.site_id(&site.value)),
            edge: route(&pool.edge),
            backup: pool.backup.clone(),
        });
        let geo_names = self.geo_names.iter().map(|geo| GeoName {
            name: geo.name.clone(),
            pools: geo.pools.iter().filter_map(|pool| self.pool_id(&pool.value)).collect(),
        });
        let mut by_name = BTreeMap::new();
        for (index, pool) in self.pools.iter().enumerate() {
            for (name, _, key) in pool.all_names() {
                if key != "internal_fqdn" && !self.is_swinging(name) {
                    by_name.insert(name.to_owned(), PoolId(index));
                }
            }
        }
        let further = self.services.iter().map(|draft| draft.service.value);
        Some(Deployment {
            services: Service::LYNC.into_iter().chain(further).collect(),
            sip_domains: self.sip_domains.iter().map(|domain| self.with_services(domain)).collect(),
            sites: sites.collect(),
            pools: pools.collect::<Option<_>>()?,
            front_end_pools: front_end_pools.collect(),
            geo_names: geo_names.collect(),
            policy: self.policy.resolve(),
            by_name,
        })
    }
}

impl PolicyDraft {
    fn resolve(&self) -> Policy {
        let default = Policy::default();
        let steady_ttl = self.steady_ttl.map_or(default.steady_ttl, |ttl| ttl.value);
        Policy {
            federation: self.federation.map(|policy| policy.value).unwrap_or_default(),
            remote_access: self.remote_access.map(|policy| policy.value).unwrap_or_default(),
            xmpp: self.xmpp.map(|policy| policy.value).unwrap_or_default(),
            target_match: self.target_match.map(|policy| policy.value).unwrap_or_default(),
            switch_ttl: self.switch_ttl.map_or(default.switch_ttl.min(steady_ttl), |ttl| ttl.value),
            steady_ttl,
            rto: self.rto.map(|rto| rto.value),
        }
    }
}

/// One run over a draft.
struct Check<'a> {
    rule: RuleName,
    draft: &'a Draft,
    findings: Vec<Finding>,
}

impl Check<'_> {
    fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    fn finding(&self, span: Span, message: impl Into<String>) -> Finding {
        Finding::new(self.rule, span, message)
    }

    /// Reports every later one of two items with the same key.
    fn distinct<'k>(&mut self, what: &str, items: impl IntoIterator<Item = (&'k str, Span)>) {
        let mut first: BTreeMap<String, Span> = BTreeMap::new();
        for (name, span) in items {
            if let Some(&known) = first.get(&name.to_ascii_lowercase()) {
                let finding = self.finding(span, format!("{what} `{name}` is declared twice"));
                self.report(finding.labelled("declared again").related(known, "first declared here"));
            } else {
                first.insert(name.to_ascii_lowercase(), span);
            }
        }
    }

    /// What the policies need of the rest.
    fn policy(&mut self) {
        let draft = self.draft;
        let policy = &draft.policy;
        if let Some(federation) = policy.federation.filter(|p| p.value == FederationPolicy::SingleActive)
            && draft.sites.iter().all(|site| site.federation_route.is_none())
        {
            let message = "policy `single-active` without a federation_route: no pool is the active one";
            let finding = self.finding(federation.span, message);
            self.report(finding.help("add `federation_route = \"POOL\"` to every [[site]]"));
        }
        if let Some(xmpp) = policy.xmpp.filter(|p| p.value == XmppPolicy::SwingA)
            && draft.sites.iter().all(|site| site.xmpp_route.is_none())
            && draft.pools.iter().any(|pool| pool.offered().contains(&Service::Xmpp))
        {
            let message = "policy `swing-a` without an xmpp_route: no pool holds the XMPP addresses";
            let finding = self.finding(xmpp.span, message);
            self.report(finding.help("add `xmpp_route = \"POOL\"` to every [[site]]"));
        }
        if let Some(switch) = policy.switch_ttl {
            let resolved = policy.resolve();
            if switch.value > resolved.steady_ttl {
                let message = format!(
                    "switch_ttl of {} s is longer than the steady_ttl of {} s",
                    switch.value, resolved.steady_ttl
                );
                let mut finding = self.finding(switch.span, message);
                if let Some(steady) = policy.steady_ttl {
                    finding = finding.related(steady.span, "steady_ttl");
                }
                self.report(finding.help("records are cached for a shorter time while a move is pending"));
            }
        }
    }
}
