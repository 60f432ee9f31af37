//! A change of several files that dies, or that the system fails, at every single one of its system
//! calls: the files are all old or all new in the end, and nothing else is left. strace does it from
//! outside, so the program that is tested is the one that people run.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]
#![allow(clippy::print_stdout, reason = "`cargo test --test crash -- --nocapture` shows the tables")]

#[path = "crash/power_loss.rs"]
mod power_loss;
#[path = "crash/zones.rs"]
mod zones;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use zones::{FINISH, Texts, UNDO, WRITE, Zones, at_every_call};

const KILL: &str = "signal=SIGKILL";

/// The zones before and after the change.
fn both(zones: &Zones) -> (Texts, Texts) {
    zones.reset();
    let old = zones.texts();
    zones.run_to(WRITE, 0);
    let new = zones.texts();
    let differ = old.iter().filter(|(path, text)| new[*path] != **text).count();
    assert_eq!((old.len(), differ), (new.len(), 3), "three files in two folders");
    zones.reset();
    (old, new)
}

/// How many files hold their new text.
fn changed(now: &Texts, old: &Texts, new: &Texts) -> usize {
    old.keys().filter(|path| now[*path] == new[*path] && new[*path] != old[*path]).count()
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().unwrap().to_string_lossy().starts_with(".zonewright-")
}

/// Without what a change leaves behind.
fn shown(texts: Texts) -> Texts {
    texts.into_iter().filter(|(path, _)| !is_hidden(path)).collect()
}

fn word(now: &Texts, old: &Texts, new: &Texts) -> &'static str {
    match now {
        _ if now == old => "all old",
        _ if now == new => "all new",
        _ => panic!("neither old nor new: {:?}", now.keys()),
    }
}

/// Kills the change at every call, then finishes or undoes it.
fn killed_then(options: &[&str], way: &[&str]) {
    let zones = Zones::new();
    let (old, new) = both(&zones);
    let mut table: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    let mut begun_to_be_new = false;
    let tried = at_every_call(&zones, options, KILL, WRITE, &|| zones.reset(), &mut |run, call| {
        assert_eq!(run.status, None, "killed at {call}");
        let middle = zones.texts();
        let count = changed(&middle, &old, &new);
        let is_over = !middle.contains_key(Path::new(".zonewright-write.json")) && count == 3;
        let undone = way == UNDO && is_over && middle.keys().any(|path| is_hidden(path));
        // What was finished before is not undone, and that is said.
        zones.run_to(way, if undone { 2 } else { 0 });
        let end = word(&zones.texts(), &old, &new);
        match (way == UNDO, is_over) {
            (true, _) => assert_eq!(end, if is_over { "all new" } else { "all old" }, "{call}"),
            (false, _) => assert!(count == 0 || end == "all new", "{call}: forwards"),
        }
        begun_to_be_new |= end == "all new" && count < 3;
        *table.entry((count, end)).or_default() += 1;
        assert!(zones.run_to(FINISH, 0).contains("nothing to recover"), "{call}");
        // The way is free for the next change.
        zones.run_to(if end == "all old" { WRITE } else { &["lint"] }, 0);
    });
    println!("{way:?} after a kill at each of {tried} calls:");
    for ((count, end), times) in &table {
        println!("  {count} of 3 files new -> {end}: {times}");
    }
    let middles: BTreeSet<usize> = table.keys().map(|(count, _)| *count).collect();
    assert_eq!(middles, BTreeSet::from([0, 1, 2, 3]), "killed between all renames");
    assert_eq!(begun_to_be_new, way == FINISH);
}

#[test]
fn killed_anywhere_a_change_can_be_finished() {
    if !zones::can_trace() {
        return;
    }
    killed_then(&[], FINISH);
}

#[test]
fn killed_anywhere_a_change_can_be_undone() {
    if !zones::can_trace() {
        return;
    }
    killed_then(&[], UNDO);
}

#[test]
fn killed_anywhere_without_hard_links_a_change_can_be_finished() {
    if !zones::can_trace() {
        return;
    }
    killed_then(&["-e", "inject=linkat:error=EPERM"], FINISH);
}

#[test]
fn killed_anywhere_without_hard_links_a_change_can_be_undone() {
    if !zones::can_trace() {
        return;
    }
    killed_then(&["-e", "inject=linkat:error=EPERM"], UNDO);
}

/// Leaves the change with so many of its three files new.
fn interrupt(zones: &Zones, renamed: usize) {
    zones.reset();
    let run = zones.trace(&["-e", &format!("inject=rename:{KILL}:when={}", renamed + 1)], WRITE);
    assert_eq!(run.status, None, "{}", run.stderr);
}

