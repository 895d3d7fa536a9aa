//! How much work a statement is, whatever the tables hold: found in SQLite's byte code.

use std::collections::HashMap;

use sqliter_core::{Row, Value, ValueRef};

use super::connection::{Connection, Sql, Started, Stop};

/// What the byte code of a statement says, where it is the same each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// Triggers run, or cascades.
    programs: bool,
    /// One run touches a number of rows that does not grow with the tables.
    bounded: bool,
}

/// How a query comes from row to row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Every row that it goes through is one of the result.
    Dense,
    /// It goes through one table, or a part of it.
    Steady,
    Unknown,
}

/// Statements that one write may run on a runtime's thread.
const STATEMENTS: u32 = 64;
/// A longer text is not looked at there, and a statement of more instructions is not bounded: it may have any number of values.
const LONG: usize = 4 << 10;
const MANY: usize = 1000;

/// Functions that are about as quick as their arguments are short, as the write of a row itself is. What others do nobody knows:
/// some make any amount of data, and anyone may add theirs.
const QUICK: &[&str] = &[
    "abs",
    "coalesce",
    "date",
    "datetime",
    "glob",
    "ifnull",
    "iif",
    "instr",
    "json",
    "json_extract",
    "json_quote",
    "julianday",
    "length",
    "like",
    "lower",
    "ltrim",
    "max",
    "min",
    "nullif",
    "quote",
    "round",
    "rtrim",
    "sign",
    "strftime",
    "substr",
    "substring",
    "time",
    "total_changes",
    "trim",
    "typeof",
    "unixepoch",
    "upper",
];

impl Connection {
    /// Takes note of changes that other connections made to the schema: a statement is prepared from what is known, and only
    /// running one finds out.
    pub(crate) fn refresh_schema(&mut self) -> Result<(), Stop> {
        let Value::Int(cookie) = self.ask("PRAGMA schema_version")? else { return Ok(()) };
        if self.schema != Some(cookie) {
            self.ask("SELECT count(*) FROM sqlite_master")?;
            self.schema = Some(cookie);
        }
        Ok(())
    }

    /// From here on only bounded statements run, and not many: any other has to run elsewhere.
    pub(super) fn only_bounded(&mut self, on: bool) {
        self.bounded_left = on.then_some(STATEMENTS);
        self.bound_bytes = 0;
    }

    /// Refuses a statement that has to run elsewhere, before anything is done for it.
    pub(super) fn expect_bounded(&mut self, sql: Sql<'_>) -> Result<(), Stop> {
        let Some(left) = self.bounded_left else { return Ok(()) };
        match left > 0 && sql.as_str().len() <= LONG && self.is_bounded(sql) {
            true => Ok(()),
            false => Err(Stop::Offload),
        }
    }

    /// The same, for a statement that runs.
    pub(super) fn take_bounded(&mut self, sql: Sql<'_>) -> Result<(), Stop> {
        self.expect_bounded(sql)?;
        self.bounded_left = self.bounded_left.map(|left| left - 1);
        Ok(())
    }

    /// Whether a statement sets off triggers or cascades, as far as one can tell.
    pub(crate) fn has_programs(&mut self, sql: Sql<'_>) -> bool {
        self.shape(sql).is_none_or(|shape| shape.programs)
    }

    fn is_bounded(&mut self, sql: Sql<'_>) -> bool {
        // A statement that is prepared again at each run, since SQLite plans by its parameters, is not looked at again each time
        // to be refused.
        if let Some(prepared) = self.cache.get(sql)
            && let Some((Shape { bounded: false, .. }, (schema, _))) = prepared.shape
            && schema == self.schema
        {
            return false;
        }
        self.shape(sql).is_some_and(|shape| shape.bounded)
    }

    /// The schema is another one from here on: what the byte code did before says nothing.
    pub(crate) fn schema_changed(&mut self) {
        self.schema = None;
    }

    fn shape(&mut self, sql: Sql<'_>) -> Option<Shape> {
        let schema = self.schema;
        if let Some(prepared) = self.cache.get(sql)
            && let Some(shape) = prepared.shape(schema)
        {
            return Some(shape);
        }
        self.find_shape(sql).ok()
    }

