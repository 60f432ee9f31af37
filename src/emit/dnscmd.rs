//! A plan as a batch file that calls `dnscmd`, for servers without the PowerShell module.
//!
//! It compares first, as far as a batch file can: the number of records of every RRset, and that each
//! record of the plan is among them with its TTL, by `findstr` over what `dnscmd /enumrecords` prints.
//! If anything differs it ends with exit status 1 and nothing is changed. Then it exports each zone into
//! a file on the server, adds, addresses before SRV records, and removes one record after the other; an
//! alias, beside which nothing can stand, is added after that and removed before.
//! `dnscmd` cannot change the TTL of a record: a record that only gets another TTL is removed and added
//! again, so for a moment it is not there. The PowerShell script sets it in place.
//!
//! The tests carry the commands out on a model of the server. What `cmd` makes of the files was tried with
//! that of Wine and a stand-in for `dnscmd`; none was run on a Windows server.

use super::Way;
use super::windows::{Rrset, Stand, Told, counted, purpose, told};
use crate::plan::Plan;
use std::fmt::Write as _;

/// The batch file for a plan, in one way, with CR LF at the end of every line. Its arguments are the
/// server (`.` for this machine), `check` or `apply`, and, when the plan changes zones of both views,
/// the view that the server serves.
///
/// Names of other characters than letters, digits, `-`, `_` and `.` cannot be passed to `dnscmd` safely;
/// a plan with such a name gives a file that says so and ends with exit status 1.
pub fn batch(plan: &Plan, way: Way) -> String {
    let told = told(plan, way);
    let text = if told.is_empty() {
        format!("@rem zonewright: {}.\n@echo No record changes.\n", purpose(plan, way))
    } else if told.iter().any(has_unsafe_name) {
        String::from(
            "@echo A name of this plan has characters that a batch file cannot pass on: use the PowerShell script. 1>&2\n\
             @exit /b 1\n",
        )
    } else {
        text(plan, way, &told)
    };
    text.replace('\n', "\r\n")
}

/// Whether `cmd` would not pass on every name as it is.
fn has_unsafe_name(told: &Told<'_>) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | ' ');
    let texts = told.rrsets.iter().flat_map(|rrset| {
        let rdata = rrset.from.rdata.iter().chain(&rrset.to.rdata).copied();
        [rrset.zone, rrset.name.trim_start_matches('@')].into_iter().chain(rdata)
    });
    texts.into_iter().any(|text| !text.chars().all(plain))
}

