//! XML as a tree of elements, as far as a topology needs it: local names, attributes, text and lines.
//!
//! A document type declaration is refused, so no entity is ever declared, expanded or fetched: only `&amp;` and
//! the like and `&#65;` stand for characters.

use super::ImportError;
use memchr::memchr_iter;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use quick_xml::reader::NsReader;

/// How deep elements may lie.
const DEEPEST: usize = 64;

/// How many elements are read: a topology of a hundred pools has some ten thousand.
const MOST_ELEMENTS: usize = 500_000;

/// An element.
#[derive(Debug, Default)]
pub(super) struct Element {
    /// Name without its prefix.
    pub(super) name: String,
    /// Namespace; empty when there is none.
    pub(super) namespace: String,
    /// The line that its start tag begins in, 1-based.
    pub(super) line: usize,
    attributes: Vec<(String, String)>,
    /// The elements directly below.
    pub(super) children: Vec<Self>,
    /// The text directly below.
    pub(super) text: String,
}

impl Element {
    /// The value of an attribute without a prefix.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The first child of a name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All elements of a name below this one, in the order of the text; nothing below a found one is looked at.
    pub(super) fn all<'e>(&'e self, name: &str) -> Vec<&'e Self> {
        let mut found = Vec::new();
        let mut open: Vec<&Self> = self.children.iter().rev().collect();
        while let Some(element) = open.pop() {
            if element.name == name {
                found.push(element);
            } else {
                open.extend(element.children.iter().rev());
            }
        }
        found
    }
}

/// Reads a document; returns its root.
pub(super) fn read(file: &str, text: &str) -> Result<Element, ImportError> {
    let mut reader = NsReader::from_str(text);
    let mut lines = Lines { text, at: 0, line: 1 };
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    let mut elements = 0_usize;
    loop {
        let line = lines.at(reader.buffer_position());
        let wrong = |what: String| ImportError { file: file.to_owned(), place: line.to_string(), what };
        let (resolved, event) = match reader.read_resolved_event() {
            Ok(read) => read,
            Err(error) => {
                let line = lines.at(reader.error_position());
                let place = line.to_string();
                return Err(ImportError { file: file.to_owned(), place, what: format!("not XML: {error}") });
            }
        };
        match event {
            Event::Start(start) => {
                elements += 1;
                open.push(element(&start, &resolved, line).map_err(wrong)?);
                if open.len() > DEEPEST {
                    return Err(wrong(format!("elements lie more than {DEEPEST} deep, expected a topology")));
                }
            }
            Event::Empty(start) => {
                elements += 1;
                let element = element(&start, &resolved, line).map_err(wrong)?;
                close(element, &mut open, &mut root);
            }
            Event::End(_) => {
                if let Some(element) = open.pop() {
                    close(element, &mut open, &mut root);
                }
            }
            Event::Text(text) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(
                        &text
                            .xml_content(XmlVersion::Implicit1_0)
                            .map_err(|error| wrong(error.to_string()))?,
                    );
                }
            }
            Event::CData(text) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&text.decode().map_err(|error| wrong(error.to_string()))?);
                }
            }
            Event::GeneralRef(reference) => {
                let name = reference.decode().map_err(|error| wrong(error.to_string()))?;
                let letter = reference.resolve_char_ref().map_err(|error| wrong(error.to_string()))?;
                let text =
                    letter.map(String::from).or_else(|| resolve_predefined_entity(&name).map(String::from));
                match (text, open.last_mut()) {
                    (Some(text), Some(element)) => element.text.push_str(&text),
                    (Some(_), None) => {}
                    (None, _) => {
                        return Err(wrong(format!(
                            "`&{name};` is no character of XML, and entities are not expanded"
                        )));
                    }
                }
            }
            Event::DocType(_) => {
                return Err(wrong(String::from(
                    "a document type declaration, which no topology has: it is refused, and nothing of it expanded or fetched",
                )));
            }
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => break,
        }
        if elements > MOST_ELEMENTS {
            return Err(wrong(format!("more than {MOST_ELEMENTS} elements, expected a topology")));
        }
    }
    let end = |what: &str| ImportError {
        file: file.to_owned(),
        place: (memchr_iter(b'\n', text.as_bytes()).count() + 1).to_string(),
        what: what.to_owned(),
    };
    if let Some(element) = open.last() {
        return Err(end(&format!(
            "the text ends inside <{}> of line {}: it is cut off",
            element.name, element.line
        )));
    }
    root.ok_or_else(|| end("no element, expected a topology"))
}

fn element(start: &BytesStart<'_>, resolved: &ResolveResult<'_>, line: usize) -> Result<Element, String> {
    let namespace = match resolved {
        ResolveResult::Bound(Namespace(name)) => String::from_utf8_lossy(name).into_owned(),
        ResolveResult::Unbound => String::new(),
        ResolveResult::Unknown(prefix) => {
            return Err(format!("prefix `{}` is not declared", String::from_utf8_lossy(prefix)));
        }
    };
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| format!("not XML: {error}"))?;
        let name = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|error| format!("attribute {name}: {error}"))?;
        attributes.push((name, value.into_owned()));
    }
    let name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
    Ok(Element { name, namespace, line, attributes, ..Element::default() })
}

fn close(element: Element, open: &mut [Element], root: &mut Option<Element>) {
    match open.last_mut() {
        Some(above) => above.children.push(element),
        None => *root = Some(element),
    }
}

/// Counts lines forward.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of an octet that stands at or after the last one that was asked for; white space before an
    /// element counts as passed.
    fn at(&mut self, octet: u64) -> usize {
        let octet = usize::try_from(octet).unwrap_or(usize::MAX).min(self.text.len());
        if octet > self.at {
            let passed = self.text.as_bytes().get(self.at..octet).unwrap_or_default();
            self.line += memchr_iter(b'\n', passed).count();
            self.at = octet;
        }
        self.line
    }
}