    fn find_shape(&mut self, sql: Sql<'_>) -> Result<Shape, Stop> {
        self.refresh_schema()?;
        let shape = self.explain(sql.as_str())?;
        if self.cache.get(sql).is_none() {
            let prepared = self.prepare(sql.as_str())?;
            self.cache.put(sql, prepared);
        }
        let schema = self.schema;
        if let Some(prepared) = self.cache.get(sql) {
            prepared.shape = Some((shape, (schema, prepared.statement.reprepared())));
        }
        Ok(shape)
    }

    /// How a query that runs comes from row to row.
    pub(super) fn pace(&self, started: &mut Started, sql: &str) -> Pace {
        let prepared = started.prepared_mut();
        let at = prepared.statement.reprepared();
        match prepared.pace {
            Some((pace, then)) if then == at => pace,
            _ => {
                let pace = self.find_pace(sql);
                prepared.pace = Some((pace, at));
                pace
            }
        }
    }

    fn find_pace(&self, sql: &str) -> Pace {
        self.instructions(sql).map_or(Pace::Unknown, |code| pace(&code))
    }

    fn explain(&self, sql: &str) -> Result<Shape, Stop> {
        // An insert looks for its table among those that hand out keys.
        Ok(shape(&self.instructions(sql)?, self.root_of_sequence()?))
    }

    fn instructions(&self, sql: &str) -> Result<Vec<Instruction>, Stop> {
        let mut prepared = self.prepare(&format!("EXPLAIN {sql}"))?;
        let mut code = Vec::new();
        while let Some(row) = prepared.statement.step(false)? {
            let int = |column| if let ValueRef::Int(v) = row.value(column) { v } else { 0 };
            let text = |column| if let ValueRef::Text(v) = row.value(column) { v.to_vec() } else { Vec::new() };
            code.push(Instruction { at: int(0), opcode: text(1), p1: int(2), p2: int(3), p3: int(4), p4: text(5) });
        }
        // The first instruction names the one to begin with, at the end of the code, which leads back to the second.
        let begin = code.first().and_then(|init| usize::try_from(init.p2).ok()).filter(|begin| *begin <= code.len());
        code.rotate_left(begin.unwrap_or_default());
        Ok(code)
    }

    /// 0, where there is no page, when no table hands out keys.
    fn root_of_sequence(&self) -> Result<i64, Stop> {
        let mut prepared = self.prepare("SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_sequence'")?;
        let row = prepared.statement.step(false)?;
        Ok(row.map_or(0, |row| if let ValueRef::Int(root) = row.value(0) { root } else { 0 }))
    }
}

struct Instruction {
    at: i64,
    opcode: Vec<u8>,
    p1: i64,
    p2: i64,
    p3: i64,
    /// Text that explains the rest.
    p4: Vec<u8>,
}

/// What the instructions do, in the order in which they run; where the few tables that hand out keys are listed.
fn shape(code: &[Instruction], sequence: i64) -> Shape {
    let mut shape = Shape { programs: false, bounded: code.len() <= MANY };
    // Whether what each cursor is on is small, and from where to where the loops over such go.
    let (mut small, mut loops) = (HashMap::new(), Vec::new());
    for Instruction { at, opcode, p1, p2, p3, p4 } in code {
        match opcode.as_slice() {
            b"Program" => shape = Shape { programs: true, bounded: false },
            // What the statement itself gathers.
            b"OpenEphemeral" | b"OpenDup" | b"OpenPseudo" | b"SorterOpen" => drop(small.insert(p1, true)),
            b"OpenRead" | b"OpenWrite" => drop(small.insert(p1, (*p2, *p3) == (sequence, 0))),
            b"Next" | b"Prev" | b"SorterNext" if small.get(p1) == Some(&true) => loops.push((*p2, *at)),
            b"Next" | b"Prev" | b"SorterNext" => shape.bounded = false,
            // As it goes through what it gathers, a recursive query takes it away.
            b"Delete" if small.get(p1) == Some(&true) => shape.bounded = false,
            b"Function" | b"PureFunc" if !is_quick(p4) => shape.bounded = false,
            b"Clear" | b"Count" | b"Destroy" | b"Checkpoint" | b"IncrVacuum" | b"IntegrityCk" | b"JournalMode"
            | b"OpenAutoindex" | b"ParseSchema" | b"SqlExec" | b"Vacuum" => shape.bounded = false,
            // Virtual tables do what they like.
            [b'V', b'A'..=b'Z', ..] => shape.bounded = false,
            _ => {}
        }
    }
    // A loop in a loop: what is small by itself need not be so as often as it is gone through.
    let within = |inner: &(i64, i64), outer: &(i64, i64)| inner != outer && outer.0 <= inner.0 && inner.1 <= outer.1;
    shape.bounded &= !loops.iter().any(|inner| loops.iter().any(|outer| within(inner, outer)));
    shape
}

