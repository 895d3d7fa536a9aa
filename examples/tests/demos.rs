//! The examples print what the demos of Python's SQLiter print, line for line.

use std::path::PathBuf;
use std::process::{Command, Output};

/// Runs an example in a folder of its own; `cargo test` has built it beside this test.
fn run(example: &str) -> (Output, tempfile::TempDir) {
    let test = std::env::current_exe().expect("the test has a path");
    let target: PathBuf = test.ancestors().nth(2).expect("deps/ lies in the target folder").to_owned();
    let program = target.join("examples").join(example).with_extension(std::env::consts::EXE_EXTENSION);
    let dir = tempfile::tempdir().expect("a folder for temporary files");
    let output = Command::new(&program)
        .current_dir(&dir)
        .output()
        .unwrap_or_else(|e| panic!("{} does not run ({e}): `cargo test -p examples` builds it", program.display()));
    assert!(output.status.success(), "{example}: {}", String::from_utf8_lossy(&output.stderr));
    (output, dir)
}

fn prints(example: &str, expected: &str) {
    let (output, _dir) = run(example);
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    let (printed, expected): (Vec<_>, Vec<_>) = (printed.lines().collect(), expected.lines().collect());
    assert_eq!(printed.len(), expected.len(), "{printed:#?}");
    for (printed, expected) in printed.iter().zip(&expected) {
        match expected.strip_suffix("<DEBUG>") {
            Some(start) => assert!(printed.starts_with(start) && printed.len() > start.len(), "{printed}"),
            None => assert_eq!(printed, expected),
        }
    }
}

#[test]
fn demo_01_connections() {
    prints("async_conn", include_str!("demos/01-async-conn.txt"));
}

#[test]
fn demo_02_contexts() {
    prints("async_context", include_str!("demos/02-async-context.txt"));
}

#[test]
fn demo_03_records() {
    prints("async_crud", include_str!("demos/03-async-crud.txt"));
}

#[test]
fn demo_04_bulk_inserts() {
    prints("async_bulk", include_str!("demos/04-async-bulk.txt"));
}

#[test]
fn demo_05_queries() {
    prints("async_query", include_str!("demos/05-async-query.txt"));
}

#[test]
fn demo_06_foreign_keys() {
    prints("async_fk_lazy", include_str!("demos/06-async-fk-lazy.txt"));
}

#[test]
fn demo_07_joined_foreign_keys() {
    prints("async_fk_eager", include_str!("demos/07-async-fk-eager.txt"));
}

#[test]
fn demo_08_the_way_back() {
    prints("async_reverse", include_str!("demos/08-async-reverse.txt"));
}

#[test]
fn demo_09_transactions() {
    prints("async_txn", include_str!("demos/09-async-txn.txt"));
}

#[test]
fn the_banks_total_never_changes() {
    let (output, _dir) = run("bank");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains("total before: 5000, after: 5000"), "{printed}");
    assert!(!printed.contains(" 0 failed") && !printed.contains("\n0 transfers"), "{printed}");
}

#[test]
fn the_quickstart_leaves_a_database_file() {
    let (output, dir) = run("quickstart");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(printed, "The Hobbit by J.R.R. Tolkien\nJ.R.R. Tolkien wrote 1 book(s)\n");
    let file = std::fs::read(dir.path().join("library.db")).expect("the file is there");
    assert!(file.starts_with(b"SQLite format 3\0"));
    // Closed properly: nothing is left beside it.
    assert!(!dir.path().join("library.db-wal").exists());
}

/// The patterns for async applications: what each prints proves it.
#[test]
fn the_patterns_hold() {
    prints(
        "patterns_connection",
        "journal_mode: wal\nforeign_keys: 1\nsynchronous: 1\ncache_size: -8000\nforeign keys can be switched off: false",
    );
    prints(
        "patterns_quickstart",
        "Users older than 25:\n  ID: 1, Name: Alice, Age: 30\nUpdated: 1\nTotal users remaining: 1",
    );
    prints(
        "patterns_crud",
        "created 1: lamp\nread: Some(3)\nread what is not there: false\nupdated: 1\nby SQL: old lamp is sold\n\
         old lamp: {\"weight\":3}\nfields by name: true, none: false, of nobody: false\n\
         deleted: 1\nleft: 0",
    );
    prints(
        "patterns_batch",
        "inserted: 3\nupdated: 2, balances: [150, 50, 100]\nmoved, balances: [100, 75, 125]\ntoo much: true\n\
         balances: [100, 75, 125]",
    );
    prints("patterns_pool", "20 tasks with 10 writes each, 0 failed\nrows: 200\nevery task wrote 10: true");
    prints("patterns_stream", "read 10000, wrote 10 meanwhile\nnow there are 10010\nthe last: copy of item 10000");
    prints("patterns_concurrent", "user: Ann\nnewest orders: [20, 10]\n3 orders, total 60");
    prints(
        "patterns_errors",
        "Success\nDuplicate entry: owners.email\nReferenced record not found\nMissing value: owners.email\nTable not found: nowhere\n\
         Database busy, try again\nSuccess",
    );
}

#[test]
fn a_stream_takes_no_more_memory_for_more_rows() {
    let (output, _dir) = run("stream_memory");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        printed.contains(" rows, sum ") && printed.contains("above the start") == cfg!(target_os = "linux"),
        "{printed}"
    );
}
