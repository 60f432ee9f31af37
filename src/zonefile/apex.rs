//! Which zone a file is of, when nobody says so.

use super::head::{self, Head};
use super::name::{Name, NameContext};
use super::rdata::{self, NameReader};
use super::rtype::Rtype;
use super::scan::Scanner;
use super::token::{Token, TokenKind, Tokens};

/// How many entries are looked at before the first record.
const MOST_ENTRIES: usize = 64;

/// The apex that the text gives away: an absolute `$ORIGIN` before the first record, else the
/// absolute owner of the SOA record when that comes first. Zones that BIND dumps begin with
/// `$ORIGIN .`, older ones with the origin of the zone above, and the SOA record names the apex. Else
/// the header of a Windows DNS export.
pub fn from_text(data: &[u8]) -> Option<Name> {
    from_entries(data).or_else(|| from_windows_header(data))
}

/// `; Database file FILE for NAME zone.` in the comment that a Windows DNS export begins with.
fn from_windows_header(data: &[u8]) -> Option<Name> {
    let lines = data[start_of(data)..].split(|octet| *octet == b'\n').map(<[u8]>::trim_ascii);
    let comments = lines.map_while(|line| if line.is_empty() { Some(line) } else { line.strip_prefix(b";") });
    let header = comments.take(MOST_ENTRIES).find_map(|line| {
        let words = std::str::from_utf8(line).ok()?.trim().strip_prefix("Database file ")?;
        Some(words.strip_suffix(" zone.")?.rsplit_once(" for ")?.1)
    })?;
    Name::absolute(header.as_bytes()).ok()
}

fn from_entries(data: &[u8]) -> Option<Name> {
    let context = NameContext::new(Name::root(), Name::root());
    let read = |token: Token| {
        let mut name = Vec::new();
        let form = context.read(token, data, &mut name).ok()?;
        Some((name, form.relative))
    };
    let absolute = |token: Token| {
        let (name, relative) = read(token)?;
        (!relative).then(|| Name::from_canonical(&name))
    };
    let mut scanner = Scanner::new(data, start_of(data));
    let mut tokens = Vec::new();
    let mut origin: Option<Name> = None;
    for _ in 0..MOST_ENTRIES {
        let Some(entry) = scanner.entry(&mut tokens) else { return origin };
        let first = *tokens.first()?;
        let text = first.text(data);
        if first.kind == TokenKind::Text && text.first() == Some(&b'$') {
            if text.eq_ignore_ascii_case(b"$ORIGIN") && origin.is_none() {
                origin = Some(absolute(*tokens.get(1)?)?);
            }
            continue;
        }
        let rest = Tokens { data, rest: tokens.get(1..).unwrap_or_default(), end: entry.end };
        let is_soa = || head::head(rest).is_ok_and(|(_, head)| head.rtype == Rtype::SOA);
        let soa_owner = (!entry.indented && is_soa()).then_some(first);
        let Some(origin) = &origin else { return absolute(soa_owner?) };
        if !origin.as_bytes().is_empty() {
            let of_child = |(name, relative): &(Vec<u8>, bool)| *relative && is_one_label(name);
            let child = soa_owner.and_then(read).filter(of_child);
            return child.map_or_else(|| Some(origin.clone()), |(name, _)| Some(below(origin, &name)));
        }
        if let Some(owner) = soa_owner {
            return read(owner).map(|(name, _)| Name::from_canonical(&name));
        }
    }
    None
}

/// Whether a name is one label: the apex, and names of several, are not.
fn is_one_label(name: &[u8]) -> bool {
    !name.is_empty() && !name.contains(&b'.')
}

fn below(origin: &Name, relative: &[u8]) -> Name {
    Name::from_canonical(&origin.join(relative))
}

/// Shows the records that a text begins with, directives left out, until `visit` has an answer: what
/// each is, and its RDATA, unless its line does not begin as a record.
fn visit_records<'d, T>(
    data: &'d [u8],
    mut visit: impl FnMut(Option<(Tokens<'d, '_>, Head)>) -> Option<T>,
) -> Option<T> {
    let mut scanner = Scanner::new(data, start_of(data));
    let mut tokens = Vec::new();
    for _ in 0..MOST_ENTRIES {
        let entry = scanner.entry(&mut tokens)?;
        let first = tokens.first()?;
        if first.kind == TokenKind::Text && first.text(data).first() == Some(&b'$') {
            continue;
        }
        let rest = tokens.get(usize::from(!entry.indented)..).unwrap_or_default();
        if let Some(answer) = visit(head::head(Tokens { data, rest, end: entry.end }).ok()) {
            return Some(answer);
        }
    }
    None
}