#[test]
fn a_recovery_that_is_killed_anywhere_is_run_again() {
    if !zones::can_trace() {
        return;
    }
    let zones = Zones::new();
    let (old, new) = both(&zones);
    for (first, second) in [(FINISH, FINISH), (UNDO, UNDO), (FINISH, UNDO), (UNDO, FINISH)] {
        let mut ends: BTreeMap<&str, usize> = BTreeMap::new();
        let prepare = || interrupt(&zones, 1);
        let tried = at_every_call(&zones, &[], KILL, first, &prepare, &mut |run, call| {
            assert_eq!(run.status, None, "killed at {call}");
            let is_over = !zones.texts().contains_key(Path::new(".zonewright-write.json"));
            let output = zones.run(second);
            let end = word(&zones.texts(), &old, &new);
            if !is_over {
                assert_eq!(output.status.code(), Some(0), "{call}");
                // What was undone in part has lost a new text, so that it cannot be finished.
                assert!(second == FINISH || end == "all old", "{call}");
            }
            *ends.entry(end).or_default() += 1;
        });
        println!("{first:?} killed at each of {tried} calls, then {second:?}: {ends:?}");
        if first == second {
            assert_eq!(ends.len(), 1, "{ends:?}");
        }
    }
}

/// The system fails the change at every call.
fn failed_with(error: &str) {
    let zones = Zones::new();
    let (old, new) = both(&zones);
    let mut table: BTreeMap<(i32, &str, bool), usize> = BTreeMap::new();
    let tried =
        at_every_call(&zones, &[], &format!("error={error}"), WRITE, &|| zones.reset(), &mut |run, call| {
            let status = run.status.expect("not killed");
            let after = zones.texts();
            let is_tidy = !after.keys().any(|path| is_hidden(path));
            let end = word(&shown(after), &old, &new);
            let put_away = !run.stderr.contains("could not be put away");
            assert_eq!(
                end,
                if status == 0 || !put_away { "all new" } else { "all old" },
                "{call}: {}",
                run.stderr
            );
            assert!(put_away || call.starts_with("rename"), "{call}: {}", run.stderr);
            zones.run_to(FINISH, 0);
            assert_eq!(word(&zones.texts(), &old, &new), end, "{call}");
            *table.entry((status, end, is_tidy)).or_default() += 1;
        });
    println!("{error} at each of {tried} calls:");
    for ((status, end, is_tidy), times) in &table {
        let left = if *is_tidy { "nothing left" } else { "recover tidies up" };
        println!("  exit {status}, {end}, {left}: {times}");
    }
    assert!(table.keys().any(|(status, ..)| *status == 0) && table.keys().any(|(status, ..)| *status == 2));
}

#[test]
fn a_call_that_fails_for_want_of_room_leaves_all_old_or_all_new() {
    if !zones::can_trace() {
        return;
    }
    failed_with("ENOSPC");
}

#[test]
fn a_call_that_fails_on_a_bad_disk_leaves_all_old_or_all_new() {
    if !zones::can_trace() {
        return;
    }
    failed_with("EIO");
}

#[test]
fn when_nothing_can_be_put_back_the_next_recovery_does_it() {
    if !zones::can_trace() {
        return;
    }
    let zones = Zones::new();
    let (old, new) = both(&zones);
    for (way, wanted) in [(FINISH, "all new"), (UNDO, "all old")] {
        zones.reset();
        let run = zones.trace(&["-e", "inject=rename:error=EIO:when=2+"], WRITE);
        assert_eq!(run.status, Some(2), "{}", run.stderr);
        assert!(run.stderr.contains("run `zonewright recover`"), "{}", run.stderr);
        assert_eq!(changed(&zones.texts(), &old, &new), 1);
        zones.run_to(way, 0);
        assert_eq!(word(&zones.texts(), &old, &new), wanted);
    }
}

