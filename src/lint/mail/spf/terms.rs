//! The terms of an SPF record (RFC 7208 sections 4.6.1, 5, 6, 7.1 and 12).

use crate::diagnostic::nearest;
use crate::lint::mail::text::shown;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

/// What a mechanism that matches says of the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Qualifier {
    Pass,
    Fail,
    SoftFail,
    Neutral,
}

/// The mechanisms of RFC 7208 section 5, and the modifiers of section 6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    All(Qualifier),
    Include,
    A,
    Mx,
    Ptr,
    Ip4,
    Ip6,
    Exists,
    Redirect,
    Exp,
    /// A modifier that no standard knows.
    Unknown,
}

impl Kind {
    /// Whether it makes the reader ask the DNS (RFC 7208 section 4.6.4).
    pub(super) fn looks_up(self) -> bool {
        matches!(self, Self::Include | Self::A | Self::Mx | Self::Ptr | Self::Exists | Self::Redirect)
    }

    /// Whether it is tested in its turn.
    pub(super) fn is_mechanism(self) -> bool {
        !matches!(self, Self::Redirect | Self::Exp | Self::Unknown)
    }
}

/// One term that reads well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    /// Where it stands in the value.
    pub at: Range<usize>,
    pub kind: Kind,
    /// The domain that it names, as it is written; macros and all.
    pub domain: Option<Range<usize>>,
}

/// What does not match the grammar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub at: Range<usize>,
    /// Words that follow the name of the record.
    pub message: String,
    pub help: Option<String>,
    /// Whether readers refuse the whole record for it; else they pass over the term.
    pub is_fatal: bool,
}

/// An SPF record.
#[derive(Debug, Default)]
pub(super) struct Policy {
    pub terms: Vec<Term>,
    pub faults: Vec<Fault>,
}

impl Policy {
    /// The first `all`, with its place among the terms.
    pub(super) fn all(&self) -> Option<(usize, &Term, Qualifier)> {
        self.terms.iter().enumerate().find_map(|(at, term)| match term.kind {
            Kind::All(qualifier) => Some((at, term, qualifier)),
            _ => None,
        })
    }

    /// The terms that readers come to: mechanisms up to `all`, and `redirect` when there is no `all`.
    pub(super) fn used(&self) -> impl Iterator<Item = &Term> {
        let all = self.all().map(|(at, ..)| at);
        self.terms.iter().enumerate().filter_map(move |(at, term)| {
            let unused =
                all.is_some_and(|all| at > all && term.kind.is_mechanism() || term.kind == Kind::Redirect);
            (!unused).then_some(term)
        })
    }
}

/// The names of the mechanisms.
const MECHANISMS: [&str; 8] = ["all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"];

/// Whether a text is an SPF record: the version, then a blank or nothing (RFC 7208 section 4.5).
pub(super) fn is_policy(text: &[u8]) -> bool {
    text.split_at_checked(6).is_some_and(|(version, rest)| {
        version.eq_ignore_ascii_case(b"v=spf1") && rest.first().is_none_or(|octet| *octet == b' ')
    })
}

/// Reads an SPF record; none when the text is none.
pub(super) fn read(text: &[u8]) -> Option<Policy> {
    if !is_policy(text) {
        return None;
    }
    let mut policy = Policy::default();
    let mut start = 6;
    for word in text.get(6..)?.split(|octet| *octet == b' ') {
        let at = start..start + word.len();
        start = at.end + 1;
        if word.is_empty() {
            continue;
        }
        match term(word, at.start) {
            Ok(term) => {
                let twice = matches!(term.kind, Kind::Redirect | Kind::Exp)
                    && policy.terms.iter().any(|other| other.kind == term.kind);
                if twice {
                    policy.faults.push(Fault {
                        at: at.clone(),
                        message: format!("`{}` is a second modifier of its kind", shown(word)),
                        help: Some(String::from("keep one of them")),
                        is_fatal: true,
                    });
                }
                policy.terms.push(term);
            }
            Err(Wrong { message, help, is_fatal }) => {
                policy.faults.push(Fault { at, message, help, is_fatal });
            }
        }
    }
    Some(policy)
}

