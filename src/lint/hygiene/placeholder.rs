//! What a template or a manual has where the owner's own value belongs.

use super::strings::value;
use crate::config::ZoneKind;
use crate::lint::address::is_for_examples;
use crate::lint::context::ZoneContext;
use crate::lint::rule::Out;
use crate::zone::{NameId, Record};
use crate::zonefile::rtype::Rtype;

/// The types whose RDATA holds names or texts that people write.
pub(super) const WRITTEN: [Rtype; 14] = [
    Rtype::CAA,
    Rtype::CNAME,
    Rtype::DNAME,
    Rtype::HTTPS,
    Rtype::MX,
    Rtype::NAPTR,
    Rtype::NS,
    Rtype::RP,
    Rtype::SOA,
    Rtype::SPF,
    Rtype::SRV,
    Rtype::SVCB,
    Rtype::TXT,
    Rtype::URI,
];

/// The names that are for examples (RFC 2606, RFC 6761 section 6.5).
const EXAMPLES: [&str; 5] = ["example", "example.com", "example.edu", "example.net", "example.org"];

/// `placeholder-value`
pub(super) fn placeholder(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    let zone = context.zone;
    // What a registry delegates to is another's.
    if context.kind == ZoneKind::Registry || is_for_examples(context) {
        return;
    }
    for rec in zone.records(name).filter(|rec| WRITTEN.contains(&rec.rtype)) {
        let Some(record) = zone.record(zone.key_of(name), rec) else { continue };
        let of_examples = |name: &str| format!("the name `{name}` is for examples in documents");
        let target = record.targets.iter().find(|target| !target.in_zone && is_example(&target.absolute));
        let (span, what) = if let Some(target) = target {
            (target.span, of_examples(&target.absolute))
        } else if let Some(found) = in_text(&text_of(&record)) {
            let what = match found {
                Found::Name(name) => of_examples(&name),
                Found::Word(word) => format!("`{word}` stands where a value belongs"),
            };
            (record.rdata_span(), what)
        } else {
            continue;
        };
        let message = format!("`{}` {}: {what}", record.owner, record.rtype);
        out.push(
            context
                .about("placeholder-value", &record, span, message)
                .help("write your own value, or remove the record"),
        );
    }
}

/// The text in a record's RDATA.
fn text_of(record: &Record) -> Vec<u8> {
    let wire = &record.wire;
    match record.rtype {
        Rtype::TXT | Rtype::SPF => value(wire),
        Rtype::URI => wire.get(4..).unwrap_or_default().to_vec(),
        Rtype::CAA => {
            let tag = wire.get(1).map_or(0, |length| usize::from(*length));
            wire.get(2 + tag..).unwrap_or_default().to_vec()
        }
        _ => Vec::new(),
    }
}

/// What is found in a text.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    Name(String),
    Word(String),
}

/// The first placeholder in a text.
fn in_text(text: &[u8]) -> Option<Found> {
    let text = String::from_utf8_lossy(text);
    let words = || text.split(|mark: char| mark.is_whitespace() || "=:;,\"'<>()[]{}|".contains(mark));
    if let Some(word) = words().find(|word| is_placeholder(word)) {
        return Some(Found::Word(word.to_owned()));
    }
    let names = words().flat_map(|word| word.split(|mark: char| "/@!?&#".contains(mark)));
    let name = names.map(|name| name.trim_matches('.')).find(|name| name.contains('.') && is_example(name));
    name.map(|name| Found::Name(name.to_owned()))
}

/// Whether a name is one for examples or lies below one.
fn is_example(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    EXAMPLES
        .iter()
        .any(|example| name.strip_suffix(example).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

/// Whether a word says that something else belongs in its place. `todo` and `tbd` are words of other
/// languages unless they shout.
fn is_placeholder(word: &str) -> bool {
    const WORDS: [&str; 4] = ["changeme", "fixme", "placeholder", "replaceme"];
    const YOURS: [&str; 3] = ["your-", "your_", "yourdomain"];
    let lower = word.to_ascii_lowercase();
    let plain: String = lower.chars().filter(|letter| !"-_".contains(*letter)).collect();
    matches!(word, "TODO" | "TBD")
        || word.len() >= 3 && word.bytes().all(|octet| octet == b'X')
        || WORDS.contains(&&*plain)
        || YOURS.iter().any(|yours| lower.starts_with(yours))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_found_in_texts() {
        for (text, word) in [
            ("CHANGEME", "CHANGEME"),
            ("google-site-verification=change_me", "change_me"),
            ("MS=XXXXXXXX", "XXXXXXXX"),
            ("TODO: ask the provider", "TODO"),
            ("v=DKIM1; p=<your-public-key>", "your-public-key"),
            ("v=spf1 include:yourdomain.com -all", "yourdomain.com"),
        ] {
            assert_eq!(in_text(text.as_bytes()), Some(Found::Word(word.to_owned())), "{text}");
        }
        for (text, name) in [
            ("v=spf1 include:_spf.example.com -all", "_spf.example.com"),
            ("v=DMARC1; p=none; rua=mailto:a@Example.COM!10m", "Example.COM"),
            ("https://www.example.net/path", "www.example.net"),
            ("ca.example", "ca.example"),
        ] {
            assert_eq!(in_text(text.as_bytes()), Some(Found::Name(name.to_owned())), "{text}");
        }
    }

    #[test]
    fn words_and_keys_are_no_placeholders() {
        for text in [
            "todo va bien",
            "an example",
            "myexample.com",
            "example.company",
            "k=rsa; p=MIIB/TODO/XXX+abc",
            "v=spf1 include:_spf.provider.net -all",
            "this is your mail",
            "XX",
        ] {
            assert_eq!(in_text(text.as_bytes()), None, "{text}");
        }
    }
}