#[test]
fn readers_are_told_of_an_interrupted_change_and_writers_are_refused() {
    if !zones::can_trace() {
        return;
    }
    let zones = Zones::new();
    let (old, new) = both(&zones);
    interrupt(&zones, 1);
    let before = zones.texts();
    let words = "an interrupted change of 3 files was found";
    for (args, status) in [
        (&["lint", "--fail-on", "never"][..], 0),
        (&["lint", "--fail-on", "never", "internal/contoso.com.zone"], 0),
        (&["matrix"], 0),
        (&["plan", "failover", "edge1"], 0),
        (&["fmt", "--check"], 1),
    ] {
        let said = zones.run_to(args, status);
        assert!(said.contains("warning: ") && said.contains(words), "{args:?}: {said}");
        let advice = format!("run `zonewright recover {}`", zones.root().display());
        assert!(said.contains(&advice), "{args:?}: {said}");
    }
    for args in [WRITE, &["plan", "failover", "edge1", "--write", "--force"], &["fmt"]] {
        let said = zones.run_to(args, 2);
        assert!(said.contains("error: nothing is written: ") && said.contains(words), "{args:?}: {said}");
    }
    let said = zones.run_to(&["recover", "--check"], 1);
    assert!(said.contains("would be finished"), "{said}");
    assert_eq!(zones.texts(), before, "nothing was touched");
    // Either folder leads to the journal, and so does a file.
    zones.run_to(&["recover", "--check", "internal"], 1);
    zones.run_to(&["recover", "--check", "internal/contoso.net.zone"], 1);
    zones.run_to(&["recover", "--check", "fragments"], 0);
    zones.run_to(&["recover", "internal"], 0);
    assert_eq!(word(&zones.texts(), &old, &new), "all new");
    assert!(!zones.run_to(&["lint"], 0).contains("interrupted"));
}

#[test]
fn a_file_that_was_edited_since_stops_the_recovery_until_it_is_seen_to() {
    if !zones::can_trace() {
        return;
    }
    let zones = Zones::new();
    let (old, new) = both(&zones);
    let file = zones.root().join("fabrikam.com.zone");
    for renamed in [1, 2] {
        interrupt(&zones, renamed);
        fs::write(zones.root().join("copy"), "edited").unwrap();
        fs::rename(zones.root().join("copy"), &file).unwrap();
        let before = zones.texts();
        for way in [FINISH, UNDO] {
            let said = zones.run_to(way, 2);
            assert!(said.contains("fabrikam.com.zone` holds neither its old nor its new text"), "{said}");
            let advice = format!("run `zonewright recover {} --keep`", zones.root().display());
            assert!(said.contains(&advice), "{said}");
            // What is said to be kept is there, and what is not is not said to be.
            let kept = |end: &str| said.split('`').find(|part| part.ends_with(end)).map(fs::read);
            let name = Path::new("fabrikam.com.zone");
            assert_eq!(kept(".old").unwrap().unwrap(), old[name]);
            assert_eq!(kept(".new").map(Result::unwrap).as_ref(), (renamed == 1).then_some(&new[name]));
            assert_eq!(zones.texts(), before, "nothing was touched");
            if way == UNDO {
                fs::write(&file, kept(".old").unwrap().unwrap()).unwrap();
            }
        }
        zones.run_to(UNDO, 0);
        assert_eq!(word(&zones.texts(), &old, &new), "all old");
    }
    // Text that is written into a file is written into its link too: then the old text is gone, as
    // after any edit.
    interrupt(&zones, 1);
    fs::write(&file, "edited").unwrap();
    let said = zones.run_to(UNDO, 2);
    assert!(!said.contains("old text is kept") && said.contains("-1.new`"), "{said}");

    interrupt(&zones, 1);
    fs::remove_file(&file).unwrap();
    assert!(zones.run_to(FINISH, 2).contains("fabrikam.com.zone` cannot be read"));
    fs::write(&file, "edited").unwrap();
    let before = shown(zones.texts());
    assert!(zones.run_to(&["recover", "--keep", "--check"], 1).contains("would be removed"));
    assert!(zones.run_to(&["recover", "--keep"], 0).contains("its files stay as they are"));
    assert_eq!(zones.texts(), before, "the files as they were, and nothing else");
}

#[test]
fn what_waited_and_is_gone_is_missed() {
    if !zones::can_trace() {
        return;
    }
    let zones = Zones::new();
    let (old, new) = both(&zones);
    let remove = |ends: &[&str]| {
        let waiting: Vec<_> = zones.texts().into_keys().filter(|path| is_hidden(path)).collect();
        for end in ends {
            let path = waiting.iter().find(|path| path.to_string_lossy().ends_with(end)).unwrap();
            fs::remove_file(zones.root().join(path)).unwrap();
        }
    };
    // contoso.com is new already, fabrikam.com is not.
    interrupt(&zones, 1);
    remove(&["-0.old"]);
    assert!(zones.run_to(UNDO, 2).contains("/contoso.com.zone` holds its new text, and its old one is not"));
    zones.run_to(FINISH, 0);
    assert_eq!(word(&zones.texts(), &old, &new), "all new");

    interrupt(&zones, 1);
    remove(&["-1.new"]);
    let said = zones.run_to(FINISH, 0);
    assert!(said.contains("undone") && said.contains("the new text of fabrikam.com.zone was not"), "{said}");
    assert_eq!(word(&zones.texts(), &old, &new), "all old");

    interrupt(&zones, 1);
    remove(&["-0.old", "-1.new"]);
    let before = zones.texts();
    for way in [FINISH, UNDO] {
        let said = zones.run_to(way, 2);
        assert!(said.contains("new text of `") && said.contains("zonewright recover --keep"), "{said}");
    }
    assert_eq!(zones.texts(), before);
    zones.run_to(&["recover", "--keep"], 0);
    assert_eq!(zones.texts(), shown(before));
}

