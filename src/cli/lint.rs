//! `zonewright lint`.

mod fixes;
mod known;
mod unmatched;

use super::Common;
use super::output::{Failure, Terminal};
use super::progress::Progress;
use crate::diagnostic::{Finding, Severity, nearest};
use crate::lint::{self, Levels, lint_since};
use crate::report::{self, More, RuleCard, Style, Summary};
use crate::text::{FileId, Sources};
use crate::workspace::{Base, LoadError, Loaded, Request, load_watched};
use crate::zonefile::parse::Dialect;
use crate::zonefile::server::{Server, Targets};
use clap::ValueEnum as _;
use std::borrow::Cow;
use std::collections::HashSet;
use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  Every zone of the configuration; the zone files of a folder:
    zonewright lint
    zonewright lint zones --fail-on warning
  What changed since the last commit too, such as serials that were not raised:
    zonewright lint --base HEAD
  What is committed, in place of what lies in the file:
    git show HEAD:zones/internal/contoso.net.zone | zonewright lint -
  What a Knot DNS server would read otherwise:
    zonewright lint zones/fabrikam.com.zone --target knot
  Annotations for GitHub Actions, and a file for code scanning:
    zonewright lint --output-format github --output-file sarif=out.sarif";

#[derive(Debug, Default, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Zone files and folders; `-` is standard input (default: every zone of the configuration)
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The paths are files that changed, of any kind, as pre-commit names them: check the zones that
    /// they are or are included by, and every zone when the configuration is among them; pass over
    /// what is no zone file
    #[arg(long)]
    changed_files: bool,
    /// Apex of the zone, for one file
    #[arg(long, value_name = "NAME")]
    origin: Option<String>,
    /// Form of the report
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    output_format: Format,
    /// Write the report to a file instead of standard output; with a format in front, write that form
    /// to the file as well; may be given more than once
    #[arg(long, value_name = "[FORMAT=]FILE", value_parser = OutputFile::parse)]
    output_file: Vec<OutputFile>,
    /// Exit with 1 from this severity on (default: error, or what the configuration says)
    #[arg(long, value_enum, value_name = "SEVERITY")]
    fail_on: Option<FailOn>,
    /// Run only these rules or groups; ALL takes in those of level info
    #[arg(long, value_name = "RULE|GROUP|ALL", value_delimiter = ',')]
    select: Vec<String>,
    /// Do not run these rules or groups
    #[arg(long, value_name = "RULE|GROUP", value_delimiter = ',')]
    ignore: Vec<String>,
    /// Show findings of level info too
    #[arg(long)]
    pedantic: bool,
    /// Servers that the zones are meant for: tells what those read differently or refuse
    #[arg(long, value_enum, value_name = "SERVER", value_delimiter = ',')]
    target: Vec<TargetArg>,
    /// Who wrote the files
    #[arg(long, value_enum, default_value_t, value_name = "DIALECT")]
    dialect: DialectArg,
    /// Hold the zones against a git revision, such as HEAD or origin/main: tells of changes without a
    /// new serial, of mass deletions and the like
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// What standard input is called in reports
    #[arg(long, value_name = "NAME")]
    stdin_filename: Option<String>,
    /// Read and check on so many threads (default: one per core)
    #[arg(long, value_name = "N", value_parser = threads)]
    jobs: Option<NonZeroUsize>,
    /// Carry out the safe fixes, and report what is left
    #[arg(long, group = "fixing")]
    fix: bool,
    /// Print the safe fixes as a unified diff instead of a report, write nothing, and exit with 1 if
    /// there are any
    #[arg(long, group = "fixing")]
    diff: bool,
    /// With --fix or --diff: those fixes, too, that change what a zone publishes
    #[arg(long, requires = "fixing")]
    unsafe_fixes: bool,
    /// Let the findings pass that this file accepts (default: what the configuration says)
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Accept all findings: write them to the baseline, which later runs are held against (default:
    /// zonewright-baseline.json beside the configuration)
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, conflicts_with = "fixing")]
    write_baseline: Option<Option<PathBuf>>,
    /// Show so many findings of each rule and count the rest; 0 shows all (default: 100 for people, all
    /// for other forms)
    #[arg(long, value_name = "N")]
    max_findings: Option<usize>,
}

