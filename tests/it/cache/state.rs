//! A database that changes at random, what each kind of read says of it, and what it has to say.

use serde::{Deserialize, Serialize};
use sqliter_async::func;
use sqliter_async::prelude::*;

use super::{Critique, Label, Nation, Novel, Writer};

/// What is in the tables: for each row the number of the change that wrote it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    nation: i64,
    writer: i64,
    /// The writer refers to the nation.
    native: bool,
    /// There is one at most, with its critiques and its label.
    novel: Option<i64>,
    critiques: Vec<i64>,
    labelled: bool,
}

pub fn random(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}

/// Makes the tables, and the first state.
pub async fn start(db: &SqliterDb) -> State {
    db.create_tables::<(Nation, Writer, Novel, Label, Critique)>().await.unwrap();
    let nation = Nation::builder().name("0").insert(db).await.unwrap();
    Writer::builder().name("0").nation(&nation).insert(db).await.unwrap();
    Label::builder().name("label").insert(db).await.unwrap();
    State { native: true, ..State::default() }
}

async fn novel(db: &SqliterDb) -> Result<Novel> {
    Ok(db.select::<Novel>().bypass_cache().fetch_one().await?.expect("the novel"))
}

/// Changes as few tables as it can by name, with this number, and the state as the database has to.
pub async fn change(db: &SqliterDb, state: &mut State, number: i64, seed: &mut u64) -> Result<()> {
    let text = number.to_string();
    match random(seed) % 9 {
        0 => {
            db.update_where::<Nation>(None, Nation::NAME.set(text)).await?;
            state.nation = number;
        }
        1 => {
            db.update_where::<Writer>(None, (Writer::NAME.set(text), Writer::NATION.set(1))).await?;
            (state.writer, state.native) = (number, true);
        }
        // With its critiques and links.
        2 if state.novel.is_some() => {
            db.select::<Novel>().delete().await?;
            (state.novel, state.critiques, state.labelled) = (None, Vec::new(), false);
        }
        3 if state.novel.is_some() => {
            db.update_where::<Novel>(None, Novel::TITLE.set(text)).await?;
            state.novel = Some(number);
        }
        2 | 3 => {
            db.insert(super::novel(&text, number, 1)).await?;
            state.novel = Some(number);
        }
        4 if state.critiques.len() < 3 && state.novel.is_some() => {
            db.insert(Critique { pk: Pk::unset(), text, novel: (&novel(db).await?).into() }).await?;
            state.critiques.push(number);
        }
        4 => {
            db.select::<Critique>().delete().await?;
            state.critiques.clear();
        }
        // With all that refers to it, two levels down.
        5 => {
            db.delete::<Writer>(1).await?;
            db.insert(Writer { pk: Pk::of(1), name: text, nation: Some(1.into()) }).await?;
            *state = State { nation: state.nation, writer: number, native: true, ..State::default() };
        }
        // What refers to it refers to nothing then.
        6 => {
            db.delete::<Nation>(1).await?;
            db.insert(Nation { pk: Pk::of(1), name: text }).await?;
            (state.nation, state.native) = (number, false);
        }
        7 if state.novel.is_some() => {
            let labels = novel(db).await?.labels;
            if state.labelled {
                labels.clear().await?
            } else {
                labels.add(1).await?
            }
            state.labelled = !state.labelled;
        }
        // What is undone inside has not happened.
        _ => {
            let inner = db.transaction(async |inner| -> Result<()> {
                inner.delete::<Writer>(1).await?;
                inner.update_where::<Nation>(None, Nation::NAME.set("never")).await?;
                read(&inner, 0).await;
                read(&inner, 3).await;
                Err(Error::InvalidOption("on purpose".into()))
            });
            inner.await.unwrap_err();
        }
    }
    Ok(())
}

pub const KINDS: u64 = 11;

