# sys.settrace, setprofile, monitoring, frames.
import sys
events = []
def f(x):
    y = x + 1
    return y
def tracer(frame, event, arg):
    if frame.f_code is not f.__code__: return None
    events.append((event, frame.f_lineno - frame.f_code.co_firstlineno, arg if event != 'call' else None)); return tracer
sys.settrace(tracer); f(1); sys.settrace(None)
assert events == [('call', 0, None), ('line', 1, None), ('line', 2, None), ('return', 2, 2)], events
events.clear()
def g():
    try:
        1 / 0
    except ZeroDivisionError:
        pass
def tracer2(frame, event, arg):
    if frame.f_code is g.__code__: events.append((event, frame.f_lineno - frame.f_code.co_firstlineno)); return tracer2
sys.settrace(tracer2); g(); sys.settrace(None); assert events == [('call', 0), ('line', 1), ('line', 2), ('exception', 2), ('line', 3), ('line', 4), ('return', 4)], events
prof = []
def profiler(frame, event, arg): prof.append((event, arg.__name__ if event.startswith('c_') else frame.f_code.co_name))
sys.setprofile(profiler); len([]); f(2); sys.setprofile(None); assert prof[:4] == [('c_call', 'len'), ('c_return', 'len'), ('call', 'f'), ('return', 'f')], prof
def outer():
    a = 1
    return inner()
def inner(): return sys._getframe()
frame = outer(); assert frame.f_code.co_name == 'inner' and frame.f_back is None or frame.f_back.f_code.co_name == 'outer'
def live():
    here = sys._getframe(); a = 1; assert here.f_locals['a'] == 1 and here.f_globals is globals() and here.f_builtins['len'] is len and here.f_lineno == here.f_code.co_firstlineno + 1 and here.f_back.f_code.co_name == '<module>' and sys._getframe(1) is here.f_back
    here.f_locals['a'] = 50; return a
assert live() == 50
def change_line(frame, event, arg):
    if frame.f_code is skip.__code__ and event == 'line' and frame.f_lineno == skip.__code__.co_firstlineno + 1: frame.f_lineno += 1
    return change_line
def skip():
    result = 1 / 0
    return 'skipped'
sys.settrace(change_line); r = skip(); sys.settrace(None); assert r == 'skipped'
m = sys.monitoring; m.use_tool_id(3, 'test'); seen = []
m.register_callback(3, m.events.PY_START, lambda code, offset: seen.append(('start', code.co_name))); m.register_callback(3, m.events.PY_RETURN, lambda code, offset, value: seen.append(('return', value))); m.register_callback(3, m.events.LINE, lambda code, line: seen.append(('line', line - code.co_firstlineno)))
m.set_local_events(3, f.__code__, m.events.PY_START | m.events.PY_RETURN | m.events.LINE); f(5); m.set_local_events(3, f.__code__, 0); f(6); assert seen == [('start', 'f'), ('line', 1), ('line', 2), ('return', 6)], seen
calls = []; m.register_callback(3, m.events.CALL, lambda code, offset, func, arg0: calls.append(func)); m.set_local_events(3, outer.__code__, m.events.CALL); outer(); m.set_events(3, 0); m.free_tool_id(3); assert calls == [inner]
try: sys._getframe(10**6)
except ValueError as e: assert str(e) == 'call stack is not deep enough'
def gen(): yield sys._getframe()
gf = next(gen()); gg = gen(); fr = next(gg); assert fr is gg.gi_frame and fr.f_lasti > 0 and fr.f_generator is gg
import traceback; assert [s.name for s in traceback.extract_stack()] == ['<module>'] and traceback.format_stack()[0].startswith('  File "')
try: f('a')
except TypeError as e: tb = e.__traceback__; assert tb.tb_next.tb_frame.f_locals['x'] == 'a' and tb.tb_next.tb_lineno == f.__code__.co_firstlineno + 1; tb.tb_next.tb_frame.clear(); assert tb.tb_next.tb_frame.f_locals == {}
import inspect; assert inspect.currentframe().f_code.co_name == '<module>' and inspect.stack()[0].function == '<module>' and inspect.getframeinfo(inspect.currentframe()).lineno > 40 and inspect.isfunction(f) and inspect.getsource(f).startswith('def f(x):\n    y') and inspect.getmembers(5, callable) and inspect.isgeneratorfunction(gen) and inspect.getdoc(len) and inspect.getfullargspec(f).args == ['x']
