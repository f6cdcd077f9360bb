//! Where an imported module came from, and whether its `.pyc` file served.

use oriel_runtime::types::dict::Dict;
use oriel_runtime::{Ref, Vm};

/// Origin, `.pyc` file and verdict of a module whose import took so many nanoseconds and ended just now.
pub fn origin(vm: &Vm, name: &str, took: u64) -> (String, String, String) {
    let Some(module) = vm.modules.get_str(&vm.intern(name)) else {
        return (String::new(), String::new(), "it was not found, or failed".to_owned());
    };
    let Some(namespace) = vm.module_dict(&module) else { return Default::default() };
    let file = text(vm, &namespace, "__file__");
    let cached = text(vm, &namespace, "__cached__");
    if vm.native_modules.borrow().contains_key(name) {
        return ("built-in".to_owned(), String::new(), String::new());
    }
    if let Some(found) = (vm.library.find)(name) {
        let kind = if found.frozen { "frozen" } else { "embedded library" };
        return (kind.to_owned(), String::new(), "its code object is in the executable".to_owned());
    }
    let verdict = verdict(&file, &cached, took);
    (file, cached, verdict)
}

fn text(vm: &Vm, namespace: &Ref<Dict>, name: &str) -> String {
    namespace
        .get_str(&vm.intern(name))
        .filter(|value| !value.is_none())
        .map(|value| vm.str_text(&value))
        .unwrap_or_default()
}

/// What the `.pyc` file says against its source, as the library's loader decides.
fn verdict(file: &str, cached: &str, took: u64) -> String {
    if cached.is_empty() {
        return "no .pyc file was looked for".to_owned();
    }
    let Ok(content) = std::fs::read(cached) else {
        return "miss: there is no .pyc file, and none could be written".to_owned();
    };
    let word = |at: usize| content.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
    let (Some(magic), Some(flags), Some(time), Some(size)) = (word(0), word(4), word(8), word(12)) else {
        return "miss: the .pyc file is too short".to_owned();
    };
    if magic.to_le_bytes() != *b"\x2b\x0e\r\n" {
        return "miss: the .pyc file is of another version of Python".to_owned();
    }
    if flags & 1 != 0 {
        return "hash-based .pyc file".to_owned();
    }
    let Ok(data) = std::fs::metadata(file) else { return "the source is gone".to_owned() };
    let changed = data.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    let same = changed.is_some_and(|changed| changed.as_secs() as u32 == time) && data.len() as u32 == size;
    let fresh = std::fs::metadata(cached).ok().and_then(|data| data.modified().ok()?.elapsed().ok());
    match (same, fresh) {
        // Times of files are a few milliseconds coarse.
        (true, Some(age)) if age.as_nanos() < u128::from(took) + 20_000_000 => {
            "miss: compiled now, and the .pyc file written".to_owned()
        }
        (true, _) => "hit: time and size of the source are those in the .pyc file".to_owned(),
        (false, _) => "miss: the source has another time or size than the .pyc file says".to_owned(),
    }
}
