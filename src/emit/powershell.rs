//! A plan as a PowerShell script for the DNS server of Windows (module `DnsServer`).
//!
//! Windows DNS has no compare-and-swap, so the script guards itself: it reads every RRset first and
//! throws, nothing changed, unless each has exactly the records and the TTL that the plan was made
//! from. Then it adds, addresses before SRV records, and only then removes, one record after the other
//! by its data. An alias can stand beside nothing, so there the order is the other way round: it is added
//! after the removal of what it replaces, and removed before anything is added. Where only the TTL of a record changes, it is set in place, since Windows refuses a
//! second record with the same data. At the end it reads back what stands. Without `-Apply` every cmdlet
//! runs with `-WhatIf`.
//!
//! The tests parse the scripts with the grammar of PowerShell that editors use, and carry their cmdlets
//! out on a model of the server. No script was run by PowerShell on a Windows server.

use super::Way;
use super::windows::{Rrset, Stand, Told, counted, purpose, told};
use crate::plan::Plan;
use crate::zonefile::rtype::Rtype;
use std::fmt::Write as _;

/// The script for a plan, in one way. It takes `-ComputerName` (the DNS server; without it the
/// machine it runs on), `-Apply`, and, when the plan changes zones of both views, `-View`: a server
/// serves one of them.
pub fn script(plan: &Plan, way: Way) -> String {
    let told = told(plan, way);
    if told.is_empty() {
        return format!("# zonewright: {}.\nWrite-Output 'No record changes.'\n", purpose(plan, way));
    }
    let mut out = format!(
        "# zonewright: {}, {}.\n\
         # Without -Apply nothing changes: the records are compared, and each change is only named.\n\
         #Requires -Version 5.1\n\
         #Requires -Modules DnsServer\n\
         [CmdletBinding()]\n\
         param(\n    \
             # The DNS server that holds the zones; without it this machine.\n    \
             [string]$ComputerName,\n",
        purpose(plan, way),
        counted(&told)
    );
    if told.len() > 1 {
        let views: Vec<String> = told.iter().map(|told| quoted(told.view.word())).collect();
        let _ = write!(
            out,
            "    # The view that this server serves.\n    \
             [Parameter(Mandatory = $true)][ValidateSet({})][string]$View,\n",
            views.join(", ")
        );
    }
    out.push_str("    # Change the records.\n    [switch]$Apply\n)\n");
    out.push_str(FUNCTIONS);
    match told.as_slice() {
        [one] => {
            out.push('\n');
            out.push_str(&body(one));
        }
        several => {
            for one in several {
                let _ = writeln!(out, "\nif ($View -eq {}) {{", quoted(one.view.word()));
                for line in body(one).lines() {
                    let indent = if line.is_empty() { "" } else { "    " };
                    let _ = writeln!(out, "{indent}{line}");
                }
                out.push_str("}\n");
            }
        }
    }
    out
}

/// What every script has. The cmdlets are functions of a module, which do not see the preferences of
/// a script, so each is told to stop at errors.
const FUNCTIONS: &str = r#"
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$server = @{ ErrorAction = 'Stop' }
if ($ComputerName) { $server['ComputerName'] = $ComputerName }
$change = $server + @{ WhatIf = -not $Apply }

# Only a primary zone can be changed.
function Assert-Zone {
    param([string]$Zone)
    $type = (Get-DnsServerZone @server -Name $Zone).ZoneType
    if ($type -ne 'Primary') { throw "Zone $Zone is $type on this server, not Primary." }
}

# RDATA of a record as text.
function Get-RecordText {
    param($Record, [string]$Type)
    $data = $Record.RecordData
    switch ($Type) {
        'A' { ([ipaddress]$data.IPv4Address).ToString() }
        'AAAA' { ([ipaddress]$data.IPv6Address).ToString() }
        'CNAME' { $data.HostNameAlias.TrimEnd('.').ToLowerInvariant() + '.' }
        'SRV' {
            $target = $data.DomainName.TrimEnd('.').ToLowerInvariant() + '.'
            '{0} {1} {2} {3}' -f $data.Priority, $data.Weight, $data.Port, $target
        }
    }
}

