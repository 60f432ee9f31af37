//! Rules that compare SRV records with the declared Edge pools.

use super::facts::{deployed, is_external, is_null, is_troubled, last, listed, next_priority, rrset};
use super::line::{self, NewRecord};
use super::owner::Owner;
use super::place::owner_place;
use super::{drift, port, share};
use crate::diagnostic::{Applicability, Finding, Severity, nearest};
use crate::edge::found::{Found, FoundSrv, PoolRef};
use crate::edge::is_m365;
use crate::edge::{Deployment, FederationPolicy, PoolId, RemoteAccessPolicy, Service, SipDomain, State};
use crate::edge::{XmppPolicy, lies_in};
use crate::lint::rule::{Out, rule};
use crate::lint::{Check, Rule, SrvMarks, Workspace, ZoneContext};
use crate::zone::Lookup;
use crate::zonefile::rtype::Rtype;

/// Rules that compare SRV records with the declared Edge pools.
pub(in crate::lint) static COVERAGE_RULES: &[Rule] = &[
    rule!(
        Srv,
        ".",
        "srv-pool-uncovered",
        Error,
        Unsafe,
        "Lync Server 2013: Edge server disaster recovery",
        Check::Workspace(pool_uncovered),
        "declared Edge pool has no SRV record for a service it offers"
    ),
    rule!(
        Srv,
        ".",
        "srv-pool-unknown-target",
        Warning,
        No,
        "Lync Server 2013: define your Edge topology",
        Check::Service(SrvMarks::NONE, pool_unknown_target),
        "target is not a declared pool"
    ),
    rule!(
        Srv,
        ".",
        "srv-pools-share-address",
        Warning,
        No,
        "Lync Server 2013: Edge server disaster recovery",
        Check::Services(SrvMarks::SHARED, share::pools_share_address),
        "two pools resolve to the same address"
    ),
    rule!(
        Srv,
        ".",
        "srv-port-unexpected",
        Error,
        Unsafe,
        "RFC 6120 section 3.2.1",
        Check::Service(SrvMarks::PORT, port::port_unexpected),
        "port is not the one on which the service listens"
    ),
    rule!(
        Srv,
        ".",
        "srv-service-set-incomplete",
        Warning,
        Unsafe,
        "Lync Server 2013: determine DNS requirements",
        Check::Workspace(service_set_incomplete),
        "SIP domain lacks a service that the deployment offers"
    ),
    rule!(
        Srv,
        ".",
        "srv-target-address-drift",
        Error,
        Unsafe,
        "Lync Server 2013: DNS summary, scaled consolidated Edge",
        Check::Zone(drift::target_address_drift),
        "target's addresses are not those declared for the pool"
    ),
];

/// A service that a SIP domain wants, and the zone that its records belong in.
struct Wanted<'w> {
    context: &'w ZoneContext<'w>,
    deployment: &'w Deployment,
    domain: &'w SipDomain,
    service: Service,
    owner: String,
}

/// Every service that a SIP domain wants and a pool offers, where its zone is at hand, read whole
/// and seen by outsiders.
fn wanted<'w>(workspace: &Workspace<'w>) -> Vec<Wanted<'w>> {
    let Some(deployment) = workspace.deployment else { return Vec::new() };
    let mut wanted = Vec::new();
    for domain in deployment.sip_domains() {
        for service in deployment.services().iter().copied() {
            if !domain.services.contains(&service) || deployment.pools_with(service).is_empty() {
                continue;
            }
            let owner = service.owner(&domain.name.value);
            let context = holder(workspace.zones, &owner).filter(|context| !context.partial);
            wanted.extend(context.map(|context| Wanted { context, deployment, domain, service, owner }));
        }
    }
    wanted
}

/// The zone that a name lies in: the deepest one, a declared one before others.
fn holder<'w>(zones: &'w [ZoneContext<'w>], name: &str) -> Option<&'w ZoneContext<'w>> {
    zones
        .iter()
        .filter(|context| is_external(context) && lies_in(name, &context.zone.apex().to_string()))
        .max_by_key(|context| (context.zone.apex().as_bytes().len(), context.declared))
}

/// What the policy wants of an RRset.
enum Policy {
    /// A record for each of these pools.
    Pools(Vec<PoolId>),
    /// A record for any of these pools.
    Any(Vec<PoolId>),
    /// A record that names one of these; the pools behind it do not count.
    Names(Vec<String>),
}

