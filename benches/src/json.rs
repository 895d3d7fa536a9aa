//! The figures as JSON, for whoever wants to draw or compare them.

use std::fmt::Write;

use crate::report::Report;

/// Everything that was measured.
pub(crate) fn write(report: &Report) -> String {
    let mut out = format!("{{\n  \"sqlite\": {},\n  \"cores\": {},\n", text(report.sqlite), report.cores);
    let versions: Vec<_> = report.versions.iter().map(|(name, v)| format!("{}: {}", text(name), text(v))).collect();
    let _ = writeln!(out, "  \"versions\": {{ {} }},\n  \"works\": [", versions.join(", "));
    for (i, (group, figures)) in report.works.iter().enumerate() {
        let medians: Vec<_> = figures.medians.iter().map(|(name, m)| format!("{}: {m:.4}", text(name))).collect();
        let bar = figures.bar.map_or_else(|| "null".to_owned(), |bar| bar.to_string());
        let _ = write!(
            out,
            "    {{ \"group\": {}, \"work\": {}, \"unit\": {}, \"bar\": {bar}, \"medians\": {{ {} }} }}",
            text(group),
            text(&figures.name),
            text(figures.unit),
            medians.join(", ")
        );
        out.push_str(if i + 1 < report.works.len() { ",\n" } else { "\n" });
    }
    out.push_str("  ]\n}\n");
    out
}

fn text(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
