# The end of a process: atexit, module teardown, flushing, daemon threads, exit codes from finalizers.
import os, subprocess, sys
environment = {k: v for k, v in os.environ.items() if k != 'PYTHONUNBUFFERED'}
def run(source, code=0):
    done = subprocess.run([sys.executable, '-c', source], capture_output=True, text=True, timeout=60, env=environment)
    assert done.returncode == code, done
    return done.stdout
assert run('''
import atexit
atexit.register(print, 'first registered'); atexit.register(print, 'last registered', end='!\\n')
@atexit.register
def f(): print('decorated')
print('body')''') == 'body\ndecorated\nlast registered!\nfirst registered\n'
assert run('''
class T:
    def __del__(self): print('deleted', self.n)
a = T(); a.n = 1
def f(): pass
f.t = T(); f.t.n = 2
print('end')''').startswith('end\n')
assert sorted(run('''
class T:
    def __init__(self, n): self.n = n
    def __del__(self): print(self.n)
x = T('global'); l = [T('in list')]; c = T('cycle'); c.me = c
''').split('\n')) == ['', 'cycle', 'global', 'in list']
assert run('import sys; sys.stdout.write("no newline")') == 'no newline'
assert run('''
import atexit, sys
def fail(): raise ValueError
atexit.register(print, 'still'); atexit.register(fail)
''') == 'still\n'
assert run('''
import threading, time
def work():
    while True: time.sleep(0.01)
threading.Thread(target=work, daemon=True).start()
print('main ends')''') == 'main ends\n'
assert run('''
import threading, time
def work(): time.sleep(0.1); print('thread ends')
threading.Thread(target=work).start()
print('main ends')''') == 'main ends\nthread ends\n'
assert run('''
import sys, atexit
atexit.register(lambda: print('at exit'))
try:
    sys.exit(3)
finally:
    print('finally')''', 3) == 'finally\nat exit\n'
assert run('''
def g():
    try: yield 1
    finally: print('generator closed')
x = g(); next(x)
''') == 'generator closed\n'
assert run('import os; print("lost"); os._exit(4)', 4) == ''
assert run('''
import weakref
class T: pass
t = T(); weakref.finalize(t, print, 'finalize')
''') == 'finalize\n'
assert run('''
import tempfile, os
d = tempfile.TemporaryDirectory(); print(os.path.isdir(d.name)); d.cleanup(); print(os.path.isdir(d.name))
''') == 'True\nFalse\n'
