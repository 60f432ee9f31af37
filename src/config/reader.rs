//! Reading of TOML tables by hand: what has the wrong type, is missing or unknown is noted, and the
//! reading goes on.

use super::CONFIG;
use crate::diagnostic::{Finding, nearest};
use crate::edge::{Declared, domain_name, host_name};
use crate::text::{FileId, Span};
use crate::zonefile::ttl;
use std::net::IpAddr;
use std::ops::{Range, RangeInclusive};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A TOML value and its place.
pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// Longest TTL and time, RFC 2181 8.
const MOST_SECONDS: u64 = 0x7fff_ffff;

/// A table that is being read. It remembers which keys were asked for: the others are unknown.
pub(super) struct Table<'t> {
    /// Where it stands: its header, or the whole of an inline table.
    pub(super) span: Span,
    /// `[[zone]]`, for messages; empty for the top.
    name: String,
    entries: &'t DeTable<'t>,
    known: Vec<&'static str>,
}

impl<'t> Table<'t> {
    /// The document.
    pub(super) fn root(file: FileId, document: &'t Spanned<DeTable<'t>>) -> Self {
        let entries = document.get_ref();
        Self { span: Span::new(file, 0, 0), name: String::new(), entries, known: Vec::new() }
    }

    /// All entries, for a table whose keys are data.
    pub(super) fn entries(
        &self,
    ) -> impl Iterator<Item = (&'t Spanned<std::borrow::Cow<'t, str>>, &'t Value<'t>)> {
        self.entries.iter()
    }

    /// Whether the key is there, readable or not.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    fn get(&mut self, key: &'static str) -> Option<&'t Value<'t>> {
        self.known.push(key);
        self.entries.get(key)
    }

    /// ``[[zone]] has no `file` `` or, at the top, `there is no ...`.
    fn place(&self) -> &str {
        if self.name.is_empty() { "the file" } else { &self.name }
    }
}

/// Makes values of one file's tables, and notes what is wrong.
pub(super) struct Reader {
    file: FileId,
    findings: Vec<Finding>,
}

