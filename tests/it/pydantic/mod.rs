//! The same models in Python and in Rust: `tests/data/pydantic/generate.py` asked Pydantic, and this asks us.

mod models;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value as Js, json};

use models::{ask, ask_text, schema};

/// A file of the corpus, or of another one that `PYDANTIC_CORPUS` names.
fn read(name: &str) -> String {
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/data/pydantic");
    let directory = std::env::var_os("PYDANTIC_CORPUS").map_or_else(|| own.into(), PathBuf::from);
    std::fs::read_to_string(directory.join(name)).unwrap()
}

/// The errors of an answer; none of a value.
fn errors(answer: &Js) -> &[Js] {
    answer["errors"].as_array().map_or(&[], Vec::as_slice)
}

/// Why the answers differ, if docs/guide/validation.md says so. Every error of ours that is not theirs has a reason, and every
/// error of theirs that is not ours stands in the place of one that has.
fn deliberate(model: &str, given: &Js, ours: &Js, theirs: &Js) -> Option<&'static str> {
    if let (Some(ours), Some(theirs)) = (ours.get("ok"), theirs.get("ok")) {
        return values(model, given, ours, theirs);
    }
    let (ours, theirs) = (errors(ours), errors(theirs));
    let only_ours: Vec<&Js> = ours.iter().filter(|e| !theirs.contains(e)).collect();
    let only_theirs: Vec<&Js> = theirs.iter().filter(|e| !ours.contains(e)).collect();
    if model == "Texts" {
        return texts(ours, theirs);
    }
    // Those that are both's stand in one order.
    let (a, b) = (ours.iter().filter(|e| theirs.contains(e)), theirs.iter().filter(|e| ours.contains(e)));
    if !a.eq(b) || only_ours.is_empty() && only_theirs.is_empty() {
        return None;
    }
    let too_long = only_theirs.iter().any(|e| e["type"] == "too_long");
    let reason = |error: &Js| {
        let instead = only_theirs.iter().find(|e| e["loc"] == error["loc"]);
        let input = error["input"].as_str().unwrap_or_default();
        match error["type"].as_str()? {
            "greater_than_equal" if error["ctx"]["ge"] == i64::MIN && instead.is_some() => {
                Some("the range comes first")
            }
            "less_than_equal" if error["ctx"]["le"] == i64::MAX && instead.is_some() => Some("the range comes first"),
            "finite_number" if input.replace('_', "").to_ascii_lowercase().contains("nan") => Some("NaN"),
            "timezone_naive" if model.ends_with("Time") && theirs.is_empty() => Some("a time has no zone"),
            "decimal_max_digits" => Some("28 digits"),
            "decimal_parsing" if !input.is_ascii() => Some("digits of every script"),
            "enum" if instead.is_some_and(|e| e["type"] == "int_parsing_size") => Some("a number that no variant is"),
            kind if kind.starts_with("date") && is_number(&error["input"]) => Some("numbers are exact"),
            _ if too_long && error["loc"].as_array().is_some_and(|l| l.len() == 2) => Some("too long, and wrong items"),
            _ => None,
        }
    };
    let reasons = only_ours.iter().map(|e| reason(e)).collect::<Option<Vec<_>>>()?;
    let replaced = |e: &&Js| {
        e["type"] == "too_long"
            || only_ours.iter().any(|o| o["loc"] == e["loc"])
            || e["type"] == "date_from_datetime_inexact" && is_number(&e["input"])
    };
    only_theirs.iter().all(replaced).then(|| reasons.first().copied().unwrap_or("numbers are exact"))
}

/// Why errors of texts differ: in the order of keys, or in where the parser stopped.
fn texts(ours: &[Js], theirs: &[Js]) -> Option<&'static str> {
    let words = |e: &Js| e["msg"].as_str().and_then(|m| m.split(" at line").next()).map(str::to_owned);
    match (ours, theirs) {
        ([a], [b]) if a["type"] == "json_invalid" && b["type"] == "json_invalid" && words(a) == words(b) => {
            ["escape", "surrogate", "recursion"]
                .iter()
                .any(|w| words(a).is_some_and(|m| m.contains(w)))
                .then_some("parsers")
        }
        (a, b) if a.len() == b.len() && a.iter().all(|e| b.contains(e)) => Some("keys in order"),
        _ => None,
    }
}

