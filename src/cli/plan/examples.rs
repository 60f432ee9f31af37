//! The examples in the help texts of the plans.

pub(super) const PLAN: &str = "\
Examples:
  What moving everything away from a pool changes, as a diff:
    zonewright plan failover edge1
  The same, into the zone files:
    zonewright plan failover edge1 --write
  The runbook of the way back:
    zonewright plan failback edge1 --emit markdown > runbook.md";

pub(super) const FAILOVER: &str = "\
Examples:
  Show the changes of every zone as a diff, then make them:
    zonewright plan failover edge1
    zonewright plan failover edge1 --write
  Only federation; everything, as a runbook:
    zonewright plan failover edge1 --service federation
    zonewright plan failover edge1 --emit markdown > runbook.md
  Ahead of time, with TTLs lowered first, every form of every stage:
    zonewright plan failover edge1 --staged --at 2026-11-21T20:00:00Z --out plan
  For a server that is fed by dynamic updates:
    zonewright plan failover edge1 --emit nsupdate > failover.nsupdate";

pub(super) const FAILBACK: &str = "\
Examples:
  Show the changes of every zone as a diff, then make them:
    zonewright plan failback edge1
    zonewright plan failback edge1 --write
  Fail when the last caller may follow later than in a quarter of an hour:
    zonewright plan failback edge1 --rto 15m --fail-on-rto";

pub(super) const SYNC: &str = "\
Examples:
  Show in what the zones differ from the configuration; fail if they do:
    zonewright plan sync --detailed-exitcode
  Make the zones say what is declared:
    zonewright plan sync --write";

pub(super) const DRAIN: &str = "\
Examples:
  Before the maintenance of one server:
    zonewright plan drain edge1a --write
  What puts it back, for whoever is on duty then:
    zonewright plan drain edge1a --back > restore.diff";

pub(super) const RESTORE: &str = "\
Examples:
  Show what puts a server back, then do it:
    zonewright plan restore edge1a
    zonewright plan restore edge1a --write";

pub(super) const DECOMMISSION: &str = "\
Examples:
  Take a pool out for good, its routes to another one:
    zonewright plan decommission edge1 --to edge2
  The steps beside DNS too:
    zonewright plan decommission edge1 --to edge2 --emit markdown > runbook.md";

pub(super) const ADD: &str = "\
Examples:
  Bring a pool in that the configuration declares already:
    zonewright plan add edge2
    zonewright plan add edge2 --write";

pub(super) const ROUTE: &str = "\
Examples:
  Partners shall come in through the other pool:
    zonewright plan route --service federation --to edge2
  The same for XMPP, into the zone files:
    zonewright plan route --service xmpp --to edge2 --write";

pub(super) const M365: &str = "\
Examples:
  The first users are in Microsoft 365: what hybrid wants of every SIP domain:
    zonewright plan m365 --to hybrid
  One SIP domain is to use Teams only, every form of the plan:
    zonewright plan m365 --to teams-only --sip-domain fabrikam.com --out teams
  The same, into the zone files:
    zonewright plan m365 --to teams-only --sip-domain fabrikam.com --write";
