# Scopes: global, nonlocal, cells, class bodies, exec, comprehension scopes, late binding.
x = 'global'
def show(): return x
def shadow():
    x = 'local'
    def inner(): return x
    return inner()
assert show() == 'global' and shadow() == 'local'
def write():
    global x, fresh
    x = 'written'; fresh = 1
write(); assert x == 'written' and fresh == 1
def counter():
    n = 0
    def up(by=1):
        nonlocal n
        n += by
        return n
    def get(): return n
    return up, get
up, get = counter(); up(); up(5); assert get() == 6 and up.__closure__[0].cell_contents == 6 and up.__code__.co_freevars == ('n',) and counter.__code__.co_cellvars == ('n',)
assert [f() for f in [lambda: i for i in range(3)]] == [2, 2, 2] and [f() for f in [lambda i=i: i for i in range(3)]] == [0, 1, 2]
def late():
    def early(): return value
    try:
        early()
    except NameError as error:
        assert str(error) == "cannot access free variable 'value' where it is not associated with a value in enclosing scope", error
    value = 1
    return early()
assert late() == 1
def unbound():
    try:
        y
    except UnboundLocalError as error:
        assert str(error) == "cannot access local variable 'y' where it is not associated with a value"
    y = 1
    del y
    try:
        y
    except UnboundLocalError:
        pass
    else:
        raise AssertionError
unbound()
try:
    undefined_name
except NameError as error:
    assert str(error) == "name 'undefined_name' is not defined" and error.name == 'undefined_name'
class A:
    x = 'class'
    y = x + '!'
    def method(self): return x
    z = [x for _ in range(1)]
    w = [i for i in x]
assert A().method() == 'written' and A.y == 'class!' and A.z == ['written']
assert A.w == list('class')
def f():
    x = 'f'
    class B:
        y = x
        x = 'b'
        def m(self): return x
    return B.y, B.x, B().m()
try:
    f()
except NameError:
    pass
def local_class():
    x = 'outer'
    class B:
        captured = x
        def m(self): return x
    return B.captured, B().m()
assert local_class() == ('outer', 'outer')
i = 'kept'; [i for i in range(3)]; {i: i for i in range(2)}; assert i == 'kept'
assert [y := 5, y + 1] == [5, 6] and [last := v for v in range(4)][-1] == last == 3
def walrus():
    [inner := v for v in range(3)]
    return inner
assert walrus() == 2
def locals_view():
    a = 1
    d = locals(); b = 2
    assert d == {'a': 1} and locals()['b'] == 2
    d['a'] = 100
    return a
assert locals_view() == 1
space = {}
exec('a = 1\ndef f(): return a + b\nb = 2\nc = f()', space); assert space['c'] == 3 and '__builtins__' in space
assert eval('a + b', {'a': 1}, {'b': 2}) == 3 and eval('[v * k for v in range(3)]', {'k': 2}) == [0, 2, 4] and eval(compile('1 + 1', '<x>', 'eval')) == 2
class Recorder(dict):
    def __getitem__(self, key):
        if key.startswith('__'): raise KeyError(key)
        return key.upper()
assert eval('abc + xyz', {}, Recorder()) == 'ABCXYZ' and globals()['x'] == 'written' and vars(A)['x'] == 'class'
def deep():
    a = 1
    def b():
        def c():
            nonlocal a
            a += 1
            return a
        return c
    return b()() + a
assert deep() == 4
for code in ('def f():\n x = 1\n global x', 'def f():\n nonlocal x', 'nonlocal x', 'def f(x):\n global x', 'def f():\n  nonlocal nope'):
    try:
        compile(code, '', 'exec')
    except SyntaxError:
        pass
    else:
        raise AssertionError(code)
def delete_cell():
    v = 1
    def use(): return v
    del v
    try:
        use()
    except NameError:
        return True
assert delete_cell()
import builtins
builtins.made_up = 5; assert made_up == 5; made_up = 6; assert made_up == 6; del made_up; assert made_up == 5; del builtins.made_up
