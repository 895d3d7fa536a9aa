//! Tables: creating and dropping.

use sqliter_core::schema::{ColumnDef, Schema};
use sqliter_core::sql::{
    JunctionPlan, Sqlite, create_index_sql, create_table_sql, drop_table_sql, indexes, junction_plan,
};
use sqliter_core::{
    DatabaseError, DbModel, Difference, Hop, ModelSet, Operation, Result, Row, StoredTable, Value, differences,
    linked_models,
};

use crate::context::relation_name;
use crate::db::SqliterDb;
use crate::driver::{Connection, Job, Query, ReadJob, RowRef, RowSink, Sql};
use crate::inspect::{check_unused, describe, index_exists, kind, references};

/// How `create_table_with` treats a table that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "options do nothing by themselves"]
pub struct TableOptions {
    exists_ok: bool,
    force: bool,
}

impl TableOptions {
    /// An existing table is left as it is.
    pub fn new() -> Self {
        TableOptions { exists_ok: true, force: false }
    }

    /// Whether an existing table is fine (the default) or an error.
    pub fn exists_ok(mut self, exists_ok: bool) -> Self {
        self.exists_ok = exists_ok;
        self
    }

    /// Drops an existing table, and its rows, first.
    pub fn force(mut self, force: bool) -> Self {
        self.force = force;
        self
    }
}

impl Default for TableOptions {
    fn default() -> Self {
        TableOptions::new()
    }
}

struct Create {
    schemas: Vec<&'static Schema>,
    options: TableOptions,
}

fn run(connection: &mut Connection, sql: &str, operation: Operation, table: &str) -> Result<()> {
    connection
        .execute(Sql::Text(sql), &[] as &[Value; 0])
        .map(drop)
        .map_err(|e| e.into_error(|cause| operation.error(table, cause)))
}

/// Creates one table and its indexes; a table that is there keeps its columns.
fn create(connection: &mut Connection, schema: &'static Schema, options: TableOptions) -> Result<()> {
    let create = |connection: &mut Connection, sql: &str| run(connection, sql, Operation::CreateTable, schema.table);
    if options.force {
        drop_one(connection, schema, Operation::CreateTable)?;
    }
    let mut stored = StoredTable::default();
    match kind(connection, schema.table)?.as_deref() {
        Some("table") if options.exists_ok => {
            stored = describe(connection, schema.table)?;
            for difference in differences(schema, &stored) {
                // A missing index is made below.
                if !matches!(difference, Difference::MissingIndex { .. }) {
                    let (model, table) = (schema.model, schema.table);
                    tracing::warn!(target: "sqliter", "the table '{table}' is not that of `{model}`: {difference}");
                }
            }
        }
        // SQLite would take a view of this name for the table.
        Some("view") => {
            let cause = DatabaseError::other(format!("a view has the name '{}'", schema.table));
            return Err(Operation::CreateTable.error(schema.table, cause));
        }
        _ => create(connection, &create_table_sql(schema, &Sqlite, false))?,
    }
    let has = |column: &str| stored.columns.is_empty() || stored.columns.iter().any(|c| c.name == column);
    for index in indexes(schema) {
        let there = stored.indexes.iter().any(|i| i.unique == index.unique && i.columns == index.columns);
        if there || !index.columns.iter().all(|column| has(column)) {
            continue;
        }
        // Names are shared by all tables of the file: `a` over (`b_c`) and `a_b` over (`c`) would have the same.
        let mut name = index.name.clone();
        let mut n = 2;
        while index_exists(connection, &name)? {
            name = format!("{}_{n}", index.name);
            n += 1;
        }
        create(connection, &create_index_sql(schema, &index, &name, &Sqlite))?;
    }
    Ok(())
}

/// The junctions of a model's relations, in whichever direction.
fn junctions(schema: &'static Schema) -> impl Iterator<Item = (Hop, JunctionPlan)> {
    schema.hops().iter().filter_map(|hop| Some((*hop, junction_plan(hop.def, &Sqlite)?)))
}