/// Where the text begins, behind a byte order mark.
fn start_of(data: &[u8]) -> usize {
    if data.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 }
}

/// Reads names of whichever zone.
fn any_names() -> NameReader {
    NameReader::new(NameContext::new(Name::root(), Name::root()))
}

/// Whether the first record is an SOA record, whatever its owner.
pub fn begins_zone(data: &[u8]) -> bool {
    visit_records(data, |first| Some(first.is_some_and(|(_, head)| head.rtype == Rtype::SOA)))
        .unwrap_or(false)
}

/// Whether the first record is an SOA record with all of its RDATA: prose may begin with its name.
pub fn begins_with_soa(data: &[u8]) -> bool {
    let mut names = any_names();
    let mut is_soa = |(rdata, head): (Tokens<'_, '_>, Head)| {
        head.rtype == Rtype::SOA && rdata::decode(head.rtype, rdata, &mut names).is_ok()
    };
    visit_records(data, |first| Some(first.is_some_and(&mut is_soa))).unwrap_or(false)
}

/// What a file with records is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looks {
    /// A SOA record is among the first records.
    Zone,
    /// It begins with a record, and there is no SOA record near.
    Fragment,
}

/// What the beginning of a file looks like, and the type of the record that shows it; none when it does
/// not begin with a record.
pub fn looks(data: &[u8]) -> Option<(Looks, Token)> {
    let mut names = any_names();
    let mut first_type = None;
    let decided = visit_records(data, |record| match (record, first_type) {
        (Some((_, head)), _) if head.rtype == Rtype::SOA => Some(Some((Looks::Zone, head.rtype_token))),
        (Some((rdata, head)), None) if rdata::decode(head.rtype, rdata, &mut names).is_ok() => {
            first_type = Some(head.rtype_token);
            None
        }
        (_, None) => Some(None),
        (_, Some(_)) => None,
    });
    decided.unwrap_or_else(|| first_type.map(|token| (Looks::Fragment, token)))
}

/// What stands before or behind the name of a zone in the name of its file.
const AFFIXES: [&str; 8] = ["db.", "pri.", "zone.", ".zone", ".db", ".dns", ".rev", ".hosts"];

/// The apex that a file's name gives away: `db.NAME`, `NAME.zone`, `NAME.db`, `NAME.dns`, `NAME.rev`,
/// `NAME.hosts`, `pri.NAME`, `zone.NAME`, `NAME`. Where `NAME` is the beginning of an address, such as
/// `192.0.2`, it is that of its reverse zone.
pub fn from_file_name(name: &str) -> Option<Name> {
    let without = |affix: &&str| match affix.starts_with('.') {
        true => name.strip_suffix(affix),
        false => name.strip_prefix(affix),
    };
    let stripped = AFFIXES.iter().find_map(without);
    let stem = stripped.unwrap_or(name);
    if let Some(reverse) = stripped.and_then(reverse_zone) {
        return Name::absolute(reverse.as_bytes()).ok();
    }
    let plain = stem.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"-_./".contains(&octet));
    if !plain || !stem.contains('.') {
        return None;
    }
    Name::absolute(stem.as_bytes()).ok()
}

