//! Files that the user may read and not write. Root may write anything, so the test runs itself again as somebody else.
#![cfg(target_os = "linux")]

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use sqliter_async::JournalMode;
use sqliter_async::prelude::*;

use crate::models::{User, user};
use crate::support::File;

const FILE: &str = "SQLITER_PROTECTED_FILE";
const NOBODY: u32 = 65_534;

/// What the user who may not write sees. Run by the test below, in a process of its own.
#[tokio::test]
#[ignore = "run by `a_file_that_may_not_be_written_is_read`"]
async fn as_somebody_else() {
    let path = std::env::var(FILE).unwrap();
    let db = SqliterDb::open(&path).await.unwrap();
    assert_eq!(db.get::<User>(1).await.unwrap().unwrap().name, "Ann");
    for err in [
        db.insert(user("Bob", 1)).await.map(drop).unwrap_err(),
        db.select::<User>().delete().await.map(drop).unwrap_err(),
        db.drop_table::<User>().await.unwrap_err(),
        db.transaction(async |tx| -> Result<()> { tx.insert(user("Cid", 1)).await.map(drop) }).await.unwrap_err(),
    ] {
        assert_eq!(err.kind(), ErrorKind::ReadOnly, "{err}");
    }
    assert_eq!(db.select::<User>().count().await.unwrap(), 1);
    db.close().await;
}

fn protect(path: &Path, file: u32, dir: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(file)).unwrap();
    std::fs::set_permissions(path.parent().unwrap(), std::fs::Permissions::from_mode(dir)).unwrap();
}

#[tokio::test]
async fn a_file_that_may_not_be_written_is_read() {
    let file = File::new();
    let db = SqliterDb::builder().filename(&file.path).journal_mode(JournalMode::Delete).create().await.unwrap();
    db.create_table::<User>().await.unwrap();
    db.insert(user("Ann", 1)).await.unwrap();
    db.close().await;
    protect(&file.path, 0o444, 0o555);

    // The binary goes where somebody else may run it.
    let dir = tempfile::tempdir().unwrap();
    let binary = dir.path().join("it");
    std::fs::copy(std::env::current_exe().unwrap(), &binary).unwrap();
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut child = Command::new(&binary);
    child.args(["--exact", "protected::as_somebody_else", "--ignored"]).env(FILE, &file.path).current_dir("/");
    if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
        child.uid(NOBODY).gid(NOBODY);
    }
    let output = child.output().unwrap();
    protect(&file.path, 0o644, 0o755);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
    assert_eq!(file.open().await.select::<User>().count().await.unwrap(), 1);
}