fn policy(deployment: &Deployment, service: Service, domain: &str) -> Policy {
    let pools = deployment.pools_with(service);
    let policy = deployment.policy();
    match service {
        Service::Federation => match policy.federation {
            FederationPolicy::SrvPriority | FederationPolicy::MultiFederated => Policy::Pools(pools),
            FederationPolicy::SingleActive => Policy::Pools(active(deployment, service)),
            FederationPolicy::GeoDns => {
                let mut names: Vec<String> =
                    pools.iter().filter_map(|pool| deployment.target(*pool, service, domain)).collect();
                names.sort();
                names.dedup();
                Policy::Names(names)
            }
        },
        Service::RemoteAccess => match policy.remote_access {
            RemoteAccessPolicy::SrvPriority => Policy::Pools(pools),
            RemoteAccessPolicy::Single => Policy::Any(pools),
        },
        Service::Xmpp => match policy.xmpp {
            XmppPolicy::Prestaged => Policy::Pools(pools),
            XmppPolicy::SwingA => Policy::Names(vec![deployment.shared_xmpp_name(domain)]),
        },
        Service::Other(_) => Policy::Pools(pools),
    }
}

/// The pool that holds the route of a service.
fn active(deployment: &Deployment, service: Service) -> Vec<PoolId> {
    State::steady().order(deployment, service).into_iter().take(1).collect()
}

fn pool_uncovered(workspace: &Workspace<'_>, out: Out<'_>) {
    for wanted in wanted(workspace) {
        let Some(found) = rrset(wanted.context, wanted.service, &wanted.domain.name.value) else { continue };
        // A target that another rule reports may be meant for the pool that seems left out.
        let unclear = |record: &FoundSrv| record.pool.is_none() && is_troubled(wanted.context, record);
        if found.records.iter().any(unclear) {
            continue;
        }
        let covers =
            |pool: &PoolId| found.records.iter().any(|record| record.pool == Some(PoolRef::Declared(*pool)));
        if found.records.iter().all(is_null) {
            out.extend(wanted.switched_off(found));
            continue;
        }
        match policy(wanted.deployment, wanted.service, &wanted.domain.name.value) {
            Policy::Pools(pools) => {
                for pool in pools.iter().filter(|pool| !covers(pool)) {
                    out.extend(wanted.uncovered(found, *pool));
                }
            }
            Policy::Any(pools) => {
                if let Some(pool) = pools.first().filter(|_| !pools.iter().any(covers)) {
                    out.extend(wanted.uncovered(found, *pool));
                }
            }
            Policy::Names(names) => {
                let named = |record: &FoundSrv| names.contains(&record.srv.target.absolute);
                if !names.is_empty() && !found.records.iter().any(named) {
                    out.extend(wanted.unnamed(found, &names));
                }
            }
        }
    }
}

