//! Regular expressions in filters. The engine is large: a program has it only where it can ask for one.

use std::cell::RefCell;
use std::sync::OnceLock;

use hashlink::LruCache;
use regex::Regex;

/// Whether the first, a pattern, matches the second.
type Matches = fn(&str, &str) -> Result<bool, String>;

/// Set by what makes a filter with a pattern: naming `matches` anywhere else would put the engine into every program.
static MATCHES: OnceLock<Matches> = OnceLock::new();

/// Compiled patterns that each thread keeps.
const COMPILED: usize = 32;

/// A filter with a regular expression is about to be made.
pub(crate) fn use_regexp() {
    MATCHES.get_or_init(|| matches);
}

/// Whether the pattern matches the text.
///
/// # Errors
/// What is wrong with the pattern. In a program that never makes a filter with one, that there is no engine.
#[doc(hidden)]
pub fn regexp(pattern: &str, text: &str) -> Result<bool, String> {
    match MATCHES.get() {
        Some(matches) => matches(pattern, text),
        None => {
            let why = "`sqliter_regexp` is there once the program has made a filter with `Column::regexp` or `lookup`";
            Err(why.to_owned())
        }
    }
}

/// Compiled once for each thread and pattern: a query asks for every row.
fn matches(pattern: &str, text: &str) -> Result<bool, String> {
    thread_local! {
        static PATTERNS: RefCell<LruCache<Box<str>, Regex>> = RefCell::new(LruCache::new(COMPILED));
    }
    PATTERNS.with_borrow_mut(|patterns| {
        if let Some(regex) = patterns.get(pattern) {
            return Ok(regex.is_match(text));
        }
        let regex = Regex::new(pattern).map_err(|e| format!("invalid regular expression: {e}"))?;
        let found = regex.is_match(text);
        patterns.insert(pattern.into(), regex);
        Ok(found)
    })
}
