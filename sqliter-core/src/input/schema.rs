//! The JSON Schema of a model's input.

use serde_json::{Map, Value, json};

use crate::model::DbModel;
use crate::schema::ColumnDef;
use crate::validation::{Bound, Check, Choices};

/// One field: what the derive writes down.
#[doc(hidden)]
pub struct SchemaPart {
    /// Its column.
    pub column: &'static ColumnDef,
    /// The schema of its type.
    pub schema: Value,
    /// Its default, where that is a value and not a function.
    pub default: Option<Value>,
    /// Whether the input must have it.
    pub required: bool,
}

/// The schema of a model from those of its fields.
pub(crate) fn model_schema<M: DbModel>(parts: Vec<SchemaPart>) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for SchemaPart { column, mut schema, default, required: needed } in parts {
        for check in column.rules.checks {
            add(&mut schema, check);
        }
        if let (Some(default), Some(object)) = (default, schema.as_object_mut()) {
            object.insert("default".to_owned(), default);
        }
        if needed {
            required.push(column.key());
        }
        properties.insert(column.key().to_owned(), schema);
    }
    let mut schema = json!({"title": M::schema().model, "type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    if M::DENY_UNKNOWN {
        schema["additionalProperties"] = json!(false);
    }
    schema
}

/// The schema of an `Option`: one more of several types.
pub(crate) fn nullable(schema: Value) -> Value {
    let nothing = json!({"type": "null"});
    match schema {
        Value::Object(mut object) if object.len() == 1 && object.get("anyOf").is_some_and(Value::is_array) => {
            if let Some(all) = object.get_mut("anyOf").and_then(Value::as_array_mut) {
                all.push(nothing);
            }
            Value::Object(object)
        }
        one => json!({"anyOf": [one, nothing]}),
    }
}

/// Adds a rule to the schema of a type; of several types to the first, which the others stand beside.
fn add(schema: &mut Value, check: &Check) {
    let mut target = schema;
    while target.get("anyOf").is_some_and(|v| v.get(0).is_some()) {
        target = &mut target["anyOf"][0];
    }
    let items = if target["type"] == "object" { "Properties" } else { "Items" };
    let number = |bound: &Bound| match bound {
        Bound::Int(v) => i64::try_from(*v).map_or_else(|_| json!(*v as f64), Value::from),
        Bound::Float(v) => json!(v),
    };
    let (key, value) = match check {
        Check::MultipleOf(b) => ("multipleOf".to_owned(), number(b)),
        Check::Lte(b) => ("maximum".to_owned(), number(b)),
        Check::Lt(b) => ("exclusiveMaximum".to_owned(), number(b)),
        Check::Gte(b) => ("minimum".to_owned(), number(b)),
        Check::Gt(b) => ("exclusiveMinimum".to_owned(), number(b)),
        Check::MinLength(n) => ("minLength".to_owned(), json!(n)),
        Check::MaxLength(n) => ("maxLength".to_owned(), json!(n)),
        Check::Pattern(p) => ("pattern".to_owned(), json!(p.source())),
        Check::Email => ("format".to_owned(), json!("email")),
        Check::Url => ("format".to_owned(), json!("uri")),
        Check::OneOf(Choices::Text(all)) => ("enum".to_owned(), json!(all)),
        Check::OneOf(Choices::Int(all)) => {
            let all = all.iter().map(|v| number(&Bound::Int(*v)));
            ("enum".to_owned(), all.collect())
        }
        Check::MinItems(n) => (format!("min{items}"), json!(n)),
        Check::MaxItems(n) => (format!("max{items}"), json!(n)),
    };
    if let Some(object) = target.as_object_mut() {
        object.insert(key, value);
    }
}
