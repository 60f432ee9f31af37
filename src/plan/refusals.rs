//! What is asked of a plan, and whether it can be had.

use super::{Goal, PlanError, Request};
use crate::edge::{Deployment, LoadBalancing, PoolId, ServerId, Service};
use std::collections::BTreeSet;

/// The services to move; the goal is checked on the way.
pub(super) fn services(deployment: &Deployment, request: &Request) -> Result<BTreeSet<Service>, PlanError> {
    let name = |pool| deployment.pool(pool).name.value.clone();
    let pools: BTreeSet<PoolId> = match &request.goal {
        Goal::Failover { down, .. } => down.clone(),
        Goal::Failback { pools } => pools.clone(),
        Goal::Sync => deployment.pools().iter().map(|pool| pool.id).collect(),
        Goal::Route { service: service @ (Service::RemoteAccess | Service::Other(_)), .. } => {
            return Err(PlanError::NoRoute { service: service.word() });
        }
        Goal::Route { service, to } => {
            if !deployment.pool(*to).services.contains(service) {
                return Err(PlanError::CannotTakeRoute { pool: name(*to), service: service.word() });
            }
            return Ok(BTreeSet::from([*service]));
        }
        goal if !request.services.is_empty() => {
            return Err(PlanError::Other(format!(
                "`plan {}` is about all services: leave out `--service`",
                goal.word()
            )));
        }
        Goal::Drain { servers } => {
            drainable(deployment, servers)?;
            servers.iter().map(|server| server.pool()).collect()
        }
        Goal::Restore { servers } => servers.iter().map(|server| server.pool()).collect(),
        Goal::Decommission { pools, .. } => {
            none_is_left(deployment, &request.goal)?;
            pools.clone()
        }
        Goal::Add { pools } => pools.clone(),
        Goal::M365 { .. } => return Ok(Service::LYNC.into()),
    };
    if let Goal::Failover { down, to: Some(to) } = &request.goal
        && down.contains(to)
    {
        return Err(PlanError::ToIsDown(name(*to)));
    }
    for service in &request.services {
        let to = match &request.goal {
            Goal::Failover { to, .. } => *to,
            _ => None,
        };
        let asked = pools.iter().copied().chain(to);
        let lacking = asked.filter(|pool| !deployment.pool(*pool).services.contains(service));
        let lacking: Vec<_> = if request.goal == Goal::Sync { Vec::new() } else { lacking.collect() };
        if let Some(pool) = lacking.first() {
            return Err(PlanError::NotOffered { pool: name(*pool), service: service.word() });
        }
    }
    let wanted = |service: &Service| request.services.is_empty() || request.services.contains(service);
    let touched =
        |service: &Service| pools.iter().any(|pool| deployment.pool(*pool).services.contains(service));
    let services: BTreeSet<Service> =
        deployment.services().iter().copied().filter(|service| wanted(service) && touched(service)).collect();
    if let Goal::Failover { .. } = request.goal {
        let state = request.goal.state();
        let in_use = |service: &Service| {
            deployment.sip_domains().iter().any(|domain| domain.services.contains(service))
        };
        for service in services.iter().filter(|service| in_use(service)) {
            if state.active(deployment, *service).is_none() {
                let pools = deployment.pools_with(*service).into_iter().map(name).collect();
                return Err(PlanError::AllLost { service: service.word(), pools });
            }
        }
    }
    Ok(services)
}

/// A server can be drained where records lead to it and another one of its pool is left.
fn drainable(deployment: &Deployment, servers: &BTreeSet<ServerId>) -> Result<(), PlanError> {
    for server in servers {
        let pool = deployment.pool(server.pool());
        let pool_name = pool.name.value.clone();
        if pool.load_balancing == LoadBalancing::Hlb {
            let server = deployment.server(*server).name.value.clone();
            return Err(PlanError::Balanced { pool: pool_name, server });
        }
        if deployment.servers(pool.id).all(|other| servers.contains(&other)) {
            return Err(PlanError::LastServer { pool: pool_name, name: None });
        }
    }
    Ok(())
}

/// Every service that a SIP domain wants must keep a pool.
fn none_is_left(deployment: &Deployment, goal: &Goal) -> Result<(), PlanError> {
    let state = goal.state();
    for service in deployment.services().iter().copied() {
        let pools = deployment.pools_with(service);
        let in_use = deployment.sip_domains().iter().any(|domain| domain.services.contains(&service));
        if in_use && !pools.is_empty() && state.active(deployment, service).is_none() {
            let pools = pools.into_iter().map(|pool| deployment.pool(pool).name.value.clone()).collect();
            return Err(PlanError::NoneLeft { service: service.word(), pools });
        }
    }
    Ok(())
}
