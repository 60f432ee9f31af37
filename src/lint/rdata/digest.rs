//! Rules about digests of keys: DS, CDS and SSHFP.

use crate::config::ZoneKind;
use crate::lint::ZoneContext;
use crate::lint::rule::{Check, Out, Rule, rule};
use crate::zone::{RdataNotes, Record};
use crate::zonefile::rtype::Rtype;

/// Rules about DS, CDS and SSHFP.
pub(in crate::lint) static DIGEST_RULES: &[Rule] = &[
    rule!(
        Rdata,
        ".",
        "ds-digest-deprecated",
        Warning,
        No,
        "RFC 9905, RFC 8624 section 3.3",
        Check::Noted(RdataNotes::DIGEST, deprecated),
        "DS or CDS with a digest of SHA-1 or GOST"
    ),
    rule!(
        Rdata,
        ".",
        "ds-digest-length",
        Error,
        No,
        "RFC 4034 section 5.1.4, RFC 4509, RFC 6605",
        Check::Noted(RdataNotes::DIGEST, length),
        "DS or CDS digest of the wrong length"
    ),
    rule!(
        Rdata,
        ".",
        "sshfp-deprecated",
        Info,
        No,
        "RFC 4255, RFC 6594",
        Check::Record(Rtype::SSHFP, old_fingerprint),
        "SSHFP of SHA-1, or of a DSA key"
    ),
    rule!(
        Rdata,
        ".",
        "sshfp-length",
        Error,
        No,
        "RFC 4255 section 3.1.2, RFC 6594",
        Check::Odd(&[Rtype::SSHFP], fingerprint),
        "SSHFP fingerprint of the wrong length"
    ),
];

/// Name and octets of a digest by its type (the IANA registry of DS digests).
fn digest_of(number: u8) -> Option<(&'static str, usize)> {
    Some(match number {
        1 => ("SHA-1", 20),
        2 => ("SHA-256", 32),
        3 => ("GOST R 34.11-94", 32),
        4 => ("SHA-384", 48),
        5 => ("GOST R 34.11-2012", 32),
        6 => ("SM3", 32),
        _ => return None,
    })
}

fn length(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let [_, _, _, number, digest @ ..] = &*record.wire else { return };
    let Some((name, wanted)) = digest_of(*number) else { return };
    let found = digest.len();
    if !matches!(record.rtype, Rtype::DS | Rtype::CDS) || found == wanted {
        return;
    }
    let message =
        format!("`{}` {}: the digest has {found} octets; {name} has {wanted}", record.owner, record.rtype);
    let finding = context.about("ds-digest-length", record, record.field(3), message);
    out.push(match found {
        20 => finding.help("write digest type 1 if it is SHA-1, or better a digest of SHA-256 and type 2"),
        32 => finding.help("write digest type 2 if it is SHA-256"),
        48 => finding.help("write digest type 4 if it is SHA-384"),
        _ => finding.help(format!("write all {} hexadecimal digits of the digest", wanted * 2)),
    });
}

fn deprecated(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    // What a registry delegates is signed by others.
    if context.kind == ZoneKind::Registry {
        return;
    }
    let Some(number @ (1 | 3)) = record.wire.get(3).copied() else { return };
    let Some((name, _)) = digest_of(number).filter(|_| matches!(record.rtype, Rtype::DS | Rtype::CDS)) else {
        return;
    };
    let message = format!("`{}` {}: the digest is one of {name}", record.owner, record.rtype);
    out.push(
        context
            .about("ds-digest-deprecated", record, record.field(2), message)
            .help("publish the SHA-256 digest of the same key, type 2, instead"),
    );
}

fn fingerprint(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let [_, kind, octets @ ..] = &*record.wire else { return };
    let (name, wanted) = match kind {
        1 => ("SHA-1", 20),
        2 => ("SHA-256", 32),
        _ => return,
    };
    let found = octets.len();
    if found == wanted {
        return;
    }
    let message =
        format!("`{}` SSHFP: the fingerprint has {found} octets; {name} has {wanted}", record.owner);
    let finding = context.about("sshfp-length", record, record.field(2), message);
    out.push(match found {
        20 => finding.help("write fingerprint type 1 if it is SHA-1"),
        32 => finding.help("write fingerprint type 2 if it is SHA-256"),
        _ => finding.help("take it from `ssh-keygen -r` on the host"),
    });
}

fn old_fingerprint(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let [algorithm, kind, ..] = &*record.wire else { return };
    let (what, field) = match (algorithm, kind) {
        (2, _) => ("a DSA key, which no current OpenSSH has", 0),
        (_, 1) => ("SHA-1", 1),
        _ => return,
    };
    let message = format!("`{}` SSHFP: the fingerprint is one of {what}", record.owner);
    out.push(
        context
            .about("sshfp-deprecated", record, record.field(field), message)
            .help("publish SHA-256 fingerprints, type 2, of the keys that the host has now"),
    );
}
