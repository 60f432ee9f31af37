//! What a plan means for Windows DNS, whose records are changed one by one.
//!
//! There is no transaction and no condition: whoever changes records compares first, and takes nothing
//! away before what replaces it is there.

use super::script::rdata;
use super::{Way, blocks};
use crate::config::View;
use crate::plan::{Plan, RecordText};
use crate::zonefile::rtype::Rtype;

/// The records of an RRset, each once, under one TTL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stand<'p> {
    /// TTL in seconds.
    pub(super) ttl: u32,
    /// RDATA as text, names absolute with final dots; none when the RRset is not there.
    pub(super) rdata: Vec<&'p str>,
}

impl<'p> Stand<'p> {
    fn new(ttl: Option<u32>, records: &'p [RecordText]) -> Self {
        Self { ttl: ttl.unwrap_or_default(), rdata: rdata(records) }
    }
}

/// An RRset and what becomes of it.
#[derive(Clone, Debug)]
pub(super) struct Rrset<'p> {
    /// Apex of the zone, no final dot.
    pub(super) zone: &'p str,
    /// Owner relative to the zone, `@` for the apex.
    pub(super) name: &'p str,
    /// SRV, A, AAAA or CNAME.
    pub(super) rtype: Rtype,
    /// What stands.
    pub(super) from: Stand<'p>,
    /// What shall stand.
    pub(super) to: Stand<'p>,
}

impl<'p> Rrset<'p> {
    /// Records that stay, but get another TTL.
    pub(super) fn retimed(&self) -> impl Iterator<Item = &'p str> {
        let differs = self.from.ttl != self.to.ttl;
        self.to.rdata.iter().copied().filter(move |rdata| differs && self.from.rdata.contains(rdata))
    }

    /// Records that come.
    pub(super) fn added(&self) -> impl Iterator<Item = &'p str> {
        self.to.rdata.iter().copied().filter(|rdata| !self.from.rdata.contains(rdata))
    }

    /// Records that go.
    pub(super) fn removed(&self) -> impl Iterator<Item = &'p str> {
        self.from.rdata.iter().copied().filter(|rdata| !self.to.rdata.contains(rdata))
    }
}

/// What one server is told: a server serves one view.
#[derive(Clone, Debug)]
pub(super) struct Told<'p> {
    pub(super) view: View,
    /// The zones, each once.
    pub(super) zones: Vec<&'p str>,
    /// The RRsets, addresses before the SRV records that lead to them.
    pub(super) rrsets: Vec<Rrset<'p>>,
}

impl<'p> Told<'p> {
    /// The RRsets whose records come before others go, aliases aside.
    pub(super) fn additions(&self) -> impl Iterator<Item = &Rrset<'p>> {
        self.rrsets.iter().filter(|rrset| rrset.rtype != Rtype::CNAME)
    }

    /// The RRsets in the order in which records are to be removed: no SRV record is left that leads to
    /// addresses which are gone. Aliases aside.
    pub(super) fn removals(&self) -> impl Iterator<Item = &Rrset<'p>> {
        let of = |srv: bool| self.additions().filter(move |rrset| (rrset.rtype == Rtype::SRV) == srv);
        of(true).chain(of(false))
    }

    /// Aliases that go for good. They go before anything comes: nothing can stand beside one.
    pub(super) fn aliases_that_go(&self) -> impl Iterator<Item = &Rrset<'p>> {
        self.rrsets.iter().filter(|rrset| rrset.rtype == Rtype::CNAME && rrset.to.rdata.is_empty())
    }

    /// Aliases that come or change. They come last, when what stood at their owners is gone.
    pub(super) fn aliases_that_come(&self) -> impl Iterator<Item = &Rrset<'p>> {
        self.rrsets.iter().filter(|rrset| rrset.rtype == Rtype::CNAME && !rrset.to.rdata.is_empty())
    }
}

/// What the servers of each view are told of a plan.
pub(super) fn told(plan: &Plan, way: Way) -> Vec<Told<'_>> {
    let mut all: Vec<Told<'_>> = Vec::new();
    for block in blocks(plan, way) {
        let zone = block.zone.apex.as_str();
        let rrsets = block.turns.into_iter().map(|turn| Rrset {
            zone,
            name: relative(&turn.change.owner, zone),
            rtype: turn.change.rtype,
            from: Stand::new(turn.from_ttl, turn.from),
            to: Stand::new(turn.to_ttl, turn.to),
        });
        let place = all.iter().position(|told| told.view == block.zone.view).unwrap_or_else(|| {
            all.push(Told { view: block.zone.view, zones: Vec::new(), rrsets: Vec::new() });
            all.len() - 1
        });
        let told = &mut all[place];
        if !told.zones.contains(&zone) {
            told.zones.push(zone);
        }
        told.rrsets.extend(rrsets);
    }
    for told in &mut all {
        // Targets may lie in another zone of the same server.
        told.rrsets.sort_by_key(|rrset| rrset.rtype == Rtype::SRV);
    }
    all
}

/// The owner relative to the zone's apex, `@` for the apex itself.
fn relative<'n>(owner: &'n str, apex: &str) -> &'n str {
    if owner.eq_ignore_ascii_case(apex) {
        return "@";
    }
    let cut = owner.len().checked_sub(apex.len()).filter(|cut| owner.is_char_boundary(*cut));
    let parts = cut.map(|cut| owner.split_at(cut));
    match parts {
        Some((name, rest)) if rest.eq_ignore_ascii_case(apex) => name.strip_suffix('.').unwrap_or(owner),
        _ => owner,
    }
}

/// `5 RRsets`.
pub(super) fn counted(told: &[Told<'_>]) -> String {
    let count: usize = told.iter().map(|told| told.rrsets.len()).sum();
    format!("{count} RRset{}", if count == 1 { "" } else { "s" })
}

/// What the script does, in words.
pub(super) fn purpose(plan: &Plan, way: Way) -> String {
    match way {
        Way::Apply => plan.goal.word().to_owned(),
        Way::Back => format!("way back of a {}", plan.goal.word()),
    }
}

#[cfg(test)]
pub(in crate::emit) mod model;

#[cfg(test)]
mod tests {
    use super::relative;

    #[test]
    fn names_are_relative_to_the_zone() {
        for (owner, apex, expected) in [
            ("_sip._tls.contoso.com", "contoso.com", "_sip._tls"),
            ("Xmpp.Contoso.com", "contoso.COM", "Xmpp"),
            ("contoso.com", "Contoso.com", "@"),
            ("notcontoso.com", "contoso.com", "notcontoso.com"),
            ("com", "contoso.com", "com"),
        ] {
            assert_eq!(relative(owner, apex), expected, "{owner} in {apex}");
        }
    }
}
