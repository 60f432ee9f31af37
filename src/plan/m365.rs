//! The move of SIP domains to Microsoft 365, and back.
//!
//! In Microsoft 365 two SRV records and two aliases lead to its hosts, and there is no XMPP. On-premises
//! and in a hybrid deployment all of them lead to the Edge pools and the reverse proxy.

use super::found::Pairing;
use super::place::{Task, delegating, has_records, holder};
use super::wanted::{Lead, WantedRrset, wanted, wanted_names};
use super::{Goal, PlanError};
use crate::config::View;
use crate::edge::{Cloud, Deployment, Service, State, is_m365};
use crate::lint::ZoneContext;
use crate::workspace::Loaded;
use crate::zonefile::rtype::Rtype;
use std::collections::BTreeSet;

/// Where the records of a SIP domain lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hosting {
    /// Every user is in Microsoft 365, in Teams: the records lead there.
    TeamsOnly(Cloud),
    /// Some users are on-premises and some in Microsoft 365: the records lead on-premises.
    Hybrid,
    /// Every user is on-premises.
    OnPremises,
}

impl Hosting {
    /// The word of the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::TeamsOnly(_) => "teams-only",
            Self::Hybrid => "hybrid",
            Self::OnPremises => "on-premises",
        }
    }
}

/// What else leads clients on-premises and is left to a person: relative owner and type.
const INSIDE: [(&str, Rtype); 9] = [
    ("lyncdiscoverinternal", Rtype::A),
    ("lyncdiscoverinternal", Rtype::AAAA),
    ("lyncdiscoverinternal", Rtype::CNAME),
    ("_sipinternaltls._tcp", Rtype::SRV),
    ("_sipinternal._tcp", Rtype::SRV),
    ("sipinternal", Rtype::A),
    ("sipinternal", Rtype::CNAME),
    ("sipexternal", Rtype::A),
    ("sipexternal", Rtype::CNAME),
];

