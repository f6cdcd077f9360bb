//! Replays the corpora of the fuzz targets.

#[path = "../../../fuzz/checks/compile.rs"]
mod compile;
#[path = "../../../fuzz/checks/marshal.rs"]
mod marshal;

use std::path::Path;

fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("the corpus is in the repository") {
        let data = std::fs::read(entry.expect("an entry").path()).expect("a readable file");
        check(&data);
        count += 1;
    }
    assert!(count > 10, "the corpus of {target} is empty");
}

#[test]
fn corpus_of_sources() {
    replay("compile", compile::check);
}

#[test]
fn corpus_of_streams() {
    replay("marshal", marshal::check);
}
