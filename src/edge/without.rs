//! What is left of a deployment when pools leave it, or SIP domains.

use super::{Declared, Deployment, PoolId, Service};
use std::collections::{BTreeMap, BTreeSet};

impl Deployment {
    /// The deployment as it is declared once all services of these SIP domains are turned off in the
    /// configuration.
    pub fn without_services_of<'n>(&self, sip_domains: impl IntoIterator<Item = &'n String>) -> Self {
        let mut after = self.clone();
        for name in sip_domains {
            for domain in after.sip_domains.iter_mut().filter(|domain| domain.name.value == *name) {
                domain.services.clear();
            }
        }
        after
    }

    /// The deployment as it is declared once these pools are taken out of the configuration, `routes`
    /// having been given to other pools. Its ids are its own.
    pub fn without(&self, gone: &BTreeSet<PoolId>, routes: &BTreeMap<Service, PoolId>) -> Self {
        let left: Vec<PoolId> =
            self.pools.iter().map(|pool| pool.id).filter(|pool| !gone.contains(pool)).collect();
        let renumbered = |pool: PoolId| left.iter().position(|known| *known == pool).map(PoolId);
        let route = |route: Option<Declared<PoolId>>, service: Service| {
            let route = route?;
            let pool = routes.get(&service).copied().unwrap_or(route.value);
            Some(Declared::new(renumbered(pool)?, route.span))
        };
        let mut after = self.clone();
        for site in &mut after.sites {
            site.federation_route = route(site.federation_route, Service::Federation);
            site.xmpp_route = route(site.xmpp_route, Service::Xmpp);
        }
        for pool in &mut after.pools {
            // The defaults go by the place, which changes.
            for service in self.services.iter().copied() {
                pool.priorities.insert(service, self.priority(pool.id, service));
            }
        }
        after.pools.retain(|pool| !gone.contains(&pool.id));
        for (place, pool) in after.pools.iter_mut().enumerate() {
            pool.id = PoolId(place);
        }
        for front_end in &mut after.front_end_pools {
            front_end.edge = front_end
                .edge
                .as_ref()
                .and_then(|edge| Some(Declared::new(renumbered(edge.value)?, edge.span)));
        }
        for geo in &mut after.geo_names {
            geo.pools = geo.pools.iter().filter_map(|pool| renumbered(*pool)).collect();
        }
        after.by_name =
            self.by_name.iter().filter_map(|(name, pool)| Some((name.clone(), renumbered(*pool)?))).collect();
        after
    }
}
