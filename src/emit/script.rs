//! What a server is told of one zone, as a text.

use super::quote::shell;
use super::{Block, Turn, Way};
use crate::config::View;
use crate::plan::{Plan, RecordText};
use crate::zonefile::rtype::Rtype;

/// The commands for one zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// Apex of the zone, no final dot.
    pub zone: String,
    /// Who the zone is served to.
    pub view: View,
    /// The commands, with a line feed at the end of every line.
    pub text: String,
}

impl Script {
    pub(super) fn new(block: &Block<'_>, text: String) -> Self {
        Self { zone: block.zone.apex.clone(), view: block.zone.view, text }
    }
}

/// A name with its final dot.
pub(super) fn absolute(name: &str) -> String {
    if name.ends_with('.') { name.to_owned() } else { format!("{name}.") }
}

/// The RDATA of records, each once: a zone file may say a record twice, a server has it once.
pub(super) fn rdata(records: &[RecordText]) -> Vec<&str> {
    let mut texts: Vec<&str> = Vec::with_capacity(records.len());
    for record in records {
        if !texts.contains(&record.rdata.as_str()) {
            texts.push(&record.rdata);
        }
    }
    texts
}

impl Turn<'_> {
    /// TTL in seconds of what stands.
    pub(super) fn standing_ttl(&self) -> u32 {
        self.from_ttl.unwrap_or(self.change.ttl)
    }

    /// TTL in seconds of what shall stand.
    pub(super) fn wanted_ttl(&self) -> u32 {
        self.to_ttl.unwrap_or(self.change.ttl)
    }

    /// Whether the records stay and their TTL alone changes.
    pub(super) fn changes_ttl_only(&self) -> bool {
        let sorted = |records| {
            let mut texts = rdata(records);
            texts.sort_unstable();
            texts
        };
        sorted(self.from) == sorted(self.to)
    }
}

/// Which plan it is, for which zone, in which way.
pub(super) fn title(plan: &Plan, block: &Block<'_>, way: Way) -> String {
    let services: Vec<&str> = plan.services.iter().map(|service| service.word()).collect();
    let (zone, goal) = (block.zone, plan.goal.word());
    let way = match way {
        Way::Apply => "",
        Way::Back => "the way back from ",
    };
    format!(
        "zone {}, {} view ({}): {way}plan {goal}, {}",
        zone.apex,
        zone.view.word(),
        zone.file,
        services.join(", ")
    )
}

/// What to ask each server of the zone then, and what it must answer.
pub(super) fn questions(block: &Block<'_>) -> Vec<String> {
    let mut lines = vec![String::from(
        "Each server of the zone, secondaries too, must then answer these; SERVER is its address:",
    )];
    for turn in block.turns.iter().filter(|turn| !gives_way(block, turn)) {
        let (owner, rtype) = (absolute(&turn.change.owner), turn.change.rtype);
        lines.push(format!("dig @SERVER {} {rtype} +norecurse +noall +answer", shell(&owner)));
        for data in rdata(turn.to) {
            lines.push(format!("    {owner} {} IN {rtype} {data}", turn.wanted_ttl()));
        }
        if turn.to.is_empty() {
            lines.push(String::from("    nothing"));
        }
    }
    lines
}

/// Whether an alias takes the place of the records: then nobody is told that there are none.
fn gives_way(block: &Block<'_>, turn: &Turn<'_>) -> bool {
    let alias = |other: &Turn<'_>| {
        other.change.rtype == Rtype::CNAME && !other.goes() && other.change.owner == turn.change.owner
    };
    turn.goes() && turn.change.rtype != Rtype::CNAME && block.turns.iter().any(alias)
}

