//! Where reports, summaries and errors go.

use crate::diagnostic::Finding;
use crate::report::{self, ColorChoice, Style, color_wanted, unicode_wanted};
use crate::text::Sources;
use crate::workspace::LoadError;
use std::fmt;
use std::io::{self, IsTerminal as _, Write as _};

/// Why a command could not do what it was asked.
#[derive(Debug)]
pub(super) enum Failure {
    /// Whoever reads the output has seen enough.
    BrokenPipe,
    /// The report could not be written.
    Output(io::Error),
    /// The zones or the configuration could not be loaded.
    Load(LoadError),
    /// Something else, said in words.
    Words(String),
    /// A list of findings stands in the way.
    Findings(String, std::sync::Arc<Sources>, Vec<Finding>),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BrokenPipe => f.write_str("the output was closed"),
            Self::Output(cause) => write!(f, "the report could not be written: {cause}"),
            Self::Load(error) => error.fmt(f),
            Self::Words(words) | Self::Findings(words, ..) => f.write_str(words),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(cause: io::Error) -> Self {
        if cause.kind() == io::ErrorKind::BrokenPipe { Self::BrokenPipe } else { Self::Output(cause) }
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        Self::Load(error)
    }
}

/// Why a file is not edited whose octets are not its text.
pub(super) fn cannot_edit(name: &str) -> String {
    format!(
        "{name} is compressed or UTF-16, so it is only read, never changed: write it as plain UTF-8 first"
    )
}

/// How this terminal wants things shown.
pub(super) struct Terminal {
    /// For the report.
    pub(super) out: Style,
    err: Style,
    /// Whether a bar on standard error is seen and can be taken back.
    pub(super) shows_progress: bool,
}

impl Terminal {
    pub(super) fn new(choice: ColorChoice) -> Self {
        let env = |name: &str| std::env::var_os(name);
        let width = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok()).unwrap_or(100);
        let style = |terminal| Style {
            color: color_wanted(choice, env, terminal),
            unicode: unicode_wanted(env),
            width: usize::clamp(width, 40, 200),
        };
        let is_seen = io::stderr().is_terminal();
        Self {
            out: style(io::stdout().is_terminal()),
            err: style(is_seen),
            shows_progress: is_seen && env("TERM").is_none_or(|term| term != "dumb"),
        }
    }

    /// Says something about the run on standard error. Failing to is no failure of the run.
    pub(super) fn say(&self, words: &str) {
        // In one piece: standard error is written to as it comes.
        let _ = io::stderr().lock().write_all(format!("{words}\n").as_bytes());
    }

    /// Shows why the run failed.
    pub(super) fn failure(&self, failure: &Failure) {
        let shown = match failure {
            Failure::Load(LoadError::Config(sources, findings)) | Failure::Findings(_, sources, findings) => {
                let mut text = Vec::new();
                let mut findings = findings.clone();
                report::sort(sources, &mut findings);
                report::human(&mut text, sources, &findings, &self.err).map(|()| text)
            }
            _ => Ok(Vec::new()),
        };
        if let Ok(text) = shown {
            let _ = io::stderr().lock().write_all(&text);
        }
        self.say(&format!("error: {failure}"));
    }
}