impl Reader {
    pub(super) fn new(file: FileId) -> Self {
        Self { file, findings: Vec::new() }
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    /// How many findings there are so far: more of them later means that something was left out.
    pub(super) fn count(&self) -> usize {
        self.findings.len()
    }

    /// The span of a range of the file.
    pub(super) fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.file, range.start as u64, range.end as u64)
    }

    pub(super) fn report(&mut self, span: Span, message: impl Into<String>) {
        self.findings.push(Finding::new(CONFIG, span, message));
    }

    pub(super) fn report_with_help(
        &mut self,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.findings.push(Finding::new(CONFIG, span, message).help(help));
    }

    /// Reports the keys of a table that nobody asked for.
    pub(super) fn finish(&mut self, table: Table<'_>) {
        for key in table.entries.keys().filter(|key| !table.known.contains(&key.get_ref().as_ref())) {
            let span = self.span(key.span());
            let message = format!("unknown key `{}` in {}", key.get_ref(), table.place());
            let help = match nearest(key.get_ref(), table.known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known keys: {}", table.known.join(", ")),
            };
            self.report_with_help(span, message, help);
        }
    }

    fn wrong_type(&mut self, value: &Value<'_>, what: &str, expected: &str) {
        let found = article(value.get_ref().type_str());
        let span = self.span(value.span());
        self.report(span, format!("{what} is {found}, expected {expected}"));
    }

    fn missing(&mut self, table: &Table<'_>, key: &str) {
        let message = format!("{} has no `{key}`", table.place());
        self.report_with_help(table.span, message, format!("add `{key} = ...`"));
    }

    /// A value that must be there.
    fn required<'t>(
        &mut self,
        table: &mut Table<'t>,
        key: &'static str,
        required: bool,
    ) -> Option<&'t Value<'t>> {
        let value = table.get(key);
        if value.is_none() && required {
            self.missing(table, key);
        }
        value
    }

    /// A string that is not empty.
    pub(super) fn text(
        &mut self,
        table: &mut Table<'_>,
        key: &'static str,
        required: bool,
    ) -> Option<Declared<String>> {
        let value = self.required(table, key, required)?;
        self.as_text(value, &format!("`{key}`"))
    }

    /// A string that is not empty; `what` names it in messages.
    pub(super) fn as_text(&mut self, value: &Value<'_>, what: &str) -> Option<Declared<String>> {
        let span = self.span(value.span());
        match value.get_ref().as_str() {
            Some("") => self.report(span, format!("{what} is empty")),
            Some(text) => return Some(Declared::new(text.to_owned(), span)),
            None => self.wrong_type(value, what, "a string"),
        }
        None
    }

    /// A short name without blanks: the `id` of a pool or a site.
    pub(super) fn id(
        &mut self,
        table: &mut Table<'_>,
        key: &'static str,
        required: bool,
    ) -> Option<Declared<String>> {
        let id = self.text(table, key, required)?;
        let bad = id.value.chars().find(|c| c.is_whitespace() || c.is_control() || *c == ',');
        if let Some(bad) = bad {
            self.report(id.span, format!("`{key}` contains {bad:?}; write one word"));
            return None;
        }
        if id.value.starts_with('-') {
            self.report(
                id.span,
                format!("`{key}` starts with '-', so the command line would read an option"),
            );
            return None;
        }
        Some(id)
    }

    /// A host name, lower case and without the final dot.
    pub(super) fn host(
        &mut self,
        table: &mut Table<'_>,
        key: &'static str,
        required: bool,
    ) -> Option<Declared<String>> {
        let value = self.required(table, key, required)?;
        self.as_host(value, &format!("`{key}`"))
    }

    /// A host name; `what` names it in messages.
    pub(super) fn as_host(&mut self, value: &Value<'_>, what: &str) -> Option<Declared<String>> {
        let text = self.as_text(value, what)?;
        self.name(text, what, host_name)
    }

    /// A domain name that a zone may have.
    pub(super) fn zone_name(
        &mut self,
        table: &mut Table<'_>,
        key: &'static str,
        required: bool,
    ) -> Option<Declared<String>> {
        let text = self.text(table, key, required)?;
        self.name(text, &format!("`{key}`"), domain_name)
    }

    /// A name that stands at `text.span`, read by `check`.
    pub(super) fn name(
        &mut self,
        text: Declared<String>,
        what: &str,
        check: fn(&str) -> Result<String, String>,
    ) -> Option<Declared<String>> {
        match check(&text.value) {
            Ok(name) => Some(Declared::new(name, text.span)),
            Err(why) => {
                self.report(text.span, format!("{what} `{}` {why}", text.value));
                None
            }
        }
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, table: &mut Table<'_>, key: &'static str) -> Option<bool> {
        let value = table.get(key)?;
        let boolean = value.get_ref().as_bool();
        if boolean.is_none() {
            self.wrong_type(value, &format!("`{key}`"), "true or false");
        }
        boolean
    }

    /// An integer of a range within 16 bits.
    pub(super) fn as_u16(
        &mut self,
        value: &Value<'_>,
        what: &str,
        range: RangeInclusive<u16>,
    ) -> Option<Declared<u16>> {
        let DeValue::Integer(integer) = value.get_ref() else {
            self.wrong_type(value, what, &format!("an integer from {} to {}", range.start(), range.end()));
            return None;
        };
        let number = u16::from_str_radix(integer.as_str(), integer.radix()).ok();
        let span = self.span(value.span());
        let Some(number) = number.filter(|number| range.contains(number)) else {
            let message = format!("{what} is {integer}, expected {} to {}", range.start(), range.end());
            self.report(span, message);
            return None;
        };
        Some(Declared::new(number, span))
    }

    /// Seconds: an integer, or a string as zone files write TTLs (`"1h30m"`).
    pub(super) fn seconds(&mut self, table: &mut Table<'_>, key: &'static str) -> Option<Declared<u32>> {
        const EXPECTED: &str = "seconds, or a time such as \"5m\" or \"1h30m\"";
        let value = table.get(key)?;
        let span = self.span(value.span());
        let (seconds, found) = match value.get_ref() {
            DeValue::Integer(integer) => {
                (u64::from_str_radix(integer.as_str(), integer.radix()).ok(), integer.to_string())
            }
            DeValue::String(text) => (seconds_of(text), format!("\"{text}\"")),
            _ => {
                self.wrong_type(value, &format!("`{key}`"), EXPECTED);
                return None;
            }
        };
        let Some(seconds) = seconds else {
            self.report(span, format!("`{key}` is {found}, expected {EXPECTED}"));
            return None;
        };
        match u32::try_from(seconds) {
            Ok(fitting) if seconds <= MOST_SECONDS => Some(Declared::new(fitting, span)),
            _ => {
                self.report(span, format!("`{key}` is {found}, {MOST_SECONDS} seconds are allowed"));
                None
            }
        }
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(
        &mut self,
        table: &mut Table<'_>,
        key: &'static str,
        words: &[(&str, T)],
    ) -> Option<Declared<T>> {
        let value = table.get(key)?;
        self.as_choice(value, &format!("`{key}`"), words)
    }

    /// One of a few words; `what` names it in messages.
    pub(super) fn as_choice<T: Copy>(
        &mut self,
        value: &Value<'_>,
        what: &str,
        words: &[(&str, T)],
    ) -> Option<Declared<T>> {
        let text = self.as_text(value, what)?;
        if let Some((_, choice)) = words.iter().find(|(word, _)| *word == text.value) {
            return Some(Declared::new(*choice, text.span));
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let message = format!("{what} is `{}`, expected {}", text.value, known.join(", "));
        match nearest(&text.value, known.iter().copied()) {
            Some(near) => self.report_with_help(text.span, message, format!("did you mean `{near}`?")),
            None => self.report(text.span, message),
        }
        None
    }

    /// The elements of an array.
    pub(super) fn array<'t>(
        &mut self,
        table: &mut Table<'t>,
        key: &'static str,
    ) -> Option<Vec<&'t Value<'t>>> {
        let value = table.get(key)?;
        if let DeValue::Array(array) = value.get_ref() {
            return Some(array.iter().collect());
        }
        self.wrong_type(value, &format!("`{key}`"), "an array");
        None
    }

    /// Strings of an array.
    pub(super) fn texts(&mut self, table: &mut Table<'_>, key: &'static str) -> Vec<Declared<String>> {
        let values = self.array(table, key).unwrap_or_default();
        values
            .into_iter()
            .filter_map(|value| self.as_text(value, &format!("an element of `{key}`")))
            .collect()
    }

    /// One address, or an array of them.
    pub(super) fn addresses(&mut self, table: &mut Table<'_>, key: &'static str) -> Vec<Declared<IpAddr>> {
        let Some(value) = table.get(key) else { return Vec::new() };
        let values: Vec<&Value<'_>> = match value.get_ref() {
            DeValue::Array(array) => array.iter().collect(),
            _ => vec![value],
        };
        let mut addresses: Vec<Declared<IpAddr>> = Vec::new();
        for value in values {
            let Some(text) = value.get_ref().as_str() else {
                self.wrong_type(value, &format!("`{key}`"), "an address or an array of addresses");
                continue;
            };
            let span = self.span(value.span());
            match text.parse() {
                Ok(address) => addresses.push(Declared::new(address, span)),
                Err(_) => self.report(span, format!("`{key}` is `{text}`, expected an IPv4 or IPv6 address")),
            }
        }
        addresses
    }

    /// The table under a key.
    pub(super) fn table<'t>(&mut self, table: &mut Table<'t>, key: &'static str) -> Option<Table<'t>> {
        let value = table.get(key)?;
        let name = if table.name.is_empty() { format!("[{key}]") } else { format!("`{key}`") };
        self.as_table(value, name)
    }

    /// A value as a table that messages call `name`.
    pub(super) fn as_table<'t>(&mut self, value: &'t Value<'t>, name: String) -> Option<Table<'t>> {
        if let DeValue::Table(entries) = value.get_ref() {
            return Some(Table { span: self.span(value.span()), name, entries, known: Vec::new() });
        }
        self.wrong_type(value, &name, "a table");
        None
    }

    /// The tables of `[[key]]`.
    pub(super) fn tables<'t>(&mut self, table: &mut Table<'t>, key: &'static str) -> Vec<Table<'t>> {
        let Some(value) = table.get(key) else { return Vec::new() };
        let path = table.name.trim_matches(['[', ']']);
        let name = if path.is_empty() { format!("[[{key}]]") } else { format!("[[{path}.{key}]]") };
        if let DeValue::Array(array) = value.get_ref() {
            return array.iter().filter_map(|value| self.as_table(value, name.clone())).collect();
        }
        self.wrong_type(value, &format!("`{key}`"), &format!("tables, each under {name}"));
        Vec::new()
    }

    /// The value of a key whose type depends on what is found.
    pub(super) fn value<'t>(&mut self, table: &mut Table<'t>, key: &'static str) -> Option<&'t Value<'t>> {
        table.get(key)
    }
}

/// `an integer`, `a string`.
fn article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}

/// A time as zone files write it; none when it is something else.
fn seconds_of(text: &str) -> Option<u64> {
    ttl::period(text.as_bytes()).ok().map(u64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_in_zone_files() {
        for (text, seconds) in [
            ("5m", Some(300)),
            ("1h30m", Some(5400)),
            ("1H", Some(3600)),
            ("2w1d", Some(1_296_000)),
            ("90", Some(90)),
            ("90s", Some(90)),
            ("", None),
            ("m", None),
            ("5x", None),
            ("5m3", None),
            ("-5", None),
            ("99999999999999999999", None),
            ("99999999999999999w", None),
        ] {
            assert_eq!(seconds_of(text), seconds, "{text}");
        }
    }
}
