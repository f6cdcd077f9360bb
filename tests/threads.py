# Threads: locks, conditions, events, queues, locals, pools, exceptions, switching.
import threading, queue, time, sys
from concurrent.futures import ThreadPoolExecutor, as_completed
total, lock = 0, threading.Lock()
def add(n):
    global total
    for _ in range(n):
        with lock: total += 1
threads = [threading.Thread(target=add, args=(2000,), name=f't{i}') for i in range(4)]
for t in threads: t.start()
for t in threads: t.join()
assert total == 8000 and not threads[0].is_alive() and threads[1].name == 't1' and threading.current_thread() is threading.main_thread() and threading.active_count() == 1
assert lock.acquire() and lock.locked() and not lock.acquire(blocking=False) and not lock.acquire(timeout=0.01); lock.release()
try:
    lock.release()
except RuntimeError as e:
    assert str(e) == 'release unlocked lock'
r = threading.RLock()
with r:
    with r: pass
ev, out = threading.Event(), []
t = threading.Thread(target=lambda: (ev.wait(), out.append('woken'))); t.start(); assert not out; ev.set(); t.join(); assert out == ['woken'] and ev.is_set()
c, items = threading.Condition(), []
def consume():
    with c:
        c.wait_for(lambda: items); out.append(items.pop())
t = threading.Thread(target=consume); t.start()
with c: items.append('item'); c.notify()
t.join(); assert out[-1] == 'item'
q, results = queue.Queue(maxsize=2), []
def worker():
    while (item := q.get()) is not None: results.append(item * 2); q.task_done()
    q.task_done()
t = threading.Thread(target=worker); t.start()
for i in range(10): q.put(i)
q.join(); q.put(None); t.join(); assert results == [i * 2 for i in range(10)]
try:
    queue.Queue().get(timeout=0.01)
except queue.Empty: pass
local = threading.local(); local.x = 'main'; seen = []
def use(): seen.append(hasattr(local, 'x')); local.x = 'thread'
t = threading.Thread(target=use); t.start(); t.join(); assert seen == [False] and local.x == 'main'
sem = threading.Semaphore(2); assert sem.acquire() and sem.acquire() and not sem.acquire(blocking=False); sem.release(2)
b = threading.Barrier(3); passed = []
ts = [threading.Thread(target=lambda: passed.append(b.wait())) for _ in range(3)]; [t.start() for t in ts]; [t.join() for t in ts]; assert sorted(passed) == [0, 1, 2]
with ThreadPoolExecutor(3) as pool:
    assert list(pool.map(lambda x: x * x, range(6))) == [0, 1, 4, 9, 16, 25]
    futures = [pool.submit(pow, 2, n) for n in range(4)]; assert sorted(f.result() for f in as_completed(futures)) == [1, 2, 4, 8]
    bad = pool.submit(lambda: 1 / 0); assert isinstance(bad.exception(), ZeroDivisionError)
caught = []
threading.excepthook = lambda args: caught.append((args.exc_type.__name__, args.thread.name))
t = threading.Thread(target=lambda: [][0], name='bad'); t.start(); t.join(); assert caught == [('IndexError', 'bad')]; threading.excepthook = threading.__excepthook__
try:
    t.start()
except RuntimeError as e:
    assert str(e) == 'threads can only be started once'
spin = []
def busy():
    while not spin: pass
t = threading.Thread(target=busy); t.start(); time.sleep(0.02); spin.append(1); t.join()
assert sys.getswitchinterval() == 0.005; sys.setswitchinterval(0.001); assert abs(sys.getswitchinterval() - 0.001) < 1e-9
timer = threading.Timer(0.01, out.append, ['timer']); timer.start(); timer.join(); assert out[-1] == 'timer'
ids = set(); ts = [threading.Thread(target=lambda: (ids.add(threading.get_ident()), time.sleep(0.02))) for _ in range(3)]; [t.start() for t in ts]; [t.join() for t in ts]; assert len(ids) == 3 and threading.get_native_id() > 0
d = {}
def fill(k):
    for i in range(3000): d[k, i] = i
ts = [threading.Thread(target=fill, args=(k,)) for k in range(4)]; [t.start() for t in ts]; [t.join() for t in ts]; assert len(d) == 12000
start = time.monotonic(); ts = [threading.Thread(target=time.sleep, args=(0.1,)) for _ in range(5)]; [t.start() for t in ts]; [t.join() for t in ts]; assert time.monotonic() - start < 0.45