/// The RRsets of SIP domains that should stand. Those that lead on-premises already are not among them
/// when they shall lead there; inside, only what stands there is planned.
pub(super) fn tasks(
    deployment: &Deployment,
    contexts: &[ZoneContext<'_>],
    state: &State,
    sip_domains: &BTreeSet<String>,
) -> Result<Vec<Task>, PlanError> {
    let mut tasks = Vec::new();
    let chosen = deployment.sip_domains().iter().filter(|domain| sip_domains.contains(&domain.name.value));
    for domain in chosen {
        let sip_domain = &domain.name.value;
        let hosted = state.hosted.contains_key(sip_domain);
        let services =
            Service::LYNC.into_iter().filter(|service| hosted || domain.services.contains(service));
        let mut rrsets: Vec<WantedRrset> =
            services.flat_map(|service| wanted(deployment, state, service, sip_domain)).collect();
        rrsets.extend(wanted_names(deployment, state, sip_domain));
        for view in [View::External, View::Internal] {
            let mut found = Vec::new();
            for rrset in &rrsets {
                match holder(contexts, view, rrset.owner()) {
                    Some(zone) => found.push((zone, rrset)),
                    None if view == View::External => {
                        return Err(PlanError::NoZone {
                            sip_domain: sip_domain.clone(),
                            owner: rrset.owner().to_owned(),
                            delegated: delegating(contexts, rrset.owner()),
                        });
                    }
                    None => {}
                }
            }
            let leads_away = |(zone, rrset): &(usize, &WantedRrset)| leads_to_m365(&contexts[*zone], rrset);
            let is_away = found.iter().any(leads_away);
            for place in found {
                let (zone, rrset) = place;
                let comes = view == View::External && is_wanted(rrset);
                let stands = has_records(&contexts[zone], rrset);
                let planned = if hosted {
                    comes || stands
                } else {
                    let is_name = matches!(rrset, WantedRrset::Name { .. });
                    leads_away(&place) || is_away && comes && !stands && !is_name
                };
                if planned {
                    refuse_others(&contexts[zone], rrset)?;
                    tasks.push(Task { zone, wanted: rrset.clone() });
                }
            }
        }
    }
    Ok(tasks)
}

fn is_wanted(rrset: &WantedRrset) -> bool {
    match rrset {
        WantedRrset::Srv { records, .. } => !records.is_empty(),
        WantedRrset::Addresses { addresses, .. } => !addresses.is_empty(),
        WantedRrset::Name { lead, .. } => *lead != Lead::Unknown,
    }
}

/// Whether a record of those types leads to Microsoft 365.
fn leads_to_m365(context: &ZoneContext<'_>, rrset: &WantedRrset) -> bool {
    let Some(key) = context.zone.key(rrset.owner().as_bytes()) else { return false };
    let records = rrset.types().iter().flat_map(|rtype| context.zone.read_rrset(key, *rtype));
    records.flat_map(|record| record.targets).any(|target| is_m365(&target.absolute))
}

/// An alias stands alone (RFC 1034 section 3.6.2), and what else stands at its owner is nobody's to take
/// away; nor is an alias that stands where SRV records belong.
fn refuse_others(context: &ZoneContext<'_>, rrset: &WantedRrset) -> Result<(), PlanError> {
    let zone = context.zone;
    let Some(key) = zone.key(rrset.owner().as_bytes()) else { return Ok(()) };
    let Some(name) = zone.find(key) else { return Ok(()) };
    for rec in zone.records(name) {
        let in_the_way = match rrset {
            WantedRrset::Name { .. } => !rrset.types().contains(&rec.rtype),
            WantedRrset::Srv { .. } | WantedRrset::Addresses { .. } => rec.rtype == Rtype::CNAME,
        };
        if !in_the_way {
            continue;
        }
        let Some(record) = zone.record(key, rec) else { continue };
        let span = zone.sources().visible(record.span);
        let source = zone.sources().get(span.file);
        let place = format!("{}:{}", source.name(), source.position(span.start).line);
        let (owner, rtype) = (rrset.owner(), rec.rtype);
        let why = match rrset {
            WantedRrset::Name { .. } => format!(
                "`{owner}` {rtype} stands where a CNAME record must stand alone: give it another name, or take it out"
            ),
            _ => format!("`{owner}` is an alias, where records of its own must stand: take the CNAME out"),
        };
        return Err(PlanError::NotEditable { place, why });
    }
    Ok(())
}

/// What a person must see to.
pub(super) fn warnings<'p>(
    loaded: &Loaded,
    deployment: &Deployment,
    goal: &Goal,
    planned: impl Iterator<Item = (&'p Task, &'p Pairing)>,
) -> Vec<String> {
    let Goal::M365 { to, sip_domains } = goal else { return Vec::new() };
    let mut warnings = Vec::new();
    for (task, pairing) in planned {
        if let WantedRrset::Name { owner, lead: Lead::Unknown } = &task.wanted
            && pairing.changes()
        {
            let what =
                if owner.starts_with("lyncdiscover.") { "the reverse proxy" } else { "the Access Edge" };
            warnings.push(format!(
                "`{owner}` has no record after this plan in the {} view: add A or AAAA records with the addresses of {what}, which zonewright.toml does not declare for that name",
                loaded.zones[task.zone].view.word()
            ));
        }
    }
    match to {
        Hosting::TeamsOnly(_) => warnings.extend(left_inside(loaded, deployment, sip_domains)),
        Hosting::Hybrid => {}
        Hosting::OnPremises => warnings.push(String::from(
            "the records are those of a hybrid deployment: move every user back first; turn off the hybrid connection in the tenant by hand",
        )),
    }
    warnings
}

/// Names that still lead clients on-premises.
fn left_inside(loaded: &Loaded, deployment: &Deployment, sip_domains: &BTreeSet<String>) -> Vec<String> {
    let contexts = loaded.contexts();
    let mut warnings = Vec::new();
    let chosen = deployment.sip_domains().iter().filter(|domain| sip_domains.contains(&domain.name.value));
    for domain in chosen {
        for view in [View::External, View::Internal] {
            for (first, rtype) in INSIDE {
                let owner = format!("{first}.{}", domain.name.value);
                let Some(place) = holder(&contexts, view, &owner) else { continue };
                let zone = contexts[place].zone;
                let records = zone.read_rrset(zone.key(owner.as_bytes()).unwrap_or_default(), rtype);
                let targets = |record: &crate::zone::Record| {
                    !record.targets.iter().any(|target| is_m365(&target.absolute))
                };
                if records.iter().any(targets) {
                    warnings.push(format!(
                        "`{owner}` {rtype} still leads clients on-premises in the {} view; it was left alone",
                        view.word()
                    ));
                }
            }
        }
    }
    warnings
}
