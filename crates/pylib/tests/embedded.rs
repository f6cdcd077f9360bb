//! What is embedded: the index is in order, sources come back as they went in, patches took, everything compiled.

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
