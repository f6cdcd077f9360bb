//! An interpreter comes up, and its objects answer.

use oriel_runtime::bootstrap::{FrozenLibrary, Runtime};
use oriel_runtime::config::Config;
use oriel_runtime::{CompareOp, Value};

fn with_runtime(test: impl FnOnce(&oriel_runtime::Vm)) {
    let runtime = Runtime::new(Config::default(), &[], FrozenLibrary::EMPTY);
    let runtime = runtime.unwrap_or_else(|_| panic!("bootstrap raised"));
    test(runtime.vm());
}

#[test]
fn builtin_types_answer() {
    with_runtime(|vm| {
        let text = vm.repr(vm.types.int.as_value()).map(|r| vm.str_text(&r));
        assert_eq!(text.ok().as_deref(), Some("<class 'int'>"));
        let name = vm.new_str("héllo");
        assert!(vm.equal(&name, &vm.new_str("héllo")).is_ok_and(|e| e));
        let tuple = vm.new_tuple(&[Value::small(1), name.clone()]);
        assert!(tuple.downcast::<oriel_runtime::types::tuple::Tuple>().is_some_and(|t| t.len() == 2));
    });
}

#[test]
fn a_class_can_be_made_and_used() {
    with_runtime(|vm| {
        let namespace = vm.new_dict();
        namespace.set_str(&vm.intern("answer"), Value::small(42));
        let args = [vm.new_str("C"), vm.constants.empty_tuple.clone(), namespace.into_value()];
        let class = vm.call(vm.types.type_.as_value(), &args).unwrap_or_else(|r| panic!("{:?}", vm.repr_text(&r.0)));
        let object = vm.call(&class, &[]).unwrap_or_else(|r| panic!("{:?}", vm.repr_text(&r.0)));
        let answer = vm.get_attr_str(&object, "answer").unwrap_or(Value::NONE);
        assert!(answer.is(&Value::small(42)));
        assert!(vm.set_attr(&object, &vm.intern("x"), &Value::small(7)).is_ok());
        let x = vm.get_attr_str(&object, "x").unwrap_or(Value::NONE);
        assert!(x.is(&Value::small(7)));
        let missing = vm.get_attr_str(&object, "y").err().map(|r| vm.str(&r.0).map(|s| vm.str_text(&s)));
        assert!(matches!(missing, Some(Ok(text)) if text == "'C' object has no attribute 'y'"));
        assert!(vm.compare_bool(&object, &object, CompareOp::Eq).is_ok_and(|e| e));
    });
}
