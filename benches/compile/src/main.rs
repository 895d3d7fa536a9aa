//! What it costs to build an app with SQLiter, diesel or SeaORM: `cargo run --release --manifest-path benches/Cargo.toml -p compile`.
//!
//! Two apps each: the quickstart, and one of 30 pairs of models, generated here. Built from nothing, again after one model was
//! touched (median of three), and for release.

mod apps;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use apps::Library;

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome {
    let filter = std::env::args().nth(1).unwrap_or_default();
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sqliter-async").canonicalize()?;
    let dir = tempfile::tempdir()?;
    println!(
        "| library | dependencies | quickstart, fresh build | release, stripped | {} models, fresh | one touched |",
        apps::MODELS
    );
    println!("|---|---|---|---|---|---|");
    for library in apps::libraries(&ours.to_string_lossy()) {
        if library.name.contains(&filter) {
            measure(&library, dir.path())?;
        }
    }
    Ok(())
}

fn measure(library: &Library, dir: &Path) -> Outcome {
    let quickstart = App::create(dir, library, "quickstart", library.quickstart)?;
    quickstart.cargo(&["fetch", "--quiet"])?;
    let dependencies = quickstart.dependencies()?;
    let fresh = quickstart.build(&[])?;
    quickstart.build(&["--release"])?;
    let size = std::fs::metadata(quickstart.path.join("target/release/app"))?.len() as f64 / 1e6;

    let (declared, called) = apps::modules();
    let main = format!("{declared}\n{}", (library.main)(&called));
    let large = App::create(dir, library, "large", &main)?;
    for n in 0..apps::MODELS {
        std::fs::write(large.path.join(format!("src/model{n}.rs")), (library.model)(n))?;
    }
    std::fs::copy(quickstart.path.join("Cargo.lock"), large.path.join("Cargo.lock"))?;
    let all = large.build(&[])?;
    let mut touched = Vec::new();
    for n in 0..3 {
        let source = (library.model)(n).replace("\"a\"", "\"another\"");
        std::fs::write(large.path.join(format!("src/model{n}.rs")), source)?;
        touched.push(large.build(&[])?);
    }
    touched.sort_by(f64::total_cmp);
    println!("| {} | {dependencies} | {fresh:.1} s | {size:.1} MB | {all:.1} s | {:.1} s |", library.name, touched[1]);
    Ok(())
}

/// A generated app.
struct App {
    path: PathBuf,
}

impl App {
    fn create(dir: &Path, library: &Library, name: &str, main: &str) -> Outcome<App> {
        let path = dir.join(library.name).join(name);
        std::fs::create_dir_all(path.join("src"))?;
        std::fs::write(path.join("src/main.rs"), main)?;
        let manifest = format!(
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n{}\n\
             [profile.release]\nstrip = true\n",
            library.dependencies
        );
        std::fs::write(path.join("Cargo.toml"), manifest)?;
        Ok(App { path })
    }

    /// Runs cargo; returns what it printed.
    fn cargo(&self, args: &[&str]) -> Outcome<String> {
        let mut command = Command::new("cargo");
        command.args(args).current_dir(&self.path).env("CARGO_TARGET_DIR", self.path.join("target"));
        // What the cargo that runs this program was told is not for these.
        let output = command.env_remove("RUSTFLAGS").output()?;
        if !output.status.success() {
            let error = String::from_utf8_lossy(&output.stderr);
            return Err(format!("cargo {} in {}: {error}", args.join(" "), self.path.display()).into());
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Builds; returns the seconds that it took.
    fn build(&self, args: &[&str]) -> Outcome<f64> {
        let began = Instant::now();
        self.cargo(&[&["build", "--quiet", "--offline"], args].concat())?;
        Ok(began.elapsed().as_secs_f64())
    }

    /// How many crates the app depends on, those of its build included.
    fn dependencies(&self) -> Outcome<usize> {
        let tree = self.cargo(&["tree", "--offline", "--prefix", "none", "--edges", "normal,build", "--no-dedupe"])?;
        let mut crates: Vec<&str> = tree.lines().map(|line| line.trim_end_matches(" (proc-macro)")).collect();
        crates.sort_unstable();
        crates.dedup();
        Ok(crates.len() - 1)
    }
}
