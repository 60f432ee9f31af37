use super::super::apply;
use super::*;
use crate::text::{FileId, Source, Sources, Span};
use proptest::prelude::*;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn file() -> FileId {
    Sources::default().add(Source::text("test", ""))
}

fn edit(range: Range<usize>, text: &[u8]) -> Edit {
    Edit { span: Span::new(file(), range.start as u64, range.end as u64), replacement: text.to_vec() }
}

fn diff(old: &[u8], edits: &[Edit]) -> String {
    String::from_utf8(unified("db.example", old, edits).unwrap()).unwrap()
}

fn numbered(count: usize) -> Vec<u8> {
    (1..=count).flat_map(|n| format!("line {n:02}\n").into_bytes()).collect()
}

#[test]
fn a_changed_octet_shows_its_line_in_context() {
    assert_eq!(
        diff(&numbered(9), &[edit(4 * 8 + 5..4 * 8 + 7, b"five")]),
        "--- a/db.example\n+++ b/db.example\n@@ -2,7 +2,7 @@\n line 02\n line 03\n line 04\n\
         -line 05\n+line five\n line 06\n line 07\n line 08\n"
    );
}

#[test]
fn six_lines_between_share_a_hunk_and_seven_do_not() {
    let hunks = |second: usize| {
        let edits = [edit(0..1, b"L"), edit(second * 8..second * 8, b"new\n")];
        let diff = diff(&numbered(20), &edits);
        diff.lines().filter(|line| line.starts_with("@@")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(hunks(7), ["@@ -1,10 +1,11 @@"]);
    assert_eq!(hunks(8), ["@@ -1,4 +1,4 @@", "@@ -6,6 +6,7 @@"]);
}

#[test]
fn counts_of_none_and_one_are_written_as_git_does() {
    let names = "--- a/db.example\n+++ b/db.example\n";
    assert_eq!(diff(b"", &[edit(0..0, b"a\n")]), format!("{names}@@ -0,0 +1 @@\n+a\n"));
    assert_eq!(diff(b"a\n", &[edit(0..2, b"")]), format!("{names}@@ -1 +0,0 @@\n-a\n"));
    assert_eq!(
        diff(b"a", &[edit(1..1, b"\n")]),
        format!("{names}@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n")
    );
}

#[test]
fn edits_without_effect_give_no_patch() {
    assert_eq!(diff(b"a\nb\n", &[]), "");
    assert_eq!(diff(b"a\nb\n", &[edit(2..3, b"b"), edit(0..0, b"")]), "");
    assert_eq!(diff(b"a\nb\n", &[edit(0..2, b""), edit(2..2, b"a\n")]), "");
    assert_eq!(diff(b"a\na\na\na\n", &[edit(0..2, b""), edit(8..8, b"a\n")]), "");
    assert_eq!(diff(b"a\r\nb", &[edit(1..4, b"\r\nb")]), "");
    assert_ne!(diff(b"a\na\na\na\n", &[edit(0..2, b""), edit(8..8, b"a")]), "");
    assert_ne!(diff(b"a\na\na\na\n", &[edit(0..2, b"")]), "");
}

#[test]
fn names_are_quoted_as_git_does() {
    for (path, expected) in [
        ("zones/db.example", "--- a/zones/db.example\n+++ b/zones/db.example\n"),
        ("./x", "--- a/x\n+++ b/x\n"),
        ("/etc/bind/x", "--- a/etc/bind/x\n+++ b/etc/bind/x\n"),
        ("my zone", "--- a/my zone\t\n+++ b/my zone\t\n"),
        ("zön e", "--- \"a/z\\303\\266n e\"\t\n+++ \"b/z\\303\\266n e\"\t\n"),
        (
            "a\"\\\t\n\r\u{7}\u{1}",
            "--- \"a/a\\\"\\\\\\t\\n\\r\\a\\001\"\n+++ \"b/a\\\"\\\\\\t\\n\\r\\a\\001\"\n",
        ),
    ] {
        let out = unified(path, b"", &[edit(0..0, b"x\n")]).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), format!("{expected}@@ -0,0 +1 @@\n+x\n"));
    }
}

#[test]
fn errors_are_those_of_apply() {
    let edits = [edit(0..2, b""), edit(1..2, b"")];
    assert_eq!(unified("x", b"ab", &edits).unwrap_err(), apply(b"ab", &edits).unwrap_err());
}

