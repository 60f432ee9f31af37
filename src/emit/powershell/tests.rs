//! The scripts parsed by the grammar of PowerShell, and their cmdlets carried out on a model.

use super::{quoted, script, timespan};
use crate::emit::Way;
use crate::emit::windows::model::{Server, change, each, never_away, of_changes, plans};
use crate::emit::windows::told;
use crate::zonefile::rtype::Rtype;
use std::collections::{BTreeMap, BTreeSet};
use tree_sitter::{Node, Parser, Tree};

fn parsed(text: &str) -> Tree {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_powershell::LANGUAGE.into()).unwrap();
    parser.parse(text, None).unwrap()
}

fn children(node: Node<'_>) -> Vec<Node<'_>> {
    node.named_children(&mut node.walk()).collect()
}

/// The nodes of a kind within a node, not those within one another.
fn within<'t>(node: Node<'t>, kind: &str) -> Vec<Node<'t>> {
    if node.kind() == kind {
        return vec![node];
    }
    children(node).into_iter().flat_map(|child| within(child, kind)).collect()
}

/// A command with its arguments: those by position under numbers, a switch without any value.
struct Command {
    name: String,
    splats: Vec<String>,
    arguments: BTreeMap<String, Vec<String>>,
}

impl Command {
    fn new(node: Node<'_>, text: &str) -> Self {
        let of = |node: Node<'_>| text[node.byte_range()].to_owned();
        let mut command = Self {
            name: of(node.child_by_field_name("command_name").unwrap()),
            splats: Vec::new(),
            arguments: BTreeMap::new(),
        };
        let mut last = None;
        for element in children(node.child_by_field_name("command_elements").unwrap()) {
            match element.kind() {
                "command_argument_sep" => {}
                "command_parameter" => {
                    let name = of(element);
                    assert!(command.arguments.insert(name.clone(), Vec::new()).is_none(), "{name} twice");
                    last = Some(name);
                }
                "array_literal_expression" if of(element).starts_with("@(") => {
                    let values = within(element, "string_literal").into_iter().map(|node| literal(&of(node)));
                    let place = command.arguments.len().to_string();
                    command.arguments.insert(place, values.collect());
                }
                "array_literal_expression" if of(element).starts_with('@') => {
                    command.splats.push(of(element))
                }
                "array_literal_expression" => {
                    let values = children(element).into_iter().map(|node| literal(&of(node))).collect();
                    let name = last.take().unwrap_or_else(|| command.arguments.len().to_string());
                    command.arguments.insert(name, values);
                }
                kind => panic!("{kind}: {}", of(element)),
            }
        }
        command
    }

    #[track_caller]
    fn one(&self, name: &str) -> &str {
        match self.arguments.get(name).map(Vec::as_slice) {
            Some([value]) => value,
            other => panic!("{} {name}: {other:?}", self.name),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.arguments.contains_key(name)
    }

    fn allowed(&self, names: &[&str]) {
        let known: BTreeSet<&str> = names.iter().copied().collect();
        let found: BTreeSet<&str> = self.arguments.keys().map(String::as_str).collect();
        assert_eq!(found, known, "arguments of {}", self.name);
    }
}

/// What a literal stands for, by about_Quoting_Rules.
fn literal(text: &str) -> String {
    let Some(inner) = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) else {
        assert!(text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'), "{text} is no literal");
        return text.to_owned();
    };
    let mut out = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if matches!(c, '\'' | '‘' | '’' | '‚' | '‛') {
            assert!(matches!(chars.next(), Some('\'' | '‘' | '’' | '‚' | '‛')), "{text} ends early");
        }
        out.push(c);
    }
    out
}

fn seconds(timespan: &str) -> u32 {
    let (days, time) = timespan.split_once('.').unwrap_or(("0", timespan));
    let parts: Vec<u32> = time.split(':').map(|part| part.parse().unwrap()).collect();
    let [hours, minutes, seconds] = parts[..] else { panic!("{timespan}") };
    assert!(hours < 24 && minutes < 60 && seconds < 60, "{timespan}");
    days.parse::<u32>().unwrap() * 86_400 + hours * 3600 + minutes * 60 + seconds
}

/// What a run comes to: whether it threw, and when.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Done,
    Threw(Vec<String>),
}

/// PowerShell and the server, as far as the scripts use them.
struct Run<'t> {
    text: &'t str,
    view: &'t str,
    apply: bool,
    server: Server,
    /// What the first and the last state are, for checks in between.
    way: Option<(Server, Server)>,
    differences: Vec<String>,
    zones: BTreeSet<String>,
}