# The records of an RRset; none when the name is not there (9714) or has none of that type (9701).
function Get-Rrset {
    param([string]$Zone, [string]$Name, [string]$Type)
    try {
        $records = @(Get-DnsServerResourceRecord @server -ZoneName $Zone -Name $Name -RRType $Type -Node)
    } catch {
        if ($_.FullyQualifiedErrorId -notmatch 'WIN32 (9701|9714)\b') { throw }
        $records = @()
    }
    $records | Where-Object { $_.HostName -eq $Name -and $_.RecordType -eq $Type }
}

# Says how an RRset differs from what is expected; nothing when it does not.
function Compare-Rrset {
    param([string]$Zone, [string]$Name, [string]$Type, [long]$Ttl, [string[]]$RecordData)
    $expected = @(foreach ($text in $RecordData) {
        if ($Type -eq 'AAAA') { $text = ([ipaddress]$text).ToString() }
        "$Ttl $text"
    })
    $found = @(foreach ($record in @(Get-Rrset $Zone $Name $Type)) {
        '{0} {1}' -f [long]$record.TimeToLive.TotalSeconds, (Get-RecordText $record $Type)
    })
    $expected = @($expected | Sort-Object) -join ', '
    $found = @($found | Sort-Object) -join ', '
    if ($found -ne $expected) { "zone $Zone, $Name ${Type}: found [$found], expected [$expected]" }
}

# Gives one record of an RRset another TTL.
function Set-RecordTtl {
    param([string]$Zone, [string]$Name, [string]$Type, [string]$RecordData, [timespan]$TimeToLive)
    if ($Type -eq 'AAAA') { $RecordData = ([ipaddress]$RecordData).ToString() }
    foreach ($old in @(Get-Rrset $Zone $Name $Type)) {
        if ((Get-RecordText $old $Type) -ne $RecordData) { continue }
        $new = [ciminstance]::new($old)
        $new.TimeToLive = $TimeToLive
        Set-DnsServerResourceRecord @change -ZoneName $Zone -OldInputObject $old -NewInputObject $new
    }
}
"#;

const ALIASES_FIRST: &str = "
# Remove aliases first: nothing can stand beside an alias, so its name is not there for a moment.
";
const ALIASES_LAST: &str = "
# Add aliases last, after the removal: an alias stands alone, so its name is not there for a moment.
";

fn retime(out: &mut String, rrset: &Rrset<'_>) {
    for rdata in rrset.retimed() {
        let _ = writeln!(
            out,
            "Set-RecordTtl {} {} '{}' {} '{}'",
            quoted(rrset.zone),
            quoted(rrset.name),
            rrset.rtype,
            quoted(rdata),
            timespan(rrset.to.ttl)
        );
    }
}

fn body(told: &Told<'_>) -> String {
    let mut out = String::new();
    for zone in &told.zones {
        let _ = writeln!(out, "Assert-Zone {}", quoted(zone));
    }
    out.push_str("\n# What stands must be what this script was made from.\n");
    comparison(&mut out, told, |rrset| &rrset.from);
    out.push_str(
        "if ($differences) {\n    \
             throw \"Nothing was changed; the server has other records:`n\" + ($differences -join \"`n\")\n\
         }\n",
    );
    for (place, rrset) in told.aliases_that_go().enumerate() {
        if place == 0 {
            out.push_str(ALIASES_FIRST);
        }
        for rdata in rrset.removed() {
            remove(&mut out, rrset, rdata);
        }
    }
    out.push_str("\n# Add\n");
    for rrset in told.additions() {
        retime(&mut out, rrset);
        for rdata in rrset.added() {
            add(&mut out, rrset, rdata);
        }
    }
    out.push_str("\n# Remove\n");
    for rrset in told.removals() {
        for rdata in rrset.removed() {
            remove(&mut out, rrset, rdata);
        }
    }
    for (place, rrset) in told.aliases_that_come().enumerate() {
        if place == 0 {
            out.push_str(ALIASES_LAST);
        }
        retime(&mut out, rrset);
        for rdata in rrset.removed() {
            remove(&mut out, rrset, rdata);
        }
        for rdata in rrset.added() {
            add(&mut out, rrset, rdata);
        }
    }
    out.push_str("\nif (-not $Apply) {\n    Write-Output 'Compared; nothing was changed. Run it again with -Apply.'\n    return\n}\n");
    comparison(&mut out, told, |rrset| &rrset.to);
    let _ = write!(
        out,
        "if ($differences) {{\n    \
             throw \"Changed, but the server does not have what is wanted:`n\" + ($differences -join \"`n\")\n\
         }}\nWrite-Output 'Changed and read back: {}.'\n",
        counted(std::slice::from_ref(told))
    );
    out
}

