# import: packages, relative, from, star, as, __all__, cycles, reload, errors, zip, hooks, namespace packages, main.
import importlib, os, shutil, sys, tempfile, zipfile
folder = tempfile.mkdtemp(); sys.path.insert(0, folder)
def write(path, text=''):
    path = os.path.join(folder, path); os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w') as f: f.write(text)
    importlib.invalidate_caches()
try:
    write('pack/__init__.py', 'from .a import value\n__all__ = ["a", "shown"]\nshown = 1\nhidden = 2\n')
    write('pack/a.py', 'from . import b\nfrom .sub.deep import where\nvalue = b.base + 1\nname = __name__\npackage = __package__\n')
    write('pack/b.py', 'base = 41\n'); write('pack/sub/__init__.py'); write('pack/sub/deep.py', 'from .. import b as up\nfrom ..b import base\nwhere = __name__, up.base\n')
    import pack, pack.sub.deep as deep, pack.b
    assert pack.value == 42 and pack.a.name == 'pack.a' and pack.a.package == 'pack' and deep.where == ('pack.sub.deep', 41) and pack.sub.deep is deep and pack.__path__ == [os.path.join(folder, 'pack')] and pack.__file__.endswith('__init__.py')
    space = {}; exec('from pack import *', space); assert 'shown' in space and 'a' in space and 'hidden' not in space
    assert sys.modules['pack.a'] is pack.a and pack.a.__spec__.name == 'pack.a' and pack.a.__spec__.parent == 'pack' and repr(pack.b) == f"<module 'pack.b' from '{folder}/pack/b.py'>"
    write('star.py', '_private = 1\npublic = 2\n'); space = {}; exec('from star import *', space); assert 'public' in space and '_private' not in space
    write('one.py', 'import two\nx = 1\ndef f(): return two.y\n'); write('two.py', 'import one\ny = hasattr(one, "x")\n'); import one; assert one.f() is False
    write('first.py', 'from second import b\na = 1\n'); write('second.py', 'from first import a\nb = 2\n')
    try:
        import first
    except ImportError as e:
        assert str(e).startswith("cannot import name 'a' from partially initialized module 'first' (most likely due to a circular import)"), e
    assert 'first' not in sys.modules
    write('broken.py', 'x = 1\n1 / 0\n')
    try:
        import broken
    except ZeroDivisionError as e:
        assert e.__traceback__.tb_next.tb_frame.f_code.co_filename.endswith('broken.py') and 'broken' not in sys.modules and e.__traceback__.tb_next.tb_next is None
    write('bad_syntax.py', 'def f(:\n')
    try:
        import bad_syntax
    except SyntaxError as e:
        assert e.filename.endswith('bad_syntax.py') and e.lineno == 1
    write('again.py', 'n = 1\nkeep = globals().get("keep", 0) + 1\n'); import again; write('again.py', 'n = 200\nkeep = globals().get("keep", 0) + 1\n'); importlib.reload(again); assert (again.n, again.keep) == (200, 2)
    for code, kind, text in [('import nothing_here', ModuleNotFoundError, "No module named 'nothing_here'"), ('import pack.nothing', ModuleNotFoundError, "No module named 'pack.nothing'"), ('import star.x', ModuleNotFoundError, "No module named 'star.x'; 'star' is not a package"), ('from pack import missing', ImportError, f"cannot import name 'missing' from 'pack' ({folder}/pack/__init__.py)"), ('from . import x', ImportError, 'attempted relative import with no known parent package'), ('from .x import y', ImportError, 'attempted relative import with no known parent package')]:
        try:
            exec(code, {'__name__': 'm'})
        except ImportError as e:
            assert type(e) is kind and str(e) == text, e
        else:
            raise AssertionError(code)
    write('lazy.py', 'def __getattr__(name):\n    if name == "dynamic": return 5\n    raise AttributeError(name)\ndef __dir__(): return ["dynamic"]\n'); import lazy; from lazy import dynamic; assert lazy.dynamic == dynamic == 5 and dir(lazy) == ['dynamic'] and not hasattr(lazy, 'other')
    os.makedirs(os.path.join(folder, 'p1/space')); os.makedirs(os.path.join(folder, 'p2/space')); write('p1/space/m1.py', 'v = 1'); write('p2/space/m2.py', 'v = 2')
    sys.path[:0] = [os.path.join(folder, 'p1'), os.path.join(folder, 'p2')]; import space.m1, space.m2; assert (space.m1.v, space.m2.v) == (1, 2) and space.__file__ is None if hasattr(space, '__file__') else len(space.__path__) == 2
    with zipfile.ZipFile(os.path.join(folder, 'z.zip'), 'w') as z: z.writestr('zipped.py', 'v = "from zip"\ndef f(): return 1 / 0\n'); z.writestr('zpack/__init__.py', 'from . import inner'); z.writestr('zpack/inner.py', 'v = 3')
    sys.path.insert(0, os.path.join(folder, 'z.zip')); import zipped, zpack; assert zipped.v == 'from zip' and zpack.inner.v == 3 and '.zip' in zipped.__file__
    class Finder:
        @staticmethod
        def find_spec(name, path, target=None):
            if name == 'invented': return importlib.util.spec_from_loader(name, Finder)
        create_module = staticmethod(lambda spec: None)
        @staticmethod
        def exec_module(module): module.answer = 42
    import importlib.util; sys.meta_path.append(Finder); import invented; assert invented.answer == 42; sys.meta_path.remove(Finder)
    sys.modules['blocked'] = None
    try:
        import blocked
    except ModuleNotFoundError as e:
        assert str(e) == 'import of blocked halted; None in sys.modules'
    sys.modules['fake'] = 'anything'; import fake; assert fake == 'anything'
    spec = importlib.util.find_spec('json.decoder'); assert spec.name == 'json.decoder' and importlib.import_module('.decoder', 'json').JSONDecoder and importlib.util.find_spec('no_such') is None
    import os.path as osp, json; assert osp is os.path and json.__spec__.submodule_search_locations and 'def dumps' in importlib.util.find_spec('json').loader.get_source('json')
    import inspect; assert inspect.getsource(json.dumps).startswith('def dumps(') and inspect.getsourcefile(json).endswith('json/__init__.py')
    assert __name__ == '__main__' and sys.modules['__main__'].__dict__ is globals() and __spec__ is None and __package__ is None and __file__.endswith('imports.py')
    mod = type(sys)('made', 'doc'); mod.x = 1; assert mod.__name__ == 'made' and mod.__doc__ == 'doc' and repr(mod) == "<module 'made'>"
    assert __import__('os').path is os.path and __import__('os.path').__name__ == 'os' and __import__('os.path', fromlist=['join']) is os.path
finally:
    shutil.rmtree(folder)