/// Why a word is no term.
struct Wrong {
    message: String,
    help: Option<String>,
    is_fatal: bool,
}

fn wrong<T>(message: String, help: Option<String>) -> Result<T, Wrong> {
    Err(Wrong { message, help, is_fatal: true })
}

/// Reads a word that begins at `start` of the value.
fn term(word: &[u8], start: usize) -> Result<Term, Wrong> {
    let at = start..start + word.len();
    if let Some(odd) = word.iter().find(|octet| !(0x21..=0x7e).contains(*octet)) {
        let what = if *odd == b'\t' { "a tab" } else { "an octet that is no ASCII letter or sign" };
        return wrong(
            format!("`{}` has {what} in it", shown(word)),
            Some(String::from("part terms by blanks")),
        );
    }
    let (qualifier, body) = match word.split_first() {
        Some((b'+', body)) => (Some(Qualifier::Pass), body),
        Some((b'-', body)) => (Some(Qualifier::Fail), body),
        Some((b'~', body)) => (Some(Qualifier::SoftFail), body),
        Some((b'?', body)) => (Some(Qualifier::Neutral), body),
        _ => (None, word),
    };
    let name_len =
        body.iter().take_while(|octet| octet.is_ascii_alphanumeric() || b"-_.".contains(octet)).count();
    let (name, rest) = body.split_at(name_len);
    let value_start = at.end - rest.len();
    if rest.first() == Some(&b'=') && qualifier.is_none() {
        return modifier(word, name, rest.get(1..).unwrap_or_default(), at, value_start + 1);
    }
    let lower = name.to_ascii_lowercase();
    let kind = match lower.as_slice() {
        b"all" => Kind::All(qualifier.unwrap_or(Qualifier::Pass)),
        b"include" => Kind::Include,
        b"a" => Kind::A,
        b"mx" => Kind::Mx,
        b"ptr" => Kind::Ptr,
        b"ip4" => Kind::Ip4,
        b"ip6" => Kind::Ip6,
        b"exists" => Kind::Exists,
        _ => return unknown(word, name, rest),
    };
    let value = rest.strip_prefix(b":");
    let of_value = |len: usize| Some(value_start + 1..value_start + 1 + len);
    let domain = match (kind, value) {
        (Kind::All(_), _) if rest.is_empty() => None,
        (Kind::All(_), _) => {
            return wrong(format!("`{}` has `{}` after `all`", shown(word), shown(rest)), None);
        }
        (Kind::Ip4 | Kind::Ip6, Some(value)) => {
            network(word, value, kind)?;
            None
        }
        (Kind::Include | Kind::Exists, Some(value)) => {
            domain(word, value)?;
            of_value(value.len())
        }
        (Kind::Ip4 | Kind::Ip6 | Kind::Include | Kind::Exists, None) => {
            let what = if matches!(kind, Kind::Ip4 | Kind::Ip6) { "an address" } else { "a domain" };
            let help = format!("write `{}:` and {what}", shown(&lower));
            return wrong(
                format!("`{}` has no `:` and {what} after `{}`", shown(word), shown(name)),
                Some(help),
            );
        }
        (_, Some(value)) if kind == Kind::Ptr => {
            domain(word, value)?;
            of_value(value.len())
        }
        (_, Some(value)) => {
            let (name, prefix) = split_prefix(value);
            prefixes(word, prefix)?;
            domain(word, name)?;
            of_value(name.len())
        }
        (Kind::Ptr, None) if rest.is_empty() => None,
        (Kind::A | Kind::Mx, None) if rest.is_empty() || rest.first() == Some(&b'/') => {
            prefixes(word, rest)?;
            None
        }
        _ => return wrong(format!("`{}` has `{}` after the mechanism", shown(word), shown(rest)), None),
    };
    Ok(Term { at, kind, domain })
}

