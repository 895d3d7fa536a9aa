//! SQL that a person wrote, as text: its tokens, its statements, and what each of them is about.
//!
//! SQLite has the last word on what a statement does; here is decided what is asked of it, and what it is refused because it
//! would change one connection of several behind the back of the others.

use std::ops::Range;

/// A piece of a statement that matters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'s> {
    /// A keyword, a bare name or a number.
    Word(&'s str),
    /// Anything in quotes, with them.
    Quoted(&'s str),
    /// `?`, `?1`, `:name`, `@name`, `$name`.
    Variable(&'s str),
    Semicolon,
    /// Any other character.
    Sign(char),
}

/// The tokens of a text, with their places. Space and comments are between them.
pub(super) struct Tokens<'s> {
    sql: &'s str,
    at: usize,
}

impl<'s> Tokens<'s> {
    pub(super) fn of(sql: &'s str) -> Self {
        Tokens { sql, at: 0 }
    }

    fn skip_space(&mut self) {
        loop {
            let rest = &self.sql[self.at..];
            let space = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '\u{feff}');
            self.at += rest.len() - space.len();
            let comment = if space.starts_with("--") {
                space.find('\n').map_or(space.len(), |n| n + 1)
            } else if let Some(inside) = space.strip_prefix("/*") {
                inside.find("*/").map_or(space.len(), |n| n + 4)
            } else {
                return;
            };
            self.at += comment;
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

/// The length of what is quoted at the start of a text.
fn quoted(text: &str, close: char) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((i, c)) = chars.next() {
        if c == close {
            // A quote written twice is one inside.
            if close != ']' && chars.next_if(|(_, c)| *c == close).is_some() {
                continue;
            }
            return i + 1;
        }
    }
    text.len()
}

impl<'s> Iterator for Tokens<'s> {
    type Item = (Range<usize>, Token<'s>);

    fn next(&mut self) -> Option<Self::Item> {
        self.skip_space();
        let rest = &self.sql[self.at..];
        let first = rest.chars().next()?;
        let words = |from: usize| rest[from..].find(|c| !is_word(c)).map_or(rest.len(), |n| n + from);
        let length = match first {
            '\'' | '"' | '`' => quoted(rest, first),
            '[' => quoted(rest, ']'),
            '?' => rest[1..].find(|c: char| !c.is_ascii_digit()).map_or(rest.len(), |n| n + 1),
            ':' | '@' | '$' | '#' => words(1),
            c if is_word(c) => words(0),
            c => c.len_utf8(),
        };
        let text = &rest[..length];
        let token = match first {
            '\'' | '"' | '`' | '[' => Token::Quoted(text),
            '?' => Token::Variable(text),
            ':' | '@' | '$' | '#' if length > 1 => Token::Variable(text),
            ';' => Token::Semicolon,
            c if is_word(c) => Token::Word(text),
            c => Token::Sign(c),
        };
        let start = self.at;
        self.at += length;
        Some((start..self.at, token))
    }
}

impl<'s> Token<'s> {
    fn is(self, keyword: &str) -> bool {
        matches!(self, Token::Word(w) if w.eq_ignore_ascii_case(keyword))
    }

    /// A name without its quotes.
    fn name(self) -> Option<String> {
        match self {
            Token::Word(w) => Some(w.to_owned()),
            Token::Quoted(q) => {
                let close = q.chars().last()?;
                let inside = q.get(1..q.len() - 1)?;
                Some(inside.replace(&format!("{close}{close}"), &close.to_string()))
            }
            _ => None,
        }
    }
}

/// Whether a word is anywhere in a text, in quotes and comments, too.
pub(super) fn mentions(sql: &str, word: &str) -> bool {
    sql.as_bytes().windows(word.len()).any(|w| w.eq_ignore_ascii_case(word.as_bytes()))
}

/// Whether a text holds nothing but space, comments and semicolons.
pub(super) fn is_empty(sql: &str) -> bool {
    Tokens::of(sql).all(|(_, t)| t == Token::Semicolon)
}

/// The statements of a script, without those that are empty. A trigger's own statements are part of it.
pub(super) fn statements(script: &str) -> impl Iterator<Item = &str> {
    let mut tokens = Tokens::of(script);
    std::iter::from_fn(move || {
        let mut range: Option<Range<usize>> = None;
        // `CREATE TRIGGER` ends with `; END ;`.
        let (mut words, mut trigger, mut tail) = (0, false, 0);
        for (place, token) in tokens.by_ref() {
            if token == Token::Semicolon {
                match (&range, trigger, tail) {
                    (None, ..) => continue,
                    (Some(_), true, tail_) if tail_ < 2 => tail = 1,
                    _ => break,
                }
            } else {
                tail = if tail == 1 && token.is("END") { 2 } else { 0 };
                words += 1;
                let temporary = token.is("TEMP") || token.is("TEMPORARY");
                match words {
                    1 if token.is("CREATE") => {}
                    2 if temporary => words = 1,
                    2 => trigger = token.is("TRIGGER"),
                    // Not a definition: nothing that follows makes it a trigger.
                    1 => words = 2,
                    _ => {}
                }
            }
            range = Some(range.map_or(place.start, |r| r.start)..place.end);
        }
        range.map(|r| &script[r])
    })
}

/// What a statement is about.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Action {
    /// It reads, as far as its first words say.
    Read,
    /// It writes rows: `insert`, `update` or `delete`; and the table.
    Write(&'static str, String),
    /// It changes the schema or the file, and commits by itself.
    Define,
    /// It begins or ends a transaction.
    Transaction,
    /// `PRAGMA foreign_keys = ..`.
    ForeignKeys,
    /// `PRAGMA defer_foreign_keys = ..`, which is for one transaction.
    DeferKeys,
    /// It would change one connection of several.
    Refused(String),
}

/// What a statement is about.
pub(crate) fn action(sql: &str) -> Action {
    let mut tokens = Tokens::of(sql).map(|(_, t)| t).skip_while(|t| *t == Token::Semicolon).peekable();
    if tokens.next_if(|t| t.is("EXPLAIN")).is_some() {
        if tokens.next_if(|t| t.is("QUERY")).is_some() {
            tokens.next();
        }
        // A pragma takes effect while it is prepared: explaining it is no protection.
        return match tokens.next() {
            Some(t) if t.is("PRAGMA") => pragma(tokens),
            _ => Action::Read,
        };
    }
    let Some(Token::Word(first)) = tokens.next() else { return Action::Read };
    match first.to_ascii_uppercase().as_str() {
        "WITH" => {
            let mut depth = 0;
            while let Some(token) = tokens.next() {
                match token {
                    Token::Sign('(') => depth += 1,
                    Token::Sign(')') => depth -= 1,
                    // A name, or the function.
                    Token::Word(_) if token.is("REPLACE") && !tokens.peek().is_some_and(|t| t.is("INTO")) => {}
                    Token::Word(word) if depth == 0 => {
                        if let Some(write) = write(word, &mut tokens) {
                            return write;
                        }
                    }
                    _ => {}
                }
            }
            Action::Read
        }
        "CREATE" | "DROP" | "ALTER" | "REINDEX" | "ANALYZE" | "VACUUM" => Action::Define,
        "BEGIN" | "COMMIT" | "END" | "ROLLBACK" | "SAVEPOINT" | "RELEASE" => Action::Transaction,
        "ATTACH" | "DETACH" => Action::Refused(format!(
            "`{first}` would change one connection of several: do it in `SqliterDb::builder().on_connect(..)`"
        )),
        "PRAGMA" => pragma(tokens),
        _ => write(first, &mut tokens).unwrap_or(Action::Read),
    }
}

/// A statement that begins with this word, if that writes.
fn write<'s>(first: &str, tokens: &mut impl Iterator<Item = Token<'s>>) -> Option<Action> {
    let (action, before) = match first.to_ascii_uppercase().as_str() {
        "INSERT" | "REPLACE" => ("insert", Some("INTO")),
        "DELETE" => ("delete", Some("FROM")),
        "UPDATE" => ("update", None),
        _ => return None,
    };
    let mut tokens = tokens.peekable();
    match before {
        Some(word) => drop(tokens.find(|t| t.is(word))),
        None if tokens.next_if(|t| t.is("OR")).is_some() => drop(tokens.next()),
        None => {}
    }
    let mut table = tokens.next().and_then(Token::name).unwrap_or_default();
    if tokens.next_if_eq(&Token::Sign('.')).is_some() {
        table = tokens.next().and_then(Token::name).unwrap_or_default();
    }
    Some(Action::Write(action, table))
}

/// Pragmas whose value is a question.
const ASKING: &[&str] = &[
    "table_info",
    "table_xinfo",
    "table_list",
    "index_list",
    "index_info",
    "index_xinfo",
    "foreign_key_list",
    "foreign_key_check",
    "integrity_check",
    "quick_check",
];
/// Pragmas that change the file, or work on it.
const OF_THE_FILE: &[&str] = &["user_version", "application_id", "auto_vacuum", "page_size"];
/// Pragmas that work on the file, with a value or without.
const WORK: &[&str] = &["wal_checkpoint", "optimize", "incremental_vacuum"];

fn pragma<'s>(mut tokens: impl Iterator<Item = Token<'s>>) -> Action {
    let name = |t: Option<Token<'_>>| t.and_then(Token::name).unwrap_or_default().to_ascii_lowercase();
    let mut pragma = name(tokens.next());
    let mut next = tokens.next();
    if next == Some(Token::Sign('.')) {
        pragma = name(tokens.next());
        next = tokens.next();
    }
    let has_value = matches!(next, Some(Token::Sign('=' | '(')));
    let is_one_of = |list: &[&str]| list.contains(&pragma.as_str());
    if is_one_of(WORK) {
        return Action::Define;
    }
    match pragma.as_str() {
        _ if !has_value || is_one_of(ASKING) => Action::Read,
        _ if is_one_of(OF_THE_FILE) => Action::Define,
        "foreign_keys" => Action::ForeignKeys,
        "defer_foreign_keys" => Action::DeferKeys,
        _ => Action::Refused(format!(
            "`PRAGMA {pragma}` with a value would change one connection of several: there are options of \
             `SqliterDb::builder()` (`journal_mode`, `durability`, `busy_timeout`), and `on_connect(..)` for the rest"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, action, is_empty, statements};

    #[test]
    fn scripts_are_split_where_sqlite_splits_them() {
        let script = "-- a; comment\nCREATE TABLE t (a TEXT DEFAULT ';'); ; /* ; */\n\
            CREATE TEMP TRIGGER \"x;\" AFTER INSERT ON t BEGIN\n UPDATE t SET a = CASE WHEN 1 THEN 2 END; DELETE FROM t; END;\n\
            SELECT 'it''s; fine', [a;b] FROM t; COMMIT";
        let found: Vec<_> = statements(script).collect();
        assert_eq!(found.len(), 4, "{found:#?}");
        assert!(found[0].starts_with("CREATE TABLE") && found[0].ends_with(')'), "{}", found[0]);
        assert!(found[1].ends_with("END"), "{}", found[1]);
        assert_eq!(found[2..], ["SELECT 'it''s; fine', [a;b] FROM t", "COMMIT"]);
        assert_eq!(statements(" ; -- nothing\n /* never closed").count(), 0);
        assert!(is_empty(" ;; -- x") && !is_empty("; x"));
    }

    #[test]
    fn statements_are_known_by_their_first_words() {
        let write = |action, table: &str| Action::Write(action, table.to_owned());
        for (sql, expected) in [
            ("/* c */ select 1", Action::Read),
            ("insert or ignore into main.\"a\"\"b\" values (1)", write("insert", "a\"b")),
            ("REPLACE INTO t VALUES (1)", write("insert", "t")),
            ("update or rollback [t] set a = 1", write("update", "t")),
            ("WITH x AS (SELECT 1 FROM t WHERE (a)) DELETE FROM t", write("delete", "t")),
            ("WITH x AS (DELETE) SELECT * FROM x", Action::Read),
            ("WITH replace AS (SELECT 1) SELECT replace(a, b, c) FROM replace", Action::Read),
            ("WITH x AS (SELECT 1) REPLACE INTO t SELECT * FROM x", write("insert", "t")),
            ("\u{feff}; begin", Action::Transaction),
            ("PRAGMA table_info(t)", Action::Read),
            ("PRAGMA main.user_version = 3", Action::Define),
            ("explain query plan pragma \"foreign_keys\" = off", Action::ForeignKeys),
            ("PRAGMA journal_mode", Action::Read),
        ] {
            assert_eq!(action(sql), expected, "{sql}");
        }
        for sql in ["PRAGMA [journal_mode](delete)", "attach 'x' as y", "PRAGMA main . synchronous = 0"] {
            assert!(matches!(action(sql), Action::Refused(_)), "{sql}");
        }
    }
}
