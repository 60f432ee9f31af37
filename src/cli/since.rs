//! The git revision that zones are held against.

use super::output::Failure;
use crate::diagnostic::Finding;
use crate::lint::{Group, Levels, lint, rule};
use crate::workspace::{Base, BaseError, Loaded, Request};
use std::collections::HashSet;

/// The revision that was named. pre-commit has named one when it checks what lies between two of them
/// (`--from-ref`); else changes are told from the last commit.
pub(super) fn revision(named: Option<&str>, changed_files: bool) -> String {
    if let Some(rev) = named {
        return rev.to_owned();
    }
    let from_pre_commit = std::env::var("PRE_COMMIT_FROM_REF").ok();
    let from_pre_commit = from_pre_commit.filter(|rev| changed_files && !rev.is_empty());
    from_pre_commit.unwrap_or_else(|| String::from("HEAD"))
}

/// What the zones are held against when they are linted: the revision that was named, or the one that
/// files changed from, if they lie in a repository.
pub(super) fn base(loaded: &Loaded, request: &Request, named: Option<&str>) -> Result<Option<Base>, Failure> {
    if named.is_none() && !request.changed_files {
        return Ok(None);
    }
    match Base::read(loaded, request, &revision(named, request.changed_files)) {
        Err(BaseError::NoRepository | BaseError::NoGit) if named.is_none() => Ok(None),
        base => base.map(Some).map_err(|error| Failure::Words(error.to_string())),
    }
}

/// Those of some findings in zones that nobody asked for that the change of the others has brought
/// about.
pub(super) fn brought_about(
    loaded: &Loaded,
    base: &Base,
    levels: &Levels,
    mut findings: Vec<Finding>,
) -> Vec<Finding> {
    // How a zone itself changed is told when it is asked for.
    findings.retain(|finding| rule(finding.rule.0).is_none_or(|rule| rule.group != Group::Change));
    if findings.is_empty() {
        return findings;
    }
    let mut before = loaded.with_changes(&base.texts(loaded));
    let parsed = before.take_findings();
    let contexts = before.contexts();
    let key = |loaded: &Loaded, finding: &Finding| {
        let file = loaded.sources.get(finding.span.file).name().to_owned();
        (finding.rule, file, finding.message.clone())
    };
    let known = lint(&contexts, parsed, before.deployment(), levels).findings;
    let known: HashSet<_> = known.iter().map(|finding| key(&before, finding)).collect();
    findings.into_iter().filter(|finding| !known.contains(&key(loaded, finding))).collect()
}
