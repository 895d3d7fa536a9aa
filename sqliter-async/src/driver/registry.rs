//! The files that this process has open: handles on the same one share the writer's queue and the marks of its tables.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::generations::Generations;
use super::slots::Queue;

/// What makes two names the same file.
#[derive(PartialEq, Eq, Hash)]
enum Identity {
    #[cfg(unix)]
    Inode(u64, u64),
    #[cfg_attr(unix, allow(dead_code, reason = "where there are no inodes"))]
    Path(std::path::PathBuf),
}

fn identity(path: &Path) -> Option<Identity> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let metadata = std::fs::metadata(path).ok()?;
        Some(Identity::Inode(metadata.dev(), metadata.ino()))
    }
    #[cfg(not(unix))]
    {
        std::fs::canonicalize(path).ok().map(Identity::Path)
    }
}

/// What the handles on one file share.
pub(super) struct Shared {
    pub(super) writer: Arc<Queue>,
    pub(super) generations: Arc<Generations>,
}

impl Shared {
    /// Of a database that nobody else has open.
    pub(super) fn alone() -> Arc<Shared> {
        Arc::new(Shared { writer: Arc::new(Queue::new(1)), generations: Arc::default() })
    }
}

static FILES: Mutex<Option<HashMap<Identity, Weak<Shared>>>> = Mutex::new(None);

/// What the handles on a file share that exists.
pub(super) fn shared(path: &Path) -> Arc<Shared> {
    let Some(identity) = identity(path) else { return Shared::alone() };
    let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    let files = files.get_or_insert_with(HashMap::new);
    files.retain(|_, shared| shared.strong_count() > 0);
    if let Some(shared) = files.get(&identity).and_then(Weak::upgrade) {
        return shared;
    }
    let shared = Shared::alone();
    files.insert(identity, Arc::downgrade(&shared));
    shared
}
