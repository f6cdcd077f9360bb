//! Containers and iterators answer as CPython 3.14 does: order, mutation rules, messages.

use oriel_runtime::bootstrap::{FrozenLibrary, Runtime};
use oriel_runtime::config::Config;
use oriel_runtime::{Mode, Value};

/// Runs a program in a bare interpreter with native modules as globals; the `repr` of its variable `result`.
#[track_caller]
fn check(source: &str, expected: &str) {
    let config = Config { hash_seed: Some(0), ..Config::default() };
    let runtime =
        Runtime::new(config, oriel_stdlib::MODULES, FrozenLibrary::EMPTY).unwrap_or_else(|_| panic!("bootstrap"));
    let vm = runtime.vm();
    let outcome = (|| {
        let globals = vm.new_dict();
        globals.set_str(&vm.names.__builtins__, vm.builtins.to_value());
        globals.set_str(&vm.names.__name__, vm.intern("__main__"));
        for name in ["itertools", "_collections", "_functools", "_heapq", "_bisect", "_operator"] {
            if let Some(module) = vm.native_module(name)? {
                globals.set_str(&vm.intern(name), module);
            }
        }
        let code = vm.compile_text(source.as_bytes(), "<test>", Mode::Exec, 0, -1, -1)?;
        vm.run_code(&code, &globals, globals.as_value(), None)?;
        let result = globals.get_str(&vm.intern("result")).unwrap_or(Value::NONE);
        vm.repr_text(&result)
    })();
    match outcome {
        Ok(text) => assert_eq!(text, expected),
        Err(raised) => {
            let text = vm.str(&raised.0).map(|text| vm.str_text(&text)).unwrap_or_default();
            panic!("{}: {text}", vm.type_name(&raised.0));
        }
    }
}

/// Runs a statement that must raise; type and text of the exception.
#[track_caller]
fn check_raises(statement: &str, expected: &str) {
    let indented = statement.replace('\n', "\n    ");
    let source = format!(
        "try:\n    {indented}\nexcept BaseException as e:\n    result = type(e).__name__ + ': ' + str(e)\nelse:\n    result = 'nothing raised'\n"
    );
    check(
        &source,
        &format!("{:?}", expected).replace("\\\"", "\"").replace('"', if expected.contains('\'') { "\"" } else { "'" }),
    );
}

#[test]
fn sets_iterate_in_the_reference_order() {
    check("result = {5, 3, 64, 128, 1, 8, 16, 24}", "{64, 1, 128, 3, 5, 8, 16, 24}");
    check(
        "s = set(range(0, 640, 64))\nfor i in range(5): s.pop()\ns |= {7, 0}\nresult = s",
        "{0, 320, 384, 448, 512, 576, 7}",
    );
    check(
        "result = {1, 2, 3} ^ {3, 4}, {1, 2} | {2, 9}, {1, 2, 3} - {2}, {1, 2} & {2, 3}",
        "({1, 2, 4}, {1, 2, 9}, {1, 3}, {2})",
    );
    check("result = hash(frozenset([1, 2, 3]))", "-272375401224217160");
}

#[test]
fn dicts_keep_their_order_and_notice_changes() {
    check(
        "d = {1: 1, 2: 2}\ndel d[1]\nd[1] = 3\nresult = d, list(reversed(d)), d.popitem()",
        "({2: 2}, [1, 2], (1, 3))",
    );
    check("d = {}\nd['x'] = d\nresult = d, d.values()", "({'x': {...}}, dict_values([{'x': {...}}]))");
    check_raises("d = {1: 1}\nfor k in d: d[2] = 2", "RuntimeError: dictionary changed size during iteration");
    check_raises("{}[[]]", "TypeError: cannot use 'list' as a dict key (unhashable type: 'list')");
    check_raises("dict([(1, 2, 3)])", "ValueError: dictionary update sequence element #0 has length 3; 2 is required");
}

