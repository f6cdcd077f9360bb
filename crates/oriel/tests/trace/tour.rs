//! The listings of `docs/tour.md` are what the commands above them print. `ORIEL_BLESS=1` writes them anew.

use super::{Folder, LIMIT};
use crate::support::{oriel, run, workspace};
use std::process::Command;

#[test]
fn the_tour_shows_what_its_commands_print() {
    let path = workspace().join("docs/tour.md");
    let page = std::fs::read_to_string(&path).expect("the tour");
    let script = page.split("```python\n").nth(1).and_then(|rest| rest.split("```").next()).expect("the script");
    let folder = Folder::new("tour");
    folder.file("double.py", script);
    let mut fresh = String::new();
    let mut rest = page.as_str();
    let mut commands = 0;
    while let Some((before, after)) = rest.split_once("```text\n$ oriel ") {
        let (command, _) = after.split_once('\n').expect("a command");
        let (_, behind) = after.split_once("```").expect("the block ends");
        let mut process = Command::new(oriel());
        process.current_dir(&folder.0).args(command.split(' '));
        for name in ["PYTHONUNBUFFERED", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "FORCE_COLOR"] {
            process.env_remove(name);
        }
        let outcome = run(&mut process, b"", LIMIT);
        assert_eq!(outcome.code, Some(0), "{command}: {}", outcome.stderr);
        fresh.push_str(before);
        fresh.push_str(&format!("```text\n$ oriel {command}\n{}{}\n```", outcome.stdout, outcome.stderr.trim_end()));
        rest = behind;
        commands += 1;
    }
    fresh.push_str(rest);
    assert!(commands >= 13, "the tour shows every stage");
    if std::env::var_os("ORIEL_BLESS").is_some() {
        std::fs::write(&path, fresh).expect("the tour is written");
        return;
    }
    for (number, (old, new)) in page.lines().zip(fresh.lines()).enumerate() {
        assert_eq!(old, new, "docs/tour.md, line {}; ORIEL_BLESS=1 writes it anew", number + 1);
    }
    assert_eq!(page.lines().count(), fresh.lines().count(), "docs/tour.md; ORIEL_BLESS=1 writes it anew");
}
