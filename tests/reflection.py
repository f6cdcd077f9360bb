# Looking at and changing live objects: __dict__, __class__, types, __dir__, signatures, docstrings, module attributes.
import types, sys, inspect
def f(a, *, b=2): "docs"; return a
assert types.FunctionType is type(f) and f.__globals__ is globals() and f.__closure__ is None and f.__builtins__['len'] is len and f.__type_params__ == () and inspect.signature(f).parameters['b'].default == 2
f.__doc__ = 'new'; f.__kwdefaults__ = {'b': 9}; f.__qualname__ = 'q'; f.__dict__['attr'] = 1; assert inspect.getdoc(f) == 'new' and f.attr == 1 and inspect.signature(f).parameters['b'].default == 9 and repr(f).startswith('<function q at 0x')
for bad in (lambda: setattr(f, '__name__', 5), lambda: setattr(f, '__code__', 5), lambda: setattr(f, '__globals__', {}), lambda: setattr(f, '__defaults__', 5), lambda: delattr(f, '__name__')):
    try: bad()
    except (TypeError, AttributeError): pass
    else: raise AssertionError
class A:
    "class doc"
    x = 1
    def m(self): pass
    class Inner: pass
A.__name__ = 'Renamed'; assert repr(A).endswith("A'>") and A.__name__ == 'Renamed'; A.__qualname__ = 'Q'; A.__module__ = 'mod'; assert repr(A) == "<class 'mod.Q'>"; A.__doc__ = 'changed'; assert A.__doc__ == 'changed' and A().__doc__ == 'changed'
assert sorted(k for k in A.__dict__ if not k.startswith('__')) == ['Inner', 'm', 'x'] and type(A.__dict__).__name__ == 'mappingproxy' and '__dict__' in A.__dict__ and '__weakref__' in A.__dict__ and A.__dict__['m'] is A.m and A.__basicsize__ >= 16 and A.__base__ is object and A.mro() == [A, object] and isinstance(A.__subclasses__(), list) and A.__static_attributes__ == ()
for name, value in [('__name__', 5), ('__dict__', {}), ('__mro__', ()), ('__bases__', ())]:
    try: setattr(A, name, value)
    except (TypeError, AttributeError): pass
    else: raise AssertionError(name)
a = A(); a.__dict__.update(y=2); assert a.y == 2 and '__class__' in dir(a) and dir(a)[-1] == 'y' and a.__sizeof__() > 0 and a.__reduce_ex__(2) and a.__eq__(5) is NotImplemented and a.__hash__() == hash(a) and a.__repr__() == repr(a) and object.__repr__(a).startswith('<mod.Q object at 0x') and a.__init_subclass__() is None and a.__subclasshook__(int) is NotImplemented and a.__format__('') == str(a) and a.__ne__(a) is False and a.__lt__(a) is NotImplemented
m = a.m; assert types.MethodType(f, 1)() == 1 and m.__func__ is A.m and type(m) is types.MethodType and m.__doc__ is None and type(len) is types.BuiltinFunctionType and types.CellType(5).cell_contents == 5 and types.ModuleType('x').__name__ == 'x' and type(f.__code__) is types.CodeType and type(sys._getframe()) is types.FrameType and types.GenericAlias(list, (int,)) == list[int] and types.NoneType is type(None) and types.coroutine
assert type(1).__name__ == 'int' and int.__doc__ and object.__doc__ and (1).__doc__ == int.__doc__ and type.__doc__ and [].__class__ is list and list.__hash__ is None and str.join.__doc__ and 'abc'.join.__self__ == 'abc' and int.from_bytes.__self__ is int and str(inspect.signature(sorted)) == '(iterable, /, *, key=None, reverse=False)' and str(inspect.signature(str.split)) == '(self, /, sep=None, maxsplit=-1)' and str(inspect.signature(int.to_bytes)) == "(self, /, length=1, byteorder='big', *, signed=False)" and str(inspect.signature(A)) == '()' and len.__qualname__ == 'len' and [].append.__qualname__ == 'list.append' and dict.fromkeys.__qualname__ == 'dict.fromkeys'
assert repr(super(A, a)) == "<super: <class 'Q'>, <Q object>>" or repr(super(A, a)).startswith('<super: ') and super(A, a).__thisclass__ is A and super(A, a).__self__ is a and super(A, a).__self_class__ is A
assert object.__new__(A).__class__ is A and object.__getattribute__(a, 'y') == 2 and type.__getattribute__(A, 'x') == 1 and object.__setattr__(a, 'w', 1) is None and a.w == 1 and object.__delattr__(a, 'w') is None and type.__call__(A).__class__ is A and int.__new__(int, '5') == 5 and A.__init__ is object.__init__
try: object.__new__(int)
except TypeError as e: assert str(e) == 'object.__new__(int) is not safe, use int.__new__()'
try: int.__new__(str)
except TypeError as e: assert str(e) == 'int.__new__(str): str is not a subtype of int'
class Frozen:
    __slots__ = 'only'
try: Frozen.only.__get__(5)
except TypeError as e: assert str(e) == "descriptor 'only' for 'Frozen' objects doesn't apply to a 'int' object"
assert globals()['__name__'] == '__main__' and sys.modules[__name__].f is f and vars(sys.modules[__name__]) is globals() and 'f' in dir() and isinstance(__builtins__, types.ModuleType) and __doc__ is None and __loader__ is not None
class Dir:
    def __dir__(self): return ['z', 'a']
assert dir(Dir()) == ['a', 'z'] and issubclass(type(dir(Dir())), list) and callable(Dir.__dir__) and hasattr(Dir, '__dir__')