#[test]
fn a_journal_that_is_not_ours_is_left_alone() {
    if !zones::can_trace() {
        return;
    }
    let zones = Zones::new();
    let journal = zones.root().join(".zonewright-write.json");
    interrupt(&zones, 1);
    let text = fs::read_to_string(&journal).unwrap();
    let before = zones.texts();
    let victim = zones.root().join("zonewright.toml");
    for (wrong, word) in [
        (text.replace("\"version\": 1", "\"version\": 2"), "version 2"),
        (text.replace("fabrikam.com.zone", "../fabrikam.com.zone"), "did not write it"),
        (text.replace("-1.new", "-1.new/../zonewright.toml"), "did not write it"),
        (text[..text.len() / 2].to_owned(), "damaged"),
        (String::from("[]"), "is no journal"),
    ] {
        assert_ne!(wrong, text);
        fs::write(&journal, &wrong).unwrap();
        for way in [FINISH, UNDO] {
            let said = zones.run_to(way, 2);
            assert!(said.contains(word), "{word}: {said}");
        }
        assert!(zones.run_to(WRITE, 2).contains("an interrupted change was found"));
    }
    assert!(victim.exists());
    fs::write(&journal, &text).unwrap();
    assert_eq!(zones.texts(), before);
    zones.run_to(FINISH, 0);

    // In another place it speaks of files that are not beside it.
    interrupt(&zones, 1);
    let moved = zones.root().join("fragments/.zonewright-write.json");
    fs::copy(&journal, &moved).unwrap();
    assert!(zones.run_to(&["recover", "fragments"], 2).contains("moved here"));
}

#[test]
fn two_writers_do_not_meet() {
    if !zones::can_trace() {
        return;
    }
    let zones = Zones::new();
    let (old, new) = both(&zones);
    let mut first = Command::new("strace");
    first.args(["-o", "/dev/null", "-e", "trace=rename", "-e", "inject=rename:signal=SIGSTOP:when=2"]);
    first.arg(env!("CARGO_BIN_EXE_zonewright")).args(WRITE).arg("--config");
    first.arg(zones.root().join("zonewright.toml")).env("SOURCE_DATE_EPOCH", "1795219200");
    let mut first = first.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("strace is installed");
    let children = format!("/proc/{0}/task/{0}/children", first.id());
    let begun = Instant::now();
    let stopped = loop {
        assert!(begun.elapsed() < Duration::from_secs(60), "it does not stop");
        std::thread::sleep(Duration::from_millis(20));
        let child = fs::read_to_string(&children).unwrap_or_default().trim().to_owned();
        let stat = fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
        let state = stat.rsplit(") ").next().and_then(|rest| rest.chars().next());
        if matches!(state, Some('t' | 'T')) && changed(&shown(zones.texts()), &old, &new) > 0 {
            // A tracer stops it at every call for a moment; this one lasts.
            std::thread::sleep(Duration::from_millis(200));
            let now = fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
            if now.rsplit(") ").next().and_then(|rest| rest.chars().next()) == state {
                break child;
            }
        }
    };
    let before = zones.texts();
    let words = "another zonewright is changing";
    for args in [WRITE, FINISH, UNDO, &["recover", "--check"]] {
        let said = zones.run_to(args, 2);
        assert!(said.contains(words), "{args:?}: {said}");
    }
    let said = zones.run_to(&["lint", "--fail-on", "never"], 0);
    assert!(said.contains(words), "{said}");
    assert_eq!(zones.texts(), before, "the second one touched nothing");
    assert!(Command::new("kill").args(["-CONT", &stopped]).status().unwrap().success());
    assert!(first.wait().unwrap().success());
    assert_eq!(word(&zones.texts(), &old, &new), "all new");
}
