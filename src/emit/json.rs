//! A plan as JSON, for programs: both ways, with everything that the other forms are made from.
//!
//! The fields are a contract, written down in `docs/plan.schema.json` (JSON Schema, draft 2020-12), which is
//! made from the types here: fields are added, never renamed, and a change that readers must know of
//! raises `schema_version`.

use super::Way;
use crate::config::View as ZoneView;
use crate::edge::{Deployment, PoolId, ServerId, Service as Moved};
use crate::plan::{self, FilePlan, Plan, RecordText, ZoneChange};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// The version of the fields.
const SCHEMA_VERSION: u32 = 1;

/// The plan as a JSON object of several lines. `zones_back` and `files_back` are its way back, from
/// [`plan::zones_back`] and [`plan::back()`].
///
/// # Panics
/// When the plan is of another deployment.
pub fn document(
    deployment: &Deployment,
    plan: &Plan,
    zones_back: &[ZoneChange],
    files_back: &[FilePlan],
) -> String {
    let document = Document::new(deployment, plan, zones_back, files_back);
    // Numbers, texts and lists cannot fail to be written into a text.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

/// A plan of zonewright: which records change so that a state of the deployment stands, and the way back.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(title = "zonewright plan"))]
struct Document<'a> {
    /// Version of the fields, 1. Fields may be added without raising it.
    schema_version: u32,
    /// What the plan is for.
    goal: Goal<'a>,
    /// The state of the deployment that it brings about.
    state: State<'a>,
    /// The services that it moves.
    services: Vec<Service>,
    /// Every Edge pool that is declared.
    pools: Vec<Pool<'a>>,
    /// What the reader must know.
    warnings: &'a [String],
    /// Findings of level error that the zones have before the plan and after it.
    old_findings: usize,
    /// From the zones as they are to those that are wanted.
    apply: Changes<'a>,
    /// Back again; the serials still go up.
    back: Changes<'a>,
}

/// What a plan is for.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Goal<'a> {
    /// The word of the command line, such as `failover`.
    kind: &'a str,
    /// The pools that go down, come back, leave or come in; with servers, the pools that these are of.
    pools: Vec<&'a str>,
    /// The servers that are drained or restored.
    servers: Vec<&'a str>,
    /// The pool that shall come first, if one was named.
    to: Option<&'a str>,
    /// Where SIP domains lead from then on: `hybrid`, `teams-only` or `on-premises`; only with `m365`.
    #[serde(skip_serializing_if = "Option::is_none")]
    hosting: Option<&'a str>,
    /// These SIP domains.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sip_domains: Vec<&'a str>,
}

/// A state of the deployment.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct State<'a> {
    /// The pools that are down.
    down: Vec<&'a str>,
    /// The pools that left for good.
    gone: Vec<&'a str>,
    /// The servers that no name leads to.
    drained: Vec<&'a str>,
    /// The pool that shall come first for a service.
    prefer: Vec<Preference<'a>>,
}

/// The pool that shall come first for a service.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Preference<'a> {
    service: Service,
    pool: &'a str,
}

/// An Edge pool.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Pool<'a> {
    /// Its `id` in zonewright.toml.
    name: &'a str,
    /// The site it stands at.
    site: &'a str,
    /// The services it offers.
    services: Vec<Service>,
    /// Whether it is up in the state of the plan.
    up: bool,
}

/// One way of a plan.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Changes<'a> {
    /// The zones that change.
    zones: Vec<Zone<'a>>,
    /// The RRsets that change.
    rrsets: Vec<Rrset<'a>>,
    /// The files that change.
    files: Vec<File<'a>>,
}

/// A zone that changes.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Zone<'a> {
    /// Apex, no final dot.
    apex: &'a str,
    /// Who it is served to.
    view: View,
    /// Its file, relative to the root of the repository.
    file: &'a str,
    /// SOA serial before.
    serial_before: u32,
    /// SOA serial after; newer by RFC 1982.
    serial_after: u32,
    /// SOA refresh in seconds.
    refresh: u32,
    /// SOA retry in seconds.
    retry: u32,
    /// TTL of negative answers in seconds (RFC 2308).
    negative_ttl: u32,
}

/// An RRset that changes.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Rrset<'a> {
    /// Apex of its zone, no final dot.
    zone: &'a str,
    /// Who the zone is served to.
    view: View,
    /// Absolute owner, no final dot.
    owner: &'a str,
    /// `SRV`, `A`, `AAAA` or `CNAME`.
    #[serde(rename = "type")]
    rtype: String,
    /// The service it is for; null for the addresses of a pool's names.
    service: Option<Service>,
    /// What stands, all of it; null when the RRset is new.
    before: Option<Records<'a>>,
    /// What shall stand, all of it; null when the RRset goes.
    after: Option<Records<'a>>,
}

/// The records of an RRset.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Records<'a> {
    /// TTL in seconds.
    ttl: u32,
    /// The records, in the order in which callers try them.
    records: Vec<Record<'a>>,
}

/// A record.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Record<'a> {
    /// RDATA, names absolute with final dots: `10 0 5061 sip1.contoso.com.`, or an address.
    rdata: &'a str,
    /// The pool it leads to; null when it leads to none that is declared, or to several.
    pool: Option<&'a str>,
}

/// A file that changes.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct File<'a> {
    /// Path relative to the root of the repository, with `/`.
    name: &'a str,
    /// The unified diff, as `git apply` takes it.
    patch: Cow<'a, str>,
    /// Whether `patch` is exact. The patch of a file that is not UTF-8 is not: it has U+FFFD in it.
    exact: bool,
}

/// Who a zone is served to.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
enum View {
    External,
    Internal,
}

