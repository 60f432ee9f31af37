//! From a goal to a proved plan.

use super::edits::{self, Style};
use super::found::{self, Pairing};
use super::parked;
use super::verify;
use super::wanted::{WantedRrset, wanted, wanted_addresses};
use super::{FilePlan, Goal, Plan, PlanError, RrsetChange, ZoneChange};
use crate::config::View;
use crate::diagnostic::{Edit, Finding};
use crate::edge::{Deployment, FederationPolicy, Service, State};
use crate::edit::{self, serial};
use crate::lint::ZoneContext;
use crate::text::{FileId, Span};
use crate::workspace::{Loaded, repository_root};
use crate::zone::Record;
use crate::zonefile::rtype::Rtype;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What to plan.
#[derive(Clone, Debug)]
pub struct Request {
    /// What for.
    pub goal: Goal,
    /// Only these services; none: all that the pools offer.
    pub services: BTreeSet<Service>,
    /// The day that date serials are of.
    pub today: Date,
}

/// An RRset of one zone that should stand.
#[derive(Clone, Debug)]
pub(super) struct Task {
    /// Place among the zones.
    pub(super) zone: usize,
    pub(super) wanted: WantedRrset,
}

/// Edits by file.
pub(super) type FileEdits = BTreeMap<FileId, Vec<Edit>>;

/// Plans and proves. Nothing is written.
///
/// # Errors
/// When the goal cannot be reached, a zone cannot be read or edited, or the result is not what was
/// wanted.
pub fn plan(loaded: &Loaded, request: &Request) -> Result<Plan, PlanError> {
    let deployment = loaded
        .deployment()
        .filter(|deployment| !deployment.pools().is_empty())
        .ok_or(PlanError::NoDeployment)?;
    let services = services(deployment, request)?;
    let contexts = loaded.contexts();
    let state = request.goal.state();
    let tasks = tasks(deployment, &contexts, &state, &services, &request.goal)?;
    readable(loaded, &contexts, &tasks)?;
    let pairings = pairings(deployment, &contexts, &tasks, &request.goal);
    let mut warnings = strangers(&contexts, &tasks, &pairings);
    let styles = styles(loaded, deployment, request, &services, &tasks, &pairings, &mut warnings)?;
    let mut edits = all_edits(loaded, deployment, &tasks, &pairings, &styles)?;
    let zones = serials(loaded, request.today, &mut edits)?;
    let files = files(loaded, &edits)?;
    let old_findings = verify::verify(loaded, &files, &tasks, &pairings)?;
    if services.contains(&Service::Federation) && deployment.policy().federation == FederationPolicy::GeoDns {
        warnings.push(String::from(
            "federation is `geo-dns`: its name does not change; the traffic manager outside the zone must move it",
        ));
    }
    let changes = changes(deployment, &contexts, &tasks, &pairings);
    Ok(Plan { goal: request.goal.clone(), services, changes, zones, files, warnings, old_findings })
}

