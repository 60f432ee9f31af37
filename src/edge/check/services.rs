//! What must hold for every service once all defaults are applied.

use super::Check;
use crate::edge::{Deployment, Draft, FederationPolicy, PoolId, Service};
use crate::text::Span;
use std::collections::BTreeMap;

impl Check<'_> {
    /// Targets and priorities. Run last: where references are wrong, a shared name may only seem to
    /// be missing.
    pub(super) fn services(&mut self, deployment: &Deployment) {
        if self.findings.is_empty() || deployment.policy().federation != FederationPolicy::GeoDns {
            self.missing_targets(deployment);
        }
        self.clashing_priorities(deployment);
    }

    /// Every service that is on in a SIP domain needs a target for every pool that offers it.
    fn missing_targets(&mut self, deployment: &Deployment) {
        let draft = self.draft;
        for pool in deployment.pools().iter().filter(|pool| is_complete(draft, pool.id)) {
            for domain in deployment.sip_domains() {
                let name = &domain.name.value;
                let lacks = |service: &&Service| deployment.target(pool.id, **service, name).is_none();
                let missing: Vec<Service> =
                    pool.services.intersection(&domain.services).filter(lacks).copied().collect();
                let Some(first) = missing.first() else { continue };
                let words: Vec<&str> = missing.iter().map(|service| service.word()).collect();
                let geo = deployment.policy().federation == FederationPolicy::GeoDns;
                let (lack, help) = match first {
                    Service::Federation if geo => (
                        "geo_name",
                        format!("add a [[geo_name]] in `{name}` whose pools contain \"{}\"", pool.name.value),
                    ),
                    Service::Xmpp => (
                        "XMPP name",
                        format!(
                            "add `xmpp = \"NAME.{name}\"` to the pool, or `xmpp = false` to the SIP domain"
                        ),
                    ),
                    _ => ("name", format!("add `aliases = {{ \"{name}\" = \"NAME.{name}\" }}` to the pool")),
                };
                let message = format!(
                    "pool `{}` has no {lack} in SIP domain `{name}` for {}",
                    pool.name.value,
                    words.join(", ")
                );
                let finding = self.finding(pool.name.span, message).help(help);
                self.report(finding.related(domain.name.span, "this SIP domain"));
            }
        }
    }

    /// Pools of one service need distinct priorities, but where the policy lets them be any.
    fn clashing_priorities(&mut self, deployment: &Deployment) {
        let draft = self.draft;
        // A priority that stands for several services is reported once.
        let mut clashes: BTreeMap<(PoolId, PoolId, Span), Vec<Service>> = BTreeMap::new();
        for service in deployment.services().iter().copied() {
            let any = deployment.policy().federation == FederationPolicy::MultiFederated;
            if service == Service::Federation && any {
                continue;
            }
            let mut first: BTreeMap<u16, PoolId> = BTreeMap::new();
            for pool in deployment.pools_with(service).into_iter().filter(|pool| is_complete(draft, *pool)) {
                let priority = deployment.priority(pool, service);
                if let Some(&known) = first.get(&priority.value) {
                    clashes.entry((known, pool, priority.span)).or_default().push(service);
                } else {
                    first.insert(priority.value, pool);
                }
            }
        }
        for ((known, pool, span), services) in clashes {
            let Some(&service) = services.first() else { continue };
            let words: Vec<&str> = services.iter().map(|service| service.word()).collect();
            let message = format!(
                "priority {} of pool `{}` is also that of pool `{}` for {}",
                deployment.priority(pool, service).value,
                deployment.pool(pool).name.value,
                deployment.pool(known).name.value,
                words.join(", ")
            );
            let other = deployment.priority(known, service).span;
            let label = format!("the same priority, of pool `{}`", deployment.pool(known).name.value);
            let finding = self.finding(span, message).related(other, label);
            self.report(finding.help("give every pool a priority of its own; the lowest is tried first"));
        }
    }
}

/// Whether all that was written of a pool could be read.
fn is_complete(draft: &Draft, pool: PoolId) -> bool {
    draft.pools.get(pool.index()).is_some_and(|pool| !pool.incomplete)
}