/// A service of an Edge pool: `remote-access`, `federation`, `xmpp`, or the name of a `[[service]]`.
#[derive(Serialize)]
#[serde(transparent)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Service(&'static str);

impl From<ZoneView> for View {
    fn from(view: ZoneView) -> Self {
        match view {
            ZoneView::External => Self::External,
            ZoneView::Internal => Self::Internal,
        }
    }
}

impl From<Moved> for Service {
    fn from(service: Moved) -> Self {
        Self(service.word())
    }
}

impl<'a> Document<'a> {
    fn new(
        deployment: &'a Deployment,
        plan: &'a Plan,
        zones_back: &'a [ZoneChange],
        files_back: &'a [FilePlan],
    ) -> Self {
        let name = |pool: PoolId| deployment.pool(pool).name.value.as_str();
        let state = plan.goal.state();
        let (pools, to): (Vec<PoolId>, _) = match &plan.goal {
            plan::Goal::Failover { down, to } => (down.iter().copied().collect(), *to),
            plan::Goal::Failback { pools } => (pools.iter().copied().collect(), None),
            plan::Goal::Sync | plan::Goal::M365 { .. } => (Vec::new(), None),
            plan::Goal::Drain { servers } | plan::Goal::Restore { servers } => (
                servers.iter().map(|server| server.pool()).collect::<BTreeSet<_>>().into_iter().collect(),
                None,
            ),
            plan::Goal::Decommission { pools, routes } => {
                (pools.iter().copied().collect(), routes.values().next().copied())
            }
            plan::Goal::Add { pools } => (pools.iter().copied().collect(), None),
            plan::Goal::Route { to, .. } => (Vec::new(), Some(*to)),
        };
        let servers = match &plan.goal {
            plan::Goal::Drain { servers } | plan::Goal::Restore { servers } => servers.clone(),
            _ => BTreeSet::new(),
        };
        let (hosting, sip_domains) = match &plan.goal {
            plan::Goal::M365 { to, sip_domains } => {
                (Some(*to), sip_domains.iter().map(String::as_str).collect())
            }
            _ => (None, Vec::new()),
        };
        let server = |server: ServerId| deployment.server(server).name.value.as_str();
        let declared = deployment.pools().iter().map(|pool| Pool {
            name: &pool.name.value,
            site: &deployment.site(pool.site).name.value,
            services: pool.services.iter().map(|service| (*service).into()).collect(),
            up: !state.down.contains(&pool.id),
        });
        let prefer = plan.services.iter().filter_map(|service| {
            Some(Preference { service: (*service).into(), pool: name(state.preferred(*service)?) })
        });
        Self {
            schema_version: SCHEMA_VERSION,
            goal: Goal {
                kind: plan.goal.word(),
                pools: pools.into_iter().map(name).collect(),
                servers: servers.into_iter().map(server).collect(),
                to: to.map(name),
                hosting: hosting.map(|hosting| hosting.word()),
                sip_domains,
            },
            state: State {
                down: state.down.iter().map(|pool| name(*pool)).collect(),
                gone: state.gone.iter().map(|pool| name(*pool)).collect(),
                drained: state.drained.iter().map(|drained| server(*drained)).collect(),
                prefer: prefer.collect(),
            },
            services: plan.services.iter().map(|service| (*service).into()).collect(),
            pools: declared.collect(),
            warnings: &plan.warnings,
            old_findings: plan.old_findings,
            apply: Changes::new(deployment, plan, Way::Apply, &plan.zones, &plan.files),
            back: Changes::new(deployment, plan, Way::Back, zones_back, files_back),
        }
    }
}

impl<'a> Changes<'a> {
    fn new(
        deployment: &'a Deployment,
        plan: &'a Plan,
        way: Way,
        zones: &'a [ZoneChange],
        files: &'a [FilePlan],
    ) -> Self {
        let records = |ttl: Option<u32>, records: &'a [RecordText]| {
            ttl.filter(|_| !records.is_empty()).map(|ttl| Records {
                ttl,
                records: records
                    .iter()
                    .map(|record| Record {
                        rdata: &record.rdata,
                        pool: record.pool.map(|pool| deployment.pool(pool).name.value.as_str()),
                    })
                    .collect(),
            })
        };
        let rrset = |change: &'a plan::RrsetChange| {
            let turn = change.turned(way);
            Rrset {
                zone: &change.zone,
                view: change.view.into(),
                owner: &change.owner,
                rtype: change.rtype.to_string(),
                service: change.service.map(Service::from),
                before: records(turn.from_ttl, turn.from),
                after: records(turn.to_ttl, turn.to),
            }
        };
        let zone = |zone: &'a ZoneChange| Zone {
            apex: &zone.apex,
            view: zone.view.into(),
            file: &zone.file,
            serial_before: zone.serial.0,
            serial_after: zone.serial.1,
            refresh: zone.refresh.0,
            retry: zone.refresh.1,
            negative_ttl: zone.negative_ttl,
        };
        let file = |file: &'a FilePlan| {
            let patch = String::from_utf8_lossy(&file.patch);
            File { name: &file.name, exact: matches!(patch, Cow::Borrowed(_)), patch }
        };
        Self {
            zones: zones.iter().map(zone).collect(),
            rrsets: plan.changes.iter().map(rrset).collect(),
            files: files.iter().map(file).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Document;
    use schemars::generate::SchemaSettings;
    use std::path::Path;

    /// `UPDATE=1 cargo test --lib plan_schema` rewrites it.
    #[test]
    fn the_plan_schema_is_that_of_the_types() {
        let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
        let schema = generator.into_root_schema_for::<Document<'static>>();
        let made = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/plan.schema.json");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &made).unwrap();
        }
        let shipped = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(shipped == made, "docs/plan.schema.json is stale: UPDATE=1 cargo test --lib plan_schema");
    }
}
