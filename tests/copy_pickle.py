# copy and pickle: protocols, reduction, state, slots, cycles, errors.
import copy, pickle, copyreg
class P:
    def __init__(self, x): self.x = x
    def __eq__(self, o): return type(o) is P and self.x == o.x
class S:
    __slots__ = ('a', 'b')
    def __init__(self): self.a = 1
class State:
    def __init__(self): self.live, self.n = open, 5
    def __getstate__(self): return {'n': self.n}
    def __setstate__(self, s): self.__dict__.update(s); self.live = 'restored'
class Red:
    def __init__(self, *a): self.a = a
    def __reduce__(self): return Red, (1, 2), {'extra': 3}
class NewArgs:
    def __new__(cls, v): self = super().__new__(cls); self.v = v; return self
    def __getnewargs__(self): return (self.v,)
class L(list): pass
def function(): return 1
values = [None, True, 0, -1, 255, 2**31, -2**63, 10**50, 1.5, float('inf'), 1j, '', 'é😀' * 100, b'', b'x' * 300, bytearray(b'ab'), (), (1,), (1, 2, 3, 4), [], [1, [2]], {}, {'a': {1: 2}}, set(), {1, 2}, frozenset('ab'), range(3), slice(1, 2), ..., NotImplemented, len, function, P, int, P(3), P([P(1)]), Exception]
for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
    for value in values:
        back = pickle.loads(pickle.dumps(value, protocol)); assert back == value and type(back) is type(value), (protocol, value)
    l = []; l.append(l); back = pickle.loads(pickle.dumps(l, protocol)); assert back[0] is back
    p = P(None); p.x = p; back = pickle.loads(pickle.dumps(p, protocol)); assert back.x is back
    shared = [1]; back = pickle.loads(pickle.dumps([shared, shared], protocol)); assert back[0] is back[1]
    st = pickle.loads(pickle.dumps(State(), protocol)); assert (st.n, st.live) == (5, 'restored'); r = pickle.loads(pickle.dumps(Red(9), protocol)); assert r.a == (1, 2) and r.extra == 3
    e = pickle.loads(pickle.dumps(ValueError('m', 1), protocol)); assert type(e) is ValueError and e.args == ('m', 1); lst = L([1]); lst.tag = 't'; back = pickle.loads(pickle.dumps(lst, protocol)); assert back == [1] and back.tag == 't' and type(back) is L
    if protocol >= 2: s = pickle.loads(pickle.dumps(S(), protocol)); assert s.a == 1 and not hasattr(s, 'b'); assert pickle.loads(pickle.dumps(NewArgs(4), protocol)).v == 4
for bad in (lambda: 0, open, (i for i in []), __import__('sys')):
    try:
        pickle.dumps(bad) if bad is not open else pickle.dumps(open('/dev/null'))
    except (pickle.PicklingError, TypeError, AttributeError): pass
    else: raise AssertionError(bad)
for data in (b'', b'\x80', b'garbage', pickle.dumps([1])[:-2]):
    try:
        pickle.loads(data)
    except (EOFError, pickle.UnpicklingError, ValueError, KeyError, IndexError): pass
    else: raise AssertionError(data)
a = [1, [2, {'k': P(5)}]]; b = copy.copy(a); c = copy.deepcopy(a); assert b[1] is a[1] and c == a and c[1] is not a[1] and c[1][1]['k'] is not a[1][1]['k']
t = ([],); assert copy.deepcopy(t)[0] is not t[0] and copy.copy(t) is t and copy.deepcopy((1, 'a')) == (1, 'a') and copy.copy(P(1)) == P(1) and copy.deepcopy({1, 2}) == {1, 2} and copy.copy(function) is function
cyc = []; cyc.append(cyc); d = copy.deepcopy(cyc); assert d[0] is d
class Custom:
    def __copy__(self): return 'copied'
    def __deepcopy__(self, memo): return 'deep'
assert copy.copy(Custom()) == 'copied' and copy.deepcopy([Custom()]) == ['deep']
class Rep:
    def __init__(self, a, b=0): self.a, self.b = a, b
    def __replace__(self, **kw): return Rep(**{**self.__dict__, **kw})
assert copy.replace(Rep(1), b=5).b == 5
assert object().__reduce_ex__(2)[0] is copyreg.__newobj__ and P(1).__reduce_ex__(4)[2] == {'x': 1}
import io
class Pid(pickle.Pickler):
    def persistent_id(self, o): return 'special' if o is function else None
class UnPid(pickle.Unpickler):
    def persistent_load(self, pid): return ('loaded', pid)
    def find_class(self, module, name):
        if name == 'system': raise pickle.UnpicklingError('forbidden')
        return super().find_class(module, name)
buf = io.BytesIO(); Pid(buf).dump([function, 1]); buf.seek(0); assert UnPid(buf).load() == [('loaded', 'special'), 1]