/// One loop is steady. It is dense if there is nothing in it but what makes a row, and what ends it.
fn pace(code: &[Instruction]) -> Pace {
    let mut loops = code.iter().filter(|i| matches!(i.opcode.as_slice(), b"Next" | b"Prev" | b"VNext" | b"SorterNext"));
    let (Some(Instruction { at: end, opcode, p2: begin, .. }), None) = (loops.next(), loops.next()) else {
        return Pace::Unknown;
    };
    // Virtual tables do what they like, and what was sorted has taken its time already.
    if !matches!(opcode.as_slice(), b"Next" | b"Prev") {
        return Pace::Unknown;
    }
    let makes = |i: &Instruction| match i.opcode.as_slice() {
        b"Column" | b"Copy" | b"DeferredSeek" | b"IdxRowid" | b"Integer" | b"NullRow" | b"RealAffinity"
        | b"ResultRow" | b"Rowid" | b"SCopy" => true,
        // A row that was joined by its key, or nothing in its place.
        b"Goto" | b"NotExists" | b"SeekRowid" => (*begin..*end).contains(&i.p2),
        // One that counts down skips rows.
        b"IfPos" => i.p3 == 0 && (*begin..=*end).contains(&i.p2),
        b"DecrJumpZero" | b"Ge" | b"Gt" | b"Le" | b"Lt" | b"IdxGE" | b"IdxGT" | b"IdxLE" | b"IdxLT" => i.p2 > *end,
        _ => false,
    };
    let within = || code.iter().filter(|i| (*begin..*end).contains(&i.at));
    match within().all(makes) && within().any(|i| i.opcode == b"ResultRow") {
        true => Pace::Dense,
        false => Pace::Steady,
    }
}

/// Whether the function of an instruction, such as `lower(1)`, is one of the quick ones.
fn is_quick(called: &[u8]) -> bool {
    let name = called.split(|c| *c == b'(').next().unwrap_or_default();
    // A pattern takes as long to compile as it likes.
    (name.starts_with(b"sqliter_") && name != b"sqliter_regexp") || QUICK.iter().any(|quick| quick.as_bytes() == name)
}

#[cfg(test)]
mod tests {
    use super::super::connection::Sql;
    use super::Pace;
    use crate::SqliterDb;

    /// Whether each statement touches a number of rows that does not grow with the tables.
    async fn check(statements: &[(&str, bool)]) {
        let db = SqliterDb::memory().await.expect("a database");
        db.execute_script(
            "CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, n INTEGER, t TEXT UNIQUE, u TEXT);
             CREATE INDEX a_n ON a (n);
             CREATE TABLE parent (id INTEGER PRIMARY KEY);
             CREATE TABLE child (id INTEGER PRIMARY KEY, p INTEGER REFERENCES parent (id) ON DELETE RESTRICT);
             CREATE TABLE b (id INTEGER PRIMARY KEY, c INTEGER REFERENCES b (id) ON DELETE CASCADE);
             CREATE TABLE log (n INTEGER);
             CREATE TABLE watched (id INTEGER PRIMARY KEY, n INTEGER);
             CREATE TRIGGER watch AFTER UPDATE OF n ON watched BEGIN INSERT INTO log VALUES (new.n); END;
             CREATE VIRTUAL TABLE words USING fts5 (text);",
        )
        .await
        .expect("the tables");
        let engine = db.connected_engine().expect("it is open");
        let mut writer = engine.writer().await.expect("the writer is free");
        for (sql, bounded) in statements {
            let shape = writer.connection().find_shape(Sql::Text(sql)).expect("the statement can be explained");
            assert_eq!(shape.bounded, *bounded, "{sql}");
        }
    }

