//! The lookups that an SPF record costs, with the records of the run that it includes (RFC 7208
//! section 4.6.4).

use super::terms::{self, Kind, Policy, Term};
use crate::lint::context::{Workspace, ZoneContext};
use crate::lint::mail::text::{Text, shown};
use crate::lint::rule::Out;
use crate::text::Span;
use crate::zone::{Lookup, RdataNotes, Record};
use crate::zonefile::rtype::Rtype;

/// The most terms that may ask the DNS.
const LIMIT: usize = 10;

/// A record is not followed further than this.
const ENOUGH: usize = 100;

/// What following a record brings.
#[derive(Default)]
struct Walk<'w> {
    /// The domains on the way from the record, each with the zone that holds it.
    path: Vec<(&'w ZoneContext<'w>, Vec<u8>)>,
    /// The terms that asked so far.
    lookups: usize,
    /// The term by which the first record leads to itself.
    loops_by: Option<Span>,
    /// Whether there is a loop on the way.
    loops: bool,
    /// Whether a policy is included that is not in the run, or depends on the sender.
    goes_outside: bool,
}

impl<'w> Walk<'w> {
    fn of(workspace: &Workspace<'w>, context: &'w ZoneContext<'w>, record: &Record) -> Option<Self> {
        let (text, policy) = super::policy(context, record)?;
        let mut walk = Self { path: vec![(context, record.key.clone())], ..Self::default() };
        walk.follow(workspace, &text, &policy, None);
        Some(walk)
    }

    /// `by` is the term of the first record that led here.
    fn follow(&mut self, workspace: &Workspace<'w>, text: &Text, policy: &Policy, by: Option<Span>) {
        for term in policy.used().filter(|term| term.kind.looks_up()) {
            self.lookups += 1;
            if self.lookups > ENOUGH {
                return;
            }
            if !matches!(term.kind, Kind::Include | Kind::Redirect) {
                continue;
            }
            let view = self.path.first().map(|(context, _)| context.view);
            let held = view.zip(domain(text, term)).and_then(|(view, name)| {
                let (context, key) = workspace.holder(view, name.as_bytes())?;
                Some((context, key.to_vec()))
            });
            let Some((context, key)) = held else {
                self.goes_outside = true;
                continue;
            };
            let by = by.unwrap_or_else(|| text.span(&term.at));
            let at = self
                .path
                .iter()
                .position(|(other, other_key)| std::ptr::eq(other.zone, context.zone) && *other_key == key);
            if let Some(at) = at {
                self.loops = true;
                if at == 0 {
                    self.loops_by = self.loops_by.or(Some(by));
                }
            } else if let Some((text, policy)) = read(context, &key) {
                self.path.push((context, key));
                self.follow(workspace, &text, &policy, Some(by));
                self.path.pop();
            } else {
                self.goes_outside = true;
            }
        }
    }
}

/// The absolute name that a term names, canonical; none when it has macros.
fn domain(text: &Text, term: &Term) -> Option<String> {
    let name = text.octets.get(term.domain.clone()?)?;
    let name = name.strip_suffix(b".").unwrap_or(name).to_ascii_lowercase();
    let is_plain = name.iter().all(|octet| octet.is_ascii_alphanumeric() || b"-_.".contains(octet));
    String::from_utf8(name).ok().filter(|_| is_plain)
}

/// The policy at a name of a zone, when the zone answers with one.
fn read(context: &ZoneContext<'_>, key: &[u8]) -> Option<(Text, Policy)> {
    let zone = context.zone;
    let (Lookup::Found(name) | Lookup::Wildcard(name)) = zone.lookup(key) else { return None };
    zone.read_rrset(zone.key_of(name), Rtype::TXT).iter().find_map(|record| {
        let text = Text::of(zone, record);
        let policy = terms::read(&text.octets)?;
        Some((text, policy))
    })
}

/// Each SPF record of the run, with its zone.
fn each<'w>(workspace: &Workspace<'w>, mut visit: impl FnMut(&'w ZoneContext<'w>, &Record, &Walk<'w>)) {
    for context in workspace.zones {
        for (key, rec, _) in context.zone.noted(RdataNotes::SPF) {
            let Some(record) = context.zone.record(key, rec) else { continue };
            if let Some(walk) = Walk::of(workspace, context, &record) {
                visit(context, &record, &walk);
            }
        }
    }
}

/// `spf-lookup-limit`
pub(in crate::lint::mail) fn lookup_limit(workspace: &Workspace<'_>, out: Out<'_>) {
    each(workspace, |context, record, walk| {
        if walk.lookups <= LIMIT || walk.loops {
            return;
        }
        let least = if walk.goes_outside || walk.lookups > ENOUGH { "at least " } else { "" };
        let count = walk.lookups.min(ENOUGH);
        let message = format!(
            "`{}` TXT: the SPF record costs {least}{count} DNS lookups, {LIMIT} are allowed",
            record.owner
        );
        let finding = context.about("spf-lookup-limit", record, record.rdata_span(), message).help(
            "write `ip4` and `ip6` in place of `a`, `mx` and `include`, or leave out what is not needed",
        );
        out.push(finding);
    });
}

/// `spf-include-loop`
pub(in crate::lint::mail) fn include_loop(workspace: &Workspace<'_>, out: Out<'_>) {
    each(workspace, |context, record, walk| {
        let Some(by) = walk.loops_by else { return };
        let term = shown(&context.zone.sources().bytes(by));
        let message = format!("`{}` TXT: the SPF record leads back to itself by `{term}`", record.owner);
        let finding = context
            .about("spf-include-loop", record, by, message)
            .help("leave the term out: a domain cannot include itself");
        out.push(finding);
    });
}
