//! Rules about numbers that a registry assigns: CSYNC, DSYNC, CERT, AFSDB, SSHFP, IPSECKEY.

use super::records_of;
use crate::lint::rule::{Check, Out, Rule, rule};
use crate::lint::{Wants, ZoneContext};
use crate::zone::{NameId, Record, TypeSet};
use crate::zonefile::rtype::Rtype;

/// The types whose numbers `rdata-unassigned-value` knows.
const NUMBERED: [Rtype; 4] = [Rtype::CERT, Rtype::AFSDB, Rtype::SSHFP, Rtype::IPSECKEY];

/// Rules about assigned numbers.
pub(in crate::lint) static VALUE_RULES: &[Rule] = &[
    rule!(
        Rdata,
        ".",
        "csync-flags",
        Warning,
        No,
        "RFC 7477 section 2.1.1.2",
        Check::Record(Rtype::CSYNC, csync),
        "CSYNC flags that are not defined"
    ),
    rule!(
        Rdata,
        ".",
        "dsync-params",
        Warning,
        No,
        "RFC 9859 section 2.1",
        Check::Record(Rtype::DSYNC, dsync),
        "DSYNC type or scheme that is not defined"
    ),
    rule!(
        Rdata,
        ".",
        "rdata-unassigned-value",
        Info,
        No,
        "IANA registries of CERT, AFSDB, SSHFP and IPSECKEY",
        Check::Owner(Wants::types(TypeSet::all(&NUMBERED)), unassigned),
        "a number in RDATA that no registry assigns"
    ),
];

fn csync(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some(flags) = number(record, 4).filter(|flags| flags & !3 != 0) else { return };
    let message = format!("`{}` CSYNC has flags {flags}; only 1 and 2 are defined", record.owner);
    out.push(
        context
            .about("csync-flags", record, record.field(1), message)
            .help("write 1 (immediate), 2 (look at the serial), 3 for both, or 0; the parent ignores others"),
    );
}

fn dsync(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    const NOTIFY: u8 = 1;
    let (Some(about), Some(scheme)) = (number(record, 0), record.wire.get(2)) else { return };
    let (field, why, help) = match *scheme {
        NOTIFY if !matches!(Rtype(about), Rtype::CDS | Rtype::CSYNC) => (
            0,
            format!("scheme NOTIFY is not defined for type {}", Rtype(about)),
            "write CDS, which stands for CDNSKEY too, or CSYNC",
        ),
        0 | NOTIFY | 128.. => return,
        scheme => (1, format!("scheme {scheme} is not defined"), "write NOTIFY"),
    };
    let message = format!("`{}` DSYNC: {why}", record.owner);
    out.push(context.about("dsync-params", record, record.field(field), message).help(help));
}

/// The number of 16 bits at an offset of the wire form.
fn number(record: &Record, at: usize) -> Option<u16> {
    record.wire.get(at..)?.first_chunk().map(|octets| u16::from_be_bytes(*octets))
}

fn unassigned(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    for record in records_of(context, name, &NUMBERED) {
        let octet = |at: usize| record.wire.get(at).copied().map(u16::from);
        let fields = match record.rtype {
            Rtype::CERT => [(0, "certificate type", number(&record, 0), &[1..=8, 253..=254][..]), NONE],
            Rtype::AFSDB => [(0, "subtype", number(&record, 0), &[1..=2][..]), NONE],
            Rtype::SSHFP => [
                (0, "algorithm", octet(0), &[1..=4, 6..=6][..]),
                (1, "fingerprint type", octet(1), &[1..=2][..]),
            ],
            _ => [(2, "algorithm", octet(2), &[0..=4][..]), NONE],
        };
        for (field, what, value, assigned) in fields {
            let Some(value) = value.filter(|value| !assigned.iter().any(|range| range.contains(value)))
            else {
                continue;
            };
            let message = format!("`{}` {}: {what} {value} is not assigned", record.owner, record.rtype);
            out.push(context.about("rdata-unassigned-value", &record, record.field(field), message));
        }
    }
}

/// A field that is not there.
const NONE: (usize, &str, Option<u16>, &[std::ops::RangeInclusive<u16>]) = (0, "", None, &[]);
