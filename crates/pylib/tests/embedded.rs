//! What is embedded: the index is in order, sources come back as they went in, patches took, everything compiled.

use oriel_bytecode::image::{ImageCode, ImageConstant};
use oriel_bytecode::opcode::Opcode;
use oriel_pylib::{CodeName, children, file, find, frozen_names, modules, source_of_path};

#[test]
fn index_is_sorted_and_complete() {
    let names: Vec<_> = modules().map(|module| module.name()).collect();
    assert!(names.is_sorted());
    for name in ["os", "json", "json.decoder", "asyncio.events", "importlib._bootstrap", "_frozen_importlib"] {
        assert!(find(name).is_some(), "{name}");
    }
    assert!(find("json").unwrap().is_package());
    assert!(!find("json.decoder").unwrap().is_package());
    assert!(find("idlelib").is_none() && find("jso").is_none() && find("").is_none());
    assert!(frozen_names().iter().all(|name| find(name).is_some()));
}

#[test]
fn children_of_packages() {
    let inside: Vec<_> = children("json").map(|module| module.name()).collect();
    assert_eq!(inside, ["json.__main__", "json.decoder", "json.encoder", "json.scanner", "json.tool"]);
    assert!(children("").all(|module| !module.name().contains('.')));
    assert!(children("").count() > 150);
}

#[test]
fn sources_come_back() {
    let source = find("json.decoder").unwrap().source();
    assert!(source.contains("class JSONDecoder"));
    assert_eq!(source_of_path("json/decoder.py").as_deref(), Some(&*source));
    assert!(file("no/such.py").is_none());
    assert!(modules().all(|module| !module.source().contains("RUSTPYTHON")));
}

#[test]
fn frozen_modules_are_named_as_in_cpython() {
    let os = find("os").unwrap();
    assert_eq!((os.code_name(), os.origname()), (CodeName::Frozen, Some("os")));
    assert_eq!(find("_frozen_importlib").unwrap().origname(), Some("importlib._bootstrap"));
    assert_eq!(find("__hello_only__").unwrap().origname(), None);
    assert_eq!((find("json").unwrap().code_name(), find("json").unwrap().origname()), (CodeName::Path, None));
}

#[test]
fn everything_compiles() {
    let refused: Vec<_> = modules().filter(|module| module.code().is_none()).map(|module| module.name()).collect();
    assert!(refused.is_empty(), "{refused:?}");
    for module in modules() {
        let code = ImageCode::root(module.code().unwrap()).unwrap();
        let expected = match module.code_name() {
            CodeName::Frozen => "<frozen ",
            CodeName::Path => module.path(),
        };
        let file_name = format!("{:?}", code.filename());
        assert!(file_name.contains(expected), "{}: {file_name}", module.name());
        let mut work = vec![code];
        while let Some(code) = work.pop() {
            let loaded = code.load().unwrap_or_else(|| panic!("{} is damaged", module.name()));
            work.extend(loaded.constants.iter().filter_map(|constant| match constant {
                ImageConstant::Code(code) => Some(*code),
                ImageConstant::Plain(_) => None,
            }));
        }
    }
}

/// The library tells programs the numbers of the instructions; they must be those that the compiler emits.
#[test]
fn opcode_numbers_are_ours() {
    let source = find("_opcode_metadata").unwrap().source();
    let map = source.split_once("\nopmap = ").unwrap().1.split_once('}').unwrap().0;
    let mut count = 0;
    for line in map.lines() {
        let Some((name, number)) = line.trim().trim_end_matches(',').split_once(": ") else { continue };
        let opcode = Opcode::from_name(name.trim_matches(['\'', '"'])).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(opcode.0.to_string(), number, "{name}");
        count += 1;
    }
    assert!(count > 120, "{count}");
}
