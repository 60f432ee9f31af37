use super::*;
use crate::text::{Source, Sources};
use crate::workspace::is_loss;
use crate::zone::build;
use crate::zonefile::include::NoIncludes;
use crate::zonefile::name::Name;
use crate::zonefile::parse::Options;
use crate::zonefile::rdata::print;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

fn read(text: &str) -> Zone {
    let sources = Arc::new(Sources::default());
    let file = sources.add(Source::text("zone", text));
    let (zone, findings) =
        build(&sources, &NoIncludes, file, &Options::new(Name::absolute(b"example.com").unwrap()));
    let losses = findings.iter().filter(|finding| is_loss(finding));
    assert_eq!(losses.map(|finding| &*finding.message).collect::<Vec<_>>(), Vec::<&str>::new(), "{text}");
    zone
}

/// Owner, type and data.
type Id = (String, String, String);

fn id(zone: &Zone, key: &[u8], rec: Rec) -> Id {
    let record = zone.record(key, rec).unwrap();
    (record.owner, rec.rtype.to_string(), print(rec.rtype, &record.wire, None))
}

/// All records of a zone with their TTLs, the lower one of those written twice.
fn rows(zone: &Zone) -> BTreeMap<Id, u32> {
    let mut rows = BTreeMap::new();
    for name in zone.names() {
        for rec in zone.records(name) {
            let ttl = rows.entry(id(zone, zone.key_of(name), rec)).or_insert(rec.ttl);
            *ttl = rec.ttl.min(*ttl);
        }
    }
    rows
}

/// What is left of the rows of before when a change is carried out.
fn applied(change: &ZoneChange<'_>) -> BTreeMap<Id, u32> {
    let mut rows = rows(change.before);
    for rrset in &change.rrsets {
        for rec in &rrset.removed {
            assert_eq!(rows.remove(&id(change.before, &rrset.key, *rec)), Some(rec.ttl));
        }
        for (before, after) in &rrset.kept {
            let id = id(change.after, &rrset.key, *after);
            assert_eq!(rows.insert(id, after.ttl), Some(before.ttl));
        }
        for rec in &rrset.added {
            assert_eq!(rows.insert(id(change.after, &rrset.key, *rec), rec.ttl), None);
        }
    }
    rows
}

/// `- www.example.com 60 A 192.0.2.1` for every record that differs, in order.
fn told(before: &str, after: &str) -> Vec<String> {
    let (before, after) = (read(before), read(after));
    let change = ZoneChange::new(&before, &after);
    assert_eq!(applied(&change), rows(&after));
    let mut told = Vec::new();
    for rrset in &change.rrsets {
        let mut say = |sign: &str, zone: &Zone, rec: Rec, ttl: String| {
            let (owner, rtype, data) = id(zone, &rrset.key, rec);
            told.push(format!("{sign} {owner} {ttl} {rtype} {data}"));
        };
        rrset.removed.iter().for_each(|rec| say("-", &before, *rec, rec.ttl.to_string()));
        rrset.added.iter().for_each(|rec| say("+", &after, *rec, rec.ttl.to_string()));
        for (old, new) in rrset.kept.iter().filter(|(old, new)| old.ttl != new.ttl) {
            say("~", &after, *new, format!("{}->{}", old.ttl, new.ttl));
        }
    }
    told
}

#[test]
fn records_that_come_go_and_stay() {
    assert_eq!(
        told(
            "www 60 A 192.0.2.1\n    60 A 192.0.2.2\nold 60 TXT \"x\"\n",
            "new 60 TXT \"x\"\nwww 60 A 192.0.2.2\n    60 A 192.0.2.3\n"
        ),
        [
            "+ new.example.com 60 TXT \"x\"",
            "- old.example.com 60 TXT \"x\"",
            "- www.example.com 60 A 192.0.2.1",
            "+ www.example.com 60 A 192.0.2.3",
        ]
    );
}

#[test]
fn the_layout_is_no_change() {
    let same = [
        "$TTL 3600\nwww A 192.0.2.1\n    A 192.0.2.2\nb MX 10 www\n",
        "; other\nb.example.com. 1h IN MX ( 10\n  WWW.Example.COM. )\nWWW 3600 IN A 192.0.2.2\nWww 1H A 192.0.2.1\n",
        "$ORIGIN com.\n$TTL 60m\nb.example MX 10 www.example\nwww.example A 192.0.2.1\nwww.example TYPE1 \\# 4 c0000202\n",
        "$TTL 1h\n$GENERATE 1-2 www A 192.0.2.$\nb MX 010 www\n\\098 MX 10 \\119ww\n",
    ];
    for before in same {
        for after in same {
            assert_eq!(told(before, after), Vec::<String>::new(), "{before}{after}");
        }
    }
}