/// Lines of comment. Control characters become blanks: none ends the comment.
pub(super) fn comment<'t>(sign: char, lines: impl IntoIterator<Item = &'t str>) -> String {
    let mut text = String::new();
    for line in lines {
        text.push(sign);
        if !line.is_empty() {
            text.push(' ');
        }
        text.extend(line.chars().map(|c| if c.is_control() { ' ' } else { c }));
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::{knotc, nsupdate};
    use crate::plan::{Goal, RrsetChange, ZoneChange};

    fn plan(owner: &str, file: &str, before: &[&str], after: &[&str]) -> Plan {
        let records = |texts: &[&str]| {
            let record = |text: &&str| RecordText { rdata: String::from(*text), pool: None };
            texts.iter().map(record).collect::<Vec<_>>()
        };
        let zone = ZoneChange {
            apex: String::from("contoso.com"),
            view: View::Internal,
            file: String::from(file),
            serial: (1, 2),
            refresh: (4, 3),
            negative_ttl: 5,
        };
        let change = RrsetChange {
            zone: zone.apex.clone(),
            view: zone.view,
            owner: String::from(owner),
            rtype: Rtype::A,
            ttl_before: (!before.is_empty()).then_some(60),
            ttl: 300,
            service: None,
            before: records(before),
            after: records(after),
        };
        Plan {
            goal: Goal::Sync,
            services: [].into(),
            changes: vec![change],
            zones: vec![zone],
            files: Vec::new(),
            warnings: Vec::new(),
            old_findings: 0,
        }
    }

    fn both(plan: &Plan, way: Way) -> [Script; 2] {
        [nsupdate::scripts(plan, way), knotc::scripts(plan, way)].map(|mut scripts| {
            assert_eq!(scripts.len(), 1);
            scripts.remove(0)
        })
    }

    #[test]
    fn a_comment_ends_with_its_line_only() {
        let plan = plan("a.contoso.com", "a\nupdate delete contoso.com.\rreboot", &["192.0.2.1"], &[]);
        for (script, sign) in both(&plan, Way::Apply).iter().zip([';', '#']) {
            let title = script.text.lines().find(|line| line.contains("reboot")).unwrap_or_default();
            assert!(title.starts_with(sign), "{}", script.text);
            assert!(!script.text.contains('\r') && script.text.ends_with('\n'), "{}", script.text);
        }
    }

    #[test]
    fn the_shell_expands_nothing_of_a_name() {
        let plan = plan("$(reboot)'*.contoso.com", "a.zone", &["192.0.2.1"], &["192.0.2.2"]);
        let [_, script] = both(&plan, Way::Apply);
        let lines: Vec<&str> = script.text.lines().filter(|line| !line.starts_with('#')).collect();
        let naming: Vec<&&str> = lines.iter().filter(|line| line.contains("reboot")).collect();
        assert_eq!(naming.len(), 4, "compare, unset, set, compare: {}", script.text);
        for line in naming {
            assert!(line.contains(" '$(reboot)'\\''*.contoso.com.' "), "{line}");
        }
    }

    #[test]
    fn a_record_that_a_file_says_twice_is_told_once() {
        let plan = plan("a.contoso.com", "a.zone", &["192.0.2.1", "192.0.2.1"], &["192.0.2.2"]);
        for script in both(&plan, Way::Back) {
            let adds = ["update add ", "tell zone-set "];
            let adds = script.text.lines().filter(|line| adds.iter().any(|add| line.starts_with(add)));
            assert_eq!(adds.count(), 1, "{}", script.text);
        }
    }

    #[test]
    fn an_update_has_no_empty_line() {
        for (before, after) in
            [(&["192.0.2.1"][..], &[][..]), (&[], &["192.0.2.1"]), (&["192.0.2.1"], &["192.0.2.2"])]
        {
            for way in [Way::Apply, Way::Back] {
                let [script, _] = both(&plan("a.contoso.com", "a.zone", before, after), way);
                assert!(script.text.lines().all(|line| !line.is_empty()), "{}", script.text);
                assert_eq!((script.zone.as_str(), script.view), ("contoso.com", View::Internal));
            }
        }
    }
}
