//! All rules, in their order.

use super::rule::Rule;
use super::{
    address, alias, apex, change, delegation, hygiene, mail, names, portability, rdata, special, srv, syntax,
    ttl,
};

static TABLES: &[&[Rule]] = &[
    syntax::RULES,
    names::RULES,
    apex::RULES,
    delegation::RULES,
    alias::RULES,
    srv::TARGET_RULES,
    srv::OWNER_RULES,
    srv::FIELD_RULES,
    srv::RRSET_RULES,
    srv::NEIGHBOUR_RULES,
    srv::DISCOVERY_RULES,
    srv::COVERAGE_RULES,
    srv::POLICY_RULES,
    mail::RULES,
    address::RULES,
    ttl::RULES,
    rdata::CAA_RULES,
    rdata::DANE_RULES,
    rdata::DIGEST_RULES,
    rdata::NAPTR_RULES,
    rdata::OTHER_RULES,
    rdata::SERVICE_RULES,
    rdata::VALUE_RULES,
    special::RULES,
    hygiene::RULES,
    hygiene::TEXT_RULES,
    hygiene::FILE_RULES,
    portability::RULES,
    change::SERIAL_RULES,
    change::MASS_RULES,
    change::NAME_RULES,
    change::SERVER_RULES,
    change::KEY_RULES,
    change::TTL_RULES,
    change::FAILOVER_RULES,
    change::SOA_RULES,
];

const COUNT: usize = {
    let mut count = 0;
    let mut table = 0;
    while table < TABLES.len() {
        count += TABLES[table].len();
        table += 1;
    }
    count
};

/// Every rule, group by group, by name within its group. The compiler puts them in order: all of a run
/// over a small zone takes less time than that.
static RULES: [&Rule; COUNT] = {
    let mut sorted = [&TABLES[0][0]; COUNT];
    let mut count = 0;
    let mut table = 0;
    while table < TABLES.len() {
        let mut row = 0;
        while row < TABLES[table].len() {
            let rule = &TABLES[table][row];
            let mut at = count;
            while at > 0 && is_before(rule, sorted[at - 1]) {
                sorted[at] = sorted[at - 1];
                at -= 1;
            }
            sorted[at] = rule;
            count += 1;
            row += 1;
        }
        table += 1;
    }
    sorted
};

/// Places in [`RULES`], by name.
static BY_NAME: [u16; COUNT] = {
    let mut sorted = [0; COUNT];
    let mut count = 0;
    while count < COUNT {
        let name = RULES[count].name.0;
        let mut at = count;
        while at > 0 && is_less(name, RULES[sorted[at - 1] as usize].name.0) {
            sorted[at] = sorted[at - 1];
            at -= 1;
        }
        sorted[at] = count as u16;
        count += 1;
    }
    sorted
};

const fn is_before(one: &Rule, other: &Rule) -> bool {
    let groups = (one.group as u8, other.group as u8);
    groups.0 < groups.1 || groups.0 == groups.1 && is_less(one.name.0, other.name.0)
}

/// `one < other`, which is not to be had while compiling.
const fn is_less(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() {
        if one[at] != other[at] {
            return one[at] < other[at];
        }
        at += 1;
    }
    one.len() < other.len()
}

/// Every rule, group by group, by name within its group.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().copied()
}

/// Where the rule of that name stands in [`rules`].
pub(super) fn place(name: &str) -> Option<usize> {
    let found = BY_NAME.binary_search_by(|place| RULES[usize::from(*place)].name.0.cmp(name));
    found.ok().map(|at| usize::from(BY_NAME[at]))
}

/// The rule of that name.
pub fn rule(name: &str) -> Option<&'static Rule> {
    place(name).map(|place| RULES[place])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_in_order_and_found_by_name() {
        let keys: Vec<_> = rules().map(|rule| (rule.group, rule.name)).collect();
        assert!(keys.is_sorted(), "{keys:?}");
        assert_eq!(keys.len(), TABLES.iter().map(|table| table.len()).sum::<usize>());
        for (at, (_, name)) in keys.iter().enumerate() {
            assert_eq!(place(name.0), Some(at), "{name}");
        }
        assert_eq!(place("no-such-rule"), None);
    }
}
