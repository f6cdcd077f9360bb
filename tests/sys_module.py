# sys: facts about the interpreter that programs look at.
import sys
assert sys.version_info[:2] == (3, 14) and sys.version.startswith('3.14.') and sys.hexversion >> 16 == 0x030e and sys.version_info.releaselevel == 'final' and sys.version_info >= (3, 14) and sys.api_version == 1013 and sys.platform == 'linux' and sys.byteorder == 'little' and sys.maxsize == 2**63 - 1 and sys.maxunicode == 0x10ffff
assert sys.float_info.max == 1.7976931348623157e308 and sys.float_info.epsilon == 2.0**-52 and sys.int_info.default_max_str_digits == 4300 and sys.hash_info.modulus == 2**61 - 1 and sys.hash_info.algorithm == 'siphash13' and sys.hash_info.width == 64 and sys.thread_info.name == 'pthread' and sys.implementation.name and sys.implementation.cache_tag == 'cpython-314' and sys.copyright
assert sys.argv[0].endswith('sys_module.py') and sys.executable and isinstance(sys.path, list) and sys.path[0].endswith('tests') and sys.prefix and sys.exec_prefix == sys.base_exec_prefix and 'json' in sys.stdlib_module_names and 'sys' in sys.builtin_module_names and sys.modules['sys'] is sys and sys.getrecursionlimit() == 1000 and sys.getdefaultencoding() == 'utf-8' and sys.getfilesystemencoding() == 'utf-8' and sys.getfilesystemencodeerrors() == 'surrogateescape'
assert sys.flags.optimize == 0 and sys.flags.dev_mode is False and sys.flags.utf8_mode in (0, 1) and len(sys.flags) >= 18 and sys.warnoptions == [] and sys.dont_write_bytecode in (True, False) and sys.orig_argv[-1].endswith('sys_module.py') and sys.pycache_prefix is None and sys.gettrace() is None and sys.is_finalizing() is False and sys.float_repr_style == 'short'
assert sys.getsizeof(0) >= 16 and sys.getsizeof([1]) >= sys.getsizeof([]) and sys.getsizeof('a' * 1000) > 1000 and sys.getsizeof(object(), 5) >= 16 and sys.intern('x') == 'x' and sys.get_int_max_str_digits() == 4300 and sys.call_tracing(lambda a: a, (1,)) == 1 and sys.getallocatedblocks() >= 0 and callable(sys.exit) and sys.displayhook is sys.__displayhook__ and sys.unraisablehook.__name__ == 'unraisablehook'
import io, builtins
old, sys.stdout = sys.stdout, io.StringIO(); sys.displayhook(5); sys.displayhook(None); text, sys.stdout = sys.stdout.getvalue(), old; assert text == '5\n' and builtins._ == 5
old, sys.stderr = sys.stderr, io.StringIO()
try: raise ValueError('shown')
except ValueError: sys.excepthook(*sys.exc_info())
text, sys.stderr = sys.stderr.getvalue(), old; assert text.startswith('Traceback (most recent call last):\n') and text.endswith('ValueError: shown\n')
caught = []; sys.unraisablehook = lambda u: caught.append((u.exc_type.__name__, u.object)); 
class D:
    def __del__(self): raise KeyError
D(); assert caught[0][0] == 'KeyError'; sys.unraisablehook = sys.__unraisablehook__
sys.set_int_max_str_digits(700); 
try: str(10**800)
except ValueError as e: assert str(e) == 'Exceeds the limit (700 digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit'
sys.set_int_max_str_digits(0); assert len(str(10**5000)) == 5001; sys.set_int_max_str_digits(4300)
sys.setrecursionlimit(200)
def deep(n): return 0 if n == 0 else 1 + deep(n - 1)
try: deep(300)
except RecursionError as e: assert str(e) == 'maximum recursion depth exceeded'
sys.setrecursionlimit(5000); assert deep(3000) == 3000; sys.setrecursionlimit(1000)
for bad in (0, -1):
    try: sys.setrecursionlimit(bad)
    except ValueError as e: assert str(e) == 'recursion limit must be greater or equal than 1'
audited = []; sys.addaudithook(lambda name, args: audited.append(name) if name.startswith('test.') else None); sys.audit('test.event', 1); assert audited == ['test.event']
try: sys.exit('text')
except SystemExit as e: assert e.code == 'text'
assert isinstance(sys._getframe().f_lineno, int) and sys._current_frames() and sys.getunicodeinternedsize() > 0 and sys.exception() is None and 'sys' in repr(sys)