/// The services to move; the goal is checked on the way.
fn services(deployment: &Deployment, request: &Request) -> Result<BTreeSet<Service>, PlanError> {
    let name = |pool| deployment.pool(pool).name.value.clone();
    let pools: BTreeSet<_> = match &request.goal {
        Goal::Failover { down, .. } => down.clone(),
        Goal::Failback { pools } => pools.clone(),
        Goal::Sync => deployment.pools().iter().map(|pool| pool.id).collect(),
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
        Service::ALL.into_iter().filter(|service| wanted(service) && touched(service)).collect();
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

/// The RRsets that should stand, each in every zone that holds it.
fn tasks(
    deployment: &Deployment,
    contexts: &[ZoneContext<'_>],
    state: &State,
    services: &BTreeSet<Service>,
    goal: &Goal,
) -> Result<Vec<Task>, PlanError> {
    let mut tasks = Vec::new();
    for domain in deployment.sip_domains() {
        let sip_domain = &domain.name.value;
        for service in domain.services.intersection(services) {
            for rrset in wanted(deployment, state, *service, sip_domain) {
                let outside = holder(contexts, View::External, rrset.owner())
                    .ok_or_else(|| PlanError::NoZone { sip_domain: sip_domain.clone() })?;
                tasks.push(Task { zone: outside, wanted: rrset.clone() });
                if let Some(inside) = holder(contexts, View::Internal, rrset.owner())
                    && stands(&contexts[inside], &rrset)
                {
                    tasks.push(Task { zone: inside, wanted: rrset });
                }
            }
        }
    }
    if *goal == Goal::Sync {
        for rrset in wanted_addresses(deployment) {
            if let Some(zone) = holder(contexts, View::External, rrset.owner()) {
                tasks.push(Task { zone, wanted: rrset });
            }
        }
    }
    Ok(tasks)
}

/// The zone of a view that a name lies in: the one with the longest apex.
fn holder(contexts: &[ZoneContext<'_>], view: View, name: &str) -> Option<usize> {
    contexts
        .iter()
        .enumerate()
        .filter(|(_, context)| context.view == view)
        .filter(|(_, context)| {
            context.zone.key(name.as_bytes()).is_some_and(|key| context.zone.cut_above(key).is_none())
        })
        .max_by_key(|(_, context)| context.zone.apex().as_bytes().len())
        .map(|(place, _)| place)
}

/// Whether the RRset stands in an internal zone: inside, only what is there already is planned, and
/// addresses only when they are those of a pool outside.
fn stands(context: &ZoneContext<'_>, rrset: &WantedRrset) -> bool {
    let Some(key) = context.zone.key(rrset.owner().as_bytes()) else { return false };
    match rrset {
        WantedRrset::Srv { .. } => !context.zone.rrset(key, Rtype::SRV).is_empty(),
        WantedRrset::Addresses { .. } => {
            let Some(deployment) = context.deployment else { return false };
            let external: BTreeSet<_> = deployment
                .pools()
                .iter()
                .flat_map(|pool| deployment.addresses(pool.id, crate::edge::AddressKind::Access))
                .collect();
            let records = context.zone.addresses(key);
            !records.is_empty()
                && records.iter().filter_map(Record::address).all(|address| external.contains(&address))
        }
    }
}

fn readable(loaded: &Loaded, contexts: &[ZoneContext<'_>], tasks: &[Task]) -> Result<(), PlanError> {
    for place in tasks.iter().map(|task| task.zone).collect::<BTreeSet<_>>() {
        if contexts[place].partial {
            let findings: Vec<Finding> = loaded.zones[place].losses().cloned().collect();
            return Err(PlanError::Unreadable { zone: contexts[place].zone.apex().to_string(), findings });
        }
    }
    Ok(())
}

fn pairings(
    deployment: &Deployment,
    contexts: &[ZoneContext<'_>],
    tasks: &[Task],
    goal: &Goal,
) -> Vec<Pairing> {
    tasks.iter().map(|task| found::pair(&contexts[task.zone], deployment, &task.wanted, goal)).collect()
}

fn strangers(contexts: &[ZoneContext<'_>], tasks: &[Task], pairings: &[Pairing]) -> Vec<String> {
    let mut warnings = Vec::new();
    for (task, pairing) in tasks.iter().zip(pairings) {
        for target in &pairing.strangers {
            warnings.push(format!(
                "zone {} ({}): `{}` SRV also leads to `{target}`, which is no declared pool; it was left alone",
                contexts[task.zone].zone.apex(),
                contexts[task.zone].view.word(),
                task.wanted.owner()
            ));
        }
    }
    warnings
}

/// How each RRset is to be written, so that failback can restore its text.
fn styles(
    loaded: &Loaded,
    deployment: &Deployment,
    request: &Request,
    services: &BTreeSet<Service>,
    tasks: &[Task],
    pairings: &[Pairing],
    warnings: &mut Vec<String>,
) -> Result<Vec<Style>, PlanError> {
    let mut styles = vec![Style::InPlace; tasks.len()];
    if !matches!(request.goal, Goal::Failover { .. }) {
        return Ok(styles);
    }
    let contexts = loaded.contexts();
    let back = Goal::Failback { pools: BTreeSet::new() };
    let steady = self::tasks(deployment, &contexts, &State::steady(), services, &back)?;
    let mut agreed = Vec::with_capacity(tasks.len());
    for (place, (task, pairing)) in tasks.iter().zip(pairings).enumerate() {
        let before = steady.iter().find(|other| same_rrset(other, task));
        let agrees = before.is_some_and(|before| {
            !found::pair(&contexts[task.zone], deployment, &before.wanted, &back).changes()
        });
        agreed.push(agrees);
        if !agrees && pairing.changes() && parked::covers(contexts[task.zone].zone).is_empty() {
            warnings.push(format!(
                "zone {} ({}): `{}` did not say what zonewright.toml declares before this plan; failback makes it so",
                contexts[task.zone].zone.apex(),
                contexts[task.zone].view.word(),
                task.wanted.owner()
            ));
        }
        if pairing.changes() && agrees && !edits::reversible(contexts[task.zone].zone, pairing) {
            styles[place] = Style::Parked;
        }
    }
    // What fields alone cannot tell: addresses whose order in the text is not the declared one, and
    // the like. The way back is tried out.
    let restores = |styles: &[Style]| -> Result<bool, PlanError> {
        let edits = all_edits(loaded, deployment, tasks, pairings, styles)?;
        let there = changed(loaded, &edits)?;
        let moved = loaded.with_changes(&there);
        let steady = self::tasks(deployment, &moved.contexts(), &State::steady(), services, &back)?;
        let pairings = self::pairings(deployment, &moved.contexts(), &steady, &back);
        let styles = vec![Style::InPlace; steady.len()];
        let edits = all_edits(&moved, deployment, &steady, &pairings, &styles)?;
        let back = changed(&moved, &edits)?;
        Ok(there.iter().all(|(path, text)| {
            let restored = back.get(path).unwrap_or(text);
            loaded.sources.find(path).is_some_and(|file| loaded.sources.get(file).bytes() == *restored)
        }))
    };
    if !agreed.iter().any(|agrees| *agrees) || restores(&styles)? {
        return Ok(styles);
    }
    for place in 0..tasks.len() {
        if !agreed[place] || !pairings[place].changes() || styles[place] == Style::Parked {
            continue;
        }
        let alone: Vec<Style> = vec![Style::InPlace; 1];
        if !restores_alone(loaded, deployment, services, &tasks[place], &pairings[place], &alone)? {
            styles[place] = Style::Parked;
        }
    }
    Ok(styles)
}

/// Whether one RRset alone, written in this style, is restored by failback.
fn restores_alone(
    loaded: &Loaded,
    deployment: &Deployment,
    services: &BTreeSet<Service>,
    task: &Task,
    pairing: &Pairing,
    style: &[Style],
) -> Result<bool, PlanError> {
    let back = Goal::Failback { pools: BTreeSet::new() };
    let one = std::slice::from_ref(task);
    let edits = all_edits(loaded, deployment, one, std::slice::from_ref(pairing), style)?;
    let there = changed(loaded, &edits)?;
    let moved = loaded.with_changes(&there);
    let contexts = moved.contexts();
    let steady: Vec<Task> = tasks(deployment, &contexts, &State::steady(), services, &back)?
        .into_iter()
        .filter(|other| same_rrset(other, task))
        .collect();
    let pairings = pairings(deployment, &contexts, &steady, &back);
    let edits = all_edits(&moved, deployment, &steady, &pairings, &vec![Style::InPlace; steady.len()])?;
    let restored = changed(&moved, &edits)?;
    Ok(there.iter().all(|(path, text)| {
        let text = restored.get(path).unwrap_or(text);
        loaded.sources.find(path).is_some_and(|file| loaded.sources.get(file).bytes() == *text)
    }))
}

fn same_rrset(one: &Task, other: &Task) -> bool {
    let kind = |task: &Task| matches!(task.wanted, WantedRrset::Srv { .. });
    one.zone == other.zone && one.wanted.owner() == other.wanted.owner() && kind(one) == kind(other)
}

/// The edits of all RRsets, serials not yet among them.
fn all_edits(
    loaded: &Loaded,
    deployment: &Deployment,
    tasks: &[Task],
    pairings: &[Pairing],
    styles: &[Style],
) -> Result<FileEdits, PlanError> {
    let contexts = loaded.contexts();
    let uncovered = uncovered(loaded, deployment, &contexts, tasks)?;
    let ttl = deployment.policy().steady_ttl;
    let mut edits = FileEdits::new();
    for (place, (task, pairing)) in tasks.iter().zip(pairings).enumerate() {
        let own = match uncovered.get(&place) {
            Some(own) if pairing.changes() => own.clone(),
            _ => edits::edits(&contexts[task.zone], task.wanted.owner(), pairing, styles[place], ttl)?,
        };
        for edit in own {
            let list = edits.entry(edit.span.file).or_default();
            if !list.contains(&edit) {
                list.push(edit);
            }
        }
    }
    Ok(edits)
}

/// For RRsets whose records were set aside by a failover: the edits that take them up again, where
/// they then say what is wanted.
fn uncovered(
    loaded: &Loaded,
    deployment: &Deployment,
    contexts: &[ZoneContext<'_>],
    tasks: &[Task],
) -> Result<BTreeMap<usize, Vec<Edit>>, PlanError> {
    let covers: BTreeSet<_> = contexts
        .iter()
        .flat_map(|context| parked::covers(context.zone))
        .map(|cover| (cover.span(), matches!(cover, parked::Cover::Mark(_))))
        .collect();
    let mut found = BTreeMap::new();
    if covers.is_empty() {
        return Ok(found);
    }
    let mut all = FileEdits::new();
    for (span, _) in &covers {
        all.entry(span.file).or_default().push(Edit { span: *span, replacement: Vec::new() });
    }
    let bare = loaded.with_changes(&changed(loaded, &all)?);
    let bare_contexts = bare.contexts();
    for (place, task) in tasks.iter().enumerate() {
        let pairing = found::pair(
            &bare_contexts[task.zone],
            deployment,
            &task.wanted,
            &Goal::Failback { pools: BTreeSet::new() },
        );
        if pairing.changes() {
            continue;
        }
        let mut own = Vec::new();
        for record in pairing.steps.iter().filter_map(found::Step::before).map(|current| &current.record) {
            // Files keep their order among the sources, so ids agree.
            let lines = edits::lines(bare_contexts[task.zone].zone, record.span);
            let Some(edits) = all.get(&lines.file) else { continue };
            let mut gone = 0;
            let mut sorted: Vec<&Edit> = edits.iter().collect();
            sorted.sort_by_key(|edit| edit.span);
            for edit in sorted {
                let at = edit.span.start - gone;
                let mark = covers.contains(&(edit.span, true));
                if mark && lines.start <= at && at < lines.end() {
                    own.push(edit.clone());
                }
                gone += u64::from(edit.span.len);
            }
        }
        if own.is_empty() {
            continue;
        }
        let now = &contexts[task.zone];
        let pairing = found::pair(now, deployment, &task.wanted, &Goal::Failback { pools: BTreeSet::new() });
        for record in pairing.steps.iter().filter_map(found::Step::before).map(|current| &current.record) {
            let lines = edits::lines(now.zone, record.span);
            if covers.contains(&(lines, false)) {
                own.push(parked::Cover::StandIn(lines).edit());
            }
        }
        found.insert(place, own);
    }
    Ok(found)
}

/// The texts that the edits make, by path.
fn changed(loaded: &Loaded, edits: &FileEdits) -> Result<BTreeMap<PathBuf, Vec<u8>>, PlanError> {
    let mut texts = BTreeMap::new();
    for (file, edits) in edits {
        let source = loaded.sources.get(*file);
        let Some(path) = source.path() else {
            return Err(PlanError::NotEditable {
                place: source.name().to_owned(),
                why: String::from("is no file on the disk"),
            });
        };
        let text = edit::apply(source.bytes(), edits).map_err(|error| shared(source.name(), &error))?;
        texts.insert(path.to_owned(), text);
    }
    Ok(texts)
}

fn shared(name: &str, error: &edit::EditError) -> PlanError {
    match error {
        edit::EditError::Overlap { .. } => PlanError::Shared { file: name.to_owned() },
        _ => PlanError::Other(format!("{name}: {error}")),
    }
}

/// Raises the serial of every zone that reads a file which changes. A serial may itself stand in a
/// file that other zones read, so this goes on until nothing is added.
fn serials(loaded: &Loaded, today: Date, edits: &mut FileEdits) -> Result<Vec<ZoneChange>, PlanError> {
    edits.retain(|_, edits| !edits.is_empty());
    let root = root(loaded);
    let mut raised: BTreeMap<usize, ZoneChange> = BTreeMap::new();
    loop {
        let due: Vec<usize> = (0..loaded.zones.len())
            .filter(|place| !raised.contains_key(place))
            .filter(|place| loaded.zones[*place].zone.files().iter().any(|file| edits.contains_key(file)))
            .collect();
        if due.is_empty() {
            return Ok(raised.into_values().collect());
        }
        for place in due {
            let zone = &loaded.zones[place].zone;
            let file = relative(&root, loaded.sources.get(loaded.zones[place].file).path());
            let soa = zone.soa().ok_or_else(|| PlanError::NotEditable {
                place: file.clone(),
                why: format!("zone {} has no SOA record whose serial could be raised", zone.apex()),
            })?;
            let number = |from_end: usize| -> u32 {
                let start = soa.wire.len().saturating_sub(from_end * 4);
                let octets = soa.wire.get(start..start + 4).and_then(|octets| octets.try_into().ok());
                octets.map(u32::from_be_bytes).unwrap_or_default()
            };
            let old = number(5);
            let new = serial::next(old, today);
            let edit = serial_edit(zone, &soa, old, new)?;
            let list = edits.entry(edit.span.file).or_default();
            if !list.contains(&edit) {
                list.push(edit);
            }
            let change = ZoneChange {
                apex: zone.apex().to_string(),
                view: loaded.zones[place].view,
                file,
                serial: (old, new),
                refresh: (number(4), number(3)),
                negative_ttl: number(1).min(soa.ttl),
            };
            raised.insert(place, change);
        }
    }
}

fn serial_edit(zone: &crate::zone::Zone, soa: &Record, old: u32, new: u32) -> Result<Edit, PlanError> {
    let source = zone.sources().get(soa.span.file);
    let span: Span = soa.field(2);
    let written = zone.sources().bytes(span);
    let plain = std::str::from_utf8(&written).ok().and_then(|text| text.parse::<u32>().ok()) == Some(old);
    if !plain || source.generated_by().is_some() {
        return Err(PlanError::NotEditable {
            place: format!("{}:{}", source.name(), source.position(soa.span.start).line),
            why: format!(
                "the serial of zone {} is not written as a number that can be replaced",
                zone.apex()
            ),
        });
    }
    Ok(Edit { span, replacement: new.to_string().into_bytes() })
}

/// The folder that the patch is relative to.
fn root(loaded: &Loaded) -> PathBuf {
    let start = loaded.config.as_ref().map_or_else(|| PathBuf::from("."), |config| config.root.clone());
    let start = std::fs::canonicalize(&start).unwrap_or(start);
    repository_root(&start).unwrap_or(start)
}

fn relative(root: &Path, path: Option<&Path>) -> String {
    let Some(path) = path else { return String::from("-") };
    let path = path.strip_prefix(root).unwrap_or(path);
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn files(loaded: &Loaded, edits: &FileEdits) -> Result<Vec<FilePlan>, PlanError> {
    let root = root(loaded);
    let texts = changed(loaded, edits)?;
    let mut files = Vec::new();
    for (file, edits) in edits {
        let source = loaded.sources.get(*file);
        let Some(path) = source.path() else { continue };
        let name = relative(&root, Some(path));
        let patch =
            edit::unified(&name, source.bytes(), edits).map_err(|error| shared(source.name(), &error))?;
        let new = texts.get(path).cloned().unwrap_or_default();
        files.push(FilePlan { name, path: path.to_owned(), old: source.bytes().to_vec(), new, patch });
    }
    files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(files)
}

fn changes(
    deployment: &Deployment,
    contexts: &[ZoneContext<'_>],
    tasks: &[Task],
    pairings: &[Pairing],
) -> Vec<RrsetChange> {
    let mut changes = Vec::new();
    for (task, pairing) in tasks.iter().zip(pairings).filter(|(_, pairing)| pairing.changes()) {
        let types: &[Rtype] = match task.wanted {
            WantedRrset::Srv { .. } => &[Rtype::SRV],
            WantedRrset::Addresses { .. } => &[Rtype::A, Rtype::AAAA],
        };
        for rtype in types {
            let (before, after) = (pairing.texts(*rtype, false), pairing.texts(*rtype, true));
            if before == after {
                continue;
            }
            changes.push(RrsetChange {
                zone: contexts[task.zone].zone.apex().to_string(),
                view: contexts[task.zone].view,
                owner: task.wanted.owner().to_owned(),
                rtype: *rtype,
                ttl_before: pairing.ttl.filter(|_| !before.is_empty()),
                ttl: pairing.ttl.unwrap_or(deployment.policy().steady_ttl),
                service: task.wanted.service(),
                before,
                after,
            });
        }
    }
    changes
}