impl Wanted<'_> {
    fn at_last(&self, found: &Found, message: String) -> Option<Finding> {
        let last = last(found)?;
        Some(self.context.about("srv-pool-uncovered", &last.record, last.record.span, message))
    }

    fn switched_off(&self, found: &Found) -> Option<Finding> {
        let message = format!(
            "`{}` says that {} is not offered, but Edge pools offer it",
            self.owner,
            self.service.in_text()
        );
        let help = format!(
            "name the pools, or turn the service off for `{}` in zonewright.toml",
            self.domain.name.value
        );
        let finding = self.at_last(found, message)?.help(help);
        Some(finding.related(self.domain.name.span, "SIP domain declared here"))
    }

    fn uncovered(&self, found: &Found, pool: PoolId) -> Option<Finding> {
        let pool = self.deployment.pool(pool);
        let mut covered: Vec<String> = Vec::new();
        for record in &found.records {
            if let Some(PoolRef::Declared(pool)) = record.pool {
                let name = format!("`{}`", self.deployment.pool(pool).name.value);
                if !covered.contains(&name) {
                    covered.push(name);
                }
            }
        }
        let message = format!("no record of `{}` leads to Edge pool `{}`", self.owner, pool.name.value);
        let label = match covered.len() {
            0 => String::from("no declared pool is covered"),
            1 => format!("only pool {} is covered", listed(&covered)),
            _ => format!("only pools {} are covered", listed(&covered)),
        };
        let declared = format!("`{}` offers {}", pool.name.value, self.service.in_text());
        let mut finding = self.at_last(found, message)?.labelled(label).related(pool.name.span, declared);
        // With one pool published this is how a failover leaves the zone.
        if !covered.is_empty() && only(self.deployment, self.service).is_some() {
            finding.severity = Severity::Warning;
        }
        if let Some((text, new)) = self.record_for(found, pool.id) {
            finding = finding.help(format!("add `{text}`"));
            let model = last(found)?;
            if let Some(edit) = line::insert_after(self.context, &model.record, &[new.borrowed(None)]) {
                finding = finding.fixes(Applicability::Unsafe, vec![edit]);
            }
        }
        Some(finding)
    }

    fn unnamed(&self, found: &Found, names: &[String]) -> Option<Finding> {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("no record of `{}` names {}", self.owner, listed(&names));
        let policy = match self.service {
            Service::Xmpp => "`policy.xmpp = \"swing-a\"` wants that name, and moves its addresses",
            _ => "`policy.federation = \"geo-dns\"` wants the name that pools share",
        };
        let finding = self.at_last(found, message)?.help(policy);
        Some(finding.related(self.domain.name.span, "SIP domain declared here"))
    }

    /// The record that a pool lacks, as text and in parts.
    fn record_for(&self, found: &Found, pool: PoolId) -> Option<(String, Pieces)> {
        let taken: Vec<u16> = found.records.iter().map(|record| record.srv.priority).collect();
        let declared = self.deployment.priority(pool, self.service).value;
        let priority = if taken.contains(&declared) { next_priority(&taken)? } else { declared };
        let pieces = self.pieces(pool, priority)?;
        Some((pieces.text(self.service.prefix()), pieces))
    }

    fn pieces(&self, pool: PoolId, priority: u16) -> Option<Pieces> {
        let port = self.deployment.port(pool, self.service).value;
        let target = self.deployment.target(pool, self.service, &self.domain.name.value)?;
        Some(Pieces { fields: [priority, 0, port], target })
    }
}

/// The RDATA of an SRV record to be written.
struct Pieces {
    fields: [u16; 3],
    target: String,
}

impl Pieces {
    fn text(&self, owner: &str) -> String {
        let [priority, weight, port] = self.fields;
        format!("{owner} SRV {priority} {weight} {port} {}.", self.target)
    }

    fn borrowed<'p>(&'p self, owner: Option<&'p str>) -> NewRecord<'p> {
        let fields = self.fields.iter().map(u16::to_string).collect();
        NewRecord { owner, fields, target: Some(&self.target) }
    }
}

fn service_set_incomplete(workspace: &Workspace<'_>, out: Out<'_>) {
    for wanted in wanted(workspace) {
        let zone = wanted.context.zone;
        let Some(key) = zone.key(wanted.owner.as_bytes()) else { continue };
        let absent = match zone.lookup(key) {
            Lookup::Missing | Lookup::EmptyNonTerminal => true,
            Lookup::Found(name) => {
                let types = zone.types_of(name);
                !types.has(Rtype::SRV) && !types.has(Rtype::CNAME)
            }
            Lookup::BelowCut { .. } | Lookup::BelowDname(_) | Lookup::Wildcard(_) => false,
        };
        if absent && !wanted.is_misspelt() {
            out.push(wanted.incomplete());
        }
    }
}

