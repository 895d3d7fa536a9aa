//! The figures as JSON, for whoever wants to draw or compare them.

use std::fmt::Write;

use crate::report::{Report, describe};

/// Everything that was measured.
pub(crate) fn write(report: &Report) -> String {
    let mut out = format!("{{\n  \"sqlite\": {},\n  \"cores\": {},\n", text(report.sqlite), report.cores);
    let versions: Vec<_> = report.versions.iter().map(|(name, v)| format!("{}: {}", text(name), text(v))).collect();
    let _ = writeln!(out, "  \"versions\": {{ {} }},\n  \"works\": [", versions.join(", "));
    for (i, (group, figures)) in report.works.iter().enumerate() {
        let medians: Vec<_> = figures.medians.iter().map(|(name, m)| format!("{}: {m:.4}", text(name))).collect();
        let bars = figures.bars.iter().filter_map(|bar| Some((describe(*bar), figures.meets(*bar)?)));
        let bars: Vec<_> = bars.map(|(bar, met)| format!("{}: {met}", text(&bar))).collect();
        let tails: Vec<_> = (figures.tails.iter())
            .map(|(name, t)| format!("{}: [{:.4}, {:.4}]", text(name), t.read, t.write))
            .collect();
        let _ = write!(
            out,
            "    {{ \"group\": {}, \"work\": {}, \"unit\": {}, \"medians\": {{ {} }}, \"p99_ms\": {{ {} }}, \"bars\": {{ {} }} }}",
            text(group),
            text(&figures.name),
            text(figures.unit),
            medians.join(", "),
            tails.join(", "),
            bars.join(", ")
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
