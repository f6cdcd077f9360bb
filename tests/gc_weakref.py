# Reference counts at work: immediate finalization, weak references, cycles, gc, resurrection.
import gc, sys, weakref
log = []
class T:
    def __init__(self, name): self.name = name
    def __del__(self): log.append(self.name)
t = T('a'); t = None; assert log == ['a']
def scope(): x = T('local'); y = x
scope(); assert log.pop() == 'local'
l = [T('in list')]; l.clear(); assert log.pop() == 'in list'
d = {'k': T('v1')}; d['k'] = T('v2'); assert log.pop() == 'v1'; del d; assert log.pop() == 'v2'
T('temporary').name; assert log.pop() == 'temporary'
def gen(): t = T('in generator'); yield 1; yield 2
g = gen(); next(g); g = None; assert log.pop() == 'in generator'
try:
    t = T('in exception'); raise ValueError(t)
except ValueError as e:
    del t
assert log.pop() == 'in exception'
def args(a, *rest): return None
args(T('arg'), T('rest')); assert sorted(log[-2:]) == ['arg', 'rest']
log.clear()
a = T('x'); r = weakref.ref(a); called = []; r2 = weakref.ref(a, called.append); assert r() is a and weakref.getweakrefcount(a) == 2 and r is weakref.ref(a)
del a; assert r() is None and called == [r2] and log == ['x']
w = weakref.WeakValueDictionary(); k = weakref.WeakKeyDictionary(); s = weakref.WeakSet(); o = T('w'); w['o'] = o; k[o] = 1; s.add(o); assert len(w) == len(k) == len(s) == 1
del o; assert len(w) == len(k) == len(s) == 0
class Slotted: __slots__ = ()
for bad in (5, 'a', (), None, Slotted()):
    try:
        weakref.ref(bad)
    except TypeError as e:
        assert str(e) == f"cannot create weak reference to '{type(bad).__name__}' object"
o = T('p'); p = weakref.proxy(o); assert p.name == 'p'; del o
try:
    p.name
except ReferenceError as e:
    assert str(e) == 'weakly-referenced object no longer exists'
o = T('m'); m = weakref.WeakMethod(o.__del__); assert m() is not None; del o; assert m() is None
o = T('f'); f = weakref.finalize(o, log.append, 'finalized'); assert f.alive; del o; assert not f.alive and log[-1] == 'finalized'
f1 = lambda: 0; rf = weakref.ref(f1); del f1; assert rf() is None
class C: pass
rc = weakref.ref(C); del C; gc.collect(); assert rc() is None
log.clear(); gc.collect(); a, b = T('c1'), T('c2'); a.other, b.other = b, a; del a, b; assert log == []; assert gc.collect() >= 2 and sorted(log) == ['c1', 'c2']
log.clear(); l = [T('self list')]; l.append(l); del l; gc.collect(); assert log == ['self list']
log.clear(); a = T('weak in cycle'); a.me = a; ra = weakref.ref(a, lambda r: log.append('callback')); del a; gc.collect(); assert ra() is None and 'weak in cycle' in log
class Phoenix:
    def __del__(self): global kept; kept = self
p = Phoenix(); p = None; assert type(kept) is Phoenix; del kept
gc.collect(); was = gc.isenabled(); gc.disable(); assert not gc.isenabled(); gc.enable(); assert gc.isenabled() and gc.get_threshold()[0] > 0 and len(gc.get_count()) == 3
x = []; y = [x]; assert y in gc.get_referrers(x) and x in gc.get_referents(y) and gc.is_tracked(x) and not gc.is_tracked(5) and not gc.is_tracked('a') and any(o is x for o in gc.get_objects())
n = 0
class Counted:
    def __init__(self): global n; n += 1; self.me = self
    def __del__(self): global n; n -= 1
for _ in range(20000): Counted()
gc.collect(); assert n == 0
def frame_cycle():
    try: raise ValueError
    except ValueError as e: saved = e
    t = T('held by traceback')
log.clear(); frame_cycle(); gc.collect(); assert log == ['held by traceback']
before = sys.getrefcount(log); other = log; assert sys.getrefcount(log) == before + 1; del other; assert sys.getrefcount(log) == before
class Order:
    def __init__(self, child): self.child = child
    def __del__(self): log.append(type(self.child).__name__)
log.clear(); chain = Order(Order(None)); del chain; assert log == ['Order', 'NoneType']
freed = []
class Child:
    def __del__(self): freed.append(1)
tree = [[Child() for _ in range(10)] for _ in range(100)]; del tree; assert len(freed) == 1000
callbacks = []
gc.callbacks.append(lambda phase, info: callbacks.append(phase)); gc.collect(); gc.callbacks.pop(); assert callbacks == ['start', 'stop']