    #[tokio::test]
    async fn what_goes_by_a_key_is_bounded_and_what_searches_is_not() {
        check(&[
            ("INSERT INTO a (n, t) VALUES (1, 'x')", true),
            ("INSERT INTO a (n, t) VALUES (1, 'x'), (2, 'y') RETURNING id, n", true),
            ("INSERT INTO a (t) VALUES ('x') ON CONFLICT (t) DO UPDATE SET n = n + 1 RETURNING id", true),
            ("INSERT INTO a (n, t) SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM a WHERE t = ?2)", true),
            ("INSERT INTO a (n) SELECT n FROM a", false),
            ("INSERT INTO child (p) VALUES (3)", true),
            ("UPDATE a SET n = n + 1 WHERE id = ?1", true),
            ("UPDATE a SET n = n + 1 WHERE id = ?1 RETURNING id, n", true),
            ("UPDATE a SET n = 1 WHERE t = 'x'", true),
            ("UPDATE a SET n = 1 WHERE id IN (1, 2, 3)", true),
            ("UPDATE a SET n = 1 WHERE id IN (SELECT value FROM json_each(?1))", false),
            ("UPDATE a SET n = 1 WHERE id IN (SELECT id FROM a ORDER BY n LIMIT 3)", false),
            ("UPDATE a SET n = 1 WHERE n = 3", false),
            ("UPDATE a SET n = 1 WHERE t IN ('x', 'y') RETURNING id", true),
            ("UPDATE a SET n = 1 WHERE id > 3", false),
            ("UPDATE a SET u = 'x' WHERE u = 'y'", false),
            ("UPDATE a SET n = (SELECT count(*) FROM a) WHERE id = 1", false),
            ("UPDATE a SET n = 1", false),
            ("SELECT * FROM a WHERE t = 'x'", true),
            ("SELECT * FROM a WHERE n = 3", false),
            ("DELETE FROM a WHERE id = 1", true),
            ("DELETE FROM log WHERE rowid = 1", true),
            ("DELETE FROM log", false),
            ("DELETE FROM log WHERE n = 1", false),
        ])
        .await;
    }