fn modifier(word: &[u8], name: &[u8], value: &[u8], at: Range<usize>, start: usize) -> Result<Term, Wrong> {
    let lower = String::from_utf8_lossy(&name.to_ascii_lowercase()).into_owned();
    let kind = match lower.as_str() {
        "redirect" => Kind::Redirect,
        "exp" => Kind::Exp,
        "v" => {
            return wrong(
                format!("`{}` stands within the record", shown(word)),
                Some(String::from("write the version once, at the beginning")),
            );
        }
        mechanism if MECHANISMS.contains(&mechanism) => {
            return Err(Wrong {
                message: format!("`{}` is passed over: after a mechanism stands `:`, not `=`", shown(word)),
                help: Some(format!("write `{}:{}`", shown(name), shown(value))),
                is_fatal: false,
            });
        }
        _ if !name.first().is_some_and(u8::is_ascii_alphabetic) => {
            return wrong(format!("`{}` is no term: a modifier begins with a letter", shown(word)), None);
        }
        _ => Kind::Unknown,
    };
    if kind == Kind::Unknown {
        macros(word, value)?;
        return Ok(Term { at, kind, domain: None });
    }
    domain(word, value)?;
    Ok(Term { at, kind, domain: Some(start..start + value.len()) })
}

/// The fault of a word with a mechanism that there is not.
fn unknown(word: &[u8], name: &[u8], rest: &[u8]) -> Result<Term, Wrong> {
    let text = String::from_utf8_lossy(word);
    let meant = if text.parse::<Ipv4Addr>().is_ok() || is_network::<Ipv4Addr>(&text) {
        Some(format!("ip4:{text}"))
    } else if text.parse::<Ipv6Addr>().is_ok() || is_network::<Ipv6Addr>(&text) {
        Some(format!("ip6:{text}"))
    } else {
        let lower = String::from_utf8_lossy(name).to_ascii_lowercase();
        let known = match lower.as_str() {
            "ipv4" | "ip" => Some("ip4"),
            "ipv6" => Some("ip6"),
            _ if lower.len() < 3 => None,
            _ => nearest(
                &lower,
                MECHANISMS.into_iter().chain(["redirect", "exp"]).filter(|name| name.len() > 2),
            ),
        };
        known.map(|known| match known {
            "redirect" | "exp" => format!("{known}={}", shown(rest.get(1..).unwrap_or_default())),
            _ => format!("{known}{}", shown(rest)),
        })
    };
    wrong(
        format!("`{}` is no SPF mechanism", shown(word)),
        Some(meant.map_or_else(
            || String::from("the mechanisms are all, include, a, mx, ip4, ip6 and exists"),
            |meant| format!("did you mean `{meant}`?"),
        )),
    )
}

fn is_network<A: std::str::FromStr>(text: &str) -> bool {
    text.split_once('/').is_some_and(|(address, _)| address.parse::<A>().is_ok())
}

/// An address with or without the length of a prefix.
fn network(word: &[u8], value: &[u8], kind: Kind) -> Result<(), Wrong> {
    let text = String::from_utf8_lossy(value);
    let (address, prefix) =
        text.split_once('/').map_or((&*text, None), |(address, prefix)| (address, Some(prefix)));
    let (is_address, is_other, name, other, most) = if kind == Kind::Ip4 {
        (address.parse::<Ipv4Addr>().is_ok(), address.parse::<Ipv6Addr>().is_ok(), "IPv4", "ip6", 32)
    } else {
        (address.parse::<Ipv6Addr>().is_ok(), address.parse::<Ipv4Addr>().is_ok(), "IPv6", "ip4", 128)
    };
    if !is_address {
        let help = is_other.then(|| format!("write `{other}:{text}`"));
        return wrong(
            format!("`{}`: `{}` is no {name} address", shown(word), shown(address.as_bytes())),
            help,
        );
    }
    match prefix {
        Some(prefix) if !is_prefix(prefix.as_bytes(), most) => wrong(
            format!(
                "`{}`: `/{}` is no prefix length from 0 to {most}",
                shown(word),
                shown(prefix.as_bytes())
            ),
            None,
        ),
        _ => Ok(()),
    }
}