impl<'t> Run<'t> {
    /// `false` when the script is over.
    fn statements(&mut self, list: Node<'t>) -> Result<bool, Vec<String>> {
        for statement in children(list) {
            let text = &self.text[statement.byte_range()];
            match statement.kind() {
                "function_statement" | "comment" => {}
                "if_statement" => {
                    let condition =
                        &self.text[statement.child_by_field_name("condition").unwrap().byte_range()];
                    let block = within(statement, "statement_block")[0];
                    let list = within(block, "statement_list")[0];
                    let taken = match condition {
                        "$ComputerName" => continue,
                        "$differences" => !self.differences.is_empty(),
                        "-not $Apply" => !self.apply,
                        _ => {
                            condition == format!("$View -eq '{}'", self.view) || {
                                assert!(condition.starts_with("$View -eq '"), "{condition}");
                                false
                            }
                        }
                    };
                    if taken && !self.statements(list)? {
                        return Ok(false);
                    }
                }
                "flow_control_statement" if text == "return" => return Ok(false),
                "flow_control_statement" => {
                    assert!(text.starts_with("throw "), "{text}");
                    return Err(std::mem::take(&mut self.differences));
                }
                _ if text.starts_with("$differences = @(") => {
                    self.differences.clear();
                    within(statement, "command").into_iter().for_each(|node| self.command(node));
                }
                _ if text.starts_with('$') => {}
                _ => within(statement, "command").into_iter().for_each(|node| self.command(node)),
            }
        }
        Ok(true)
    }

    fn command(&mut self, node: Node<'t>) {
        let command = Command::new(node, self.text);
        let changes = matches!(
            command.name.as_str(),
            "Add-DnsServerResourceRecord" | "Remove-DnsServerResourceRecord" | "Set-RecordTtl"
        );
        if changes && command.name != "Set-RecordTtl" {
            assert_eq!(command.splats, ["@change"], "{}", command.name);
        }
        if changes && !self.apply {
            return;
        }
        match command.name.as_str() {
            "Set-StrictMode" | "Write-Output" => {}
            "Assert-Zone" => {
                self.zones.insert(command.one("0").to_owned());
            }
            "Compare-Rrset" => self.compare(&command),
            "Set-RecordTtl" => {
                command.allowed(&["0", "1", "2", "3", "4"]);
                let of = [command.one("0"), command.one("1"), command.one("2")];
                self.server.retime(of, command.one("3"), seconds(command.one("4")));
            }
            "Add-DnsServerResourceRecord" => self.add(&command),
            "Remove-DnsServerResourceRecord" => {
                command.allowed(&["-ZoneName", "-Name", "-RRType", "-RecordData", "-Force"]);
                let of = [command.one("-ZoneName"), command.one("-Name"), command.one("-RRType")];
                let data = &command.arguments["-RecordData"];
                assert_eq!(data.len(), if of[2] == "SRV" { 4 } else { 1 }, "{data:?}");
                self.server.remove(of, &data.join(" "));
            }
            other => panic!("{other} is no cmdlet that a script may call"),
        }
        if let Some((from, to)) = self.way.as_ref().filter(|_| changes) {
            never_away(&self.server, from, to);
        }
    }

    fn add(&mut self, command: &Command) {
        let common = ["-ZoneName", "-Name", "-TimeToLive"];
        let (rtype, own, data): (&str, &[&str], Vec<&str>) = if command.has("-Srv") {
            let own = ["-Priority", "-Weight", "-Port", "-DomainName"];
            (
                "SRV",
                &["-Srv", "-Priority", "-Weight", "-Port", "-DomainName"],
                own.map(|name| command.one(name)).into(),
            )
        } else if command.has("-CName") {
            ("CNAME", &["-CName", "-HostNameAlias"], vec![command.one("-HostNameAlias")])
        } else if command.has("-AAAA") {
            ("AAAA", &["-AAAA", "-IPv6Address"], vec![command.one("-IPv6Address")])
        } else {
            ("A", &["-A", "-IPv4Address"], vec![command.one("-IPv4Address")])
        };
        command.allowed(&[&common[..], own].concat());
        let of = [command.one("-ZoneName"), command.one("-Name"), rtype];
        self.server.add(of, &data.join(" "), seconds(command.one("-TimeToLive")));
    }

    fn compare(&mut self, command: &Command) {
        command.allowed(&["0", "1", "2", "3", "4"]);
        assert!(self.zones.contains(command.one("0")), "{} was not looked at", command.one("0"));
        let of = [command.one("0"), command.one("1"), command.one("2")];
        let ttl: u32 = command.one("3").parse().unwrap();
        let expected: BTreeSet<(u32, &str)> =
            command.arguments["4"].iter().map(|rdata| (ttl, rdata.as_str())).collect();
        if self.server.records(of) != expected {
            self.differences.push(of.join(" "));
        }
    }
}

fn run(text: &str, view: &str, apply: bool, server: &Server, to: Option<&Server>) -> (Server, End) {
    let tree = parsed(text);
    let mut run = Run {
        text,
        view,
        apply,
        server: server.clone(),
        way: to.map(|to| (server.clone(), to.clone())),
        differences: Vec::new(),
        zones: BTreeSet::new(),
    };
    let list = within(tree.root_node(), "statement_list")[0];
    let end = match run.statements(list) {
        Ok(_) => End::Done,
        Err(differences) => End::Threw(differences),
    };
    (run.server, end)
}