    #[tokio::test]
    async fn a_query_is_dense_when_every_row_that_it_comes_to_is_one_of_the_result() {
        let db = SqliterDb::memory().await.expect("a database");
        db.execute_script(
            "CREATE TABLE a (id INTEGER PRIMARY KEY, n INTEGER, t TEXT, r REAL);
             CREATE INDEX a_n ON a (n);
             CREATE TABLE w (k TEXT PRIMARY KEY, v INTEGER) WITHOUT ROWID;
             CREATE VIEW few AS SELECT * FROM a WHERE t LIKE '%x%';
             CREATE VIEW all_of_a AS SELECT * FROM a;",
        )
        .await
        .expect("the tables");
        let engine = db.connected_engine().expect("it is open");
        let mut writer = engine.writer().await.expect("the writer is free");
        for (sql, pace) in [
            ("SELECT id, n, t, r FROM a", Pace::Dense),
            ("SELECT id, n, t, r FROM a ORDER BY id DESC LIMIT 1000", Pace::Dense),
            ("SELECT id, n, t, r FROM a WHERE id > 3", Pace::Dense),
            ("SELECT id, n, t, r FROM a WHERE id BETWEEN 3 AND 1000000", Pace::Dense),
            ("SELECT id, n, t, r FROM a WHERE n = 3", Pace::Dense),
            ("SELECT id, n, t, r FROM a WHERE n > 3 ORDER BY n", Pace::Dense),
            ("SELECT k, v FROM w", Pace::Dense),
            ("SELECT id, n, t, r FROM all_of_a", Pace::Dense),
            ("SELECT id, n, t, r FROM few", Pace::Steady),
            ("SELECT id, n, t, r FROM a WHERE t = 'x'", Pace::Steady),
            ("SELECT id, n, t, r FROM a WHERE n > 3 AND t = 'x'", Pace::Steady),
            ("SELECT id, n, t, r FROM a ORDER BY t", Pace::Unknown),
            ("SELECT id, n, t, r FROM a LIMIT 10 OFFSET 1000000", Pace::Steady),
            ("SELECT a.id, b.id FROM a JOIN a b ON b.n = a.id", Pace::Steady),
            ("SELECT a.id, b.id, b.t FROM a LEFT JOIN a b ON b.id = a.n", Pace::Dense),
            ("SELECT a.id, b.id, c.t FROM a LEFT JOIN a b ON b.id = a.n LEFT JOIN a c ON c.id = b.n", Pace::Dense),
            ("SELECT a.id, b.id, b.t FROM a LEFT JOIN a b ON b.id = a.n WHERE b.t = 'x'", Pace::Unknown),
            ("SELECT a.id, b.id, b.t FROM a LEFT JOIN a b ON b.id = a.n WHERE b.id IS NULL", Pace::Steady),
            // Of rows that refer to none there may be any number.
            ("SELECT a.id, b.id, b.t FROM a JOIN a b ON b.id = a.n", Pace::Steady),
            ("SELECT a.id, b.id, b.t FROM a LEFT JOIN a b ON b.t = a.n", Pace::Unknown),
            ("SELECT DISTINCT t FROM a", Pace::Steady),
            ("SELECT n, count(*) FROM a GROUP BY n", Pace::Steady),
            ("SELECT id, (SELECT count(*) FROM a b WHERE b.n = a.id) FROM a", Pace::Unknown),
            ("SELECT id, upper(t) FROM a", Pace::Steady),
            ("SELECT id FROM a UNION ALL SELECT id FROM a", Pace::Unknown),
            ("SELECT 1", Pace::Unknown),
        ] {
            assert_eq!(writer.connection().find_pace(sql), pace, "{sql}");
        }
    }

    #[tokio::test]
    async fn what_sets_off_more_than_it_says_is_not_bounded() {
        check(&[
            // The rows that refer to the one that goes are looked for, or go too.
            ("DELETE FROM parent WHERE id = 1", false),
            ("DELETE FROM b WHERE id = 1", false),
            ("UPDATE watched SET n = 1 WHERE id = 1", false),
            ("UPDATE watched SET id = 2 WHERE id = 1", true),
            ("INSERT INTO words VALUES ('x')", false),
            ("DELETE FROM words WHERE rowid = 1", false),
        ])
        .await;
    }

    #[tokio::test]
    async fn what_makes_rows_or_data_of_nothing_is_not_bounded() {
        let ten = "INSERT INTO log WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 10) \
                   SELECT n FROM c";
        check(&[
            (ten, false),
            (&format!("{ten} ORDER BY n DESC"), false),
            ("UPDATE a SET n = (WITH RECURSIVE c (n) AS (SELECT 1 UNION SELECT n + 1 FROM c LIMIT 9) SELECT max(n) FROM c) \
              WHERE id = 1", false),
            (
                "INSERT INTO log WITH d (x) AS (VALUES (0), (1), (2), (3)) SELECT a.x + 10 * b.x + 100 * c.x FROM d a, d b, d c",
                false,
            ),
            (&format!("INSERT INTO log VALUES {}", ["(1)"; 700].join(", ")), false),
            ("UPDATE a SET u = 'x' WHERE id = 1 AND sqliter_regexp('x', u)", false),
            ("UPDATE a SET u = randomblob(1000000000) WHERE id = 1", false),
            ("UPDATE a SET u = printf('%1000000d', 1) WHERE id = 1", false),
            ("UPDATE a SET u = upper(u) WHERE id = 1", true),
            ("UPDATE a SET u = sqliter_fold(u) || lower(t) WHERE id = 1", true),
            ("VACUUM", false),
            ("PRAGMA wal_checkpoint", false),
            ("DROP TABLE log", false),
            ("CREATE INDEX a_u ON a (u)", false),
        ])
        .await;
    }
}
