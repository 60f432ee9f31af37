//! `zonewright explain` and `zonewright rules`.

use super::output::{Failure, Terminal};
use crate::diagnostic::nearest;
use crate::lint::{self, FixKind, Group};
use std::io::{self, BufWriter, Write as _};
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  Why equal priorities are an error, and how to put them right:
    zonewright explain srv-equal-priority
  A name without its final dot:
    zonewright explain missing-trailing-dot";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Name of the rule
    #[arg(value_name = "RULE")]
    rule: String,
}

const RULES_EXAMPLES: &str = "\
Examples:
  All rules, by group:
    zonewright rules
  For programs:
    zonewright rules --json > rules.json";

#[derive(Debug, clap::Args)]
#[command(after_help = RULES_EXAMPLES)]
pub(super) struct RulesArgs {
    /// Print an array of objects
    #[arg(long)]
    json: bool,
}

fn fix_word(fix: FixKind) -> &'static str {
    match fix {
        FixKind::No => "no",
        FixKind::Safe => "safe",
        FixKind::Unsafe => "unsafe",
    }
}

/// Prints the page of a rule.
pub(super) fn run(args: &Args, _: &Terminal) -> Result<ExitCode, Failure> {
    let Some(rule) = lint::rule(&args.rule) else {
        let known = lint::rules().map(|rule| rule.name.0);
        let hint = nearest(&args.rule, known).map_or_else(
            || String::from("`zonewright rules` lists them"),
            |name| format!("did you mean `{name}`?"),
        );
        return Err(Failure::Words(format!("`{}` is no rule; {hint}", args.rule)));
    };
    let mut out = BufWriter::new(io::stdout().lock());
    writeln!(out, "{}", rule.page.trim_end())?;
    writeln!(
        out,
        "\nGroup `{}`, severity {}, fix: {}, source: {}, since {}.",
        rule.group.word(),
        rule.severity.word(),
        fix_word(rule.fix),
        rule.source,
        rule.since
    )?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Lists the rules by group.
pub(super) fn rules(args: &RulesArgs, _: &Terminal) -> Result<ExitCode, Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    if args.json {
        let rules: Vec<_> = lint::rules()
            .map(|rule| {
                serde_json::json!({
                    "rule": rule.name.0,
                    "group": rule.group.word(),
                    "severity": rule.severity.word(),
                    "fix": fix_word(rule.fix),
                    "summary": rule.summary,
                    "source": rule.source,
                    "since": rule.since,
                })
            })
            .collect();
        serde_json::to_writer_pretty(&mut out, &rules).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        for group in Group::ALL.into_iter().filter(|group| lint::rules().any(|rule| rule.group == *group)) {
            writeln!(out, "{}", group.word())?;
            for rule in lint::rules().filter(|rule| rule.group == group) {
                writeln!(out, "  {:<36} {:<8} {}", rule.name.0, rule.severity.word(), rule.summary)?;
            }
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