/// Creates the junctions of the relations that a model declares, whose other table may come later, and of those that lead to
/// it from tables that are there.
fn create_junctions(connection: &mut Connection, schema: &'static Schema) -> Result<()> {
    schema.hops().iter().try_for_each(|hop| check_through(*hop))?;
    for (hop, plan) in junctions(schema) {
        if hop.reverse && kind(connection, hop.target().table)?.is_none() {
            continue;
        }
        check_junction(connection, hop, &plan)?;
        run(connection, &plan.create, Operation::CreateTable, &plan.table)?;
        for (_, sql) in &plan.indexes {
            run(connection, sql, Operation::CreateTable, &plan.table)?;
        }
    }
    Ok(())
}

/// A model that links are to go through may have no key to one of the two.
fn check_through(hop: Hop) -> Result<()> {
    let Some(junction) = hop.def.junction() else { return Ok(()) };
    let Some((model, missing)) = junction.model.as_ref().and_then(|m| Some((m.name, m.missing?))) else {
        return Ok(());
    };
    let keys = if std::ptr::eq(hop.source(), hop.target()) { "two foreign keys" } else { "a foreign key" };
    let problem = format!("`{model}`, which `{}` goes through, needs {keys} to `{missing}`", relation_name(hop));
    Err(Operation::CreateTable.error(&junction.table, DatabaseError::other(problem)))
}

/// Something else may have the junction's name.
fn check_junction(connection: &mut Connection, hop: Hop, plan: &JunctionPlan) -> Result<()> {
    let (Some(there), Some(junction)) = (kind(connection, &plan.table)?, hop.def.junction()) else { return Ok(()) };
    let stored = describe(connection, &plan.table)?;
    let missing = junction.columns().into_iter().find(|column| !stored.columns.iter().any(|c| c.name == *column));
    let problem = match missing {
        _ if there == "view" => format!("a view has the name '{}'", plan.table),
        Some(column) => format!(
            "the table '{}' is no junction of `{}`: it has no column '{column}'; name another with `through`",
            plan.table,
            relation_name(hop),
        ),
        None => return Ok(()),
    };
    Err(Operation::CreateTable.error(&plan.table, DatabaseError::other(problem)))
}

/// Drops a model's table, and the junctions of its relations: a link is between two tables.
fn drop_one(connection: &mut Connection, schema: &'static Schema, operation: Operation) -> Result<()> {
    for (_, plan) in junctions(schema) {
        run(connection, &plan.drop, operation, &plan.table)?;
    }
    check_unused(connection, schema.table)?;
    let failed = |cause| operation.error(schema.table, cause);
    let control = |connection: &mut Connection, sql| connection.control(sql).map_err(|e| e.into_error(failed));
    // Its own rows may refer to each other: keys are looked at when all are gone.
    let to_itself = |c: &ColumnDef| c.references.is_some_and(|r| (r.target)().table == schema.table);
    let deferred = schema.columns.iter().any(to_itself);
    if deferred {
        control(connection, "PRAGMA defer_foreign_keys = ON")?;
    }
    let dropped = run(connection, &drop_table_sql(schema, &Sqlite), operation, schema.table);
    if deferred {
        // Inside a transaction the setting would last until its end.
        control(connection, "PRAGMA defer_foreign_keys = OFF")?;
    }
    dropped
}

impl Job for Create {
    fn run(&mut self, connection: &mut Connection) -> Result<()> {
        connection.schema_changed();
        let (schemas, options) = (&self.schemas, self.options);
        let failed = |cause| Operation::CreateTable.error(schemas.first().map_or("", |s| s.table), cause);
        connection.atomically(failed, |c| {
            schemas.iter().try_for_each(|schema| create(c, schema, options))?;
            schemas.iter().try_for_each(|schema| create_junctions(c, schema))
        })
    }
}

struct Drop {
    schema: &'static Schema,
}

