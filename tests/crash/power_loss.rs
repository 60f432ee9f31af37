//! Power that is lost in the middle of a change of several files. What was synced is there
//! afterwards; of what was not, any part may be: the test tries every combination, and the files are
//! all old or all new in the end. This finds a sync that is missing or comes too late, which no kill
//! of the process can.

use crate::zones::{self, FINISH, Texts, UNDO, WRITE, Zones};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// A change of the names in a folder.
#[derive(Clone, Debug)]
enum Naming {
    Link(PathBuf, usize),
    Unlink(PathBuf),
    Rename(PathBuf, PathBuf),
}

/// What a file holds, and what of that is sure to be there after a loss of power.
#[derive(Clone, Debug, Default)]
struct Content {
    now: Vec<u8>,
    synced: Vec<u8>,
}

/// Which name leads to which content.
type Names = BTreeMap<PathBuf, usize>;

/// A file system as a change leaves it.
#[derive(Clone, Debug, Default)]
struct Disk {
    contents: Vec<Content>,
    names: Names,
    synced: Names,
    /// Since their folders were synced, in order.
    pending: Vec<Naming>,
}

fn apply(names: &mut Names, naming: &Naming) {
    match naming {
        Naming::Link(name, content) => {
            names.insert(name.clone(), *content);
        }
        Naming::Unlink(name) => {
            names.remove(name);
        }
        Naming::Rename(from, to) => {
            // Two names of one file stay as they are.
            if let Some(content) = names.get(from).copied()
                && names.get(to) != Some(&content)
            {
                names.remove(from);
                names.insert(to.clone(), content);
            }
        }
    }
}

impl Disk {
    /// The files below a folder, all synced.
    fn read(root: &Path, texts: &Texts) -> Self {
        let mut disk = Self::default();
        let mut seen: BTreeMap<u64, usize> = BTreeMap::new();
        for (name, text) in texts {
            let inode = fs::metadata(root.join(name)).unwrap().ino();
            let content = *seen.entry(inode).or_insert_with(|| {
                disk.contents.push(Content { now: text.clone(), synced: text.clone() });
                disk.contents.len() - 1
            });
            disk.names.insert(root.join(name), content);
        }
        disk.synced = disk.names.clone();
        disk
    }

    fn name(&mut self, naming: Naming) {
        apply(&mut self.names, &naming);
        self.pending.push(naming);
    }

    /// Does what a line of strace's log says.
    fn follow(&mut self, line: &str) {
        let Some((call, rest)) = line.split_once('(') else { return };
        let Some((arguments, result)) = rest.rsplit_once(" = ") else { return };
        if result.starts_with('-') {
            return;
        }
        let quoted: Vec<&str> = arguments.split('"').skip(1).step_by(2).collect();
        let open = || PathBuf::from(arguments.split(['<', '>']).nth(1).unwrap());
        match (call, quoted.as_slice()) {
            ("openat", [path]) if arguments.contains("O_CREAT") => {
                self.contents.push(Content::default());
                self.name(Naming::Link(PathBuf::from(path), self.contents.len() - 1));
            }
            ("write", _) => {
                if let Some(content) = self.names.get(&open()) {
                    let (start, end) = (arguments.find('"').unwrap() + 1, arguments.rfind('"').unwrap());
                    self.contents[*content].now.extend(unescaped(&arguments[start..end]));
                }
            }
            ("fsync", _) => match self.names.get(&open()) {
                Some(content) => {
                    let content = &mut self.contents[*content];
                    content.synced = content.now.clone();
                }
                None => {
                    let folder = open();
                    let is_in = |naming: &Naming| match naming {
                        Naming::Link(name, _) | Naming::Unlink(name) | Naming::Rename(_, name) => {
                            name.parent() == Some(&folder)
                        }
                    };
                    self.pending.iter().filter(|naming| is_in(naming)).for_each(|naming| {
                        apply(&mut self.synced, naming);
                    });
                    self.pending.retain(|naming| !is_in(naming));
                }
            },
            ("linkat", [from, to]) => {
                let content = self.names[Path::new(from)];
                self.name(Naming::Link(PathBuf::from(to), content));
            }
            ("rename", [from, to]) => self.name(Naming::Rename(PathBuf::from(from), PathBuf::from(to))),
            ("unlink", [path]) => self.name(Naming::Unlink(PathBuf::from(path))),
            _ => {}
        }
    }

    /// All that may be on the disk when the power is lost now: names, and the texts of the contents.
    fn losses(&self) -> BTreeSet<(Names, Vec<Vec<u8>>)> {
        assert!(self.pending.len() < 16, "{:?}", self.pending);
        let mut found = BTreeSet::new();
        for chosen in 0..1_u32 << self.pending.len() {
            let mut names = self.synced.clone();
            for (at, naming) in self.pending.iter().enumerate() {
                if chosen & 1 << at != 0 {
                    apply(&mut names, naming);
                }
            }
            for part in 0..=2 {
                let text = |content: &Content| {
                    let more = content.now[content.synced.len()..].len() * part / 2;
                    content.now[..content.synced.len() + more].to_vec()
                };
                found.insert((names.clone(), self.contents.iter().map(text).collect()));
            }
        }
        found
    }
}

