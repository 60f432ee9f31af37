//! What a rule is.

pub(super) use super::context::Out;
use super::context::{Found, RrsetView, Workspace, ZoneContext};
use super::srv::SrvMarks;
use super::text::TextRule;
use super::wants::Wants;
use crate::change::ZoneChange;
use crate::diagnostic::{RuleName, Severity};
use crate::zone::{NameId, RdataNotes, Record};
use crate::zonefile::rtype::Rtype;

/// The groups of rules; `--select` and `[lint]` take their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Text that does not parse.
    Syntax,
    /// Names.
    Names,
    /// SOA, NS and the apex.
    Apex,
    /// Zone cuts, DS and glue.
    Delegation,
    /// CNAME and DNAME.
    Alias,
    /// SRV and the coverage of Edge pools.
    Srv,
    /// MX and mail policy.
    Mail,
    /// Address records and PTR.
    Address,
    /// TTLs.
    Ttl,
    /// RDATA of the types that have no group of their own.
    Rdata,
    /// Duplicates and untidiness.
    Hygiene,
    /// What servers read differently.
    Portability,
    /// What changed since a revision.
    Change,
}

impl Group {
    /// All groups, in the order of every list.
    pub const ALL: [Self; 13] = [
        Self::Syntax,
        Self::Names,
        Self::Apex,
        Self::Delegation,
        Self::Alias,
        Self::Srv,
        Self::Mail,
        Self::Address,
        Self::Ttl,
        Self::Rdata,
        Self::Hygiene,
        Self::Portability,
        Self::Change,
    ];

    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Names => "names",
            Self::Apex => "apex",
            Self::Delegation => "delegation",
            Self::Alias => "alias",
            Self::Srv => "srv",
            Self::Mail => "mail",
            Self::Address => "address",
            Self::Ttl => "ttl",
            Self::Rdata => "rdata",
            Self::Hygiene => "hygiene",
            Self::Portability => "portability",
            Self::Change => "change",
        }
    }
}

/// What a rule can do about its findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FixKind {
    /// A person must decide.
    No,
    /// Some or all of its findings carry a safe fix.
    Safe,
    /// Some or all of its findings carry a fix that changes what the zone publishes.
    Unsafe,
}

impl FixKind {
    /// The word of reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
        }
    }
}

