//! The sheet that the parts of a runbook are written on; it numbers the steps.

use super::words::fenced;

/// Who does a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Actor {
    /// Who runs the name servers.
    Dns,
    /// The Lync Server Management Shell.
    Shell,
    /// Topology Builder.
    Topology,
    /// Every server of an Edge pool.
    Servers,
    /// Who runs the firewall.
    Firewall,
    /// Whoever looks whether it worked.
    Check,
}

impl Actor {
    fn tag(self) -> &'static str {
        match self {
            Self::Dns => "DNS",
            Self::Shell => "PS",
            Self::Topology => "TB",
            // A bare `*` would end the bold text around it.
            Self::Servers => "E\\*",
            Self::Firewall => "FW",
            Self::Check => "V",
        }
    }
}

/// Markdown under construction: blocks with an empty line between them.
#[derive(Default)]
pub(super) struct Paper {
    out: String,
    steps: usize,
    /// Indent of what belongs to the last step.
    indent: &'static str,
}

impl Paper {
    fn gap(&mut self) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
    }

    fn block(&mut self, text: &str, indent: &str) {
        self.gap();
        self.out.push_str(indent);
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// A heading; what follows belongs to no step.
    pub(super) fn heading(&mut self, level: usize, text: &str) {
        self.indent = "";
        self.block(&format!("{} {text}", "#".repeat(level)), "");
    }

    /// A paragraph that belongs to no step.
    pub(super) fn paragraph(&mut self, text: &str) {
        self.indent = "";
        self.block(text, "");
    }

    /// A remark that belongs to no step.
    pub(super) fn note(&mut self, text: &str) {
        self.paragraph(&format!("> **Note:** {text}"));
    }

    /// Lines of a list.
    pub(super) fn bullets(&mut self, items: &[String]) {
        let lines: Vec<String> = items.iter().map(|item| format!("- {item}")).collect();
        self.paragraph(&lines.join("\n"));
    }

    /// Something to tick off before the first step.
    pub(super) fn precondition(&mut self, actor: Actor, text: &str) {
        self.block(&format!("- [ ] **[{}]** {text}", actor.tag()), "");
        self.indent = "  ";
    }

    /// The next step.
    pub(super) fn step(&mut self, actor: Actor, text: &str) {
        self.steps += 1;
        self.block(&format!("- [ ] **{}. [{}]** {text}", self.steps, actor.tag()), "");
        self.indent = "  ";
    }

    /// Lines of a list that belongs to the last step.
    pub(super) fn step_bullets(&mut self, items: &[String]) {
        let joint = format!("\n{}- ", self.indent);
        self.block(&format!("- {}", items.join(&joint)), self.indent);
    }

    /// A fenced block that belongs to the last step, or to none after a paragraph.
    pub(super) fn fence(&mut self, language: &str, text: &str) {
        self.gap();
        self.out.push_str(&fenced(language, text, self.indent));
    }

    /// A fenced block whose lines must stand at the margin, since they are copied as they are.
    pub(super) fn fence_at_margin(&mut self, language: &str, text: &str) {
        self.indent = "";
        self.fence(language, text);
    }

    /// A table that belongs to the last step, or to none after a paragraph.
    pub(super) fn table(&mut self, head: &[&str], rows: &[Vec<String>]) {
        self.gap();
        let mut line = |cells: &[String]| {
            self.out.push_str(&format!("{}| {} |\n", self.indent, cells.join(" | ")));
        };
        line(&head.iter().map(|&cell| cell.to_owned()).collect::<Vec<_>>());
        line(&vec![String::from("---"); head.len()]);
        rows.iter().for_each(|row| line(row));
    }

    /// The text.
    pub(super) fn finish(self) -> String {
        self.out
    }
}