#[test]
fn comparisons_may_change_the_dict() {
    check(
        "class K:\n    def __hash__(self): return 1\n    def __eq__(self, other):\n        d.clear()\n        return False\nd = {K(): 1}\nd[K()] = 2\nresult = len(d)",
        "1",
    );
    check(
        "class K:\n    def __hash__(self): return 1\n    def __eq__(self, other):\n        s.update(range(2, 50))\n        return False\ns = {K()}\ns.add(K())\nresult = len(s)",
        "50",
    );
}

#[test]
fn lists_sort_stably_and_survive_errors() {
    check("result = sorted([(1, 'b'), (0, 'z'), (1, 'a')], key=lambda p: p[0])", "[(0, 'z'), (1, 'b'), (1, 'a')]");
    check("result = sorted([3, 1.5, True, 2], reverse=True)", "[3, 2, 1.5, True]");
    check_raises("l = [3, 1, 2]\nl.sort(key=lambda x: l.append(1) or x)", "ValueError: list modified during sort");
    check("l = [1, 'a', 2]\ntry:\n    l.sort()\nexcept TypeError:\n    pass\nresult = l", "[1, 'a', 2]");
}

#[test]
fn slices_of_lists() {
    check("l = list(range(10))\nl[2:5] = [9]\nl[::3] = [0] * 3\ndel l[::-4]\nresult = l", "[0, 1, 9, 6, 7, 0]");
    check_raises(
        "l = [1, 2]\nl[::2] = [5, 6]",
        "ValueError: attempt to assign sequence of size 2 to extended slice of size 1",
    );
}

#[test]
fn ranges_of_any_size() {
    check(
        "result = list(range(2**70, 2**70 + 2)), range(10)[::-1], 2**70 in range(2**71)",
        "([1180591620717411303424, 1180591620717411303425], range(9, -1, -1), True)",
    );
    check_raises("len(range(2**70))", "OverflowError: Python int too large to convert to C ssize_t");
}

#[test]
fn types_with_arguments() {
    check(
        "result = list[int], dict[str, list[int]], int | None | int",
        "(list[int], dict[str, list[int]], int | None)",
    );
    check("result = isinstance(1, int | str), isinstance(1.0, int | str)", "(True, False)");
    check_raises("isinstance([], list[int])", "TypeError: isinstance() argument 2 cannot be a parameterized generic");
}

#[test]
fn itertools_answers() {
    check("result = [(k, list(g)) for k, g in itertools.groupby([1, 1, 2, 1])]", "[(1, [1, 1]), (2, [2]), (1, [1])]");
    check("result = list(itertools.permutations([1, 2, 3], 2))", "[(1, 2), (1, 3), (2, 1), (2, 3), (3, 1), (3, 2)]");
    check(
        "result = list(itertools.batched([1, 2, 3], 2)), list(itertools.pairwise([1, 2, 3]))",
        "([(1, 2), (3,)], [(1, 2), (2, 3)])",
    );
    check_raises("list(itertools.batched([1], 2, strict=True))", "ValueError: batched(): incomplete batch");
    check("t = itertools.tee(range(200))\na = list(t[0])\nresult = a == list(t[1])", "True");
}

#[test]
fn ordered_dicts_move_keys() {
    check(
        "o = _collections.OrderedDict()\nfor i in range(4): o[i] = i\no.move_to_end(3, last=False)\no.move_to_end(0)\nresult = list(o), o.popitem(last=False), o.popitem()",
        "([3, 1, 2, 0], (3, 3), (0, 0))",
    );
    check("d = _collections.deque([1, 2, 3], 2)\nd.rotate()\nd.appendleft(0)\nresult = d", "deque([0, 3], maxlen=2)");
}

#[test]
fn functools_and_heapq() {
    check("p = _functools.partial(lambda *a: a, _functools.Placeholder, 2)\nresult = p(1, 3)", "(1, 2, 3)");
    check(
        "h = [5, 3, 8, 1]\n_heapq.heapify(h)\nresult = h, _heapq.heappop(h), _heapq.heappushpop(h, 4), h",
        "([4, 5, 8], 1, 3, [4, 5, 8])",
    );
    check("result = _bisect.bisect_left([1, 2, 2, 3], 2), _bisect.bisect_right([1, 2, 2, 3], 2)", "(1, 3)");
}
