//! A simulation as text: for each service whom callers ask and who answers, moment by moment, and a
//! sentence on what that means.

mod conclusion;
mod json;
mod words;

pub use json::json;

use super::Style;
use super::pen::{Paint, Pen};
use crate::edge::simulation::{Callers, Met, Moment, Row, Simulation, Target, Way};
use crate::edge::{Deployment, PoolId, Service};
use std::io;

/// Writes a simulation for people.
///
/// # Errors
/// Those of the writer.
pub fn human(
    out: &mut dyn io::Write,
    deployment: &Deployment,
    simulation: &Simulation,
    style: &Style,
) -> io::Result<()> {
    let page = Page { deployment, simulation, pen: Pen { style } };
    let mut text = String::new();
    for service in deployment.services() {
        page.service(&mut text, *service);
    }
    out.write_all(text.as_bytes())
}

/// Two probabilities nearer than this are printed alike.
const SAME: f64 = 0.0005;

/// What is said of a target stands beside it where there is room for so many columns, else below it.
const ROOM: usize = 32;

struct Page<'p> {
    deployment: &'p Deployment,
    simulation: &'p Simulation,
    pen: Pen<'p>,
}

impl Page<'_> {
    fn pool(&self, pool: PoolId) -> String {
        self.pen.words(&self.deployment.pool(pool).name.value)
    }

    fn pools(&self, pools: &[PoolId], between: &str) -> String {
        pools.iter().map(|pool| self.pool(*pool)).collect::<Vec<_>>().join(between)
    }

    fn service(&self, text: &mut String, service: Service) {
        // SIP domains that fare alike stand together.
        let mut groups: Vec<(Vec<&str>, String)> = Vec::new();
        let first = self.simulation.stages.first().map_or(&[][..], |stage| &stage.rows);
        for (place, row) in first.iter().enumerate().filter(|(_, row)| row.service == service) {
            let mut fate = String::new();
            self.fate(&mut fate, place);
            match groups.iter_mut().find(|(_, known)| *known == fate) {
                Some((domains, _)) => domains.push(&row.sip_domain),
                None => groups.push((vec![&row.sip_domain], fate)),
            }
        }
        if groups.is_empty() {
            return;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        let how = match service {
            Service::RemoteAccess => "clients ask one target after the other (RFC 2782)",
            Service::Federation => {
                "a partner's Access Edge asks one record: lowest priority, then highest weight"
            }
            Service::Other(_) => "callers ask one target after the other (RFC 2782)",
            Service::Xmpp => "servers ask one target after the other (RFC 2782)",
        };
        self.pen.wrapped(text, "", Paint::Bold, &format!("{}: {how}", service.title()));
        for (domains, fate) in groups {
            self.pen.wrapped(text, "  ", Paint::Plain, &domains.join(", "));
            text.push_str(&fate);
        }
        for sentence in conclusion::sentences(self, service) {
            self.pen.wrapped(text, "  => ", Paint::Plain, &sentence);
        }
    }

    /// What becomes of the row at that place, moment by moment.
    fn fate(&self, text: &mut String, place: usize) {
        let rows: Vec<(Moment, &Row)> = self
            .simulation
            .stages
            .iter()
            .filter_map(|stage| Some((stage.moment, stage.rows.get(place)?)))
            .collect();
        let lines = |row: &Row| -> Vec<[String; 2]> {
            let targets = row.met.as_ref().map_or(&[][..], |met| &met.targets);
            targets
                .iter()
                .map(|target| [words::record(self, row, target), words::pools(self, target)])
                .collect()
        };
        let columns: Vec<[String; 2]> = rows.iter().flat_map(|(_, row)| lines(row)).collect();
        let wide = |column: usize| {
            columns.iter().map(|cells| cells[column].chars().count()).max().unwrap_or_default()
        };
        let widths = [wide(0), wide(1)];
        for (moment, row) in rows {
            let label = match moment {
                Moment::Before => String::from("before"),
                Moment::Down => format!("{} down", self.pools(&self.simulation.down, " and ")),
                Moment::Planned => String::from("after the plan"),
            };
            let Some(met) = &row.met else {
                let lacks = format!("{label}: no zone at hand holds `{}`", row.owner);
                self.pen.wrapped(text, "    ", Paint::Bad, &lacks);
                continue;
            };
            let paint = if row.is_served() { Paint::Good } else { Paint::Bad };
            self.pen.wrapped(text, "    ", paint, &format!("{label}: {}", words::headline(self, row, met)));
            for (place, (target, cells)) in met.targets.iter().zip(lines(row)).enumerate() {
                self.target(text, met, place, target, cells, widths);
            }
            self.others(text, row, met);
        }
    }

    fn target(
        &self,
        text: &mut String,
        met: &Met,
        place: usize,
        target: &Target,
        cells: [String; 2],
        widths: [usize; 2],
    ) {
        let asked = met.callers.first().and_then(|callers| callers.asked.get(place)).copied().unwrap_or(0.0);
        let [record, pools] = cells;
        let [first, second] = widths;
        let paint = if asked > 0.0 { Paint::Plain } else { Paint::Faint };
        let mut head = format!("      {record:<first$}  {pools:<second$}  ");
        if head.chars().count() + ROOM > self.pen.style.width {
            text.push_str(head.trim_end());
            text.push('\n');
            head = String::from("        ");
        }
        self.pen.wrapped(text, &head, paint, &words::asked(target, asked));
    }

    /// Callers of other kinds, where they fare otherwise.
    fn others(&self, text: &mut String, row: &Row, met: &Met) {
        let Some(main) = met.callers.first() else { return };
        for callers in met.callers.iter().skip(1) {
            let (other, known) = (words::answers(self, callers), words::answers(self, main));
            if other != known && !met.targets.is_empty() {
                let who = match callers.way {
                    Way::Rfc2782 => "partners that ask one target after the other (RFC 2782)",
                    Way::AccessEdge => "Access Edges",
                };
                self.pen.wrapped(text, "      ", Paint::Plain, &format!("{who}: {other}"));
            }
        }
        if main.way == Way::Rfc2782
            && let Some(drawn) = from_zero(self, row, met, main)
        {
            self.pen.wrapped(text, "      ", Paint::Plain, &drawn);
        }
    }
}

/// What weights drawn from 0 change.
fn from_zero(page: &Page<'_>, row: &Row, met: &Met, callers: &Callers) -> Option<String> {
    let Some(asked) = &callers.asked_from_zero else {
        return Some(String::from("weights drawn from 0, as RFC 2782 is written: too many to compute"));
    };
    let differs = asked.iter().zip(&callers.asked).any(|(zero, one)| (zero - one).abs() > SAME);
    if !differs {
        return None;
    }
    let shares = met.targets.iter().zip(asked).filter(|(_, chance)| **chance > 0.0);
    let shares: Vec<String> = shares
        .map(|(target, chance)| format!("{} {}", words::target(page, row, target), words::percent(*chance)))
        .collect();
    Some(format!("weights drawn from 0, as RFC 2782 is written: {}", shares.join(", ")))
}

#[cfg(test)]
mod tests;