fn is_prefix(digits: &[u8], most: u32) -> bool {
    let canonical = digits == b"0" || digits.first().is_some_and(|first| (b'1'..=b'9').contains(first));
    canonical
        && digits.iter().all(u8::is_ascii_digit)
        && std::str::from_utf8(digits)
            .is_ok_and(|digits| digits.parse().is_ok_and(|prefix: u32| prefix <= most))
}

/// The domain of `a` and `mx`, and the prefix lengths behind it: a slash that no macro holds.
fn split_prefix(value: &[u8]) -> (&[u8], &[u8]) {
    let mut depth = false;
    for (at, octet) in value.iter().enumerate() {
        match octet {
            b'{' => depth = true,
            b'}' => depth = false,
            b'/' if !depth => return value.split_at(at),
            _ => {}
        }
    }
    (value, &[])
}

/// `/24`, `//64` or `/24//64`.
fn prefixes(word: &[u8], text: &[u8]) -> Result<(), Wrong> {
    let text = String::from_utf8_lossy(text);
    let (four, six) = match text.split_once("//") {
        Some((four, six)) => (four, Some(six)),
        None => (&*text, None),
    };
    let four_is_right =
        four.is_empty() || four.strip_prefix('/').is_some_and(|four| is_prefix(four.as_bytes(), 32));
    let six_is_right = six.is_none_or(|six| is_prefix(six.as_bytes(), 128));
    if four_is_right && six_is_right {
        return Ok(());
    }
    wrong(
        format!("`{}`: `{}` are no prefix lengths", shown(word), shown(text.as_bytes())),
        Some(String::from("write `/` and 0 to 32 for IPv4, `//` and 0 to 128 for IPv6")),
    )
}

/// A domain-spec: text and macros that end in a top-level name or in a macro.
fn domain(word: &[u8], value: &[u8]) -> Result<(), Wrong> {
    if value.is_empty() {
        return wrong(format!("`{}` names no domain", shown(word)), None);
    }
    let ends_in_macro = macros(word, value)?;
    if ends_in_macro {
        return Ok(());
    }
    let text = value.strip_suffix(b".").unwrap_or(value);
    let top = text.rsplit(|octet| *octet == b'.').next().unwrap_or_default();
    let has_dot = top.len() < text.len();
    let is_name = top.iter().all(|octet| octet.is_ascii_alphanumeric() || *octet == b'-')
        && top.iter().any(|octet| !octet.is_ascii_digit())
        && top.first() != Some(&b'-')
        && top.last() != Some(&b'-');
    if has_dot && is_name {
        return Ok(());
    }
    let text = String::from_utf8_lossy(value);
    if text.parse::<Ipv4Addr>().is_ok() || is_network::<Ipv4Addr>(&text) {
        return wrong(
            format!("`{}` has an address where a domain stands", shown(word)),
            Some(format!("write `ip4:{text}`")),
        );
    }
    wrong(
        format!("`{}`: `{}` is no full domain name", shown(word), shown(value)),
        Some(String::from("write the whole name: SPF adds no origin")),
    )
}

/// Reads the macros of a text (RFC 7208 section 7.1); says whether it ends in one that is expanded.
fn macros(word: &[u8], value: &[u8]) -> Result<bool, Wrong> {
    let mut rest = value;
    let mut in_macro = false;
    while let Some((octet, after)) = rest.split_first() {
        rest = after;
        in_macro = false;
        if *octet != b'%' {
            continue;
        }
        rest = match after.split_first() {
            Some((b'%' | b'_' | b'-', after)) => after,
            Some((b'{', after)) => {
                let end = after.iter().position(|octet| *octet == b'}');
                let Some((text, [_, after @ ..])) = end.and_then(|end| after.split_at_checked(end)) else {
                    return wrong(format!("`{}` has a macro without its `}}`", shown(word)), None);
                };
                if !is_macro(text) {
                    return wrong(format!("`{}` has a macro that there is not", shown(word)), None);
                }
                in_macro = true;
                after
            }
            _ => {
                return wrong(
                    format!("`{}` has a `%` that begins no macro", shown(word)),
                    Some(String::from("write `%%` for a percent sign")),
                );
            }
        };
    }
    Ok(in_macro)
}

