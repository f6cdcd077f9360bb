# try, except, else, finally: order, returns, re-raising, chaining, notes, own classes.
def flow(kind):
    log = []
    try:
        log.append('try')
        if kind == 'raise': raise ValueError('v')
        if kind == 'return': return log
        if kind == 'other': raise KeyError('k')
    except ValueError as error:
        log.append(str(error))
    except (KeyError, IndexError):
        log.append('lookup')
    else:
        log.append('else')
    finally:
        log.append('finally')
    return log
assert flow('') == ['try', 'else', 'finally'] and flow('raise') == ['try', 'v', 'finally'] and flow('return') == ['try', 'finally'] and flow('other') == ['try', 'lookup', 'finally']
def loop():
    out = []
    for i in range(5):
        try:
            if i == 1: continue
            if i == 3: break
            out.append(i)
        finally:
            out.append(-i)
    else:
        out.append('never')
    return out
assert loop() == [0, 0, -1, 2, -2, -3]
def override():
    for _ in range(1):
        try:
            return 'try'
        finally:
            x = 'finally ran'
    return x
assert override() == 'try'
try:
    error = 'before'
    raise ValueError
except ValueError as error:
    pass
try:
    error
except NameError:
    pass
else:
    raise AssertionError('the name must be gone')
try:
    try:
        1 / 0
    except ZeroDivisionError as first:
        raise KeyError('second') from first
except KeyError as e:
    assert isinstance(e.__cause__, ZeroDivisionError) and e.__suppress_context__ and e.__context__ is e.__cause__
try:
    try:
        1 / 0
    finally:
        [][0]
except IndexError as e:
    assert isinstance(e.__context__, ZeroDivisionError) and e.__cause__ is None
try:
    try:
        1 / 0
    except ZeroDivisionError:
        raise KeyError from None
except KeyError as e:
    assert e.__suppress_context__ and e.__cause__ is None and e.__context__ is not None
def reraise():
    try:
        raise ValueError('again')
    except ValueError:
        try:
            raise
        except ValueError as e:
            e.add_note('one'); e.add_note('two')
            raise
try:
    reraise()
except ValueError as e:
    assert e.__notes__ == ['one', 'two'] and e.args == ('again',)
try:
    raise
except RuntimeError as e:
    assert str(e) == 'No active exception to reraise'
for code, text in [('raise 5', 'exceptions must derive from BaseException'), ('raise ValueError from 5', 'exception causes must derive from BaseException')]:
    try:
        exec(code)
    except TypeError as e:
        assert str(e) == text
try:
    try:
        1 / 0
    except 5:
        pass
except TypeError as e:
    assert str(e) == 'catching classes that do not inherit from BaseException is not allowed'
class App(Exception):
    def __init__(self, code, text): super().__init__(code, text); self.code = code
    def __str__(self): return f'[{self.code}]'
try:
    raise App(3, 'x')
except Exception as e:
    assert repr(e) == "App(3, 'x')" and str(e) == '[3]' and e.args == (3, 'x') and e.code == 3
assert str(ValueError()) == '' and str(ValueError('a')) == 'a' and str(ValueError('a', 1)) == "('a', 1)" and repr(ValueError('a')) == "ValueError('a')" and repr(KeyError('k')) == "KeyError('k')" and str(KeyError('k')) == "'k'"
assert issubclass(FileNotFoundError, OSError) and issubclass(KeyError, LookupError) and issubclass(ModuleNotFoundError, ImportError) and issubclass(UnboundLocalError, NameError) and OSError is IOError and not issubclass(KeyboardInterrupt, Exception)
try:
    open('/no/such/file')
except OSError as e:
    import errno
    assert type(e) is FileNotFoundError and e.errno == errno.ENOENT and e.filename == '/no/such/file' and e.strerror == 'No such file or directory' and str(e) == "[Errno 2] No such file or directory: '/no/such/file'"
assert type(OSError(errno.EACCES, 'x')) is PermissionError and type(OSError('x')) is OSError and OSError(2, 'm', 'f').filename == 'f'
try:
    import no_such_module_xyz
except ModuleNotFoundError as e:
    assert e.name == 'no_such_module_xyz' and str(e) == "No module named 'no_such_module_xyz'"
try:
    from math import nope
except ImportError as e:
    assert e.name == 'math' and str(e).startswith("cannot import name 'nope' from 'math'")
import sys
assert sys.exc_info() == (None, None, None)
try:
    raise ValueError('t')
except ValueError as e:
    assert sys.exception() is e and sys.exc_info()[1] is e and e.__traceback__ is sys.exc_info()[2] and e.__traceback__.tb_lineno > 100 and e.with_traceback(None) is e and e.__traceback__ is None
assert sys.exception() is None
e = StopIteration(5); assert e.value == 5 and SystemExit(3).code == 3 and UnicodeDecodeError('u', b'x', 0, 1, 'r').reason == 'r' and AttributeError('x', name='n', obj=1).name == 'n' and SyntaxError('m', ('f', 1, 2, 't')).lineno == 1
def nested():
    try:
        try:
            raise ValueError(1)
        except ValueError:
            raise TypeError(2)
        finally:
            pass
    except TypeError as e:
        return type(e.__context__).__name__
assert nested() == 'ValueError'
assert (lambda: (_ for _ in ()).throw(KeyError('x')))  # made, not called
try:
    assert 1 == 2, 'the message'
except AssertionError as e:
    assert e.args == ('the message',)
try:
    assert (1, 2)[0] == 2
except AssertionError as e:
    assert e.args == ()
# An except clause without parentheses, new in 3.14.
try:
    {}[1]
except KeyError, IndexError:
    caught = True
assert caught