impl Args {
    /// What commit hooks give: files, with `--changed-files` or without. None: there are options among the
    /// words, or mistakes.
    pub(super) fn of_hook(words: impl Iterator<Item = OsString>) -> Option<Self> {
        let mut args = Self::default();
        for word in words {
            match word.as_encoded_bytes() {
                b"--changed-files" if !args.changed_files => args.changed_files = true,
                [] | [b'-', ..] => return None,
                _ => args.paths.push(word.into()),
            }
        }
        Some(args)
    }
}

/// How many findings of each rule a person is shown unless more are asked for.
const MAX_FINDINGS: usize = 100;

/// More threads than this are a slip of the finger.
const MAX_THREADS: usize = 1024;

fn threads(text: &str) -> Result<NonZeroUsize, String> {
    let count: usize = text.parse().map_err(|_| format!("a number of threads, 1 to {MAX_THREADS}"))?;
    match NonZeroUsize::new(count) {
        None => Err(String::from("no thread does no work: write 1 for one after the other, or leave it out")),
        Some(_) if count > MAX_THREADS => Err(format!("at most {MAX_THREADS} threads")),
        Some(count) => Ok(count),
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// The lines in question, marked, with help
    #[default]
    Human,
    /// file:line:column: severity[rule] message
    Concise,
    /// An array of objects
    Json,
    /// The same objects, one per line
    Jsonl,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Workflow commands of GitHub Actions: annotations
    Github,
    /// Code Quality report of GitLab
    Gitlab,
    /// JUnit XML
    Junit,
    /// A table, for the summary of a job or a comment
    Markdown,
}

impl Format {
    /// Whether a person reads it where it is written, to whom findings left out can be told there.
    fn is_for_eyes(self) -> bool {
        matches!(self, Self::Human | Self::Concise | Self::Markdown)
    }
}

/// A file for a report.
#[derive(Clone, Debug)]
struct OutputFile {
    /// None: that of `--output-format`.
    format: Option<Format>,
    path: PathBuf,
}

impl OutputFile {
    fn parse(text: &str) -> Result<Self, String> {
        let named = text.split_once('=').and_then(|(word, path)| {
            let format = <Format as clap::ValueEnum>::from_str(word, false).ok()?;
            Some((format, path))
        });
        if let (None, Some((word, _))) = (named, text.split_once('=')) {
            let forms = <Format as clap::ValueEnum>::value_variants().iter();
            let names: Vec<String> =
                forms.filter_map(|form| Some(form.to_possible_value()?.get_name().to_owned())).collect();
            if let Some(meant) = nearest(word, names.iter().map(String::as_str)) {
                return Err(format!("`{word}` is no form of a report; did you mean `{meant}`?"));
            }
        }
        let (format, path) = named.map_or((None, text), |(format, path)| (Some(format), path));
        if path.is_empty() {
            return Err(String::from("the name of a file"));
        }
        Ok(Self { format, path: PathBuf::from(path) })
    }
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Info,
    Never,
}

impl FailOn {
    fn severity(self) -> Option<Severity> {
        match self {
            Self::Error => Some(Severity::Error),
            Self::Warning => Some(Severity::Warning),
            Self::Info => Some(Severity::Info),
            Self::Never => None,
        }
    }
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum TargetArg {
    Bind,
    Knot,
    Nsd,
}

impl From<TargetArg> for Server {
    fn from(arg: TargetArg) -> Self {
        match arg {
            TargetArg::Bind => Self::Bind,
            TargetArg::Knot => Self::Knot,
            TargetArg::Nsd => Self::Nsd,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum DialectArg {
    /// Windows when the file's header says so, else BIND
    #[default]
    Auto,
    /// BIND master file
    Bind,
    /// Export of the Windows DNS server
    Windows,
}

impl From<DialectArg> for Dialect {
    fn from(arg: DialectArg) -> Self {
        match arg {
            DialectArg::Auto => Self::Auto,
            DialectArg::Bind => Self::Bind,
            DialectArg::Windows => Self::Windows,
        }
    }
}

/// Loads, lints and reports.
pub(super) fn run(common: &Common, args: &Args, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let for_eyes = args.output_format.is_for_eyes();
    let progress = Progress::new(for_eyes && !common.quiet && terminal.shows_progress);
    let request = Request {
        paths: args.paths.clone(),
        config: common.config.clone(),
        origin: args.origin.clone(),
        dialect: args.dialect.into(),
        stdin_name: args.stdin_filename.clone(),
        targets: Targets::new(args.target.iter().copied().map(Server::from)),
        jobs: args.jobs,
        changed_files: args.changed_files,
    };
    let mut loaded = load_watched(&request, &progress)?;
    let levels = levels(args, &loaded)?;
    let fail_on = fail_on(args, &loaded);
    let baseline = known::baseline(args, &loaded)?;
    let base = super::since::base(&loaded, &request, args.base.as_deref())?;
    let (mut findings, mut summary) = check(&mut loaded, base.as_ref(), &levels);
    loaded.unchanged().map_err(LoadError::from)?;
    drop(progress);
    super::write::warn_of_pending(&loaded, terminal);
    if !common.quiet {
        unmatched::tell(&loaded, args.paths.is_empty(), terminal);
    }
    if let Some(given) = &args.write_baseline {
        return known::write(given.as_deref(), args, &loaded, &findings, common, terminal);
    }
    if let Some(baseline) = &baseline {
        let held = known::hold(baseline, &loaded, findings);
        known::tell(&held, args, common, terminal);
        summary.recount(&held.new, 0);
        summary.known = held.known;
        findings = held.new;
    }
    if args.fix || args.diff {
        let fixed = fixes::carry_out(args, loaded, findings, |loaded| {
            let findings = check(loaded, base.as_ref(), &levels).0;
            match &baseline {
                Some(baseline) => known::hold(baseline, loaded, findings).new,
                None => findings,
            }
        })?;
        if args.diff {
            return fixes::show(&fixed, common, terminal);
        }
        fixes::write(&fixed)?;
        fixes::tell(&fixed, terminal);
        summary.recount(&fixed.findings, fixed.done.len());
        (loaded, findings) = (fixed.loaded, fixed.findings);
        summary.records =
            loaded.zones.iter().filter(|zone| zone.wanted).map(|zone| zone.zone.record_count()).sum();
    }
    report::generated_once(&loaded.sources, &mut findings);
    summary.recount(&findings, summary.fixed);
    let failed = fail_on.is_some_and(|least| findings.iter().any(|finding| finding.severity >= least));
    let reports = Reports {
        sources: &loaded.sources,
        findings: &findings,
        max_findings: args.max_findings,
        summary: &summary,
        files: names(&loaded),
    };
    for file in &args.output_file {
        let wrong = |cause: io::Error| {
            let name = file.path.display();
            Failure::Words(match cause.kind() {
                io::ErrorKind::NotFound => format!("{name}: there is no such folder to write it into"),
                _ => format!("{name}: {cause}"),
            })
        };
        let mut out = BufWriter::new(std::fs::File::create(&file.path).map_err(wrong)?);
        let format = file.format.unwrap_or(args.output_format);
        reports.write(&mut out, format, &Style { color: false, ..terminal.out }).map_err(wrong)?;
    }
    if args.output_file.iter().all(|file| file.format.is_some()) {
        let mut out = BufWriter::new(io::stdout().lock());
        reports.write(&mut out, args.output_format, &terminal.out)?;
    }
    if !for_eyes && !common.quiet {
        let (_, more) = reports.shown(args.output_format);
        more.iter().for_each(|more| terminal.say(&more.to_string()));
    }
    if common.verbose {
        for zone in loaded.zones.iter().filter(|zone| zone.wanted) {
            let name = loaded.sources.get(zone.file).name().to_owned();
            terminal.say(&format!("{name}: zone {}, {} records", zone.zone.apex(), zone.zone.record_count()));
        }
    }
    if !common.quiet {
        terminal.say(&summary.to_string());
    }
    // The process ends: taking apart what a large run built is work for nothing.
    std::mem::forget((findings, loaded, base));
    Ok(ExitCode::from(u8::from(failed)))
}

/// Lints what was loaded, held against how it was: the findings that were asked for, and those that the
/// change has brought about in other zones; sorted, and their count.
pub(super) fn check(loaded: &mut Loaded, base: Option<&Base>, levels: &Levels) -> (Vec<Finding>, Summary) {
    let parsed = loaded.take_findings();
    let contexts = loaded.contexts_since(base);
    let removed = base.map(Base::removed).unwrap_or_default();
    let report = lint_since(&contexts, parsed, loaded.deployment(), &removed, levels);
    let wanted: Vec<_> = loaded.zones.iter().filter(|zone| zone.wanted).collect();
    let files: HashSet<FileId> = wanted.iter().flat_map(|zone| zone.zone.files()).collect();
    let is_asked =
        |finding: &Finding| wanted.len() == loaded.zones.len() || files.contains(&finding.span.file);
    let (mut findings, others): (Vec<Finding>, Vec<Finding>) =
        report.findings.into_iter().partition(is_asked);
    if let Some(base) = base {
        findings.extend(super::since::brought_about(loaded, base, levels, others));
    }
    report::sort(&loaded.sources, &mut findings);
    let mut summary = Summary {
        zones: wanted.len(),
        records: wanted.iter().map(|zone| zone.zone.record_count()).sum(),
        suppressed: report.suppressed,
        ..Summary::default()
    };
    summary.count(&findings);
    (findings, summary)
}

fn levels(args: &Args, loaded: &Loaded) -> Result<Levels, Failure> {
    let mut levels = Levels::new();
    levels.target(&loaded.targets);
    if let Some(config) = &loaded.config {
        let wrong = levels.configure(&config.lint, &loaded.root().unwrap_or_default());
        if !wrong.is_empty() {
            let words = String::from("the configuration names rules that do not exist");
            return Err(Failure::Findings(words, std::sync::Arc::clone(&loaded.sources), wrong));
        }
    }
    if args.pedantic {
        levels.show_info();
    }
    let words = |error: crate::lint::SelectError| Failure::Words(error.to_string());
    levels.select(args.select.iter().map(String::as_str)).map_err(words)?;
    levels.ignore(args.ignore.iter().map(String::as_str)).map_err(words)?;
    Ok(levels)
}

fn fail_on(args: &Args, loaded: &Loaded) -> Option<Severity> {
    if let Some(given) = args.fail_on {
        return given.severity();
    }
    match loaded.config.as_ref().and_then(|config| config.lint.fail_on.as_ref()) {
        Some(declared) => declared.value,
        None => Some(Severity::Error),
    }
}

/// The names of all zone files that were asked for, those they include among them.
fn names(loaded: &Loaded) -> Vec<String> {
    let wanted = loaded.zones.iter().filter(|zone| zone.wanted);
    let files = wanted.flat_map(|zone| zone.zone.files());
    files.map(|file| loaded.sources.get(file).name().to_owned()).collect()
}

/// What is reported, in whatever form.
struct Reports<'r> {
    sources: &'r Sources,
    findings: &'r [Finding],
    /// As `--max-findings` says.
    max_findings: Option<usize>,
    summary: &'r Summary,
    files: Vec<String>,
}

impl Reports<'_> {
    /// The findings that a form holds, and how many it leaves out.
    fn shown(&self, format: Format) -> (Cow<'_, [Finding]>, Vec<More>) {
        let default = match format {
            Format::Human | Format::Markdown => MAX_FINDINGS,
            _ => 0,
        };
        report::limit(self.findings, NonZeroUsize::new(self.max_findings.unwrap_or(default)))
    }

    fn write(&self, out: &mut dyn Write, format: Format, style: &Style) -> io::Result<()> {
        let sources = self.sources;
        let (findings, more) = self.shown(format);
        let findings = &*findings;
        match format {
            Format::Human => report::human(out, sources, findings, style)?,
            Format::Concise => report::concise(out, sources, findings)?,
            Format::Json => report::json(out, sources, findings)?,
            Format::Jsonl => report::jsonl(out, sources, findings)?,
            Format::Sarif => report::sarif(out, sources, findings, &cards())?,
            Format::Github => report::github(out, sources, findings)?,
            Format::Gitlab => report::gitlab(out, sources, findings)?,
            Format::Junit => report::junit(out, sources, findings, &self.files)?,
            Format::Markdown => report::markdown(out, sources, findings, self.summary)?,
        }
        if format.is_for_eyes() {
            if matches!(format, Format::Markdown) && !more.is_empty() {
                // What stands next to a table becomes a row of it.
                writeln!(out)?;
            }
            for more in more {
                writeln!(out, "{more}")?;
            }
        }
        out.flush()
    }
}

/// What reports say of the rules.
fn cards() -> Vec<RuleCard> {
    lint::rules()
        .map(|rule| RuleCard {
            name: rule.name.0,
            group: rule.group.word(),
            severity: rule.severity,
            is_default: rule.is_default(),
            opt_in: rule.opt_in,
            summary: rule.summary,
            what: rule.what(),
            page: rule.page,
            url: report::rule_url(rule.name),
        })
        .collect()
}
