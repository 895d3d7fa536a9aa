//! The chart: a row for each work, a dot for each library, its time as a multiple of ours, on a logarithmic axis.
//!
//! The SVG follows the reader's colour scheme, and has a text for each dot.

use std::fmt::Write;

use crate::NAMES;
use crate::report::Report;
use crate::rounds::Figures;

const WIDTH: f64 = 860.0;
const LEFT: f64 = 250.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 84.0;
const ROW: f64 = 26.0;

/// The axis, from the smallest multiple to the largest.
struct Axis {
    least: f64,
    most: f64,
}

impl Axis {
    fn of(works: &[&Figures]) -> Self {
        let mut axis = Axis { least: 0.8, most: 10.0 };
        for figures in works {
            let Some(ours) = figures.of("sqliter") else { continue };
            for (_, median) in &figures.medians {
                axis.least = axis.least.min(median / ours / 1.15);
                axis.most = axis.most.max(median / ours * 1.15);
            }
        }
        axis
    }

    /// Where a multiple is drawn.
    fn place(&self, times: f64) -> f64 {
        let share = (times / self.least).ln() / (self.most / self.least).ln();
        LEFT + share * (WIDTH - LEFT - RIGHT)
    }
}

/// For light and for dark backgrounds.
const COLOURS: [(&str, &str); 6] = [
    ("#c2410c", "#fb923c"),
    ("#334155", "#cbd5e1"),
    ("#1d4ed8", "#60a5fa"),
    ("#0e7490", "#22d3ee"),
    ("#15803d", "#4ade80"),
    ("#9333ea", "#c084fc"),
];

/// Draws the works of the library.
pub(crate) fn write(report: &Report) -> String {
    let works: Vec<&Figures> = report.works.iter().filter(|work| work.0 == "library").map(|work| &work.1).collect();
    let bottom = TOP + ROW * works.len() as f64;
    let height = bottom + 44.0;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         role=\"img\" aria-label=\"Time of each library as a multiple of SQLiter's\">\n"
    );
    style(&mut out);
    let _ = writeln!(out, "<rect class=\"back\" width=\"{WIDTH}\" height=\"{height}\" rx=\"8\"/>");
    let _ = writeln!(
        out,
        "<text class=\"title\" x=\"20\" y=\"30\">Time as a multiple of SQLiter's (less is better)</text>"
    );
    legend(&mut out);
    let axis = Axis::of(&works);
    ticks(&mut out, &axis, bottom);
    for (i, figures) in works.iter().enumerate() {
        row(&mut out, &axis, figures, TOP + ROW * (i as f64 + 0.5));
    }
    let _ =
        writeln!(out, "<text class=\"small\" x=\"20\" y=\"{}\">{}</text>", height - 14.0, escape(&report.setting()));
    out.push_str("</svg>\n");
    out
}

fn style(out: &mut String) {
    out.push_str("<style>\ntext { font: 13px system-ui, sans-serif; fill: #1e293b; }\n");
    out.push_str(".title { font-weight: 600; font-size: 15px; }\n.small { font-size: 10.5px; fill: #64748b; }\n");
    out.push_str(
        ".back { fill: #ffffff; }\n.grid { stroke: #e2e8f0; }\n.one { stroke: #94a3b8; stroke-width: 1.5; }\n",
    );
    for (i, (light, _)) in COLOURS.iter().enumerate() {
        let _ = writeln!(out, ".c{i} {{ fill: {light}; }}");
    }
    out.push_str("@media (prefers-color-scheme: dark) {\ntext { fill: #e2e8f0; }\n.small { fill: #94a3b8; }\n");
    out.push_str(".back { fill: #0d1117; }\n.grid { stroke: #30363d; }\n.one { stroke: #64748b; }\n");
    for (i, (_, dark)) in COLOURS.iter().enumerate() {
        let _ = writeln!(out, ".c{i} {{ fill: {dark}; }}");
    }
    out.push_str("}\n</style>\n");
}

fn legend(out: &mut String) {
    let mut x = 26.0;
    for (i, name) in NAMES.iter().enumerate() {
        let _ = writeln!(out, "<circle class=\"c{i}\" cx=\"{x}\" cy=\"52\" r=\"5\"/>");
        let _ = writeln!(out, "<text x=\"{}\" y=\"56\">{name}</text>", x + 10.0);
        x += 34.0 + 7.4 * name.len() as f64;
    }
}

fn ticks(out: &mut String, axis: &Axis, bottom: f64) {
    let ticks = [0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 5000.0];
    for tick in ticks.into_iter().filter(|tick| (axis.least..axis.most).contains(tick)) {
        let x = axis.place(tick);
        let class = if tick == 1.0 { "one" } else { "grid" };
        let _ = writeln!(out, "<line class=\"{class}\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{bottom}\"/>");
        let _ = writeln!(
            out,
            "<text class=\"small\" x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{tick}x</text>",
            TOP - 6.0
        );
    }
}

fn row(out: &mut String, axis: &Axis, figures: &Figures, y: f64) {
    let name = escape(&figures.name);
    let _ = writeln!(out, "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{name}</text>", LEFT - 14.0, y + 4.0);
    let Some(ours) = figures.of("sqliter") else { return };
    // Ours last: on top.
    for (i, name) in NAMES.iter().enumerate().rev() {
        let Some(median) = figures.of(name) else { continue };
        let (x, radius) = (axis.place(median / ours), if i == 0 { 6.5 } else { 5.0 });
        let times = if i == 0 { String::new() } else { format!(", {:.2}x", median / ours) };
        let _ = writeln!(
            out,
            "<circle class=\"c{i}\" cx=\"{x:.1}\" cy=\"{y}\" r=\"{radius}\"><title>{name}: {median:.2} {}{times}</title></circle>",
            figures.unit
        );
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