impl Job for Drop {
    fn run(&mut self, connection: &mut Connection) -> Result<()> {
        connection.schema_changed();
        let failed = |cause| Operation::DropTable.error(self.schema.table, cause);
        connection.atomically(failed, |connection| drop_one(connection, self.schema, Operation::DropTable))
    }
}

/// Drops every table and view, whatever refers to what.
struct Reset {
    debug: bool,
}

/// What `reset` drops, and `table_names` lists. GLOB, not LIKE: to LIKE the underscore is any character, and `sqliter_data`
/// would be hidden.
const USER_TABLES: &str =
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*' ORDER BY rowid";

impl Job for Reset {
    fn run(&mut self, connection: &mut Connection) -> Result<()> {
        connection.schema_changed();
        let failed = |cause| Operation::DropTable.error("(all)", cause);
        // Virtual tables first: the tables that they keep go with them, and cannot go alone.
        const ALL: &str = "SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view') \
                           AND name NOT GLOB 'sqlite_*' ORDER BY sql NOT LIKE 'CREATE VIRTUAL%', rowid";
        let control =
            |connection: &mut Connection, sql: &'static str| connection.control(sql).map_err(|e| e.into_error(failed));
        let dropped = connection.atomically(failed, |connection| {
            // Keys are looked at when everything is gone.
            control(connection, "PRAGMA defer_foreign_keys = ON")?;
            let mut all = Vec::new();
            connection
                .query(Sql::Static(ALL), &[] as &[Value; 0], &mut |row| {
                    if let (Value::Text(kind), Value::Text(name)) = (row.value(0).to_value(), row.value(1).to_value()) {
                        all.push((kind, name));
                    }
                    Ok(())
                })
                .map_err(|e| e.into_error(failed))?;
            for (kind, name) in &children_first(&all, &references(connection)?) {
                let quoted = name.replace('"', "\"\"");
                let sql = format!("DROP {} IF EXISTS \"{quoted}\"", kind.to_uppercase());
                run(connection, &sql, Operation::DropTable, name)?;
            }
            Ok(all.iter().filter(|(kind, _)| kind == "table").count())
        });
        // Inside a transaction the setting would last until its end.
        control(connection, "PRAGMA defer_foreign_keys = OFF")?;
        let dropped = dropped?;
        if self.debug {
            tracing::debug!(target: "sqliter", "Database reset: {dropped} user-created tables dropped.");
        }
        Ok(())
    }
}

/// Tables before those that they refer to. To drop a table is to delete its rows, and a row that goes along with them cannot
/// be deleted once another table that it refers to is gone.
fn children_first(all: &[(String, String)], references: &[(String, String)]) -> Vec<(String, String)> {
    fn visit(
        entry: &(String, String),
        all: &[(String, String)],
        references: &[(String, String)],
        seen: &mut Vec<String>,
        out: &mut Vec<(String, String)>,
    ) {
        if seen.contains(&entry.1) {
            return;
        }
        seen.push(entry.1.clone());
        for (child, _) in references.iter().filter(|(_, parent)| parent.eq_ignore_ascii_case(&entry.1)) {
            if let Some(child) = all.iter().find(|(_, name)| name == child) {
                visit(child, all, references, seen, out);
            }
        }
        out.push(entry.clone());
    }
    let (mut seen, mut out) = (Vec::new(), Vec::new());
    all.iter().for_each(|entry| visit(entry, all, references, &mut seen, &mut out));
    out
}

