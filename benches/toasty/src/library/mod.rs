//! The works of a library, done by toasty and by hand.

#[path = "../../../src/library/by_hand.rs"]
mod by_hand;
#[path = "../../../src/library/mixed.rs"]
#[expect(dead_code, reason = "a writer that only the other binary's contestants share")]
mod mixed;
mod toasty_pool;
#[path = "../../../src/library/works.rs"]
mod works;

use std::path::Path;

pub(crate) use works::tasks;
use works::*;

use crate::contest::Outcome;
use crate::referee::{Referee, connect};
use crate::rounds::Entrant;

/// The tables as SQLiter creates them: `push_schema` knows no foreign keys.
const TABLES: &str = r#"
CREATE TABLE "authors" ("pk" INTEGER PRIMARY KEY AUTOINCREMENT, "created_at" INTEGER NOT NULL,
    "updated_at" INTEGER NOT NULL, "name" TEXT NOT NULL);
CREATE TABLE "stories" ("pk" INTEGER PRIMARY KEY AUTOINCREMENT, "created_at" INTEGER NOT NULL,
    "updated_at" INTEGER NOT NULL, "title" TEXT NOT NULL, "year" INTEGER NOT NULL, "author_id" INTEGER NOT NULL,
    FOREIGN KEY ("author_id") REFERENCES "authors"("pk") ON DELETE CASCADE ON UPDATE CASCADE);
CREATE INDEX "idx_stories_author_id" ON "stories" ("author_id");
CREATE TABLE "shelf" ("pk" INTEGER PRIMARY KEY AUTOINCREMENT, "created_at" INTEGER NOT NULL,
    "updated_at" INTEGER NOT NULL, "title" TEXT NOT NULL, "author_id" INTEGER NOT NULL, "year" INTEGER NOT NULL,
    "rating" REAL NOT NULL);
CREATE TABLE "books" ("pk" INTEGER PRIMARY KEY AUTOINCREMENT, "created_at" INTEGER NOT NULL,
    "updated_at" INTEGER NOT NULL, "title" TEXT NOT NULL, "author_id" INTEGER NOT NULL, "year" INTEGER NOT NULL,
    "rating" REAL NOT NULL);
"#;

/// Both, each on a file of its own.
pub(crate) async fn field(dir: &Path) -> Outcome<Vec<Entrant<Work>>> {
    let template = dir.join("library.db");
    connect(&template)?.execute_batch(TABLES)?;
    fill(&template)?;
    let by_hand = Referee::copy(&template, "library-rusqlite")?;
    let toasty = Referee::copy(&template, "library-toasty")?;
    Ok(vec![
        Entrant {
            name: "rusqlite",
            contestant: Box::new(by_hand::Contestant::open(by_hand.path())?),
            referee: by_hand,
        },
        Entrant {
            name: "toasty",
            contestant: Box::new(toasty_pool::Contestant::open(toasty.path()).await?),
            referee: toasty,
        },
    ])
}