/// Texts with every kind of line end and of odd octet.
fn texts() -> Vec<Vec<u8>> {
    vec![
        numbered(30),
        b"a\r\nb\r\nc\r\nd\r\ne\r\nf\r\ng\r\nh\r\ni\r\nj\r\n".to_vec(),
        b"a\r\nb\nc\r\n\nd\n\r\ne\r\r\nf".to_vec(),
        b"a\rb\rc\r".to_vec(),
        b"a\rb\nc\rd\ne\r\nf\n\rg\nh\r".to_vec(),
        b"one\ntwo\nthree".to_vec(),
        b"one\r\ntwo\r\nthree".to_vec(),
        b"\n\n\n\n\n\n\n\n\n\n\n\n".to_vec(),
        b"caf\xe9\n\0\0\n\xff\xfe\nx\0y\n\xc3\xa4\n\x1a\n\x7f\n".to_vec(),
        "v\u{b}t\nf\u{c}f\nnel\u{85}x\nls\u{2028}y\nps\u{2029}z\n".into(),
        b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-- \n\\ No newline at end of file\ndiff --git a/x b/x\n \n".to_vec(),
        b"".to_vec(),
        b"\n".to_vec(),
        b"\r".to_vec(),
        b"x".to_vec(),
        b"x\ny\n".to_vec(),
    ]
}

/// Edits of a text of any length: at its ends, across its line ends, near to and far from each other.
fn edit_lists(text: &[u8]) -> Vec<Vec<Edit>> {
    let len = text.len();
    let middle = forward(text, len / 2, 1);
    let end_of_first = forward(text, 0, 1);
    vec![
        vec![edit(0..len.min(1), b"X")],
        vec![edit(0..0, b"; top\n")],
        vec![edit(0..0, b"; \xff\r\n\r\n")],
        vec![edit(len..len, b"last\n")],
        vec![edit(len..len, b"last")],
        vec![edit(len..len, b"\n")],
        vec![edit(len.saturating_sub(1)..len, b"")],
        vec![edit(0..len, b"")],
        vec![edit(0..len, b"other\r\ntext")],
        vec![edit(end_of_first.saturating_sub(1)..end_of_first, b" ")],
        vec![edit(len / 3..middle, b"")],
        vec![edit(middle..middle, b"inserted\n")],
        vec![edit(0..0, b"A\r\n"), edit(middle..middle, b"B"), edit(len..len, b"C")],
        vec![edit(len..len, b"2"), edit(0..end_of_first, b""), edit(end_of_first..end_of_first, b"1\n")],
    ]
}

/// Runs the tool on the patch in an empty directory that holds the old text as `name`, and gives
/// what the file holds then.
fn patched_by(tool: &[&str], name: &str, old: &[u8], patch: &[u8]) -> Result<Vec<u8>, Output> {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("in");
    fs::create_dir(&root).unwrap();
    fs::write(root.join(name), old).unwrap();
    let patch_file = dir.path().join("patch");
    fs::write(&patch_file, patch).unwrap();
    let output = Command::new(tool[0])
        .args(&tool[1..])
        .arg(&patch_file)
        .current_dir(&root)
        .env("GIT_CEILING_DIRECTORIES", dir.path())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", dir.path().join("none"))
        .output()
        .unwrap_or_else(|error| panic!("cannot run {}: {error}", tool[0]));
    if !output.status.success() {
        return Err(output);
    }
    assert_eq!(fs::read_dir(&root).unwrap().count(), 1, "other files after {output:?}");
    Ok(read(&root.join(name)))
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap()
}

fn check_with(tool: &[&str]) {
    let mut count = 0;
    for old in texts() {
        for edits in edit_lists(&old) {
            let new = apply(&old, &edits).unwrap();
            let patch = unified("db.example", &old, &edits).unwrap();
            assert_eq!(patch.is_empty(), old == new);
            if old == new {
                continue;
            }
            let case = format!("{} -> {}", old.escape_ascii(), new.escape_ascii());
            match patched_by(tool, "db.example", &old, &patch) {
                Ok(found) => {
                    assert_eq!(found.escape_ascii().to_string(), new.escape_ascii().to_string(), "{case}")
                }
                Err(output) => panic!("{case}\n{}\n{output:?}", patch.escape_ascii()),
            }
            count += 1;
        }
    }
    assert!(count > 150, "{count} cases");
}

#[test]
fn git_takes_every_patch() {
    check_with(&["git", "apply"]);
}

#[test]
#[cfg(target_os = "linux")]
fn gnu_patch_takes_every_patch() {
    check_with(&["patch", "-s", "-p1", "-i"]);
}