/// A number with a fraction, or one in quotes.
fn is_number(given: &Js) -> bool {
    given.is_f64() || given.as_str().is_some_and(|text| text.trim().parse::<f64>().is_ok())
}

/// Why values differ: numbers as moments and times.
fn values(model: &str, given: &Js, ours: &Js, theirs: &Js) -> Option<&'static str> {
    match (ours, theirs) {
        (Js::Number(_), Js::String(s)) if model.ends_with("Time") && s == "zone" => Some("a number has no zone"),
        (Js::Number(_), Js::Number(_)) if model.ends_with("Aware") && is_number(given) => Some("numbers are exact"),
        (Js::Array(a), Js::Array(b)) if a.len() == b.len() => {
            let differ = (0..a.len()).filter(|i| a[*i] != b[*i]);
            let reasons = differ.map(|i| values(model, &given[i], &a[i], &b[i]));
            reasons.collect::<Option<Vec<_>>>()?.first().copied()
        }
        _ => None,
    }
}

/// A model of the corpus, and what its answers say.
struct Section<'a> {
    model: String,
    field: bool,
    text: bool,
    errors: Vec<Js>,
    lines: Vec<&'a str>,
}

impl Section<'_> {
    /// The model's input.
    fn input(&self, given: &Js) -> Js {
        match given {
            Js::String(text) if self.text => serde_json::from_str(text).unwrap_or_else(|_| given.clone()),
            _ if self.field => json!({"v": given}),
            _ => given.clone(),
        }
    }

    /// What Pydantic says, from the short form that the script wrote.
    fn answer(&self, given: &Js, short: &str) -> Js {
        if let Some(value) = short.strip_prefix('=') {
            return if value.is_empty() { json!({"ok": given}) } else { json!({"ok": parse(value)}) };
        }
        let list = match parse(short) {
            Js::Array(all) if all.first().is_none_or(|e| !e.is_number()) => all,
            one => vec![one],
        };
        let input = self.input(given);
        let errors = list.iter().map(|e| self.error(&input, e));
        json!({"errors": errors.collect::<Vec<_>>()})
    }

    fn error(&self, whole: &Js, short: &Js) -> Js {
        let (number, rest, input) = match short {
            Js::Array(all) => (&all[0], all[1..].to_vec(), None),
            Js::Object(o) => (&o["error"], o["loc"].as_array().unwrap().clone(), Some(o["input"].clone())),
            number => (number, Vec::new(), None),
        };
        let mut loc = if self.field { vec![json!("v")] } else { Vec::new() };
        loc.extend(rest);
        let mut error = self.errors[number.as_u64().unwrap() as usize].clone();
        error["input"] = input.unwrap_or_else(|| match &loc[..] {
            [.., key, last] if last == "[key]" => key.clone(),
            [above @ .., _] if error["type"] == "missing" => at(whole, above).clone(),
            all => at(whole, all).clone(),
        });
        error["loc"] = loc.into();
        error
    }
}

fn at<'a>(value: &'a Js, loc: &[Js]) -> &'a Js {
    loc.iter().fold(value, |value, step| match step.as_u64() {
        Some(i) if value.is_array() => &value[i as usize],
        _ => &value[step.as_str().unwrap()],
    })
}

fn parse(text: &str) -> Js {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

fn sections(corpus: &str) -> Vec<Section<'_>> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    for line in corpus.split_terminator('\n') {
        if line.contains('\t') {
            sections.last_mut().unwrap().lines.push(line);
        } else {
            let header = parse(line);
            sections.push(Section {
                model: header["model"].as_str().unwrap().to_owned(),
                field: header["field"] == true,
                text: header["text"] == true,
                errors: header["errors"].as_array().unwrap().clone(),
                lines: Vec::new(),
            });
        }
    }
    sections
}

