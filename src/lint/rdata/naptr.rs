//! Rules about NAPTR and URI.

use crate::lint::ZoneContext;
use crate::lint::rule::{Check, Out, Rule, rule};
use crate::zone::Record;
use crate::zonefile::rtype::Rtype;

/// Rules about NAPTR and URI.
pub(in crate::lint) static NAPTR_RULES: &[Rule] = &[
    rule!(
        Rdata,
        ".",
        "naptr-flags",
        Warning,
        No,
        "RFC 3403 section 4.1, RFC 3404 section 4.3",
        Check::Odd(&[Rtype::NAPTR], flags),
        "NAPTR flags other than S, A, U and P"
    ),
    rule!(
        Rdata,
        ".",
        "naptr-regexp",
        Error,
        No,
        "RFC 3402 section 3.2, RFC 3403 section 4.1",
        Check::Odd(&[Rtype::NAPTR], regexp),
        "NAPTR expression that is malformed, or stands beside a replacement"
    ),
    rule!(
        Rdata,
        ".",
        "uri-target-empty",
        Error,
        No,
        "RFC 7553 section 4.4",
        Check::Record(Rtype::URI, uri_target),
        "URI target that is empty or no URI"
    ),
];

/// The strings of a NAPTR record: flags, service and expression; and whether a replacement follows.
fn strings(record: &Record) -> Option<([&[u8]; 3], bool)> {
    let mut left = record.wire.get(4..)?;
    let mut read = [&b""[..]; 3];
    for text in &mut read {
        let (len, after) = left.split_first()?;
        (*text, left) = after.split_at_checked(usize::from(*len))?;
    }
    Some((read, left != [0]))
}

fn flags(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some(([flags, ..], _)) = strings(record) else { return };
    if matches!(flags, [] | [b'S' | b's' | b'A' | b'a' | b'U' | b'u' | b'P' | b'p']) {
        return;
    }
    let shown = String::from_utf8_lossy(flags);
    let message = format!("`{}` NAPTR: flags `{shown}` are none of S, A, U and P", record.owner);
    out.push(context.about("naptr-flags", record, record.field(2), message).help(
        "write `\"S\"` if the replacement has SRV records, `\"A\"` if it has addresses, `\"U\"` for a URI, \
         `\"\"` if it has NAPTR records",
    ));
}

fn regexp(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some(([_, _, regexp], has_replacement)) = strings(record) else { return };
    if regexp.is_empty() {
        return;
    }
    let shown = String::from_utf8_lossy(regexp);
    let (why, help) = match malformed(regexp) {
        Some(why) => (why, "write it as `!expression!replacement!`, such as `!^.*$!sip:info@example.com!`"),
        None if has_replacement => {
            ("stands beside a replacement", "write `.` for the replacement, or `\"\"` for the expression")
        }
        None => return,
    };
    let message = format!("`{}` NAPTR: expression `{shown}` {why}", record.owner);
    out.push(context.about("naptr-regexp", record, record.field(4), message).help(help));
}

/// What is wrong with a substitution expression, if something is: two parts between three delimiters,
/// and after them nothing but `i`.
fn malformed(regexp: &[u8]) -> Option<&'static str> {
    let (delimiter, rest) = regexp.split_first()?;
    if delimiter.is_ascii_digit() || matches!(delimiter, b'i' | b'I' | b'\\' | 0) {
        return Some("begins with a character that is no delimiter");
    }
    let mut parts: Vec<Vec<u8>> = vec![Vec::new()];
    let mut octets = rest.iter();
    while let Some(octet) = octets.next() {
        if octet == delimiter {
            parts.push(Vec::new());
            continue;
        }
        let Some(part) = parts.last_mut() else { break };
        part.push(*octet);
        if *octet == b'\\' {
            part.extend(octets.next());
        }
    }
    let [expression, replacement, flags] = &parts[..] else {
        return Some(if parts.len() < 3 { "lacks a delimiter" } else { "has a delimiter too many" });
    };
    if expression.is_empty() {
        return Some("has nothing to match");
    }
    if !matches!(flags[..], [] | [b'i' | b'I']) {
        return Some("has flags other than `i`");
    }
    let groups = unescaped(expression).filter(|(escaped, octet)| !escaped && *octet == b'(').count();
    let most = unescaped(replacement)
        .filter(|(escaped, octet)| *escaped && octet.is_ascii_digit())
        .map(|(_, octet)| usize::from(octet - b'0'))
        .max();
    let has_set = expression.contains(&b'[');
    (most.is_some_and(|most| most > groups) && !has_set).then_some("refers to a group that it does not have")
}

/// The characters, each with whether a backslash stands before it.
fn unescaped(text: &[u8]) -> impl Iterator<Item = (bool, u8)> {
    let mut octets = text.iter();
    std::iter::from_fn(move || {
        let octet = *octets.next()?;
        if octet == b'\\' { octets.next().map(|next| (true, *next)) } else { Some((false, octet)) }
    })
}

fn uri_target(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some(target) = record.wire.get(4..) else { return };
    let why = if target.is_empty() {
        String::from("the target is empty")
    } else if has_scheme(target) {
        return;
    } else {
        format!("target `{}` is no URI: it has no scheme", String::from_utf8_lossy(target))
    };
    let message = format!("`{}` URI: {why}", record.owner);
    out.push(
        context
            .about("uri-target-empty", record, record.field(2), message)
            .help("write a whole URI, such as `\"https://www.example.com/\"`"),
    );
}

/// Whether a text begins with a scheme and a colon (RFC 3986 section 3.1).
fn has_scheme(text: &[u8]) -> bool {
    let Some(at) = text.iter().position(|octet| *octet == b':') else { return false };
    let (scheme, _) = text.split_at(at);
    scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme.iter().all(|octet| octet.is_ascii_alphanumeric() || b"+-.".contains(octet))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_has_two_parts_between_three_delimiters() {
        for good in ["!^.*$!sip:a@b!", "/(.*)/\\1/i", "!a\\!b!c!", "!^(.)([0-9]+)$!x\\2!", "!a!!"] {
            assert_eq!(malformed(good.as_bytes()), None, "{good}");
        }
        for (bad, why) in [
            ("!^.*$!sip:a@b", "lacks"),
            ("!a!b!c!", "too many"),
            ("!!b!", "nothing to match"),
            ("!a!b!g", "flags other"),
            ("1a1b1", "no delimiter"),
            ("!a!\\1!", "a group"),
            ("!a\\!b!", "lacks"),
        ] {
            assert!(malformed(bad.as_bytes()).is_some_and(|found| found.contains(why)), "{bad}");
        }
    }
}