/// Parents before children; the order given otherwise. Tables that refer to each other in a circle keep their order, which
/// SQLite allows.
fn sorted(schemas: Vec<&'static Schema>) -> Vec<&'static Schema> {
    fn visit(
        schema: &'static Schema,
        all: &[&'static Schema],
        seen: &mut Vec<&'static str>,
        out: &mut Vec<&'static Schema>,
    ) {
        if seen.contains(&schema.table) {
            return;
        }
        seen.push(schema.table);
        for reference in schema.columns.iter().filter_map(|c| c.references) {
            let parent = (reference.target)();
            if all.iter().any(|s| s.table == parent.table) {
                visit(parent, all, seen, out);
            }
        }
        out.push(schema);
    }
    let (mut seen, mut out) = (Vec::new(), Vec::new());
    for schema in &schemas {
        visit(schema, &schemas, &mut seen, &mut out);
    }
    out
}

struct Names(Vec<String>);

impl RowSink for Names {
    fn row(&mut self, row: &RowRef<'_>) -> Result<()> {
        if let Value::Text(name) = row.value(0).to_value() {
            self.0.push(name);
        }
        Ok(())
    }

    fn clear(&mut self) {
        self.0.clear();
    }
}

impl SqliterDb {
    async fn create(&self, schemas: Vec<&'static Schema>, options: TableOptions) -> Result<()> {
        let job = Create { schemas: sorted(schemas), options };
        self.defining().await?.write(job).await.map(drop)
    }

    /// Creates a model's table, its indexes and the junction tables of its many-to-many fields, unless they are there. The
    /// junctions of fields that lead to it are made too, where the table of the model with the field is there.
    ///
    /// SQL: `CREATE TABLE IF NOT EXISTS "books" ("pk" INTEGER PRIMARY KEY AUTOINCREMENT, ..)`.
    ///
    /// # Errors
    /// [`Error::TableCreation`](crate::Error::TableCreation); then neither table nor index was created.
    pub async fn create_table<M: DbModel>(&self) -> Result<()> {
        self.create(vec![M::schema()], TableOptions::new()).await
    }

    /// Creates a model's table and its indexes, with options.
    ///
    /// # Errors
    /// [`Error::TableCreation`](crate::Error::TableCreation), also when the table exists and `exists_ok(false)` was asked.
    pub async fn create_table_with<M: DbModel>(&self, options: TableOptions) -> Result<()> {
        self.create(vec![M::schema()], options).await
    }

    /// Creates the tables of several models in one transaction, parents first whatever the order given.
    ///
    /// # Errors
    /// [`Error::TableCreation`](crate::Error::TableCreation); then none was created.
    pub async fn create_tables<S: ModelSet>(&self) -> Result<()> {
        self.create(S::schemas(), TableOptions::new()).await
    }

    /// Creates the tables of every model that is linked into this program and belongs to the handle's database
    /// group: to none, unless `builder().database(..)` names one.
    ///
    /// A library's models are linked only when the program names something of it: `use that_library as _;` is enough.
    ///
    /// # Errors
    /// [`Error::TableCreation`](crate::Error::TableCreation); then none was created.
    pub async fn create_all(&self) -> Result<()> {
        self.create(linked_models().filter(|s| s.database == self.database_group()).collect(), TableOptions::new())
            .await
    }

    /// Drops a model's table with its rows and indexes, and the junction tables of its many-to-many relations, in either
    /// direction. A table that is not there is no error.
    ///
    /// SQL: `DROP TABLE IF EXISTS "books"`.
    ///
    /// # Errors
    /// [`Error::TableDeletion`](crate::Error::TableDeletion), [`Error::ForeignKeyConstraint`](crate::Error::ForeignKeyConstraint) when rows of other tables still refer to it.
    pub async fn drop_table<M: DbModel>(&self) -> Result<()> {
        self.defining().await?.write(Drop { schema: M::schema() }).await.map(drop)
    }

    /// Drops every table and view of the file, whatever refers to what. The file and the handle stay.
    ///
    /// # Errors
    /// [`Error::TableDeletion`](crate::Error::TableDeletion); then nothing was dropped.
    pub async fn reset(&self) -> Result<()> {
        self.defining().await?.write(Reset { debug: self.debug() }).await.map(drop)
    }

    /// The names of the tables in the file, in order of creation.
    ///
    /// # Errors
    /// [`Error::RecordFetch`](crate::Error::RecordFetch).
    pub async fn table_names(&self) -> Result<Vec<String>> {
        let job = ReadJob { query: Query::Fixed(USER_TABLES), table: "sqlite_master" };
        Ok(self.reading().await?.fetch(job, Names(Vec::new())).await?.0)
    }
}
