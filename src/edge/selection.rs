//! In which order callers ask the targets of an SRV RRset, and with which probability.
//!
//! Everything is computed, nothing is drawn. There are callers that follow RFC 2782 ([`rfc2782`]):
//! clients, XMPP servers, other SIP servers; and the Access Edges of partners ([`access_edge`]).

use std::collections::BTreeMap;

/// A priority whose dead records can be asked in more ways than this is not computed.
const MOST_STATES: usize = 1 << 16;

/// One record, as far as the choice between records goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Lower is asked first.
    pub priority: u16,
    /// Share among the records of one priority.
    pub weight: u16,
    /// Whether the target answers, so that the caller asks no further.
    pub answers: bool,
}

/// How callers draw among the records of one priority that they have not asked yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draw {
    /// A number from 1 to the sum of the weights, as most programs do: shares are proportional, and
    /// weight 0 comes after all others.
    FromOne,
    /// A number from 0 to the sum, as RFC 2782 is written: 0 takes the record that stands first.
    /// Records of weight 0 are put first, and apart from that any record is as likely to stand
    /// first as another, since servers rotate their answers.
    FromZero,
}

/// The probability with which each target is asked by callers that follow RFC 2782: priority by
/// priority, inside one at random by weight, until a target answers. For a target that answers it is
/// its share of the callers. The result is in the order of `choices`, which itself decides nothing.
///
/// None: there are too many different ways to compute; never with [`Draw::FromOne`].
pub fn rfc2782(choices: &[Choice], draw: Draw) -> Option<Vec<f64>> {
    let mut levels: BTreeMap<u16, Vec<usize>> = BTreeMap::new();
    for (place, choice) in choices.iter().enumerate() {
        levels.entry(choice.priority).or_default().push(place);
    }
    let mut asked = vec![0.0; choices.len()];
    for places in levels.into_values() {
        let level: Vec<Choice> = places.iter().map(|place| choices[*place]).collect();
        let ends = level.iter().any(|choice| choice.answers);
        let chances = match draw {
            _ if !ends => vec![1.0; level.len()],
            Draw::FromOne => from_one(&level),
            Draw::FromZero => from_zero(&level)?,
        };
        for (place, chance) in places.into_iter().zip(chances) {
            asked[place] = chance;
        }
        if ends {
            break;
        }
    }
    Some(asked)
}

/// The probability with which each target is asked by an Access Edge. It asks one record and no
/// other: lowest priority, then highest weight, then the one received first, which is any of them
/// since servers rotate their answers.
pub fn access_edge(choices: &[Choice]) -> Vec<f64> {
    let rank = |choice: &Choice| (choice.priority, u16::MAX - choice.weight);
    let Some(best) = choices.iter().map(rank).min() else { return Vec::new() };
    let ties = choices.iter().filter(|choice| rank(choice) == best).count();
    choices.iter().map(|choice| if rank(choice) == best { share(1, ties) } else { 0.0 }).collect()
}

/// One priority, some of which answers, drawn from 1.
///
/// Drawing by weight without putting back is the order of alarms that ring after exponential times
/// with the weights as rates: so a record that answers is first among those in proportion to its
/// weight, and a dead one is asked when it rings before all that answer.
fn from_one(level: &[Choice]) -> Vec<f64> {
    let alive: u64 =
        level.iter().filter(|choice| choice.answers).map(|choice| u64::from(choice.weight)).sum();
    let idle = level.iter().filter(|choice| choice.answers && choice.weight == 0).count();
    let chance = |choice: &Choice| match (choice.weight, choice.answers) {
        (0, _) if alive > 0 => 0.0,
        (0, true) => share(1, idle),
        (0, false) => share(1, idle + 1),
        (weight, true) => ratio(u64::from(weight), alive),
        (weight, false) => ratio(u64::from(weight), u64::from(weight) + alive),
    };
    level.iter().map(chance).collect()
}

/// The dead records of one priority that have the same weight.
struct Dead {
    weight: u16,
    count: usize,
    /// How much the number of a state grows when one more of them has been asked.
    step: usize,
    /// How many of them are asked on average.
    asked: f64,
}

/// One priority, some of which answers, drawn from 0. A state says how many dead records of each
/// weight have been asked in vain; its number grows with each, so states are visited in order.
fn from_zero(level: &[Choice]) -> Option<Vec<f64>> {
    let mut counts: BTreeMap<u16, usize> = BTreeMap::new();
    for choice in level.iter().filter(|choice| !choice.answers) {
        *counts.entry(choice.weight).or_default() += 1;
    }
    let mut states = 1_usize;
    let mut dead = Vec::new();
    for (weight, count) in counts {
        dead.push(Dead { weight, count, step: states, asked: 0.0 });
        states = states.checked_mul(count + 1).filter(|states| *states <= MOST_STATES)?;
    }
    let sum: u64 = level.iter().map(|choice| u64::from(choice.weight)).sum();
    let zeros = level.iter().filter(|choice| choice.weight == 0).count();
    // How often a record that answers is taken: per unit of its weight, as the first of those with a
    // weight, as the first of those without.
    let (mut by_weight, mut as_first, mut as_zero) = (0.0, 0.0, 0.0);
    let mut reached = vec![0.0; states];
    reached[0] = 1.0;
    for state in 0..states {
        let (mut sum, mut zeros, mut left) = (sum, zeros, level.len());
        for class in &dead {
            let gone = state / class.step % (class.count + 1);
            left -= gone;
            sum -= u64::from(class.weight) * gone as u64;
            zeros -= if class.weight == 0 { gone } else { 0 };
        }
        let one = reached[state] / (sum as f64 + 1.0);
        let (first, zero) =
            if zeros > 0 { (0.0, one * share(1, zeros)) } else { (one * share(1, left), 0.0) };
        by_weight += one;
        as_first += first;
        as_zero += zero;
        for class in &mut dead {
            let remaining = class.count - state / class.step % (class.count + 1);
            if remaining == 0 {
                continue;
            }
            let each = if class.weight == 0 { zero } else { one * f64::from(class.weight) + first };
            let flow = each * remaining as f64;
            class.asked += flow;
            reached[state + class.step] += flow;
        }
    }
    let chance = |choice: &Choice| {
        if choice.answers {
            if choice.weight == 0 { as_zero } else { by_weight * f64::from(choice.weight) + as_first }
        } else {
            let class = dead.iter().find(|class| class.weight == choice.weight);
            class.map_or(0.0, |class| class.asked / class.count as f64)
        }
    };
    Some(level.iter().map(chance).collect())
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

#[cfg(test)]
mod tests;
