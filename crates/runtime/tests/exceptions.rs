//! Exceptions, properties and `sys` answer without any Python code.

use oriel_runtime::bootstrap::{FrozenLibrary, Runtime};
use oriel_runtime::config::Config;
use oriel_runtime::{PyResult, Value, Vm};

fn with_runtime(test: impl FnOnce(&Vm)) {
    let runtime = Runtime::new(Config::default(), &[], FrozenLibrary::EMPTY);
    let runtime = runtime.unwrap_or_else(|raised| panic!("bootstrap raised {raised:?}"));
    test(runtime.vm());
    runtime.end();
}

#[track_caller]
fn shown(vm: &Vm, result: PyResult) -> String {
    match result {
        Ok(value) => vm.repr_text(&value).unwrap_or_else(|_| "no repr".to_owned()),
        Err(raised) => {
            let text = vm.str(&raised.0).map(|text| vm.str_text(&text));
            format!("{}: {}", vm.type_name(&raised.0), text.unwrap_or_else(|_| "no str".to_owned()))
        }
    }
}

fn call(vm: &Vm, class: &str, args: &[Value]) -> PyResult {
    vm.call(&vm.builtin(class)?, args)
}

#[test]
fn exceptions_show_themselves() {
    with_runtime(|vm| {
        let key = vm.new_str("key");
        assert_eq!(shown(vm, call(vm, "KeyError", std::slice::from_ref(&key))), "KeyError('key')");
        assert_eq!(shown(vm, Err(vm.key_error(&key))), "KeyError: 'key'");
        let (two, path) = (Value::small(2), vm.new_str("/x"));
        let missing = call(vm, "OSError", &[two, vm.new_str("No such"), path]);
        assert_eq!(shown(vm, missing), "FileNotFoundError(2, 'No such')");
        assert_eq!(shown(vm, Err(vm.os_error(13))), "PermissionError: [Errno 13] Permission denied");
        let error = vm.unicode_encode_error("ascii", &vm.new_str("aé"), 1, 2, "ordinal not in range(128)");
        let expected =
            "UnicodeEncodeError: 'ascii' codec can't encode character '\\xe9' in position 1: ordinal not in range(128)";
        assert_eq!(shown(vm, Err(error)), expected);
    });
}

#[test]
fn groups_divide() {
    with_runtime(|vm| {
        let value = vm.value_error("a").0;
        let kind = vm.type_error("b").0;
        let group = vm.new_exception_group("g", vec![value, kind]).unwrap_or(Value::NONE);
        assert_eq!(shown(vm, Ok(group.clone())), "ExceptionGroup('g', [ValueError('a'), TypeError('b')])");
        let parts = vm.call_method_str(&group, "split", &[vm.types.value_error.to_value()]);
        assert_eq!(shown(vm, parts), "(ExceptionGroup('g', [ValueError('a')]), ExceptionGroup('g', [TypeError('b')]))");
        let divided = vm.exception_group_match(&group, vm.types.type_error.as_value(), |_| {});
        let Ok((Some(matching), Some(rest))) = divided else { panic!("both parts") };
        let left = vm.prepare_reraise_star(&group, &[matching, rest]);
        assert!(left.is_ok_and(|left| left.is_some_and(|left| vm.is_exception_group(&left))));
    });
}

#[test]
fn sys_is_there() {
    with_runtime(|vm| {
        let sys = vm.native_module("sys").ok().flatten().unwrap_or(Value::NONE);
        let get = |name: &str| vm.get_attr_str(&sys, name);
        assert_eq!(
            shown(vm, get("version_info")),
            "sys.version_info(major=3, minor=14, micro=10, releaselevel='final', serial=0)"
        );
        let digits = get("flags").and_then(|flags| vm.get_attr_str(&flags, "int_max_str_digits"));
        assert_eq!(shown(vm, digits), "4300");
        let hidden = get("flags").and_then(|flags| vm.get_attr_str(&flags, "gil"));
        assert_eq!(shown(vm, hidden), "1");
        assert_eq!(shown(vm, vm.call_method_str(&sys, "exit", &[Value::small(3)])), "SystemExit: 3");
        assert_eq!(
            shown(vm, vm.call_method_str(&sys, "setrecursionlimit", &[Value::small(0)])),
            "ValueError: recursion limit must be greater or equal than 1"
        );
    });
}