/// What a rule is called with. All names of a zone are walked once for all rules, by several threads
/// if it is large: what rules of the kinds up to `Owners` want is told there.
#[derive(Clone, Copy)]
pub enum Check {
    /// Reported while the text is parsed.
    Parser,
    /// Each record of a type.
    Record(Rtype, fn(&ZoneContext<'_>, &Record, Out<'_>)),
    /// Each record with one of these marks, which were told while it was read.
    Noted(RdataNotes, fn(&ZoneContext<'_>, &Record, Out<'_>)),
    /// Each record of these types, of [`RdataNotes::JUDGED`], whose RDATA or owner is not as usual.
    Odd(&'static [Rtype], fn(&ZoneContext<'_>, &Record, Out<'_>)),
    /// Each RRset of a type that has such a record, read once, in the order it is written.
    OddRrset(Rtype, fn(&ZoneContext<'_>, &[Record], Out<'_>)),
    /// Each RRset of two records or more, of any type, at a name that is wanted.
    Rrset(Wants, fn(&ZoneContext<'_>, &RrsetView<'_>, Out<'_>)),
    /// Each name that is wanted.
    Owner(Wants, fn(&ZoneContext<'_>, NameId, Out<'_>)),
    /// All names that are wanted, in the order of the zone.
    Owners(Wants, fn(&ZoneContext<'_>, &[NameId], Out<'_>)),
    /// Each record of a type whose in-zone target does not own what the record leads to, which
    /// [`crate::zone::Zone::weak_targets`] tells: it may be missing, an alias, delegated or answered by
    /// a wildcard.
    WeakTarget(Rtype, fn(&ZoneContext<'_>, &Record, Out<'_>)),
    /// Each SRV RRset that has one of these marks, with what is known of its pools. In a zone that
    /// the configuration lists, or with a deployment, all of services of Edge pools.
    Service(SrvMarks, fn(&ZoneContext<'_>, &Found, Out<'_>)),
    /// All of these SRV RRsets, ordered by key; others may be among them.
    Services(SrvMarks, fn(&ZoneContext<'_>, &[&Found], Out<'_>)),
    /// Each zone that is held against how it was.
    Change(fn(&ZoneContext<'_>, &ZoneChange<'_>, Out<'_>)),
    /// The text of each file, once for all rules of this kind; the function begins a file.
    Text(fn() -> Box<dyn TextRule>),
    /// Each zone.
    Zone(fn(&ZoneContext<'_>, Out<'_>)),
    /// All zones together.
    Workspace(fn(&Workspace<'_>, Out<'_>)),
}

impl Check {
    /// What begins a rule about text.
    pub(super) fn of_text(&self) -> Option<fn() -> Box<dyn TextRule>> {
        match self {
            Self::Text(new) => Some(*new),
            _ => None,
        }
    }

    /// What is looked at, in a word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Text(..) => "text",
            Self::Parser => "text",
            Self::Record(..) | Self::Noted(..) | Self::Odd(..) | Self::WeakTarget(..) => "record",
            Self::Rrset(..) | Self::OddRrset(..) => "rrset",
            Self::Owner(..) | Self::Owners(..) => "owner",
            Self::Service(..) | Self::Services(..) => "service",
            Self::Change(..) => "change",
            Self::Zone(..) => "zone",
            Self::Workspace(..) => "workspace",
        }
    }
}

/// One rule.
pub struct Rule {
    /// Stable name.
    pub name: RuleName,
    /// Its group.
    pub group: Group,
    /// Severity unless configured otherwise.
    pub severity: Severity,
    /// One line: what it finds.
    pub summary: &'static str,
    /// The standard or document it rests on.
    pub source: &'static str,
    /// What it can do about it.
    pub fix: FixKind,
    /// The version that brought it.
    pub since: &'static str,
    /// Whether it runs only where it is selected by its name: what it asks for is a matter of policy.
    pub opt_in: bool,
    /// How it is called.
    pub check: Check,
    /// Its page, in Markdown.
    pub page: &'static str,
}

impl Rule {
    /// Whether it runs unless something else is asked for.
    pub fn is_default(&self) -> bool {
        self.severity > Severity::Info && !self.opt_in
    }

    /// What it does, in Markdown: the section of the page.
    pub fn what(&self) -> &'static str {
        let after = self.page.split("\n## What it does\n").nth(1).unwrap_or_default();
        after.split("\n## ").next().unwrap_or_default().trim()
    }

    /// The columns of its row, in a sentence.
    pub fn facts(&self) -> String {
        let opt_in = if self.opt_in { " (opt-in)" } else { "" };
        format!(
            "Group `{}`, severity {}{opt_in}, fix: {}, source: {}, since {}.",
            self.group.word(),
            self.severity.word(),
            self.fix.word(),
            self.source,
            self.since
        )
    }
}

/// One row of the table; the page of the rule lies in the folder of its group.
macro_rules! rule {
    (opt_in $group:ident, $($rest:tt)*) => {
        $crate::lint::Rule { opt_in: true, ..$crate::lint::rule::rule!($group, $($rest)*) }
    };
    ($group:ident, $folder:literal, $name:literal, $severity:ident, $fix:ident, $source:literal, $check:expr, $summary:literal) => {
        $crate::lint::Rule {
            name: $crate::diagnostic::RuleName($name),
            group: $crate::lint::Group::$group,
            severity: $crate::diagnostic::Severity::$severity,
            summary: $summary,
            source: $source,
            fix: $crate::lint::FixKind::$fix,
            since: "0.1",
            opt_in: false,
            check: $check,
            page: include_str!(concat!($folder, "/", $name, ".md")),
        }
    };
}
pub(super) use rule;
