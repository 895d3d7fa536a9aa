//! The files that this process has open: handles on the same one share the writer's queue.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

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

static WRITERS: Mutex<Option<HashMap<Identity, Weak<Queue>>>> = Mutex::new(None);

/// The writer's queue of a file that exists.
pub(super) fn writer_queue(path: &Path) -> Arc<Queue> {
    let Some(identity) = identity(path) else { return Arc::new(Queue::new(1)) };
    let mut writers = WRITERS.lock().unwrap_or_else(PoisonError::into_inner);
    let writers = writers.get_or_insert_with(HashMap::new);
    writers.retain(|_, queue| queue.strong_count() > 0);
    if let Some(queue) = writers.get(&identity).and_then(Weak::upgrade) {
        return queue;
    }
    let queue = Arc::new(Queue::new(1));
    writers.insert(identity, Arc::downgrade(&queue));
    queue
}
