//! DKIM keys (RFC 6376 section 3.6.1, RFC 8301, RFC 8463).

use super::tags::{self, Fault, Tags};
use super::text::{Text, is_cut_short, shown};
use crate::diagnostic::{Severity, nearest};
use crate::lint::context::ZoneContext;
use crate::lint::rule::Out;
use crate::zone::{Record, is_of_dkim_key};
use crate::zonefile::rdata::decode_base64;

/// The tags of a key, as they stand at a name for keys.
fn read(context: &ZoneContext<'_>, record: &Record) -> Option<(Text, Tags)> {
    if !is_of_dkim_key(&record.key) || context.zone.cut_above(&record.key).is_some() {
        return None;
    }
    let text = Text::of(context.zone, record);
    let tags = tags::read(&text.octets);
    Some((text, tags))
}

/// `dkim-syntax`
pub(super) fn syntax(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some((text, tags)) = read(context, record) else { return };
    if is_cut_short(context.zone, record) {
        return;
    }
    tags::report(context, record, "dkim-syntax", &text, faults(&text.octets, &tags), out);
}

fn faults(text: &[u8], tags: &Tags) -> Vec<Fault> {
    let whole = 0..text.len();
    let mut faults = tags.faults(text);
    if let Some((place, version)) = tags.list.iter().enumerate().find(|(_, tag)| tag.is("v")) {
        if version.value != b"DKIM1" {
            let message = format!("the version is `{}`, not `DKIM1`", shown(&version.value));
            faults.push(Fault::new(&version.at, message, "write `v=DKIM1`, in capitals"));
        } else if place > 0 {
            let message = String::from("the version is not the first tag");
            faults.push(Fault::new(&version.at, message, "write `v=DKIM1;` first, or leave it out"));
        }
    }
    if let Some(kind) = tags.get("k").filter(|tag| !matches!(&*tag.value, b"rsa" | b"ed25519")) {
        let value = shown(&kind.value);
        let help = nearest(&value, ["rsa", "ed25519"]).map_or_else(
            || String::from("the kinds are rsa and ed25519"),
            |meant| format!("did you mean `{meant}`?"),
        );
        faults.push(Fault::new(&kind.at, format!("`{value}` is no kind of key"), help));
        return faults;
    }
    let Some(key) = tags.get("p") else {
        let message = String::from("the DKIM record has no key `p=`");
        faults.push(Fault::new(
            &whole,
            message,
            "write `p=` and the key in base64, nothing after it to revoke it",
        ));
        return faults;
    };
    let is_ed25519 = tags.get("k").is_some_and(|kind| kind.value == b"ed25519");
    match decode(&key.value) {
        None => {
            let message = String::from("the key in `p=` is no base64");
            faults.push(Fault::new(&key.at, message, "copy the key again, without its first and last line"));
        }
        Some(octets) if is_ed25519 && !matches!(octets.len(), 0 | 32) => {
            let message = format!("the Ed25519 key has {} octets, not 32", octets.len());
            faults.push(Fault::new(&key.at, message, "copy the key again, without the header of its file"));
        }
        Some(octets) => {
            if let Some(declared) =
                declared_len(&octets).filter(|declared| !is_ed25519 && *declared > octets.len())
            {
                let message = format!("the RSA key is cut off: {} of {declared} octets", octets.len());
                faults.push(Fault::new(&key.at, message, "copy the key again, to its end"));
            }
        }
    }
    faults
}

/// The octets of a key; blanks in it do not count, and the padding may be left out.
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut text: Vec<u8> = text.iter().copied().filter(|octet| !octet.is_ascii_whitespace()).collect();
    while matches!(text.len() % 4, 2 | 3) {
        text.push(b'=');
    }
    let mut octets = Vec::new();
    decode_base64([text.as_slice()], &mut octets).then_some(octets)
}

/// One element of DER: its content, and what follows it. None when it is cut off.
fn element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, content) = length(tag, der)?;
    content.split_at_checked(len)
}

/// The length of an element, and what follows that length.
fn length(tag: u8, der: &[u8]) -> Option<(usize, &[u8])> {
    let [first, len, rest @ ..] = der else { return None };
    if *first != tag {
        return None;
    }
    match len {
        0..=0x7f => Some((usize::from(*len), rest)),
        0x81 => rest.split_first().map(|(len, rest)| (usize::from(*len), rest)),
        0x82 => {
            let (len, rest) = rest.split_first_chunk()?;
            Some((usize::from(u16::from_be_bytes(*len)), rest))
        }
        _ => None,
    }
}

/// The object identifier of RSA keys (RFC 8017 appendix C), with its tag.
const RSA: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// How many octets an RSA key says that it has.
fn declared_len(der: &[u8]) -> Option<usize> {
    let (len, content) = length(0x30, der)?;
    let (_, algorithm) = length(0x30, content)?;
    algorithm.starts_with(&RSA).then_some(der.len() - content.len() + len)
}

