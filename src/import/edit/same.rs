//! Which declared pool or server one of the topology is.

use crate::edge::{AddressKind, Deployment, EdgePool, PoolId};
use crate::import::words::label;
use crate::import::{Pool, Server};
use std::net::IpAddr;

/// The internal name of a declared pool.
pub(in crate::import) fn internal(pool: &EdgePool) -> Option<&str> {
    Some(&pool.internal_fqdn.as_ref()?.value)
}

/// The declared pool that a pool of the topology is: by its internal name, else by that of its Access Edge.
pub(in crate::import) fn pool_of(deployment: &Deployment, pool: &Pool) -> Option<PoolId> {
    let pools = deployment.pools();
    let by_internal = pools.iter().find(|known| internal(known) == Some(&pool.fqdn));
    let found = by_internal.or_else(|| pools.iter().find(|known| known.access.value == pool.access));
    found.map(|known| known.id)
}

/// The declared server, by its place in the pool, that a machine of the topology is: by its name, else by an
/// address.
pub(in crate::import) fn server_of(pool: &EdgePool, told: &Server) -> Option<usize> {
    let is_named =
        |name: &str| name.eq_ignore_ascii_case(&told.fqdn) || name.eq_ignore_ascii_case(label(&told.fqdn));
    let by_name = pool.servers.iter().position(|server| is_named(&server.name.value));
    by_name.or_else(|| {
        let own: Vec<IpAddr> =
            [&told.access, &told.webcon, &told.av, &told.internal].into_iter().flatten().copied().collect();
        pool.servers.iter().position(|server| {
            let external = AddressKind::ALL.into_iter().flat_map(|kind| server.external.of(kind));
            external.chain(&server.internal).any(|address| own.contains(&address.value))
        })
    })
}