#[test]
fn every_script_is_powershell() {
    for plan in plans() {
        for way in [Way::Apply, Way::Back] {
            let text = script(&plan, way);
            let tree = parsed(&text);
            assert!(!tree.root_node().has_error(), "{}\n{text}", tree.root_node().to_sexp());
        }
    }
    // The grammar does find what is wrong.
    let text = script(&plans()[3], Way::Apply);
    for (from, to) in
        [("\n)\n", "\n\n"), ("'contoso.com'", "'contoso.com"), ("$differences = @(", "$differences = @(}")]
    {
        assert!(text.contains(from), "{from}");
        assert!(parsed(&text.replacen(from, to, 1)).root_node().has_error(), "{from} -> {to}");
    }
}

#[test]
fn the_cmdlets_make_of_the_server_what_the_plan_wants() {
    each(|plan, way, told| {
        let text = script(plan, way);
        let (from, to) = (Server::with(told, false), Server::with(told, true));
        let view = told.view.word();
        assert_eq!(run(&text, view, true, &from, Some(&to)), (to.clone(), End::Done), "{text}");
        assert_eq!(run(&text, view, false, &from, None), (from.clone(), End::Done), "{text}");
    });
}

#[test]
fn nothing_changes_on_a_server_that_has_anything_else() {
    each(|plan, way, told| {
        let text = script(plan, way);
        for server in Server::with(told, false).spoiled() {
            let (after, end) = run(&text, told.view.word(), true, &server, None);
            assert_eq!(after, server, "{text}");
            assert!(matches!(&end, End::Threw(differences) if differences.len() == 1), "{end:?}");
        }
        // An RRset that shall be new is there already.
        let mut server = Server::with(told, true);
        server.0.retain(|key, _| {
            let [zone, name] = [key.0.as_str(), key.1.as_str()];
            told.rrsets
                .iter()
                .any(|rrset| (rrset.zone, rrset.name) == (zone, name) && rrset.from.rdata.is_empty())
        });
        if !server.0.is_empty() {
            let (after, end) = run(&text, told.view.word(), true, &server, None);
            assert_eq!(after, server);
            assert!(matches!(end, End::Threw(_)));
        }
    });
}

#[test]
fn a_server_that_does_something_else_is_found_out() {
    let plan = &plans()[3];
    let told = &told(plan, Way::Apply)[0];
    // Without the last removal the server does not end as wanted.
    let text = script(plan, Way::Apply);
    let at = text.rfind("Remove-DnsServerResourceRecord @change").unwrap();
    let line = text[at..].split_inclusive('\n').next().unwrap();
    let (_, end) = run(&text.replacen(line, "", 1), "external", true, &Server::with(told, false), None);
    assert!(matches!(end, End::Threw(differences) if differences.len() == 1));
}

#[test]
fn a_ttl_alone_is_set_in_place() {
    let text = script(&plans()[1], Way::Apply);
    let body = text.split("# Add\n").nth(1).unwrap();
    assert!(!body.contains("DnsServerResourceRecord"), "{body}");
    assert_eq!(body.matches("Set-RecordTtl 'contoso.com' '_sip._tls' 'SRV' ").count(), 2, "{body}");
    assert!(body.contains("'10 0 443 sip1.contoso.com.' '00:05:00'\n"), "{body}");
}

#[test]
fn times_are_those_of_a_timespan() {
    for (ttl, expected) in [
        (0, "00:00:00"),
        (300, "00:05:00"),
        (86_399, "23:59:59"),
        (86_400, "1.00:00:00"),
        (90_061, "1.01:01:01"),
        (2_147_483_647, "24855.03:14:07"),
    ] {
        assert_eq!(timespan(ttl), expected);
        assert_eq!(seconds(expected), ttl);
    }
}

#[test]
fn no_name_ends_its_quotes() {
    for text in
        ["", "it's", "''", "a\u{2019}; Remove-Item C:\\ -Recurse; \u{2018}", "$(x) `n \"", "\u{201a}\u{201b}"]
    {
        assert_eq!(literal(&quoted(text)), text);
    }
    let odd = "x'; Stop-Computer; '\u{2019}.contoso.com";
    let srv = ["10 0 443 it's.contoso.com."];
    let plan = of_changes(vec![change(odd, Rtype::SRV, (None, &[]), (3600, &srv))]);
    let text = script(&plan, Way::Apply);
    assert!(!parsed(&text).root_node().has_error(), "{text}");
    let told = &told(&plan, Way::Apply)[0];
    let (after, end) = run(&text, "external", true, &Server::default(), None);
    assert_eq!((after, end), (Server::with(told, true), End::Done));
}