/// What a kind of read says of a state.
pub fn project(kind: u64, state: &State) -> String {
    let State { nation, writer, native, novel, critiques, labelled } = state;
    let (texts, label) = (format!("{critiques:?}"), if *labelled { "label" } else { "" });
    let nation_of = if *native { nation.to_string() } else { "none".to_owned() };
    match (kind, novel) {
        (0, _) => nation.to_string(),
        (1, _) => format!("{writer} of {nation_of}"),
        (2, Some(novel)) => critiques.iter().map(|c| format!("{c} on {novel} by {writer}; ")).collect(),
        (3, Some(novel)) => format!("{novel} {}", critiques.len()),
        (4, Some(novel)) => format!("{writer}: {novel} {texts}"),
        (4, None) => format!("{writer}: "),
        (5, Some(_)) => nation_of,
        (6, Some(novel)) => critiques.iter().map(|c| format!("{c} {novel}; ")).collect(),
        (7, Some(novel)) => format!("{novel} {label}"),
        (8, _) => {
            if critiques.is_empty() {
                String::new()
            } else {
                writer.to_string()
            }
        }
        (9, Some(_)) => {
            if critiques.is_empty() {
                String::new()
            } else {
                critiques.len().to_string()
            }
        }
        (10, Some(novel)) => {
            if *labelled {
                novel.to_string()
            } else {
                String::new()
            }
        }
        _ => String::new(),
    }
}

/// What it says of the database.
pub async fn read(db: &SqliterDb, kind: u64) -> String {
    read_all(db, kind).await.unwrap_or_else(|e| panic!("read {kind}: {e}"))
}

fn numbers(critiques: &[Critique]) -> String {
    format!("{:?}", critiques.iter().map(|c| c.text.parse::<i64>().unwrap()).collect::<Vec<_>>())
}

async fn read_all(db: &SqliterDb, kind: u64) -> Result<String> {
    let critiques = db.select::<Critique>().order(Critique::PK);
    let mut out = String::new();
    match kind {
        0 => out = db.get::<Nation>(1).await?.expect("the nation").name,
        1 => {
            let writer = db.select::<Writer>().select_related(Writer::NATION).fetch_one().await?.expect("the writer");
            let nation = writer.nation.as_ref().map_or(Ok("none"), |n| n.loaded().map(|n| n.name.as_str()))?;
            out = format!("{} of {nation}", writer.name);
        }
        2 => {
            for critique in critiques.select_related(Critique::NOVEL.to(Novel::WRITER)).fetch_all().await? {
                let novel = critique.novel.loaded()?;
                out += &format!("{} on {} by {}; ", critique.text, novel.title, novel.writer.loaded()?.name);
            }
        }
        3 => {
            for (novel, count) in db.select::<Novel>().with_count(Novel::CRITIQUES, "n").fetch_all().await? {
                out += &format!("{} {count}", novel.title);
            }
        }
        4 => {
            let path = Writer::NOVELS.to(Novel::CRITIQUES);
            let writer = db.select::<Writer>().prefetch_related(path).fetch_one().await?.expect("the writer");
            out = format!("{}: ", writer.name);
            for novel in writer.novels().fetch_all().await? {
                out += &format!("{} {}", novel.title, numbers(&novel.critiques().fetch_all().await?));
            }
        }
        5 => {
            let names =
                db.select::<Novel>().only(Novel::WRITER.to(Writer::NATION).to(Nation::NAME)).fetch_all().await?;
            out.extend(names.into_iter().map(|name| name.unwrap_or_else(|| "none".to_owned())));
        }
        6 => {
            for (text, title) in
                critiques.fields((Critique::TEXT, Critique::NOVEL.to(Novel::TITLE))).fetch_all().await?
            {
                out += &format!("{text} {title}; ");
            }
        }
        7 => {
            for novel in db.select::<Novel>().prefetch_related(Novel::LABELS).fetch_all().await? {
                let labels: String = novel.labels.fetch_all().await?.into_iter().map(|label| label.name).collect();
                out += &format!("{} {labels}", novel.title);
            }
        }
        8 => {
            let any = Writer::NOVELS.to(Novel::CRITIQUES).to(Critique::TEXT).ne("nothing");
            out.extend(db.select::<Writer>().filter(any).only(Writer::NAME).fetch_all().await?);
        }
        9 => {
            let groups = db.select::<Critique>().group_by(Critique::NOVEL).annotate("n", func::count());
            for group in groups.fetch_all().await? {
                out += &group.get::<i64>("n")?.to_string();
            }
        }
        _ => {
            let labelled = Novel::LABELS.to(Label::NAME).eq("label");
            out.extend(db.select::<Novel>().filter(labelled).only(Novel::TITLE).fetch_all().await?);
        }
    }
    Ok(out)
}