#[test]
fn a_record_written_twice_counts_once() {
    let one = "www 60 A 192.0.2.1\n";
    let twice = "www 60 A 192.0.2.1\nx 60 A 192.0.2.1\nwww 60 A 192.0.2.1\n";
    assert_eq!(told(one, twice), ["+ x.example.com 60 A 192.0.2.1"]);
    assert_eq!(told(twice, one), ["- x.example.com 60 A 192.0.2.1"]);
    // The lower TTL counts.
    let mixed = "www 90 A 192.0.2.1\nwww 60 A 192.0.2.1\n";
    assert_eq!(told(one, mixed), Vec::<String>::new());
    assert_eq!(told(mixed, "www 90 A 192.0.2.1\n"), ["~ www.example.com 60->90 A 192.0.2.1"]);
}

#[test]
fn a_ttl_that_differs_is_no_other_record() {
    let before = read("$TTL 3600\nwww A 192.0.2.1\n    A 192.0.2.2\nb 60 A 192.0.2.1\nc 60 A 192.0.2.1\n");
    let after = read("$TTL 300\nwww A 192.0.2.1\n    A 192.0.2.2\nb 60 A 192.0.2.1\nc 60 A 192.0.2.2\n");
    let change = ZoneChange::new(&before, &after);
    let [c, www] = change.rrsets.as_slice() else { panic!("{:?}", change.rrsets) };
    assert_eq!((c.ttl_change(), www.ttl_change()), (None, Some((3600, 300))));
    assert!(www.is_ttl_only() && !c.is_ttl_only() && !www.is_new() && !www.is_gone());
    assert_eq!((www.ttl_before(), www.ttl_after()), (Some(3600), Some(300)));
    assert_eq!(change.rrset(b"www", Rtype::A), Some(www));
    assert_eq!((change.rrset(b"www", Rtype::AAAA), change.rrset(b"b", Rtype::A)), (None, None));
    // Two TTLs in one RRset are no change of one TTL.
    let after = read("$TTL 300\nwww 3600 A 192.0.2.1\n    A 192.0.2.2\nb 60 A 192.0.2.1\nc 60 A 192.0.2.1\n");
    let change = ZoneChange::new(&before, &after);
    assert_eq!(change.rrsets.iter().map(RrsetChange::ttl_change).collect::<Vec<_>>(), [None]);
}

#[test]
fn generated_records_are_told_one_by_one() {
    let zone = |range: &str| format!("$TTL 60\n$GENERATE {range} h$ A 192.0.2.$\n");
    assert_eq!(
        told(&zone("1-4"), &zone("2-5")),
        ["- h1.example.com 60 A 192.0.2.1", "+ h5.example.com 60 A 192.0.2.5"]
    );
}

#[test]
fn the_soa_serial_is_a_change_but_no_other_record() {
    let zone = |serial: u32, more: &str| format!("@ 60 SOA ns hostmaster {serial} 1 1 1 1\n{more}");
    let (one, two) = (read(&zone(1, "")), read(&zone(2, "")));
    let change = ZoneChange::new(&one, &two);
    assert_eq!((change.serials(), change.has_records(), change.rrsets.len()), (Some((1, 2)), false, 1));
    let three = read(&zone(1, "a 60 A 192.0.2.1\n"));
    let change = ZoneChange::new(&one, &three);
    assert_eq!((change.serials(), change.has_records()), (Some((1, 1)), true));
    let without = read("a 60 A 192.0.2.1\n");
    assert_eq!(ZoneChange::new(&one, &without).serials(), None);
    let all: Vec<bool> = differences(Some(&three), None).iter().map(RrsetChange::is_gone).collect();
    assert_eq!(all, [true, true]);
    let all: Vec<bool> = differences(None, Some(&three)).iter().map(RrsetChange::is_new).collect();
    assert_eq!(all, [true, true]);
}

#[test]
fn threads_make_no_difference() {
    let large = |ttl: u32, skip: usize| {
        let mut text = format!("$TTL {ttl}\n");
        for host in (0..60_000).filter(|host| host % skip != 1) {
            text.push_str(&format!(
                "host{host:05}.of.the.large.zone  A  192.0.{}.{}\n",
                host / 256 % 256,
                host % 256
            ));
        }
        // Enough octets for several partitions.
        text.push_str(&format!(";{}\n", "x".repeat(4 << 20)));
        text
    };
    let zone = |text: &str, threads| {
        let sources = Arc::new(Sources::default());
        let file = sources.add(Source::text("zone", text));
        let apex = Name::absolute(b"example.com").unwrap();
        build(&sources, &NoIncludes, file, &Options { threads, ..Options::new(apex) }).0
    };
    let (before, after) = (large(60, 7), large(60, 11));
    let told = |threads| {
        let (before, after) = (zone(&before, threads), zone(&after, threads));
        assert_eq!((before.threads(), before.partitions() > 1), (threads, true));
        let change = ZoneChange::new(&before, &after);
        change.rrsets.iter().map(|rrset| (rrset.key.clone(), rrset.is_new())).collect::<Vec<_>>()
    };
    let expected = (0..60_000)
        .filter(|host| (host % 7 == 1) != (host % 11 == 1))
        .map(|host| (format!("host{host:05}.of.the.large.zone").into_bytes(), host % 7 == 1));
    assert!(told(1) == expected.collect::<Vec<_>>());
    assert!(told(1) == told(3));
}

