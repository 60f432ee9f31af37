//! `zonewright explain` and `zonewright rules`.

use super::output::{Failure, Terminal};
use crate::diagnostic::nearest;
use crate::lint::{self, Group, Rule};
use crate::report::rule_url;
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
    zonewright rules --output-format json > rules.json";

#[derive(Debug, clap::Args)]
#[command(after_help = RULES_EXAMPLES)]
pub(super) struct RulesArgs {
    /// Form of the list
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    output_format: Format,
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Format {
    /// A list by group
    #[default]
    Human,
    /// An array of objects
    Json,
}

/// Prints the page of a rule.
pub(super) fn run(args: &Args, _: &Terminal) -> Result<ExitCode, Failure> {
    let Some(rule) = lint::rule(&args.rule) else {
        if let Some(group) = Group::ALL.into_iter().find(|group| group.word() == args.rule) {
            let rules: Vec<_> =
                lint::rules().filter(|rule| rule.group == group).map(|rule| rule.name.0).collect();
            let words = format!("`{}` is a group of rules: name one of {}", args.rule, rules.join(", "));
            return Err(Failure::Words(words));
        }
        let known = lint::rules().map(|rule| rule.name.0);
        let hint = nearest(&args.rule, known).map_or_else(
            || String::from("`zonewright rules` lists them"),
            |name| format!("did you mean `{name}`?"),
        );
        return Err(Failure::Words(format!("`{}` is no rule; {hint}", args.rule)));
    };
    let mut out = BufWriter::new(io::stdout().lock());
    writeln!(out, "{}", rule.page.trim_end())?;
    writeln!(out, "\n{}", rule.facts())?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Lists the rules by group.
pub(super) fn rules(args: &RulesArgs, _: &Terminal) -> Result<ExitCode, Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    match args.output_format {
        Format::Human => {
            for group in Group::ALL.into_iter().filter(|group| lint::rules().any(|rule| rule.group == *group))
            {
                writeln!(out, "{}", group.word())?;
                for rule in lint::rules().filter(|rule| rule.group == group) {
                    writeln!(out, "  {:<36} {:<8} {}", rule.name.0, rule.severity.word(), rule.summary)?;
                }
            }
        }
        Format::Json => {
            let rules: Vec<_> = lint::rules().map(object).collect();
            serde_json::to_writer_pretty(&mut out, &rules).map_err(io::Error::from)?;
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn object(rule: &Rule) -> serde_json::Value {
    serde_json::json!({
        "rule": rule.name.0,
        "group": rule.group.word(),
        "severity": rule.severity.word(),
        "default": rule.is_default(),
        "opt_in": rule.opt_in,
        "fix": rule.fix.word(),
        "kind": rule.check.word(),
        "summary": rule.summary,
        "source": rule.source,
        "since": rule.since,
        "url": rule_url(rule.name),
    })
}