/// What the answers to one line differ in; `Err` if they are not meant to.
fn compare(section: &Section<'_>, line: &str) -> Result<Option<&'static str>, String> {
    let mut parts = line.split('\t');
    let given = parse(parts.next().unwrap());
    let theirs = section.answer(&given, parts.next().unwrap());
    let shown = parts.next().map(parse);
    let ours = match given.as_str().filter(|_| section.text) {
        Some(text) => ask_text(text),
        None => ask(&section.model, section.input(&given)),
    };
    let said = match &ours {
        Ok(value) => json!({"ok": value}),
        Err(e) => json!({"errors": e}),
    };
    let text = ours.as_ref().err().map(|e| Js::from(e.to_string()));
    if said == theirs && (shown.is_none() || shown == text) {
        return Ok(None);
    }
    let reason = deliberate(&section.model, &given, &said, &theirs).filter(|_| said != theirs);
    reason.map(Some).ok_or_else(|| {
        let shown = if said == theirs { format!("\n  {text:?}\n  {shown:?}") } else { String::new() };
        format!("{} {given}\n  ours:   {said}\n  theirs: {theirs}{shown}", section.model)
    })
}

/// VAL-1
#[test]
fn what_pydantic_takes_is_taken_and_what_it_refuses_is_refused_with_its_words() {
    let corpus = read("corpus.tsv");
    let (mut wrong, mut meant) = (Vec::new(), BTreeMap::new());
    for section in sections(&corpus) {
        for line in &section.lines {
            match compare(&section, line) {
                Ok(None) => {}
                Ok(Some(reason)) => *meant.entry(reason).or_insert(0) += 1,
                Err(difference) => wrong.push(difference),
            }
        }
        assert!(section.lines.len() >= 2000, "{}: {}", section.model, section.lines.len());
    }
    if let Some(path) = std::env::var_os("PYDANTIC_WRONG") {
        std::fs::write(path, wrong.join("\n")).unwrap();
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
    // Each difference that the guide lists is there, and they are few.
    assert!(meant.len() == 11 && meant.values().sum::<usize>() < 3000, "{meant:#?}");
}

/// Two schemas of one meaning become one: names resolved, titles gone, numbers compared as such. The range of an `i64` is no
/// news to us, and a rule to Python.
fn meaning(schema: &Js, defs: &Js) -> Js {
    match schema {
        Js::Object(o) => {
            if let Some(name) = o.get("$ref").and_then(Js::as_str).and_then(|r| r.strip_prefix("#/$defs/")) {
                return meaning(&defs[name], defs);
            }
            let wide = |k: &str, v: &Js| (k == "minimum" && *v == i64::MIN) || (k == "maximum" && *v == i64::MAX);
            let kept = o.iter().filter(|(k, v)| !(*k == "title" && v.is_string()) && *k != "$defs" && !wide(k, v));
            kept.map(|(k, v)| match k.as_str() {
                "const" => ("enum".to_owned(), json!([v])),
                // Of as many items as there are, each is the same.
                "prefixItems" if v.as_array().is_some_and(|all| all.len() > 2 && all.iter().all(|i| *i == all[0])) => {
                    ("items".to_owned(), meaning(&v[0], defs))
                }
                _ => (k.clone(), meaning(v, defs)),
            })
            .collect()
        }
        Js::Array(items) => items.iter().map(|i| meaning(i, defs)).collect(),
        Js::Number(n) => json!(n.as_f64()),
        other => other.clone(),
    }
}

#[test]
fn the_json_schema_means_what_pydantics_means() {
    let theirs: BTreeMap<String, Js> = serde_json::from_str(&read("schemas.json")).unwrap();
    for (model, theirs) in &theirs {
        // serde does not say what its types look like.
        if !model.contains("Nested") && !["ListEnum", "DictEnumKeys"].contains(&model.as_str()) {
            let ours = schema(model);
            assert_eq!(meaning(&ours, &Js::Null), meaning(theirs, &theirs["$defs"]), "{model}");
            assert_eq!(ours["title"], theirs["title"]);
        }
    }
}