/// The reverse zone of a network that is written as the first one to three octets of its addresses.
fn reverse_zone(octets: &str) -> Option<String> {
    let octets: Vec<&str> = octets.split('.').collect();
    let is_octet = |octet: &&str| octet.parse::<u8>().is_ok_and(|value| value.to_string() == **octet);
    if octets.len() > 3 || !octets.iter().all(is_octet) {
        return None;
    }
    let reversed: Vec<&str> = octets.into_iter().rev().collect();
    Some(format!("{}.in-addr.arpa", reversed.join(".")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_tells_the_apex() {
        let apex = |text: &str| from_text(text.as_bytes()).map(|name| name.to_string());
        assert_eq!(apex("; x\n$TTL 1h\n$ORIGIN Example.com.\n@ SOA"), Some("example.com".into()));
        assert_eq!(apex("example.org. IN SOA a b 1 2 3 4 5\n"), Some("example.org".into()));
        assert_eq!(apex("@ IN SOA a b 1 2 3 4 5\n"), None);
        assert_eq!(apex("www.example.org. A 192.0.2.1\n"), None);
        assert_eq!(
            apex("$ORIGIN .\n$TTL 1d ; 1 day\nexample.org\tIN SOA a b 1 2 3 4 5\n"),
            Some("example.org".into())
        );
        assert_eq!(
            apex("$ORIGIN .\nwww.example.org A 192.0.2.1\n\tA 192.0.2.2\nexample.org. SOA a b 1 2 3 4 5\n"),
            Some("example.org".into())
        );
        assert_eq!(apex("$ORIGIN .\n@ IN SOA a b 1 2 3 4 5\n"), Some(".".into()));
        assert_eq!(apex("$ORIGIN .\n@ IN NS a\n"), Some(".".into()));
        assert_eq!(apex("$ORIGIN org.\nexample IN SOA a b 1 2 3 4 5\n"), Some("example.org".into()));
        assert_eq!(apex("$ORIGIN example.org.\nexample.org SOA a b 1 2 3 4 5\n"), Some("example.org".into()));
        assert_eq!(
            apex("$ORIGIN example.org.\n\tNS a\nexample SOA a b 1 2 3 4 5\n"),
            Some("example.org".into())
        );
        assert_eq!(apex(""), None);
        let windows =
            ";\r\n;  Database file x.dns for corp.example zone.\r\n;\r\n@  IN  SOA a b 1 2 3 4 5\r\n";
        assert_eq!(apex(windows), Some("corp.example".into()));
        assert_eq!(apex(&format!("\u{feff}{windows}")), Some("corp.example".into()));
        assert_eq!(apex("; Database file of all hosts for the office\n@ SOA a b 1 2 3 4 5\n"), None);
    }

    #[test]
    fn a_zone_begins_with_its_soa_record() {
        for text in [
            "$TTL 1h\n; x\n@ IN SOA a b (1 2\n3 4 5)\n",
            "\u{feff}example.com. 3600 IN soa a b 1 2 3 4 5",
            "$ORIGIN example.com.\n\t IN SOA a b 1 2 3 4 5\n",
        ] {
            assert!(begins_zone(text.as_bytes()), "{text}");
        }
        for text in ["", "www A 192.0.2.1\n@ SOA a b 1 2 3 4 5\n", "# Zones\n\nThe SOA record comes first.\n"]
        {
            assert!(!begins_zone(text.as_bytes()), "{text}");
        }
        assert!(begins_with_soa(b"$TTL 1h\n@ IN SOA a b (1 2\n3 4 5)\n"));
        assert!(!begins_with_soa(b"The SOA record comes first.\n"));
    }

    #[test]
    fn a_file_with_records_is_a_zone_or_a_fragment() {
        let seen = |text: &str| {
            looks(text.as_bytes()).map(|(looks, token)| {
                (looks, String::from_utf8_lossy(token.text(text.as_bytes())).into_owned())
            })
        };
        let soa = "@ IN soa a b 1 2 3 4 5\n";
        assert_eq!(seen(soa), Some((Looks::Zone, "soa".into())));
        assert_eq!(seen(&format!("; x\n$TTL 1\n@ NS a\n???\n{soa}")), Some((Looks::Zone, "soa".into())));
        assert_eq!(seen("$ORIGIN x.\n\t60 IN NS a\n???\n"), Some((Looks::Fragment, "NS".into())));
        for text in
            ["", "; x\n$TTL 1\n", "<?php\n", "#include <x>\nint a;\n", "the A record\nwww A 192.0.2.1\n"]
        {
            assert_eq!(seen(text), None, "{text}");
        }
    }

    #[test]
    fn the_file_name_tells_the_apex() {
        let apex = |name: &str| from_file_name(name).map(|name| name.to_string());
        assert_eq!(apex("db.example.com"), Some("example.com".into()));
        assert_eq!(apex("example.com.zone"), Some("example.com".into()));
        assert_eq!(apex("example.com"), Some("example.com".into()));
        assert_eq!(apex("db.192.168.1"), Some("1.168.192.in-addr.arpa".into()));
        assert_eq!(apex("db.127"), Some("127.in-addr.arpa".into()));
        assert_eq!(apex("db.1.168.192.in-addr.arpa"), Some("1.168.192.in-addr.arpa".into()));
        assert_eq!(apex("example.com.hosts"), Some("example.com".into()));
        assert_eq!(apex("pri.example.com"), Some("example.com".into()));
        assert_eq!(apex("2.0.192.in-addr.arpa.rev"), Some("2.0.192.in-addr.arpa".into()));
        assert_eq!(apex("db.192.0.2"), Some("2.0.192.in-addr.arpa".into()));
        assert_eq!(apex("198.51.rev"), Some("51.198.in-addr.arpa".into()));
        assert_eq!(apex("127"), None);
        assert_eq!(apex("trigger.zone"), None);
        assert_eq!(apex("a b.com"), None);
    }
}