#[test]
#[cfg(unix)]
fn git_finds_files_of_odd_names() {
    for name in ["my zone", " zone ", "zön e", "a\"b", "a\\b", "a\tb", "a\nb", "\u{1}\u{7f}"] {
        let patch = unified(name, b"old\n", &[edit(0..3, b"new")]).unwrap();
        let found = patched_by(&["git", "apply"], name, b"old\n", &patch);
        assert_eq!(found.as_deref().ok(), Some(b"new\n".as_slice()), "{name:?}: {found:?}");
    }
}

/// The text after a patch, by nothing but its own lines: every number, count and context line in
/// it must be right.
fn patched(old: &[u8], patch: &[u8]) -> Vec<u8> {
    let mut patch = lines(patch).peekable();
    if patch.peek().is_none() {
        return old.to_vec();
    }
    assert_eq!(patch.next(), Some(b"--- a/db.example\n".as_slice()));
    assert_eq!(patch.next(), Some(b"+++ b/db.example\n".as_slice()));
    let old: Vec<&[u8]> = lines(old).collect();
    let mut new: Vec<Vec<u8>> = Vec::new();
    let mut at = 0;
    while let Some(head) = patch.next() {
        let head = std::str::from_utf8(head).unwrap();
        let extents = head.strip_prefix("@@ -").unwrap().strip_suffix(" @@\n").unwrap();
        let [(old_start, old_count), (new_start, new_count)] = {
            let (old, new) = extents.split_once(" +").unwrap();
            [old, new].map(|extent| {
                let (line, count) = extent.split_once(',').unwrap_or((extent, "1"));
                let (line, count): (usize, usize) = (line.parse().unwrap(), count.parse().unwrap());
                (line - usize::from(count > 0), count)
            })
        };
        assert!(old_start >= at, "hunks overlap");
        new.extend(old[at..old_start].iter().map(|line| line.to_vec()));
        assert_eq!(new.len(), new_start);
        at = old_start;
        while at < old_start + old_count || new.len() < new_start + new_count {
            let (mark, line) = patch.next().unwrap().split_first().unwrap();
            let mut line = line.to_vec();
            if patch.next_if(|next| next.starts_with(b"\\ ")).is_some() {
                assert_eq!(line.pop(), Some(b'\n'));
            }
            if matches!(mark, b' ' | b'-') {
                assert_eq!(old[at].escape_ascii().to_string(), line.escape_ascii().to_string());
                at += 1;
            }
            if matches!(mark, b' ' | b'+') {
                new.push(line);
            }
        }
        assert_eq!((at, new.len()), (old_start + old_count, new_start + new_count));
    }
    new.extend(old[at..].iter().map(|line| line.to_vec()));
    assert!(new.iter().rev().skip(1).all(|line| line.ends_with(b"\n")), "text after an open line");
    new.concat()
}

/// Few different lines, so that equal ones abound and the shortest diff is not the obvious one.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        b"a\n".as_slice(),
        b"a\r\n",
        b"b\n",
        b"\n",
        b"\r\n",
        b"\r",
        b"caf\xe9 \xff\n",
        b"\0",
        b"c",
        b"-- \n",
        b"@@\n",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// A text, its edits in any order, and the text after them, made on the way.
fn edited() -> impl Strategy<Value = (Vec<u8>, Vec<Edit>, Vec<u8>)> {
    let steps = prop::collection::vec((0usize..30, 0usize..12, text()), 0..8);
    let made = (text(), steps).prop_map(|(old, steps)| {
        let mut edits = Vec::new();
        let mut new = Vec::new();
        let mut at = 0;
        let mut after_insertion = false;
        for (gap, len, mut text) in steps {
            // Of two insertions at one place the order given counts, which is shuffled here.
            let start = at + gap.max(usize::from(after_insertion));
            let end = start + len;
            if end > old.len() {
                break;
            }
            text.truncate(15);
            new.extend_from_slice(&old[at..start]);
            new.extend_from_slice(&text);
            edits.push(edit(start..end, &text));
            at = end;
            after_insertion = len == 0;
        }
        new.extend_from_slice(&old[at..]);
        (old, edits, new)
    });
    made.prop_flat_map(|(old, edits, new)| (Just(old), Just(edits).prop_shuffle(), Just(new)))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn the_patch_says_what_apply_does((old, edits, new) in edited()) {
        prop_assert_eq!(&apply(&old, &edits).unwrap(), &new);
        let patch = unified("db.example", &old, &edits).unwrap();
        prop_assert_eq!(patch.is_empty(), old == new);
        prop_assert_eq!(patched(&old, &patch), new);
    }
}
