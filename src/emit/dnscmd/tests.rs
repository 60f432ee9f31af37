//! The lines of the files carried out on a model, as `cmd` and `dnscmd` would.

use super::batch;
use crate::emit::Way;
use crate::emit::windows::model::{Server, change, each, of_changes, plans};
use crate::zonefile::rtype::Rtype;

/// What a run comes to: the exit status by the label it ended at.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Done,
    At(String),
}

struct Run<'t> {
    lines: Vec<&'t str>,
    view: &'t str,
    mode: &'t str,
    server: Server,
    /// The RRset that was listed last, and its records.
    of: [String; 3],
    listed: Vec<(u32, String)>,
    exported: Vec<String>,
}

impl Run<'_> {
    fn start(&mut self) -> End {
        let mut at = self.label("start");
        loop {
            let line = self.lines[at];
            at += 1;
            if line.is_empty()
                || line.starts_with("rem ")
                || line.starts_with("echo ")
                || line.starts_with("del ")
            {
                continue;
            }
            if line == "exit /b 0" {
                return End::Done;
            }
            if let Some(rest) = line.strip_prefix("if /i \"%~3\"==\"") {
                let (view, label) = rest.split_once("\" goto ").unwrap();
                if view == self.view {
                    at = self.label(label);
                }
                continue;
            }
            if line == "if /i not \"%~2\"==\"apply\" (" {
                if self.mode == "check" {
                    return End::Done;
                }
                at += self.lines[at..].iter().position(|line| *line == ")").unwrap() + 1;
                continue;
            }
            let (command, label) = line
                .split_once(" & if errorlevel 1 goto ")
                .unwrap_or_else(|| panic!("{line} is not checked"));
            self.label(label);
            if !self.command(command) {
                return End::At(label.to_owned());
            }
        }
    }

    fn label(&self, name: &str) -> usize {
        self.lines
            .iter()
            .position(|line| line.strip_prefix(':') == Some(name))
            .unwrap_or_else(|| panic!(":{name}"))
            + 1
    }

    fn command(&mut self, command: &str) -> bool {
        let words: Vec<&str> = command.split(' ').collect();
        match words[..] {
            ["call", ":count", zone, name, rtype, number] => {
                self.of = [zone, name, rtype].map(str::to_owned);
                let records = self.server.records([zone, name, rtype]);
                self.listed = records.into_iter().map(|(ttl, rdata)| (ttl, rdata.to_owned())).collect();
                self.listed.len().to_string() == number
            }
            ["call", ":has", zone, name, rtype, ttl, ..] => {
                assert_eq!(self.of, [zone, name, rtype], "another RRset was listed");
                let wanted = (ttl.parse().unwrap(), command.split('"').nth(1).unwrap().to_owned());
                self.listed.contains(&wanted)
            }
            ["dnscmd", "\"%SERVER%\"", "/zoneexport", zone, file] => {
                assert!(file.starts_with(zone));
                self.exported.push(zone.to_owned());
                true
            }
            ["dnscmd", "\"%SERVER%\"", "/recordadd", zone, name, ttl, rtype, ref data @ ..] => {
                assert!(self.exported.iter().any(|known| known == zone), "{zone} is not exported");
                self.server.add([zone, name, rtype], &data.join(" "), ttl.parse().unwrap());
                true
            }
            ["dnscmd", "\"%SERVER%\"", "/recorddelete", zone, name, rtype, ref data @ .., "/f"] => {
                assert!(self.exported.iter().any(|known| known == zone), "{zone} is not exported");
                self.server.remove([zone, name, rtype], &data.join(" "));
                true
            }
            _ => panic!("{command}"),
        }
    }
}

fn run(text: &str, view: &str, mode: &str, server: &Server) -> (Server, End) {
    let mut run = Run {
        lines: text.split_terminator("\r\n").collect(),
        view,
        mode,
        server: server.clone(),
        of: Default::default(),
        listed: Vec::new(),
        exported: Vec::new(),
    };
    let end = run.start();
    (run.server, end)
}

#[test]
fn the_commands_make_of_the_server_what_the_plan_wants() {
    each(|plan, way, told| {
        let text = batch(plan, way);
        let (from, to) = (Server::with(told, false), Server::with(told, true));
        let view = told.view.word();
        assert_eq!(run(&text, view, "apply", &from), (to, End::Done), "{text}");
        assert_eq!(run(&text, view, "check", &from), (from.clone(), End::Done), "{text}");
    });
}

#[test]
fn nothing_changes_on_a_server_that_has_anything_else() {
    each(|plan, way, told| {
        let text = batch(plan, way);
        for server in Server::with(told, false).spoiled() {
            let end = run(&text, told.view.word(), "apply", &server);
            assert_eq!(end, (server.clone(), End::At(String::from("differs"))), "{text}");
        }
    });
}

#[test]
fn every_line_ends_as_cmd_wants_it_and_no_record_ages() {
    for plan in plans() {
        for way in [Way::Apply, Way::Back] {
            let text = batch(&plan, way);
            assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
            assert!(text.ends_with("\r\n") && text.is_ascii(), "{text}");
            assert!(!text.contains("/aging"), "{text}");
            for line in text.lines().filter(|line| line.contains("/recorddelete")) {
                assert!(line.contains(" /f & if errorlevel 1 goto failed"), "{line}");
            }
        }
    }
}

#[test]
fn a_name_that_cmd_would_read_otherwise_makes_no_commands() {
    for odd in
        ["a&b.contoso.com", "%PATH%.contoso.com", "a\"b.contoso.com", "a^b.contoso.com", "a|b.contoso.com"]
    {
        let target = format!("10 0 443 {odd}.");
        let srv: [&str; 1] = [&target];
        for plan in [
            of_changes(vec![change(odd, Rtype::A, (None, &[]), (300, &["192.0.2.1"]))]),
            of_changes(vec![change("_sip._tls.contoso.com", Rtype::SRV, (Some(300), &srv), (300, &[]))]),
        ] {
            let text = batch(&plan, Way::Apply);
            assert!(text.ends_with("@exit /b 1\r\n") && !text.contains("dnscmd"), "{text}");
        }
    }
}