impl Wanted<'_> {
    /// Whether SRV records stand at an owner that another rule takes for this one, misspelt.
    fn is_misspelt(&self) -> bool {
        let plain = |text: &str| text.replace(['_', '-', '.'], "");
        let repeated = format!("{}.{}", self.owner, self.context.zone.apex());
        let service = self.service.label();
        self.context.srv_owners().into_iter().any(|key| {
            let owner = self.context.zone.absolute(key);
            let labels = owner.strip_suffix(&self.domain.name.value).and_then(|rest| rest.strip_suffix('.'));
            let close = labels.is_some_and(|labels| {
                labels.split('.').next() == Some(service)
                    || strsim::osa_distance(&plain(labels), &plain(self.service.prefix())) <= 2
            });
            (close || owner == repeated)
                && self.context.srv_at(key).is_some_and(|found| Owner::of(self.context, &found).is_wrong())
        })
    }

    fn incomplete(&self) -> Finding {
        let domain = &self.domain.name.value;
        let message = format!(
            "`{domain}` has no SRV record `{}`, but Edge pools offer {}",
            self.owner,
            self.service.in_text()
        );
        let others: Vec<&FoundSrv> = self
            .deployment
            .services()
            .iter()
            .filter_map(|service| rrset(self.context, *service, domain))
            .flat_map(|found| &found.records)
            .collect();
        let first = others.iter().min_by_key(|record| record.record.place);
        let rule = "srv-service-set-incomplete";
        let mut finding = match first {
            Some(first) => self.context.about(rule, &first.record, owner_place(&first.record), message),
            None => self.context.about_zone(rule, self.context.apex_span(), message),
        };
        finding = finding.related(self.domain.name.span, "SIP domain declared here");
        let pools = match policy(self.deployment, self.service, domain) {
            Policy::Pools(pools) => pools,
            Policy::Any(pools) => pools.into_iter().take(1).collect(),
            Policy::Names(_) => active(self.deployment, self.service),
        };
        let pieces: Vec<Pieces> = pools
            .into_iter()
            .filter_map(|pool| self.pieces(pool, self.deployment.priority(pool, self.service).value))
            .collect();
        let lines: Vec<String> =
            pieces.iter().map(|pieces| format!("`{}`", pieces.text(self.service.prefix()))).collect();
        if !lines.is_empty() {
            finding = finding.help(format!("add {}", listed(&lines)));
        }
        let records: Vec<NewRecord<'_>> =
            pieces.iter().map(|pieces| pieces.borrowed(Some(&self.owner))).collect();
        let model = others.iter().max_by_key(|record| record.record.place);
        if let Some(model) = model.filter(|_| !records.is_empty())
            && let Some(edit) = line::insert_after(self.context, &model.record, &records)
        {
            finding = finding.fixes(Applicability::Unsafe, vec![edit]);
        }
        finding
    }
}

fn pool_unknown_target(context: &ZoneContext<'_>, found: &Found, out: Out<'_>) {
    let Some(deployment) = deployed(context).filter(|_| is_external(context) && found.declared_domain) else {
        return;
    };
    let Some(service) = found.service else { return };
    let wanted = policy(deployment, service, &found.domain);
    let is_wanted = |record: &FoundSrv| match &wanted {
        Policy::Names(names) => names.contains(&record.srv.target.absolute),
        Policy::Pools(pools) => pools.iter().any(|pool| record.pool == Some(PoolRef::Declared(*pool))),
        Policy::Any(_) => false,
    };
    let fulfilled = found.records.iter().any(is_wanted);
    for record in &found.records {
        let target = &record.srv.target.absolute;
        if is_null(record)
            || is_troubled(context, record)
            || is_m365(target)
            || !deployment.shared_name(target).is_empty()
            || is_wanted(record)
        {
            continue;
        }
        let rule = "srv-pool-unknown-target";
        if record.pool.is_none() {
            let message = format!("target `{target}` of `{}` belongs to no declared Edge pool", found.owner);
            let names = deployment.pools().iter().flat_map(|pool| deployment.names(pool.id));
            let names: Vec<String> = names.map(|(name, ..)| name).collect();
            let help = match nearest(target, names.iter().map(String::as_str)) {
                Some(name) => format!("did you mean `{name}`? else declare the pool in zonewright.toml"),
                None => String::from("declare its pool in zonewright.toml, or remove the record"),
            };
            out.push(context.about(rule, &record.record, record.srv.target.span, message).help(help));
        } else if fulfilled && let Some(reason) = only(deployment, service) {
            let message = format!("target `{target}` of `{}` is one too many: {reason}", found.owner);
            let finding = context.about(rule, &record.record, record.srv.target.span, message);
            out.push(finding.help("remove the record, or choose another `policy.federation`"));
        }
    }
}

/// Why records of pools that are not wanted do not belong there.
fn only(deployment: &Deployment, service: Service) -> Option<String> {
    if service != Service::Federation {
        return None;
    }
    match deployment.policy().federation {
        FederationPolicy::SingleActive => {
            let pool = active(deployment, service).into_iter().next()?;
            let name = &deployment.pool(pool).name.value;
            Some(format!("policy `single-active` publishes pool `{name}` only"))
        }
        FederationPolicy::GeoDns => Some(String::from("policy `geo-dns` publishes the shared name only")),
        FederationPolicy::SrvPriority | FederationPolicy::MultiFederated => None,
    }
}