/// A string as strace writes it.
fn unescaped(text: &str) -> Vec<u8> {
    let mut octets = text.bytes().peekable();
    let mut out = Vec::new();
    while let Some(octet) = octets.next() {
        if octet != b'\\' {
            out.push(octet);
            continue;
        }
        out.push(match octets.next().unwrap() {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'v' => 0x0b,
            b'f' => 0x0c,
            digit @ b'0'..=b'7' => {
                let mut value = u32::from(digit - b'0');
                for _ in 0..2 {
                    if let Some(digit) = octets.next_if(|next| (b'0'..=b'7').contains(next)) {
                        value = value * 8 + u32::from(digit - b'0');
                    }
                }
                u8::try_from(value).unwrap()
            }
            other => other,
        });
    }
    out
}

/// Puts names and texts on the real disk.
fn put(root: &Path, names: &Names, texts: &[Vec<u8>]) {
    fs::remove_dir_all(root).unwrap();
    let mut first: BTreeMap<usize, &Path> = BTreeMap::new();
    for (name, content) in names {
        fs::create_dir_all(name.parent().unwrap()).unwrap();
        match first.get(content) {
            Some(same) => fs::hard_link(same, name).unwrap(),
            None => fs::write(name, &texts[*content]).unwrap(),
        }
        first.insert(*content, name);
    }
}

/// Traces a command, cuts the power after each of its calls, and recovers in either way.
fn power_lost_during(prepare: &dyn Fn(&Zones), args: &[&str]) {
    let zones = Zones::new();
    let root = zones.root();
    let old = zones.texts();
    zones.run_to(WRITE, 0);
    let new = zones.texts();
    zones.reset();
    prepare(&zones);
    let mut disk = Disk::read(&root, &zones.texts());
    let traced = zones.trace(&[], args);
    assert_eq!(traced.status, Some(0), "{}", traced.stderr);
    let mut states = disk.losses();
    for line in &traced.raw {
        disk.follow(line);
        states.extend(disk.losses());
    }
    // The model did what the file system did.
    let modelled: Texts = disk
        .names
        .iter()
        .map(|(name, content)| {
            (name.strip_prefix(&root).unwrap().to_owned(), disk.contents[*content].now.clone())
        })
        .collect();
    assert_eq!(modelled, zones.texts());
    assert!(disk.pending.is_empty(), "all is synced in the end: {:?}", disk.pending);

    let mut table: BTreeMap<(&[&str], &str), usize> = BTreeMap::new();
    for (names, texts) in &states {
        for way in [FINISH, UNDO] {
            put(&root, names, texts);
            let has_journal = root.join(".zonewright-write.json").exists();
            let output = zones.run(way);
            let after = zones.texts();
            let shown = || {
                let names: Vec<_> = names.keys().map(|name| name.strip_prefix(&root).unwrap()).collect();
                format!("{way:?} of {names:?}: {}", String::from_utf8_lossy(&output.stderr))
            };
            let end = match &after {
                _ if after == old => "all old",
                _ if after == new => "all new",
                _ => panic!("neither old nor new: {}", shown()),
            };
            let too_late = way == UNDO && end == "all new" && !has_journal;
            assert!(output.status.success() || too_late, "{}", shown());
            assert!(way == FINISH || end == "all old" || too_late, "{}", shown());
            *table.entry((way, end)).or_default() += 1;
        }
    }
    println!(
        "{args:?}: {} calls, {} states of the disk after a loss of power:",
        traced.raw.len(),
        states.len()
    );
    for ((way, end), times) in &table {
        println!("  {way:?} -> {end}: {times}");
    }
    assert!(states.len() > 20);
}

/// Leaves the change with one of its three files new.
fn interrupted(zones: &Zones) {
    let run = zones.trace(&["-e", "inject=rename:signal=SIGKILL:when=2"], WRITE);
    assert_eq!(run.status, None, "{}", run.stderr);
}

#[test]
fn power_is_lost_during_a_change() {
    if !zones::can_trace() {
        return;
    }
    power_lost_during(&|_| {}, WRITE);
}

#[test]
fn power_is_lost_while_a_change_is_finished() {
    if !zones::can_trace() {
        return;
    }
    power_lost_during(&interrupted, FINISH);
}

#[test]
fn power_is_lost_while_a_change_is_undone() {
    if !zones::can_trace() {
        return;
    }
    power_lost_during(&interrupted, UNDO);
}
