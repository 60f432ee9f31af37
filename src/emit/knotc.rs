//! A plan as scripts for Knot DNS: one transaction of `knotc` for each zone.
//!
//! Knot has no prerequisites, so the script compares for itself, inside the transaction: until that
//! ends, Knot holds back dynamic updates and opens no other transaction of the zone. Everything but
//! a commit gives the transaction up. Measured with Knot DNS 3.2.6.

use super::quote::shell;
use super::script::{absolute, comment, questions, rdata, title};
use super::{Block, Script, Turn, Way, blocks};
use crate::plan::{Plan, RecordText};
use std::fmt::Write as _;

/// A POSIX shell script for each zone of a plan, in either way. It needs `knotc`, `sed`, `sort` and
/// `tr`; the server raises the serials. Its exit status is 0 only when the zone says what the plan
/// wants.
pub fn scripts(plan: &Plan, way: Way) -> Vec<Script> {
    blocks(plan, way).iter().map(|block| Script::new(block, script(plan, block, way))).collect()
}

fn script(plan: &Plan, block: &Block<'_>, way: Way) -> String {
    let mut text = String::from("#!/bin/sh\n");
    text.push_str(&comment('#', [title(plan, block, way).as_str()]));
    text.push_str(HEAD);
    let _ = writeln!(text, "zone={}", shell(&absolute(&block.zone.apex)));
    text.push_str(FUNCTIONS);
    for turn in &block.turns {
        text.push_str(&compare("zone-get", turn, turn.from, turn.standing_ttl()));
    }
    text.push_str(STOP_AT_DRIFT);
    for turn in &block.turns {
        let (owner, rtype) = (shell(&absolute(&turn.change.owner)), turn.change.rtype);
        if !turn.from.is_empty() {
            let _ = writeln!(text, "tell zone-unset \"$zone\" {owner} {rtype}");
        }
        for data in rdata(turn.to) {
            let data: Vec<String> = data.split(' ').map(shell).collect();
            let (ttl, data) = (turn.wanted_ttl(), data.join(" "));
            let _ = writeln!(text, "tell zone-set \"$zone\" {owner} {ttl} {rtype} {data}");
        }
    }
    text.push_str(COMMIT);
    for turn in &block.turns {
        text.push_str(&compare("zone-read", turn, turn.to, turn.wanted_ttl()));
    }
    text.push_str(END);
    text + &comment('#', questions(block).iter().map(String::as_str))
}

/// The call that compares an RRset of the server with records.
fn compare(command: &str, turn: &Turn<'_>, records: &[RecordText], ttl: u32) -> String {
    let (owner, rtype) = (shell(&absolute(&turn.change.owner)), turn.change.rtype);
    let mut text = format!("compare {command} {owner} {rtype}");
    for data in rdata(records) {
        let _ = write!(text, " \\\n    {}", shell(&format!("{ttl} {data}")));
    }
    text.push('\n');
    text
}

const HEAD: &str = r"# Run it with `sh FILE`, where knotc reaches the server. KNOTC is that program with its options, for
# example KNOTC='knotc -s /run/knot/knot.sock'. DRY_RUN=1 shows what would change and changes nothing.
# Where a record or a TTL is not as the plan expects, nothing is changed: so a second run is refused.
# The server raises the serial.
set -eu
LC_ALL=C
export LC_ALL
KNOTC=${KNOTC:-knotc}
";

const FUNCTIONS: &str = r#"
# Errors are said on either output.
tell() {
    if ! answer=$($KNOTC "$@" 2>&1); then
        printf '%s\n' "$answer" >&2
        return 1
    fi
}

stop() {
    printf 'zone %s: %s\n' "$zone" "$1" >&2
    exit 1
}

# Gives the transaction up when the script ends before the commit.
leave() {
    status=$?
    trap - EXIT
    trap '' HUP INT TERM
    if [ -n "$open" ]; then
        if tell zone-abort "$zone"; then
            printf 'zone %s: nothing was changed\n' "$zone" >&2
        else
            printf 'zone %s: the transaction may be open still: look at zone-status\n' "$zone" >&2
            [ "$status" -ne 0 ] || status=1
        fi
    fi
    exit "$status"
}

# COMMAND OWNER TYPE: the records, one a line, as TTL and data.
records() {
    if ! answer=$($KNOTC "$1" "$zone" "$2" "$3" 2>&1); then
        case $answer in
        *'(no such node in zone found)'*) answer= ;;
        *)
            printf '%s\n' "$answer" >&2
            return 1
            ;;
        esac
    fi
    printf '%s\n' "$answer" | sed 's/^[^ ]* [^ ]* \([0-9]*\) [^ ]* /\1 /' | ordered
}

ordered() {
    tr '[:upper:]' '[:lower:]' | sort
}

indented() {
    printf '%s\n' "${1:-nothing}" | sed 's/^/    /'
}

# COMMAND OWNER TYPE RECORD...: whether the server has these and no others.
compare() {
    found=$(records "$1" "$2" "$3")
    name="$2 $3"
    shift 3
    wanted=$(printf '%s\n' "$@" | ordered)
    if [ "$found" != "$wanted" ]; then
        printf 'zone %s: %s\n' "$zone" "$name" >&2
        printf '  expected:\n%s\n  found:\n%s\n' "$(indented "$wanted")" "$(indented "$found")" >&2
        differs=yes
    fi
}

open=
differs=
trap '' HUP INT TERM
tell zone-begin "$zone" || stop 'no transaction could be opened: nothing was changed'
open=yes
trap leave EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

"#;

const STOP_AT_DRIFT: &str = r#"[ -z "$differs" ] || stop 'not as the plan expects'

"#;

const COMMIT: &str = r#"$KNOTC zone-diff "$zone"
[ -z "${DRY_RUN:-}" ] || exit 0

trap '' HUP INT TERM
tell zone-commit "$zone"
open=
"#;

const END: &str = r#"[ -z "$differs" ] || stop 'not as the plan wants it, after the commit'
printf 'zone %s: as the plan wants it\n' "$zone"

"#;