fn text(plan: &Plan, way: Way, told: &[Told<'_>]) -> String {
    let views: Vec<&str> = told.iter().map(|told| told.view.word()).collect();
    let view = if views.len() > 1 { format!(" {}", views.join("^|")) } else { String::new() };
    let mut out = format!(
        "@echo off\n\
         rem zonewright: {}, {}.\n\
         rem check compares only; apply compares, exports the zones, changes them, and compares again.\n\
         setlocal EnableExtensions DisableDelayedExpansion\n\
         set \"SERVER=%~1\"\n\
         set \"LIST=%TEMP%\\zonewright-%RANDOM%-%RANDOM%.txt\"\n\
         set \"STAMP=%RANDOM%%RANDOM%\"\n\
         if \"%SERVER%\"==\"\" goto usage\n\
         if /i \"%~2\"==\"check\" goto start\n\
         if /i \"%~2\"==\"apply\" goto start\n\
         :usage\n\
         echo usage: %~nx0 SERVER check^|apply{view} 1>&2\n\
         exit /b 1\n\n\
         :start\n",
        purpose(plan, way),
        counted(told)
    );
    match told {
        [one] => body(&mut out, one),
        several => {
            for one in several {
                let _ = writeln!(out, "if /i \"%~3\"==\"{0}\" goto {0}", one.view.word());
            }
            out.push_str("goto usage\n");
            for one in several {
                let _ = writeln!(out, "\n:{}", one.view.word());
                body(&mut out, one);
            }
        }
    }
    out.push_str(SUBROUTINES);
    out
}

/// The ends of the file, and what compares: `:count ZONE NAME TYPE NUMBER` lists an RRset and counts
/// its records; `:has ZONE NAME TYPE TTL RDATA` looks for one in the list. 9714 and 9701 say that the name, or
/// the type at it, is not there.
const SUBROUTINES: &str = r#"
:differs
del "%LIST%" 2>nul
echo Nothing was changed: the server has other records than this file was made from. 1>&2
exit /b 1

:failed
del "%LIST%" 2>nul
echo dnscmd failed; records may have been added, and zones are exported as *-before-%STAMP%.txt on the server. 1>&2
exit /b 1

:unwanted
del "%LIST%" 2>nul
echo Changed, but the server does not have what is wanted. 1>&2
exit /b 1

:count
dnscmd "%SERVER%" /enumrecords %1 %2 /type %3 /node >"%LIST%" 2>&1
if errorlevel 1 goto unlisted
set "FOUND="
for /f %%n in ('find /c " %~3" ^<"%LIST%"') do set "FOUND=%%n"
if "%FOUND%"=="%~4" exit /b 0
echo %1: %2 %3 has %FOUND% records, expected %4 1>&2
exit /b 1
:unlisted
findstr /c:"9714" /c:"9701" "%LIST%" >nul
if not errorlevel 1 if "%~4"=="0" exit /b 0
echo %1: %2 %3 1>&2
type "%LIST%" 1>&2
exit /b 1

:has
set "DATA=%~5"
findstr /i /r /c:" %~4 %~3[^0-9a-f:]*%DATA:.=\.% *$" "%LIST%" >nul
if not errorlevel 1 exit /b 0
echo %1: %2 %4 %3 %~5 is not there 1>&2
exit /b 1
"#;

fn body(out: &mut String, told: &Told<'_>) {
    out.push_str("rem What stands must be what this file was made from.\n");
    comparison(out, told, "differs", |rrset| &rrset.from);
    out.push_str(
        "if /i not \"%~2\"==\"apply\" (\n    \
             del \"%LIST%\" 2>nul\n    \
             echo Compared; nothing was changed. Run it again with apply.\n    \
             exit /b 0\n\
         )\n\nrem Export, into the DNS folder of the server\n",
    );
    for zone in &told.zones {
        let _ = writeln!(
            out,
            "dnscmd \"%SERVER%\" /zoneexport {zone} {zone}-before-%STAMP%.txt & if errorlevel 1 goto failed"
        );
    }
    for (place, rrset) in told.aliases_that_go().enumerate() {
        if place == 0 {
            out.push_str("\nrem Remove aliases first: nothing can stand beside an alias\n");
        }
        for rdata in rrset.removed() {
            remove(out, rrset, rdata);
        }
    }
    out.push_str("\nrem Add\n");
    for rrset in told.additions() {
        retime(out, rrset);
        for rdata in rrset.added() {
            add(out, rrset, rdata);
        }
    }
    out.push_str("\nrem Remove\n");
    for rrset in told.removals() {
        for rdata in rrset.removed() {
            remove(out, rrset, rdata);
        }
    }
    for (place, rrset) in told.aliases_that_come().enumerate() {
        if place == 0 {
            out.push_str("\nrem Add aliases last, after the removal: an alias stands alone\n");
        }
        retime(out, rrset);
        for rdata in rrset.removed() {
            remove(out, rrset, rdata);
        }
        for rdata in rrset.added() {
            add(out, rrset, rdata);
        }
    }
    out.push('\n');
    comparison(out, told, "unwanted", |rrset| &rrset.to);
    let _ = write!(
        out,
        "del \"%LIST%\" 2>nul\necho Changed and read back: {}.\nexit /b 0\n",
        counted(std::slice::from_ref(told))
    );
}

fn retime(out: &mut String, rrset: &Rrset<'_>) {
    for rdata in rrset.retimed() {
        remove(out, rrset, rdata);
        add(out, rrset, rdata);
    }
}

/// Compares every RRset with what it has on one side of the plan.
fn comparison<'t, 'p>(
    out: &mut String,
    told: &'t Told<'p>,
    otherwise: &str,
    side: fn(&'t Rrset<'p>) -> &'t Stand<'p>,
) {
    for rrset in &told.rrsets {
        let stand = side(rrset);
        let _ = writeln!(
            out,
            "call :count {} {} {} {} & if errorlevel 1 goto {otherwise}",
            rrset.zone,
            rrset.name,
            rrset.rtype,
            stand.rdata.len()
        );
        for rdata in &stand.rdata {
            let _ = writeln!(
                out,
                "call :has {} {} {} {} \"{rdata}\" & if errorlevel 1 goto {otherwise}",
                rrset.zone, rrset.name, rrset.rtype, stand.ttl
            );
        }
    }
}

/// Never with `/aging`: such a record can be scavenged.
fn add(out: &mut String, rrset: &Rrset<'_>, rdata: &str) {
    let _ = writeln!(
        out,
        "dnscmd \"%SERVER%\" /recordadd {} {} {} {} {rdata} & if errorlevel 1 goto failed",
        rrset.zone, rrset.name, rrset.to.ttl, rrset.rtype
    );
}

fn remove(out: &mut String, rrset: &Rrset<'_>, rdata: &str) {
    let _ = writeln!(
        out,
        "dnscmd \"%SERVER%\" /recorddelete {} {} {} {rdata} /f & if errorlevel 1 goto failed",
        rrset.zone, rrset.name, rrset.rtype
    );
}

#[cfg(test)]
mod tests;
