//! The same additions and removals as those of other programs, on generated pairs of zones.

use super::as_json;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Numbers that follow from a seed (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((value ^ (value >> 31)) % count as u64) as usize
    }
}

/// One RRset of a zone that loads anywhere: its owner, type and data.
fn rrset(numbers: &mut Numbers) -> (String, &'static str, BTreeSet<String>) {
    let place = numbers.below(6);
    let owner = ["@", "www", "a.b", "*.w", "_sip._tls", "mail"][place];
    let rtype = ["A", "AAAA", "MX", "TXT", "SRV", "CAA"][numbers.below(6)];
    let records = (0..1 + numbers.below(3)).map(|_| {
        let number = numbers.below(4);
        match rtype {
            "A" => format!("192.0.2.{number}"),
            "AAAA" => format!("2001:db8::{:x}", number + 10),
            "MX" => format!("{number} mail"),
            "TXT" => ["\"a;b\" c", "\"\\\"q\\\" \\\\\"", "\\065b", "\"x y\""][number].to_owned(),
            "SRV" => format!("{number} 0 443 www.example.com."),
            _ => format!("0 issue \"ca{number}.example\""),
        }
    });
    (owner.to_owned(), rtype, records.collect())
}

type Rrsets = std::collections::BTreeMap<(String, &'static str), (u32, BTreeSet<String>)>;

fn zone(numbers: &mut Numbers, rrsets: &Rrsets, serial: u32) -> String {
    let mut text =
        format!("$ORIGIN example.com.\n$TTL 3600\n@ SOA ns h {serial} 1 1 1 1\n@ NS ns\nns A 192.0.2.53\n");
    for ((owner, rtype), (ttl, records)) in rrsets {
        for data in records {
            let owner = match numbers.below(3) {
                0 if owner != "@" => format!("{owner}.EXAMPLE.com."),
                1 => owner.to_uppercase(),
                _ => owner.clone(),
            };
            let entry = if numbers.below(3) == 0 { format!("( {data}\n )") } else { data.clone() };
            writeln!(text, "{owner}\t{ttl} IN {rtype} {entry}").unwrap();
        }
    }
    if numbers.below(2) == 0 {
        writeln!(text, "$GENERATE 1-{} gen$ A 192.0.2.$", 1 + numbers.below(4)).unwrap();
    }
    text
}

fn pair(seed: u64) -> (String, String) {
    let mut numbers = Numbers(seed);
    let mut rrsets = Rrsets::new();
    for _ in 0..3 + numbers.below(10) {
        let (owner, rtype, records) = rrset(&mut numbers);
        let ttl = [60, 3600][numbers.below(2)];
        rrsets.insert((owner, rtype), (ttl, records));
    }
    let before = zone(&mut numbers, &rrsets, 1);
    for _ in 0..numbers.below(5) {
        let key = rrsets.keys().nth(numbers.below(rrsets.len().max(1))).cloned();
        if let Some(key) = key {
            match numbers.below(3) {
                0 => drop(rrsets.remove(&key)),
                1 => {
                    if let Some((ttl, _)) = rrsets.get_mut(&key) {
                        *ttl = 3660 - *ttl;
                    }
                }
                _ => {}
            }
        }
        let (owner, rtype, records) = rrset(&mut numbers);
        rrsets.insert((owner, rtype), ([60, 3600][numbers.below(2)], records));
    }
    let serial = 1 + u32::from(numbers.below(3) > 0);
    let after = zone(&mut numbers, &rrsets, serial);
    (before, after)
}

/// Owner, TTL, type and RDATA of a line that a program prints, in lower case: no text here has capital
/// letters that count.
fn row(line: &str) -> (String, u32, String) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [owner, ttl, "IN", rest @ ..] = words.as_slice() else { panic!("{line}") };
    (owner.to_lowercase(), ttl.parse().unwrap(), rest.join(" ").to_lowercase())
}

type Rows = BTreeSet<(String, u32, String)>;

fn without_ttl(rows: &Rows) -> BTreeSet<(String, String)> {
    rows.iter().map(|(owner, _, data)| (owner.clone(), data.clone())).collect()
}

fn compiled(folder: &Path, file: &str) -> Rows {
    let args = ["-q", "-i", "none", "-k", "ignore", "-s", "full", "-o", "-", "example.com", file];
    let output = Command::new("named-compilezone").args(args).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let text = String::from_utf8(output.stdout).unwrap();
    // For ldns, which has no `$GENERATE`.
    fs::write(folder.join(format!("{file}.text")), &text).unwrap();
    text.lines().map(row).collect()
}

#[test]
fn bind_and_ldns_see_the_same_additions_and_removals() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let (mut changes, mut ttls) = (0, 0);
    for seed in 0..40 {
        let (before, after) = pair(seed);
        fs::write(root.join("a"), &before).unwrap();
        fs::write(root.join("b"), &after).unwrap();
        let value = as_json(root, &["a", "b"]);
        let (mut removed, mut added) = (Rows::new(), Rows::new());
        // Those of BIND: a record with another TTL is another line.
        let (mut gone, mut new) = (Rows::new(), Rows::new());
        for rrset in
            value["zones"].as_array().unwrap().iter().flat_map(|zone| zone["rrsets"].as_array().unwrap())
        {
            let word = |name: &str| rrset[name].as_str().unwrap().to_lowercase();
            for (name, rows) in [("removed", &mut removed), ("added", &mut added)] {
                for record in rrset[name].as_array().unwrap() {
                    let data = record["rdata"].as_str().unwrap().to_lowercase();
                    let ttl = u32::try_from(record["ttl"].as_u64().unwrap()).unwrap();
                    rows.insert((word("owner"), ttl, format!("{} {data}", word("type"))));
                }
            }
            for record in rrset["other_ttl"].as_array().unwrap() {
                let data = format!("{} {}", word("type"), record["rdata"].as_str().unwrap().to_lowercase());
                let ttl = |name: &str| u32::try_from(record[name].as_u64().unwrap()).unwrap();
                gone.insert((word("owner"), ttl("ttl_before"), data.clone()));
                new.insert((word("owner"), ttl("ttl"), data));
            }
        }
        changes += removed.len() + added.len();
        ttls += new.len();
        gone.extend(removed.iter().cloned());
        new.extend(added.iter().cloned());
        let (was, is) = (compiled(root, "a"), compiled(root, "b"));
        assert_eq!(gone, was.difference(&is).cloned().collect(), "{seed}: {before}{after}");
        assert_eq!(new, is.difference(&was).cloned().collect(), "{seed}: {before}{after}");

        // ldns does not look at TTLs.
        let args = ["-a", "-s", "a.text", "b.text"];
        let output = Command::new("ldns-compare-zones").args(args).current_dir(root).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let printed = String::from_utf8(output.stdout).unwrap();
        let (mut less, mut more) = (Rows::new(), Rows::new());
        for line in printed.lines() {
            match line.get(..2) {
                Some("--" | "~-") => drop(less.insert(row(&line[2..]))),
                Some("++" | "~+") => drop(more.insert(row(&line[2..]))),
                _ => {}
            }
        }
        assert_eq!(without_ttl(&removed), without_ttl(&less), "{seed}: {printed}{before}{after}");
        assert_eq!(without_ttl(&added), without_ttl(&more), "{seed}: {printed}{before}{after}");
    }
    assert!(changes > 200 && ttls > 20, "{changes} records and {ttls} TTLs: hardly anything was compared");
}