/// Compares every RRset with what it has on one side of the plan.
fn comparison<'t, 'p>(out: &mut String, told: &'t Told<'p>, side: fn(&'t Rrset<'p>) -> &'t Stand<'p>) {
    out.push_str("$differences = @(\n");
    for rrset in &told.rrsets {
        let stand = side(rrset);
        let records: Vec<String> = stand.rdata.iter().map(|rdata| quoted(rdata)).collect();
        let _ = writeln!(
            out,
            "    Compare-Rrset {} {} '{}' {} @({})",
            quoted(rrset.zone),
            quoted(rrset.name),
            rrset.rtype,
            stand.ttl,
            records.join(", ")
        );
    }
    out.push_str(")\n");
}

fn add(out: &mut String, rrset: &Rrset<'_>, rdata: &str) {
    let _ = write!(
        out,
        "Add-DnsServerResourceRecord @change -ZoneName {} -Name {} ",
        quoted(rrset.zone),
        quoted(rrset.name)
    );
    let _ = match (rrset.rtype, fields(rdata)) {
        (Rtype::SRV, [priority, weight, port, target]) => write!(
            out,
            "-Srv -Priority {priority} -Weight {weight} -Port {port} -DomainName {}",
            quoted(target)
        ),
        (Rtype::CNAME, _) => write!(out, "-CName -HostNameAlias {}", quoted(rdata)),
        (Rtype::AAAA, _) => write!(out, "-AAAA -IPv6Address {}", quoted(rdata)),
        _ => write!(out, "-A -IPv4Address {}", quoted(rdata)),
    };
    let _ = writeln!(out, " -TimeToLive '{}'", timespan(rrset.to.ttl));
}

/// Always with the data of one record: without it the cmdlet takes the whole RRset away.
fn remove(out: &mut String, rrset: &Rrset<'_>, rdata: &str) {
    let data: Vec<String> = match rrset.rtype {
        Rtype::SRV => fields(rdata).map(quoted).into(),
        _ => vec![quoted(rdata)],
    };
    let _ = writeln!(
        out,
        "Remove-DnsServerResourceRecord @change -ZoneName {} -Name {} -RRType '{}' -RecordData {} -Force",
        quoted(rrset.zone),
        quoted(rrset.name),
        rrset.rtype,
        data.join(", ")
    );
}

/// Priority, weight, port and target.
fn fields(rdata: &str) -> [&str; 4] {
    let mut parts = rdata.splitn(4, ' ');
    [(); 4].map(|()| parts.next().unwrap_or_default())
}

/// `hh:mm:ss`, with the days before them from one day on.
fn timespan(seconds: u32) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let time = format!("{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
    if days == 0 { time } else { format!("{days}.{time}") }
}

/// Between single quotes, where PowerShell replaces nothing; it takes four more characters for single
/// quotes, so all are doubled.
fn quoted(text: &str) -> String {
    let mut out = String::from("'");
    for c in text.chars() {
        if matches!(c, '\'' | '\u{2018}'..='\u{201b}') {
            out.push(c);
        }
        out.push(c);
    }
    out.push('\'');
    out
}

#[cfg(test)]
mod tests;
