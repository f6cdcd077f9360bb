# ExceptionGroup and except*.
eg = ExceptionGroup('top', [ValueError(1), ExceptionGroup('in', [TypeError(2), ValueError(3)]), KeyError('k')])
assert eg.message == 'top' and len(eg.exceptions) == 3 and str(eg) == 'top (3 sub-exceptions)' and isinstance(eg, Exception) and type(BaseExceptionGroup('x', [KeyboardInterrupt()])) is BaseExceptionGroup and type(BaseExceptionGroup('x', [ValueError()])) is ExceptionGroup
match, rest = eg.split(ValueError)
assert [type(e) for e in match.exceptions] == [ValueError, ExceptionGroup] and match.exceptions[1].exceptions[0].args == (3,) and [type(e) for e in rest.exceptions] == [ExceptionGroup, KeyError] and eg.subgroup(OSError) is None
assert eg.subgroup(lambda e: isinstance(e, KeyError)).exceptions[0].args == ('k',) and eg.derive([ValueError()]).message == 'top' and repr(ExceptionGroup('m', [ValueError(1)])) == "ExceptionGroup('m', [ValueError(1)])"
log = []
def handle(group):
    try:
        raise group
    except* ValueError as g:
        log.append(('value', [e.args for e in g.exceptions if not isinstance(e, ExceptionGroup)]))
    except* (TypeError, KeyError) as g:
        log.append(('other', len(g.exceptions)))
    else:
        log.append('else')
    finally:
        log.append('finally')
handle(eg); assert log == [('value', [(1,)]), ('other', 2), 'finally'], log
log.clear(); handle(ExceptionGroup('a', [ValueError(5)])); assert log == [('value', [(5,)]), 'finally']
log.clear()
try:
    handle(ExceptionGroup('left', [OSError(1), ValueError(2)]))
except ExceptionGroup as left:
    assert left.message == 'left' and [type(e) for e in left.exceptions] == [OSError] and log == [('value', [(2,)]), 'finally']
try:
    raise ValueError('naked')
except* ValueError as g:
    assert type(g) is ExceptionGroup and g.message == '' and g.exceptions[0].args == ('naked',)
try:
    try:
        raise ExceptionGroup('x', [ValueError(1), TypeError(2)])
    except* ValueError:
        raise KeyError('new')
except ExceptionGroup as g:
    kinds = sorted(type(e).__name__ for e in g.exceptions)
    assert kinds == ['ExceptionGroup', 'KeyError'] and g.message == ''
try:
    try:
        raise ExceptionGroup('x', [ValueError(1), TypeError(2)])
    except* ValueError:
        raise
except ExceptionGroup as g:
    assert g.message == 'x' and len(g.exceptions) == 2
def no_error():
    try:
        pass
    except* ValueError:
        return_value = 1
    else:
        return 'else'
assert no_error() == 'else'
for call, text in [(lambda: ExceptionGroup('x', []), 'second argument (exceptions) must be a non-empty sequence'), (lambda: ExceptionGroup('x', [1]), 'Item 0 of second argument (exceptions) is not an exception')]:
    try:
        call()
    except ValueError as error:
        assert str(error) == text
try:
    ExceptionGroup('x', [KeyboardInterrupt()])
except TypeError as error:
    assert str(error) == 'Cannot nest BaseExceptions in an ExceptionGroup'
try:
    try:
        raise ValueError
    except* ExceptionGroup:
        pass
except TypeError as error:
    assert str(error) == 'catching ExceptionGroup with except* is not allowed. Use except instead.'
class Mine(ExceptionGroup):
    def derive(self, excs): return Mine(self.message, excs)
m, r = Mine('mine', [ValueError(), KeyError()]).split(ValueError); assert type(m) is Mine and type(r) is Mine
for code in ('try: pass\nexcept* ValueError: pass\nexcept KeyError: pass', 'try: pass\nexcept*: pass', 'def f():\n try: pass\n except* ValueError: return', 'for x in y:\n try: pass\n except* ValueError: break'):
    try:
        compile(code, '', 'exec')
    except SyntaxError:
        pass
    else:
        raise AssertionError(code)
import traceback
text = ''.join(traceback.format_exception(ExceptionGroup('shown', [ValueError('a'), ExceptionGroup('deep', [KeyError('b')])])))
assert text == '''  | ExceptionGroup: shown (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | ValueError: a
    +---------------- 2 ----------------
    | ExceptionGroup: deep (1 sub-exception)
    +-+---------------- 1 ----------------
      | KeyError: 'b'
      +------------------------------------
''', text