/// A zone as a set of records, and the ways in which it is written.
type Model = BTreeMap<(String, &'static str, String), u32>;

fn model() -> impl Strategy<Value = Model> {
    let owner = prop::sample::select(vec!["@", "www", "a.b", "*.w", "x\\.y", "b"]);
    let data = prop_oneof![
        (1_u8..6).prop_map(|end| ("A", format!("192.0.2.{end}"))),
        (0_u8..4).prop_map(|end| ("AAAA", format!("2001:db8::{end}"))),
        (0_u16..3, prop::sample::select(vec!["www", "b", "mail.other.org."]))
            .prop_map(|(number, host)| ("MX", format!("{number} {host}"))),
        "[ -~]{0,6}"
            .prop_map(|text| { ("TXT", format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))) }),
    ];
    let ttl = prop::sample::select(vec![0_u32, 60, 3600, 86400]);
    prop::collection::btree_map((owner, data), ttl, 0..12).prop_map(|records| {
        let mut ttls = BTreeMap::new();
        let mut model = Model::new();
        for ((owner, (rtype, data)), ttl) in records {
            // One TTL for an RRset, as a server has it.
            let ttl = *ttls.entry((owner, rtype)).or_insert(ttl);
            model.insert((owner.to_owned(), rtype, data), ttl);
        }
        model
    })
}

/// Two models, most records of which are the same.
fn models() -> impl Strategy<Value = (Model, Model)> {
    (model(), model(), any::<[bool; 12]>()).prop_map(|(before, other, keep)| {
        let kept = before.iter().zip(keep).filter(|(_, keep)| *keep).map(|(one, _)| one);
        let mut after: Model = other;
        for ((owner, rtype, data), ttl) in kept {
            let of_rrset = |(other, ttl): (&(String, &str, String), &u32)| {
                ((&other.0, other.1) == (owner, *rtype)).then_some(*ttl)
            };
            let ttl = after.iter().find_map(of_rrset).unwrap_or(*ttl);
            after.insert((owner.clone(), rtype, data.clone()), ttl);
        }
        (before, after)
    })
}

/// The model as a zone file, in one of many layouts.
fn written(model: &Model, style: &[u8]) -> String {
    let mut text = String::new();
    let mut style = style.iter().copied().cycle();
    let mut next = |below: u8| style.next().unwrap_or(0) % below;
    let default = [60, 3600][usize::from(next(2))];
    text.push_str(&format!("$TTL {default}\n"));
    let mut records: Vec<_> = model.iter().collect();
    if next(2) == 1 {
        records.reverse();
    }
    for ((owner, rtype, data), ttl) in records {
        let owner = match next(4) {
            0 => owner.to_uppercase(),
            1 if owner == "@" => String::from("example.com."),
            1 => format!("{owner}.Example.com."),
            _ => owner.clone(),
        };
        let ttl = if *ttl == default && next(2) == 1 { String::new() } else { ttl.to_string() };
        let line = match next(4) {
            0 => format!("{owner} {ttl} IN {rtype} {data}\n"),
            1 => format!("{owner}\t{ttl} {rtype} {data} ; note\n"),
            2 => format!("{owner} ( {ttl}\n\t{rtype} {data} )\n"),
            _ => format!("{owner} IN {ttl} {rtype} {data}\n\n"),
        };
        text.push_str(&line.repeat(1 + usize::from(next(5) == 0)));
    }
    text
}

proptest! {
    #[test]
    fn a_change_carried_out_gives_the_zone_after(
        (before, after) in models(),
        old_style in prop::collection::vec(any::<u8>(), 8..40),
        new_style in prop::collection::vec(any::<u8>(), 8..40),
    ) {
        let (old, new) = (read(&written(&before, &old_style)), read(&written(&after, &new_style)));
        // Both were read as they were meant.
        prop_assert_eq!(rows(&old).len(), before.len());
        prop_assert_eq!(rows(&new).len(), after.len());
        let change = ZoneChange::new(&old, &new);
        prop_assert_eq!(applied(&change), rows(&new));
        let count = |of: fn(&RrsetChange) -> usize| change.rrsets.iter().map(of).sum::<usize>();
        prop_assert_eq!(
            count(|rrset| rrset.removed.len()),
            before.keys().filter(|id| !after.contains_key(id)).count()
        );
        prop_assert_eq!(
            count(|rrset| rrset.added.len()),
            after.keys().filter(|id| !before.contains_key(id)).count()
        );
        prop_assert_eq!(
            count(|rrset| rrset.kept.iter().filter(|(old, new)| old.ttl != new.ttl).count()),
            before.iter().filter(|(id, ttl)| after.get(*id).is_some_and(|other| other != *ttl)).count()
        );
        prop_assert!(change.rrsets.iter().all(|rrset| !rrset.is_new() || !rrset.is_gone()));
        prop_assert_eq!(ZoneChange::new(&new, &new).rrsets, Vec::new());
    }
}