/// The bits of the modulus of an RSA key.
fn modulus_bits(der: &[u8]) -> Option<usize> {
    let (outer, _) = element(0x30, der)?;
    // Either the key itself, or the algorithm and the key in a bit string (RFC 5280 section 4.1).
    let key = match element(0x30, outer) {
        Some((_, rest)) => element(0x30, element(0x03, rest)?.0.strip_prefix(&[0])?)?.0,
        None => outer,
    };
    let (modulus, _) = element(0x02, key)?;
    let first = modulus.iter().position(|octet| *octet != 0)?;
    let modulus = modulus.get(first..)?;
    Some(modulus.len() * 8 - modulus.first()?.leading_zeros() as usize)
}

/// `dkim-weak-key`
pub(super) fn weak(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some((text, tags)) = read(context, record) else { return };
    let mut faults = Vec::new();
    let is_rsa = tags.get("k").is_none_or(|kind| kind.value == b"rsa");
    if let Some(key) = tags.get("p").filter(|_| is_rsa)
        && let Some(bits) = decode(&key.value).and_then(|der| modulus_bits(&der)).filter(|bits| *bits < 2048)
    {
        let message = if bits < 1024 {
            format!("the RSA key has {bits} bits, and mail servers refuse less than 1024")
        } else {
            format!("the RSA key has {bits} bits, fewer than 2048")
        };
        let fault = Fault::new(&key.at, message, "make a key of 2048 bits under a new selector");
        let severity = if bits < 1024 { Severity::Error } else { Severity::Info };
        faults.push(Fault { severity, ..fault });
    }
    if let Some(hashes) = tags.get("h")
        && hashes
            .value
            .split(|octet| *octet == b':')
            .all(|hash| hash.trim_ascii().eq_ignore_ascii_case(b"sha1"))
    {
        let message = String::from("the key allows only SHA-1, which mail servers refuse");
        let fault = Fault::new(&hashes.at, message, "write `h=sha256`, or leave the tag out");
        faults.push(Fault { severity: Severity::Warning, ..fault });
    }
    tags::report(context, record, "dkim-weak-key", &text, faults, out);
}

/// `dkim-revoked-or-testing`
pub(super) fn revoked(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some((text, tags)) = read(context, record) else { return };
    let mut faults = Vec::new();
    // A wildcard without a key says that all other selectors are void.
    let is_wildcard = record.key.starts_with(b"*");
    if let Some(key) = tags.get("p").filter(|key| key.value.is_empty() && !is_wildcard)
        && !is_cut_short(context.zone, record)
    {
        let message = String::from("the key is revoked: `p=` is empty");
        faults.push(Fault::new(
            &key.at,
            message,
            "delete the record when no mail signed with it is under way",
        ));
    }
    let flags = tags.get("t");
    if let Some(flags) =
        flags.filter(|tag| tag.value.split(|octet| *octet == b':').any(|flag| flag.trim_ascii() == b"y"))
    {
        let message = String::from("the key is for tests: mail servers treat its mail as not signed");
        faults.push(Fault::new(&flags.at, message, "leave out the flag `y` once the signatures are right"));
    }
    tags::report(context, record, "dkim-revoked-or-testing", &text, faults, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An RSA key of so many bits as SubjectPublicKeyInfo.
    fn rsa(bits: usize) -> Vec<u8> {
        let wrap = |tag: u8, content: &[u8]| {
            let len = (content.len() as u16).to_be_bytes();
            [&[tag, 0x82, len[0], len[1]][..], content].concat()
        };
        let modulus = [&[0][..], &vec![0xff; bits / 8]].concat();
        let key = wrap(0x30, &[wrap(0x02, &modulus), vec![0x02, 3, 1, 0, 1]].concat());
        let algorithm = [&[0x30, 13][..], &RSA, &[5, 0]].concat();
        wrap(0x30, &[algorithm, wrap(0x03, &[&[0][..], &key].concat())].concat())
    }

    #[test]
    fn the_modulus_is_measured() {
        assert_eq!(modulus_bits(&rsa(2048)), Some(2048));
        assert_eq!(modulus_bits(&rsa(768)), Some(768));
        assert_eq!(modulus_bits(&rsa(1024)[..100]), None);
        assert_eq!(declared_len(&rsa(1024)[..100]), Some(rsa(1024).len()));
        assert_eq!(declared_len(b"0 no key at all"), None);
    }

    #[test]
    fn base64_may_have_blanks_and_no_padding() {
        assert_eq!(decode(b"AQ I"), Some(vec![1, 2]));
        assert_eq!(decode(b"AQI="), Some(vec![1, 2]));
        assert_eq!(decode(b""), Some(Vec::new()));
        assert_eq!(decode(b"A"), None);
        assert_eq!(decode(b"A*=="), None);
    }
}
