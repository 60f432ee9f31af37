//! The coverage before and after a change of the zones.

use super::{Body, Cell, Coverage, CoverageZone, Published, Row, coverage};
use crate::edge::found::{Found, View, edge_owners, found};
use crate::edge::{Deployment, PoolId};
use crate::zone::{Record, Zone};

/// What two readings of the zones make of one deployment.
pub struct CoverageChange<'d> {
    /// The deployment, the same for both.
    pub deployment: &'d Deployment,
    /// With the zones as they were.
    pub before: Coverage,
    /// With the zones as they are.
    pub after: Coverage,
}

/// A service of a SIP domain that callers find otherwise than before.
pub struct RowChange<'c> {
    /// The row as it is.
    pub row: &'c Row,
    /// The records as they were tried.
    pub before: &'c [Published],
    /// The records as they are tried.
    pub after: &'c [Published],
    /// The pools that were as they should be and are not.
    pub broken: Vec<&'c Cell>,
    /// The pools that were not as they should be and are.
    pub mended: Vec<PoolId>,
}

impl<'d> CoverageChange<'d> {
    /// Joins a deployment with the zones as they were and as they are, those served to everybody.
    pub fn new(deployment: &'d Deployment, before: &[&Zone], after: &[&Zone]) -> Self {
        Self { deployment, before: of(deployment, before), after: of(deployment, after) }
    }

    /// The rows that differ in their records, or in who answers there.
    pub fn rows(&self) -> Vec<RowChange<'_>> {
        self.before.rows.iter().zip(&self.after.rows).filter_map(|(old, new)| row(old, new)).collect()
    }

    /// An SRV record of one of the rows as it was (or, when `is_after`, is) published.
    pub fn published(&self, is_after: bool, record: &Record) -> Option<&Published> {
        let srv = record.srv()?;
        let coverage = if is_after { &self.after } else { &self.before };
        let rows = coverage.rows.iter().filter(|row| row.owner == record.owner);
        rows.flat_map(order).find(|published| {
            (published.priority, published.weight, published.port) == (srv.priority, srv.weight, srv.port)
                && published.target == srv.target.absolute
        })
    }
}

fn of(deployment: &Deployment, zones: &[&Zone]) -> Coverage {
    let view = View::new(zones.iter().copied());
    let services: Vec<Vec<Found>> = zones
        .iter()
        .map(|zone| {
            let others = view.reached_from(zone);
            let owners = edge_owners(zone, Some(deployment)).into_iter();
            owners.map(|key| found(zone, key, &others, Some(deployment))).collect()
        })
        .collect();
    let zones: Vec<CoverageZone<'_>> = zones
        .iter()
        .zip(&services)
        .map(|(zone, services)| CoverageZone { zone, external: true, services })
        .collect();
    coverage(deployment, &zones)
}

fn order(row: &Row) -> &[Published] {
    match &row.body {
        Body::Held(held) => held.order(),
        Body::Off | Body::NoZone => &[],
    }
}

fn cells(row: &Row) -> &[Cell] {
    match &row.body {
        Body::Held(held) => &held.cells,
        Body::Off | Body::NoZone => &[],
    }
}

fn row<'c>(old: &'c Row, new: &'c Row) -> Option<RowChange<'c>> {
    let (before, after) = (order(old), order(new));
    let sound = |row: &Row, pool: PoolId| cells(row).get(pool.index()).is_some_and(Cell::is_sound);
    let broken: Vec<&Cell> =
        cells(new).iter().filter(|cell| !cell.is_sound() && sound(old, cell.pool)).collect();
    let mended: Vec<PoolId> = cells(old)
        .iter()
        .filter(|cell| !cell.is_sound() && sound(new, cell.pool))
        .map(|cell| cell.pool)
        .collect();
    let same = |(one, other): (&Published, &Published)| {
        // The place may differ, and the addresses where they lead to the same pools.
        (one.priority, one.weight, one.port, &one.target, &one.reach)
            == (other.priority, other.weight, other.port, &other.target, &other.reach)
    };
    let is_same = before.len() == after.len() && before.iter().zip(after).all(same);
    let differs = !is_same || !broken.is_empty() || !mended.is_empty();
    differs.then_some(RowChange { row: new, before, after, broken, mended })
}