/// What stands between the braces: a letter, digits, `r`, delimiters.
fn is_macro(text: &[u8]) -> bool {
    let Some((letter, rest)) = text.split_first() else { return false };
    let digits = rest.iter().take_while(|octet| octet.is_ascii_digit()).count();
    let rest = rest.get(digits..).unwrap_or_default();
    let rest = rest.strip_prefix(b"r").or_else(|| rest.strip_prefix(b"R")).unwrap_or(rest);
    b"slodiphcrtv".contains(&letter.to_ascii_lowercase())
        && rest.iter().all(|octet| b".-+,/_=".contains(octet))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        read(text.as_bytes()).unwrap().faults.into_iter().map(|fault| fault.message).collect()
    }

    #[test]
    fn records_of_the_standard_read_well() {
        for text in [
            "v=spf1",
            "v=spf1 ",
            "V=SPF1 +all",
            "v=spf1 a -all",
            "v=spf1 a:example.org -all",
            "v=spf1 mx/30 mx:example.org/30//64 -all",
            "v=spf1 a//64 ?all",
            "v=spf1 ptr:example.org  -all",
            "v=spf1 ip4:192.0.2.128/28 ip6:2001:db8::/32 ~all",
            "v=spf1 include:example.com include:example.org. -all",
            "v=spf1 redirect=_spf.example.com",
            "v=spf1 exists:%{ir}.%{l1r+-}._spf.%{d} -all",
            "v=spf1 exists:%{i}._spf.%{d2} exp=explain._spf.%{d}",
            "v=spf1 mx moo=%%x%_ -all",
            "v=spf1 a:%{d}/24 -all",
        ] {
            assert_eq!(faults(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn what_the_grammar_does_not_know_is_a_fault() {
        for text in [
            "v=spf1 ipv4:192.0.2.1 -all",
            "v=spf1 192.0.2.1 -all",
            "v=spf1 ip4:192.0.2.1/33 -all",
            "v=spf1 ip4:192.0.2 -all",
            "v=spf1 ip6:192.0.2.1 -all",
            "v=spf1 include -all",
            "v=spf1 include: -all",
            "v=spf1 include=example.com -all",
            "v=spf1 include:mail -all",
            "v=spf1 a:192.0.2.1 -all",
            "v=spf1 a/33 -all",
            "v=spf1 a/024 -all",
            "v=spf1 mx,a -all",
            "v=spf1 mx\t-all",
            "v=spf1 all.",
            "v=spf1 -redirect=example.com",
            "v=spf1 exists:%{q}.example.com -all",
            "v=spf1 exists:%d.example.com -all",
            "v=spf1 redirect=a.example redirect=b.example",
            "v=spf1 mx v=spf1 -all",
            "v=spf1 \u{2013}all",
        ] {
            assert_eq!(faults(text).len(), 1, "{text}: {:?}", faults(text));
        }
    }

    #[test]
    fn other_texts_are_no_records() {
        for text in ["v=spf10 -all", "v=spf1-all", "spf2.0/pra -all", " v=spf1 -all", "v=spf1;-all"] {
            assert!(read(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn terms_after_all_are_not_used() {
        let policy = read(b"v=spf1 mx redirect=example.org -all a exp=e.example.org").unwrap();
        let used: Vec<Kind> = policy.used().map(|term| term.kind).collect();
        assert_eq!(used, [Kind::Mx, Kind::All(Qualifier::Fail), Kind::Exp]);
    }
}
