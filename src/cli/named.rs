//! What the command line names: pools, servers and services of the deployment.

use super::output::Failure;
use crate::diagnostic::nearest;
use crate::edge::{Deployment, PoolId, ServerId, Service};
use crate::plan::PlanError;
use crate::workspace::Loaded;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Why there is no plan, with the findings that stand in its way.
pub(super) fn failure(error: PlanError, loaded: &Loaded) -> Failure {
    let words = error.to_string();
    match error {
        PlanError::Unreadable { findings, .. } => {
            Failure::Findings(words, Arc::clone(&loaded.sources), findings)
        }
        PlanError::NotClean { findings, sources } => Failure::Findings(words, sources, findings),
        _ => Failure::Words(words),
    }
}

/// The pools of some names.
pub(super) fn pools(deployment: &Deployment, names: &[String]) -> Result<BTreeSet<PoolId>, PlanError> {
    names.iter().map(|name| pool(deployment, name)).collect()
}

/// The service of a word.
pub(super) fn service(deployment: &Deployment, word: &str) -> Result<Service, PlanError> {
    deployment.service_named(word).ok_or_else(|| {
        let known: Vec<String> =
            deployment.services().iter().map(|service| service.word().to_owned()).collect();
        PlanError::UnknownService {
            found: word.to_owned(),
            nearest: nearest(word, known.iter().map(String::as_str)).map(str::to_owned),
            known,
        }
    })
}

/// The pool of a name.
pub(super) fn pool(deployment: &Deployment, name: &str) -> Result<PoolId, PlanError> {
    deployment.pool_named(name).ok_or_else(|| {
        let known: Vec<String> = deployment.pools().iter().map(|pool| pool.name.value.clone()).collect();
        PlanError::UnknownPool {
            found: name.to_owned(),
            nearest: nearest(name, known.iter().map(String::as_str)).map(str::to_owned),
            known,
        }
    })
}

/// The servers of some names.
pub(super) fn servers(deployment: &Deployment, names: &[String]) -> Result<BTreeSet<ServerId>, PlanError> {
    let find = |name: &String| {
        deployment.server_named(name).ok_or_else(|| {
            let servers = deployment.pools().iter().flat_map(|pool| &pool.servers);
            let known: Vec<String> = servers.map(|server| server.name.value.clone()).collect();
            PlanError::UnknownServer {
                found: name.clone(),
                nearest: nearest(name, known.iter().map(String::as_str)).map(str::to_owned),
                known,
            }
        })
    };
    names.iter().map(find).collect()
}

/// The SIP domains of some names, as declared; all of them when none is named.
pub(super) fn sip_domains(deployment: &Deployment, names: &[String]) -> Result<BTreeSet<String>, PlanError> {
    let all = || deployment.sip_domains().iter().map(|domain| domain.name.value.clone());
    if names.is_empty() {
        return Ok(all().collect());
    }
    let find = |name: &String| match deployment.sip_domain(name) {
        Some(domain) => Ok(domain.name.value.clone()),
        None => {
            let known: Vec<String> = all().collect();
            Err(PlanError::UnknownSipDomain {
                found: name.clone(),
                nearest: nearest(name, known.iter().map(String::as_str)).map(str::to_owned),
                known,
            })
        }
    };
    names.iter().map(find).collect()
}
